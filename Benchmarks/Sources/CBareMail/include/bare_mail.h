#ifndef BARE_MAIL_H
#define BARE_MAIL_H

#include <stddef.h>

/// What a careful C program does with GMime for the same mails: no limits, no checks, no protected headers.

/// Writes a mail with a text and, if `file` isn't NULL, a file in multipart/mixed. The bytes go to bare_mail_free.
char *bare_mail_format(const char *text, const char *file, size_t file_length, size_t *length);

/// Reads a mail: walks its parts and undoes their encodings. Returns how many bytes of content it has; -1 if it is none.
long bare_mail_parse(const char *bytes, size_t length);

/// Base64 without line breaks, and back. The bytes go to bare_mail_free.
char *bare_mail_base64(const char *bytes, size_t length, size_t *encoded_length);
char *bare_mail_unbase64(const char *text, size_t length, size_t *decoded_length);

void bare_mail_free(void *memory);

#endif
