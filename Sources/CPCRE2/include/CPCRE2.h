#ifndef CPCRE2_h
#define CPCRE2_h

#include <stddef.h>
#include <stdint.h>

/* A compiled pattern. Immutable once made: any thread may match with it. */
typedef struct oxbow_regex oxbow_regex;

/* Compiles UTF-8 text. On failure returns NULL and stores PCRE2's error code and the byte offset that it points to. */
oxbow_regex *oxbow_regex_compile(const uint8_t *pattern, size_t length, int *error_code, size_t *error_offset);

void oxbow_regex_free(oxbow_regex *regex);

/* Writes the text of an error code, at most `size` bytes with the closing zero. */
void oxbow_regex_message(int error_code, char *buffer, size_t size);

enum {
    OXBOW_REGEX_NONE = 0,
    OXBOW_REGEX_MATCH = 1,
    OXBOW_REGEX_LIMIT = -1, /* one of the limits was hit */
    OXBOW_REGEX_ERROR = -2  /* no memory, or no valid UTF-8 */
};

/* Whether the pattern matches somewhere in the subject (UTF-8), by the interpreter and within the limits:
   `matches` calls of the matching function, `depth` nested ones, `heap` KiB. */
int oxbow_regex_match(
    const oxbow_regex *regex, const uint8_t *subject, size_t length, uint32_t matches, uint32_t depth, uint32_t heap);

#endif
