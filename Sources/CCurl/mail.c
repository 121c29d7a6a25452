#include "CCurl.h"
#include "start.h"

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

static CURLcode configure(const oxbow_curl_library *library, CURL *curl, const oxbow_curl_call *call, writing *its, struct curl_slist *recipients) {
    const oxbow_mail *mail = its->mail;
    CURLcode code = oxbow_curl_prepare(library, curl, call);
    SET(CURLOPT_USE_SSL, (long)(mail->starttls ? CURLUSESSL_ALL : CURLUSESSL_NONE));
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
    const oxbow_curl_library *library = oxbow_curl();
    if (library == NULL) return OXBOW_MAIL_FAILED;
    int result = OXBOW_MAIL_FAILED;
    CURL *curl = library->easy_init();
    struct curl_slist *recipients = oxbow_curl_list(library, mail->recipients, mail->recipient_count);
    if (curl != NULL && recipients != NULL) {
        writing its = {.mail = mail};
        oxbow_curl_call call = {
            .protocols = "smtp,smtps",
            .protocol_bits = CURLPROTO_SMTP | CURLPROTO_SMTPS,
            .url = mail->url,
            .authorities = mail->authorities,
            .limit = mail->limit,
            .stop = mail->stop,
            .context = mail->context,
        };
        CURLcode code = configure(library, curl, &call, &its, recipients);
        if (code == CURLE_OK) {
            code = library->easy_perform(curl);
            library->easy_getinfo(curl, CURLINFO_RESPONSE_CODE, status);
            result = outcome(code, *status);
        }
        *detail = code;
    }
    // The handle first: it still points to the list.
    library->easy_cleanup(curl);
    library->slist_free_all(recipients);
    return result;
}
