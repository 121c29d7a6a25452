#include "CResolver.h"

#include <arpa/nameser.h>
#include <netdb.h>
#include <netinet/in.h>
#include <resolv.h>
#include <string.h>

int oxbow_resolver_query(const char *name, int type, unsigned char *answer, int size) {
    // A state of our own: the process-wide one of res_query(3) is not for several threads, and misses changes of resolv.conf.
    struct __res_state state;
    memset(&state, 0, sizeof state);
    if (res_ninit(&state) != 0) return OXBOW_RESOLVER_TEMPORARY;
    state.retrans = 3;
    state.retry = 2;
    int length = res_nquery(&state, name, ns_c_in, type, answer, size);
    int reason = state.res_h_errno;
    res_nclose(&state);
    if (length > size) length = size;
    if (length >= 0) return length;
    switch (reason) {
    case HOST_NOT_FOUND:
    case NO_DATA:
        return OXBOW_RESOLVER_NONE;
    case NO_RECOVERY:
        return OXBOW_RESOLVER_PERMANENT;
    default:
        return OXBOW_RESOLVER_TEMPORARY;
    }
}
