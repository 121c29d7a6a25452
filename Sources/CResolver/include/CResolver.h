#ifndef CResolver_h
#define CResolver_h

// Results of oxbow_resolver_query below zero.
enum {
    OXBOW_RESOLVER_NONE = -1,        // the name does not exist, or has no records of this type
    OXBOW_RESOLVER_TEMPORARY = -2,   // no server answered, or one failed: later it may work
    OXBOW_RESOLVER_PERMANENT = -3,   // a server refused, or the name can't be asked for
};

// Asks the name servers of /etc/resolv.conf for records of class IN (resolver(3)). Thread safe; blocks for at most
// some seconds for each server and try.
//
// name: absolute, in its ASCII form. type: as in RFC 1035 § 3.2.2. Returns the length of the DNS message that was
// written to `answer` (at most `size`), or one of the values above.
int oxbow_resolver_query(const char *name, int type, unsigned char *answer, int size);
#endif
