#include "start.h"

#include <pthread.h>

#include "CGMime.h"

static pthread_once_t once = PTHREAD_ONCE_INIT;
/* Written once before anyone reads it, never changed or freed. */
static GMimeParserOptions *options;

static void start(void) {
    static const char *charsets[] = {"utf-8", "windows-1252", NULL};
    g_mime_init();
    options = g_mime_parser_options_new();
    g_mime_parser_options_set_fallback_charsets(options, charsets);
}

void oxbow_mime_start(void) {
    pthread_once(&once, start);
}

GMimeParserOptions *oxbow_mime_options(void) {
    oxbow_mime_start();
    return options;
}

void oxbow_mime_free(void *memory) {
    g_free(memory);
}
