#include "CCurl.h"
#include "start.h"

#include <string.h>

enum { MOST_HEADER = 32 * 1024 };

typedef struct {
    const oxbow_curl_library *library;
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
    its->library->easy_getinfo(its->curl, CURLINFO_RESPONSE_CODE, &status);
    if (status != 200 && !its->request->keeps_all) {
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

// What the lists of texts hold that libcurl needs until the end.
typedef struct {
    struct curl_slist *addresses;
    struct curl_slist *redirect;
    struct curl_slist *headers;
} lists;

static int make(const oxbow_curl_library *library, lists *its, const oxbow_web_request *request) {
    its->addresses = oxbow_curl_list(library, &request->addresses, request->addresses != NULL);
    its->redirect = oxbow_curl_list(library, &request->redirect, request->redirect != NULL);
    its->headers = oxbow_curl_list(library, request->headers, request->header_count);
    return (its->addresses == NULL) == (request->addresses == NULL) && (its->redirect == NULL) == (request->redirect == NULL)
        && (its->headers == NULL) == (request->header_count == 0);
}

static CURLcode configure(const oxbow_curl_library *library, CURL *curl, const oxbow_curl_call *call, reading *its, const lists *lists) {
    const oxbow_web_request *request = its->request;
    CURLcode code = oxbow_curl_prepare(library, curl, call);
    SET(CURLOPT_FOLLOWLOCATION, 0L);
    SET(CURLOPT_HTTP_VERSION, (long)CURL_HTTP_VERSION_1_1);
    SET(CURLOPT_USERAGENT, request->agent);
    if (lists->addresses != NULL) SET(CURLOPT_RESOLVE, lists->addresses);
    if (lists->redirect != NULL) SET(CURLOPT_CONNECT_TO, lists->redirect);
    if (lists->headers != NULL) SET(CURLOPT_HTTPHEADER, lists->headers);
    if (request->body != NULL) {
        SET(CURLOPT_POSTFIELDSIZE_LARGE, (curl_off_t)request->body_length);
        SET(CURLOPT_POSTFIELDS, (const char *)request->body);
    }
    if (request->method != NULL) SET(CURLOPT_CUSTOMREQUEST, request->method);
    if (request->user != NULL && request->password != NULL) {
        SET(CURLOPT_HTTPAUTH, (long)CURLAUTH_BASIC);
        SET(CURLOPT_USERNAME, request->user);
        SET(CURLOPT_PASSWORD, request->password);
    }
    SET(CURLOPT_HEADERFUNCTION, on_header);
    SET(CURLOPT_HEADERDATA, its);
    SET(CURLOPT_WRITEFUNCTION, on_content);
    SET(CURLOPT_WRITEDATA, its);
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

int oxbow_web_ask(const oxbow_web_request *request, uint8_t *content, size_t capacity, size_t *length, long *status, int *detail) {
    *length = 0;
    *status = 0;
    *detail = CURLE_FAILED_INIT;
    const oxbow_curl_library *library = oxbow_curl();
    if (library == NULL) return OXBOW_WEB_FAILED;
    int result = OXBOW_WEB_FAILED;
    CURL *curl = library->easy_init();
    lists lists = {NULL, NULL, NULL};
    if (make(library, &lists, request) && curl != NULL) {
        reading its = {.library = library, .curl = curl, .request = request, .content = content, .capacity = capacity};
        oxbow_curl_call call = {
            .protocols = request->allows_plain ? "http,https" : "https",
            .protocol_bits = CURLPROTO_HTTPS | (request->allows_plain ? CURLPROTO_HTTP : 0),
            .url = request->url,
            .authorities = request->authorities,
            .limit = request->limit,
            .stop = request->stop,
            .context = request->context,
        };
        CURLcode code = configure(library, curl, &call, &its, &lists);
        if (code == CURLE_OK) {
            code = library->easy_perform(curl);
            result = outcome(code, &its);
            library->easy_getinfo(curl, CURLINFO_RESPONSE_CODE, status);
            *length = its.length;
        }
        *detail = code;
    }
    // The handle first: it still points to the lists.
    library->easy_cleanup(curl);
    library->slist_free_all(lists.addresses);
    library->slist_free_all(lists.redirect);
    library->slist_free_all(lists.headers);
    return result;
}

int oxbow_curl_is_usable(void) {
    return oxbow_curl() != NULL;
}

const char *oxbow_web_words(int detail) {
    const oxbow_curl_library *library = oxbow_curl();
    return library == NULL ? "libcurl.so.4 can't be loaded" : library->easy_strerror((CURLcode)detail);
}
