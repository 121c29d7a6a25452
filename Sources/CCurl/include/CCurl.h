#ifndef CCurl_h
#define CCurl_h

#include <stddef.h>
#include <stdint.h>

// One HTTPS request, and no more of libcurl than that: curl_easy_setopt(3) is variadic, which Swift can't call.
//
// What can't be chosen is off: other protocols than https, redirects, proxies (those of the environment too), .netrc, cookies, compression,
// connections that outlive the request, and libcurl's own look-ups of host names.

typedef struct {
    const char *url;        // https://HOST/…
    const char *addresses;  // HOST:PORT:ADDRESS[,ADDRESS…], as CURLOPT_RESOLVE has it; the only addresses that are tried
    const char *redirect;   // HOST:443:HOST:PORT for a port other than 443 (CURLOPT_CONNECT_TO), or NULL
    const char *authorities; // a PEM file with the certification authorities that count, or NULL for the system's
    const char *agent;      // the User-Agent
    long limit;             // milliseconds for everything, > 0
    // Asked about once a second while the request runs; a number other than 0 ends it.
    int (*stop)(void *context);
    void *context;
} oxbow_web_request;

// Results of oxbow_web_get.
enum {
    OXBOW_WEB_ANSWERED = 0,
    OXBOW_WEB_UNREACHABLE = 1,  // no connection to any of the addresses
    OXBOW_WEB_UNTRUSTED = 2,    // the server's certificate is not accepted for the host
    OXBOW_WEB_TOO_BIG = 3,      // the content is longer than the buffer, or the header than 32 KiB
    OXBOW_WEB_TIMED_OUT = 4,
    OXBOW_WEB_STOPPED = 5,
    OXBOW_WEB_AUTHORITIES = 6,  // the file with the authorities can't be read
    OXBOW_WEB_BROKEN = 7,       // no TLS, or no HTTP, or the connection broke
    OXBOW_WEB_FAILED = 8,       // not begun: no memory, or a libcurl that can't do https
};

// Asks once and waits. `status` is the answer's, 0 if there is none; content is only kept if it is 200: at most `capacity` bytes, `length` of
// them. `detail` is libcurl's own number for what went wrong, see oxbow_web_words.
//
// Any thread may call it on which SIGPIPE is blocked. libcurl is started by the first call, and stays.
int oxbow_web_get(const oxbow_web_request *request, uint8_t *content, size_t capacity, size_t *length, long *status, int *detail);

// libcurl's words for a `detail`: a constant text, with nothing in it that a server said.
const char *oxbow_web_words(int detail);

#endif
