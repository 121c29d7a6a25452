#ifndef CCurl_h
#define CCurl_h

#include <stddef.h>
#include <stdint.h>

// One HTTP(S) request or one mail, and no more of libcurl than that: curl_easy_setopt(3) is variadic, which Swift can't call.
//
// Any thread may call it on which SIGPIPE is blocked or ignored. libcurl is loaded and started by the first call, and stays.
//
// Requests: what can't be chosen is off: other protocols, redirects, proxies (those of the environment too), .netrc, cookies, compression, and
// connections that outlive the request.

typedef struct {
    const char *url;        // https://HOST/…, or http:// if allows_plain
    int allows_plain;
    const char *method;     // NULL for GET, or POST with a body
    const uint8_t *body;    // or NULL
    size_t body_length;
    const char *const *headers; // each "Name: value"; neither name nor value may have a line's end in it
    size_t header_count;
    const char *user;       // for Basic, or NULL; with password
    const char *password;
    int keeps_all;          // whether the content is kept whatever the status is
    const char *addresses;  // HOST:PORT:ADDRESS[,ADDRESS…], as CURLOPT_RESOLVE has it: the only addresses that are tried; NULL: libcurl looks the host up
    const char *redirect;   // HOST:443:HOST:PORT for a port other than 443 (CURLOPT_CONNECT_TO), or NULL
    const char *authorities; // a PEM file with the certification authorities that count, or NULL for the system's
    const char *agent;      // the User-Agent
    long limit;             // milliseconds for everything, > 0
    // Asked about once a second while the request runs; a number other than 0 ends it.
    int (*stop)(void *context);
    void *context;
} oxbow_web_request;

// Results of oxbow_web_ask.
enum {
    OXBOW_WEB_ANSWERED = 0,
    OXBOW_WEB_UNREACHABLE = 1,  // no connection to any of the addresses
    OXBOW_WEB_UNTRUSTED = 2,    // the server's certificate is not accepted for the host
    OXBOW_WEB_TOO_BIG = 3,      // the content is longer than the buffer, or the header than 32 KiB
    OXBOW_WEB_TIMED_OUT = 4,
    OXBOW_WEB_STOPPED = 5,
    OXBOW_WEB_AUTHORITIES = 6,  // the file with the authorities can't be read
    OXBOW_WEB_BROKEN = 7,       // no TLS, or no HTTP, or the connection broke
    OXBOW_WEB_FAILED = 8,       // not begun: no memory, or a libcurl that can't do it
};

// Asks once and waits. `status` is the answer's, 0 if there is none; content is only kept if it is 200, or keeps_all: at most `capacity` bytes, `length` of
// them. `detail` is libcurl's own number for what went wrong, see oxbow_web_words.
int oxbow_web_ask(const oxbow_web_request *request, uint8_t *content, size_t capacity, size_t *length, long *status, int *detail);

// Whether libcurl is installed and starts: loads it, as the first call does.
int oxbow_curl_is_usable(void);

// libcurl's words for a `detail`, or that there is no libcurl: a constant text, with nothing in it that a server said.
const char *oxbow_web_words(int detail);

// One mail to one server (SMTP). Other protocols, proxies, .netrc and connections that outlive the mail are off. Host names are looked up by
// libcurl, in this call.
typedef struct {
    const char *url;         // smtp://HOST:PORT or smtps://HOST:PORT
    int starttls;            // with smtp://: whether nothing but STARTTLS is said before TLS is up
    const char *authorities; // as above
    const char *user;        // or NULL; with password
    const char *password;
    const char *sender;            // the envelope's: name@example.org
    const char *const *recipients; // likewise; the mail counts as sent when one of them is accepted
    size_t recipient_count;
    const uint8_t *text; // the whole message, with CRLF; dots are taken care of
    size_t length;
    long limit; // milliseconds for everything, > 0
    int (*stop)(void *context); // as above
    void *context;
} oxbow_mail;

// Results of oxbow_mail_send.
enum {
    OXBOW_MAIL_SENT = 0,        // the server has taken it
    OXBOW_MAIL_UNREACHABLE = 1, // no such host, or no connection
    OXBOW_MAIL_UNTRUSTED = 2,   // the server's certificate is not accepted for the host
    OXBOW_MAIL_NO_TLS = 3,      // the server offers no STARTTLS
    OXBOW_MAIL_LOGIN = 4,       // user and password are refused
    OXBOW_MAIL_REFUSED = 5,     // the server has said no; `status` is its code
    OXBOW_MAIL_TIMED_OUT = 6,
    OXBOW_MAIL_STOPPED = 7,
    OXBOW_MAIL_AUTHORITIES = 8, // the file with the authorities can't be read
    OXBOW_MAIL_BROKEN = 9,      // no TLS, no SMTP, or the connection broke
    OXBOW_MAIL_FAILED = 10,     // not begun: no memory, or a libcurl that can't do smtp
};

// Sends once and waits. `status` is the server's last answer, 0 if there was none; `detail` as above.
int oxbow_mail_send(const oxbow_mail *mail, long *status, int *detail);

#endif
