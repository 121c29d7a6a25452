#ifndef CHost_h
#define CHost_h

// The answer to getsockopt SO_PEERCRED (unix(7)): glibc hides its own `struct ucred` behind _GNU_SOURCE.
struct oxbow_peer {
    int pid;
    unsigned int uid;
    unsigned int gid;
};
#endif
