#ifndef CGMime_h
#define CGMime_h

#include <stddef.h>
#include <stdint.h>

/* The encodings of RFC 2045 to 2231, as GMime does them. GMime and GLib are objects and macros, which Swift can't import; hence this header.

   Encoded words (RFC 2047) are joined in Swift: GMime 3.2.13 loses what follows a padded word of base64.

   Each function keeps no state and may be called on any thread. Text is NUL-terminated. What a function returns as `char *` or
   `uint8_t *` belongs to the caller and goes to oxbow_mime_free; NULL says that there is nothing or that it can't be done. Nothing here
   checks sizes: the caller bounds what it passes, and no result is longer than a small multiple of that, unless a limit is named. */

void oxbow_mime_free(void *memory);

/* Header fields, read. */

/* Seconds since 1970 of a date; returns 0, or -1 when it is none. */
int oxbow_mime_decode_date(const char *text, int64_t *seconds);

/* A value with parameters: the media type or disposition, then the parameters in their order, RFC 2231 undone. */
typedef struct oxbow_mime_value oxbow_mime_value;

/* "type/subtype; name=value…"; NULL when there is no type. */
oxbow_mime_value *oxbow_mime_content_type(const char *text);
/* "attachment; name=value…". */
oxbow_mime_value *oxbow_mime_content_disposition(const char *text);
/* "type/subtype", or the disposition. Lives as long as the value. */
const char *oxbow_mime_value_main(const oxbow_mime_value *value);
int oxbow_mime_value_count(const oxbow_mime_value *value);
/* Name and value of a parameter, 0 ..< count. They live as long as the value. */
const char *oxbow_mime_value_name(const oxbow_mime_value *value, int index);
const char *oxbow_mime_value_text(const oxbow_mime_value *value, int index);
void oxbow_mime_value_free(oxbow_mime_value *value);

/* Header fields, written: ASCII with encoded words where needed, folded with LF by GMime. */

/* "Name: text", folded. */
char *oxbow_mime_encode_text(const char *name, const char *text);
/* The words of a display name, quoted where needed. */
char *oxbow_mime_encode_phrase(const char *phrase);
char *oxbow_mime_encode_date(int64_t seconds);
/* "; name=value", RFC 2231 where needed, folded. */
char *oxbow_mime_encode_parameter(const char *name, const char *value);

/* Bodies. */

enum {
    OXBOW_MIME_BASE64 = 1,
    OXBOW_MIME_QUOTED_PRINTABLE = 2
};

/* What of the input isn't of the encoding is skipped. The result is never longer than the input, apart from a few bytes. */
uint8_t *oxbow_mime_decode(int encoding, const uint8_t *input, size_t length, size_t *output_length);
/* Lines of at most 76 characters, ended by CRLF. For quoted-printable the input's lines are ended by LF. */
uint8_t *oxbow_mime_encode(int encoding, const uint8_t *input, size_t length, size_t *output_length);

/* Text in a charset that iconv knows, as UTF-8; what can't be converted becomes U+FFFD. At most `limit` bytes are written; what is left over
   then sets `cut`. NULL when iconv doesn't know the charset. */
uint8_t *oxbow_mime_to_utf8(
    const char *charset, const uint8_t *input, size_t length, size_t limit, size_t *output_length, int *cut);

#endif
