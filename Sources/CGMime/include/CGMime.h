#ifndef CGMime_h
#define CGMime_h

#include <stddef.h>
#include <stdint.h>

/* Starts GMime once. Any thread may call it, any number of times; every other function calls it itself. */
void oxbow_mime_start(void);

#endif
