#include "start.h"

#include <dlfcn.h>
#include <pthread.h>
#include <stddef.h>

// Its name since 2006. An option that an older one doesn't know fails the call: oxbow_curl_prepare.
static const char *const name = "libcurl.so.4";

static pthread_once_t once = PTHREAD_ONCE_INIT;
static oxbow_curl_library loaded;
static int is_usable = 0;

static const struct {
    const char *name;
    size_t place;
} functions[] = {
    {"curl_global_init", offsetof(oxbow_curl_library, global_init)},
    {"curl_easy_init", offsetof(oxbow_curl_library, easy_init)},
    {"curl_easy_setopt", offsetof(oxbow_curl_library, easy_setopt)},
    {"curl_easy_perform", offsetof(oxbow_curl_library, easy_perform)},
    {"curl_easy_getinfo", offsetof(oxbow_curl_library, easy_getinfo)},
    {"curl_easy_cleanup", offsetof(oxbow_curl_library, easy_cleanup)},
    {"curl_easy_strerror", offsetof(oxbow_curl_library, easy_strerror)},
    {"curl_slist_append", offsetof(oxbow_curl_library, slist_append)},
    {"curl_slist_free_all", offsetof(oxbow_curl_library, slist_free_all)},
};

static void start(void) {
    // It stays, as if it had been linked: what it brings may leave threads and destructors behind.
    void *handle = dlopen(name, RTLD_NOW | RTLD_LOCAL | RTLD_NODELETE);
    if (handle == NULL) return;
    for (size_t index = 0; index < sizeof functions / sizeof functions[0]; index++) {
        void *function = dlsym(handle, functions[index].name);
        if (function == NULL) return;
        // POSIX: what dlsym gives can be kept in a pointer to a function.
        *(void **)((char *)&loaded + functions[index].place) = function;
    }
    is_usable = loaded.global_init(CURL_GLOBAL_DEFAULT) == CURLE_OK;
}

const oxbow_curl_library *oxbow_curl(void) {
    pthread_once(&once, start);
    return is_usable ? &loaded : NULL;
}

static int on_progress(void *context, curl_off_t a, curl_off_t b, curl_off_t c, curl_off_t d) {
    const oxbow_curl_call *call = context;
    (void)a;
    (void)b;
    (void)c;
    (void)d;
    return call->stop != NULL && call->stop(call->context) != 0;
}

CURLcode oxbow_curl_prepare(const oxbow_curl_library *library, CURL *curl, const oxbow_curl_call *call) {
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

struct curl_slist *oxbow_curl_list(const oxbow_curl_library *library, const char *const *texts, size_t count) {
    struct curl_slist *list = NULL;
    for (size_t index = 0; index < count; index++) {
        struct curl_slist *longer = library->slist_append(list, texts[index]);
        if (longer == NULL) {
            library->slist_free_all(list);
            return NULL;
        }
        list = longer;
    }
    return list;
}
