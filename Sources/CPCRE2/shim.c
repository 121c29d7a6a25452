#define PCRE2_CODE_UNIT_WIDTH 8
#include <pcre2.h>

#include "CPCRE2.h"

/* PCRE2's API is made of macros over the code unit width, which Swift can't import. */

oxbow_regex *oxbow_regex_compile(const uint8_t *pattern, size_t length, int *error_code, size_t *error_offset) {
    PCRE2_SIZE offset = 0;
    if (pattern == NULL) pattern = (const uint8_t *)"";
    uint32_t options = PCRE2_UTF | PCRE2_UCP | PCRE2_NEVER_BACKSLASH_C;
    pcre2_code *code = pcre2_compile((PCRE2_SPTR)pattern, length, options, error_code, &offset, NULL);
    *error_offset = offset;
    return (oxbow_regex *)code;
}

void oxbow_regex_free(oxbow_regex *regex) {
    pcre2_code_free((pcre2_code *)regex);
}

void oxbow_regex_message(int error_code, char *buffer, size_t size) {
    if (size == 0) return;
    buffer[0] = 0;
    pcre2_get_error_message(error_code, (PCRE2_UCHAR *)buffer, size);
}

int oxbow_regex_match(
    const oxbow_regex *regex, const uint8_t *subject, size_t length, uint32_t matches, uint32_t depth, uint32_t heap) {
    int result = OXBOW_REGEX_ERROR;
    if (subject == NULL) subject = (const uint8_t *)"";
    pcre2_match_context *context = pcre2_match_context_create(NULL);
    pcre2_match_data *data = pcre2_match_data_create(1, NULL);
    if (context != NULL && data != NULL) {
        pcre2_set_match_limit(context, matches);
        pcre2_set_depth_limit(context, depth);
        pcre2_set_heap_limit(context, heap);
        int found = pcre2_match((const pcre2_code *)regex, (PCRE2_SPTR)subject, length, 0, PCRE2_NO_JIT, data, context);
        switch (found) {
        case PCRE2_ERROR_NOMATCH: result = OXBOW_REGEX_NONE; break;
        case PCRE2_ERROR_MATCHLIMIT:
        case PCRE2_ERROR_DEPTHLIMIT:
        case PCRE2_ERROR_HEAPLIMIT: result = OXBOW_REGEX_LIMIT; break;
        default: result = found >= 0 ? OXBOW_REGEX_MATCH : OXBOW_REGEX_ERROR;
        }
    }
    pcre2_match_data_free(data);
    pcre2_match_context_free(context);
    return result;
}
