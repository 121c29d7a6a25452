#ifndef oxbow_mime_start_h
#define oxbow_mime_start_h

#include <gmime/gmime.h>

/* Starts GMime, once for all threads. Every function that uses GMime calls it first, in one of these two ways. */
void oxbow_mime_start(void);
/* The options of every parse: ours, so that the result doesn't depend on the machine's locale. */
GMimeParserOptions *oxbow_mime_options(void);

#endif
