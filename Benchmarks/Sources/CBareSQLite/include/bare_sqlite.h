#ifndef BARE_SQLITE_H
#define BARE_SQLITE_H

/* Writes `messages` rows of an outbox like Oxbow's, `batch` of them a transaction, with WAL and synchronous = FULL.
   The blobs have the sizes that Oxbow's sealed ones have; they hold nothing. Returns 0, or SQLite's error code. */
int bare_sqlite_accept(const char *path, int messages, int batch, int payload);

const char *bare_sqlite_version(void);

#endif
