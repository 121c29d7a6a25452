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

// What we use of libcurl. It is loaded by the first request or mail instead of with the program: with the 24 libraries that it brings (Kerberos, LDAP,
// GnuTLS …) it is 5 MB of an idle process, and most of the processes never ask anything over HTTP.
typedef struct {
    __typeof__(&curl_global_init) global_init;
    __typeof__(&curl_easy_init) easy_init;
    CURLcode (*easy_setopt)(CURL *, CURLoption, ...);
    __typeof__(&curl_easy_perform) easy_perform;
    CURLcode (*easy_getinfo)(CURL *, CURLINFO, ...);
    __typeof__(&curl_easy_cleanup) easy_cleanup;
    __typeof__(&curl_easy_strerror) easy_strerror;
    __typeof__(&curl_slist_append) slist_append;
    __typeof__(&curl_slist_free_all) slist_free_all;
} oxbow_curl_library;

// libcurl, loaded and started by the first call; NULL if it isn't installed, or doesn't start.
__attribute__((visibility("hidden"))) const oxbow_curl_library *oxbow_curl(void);

// Sets what holds for every call: TLS with verified certificates, no proxies, no .netrc, no connection that outlives the call, the limit, and being
// stopped. `call` must outlive the handle. Whether each option was taken: one that isn't must not leave libcurl's default in force.
__attribute__((visibility("hidden"))) CURLcode oxbow_curl_prepare(const oxbow_curl_library *library, CURL *curl, const oxbow_curl_call *call);

// A list of texts; NULL when there are none, or no memory.
__attribute__((visibility("hidden"))) struct curl_slist *oxbow_curl_list(const oxbow_curl_library *library, const char *const *texts, size_t count);

// Sets an option unless one before it wasn't taken.
#define SET(option, value) \
    if (code == CURLE_OK) code = library->easy_setopt(curl, option, value)

#endif
