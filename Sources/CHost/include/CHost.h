#ifndef CHost_h
#define CHost_h

// The answer to getsockopt SO_PEERCRED (unix(7)): glibc hides its own `struct ucred` behind _GNU_SOURCE.
struct oxbow_peer {
    int pid;
    unsigned int uid;
    unsigned int gid;
};

// PR_SET_DUMPABLE 0 (prctl(2), which is variadic), read back. Returns 0, or an errno.
int oxbow_make_non_dumpable(void);
#endif
