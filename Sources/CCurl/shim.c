#include "CCurl.h"
#include "start.h"

#include <curl/curl.h>
#include <pthread.h>
#include <string.h>

enum { MOST_HEADER = 32 * 1024 };

static pthread_once_t once = PTHREAD_ONCE_INIT;
static CURLcode started = CURLE_FAILED_INIT;

static void start(void) {
    started = curl_global_init(CURL_GLOBAL_DEFAULT);
}

int oxbow_curl_is_started(void) {
    pthread_once(&once, start);
    return started == CURLE_OK;
}

typedef struct {
    CURL *curl;
    const oxbow_web_request *request;
    uint8_t *content;
    size_t capacity;
    size_t length;
    size_t header;
    int too_big;
    int unwanted;
} reading;

static size_t on_header(char *bytes, size_t one, size_t count, void *context) {
    reading *its = context;
    (void)bytes;
    (void)one;
    if (count > MOST_HEADER - its->header) {
        its->too_big = 1;
        return 0;
    }
    its->header += count;
    return count;
}

static size_t on_content(char *bytes, size_t one, size_t count, void *context) {
    reading *its = context;
    (void)one;
    long status = 0;
    curl_easy_getinfo(its->curl, CURLINFO_RESPONSE_CODE, &status);
    if (status != 200) {
        // Nobody wants an error's page.
        its->unwanted = 1;
        return 0;
    }
    if (count > its->capacity - its->length) {
        its->too_big = 1;
        return 0;
    }
    memcpy(its->content + its->length, bytes, count);
    its->length += count;
    return count;
}

static int on_progress(void *context, curl_off_t a, curl_off_t b, curl_off_t c, curl_off_t d) {
    const oxbow_web_request *request = context;
    (void)a;
    (void)b;
    (void)c;
    (void)d;
    return request->stop != NULL && request->stop(request->context) != 0;
}

// Whether each option was taken: one that isn't must not leave libcurl's default in force.
static int configure(CURL *curl, reading *its, struct curl_slist *addresses, struct curl_slist *redirect) {
    const oxbow_web_request *request = its->request;
    CURLcode code = CURLE_OK;
#define SET(option, value) \
    if (code == CURLE_OK) code = curl_easy_setopt(curl, option, value)
#if LIBCURL_VERSION_NUM >= 0x075500
    SET(CURLOPT_PROTOCOLS_STR, "https");
#else
    SET(CURLOPT_PROTOCOLS, (long)CURLPROTO_HTTPS);
#endif
    SET(CURLOPT_URL, request->url);
    SET(CURLOPT_DISALLOW_USERNAME_IN_URL, 1L);
    SET(CURLOPT_FOLLOWLOCATION, 0L);
    // An empty text, unlike NULL, also rules out the proxies that the environment names.
    SET(CURLOPT_PROXY, "");
    SET(CURLOPT_NETRC, (long)CURL_NETRC_IGNORED);
    SET(CURLOPT_HTTP_VERSION, (long)CURL_HTTP_VERSION_1_1);
    SET(CURLOPT_USERAGENT, request->agent);
    SET(CURLOPT_SSL_VERIFYPEER, 1L);
    SET(CURLOPT_SSL_VERIFYHOST, 2L);
    SET(CURLOPT_SSLVERSION, (long)CURL_SSLVERSION_TLSv1_2);
    SET(CURLOPT_SSL_SESSIONID_CACHE, 0L);
    if (request->authorities != NULL) {
        SET(CURLOPT_CAINFO, request->authorities);
        SET(CURLOPT_CAPATH, NULL);
    }
    SET(CURLOPT_RESOLVE, addresses);
    if (redirect != NULL) SET(CURLOPT_CONNECT_TO, redirect);
    SET(CURLOPT_FRESH_CONNECT, 1L);
    SET(CURLOPT_FORBID_REUSE, 1L);
    SET(CURLOPT_TIMEOUT_MS, request->limit);
    SET(CURLOPT_CONNECTTIMEOUT_MS, request->limit);
    // Signals belong to the whole process.
    SET(CURLOPT_NOSIGNAL, 1L);
    SET(CURLOPT_HEADERFUNCTION, on_header);
    SET(CURLOPT_HEADERDATA, its);
    SET(CURLOPT_WRITEFUNCTION, on_content);
    SET(CURLOPT_WRITEDATA, its);
    SET(CURLOPT_XFERINFOFUNCTION, on_progress);
    SET(CURLOPT_XFERINFODATA, (void *)request);
    SET(CURLOPT_NOPROGRESS, 0L);
#undef SET
    return code;
}

static int outcome(CURLcode code, const reading *its) {
    if (its->too_big) return OXBOW_WEB_TOO_BIG;
    if (its->unwanted) return OXBOW_WEB_ANSWERED;
    switch (code) {
    case CURLE_OK: return OXBOW_WEB_ANSWERED;
    case CURLE_COULDNT_RESOLVE_HOST:
    case CURLE_COULDNT_CONNECT: return OXBOW_WEB_UNREACHABLE;
    case CURLE_PEER_FAILED_VERIFICATION:
    case CURLE_SSL_ISSUER_ERROR: return OXBOW_WEB_UNTRUSTED;
    case CURLE_OPERATION_TIMEDOUT: return OXBOW_WEB_TIMED_OUT;
    case CURLE_ABORTED_BY_CALLBACK: return OXBOW_WEB_STOPPED;
    case CURLE_SSL_CACERT_BADFILE: return OXBOW_WEB_AUTHORITIES;
    case CURLE_OUT_OF_MEMORY:
    case CURLE_FAILED_INIT:
    case CURLE_UNSUPPORTED_PROTOCOL:
    case CURLE_URL_MALFORMAT: return OXBOW_WEB_FAILED;
    default: return OXBOW_WEB_BROKEN;
    }
}

int oxbow_web_get(const oxbow_web_request *request, uint8_t *content, size_t capacity, size_t *length, long *status, int *detail) {
    *length = 0;
    *status = 0;
    *detail = CURLE_FAILED_INIT;
    if (!oxbow_curl_is_started()) return OXBOW_WEB_FAILED;
    int result = OXBOW_WEB_FAILED;
    CURL *curl = curl_easy_init();
    struct curl_slist *addresses = curl_slist_append(NULL, request->addresses);
    struct curl_slist *redirect = request->redirect != NULL ? curl_slist_append(NULL, request->redirect) : NULL;
    if (curl != NULL && addresses != NULL && (redirect != NULL || request->redirect == NULL)) {
        reading its = {.curl = curl, .request = request, .content = content, .capacity = capacity};
        CURLcode code = configure(curl, &its, addresses, redirect);
        if (code == CURLE_OK) {
            code = curl_easy_perform(curl);
            result = outcome(code, &its);
            curl_easy_getinfo(curl, CURLINFO_RESPONSE_CODE, status);
            *length = its.length;
        }
        *detail = code;
    }
    // The handle first: it still points to the lists.
    curl_easy_cleanup(curl);
    curl_slist_free_all(addresses);
    curl_slist_free_all(redirect);
    return result;
}

const char *oxbow_web_words(int detail) {
    return curl_easy_strerror((CURLcode)detail);
}
