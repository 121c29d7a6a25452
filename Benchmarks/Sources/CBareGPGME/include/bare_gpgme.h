#ifndef BARE_GPGME_H
#define BARE_GPGME_H

#include <stddef.h>

/// One context for one home, and the keys that messages are sealed with: what a careful C program would keep between messages.
struct bare_gpgme;

/// Opens a home; `signer` and `recipient` are fingerprints. NULL if anything fails.
struct bare_gpgme *bare_gpgme_new(const char *home, const char *signer, const char *recipient);

/// Signs with the signer and encrypts to recipient and signer: gpgme_op_encrypt_sign, without compression and armor. The bytes are
/// malloc'ed. Returns GPGME's error code, 0 if there was none.
int bare_gpgme_seal(struct bare_gpgme *bare, const char *bytes, size_t count, char **sealed, size_t *sealed_count);

/// gpgme_op_decrypt_verify into memory; one good signature is required. Returns 0, GPGME's error code, or -1 for the signature.
int bare_gpgme_open(struct bare_gpgme *bare, const char *bytes, size_t count, char **opened, size_t *opened_count);

/// Frees what the two above have returned.
void bare_gpgme_free(char *bytes);

void bare_gpgme_release(struct bare_gpgme *bare);

/// GPGME's version.
const char *bare_gpgme_version(void);

#endif
