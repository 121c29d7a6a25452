#include "bare_sax.h"

#include <libxml/parser.h>
#include <string.h>

static void on_start(void *data, const xmlChar *local, const xmlChar *prefix, const xmlChar *uri, int namespaces,
                     const xmlChar **declarations, int attributes, int defaulted, const xmlChar **values) {
    struct bare_sax_counts *counts = data;
    (void)local, (void)prefix, (void)uri, (void)namespaces, (void)declarations, (void)defaulted, (void)values;
    counts->starts += 1;
    counts->attributes += (size_t)attributes;
}

static void on_end(void *data, const xmlChar *local, const xmlChar *prefix, const xmlChar *uri) {
    struct bare_sax_counts *counts = data;
    (void)local, (void)prefix, (void)uri;
    counts->ends += 1;
}

static void on_characters(void *data, const xmlChar *text, int length) {
    struct bare_sax_counts *counts = data;
    (void)text;
    counts->characters += (size_t)length;
}

int bare_sax_parse(const char *bytes, size_t count, size_t piece, struct bare_sax_counts *counts) {
    xmlSAXHandler handler;
    memset(&handler, 0, sizeof handler);
    handler.initialized = XML_SAX2_MAGIC;
    handler.startElementNs = on_start;
    handler.endElementNs = on_end;
    handler.characters = on_characters;
    xmlParserCtxtPtr context = xmlCreatePushParserCtxt(&handler, counts, NULL, 0, NULL);
    if (context == NULL) return -1;
    xmlCtxtUseOptions(context, XML_PARSE_NONET | XML_PARSE_NOENT);
    int code = 0;
    for (size_t offset = 0; offset < count && code == 0; offset += piece) {
        size_t length = count - offset < piece ? count - offset : piece;
        code = xmlParseChunk(context, bytes + offset, (int)length, 0);
    }
    if (code == 0) code = xmlParseChunk(context, NULL, 0, 1);
    xmlFreeParserCtxt(context);
    return code;
}

const char *bare_sax_version(void) {
    return *__xmlParserVersion();
}
