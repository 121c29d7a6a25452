#include "CStringprep.h"

#include <arpa/inet.h>
#include <string.h>
#include <stringprep.h>

static int prepare(const char *text, char *output, size_t capacity, const Stringprep_profile *profile) {
    size_t length = strlen(text);
    if (length >= capacity) return -1;
    memcpy(output, text, length + 1);
    return stringprep(output, capacity, 0, profile);
}

int oxbow_nodeprep(const char *text, char *output, size_t capacity) {
    return prepare(text, output, capacity, stringprep_xmpp_nodeprep);
}

int oxbow_resourceprep(const char *text, char *output, size_t capacity) {
    return prepare(text, output, capacity, stringprep_xmpp_resourceprep);
}

int oxbow_saslprep(const char *text, char *output, size_t capacity) {
    return prepare(text, output, capacity, stringprep_saslprep);
}

int oxbow_ipv6(const char *text, char *output, size_t capacity) {
    struct in6_addr address;
    if (inet_pton(AF_INET6, text, &address) != 1) return -1;
    return inet_ntop(AF_INET6, &address, output, (socklen_t)capacity) ? 0 : -1;
}
