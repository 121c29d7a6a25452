#include <string.h>

#include "CGMime.h"
#include "start.h"

static GMimeContentEncoding kind(int encoding) {
    return encoding == OXBOW_MIME_BASE64 ? GMIME_CONTENT_ENCODING_BASE64 : GMIME_CONTENT_ENCODING_QUOTEDPRINTABLE;
}

uint8_t *oxbow_mime_decode(int encoding, const uint8_t *input, size_t length, size_t *output_length) {
    GMimeEncoding state;
    oxbow_mime_start();
    g_mime_encoding_init_decode(&state, kind(encoding));
    char *output = g_malloc(g_mime_encoding_outlen(&state, length) + 16);
    size_t count = g_mime_encoding_step(&state, (const char *)input, length, output);
    /* GMime drops the last bytes of base64 without padding. Where there is padding, more of it yields nothing. */
    count += g_mime_encoding_flush(&state, "==", encoding == OXBOW_MIME_BASE64 ? 2 : 0, output + count);
    *output_length = count;
    return (uint8_t *)output;
}

uint8_t *oxbow_mime_encode(int encoding, const uint8_t *input, size_t length, size_t *output_length) {
    GMimeEncoding state;
    oxbow_mime_start();
    g_mime_encoding_init_encode(&state, kind(encoding));
    char *lines = g_malloc(g_mime_encoding_outlen(&state, length) + 16);
    size_t count = g_mime_encoding_flush(&state, (const char *)input, length, lines);
    size_t ends = 0;
    for (size_t i = 0; i < count; i++) ends += lines[i] == '\n';
    /* GMime ends lines with LF; an entity that is signed has CRLF. */
    char *output = g_malloc(count + ends + 1);
    char *to = output;
    for (char *from = lines, *end = lines + count; from < end;) {
        char *stop = memchr(from, '\n', (size_t)(end - from));
        size_t part = (size_t)((stop != NULL ? stop : end) - from);
        memcpy(to, from, part);
        to += part;
        from += part;
        if (stop != NULL) {
            *to++ = '\r';
            *to++ = '\n';
            from++;
        }
    }
    g_free(lines);
    *output_length = (size_t)(to - output);
    return (uint8_t *)output;
}

uint8_t *oxbow_mime_to_utf8(
    const char *charset, const uint8_t *input, size_t length, size_t limit, size_t *output_length, int *cut) {
    static const char replacement[] = "\xEF\xBF\xBD";
    GIConv converter = g_iconv_open("UTF-8", charset);
    if (converter == (GIConv)-1) return NULL;
    /* One byte becomes at most three in every charset that we ask for; the limit holds in any case. */
    size_t capacity = length > limit / 3 ? limit : length * 3 + 16;
    if (capacity > limit) capacity = limit;
    char *output = g_malloc(capacity + 1);
    char *to = output;
    char *from = (char *)input;
    size_t left = length, room = capacity;
    *cut = 0;
    while (left > 0) {
        size_t before = left, room_before = room;
        size_t result = g_iconv(converter, &from, &left, &to, &room);
        if (result != (size_t)-1) {
            if (left == before) break;
            continue;
        }
        if (errno == EILSEQ || errno == EINVAL) {
            if (room < sizeof replacement - 1) {
                *cut = 1;
                break;
            }
            memcpy(to, replacement, sizeof replacement - 1);
            to += sizeof replacement - 1;
            room -= sizeof replacement - 1;
            from++;
            left--;
            continue;
        }
        if (errno == E2BIG && (left != before || room != room_before) && room >= 8) continue;
        *cut = 1;
        break;
    }
    /* What a stateful charset still holds back. */
    if (!*cut) g_iconv(converter, NULL, NULL, &to, &room);
    g_iconv_close(converter);
    *output_length = (size_t)(to - output);
    return (uint8_t *)output;
}
