#ifndef CStringprep_h
#define CStringprep_h

#include <stddef.h>

// The stringprep profiles of RFC 3454's users and IDNA2008, narrowed to what addresses and passwords need. libidn's own profile tables
// have an incomplete C type, which Swift can't name, and idn2.h clashes with idna.h; hence this header.
//
// Each function reads a NUL-terminated UTF-8 string and writes a NUL-terminated one of at most `capacity` bytes, the NUL included. They
// return 0, or another number when the text isn't allowed by the profile or doesn't fit. They keep no state and may be called on any thread.

// Localparts (RFC 6122 appendix A).
int oxbow_nodeprep(const char *text, char *output, size_t capacity);
// Resourceparts (RFC 6122 appendix B).
int oxbow_resourceprep(const char *text, char *output, size_t capacity);
// Passwords (RFC 4013).
int oxbow_saslprep(const char *text, char *output, size_t capacity);
// Domain names: lower-case A-labels (IDNA2008 with the non-transitional mapping of UTS 46).
int oxbow_domain_to_ascii(const char *text, char *output, size_t capacity);
// Domain names: U-labels.
int oxbow_domain_to_unicode(const char *text, char *output, size_t capacity);
// IPv6 addresses without brackets, in the text form of RFC 5952.
int oxbow_ipv6(const char *text, char *output, size_t capacity);

#endif
