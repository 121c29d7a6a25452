#ifndef BARE_SAX_H
#define BARE_SAX_H

#include <stddef.h>

/// What the loop has seen, so that nothing of it can be optimised away.
struct bare_sax_counts {
    size_t starts, ends, attributes, characters;
};

/// Feeds a stream to libxml2's push SAX2 parser in pieces; the callbacks only count. Returns libxml2's error code, 0 if there was none.
int bare_sax_parse(const char *bytes, size_t count, size_t piece, struct bare_sax_counts *counts);

/// libxml2's version, such as "20914".
const char *bare_sax_version(void);

#endif
