#include "start.h"

#include <pthread.h>

static pthread_once_t once = PTHREAD_ONCE_INIT;
static CURLcode started = CURLE_FAILED_INIT;

static void start(void) {
    started = curl_global_init(CURL_GLOBAL_DEFAULT);
}

int oxbow_curl_is_started(void) {
    pthread_once(&once, start);
    return started == CURLE_OK;
}

static int on_progress(void *context, curl_off_t a, curl_off_t b, curl_off_t c, curl_off_t d) {
    const oxbow_curl_call *call = context;
    (void)a;
    (void)b;
    (void)c;
    (void)d;
    return call->stop != NULL && call->stop(call->context) != 0;
}

CURLcode oxbow_curl_prepare(CURL *curl, const oxbow_curl_call *call) {
    CURLcode code = CURLE_OK;
#if LIBCURL_VERSION_NUM >= 0x075500
    SET(CURLOPT_PROTOCOLS_STR, call->protocols);
#else
    SET(CURLOPT_PROTOCOLS, call->protocol_bits);
#endif
    SET(CURLOPT_URL, call->url);
    SET(CURLOPT_DISALLOW_USERNAME_IN_URL, 1L);
    // An empty text, unlike NULL, also rules out the proxies that the environment names.
    SET(CURLOPT_PROXY, "");
    SET(CURLOPT_NETRC, (long)CURL_NETRC_IGNORED);
    SET(CURLOPT_SSL_VERIFYPEER, 1L);
    SET(CURLOPT_SSL_VERIFYHOST, 2L);
    SET(CURLOPT_SSLVERSION, (long)CURL_SSLVERSION_TLSv1_2);
    SET(CURLOPT_SSL_SESSIONID_CACHE, 0L);
    if (call->authorities != NULL) {
        SET(CURLOPT_CAINFO, call->authorities);
        SET(CURLOPT_CAPATH, NULL);
    }
    SET(CURLOPT_FRESH_CONNECT, 1L);
    SET(CURLOPT_FORBID_REUSE, 1L);
    SET(CURLOPT_TIMEOUT_MS, call->limit);
    SET(CURLOPT_CONNECTTIMEOUT_MS, call->limit);
    // Signals belong to the whole process.
    SET(CURLOPT_NOSIGNAL, 1L);
    SET(CURLOPT_XFERINFOFUNCTION, on_progress);
    SET(CURLOPT_XFERINFODATA, (void *)call);
    SET(CURLOPT_NOPROGRESS, 0L);
    return code;
}

struct curl_slist *oxbow_curl_list(const char *const *texts, size_t count) {
    struct curl_slist *list = NULL;
    for (size_t index = 0; index < count; index++) {
        struct curl_slist *longer = curl_slist_append(list, texts[index]);
        if (longer == NULL) {
            curl_slist_free_all(list);
            return NULL;
        }
        list = longer;
    }
    return list;
}
