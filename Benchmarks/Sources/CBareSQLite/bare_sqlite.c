#include "bare_sqlite.h"

#include <sqlite3.h>
#include <stdlib.h>
#include <string.h>

static const char *tables =
    "PRAGMA journal_mode = WAL; PRAGMA synchronous = FULL; PRAGMA secure_delete = ON; PRAGMA foreign_keys = ON;"
    "CREATE TABLE account (number INTEGER PRIMARY KEY AUTOINCREMENT, mark BLOB NOT NULL UNIQUE, name BLOB NOT NULL) STRICT;"
    "INSERT INTO account (mark, name) VALUES (zeroblob(16), zeroblob(48));"
    "CREATE TABLE outbox ("
    "  number INTEGER PRIMARY KEY AUTOINCREMENT, account INTEGER NOT NULL REFERENCES account (number), id BLOB NOT NULL,"
    "  recipient BLOB NOT NULL, about BLOB NOT NULL, accepted INTEGER NOT NULL, expires INTEGER NOT NULL,"
    "  needsReceipt INTEGER NOT NULL, state TEXT NOT NULL DEFAULT 'accepted', open INTEGER NOT NULL DEFAULT 1,"
    "  attempts INTEGER NOT NULL DEFAULT 0, next INTEGER NOT NULL DEFAULT 0, failure TEXT, words BLOB, place INTEGER,"
    "  sealedTime INTEGER, sealedSize INTEGER, settled INTEGER, UNIQUE (account, id)) STRICT;"
    "CREATE INDEX outboxOpen ON outbox (account, number, recipient) WHERE open = 1;"
    "CREATE INDEX outboxWaiting ON outbox (account, recipient, number, next) WHERE open = 1 AND next > 0;"
    "CREATE INDEX outboxNext ON outbox (account, next) WHERE open = 1 AND next > 0;"
    "CREATE INDEX outboxSettled ON outbox (settled) WHERE settled IS NOT NULL;"
    "CREATE TABLE outboxPayload (number INTEGER PRIMARY KEY REFERENCES outbox (number) ON DELETE CASCADE,"
    "  payload BLOB NOT NULL) STRICT;";

const char *bare_sqlite_version(void) { return sqlite3_libversion(); }

static int step(sqlite3_stmt *statement) {
    int code = sqlite3_step(statement);
    sqlite3_reset(statement);
    return code == SQLITE_DONE || code == SQLITE_ROW ? SQLITE_OK : code;
}

int bare_sqlite_accept(const char *path, int messages, int batch, int payload) {
    sqlite3 *db = NULL;
    sqlite3_stmt *begin = NULL, *commit = NULL, *entry = NULL, *content = NULL;
    unsigned char *bytes = calloc(1, (size_t)payload + 29);
    unsigned char id[16] = {0}, recipient[16] = {0}, about[120] = {0};
    int code = bytes ? sqlite3_open(path, &db) : SQLITE_NOMEM;
    if (!code) code = sqlite3_exec(db, tables, NULL, NULL, NULL);
    if (!code) code = sqlite3_prepare_v2(db, "BEGIN IMMEDIATE", -1, &begin, NULL);
    if (!code) code = sqlite3_prepare_v2(db, "COMMIT", -1, &commit, NULL);
    if (!code)
        code = sqlite3_prepare_v2(
            db,
            "INSERT INTO outbox (account, id, recipient, about, accepted, expires, needsReceipt)"
            " VALUES (1, ?, ?, ?, 1000000000, 1000604800, 0) ON CONFLICT (account, id) DO NOTHING",
            -1, &entry, NULL);
    if (!code) code = sqlite3_prepare_v2(db, "INSERT INTO outboxPayload (number, payload) VALUES (?, ?)", -1, &content, NULL);
    for (int done = 0; !code && done < messages;) {
        code = step(begin);
        for (int i = 0; !code && i < batch && done < messages; i++, done++) {
            /* Marks are spread over the index, as Oxbow's are. */
            unsigned long long mark = (unsigned long long)(done + 1) * 0x9E3779B97F4A7C15ull;
            memcpy(id, &mark, sizeof mark);
            sqlite3_bind_blob(entry, 1, id, sizeof id, SQLITE_STATIC);
            sqlite3_bind_blob(entry, 2, recipient, sizeof recipient, SQLITE_STATIC);
            sqlite3_bind_blob(entry, 3, about, sizeof about, SQLITE_STATIC);
            code = step(entry);
            if (code) break;
            sqlite3_bind_int64(content, 1, sqlite3_last_insert_rowid(db));
            sqlite3_bind_blob(content, 2, bytes, payload + 29, SQLITE_STATIC);
            code = step(content);
        }
        if (!code) code = step(commit);
    }
    sqlite3_finalize(begin);
    sqlite3_finalize(commit);
    sqlite3_finalize(entry);
    sqlite3_finalize(content);
    sqlite3_close(db);
    free(bytes);
    return code;
}
