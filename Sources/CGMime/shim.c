#include <pthread.h>

#include <gmime/gmime.h>

#include "CGMime.h"

static pthread_once_t started = PTHREAD_ONCE_INIT;

static void start(void) {
    g_mime_init();
}

void oxbow_mime_start(void) {
    pthread_once(&started, start);
}
