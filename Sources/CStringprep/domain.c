// Apart from shim.c: idn2.h defines names that stringprep.h's library defines, too.
#include "CStringprep.h"

#include <idn2.h>
#include <string.h>

static int hand_over(char *text, char *output, size_t capacity) {
    size_t length = strlen(text);
    int result = length < capacity ? 0 : -1;
    if (result == 0) memcpy(output, text, length + 1);
    idn2_free(text);
    return result;
}

int oxbow_domain_to_ascii(const char *text, char *output, size_t capacity) {
    uint8_t *ascii = NULL;
    int result = idn2_lookup_u8((const uint8_t *)text, &ascii, IDN2_NFC_INPUT | IDN2_NONTRANSITIONAL);
    return result == IDN2_OK ? hand_over((char *)ascii, output, capacity) : result;
}

int oxbow_domain_to_unicode(const char *text, char *output, size_t capacity) {
    char *unicode = NULL;
    int result = idn2_to_unicode_8z8z(text, &unicode, 0);
    return result == IDN2_OK ? hand_over(unicode, output, capacity) : result;
}
