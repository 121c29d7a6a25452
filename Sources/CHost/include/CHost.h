#ifndef CHost_h
#define CHost_h

#include <stddef.h>
#include <stdint.h>

// The answer to getsockopt SO_PEERCRED (unix(7)): glibc hides its own `struct ucred` behind _GNU_SOURCE.
struct oxbow_peer {
    int pid;
    unsigned int uid;
    unsigned int gid;
};

// PR_SET_DUMPABLE 0 (prctl(2), which is variadic), read back. Returns 0, or an errno.
int oxbow_make_non_dumpable(void);

// Whether a path lies on a file system that is in memory only: tmpfs or ramfs (statfs(2), which the Glibc module leaves out).
int oxbow_is_in_memory(const char *path);

// One datagram to a Unix-domain socket: a path, or an abstract name that begins with @ (sd_notify(3)). Never waits. Returns 0, or an errno.
int oxbow_notify(const char *path, const void *bytes, size_t count);

// The time of CLOCK_MONOTONIC in microseconds (clock_gettime(2), whose type the modules of Swift quarrel about).
int64_t oxbow_monotonic_microseconds(void);
#endif
