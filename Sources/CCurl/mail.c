#include "CCurl.h"
#include "start.h"

#include <curl/curl.h>
#include <string.h>

typedef struct {
    const oxbow_mail *mail;
    size_t sent;
} writing;

static size_t on_text(char *buffer, size_t one, size_t count, void *context) {
    writing *its = context;
    size_t room = one * count, left = its->mail->length - its->sent;
    size_t next = left < room ? left : room;
    memcpy(buffer, its->mail->text + its->sent, next);
    its->sent += next;
    return next;
}

// What a server says is nobody's business: it may repeat what it was told.
static size_t on_answer(char *bytes, size_t one, size_t count, void *context) {
    (void)bytes;
    (void)context;
    return one * count;
}

static int on_progress(void *context, curl_off_t a, curl_off_t b, curl_off_t c, curl_off_t d) {
    const oxbow_mail *mail = context;
    (void)a;
    (void)b;
    (void)c;
    (void)d;
    return mail->stop != NULL && mail->stop(mail->context) != 0;
}

// Whether each option was taken: one that isn't must not leave libcurl's default in force.
static int configure(CURL *curl, writing *its, struct curl_slist *recipients) {
    const oxbow_mail *mail = its->mail;
    CURLcode code = CURLE_OK;
#define SET(option, value) \
    if (code == CURLE_OK) code = curl_easy_setopt(curl, option, value)
#if LIBCURL_VERSION_NUM >= 0x075500
    SET(CURLOPT_PROTOCOLS_STR, "smtp,smtps");
#else
    SET(CURLOPT_PROTOCOLS, (long)(CURLPROTO_SMTP | CURLPROTO_SMTPS));
#endif
    SET(CURLOPT_URL, mail->url);
    SET(CURLOPT_DISALLOW_USERNAME_IN_URL, 1L);
    // An empty text, unlike NULL, also rules out the proxies that the environment names.
    SET(CURLOPT_PROXY, "");
    SET(CURLOPT_NETRC, (long)CURL_NETRC_IGNORED);
    SET(CURLOPT_USE_SSL, (long)(mail->starttls ? CURLUSESSL_ALL : CURLUSESSL_NONE));
    SET(CURLOPT_SSL_VERIFYPEER, 1L);
    SET(CURLOPT_SSL_VERIFYHOST, 2L);
    SET(CURLOPT_SSLVERSION, (long)CURL_SSLVERSION_TLSv1_2);
    SET(CURLOPT_SSL_SESSIONID_CACHE, 0L);
    if (mail->authorities != NULL) {
        SET(CURLOPT_CAINFO, mail->authorities);
        SET(CURLOPT_CAPATH, NULL);
    }
    if (mail->user != NULL && mail->password != NULL) {
        SET(CURLOPT_USERNAME, mail->user);
        SET(CURLOPT_PASSWORD, mail->password);
    }
    SET(CURLOPT_MAIL_FROM, mail->sender);
    SET(CURLOPT_MAIL_RCPT, recipients);
    SET(CURLOPT_MAIL_RCPT_ALLLOWFAILS, 1L);
    SET(CURLOPT_UPLOAD, 1L);
    SET(CURLOPT_READFUNCTION, on_text);
    SET(CURLOPT_READDATA, its);
    SET(CURLOPT_WRITEFUNCTION, on_answer);
    SET(CURLOPT_HEADERFUNCTION, on_answer);
    SET(CURLOPT_FRESH_CONNECT, 1L);
    SET(CURLOPT_FORBID_REUSE, 1L);
    SET(CURLOPT_TIMEOUT_MS, mail->limit);
    SET(CURLOPT_CONNECTTIMEOUT_MS, mail->limit);
    // Signals belong to the whole process.
    SET(CURLOPT_NOSIGNAL, 1L);
    SET(CURLOPT_XFERINFOFUNCTION, on_progress);
    SET(CURLOPT_XFERINFODATA, (void *)mail);
    SET(CURLOPT_NOPROGRESS, 0L);
#undef SET
    return code;
}

static int outcome(CURLcode code, long status) {
    switch (code) {
    case CURLE_OK: return OXBOW_MAIL_SENT;
    case CURLE_COULDNT_RESOLVE_HOST:
    case CURLE_COULDNT_CONNECT: return OXBOW_MAIL_UNREACHABLE;
    case CURLE_PEER_FAILED_VERIFICATION:
    case CURLE_SSL_ISSUER_ERROR: return OXBOW_MAIL_UNTRUSTED;
    case CURLE_USE_SSL_FAILED: return OXBOW_MAIL_NO_TLS;
    case CURLE_LOGIN_DENIED: return OXBOW_MAIL_LOGIN;
    case CURLE_OPERATION_TIMEDOUT: return OXBOW_MAIL_TIMED_OUT;
    case CURLE_ABORTED_BY_CALLBACK: return OXBOW_MAIL_STOPPED;
    case CURLE_SSL_CACERT_BADFILE: return OXBOW_MAIL_AUTHORITIES;
    case CURLE_OUT_OF_MEMORY:
    case CURLE_FAILED_INIT:
    case CURLE_UNSUPPORTED_PROTOCOL:
    case CURLE_URL_MALFORMAT: return OXBOW_MAIL_FAILED;
    default: return status >= 400 ? OXBOW_MAIL_REFUSED : OXBOW_MAIL_BROKEN;
    }
}

int oxbow_mail_send(const oxbow_mail *mail, long *status, int *detail) {
    *status = 0;
    *detail = CURLE_FAILED_INIT;
    if (!oxbow_curl_is_started()) return OXBOW_MAIL_FAILED;
    int result = OXBOW_MAIL_FAILED;
    CURL *curl = curl_easy_init();
    struct curl_slist *recipients = NULL;
    size_t listed = 0;
    while (listed < mail->recipient_count) {
        struct curl_slist *longer = curl_slist_append(recipients, mail->recipients[listed]);
        if (longer == NULL) break;
        recipients = longer;
        listed++;
    }
    if (curl != NULL && listed > 0 && listed == mail->recipient_count) {
        writing its = {.mail = mail};
        CURLcode code = configure(curl, &its, recipients);
        if (code == CURLE_OK) {
            code = curl_easy_perform(curl);
            curl_easy_getinfo(curl, CURLINFO_RESPONSE_CODE, status);
            result = outcome(code, *status);
        }
        *detail = code;
    }
    // The handle first: it still points to the list.
    curl_easy_cleanup(curl);
    curl_slist_free_all(recipients);
    return result;
}
