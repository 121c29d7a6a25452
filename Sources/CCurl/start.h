#ifndef start_h
#define start_h

#include <curl/curl.h>

// What a request and a mail have in common.
typedef struct {
    const char *protocols; // those that the URL may have, as CURLOPT_PROTOCOLS_STR has them
    long protocol_bits;    // the same as CURLPROTO_…, for a libcurl before 7.85
    const char *url;
    const char *authorities;
    long limit;
    int (*stop)(void *context);
    void *context;
} oxbow_curl_call;

// Whether libcurl is there to be used; the first call starts it.
__attribute__((visibility("hidden"))) int oxbow_curl_is_started(void);

// Sets what holds for every call: TLS with verified certificates, no proxies, no .netrc, no connection that outlives the call, the limit, and being
// stopped. `call` must outlive the handle. Whether each option was taken: one that isn't must not leave libcurl's default in force.
__attribute__((visibility("hidden"))) CURLcode oxbow_curl_prepare(CURL *curl, const oxbow_curl_call *call);

// A list of texts; NULL when there are none, or no memory.
__attribute__((visibility("hidden"))) struct curl_slist *oxbow_curl_list(const char *const *texts, size_t count);

// Sets an option unless one before it wasn't taken.
#define SET(option, value) \
    if (code == CURLE_OK) code = curl_easy_setopt(curl, option, value)

#endif
