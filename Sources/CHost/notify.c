#include <errno.h>
#include <stddef.h>
#include <string.h>
#include <sys/socket.h>
#include <sys/un.h>
#include <time.h>
#include <unistd.h>

#include "CHost.h"

int oxbow_notify(const char *path, const void *bytes, size_t count) {
    struct sockaddr_un address = {.sun_family = AF_UNIX};
    size_t length = strlen(path);
    // A path needs its closing zero; an abstract name (with @ for the leading zero) has none.
    int abstract = length > 0 && path[0] == '@';
    if (length < 2 || length > sizeof(address.sun_path) - (abstract ? 0 : 1)) return EINVAL;
    memcpy(address.sun_path, path, length);
    if (abstract) address.sun_path[0] = 0;
    int descriptor = socket(AF_UNIX, SOCK_DGRAM | SOCK_CLOEXEC | SOCK_NONBLOCK, 0);
    if (descriptor < 0) return errno;
    socklen_t size = (socklen_t)(offsetof(struct sockaddr_un, sun_path) + length + (abstract ? 0 : 1));
    ssize_t sent;
    do {
        sent = sendto(descriptor, bytes, count, MSG_NOSIGNAL, (const struct sockaddr *)&address, size);
    } while (sent < 0 && errno == EINTR);
    int reason = sent < 0 ? errno : 0;
    close(descriptor);
    return reason;
}

int64_t oxbow_monotonic_microseconds(void) {
    struct timespec time;
    return clock_gettime(CLOCK_MONOTONIC, &time) == 0 ? (int64_t)time.tv_sec * 1000000 + time.tv_nsec / 1000 : 0;
}
