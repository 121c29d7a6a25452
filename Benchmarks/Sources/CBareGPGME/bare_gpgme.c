#include "bare_gpgme.h"

#include <gpgme.h>
#include <stdlib.h>

struct bare_gpgme {
    gpgme_ctx_t context;
    gpgme_key_t signer;
    gpgme_key_t recipients[3];
};

const char *bare_gpgme_version(void) {
    return gpgme_check_version(NULL);
}

struct bare_gpgme *bare_gpgme_new(const char *home, const char *signer, const char *recipient) {
    struct bare_gpgme *bare = calloc(1, sizeof *bare);
    if (!bare) return NULL;
    gpgme_check_version(NULL);
    if (gpgme_new(&bare->context) || gpgme_set_protocol(bare->context, GPGME_PROTOCOL_OpenPGP)
        || gpgme_ctx_set_engine_info(bare->context, GPGME_PROTOCOL_OpenPGP, NULL, home)
        || gpgme_get_key(bare->context, signer, &bare->signer, 0)
        || gpgme_get_key(bare->context, recipient, &bare->recipients[0], 0)
        || gpgme_signers_add(bare->context, bare->signer)) {
        bare_gpgme_release(bare);
        return NULL;
    }
    bare->recipients[1] = bare->signer;
    gpgme_set_offline(bare->context, 1);
    return bare;
}

void bare_gpgme_release(struct bare_gpgme *bare) {
    if (bare->signer) gpgme_key_unref(bare->signer);
    if (bare->recipients[0]) gpgme_key_unref(bare->recipients[0]);
    if (bare->context) gpgme_release(bare->context);
    free(bare);
}

static int taken(gpgme_data_t data, char **bytes, size_t *count) {
    size_t length = 0;
    char *memory = gpgme_data_release_and_get_mem(data, &length);
    *bytes = memory;
    *count = length;
    return 0;
}

int bare_gpgme_seal(struct bare_gpgme *bare, const char *bytes, size_t count, char **sealed, size_t *sealed_count) {
    gpgme_data_t in, out;
    gpgme_data_new_from_mem(&in, bytes, count, 0);
    gpgme_data_new(&out);
    gpgme_error_t error = gpgme_op_encrypt_sign(
        bare->context, bare->recipients, GPGME_ENCRYPT_ALWAYS_TRUST | GPGME_ENCRYPT_NO_ENCRYPT_TO | GPGME_ENCRYPT_NO_COMPRESS, in, out);
    gpgme_data_release(in);
    if (error) {
        gpgme_data_release(out);
        return (int)gpgme_err_code(error);
    }
    return taken(out, sealed, sealed_count);
}

int bare_gpgme_open(struct bare_gpgme *bare, const char *bytes, size_t count, char **opened, size_t *opened_count) {
    gpgme_data_t in, out;
    gpgme_data_new_from_mem(&in, bytes, count, 0);
    gpgme_data_new(&out);
    gpgme_error_t error = gpgme_op_decrypt_verify(bare->context, in, out);
    gpgme_data_release(in);
    gpgme_verify_result_t result = error ? NULL : gpgme_op_verify_result(bare->context);
    if (!result || !result->signatures || gpgme_err_code(result->signatures->status) != GPG_ERR_NO_ERROR) {
        gpgme_data_release(out);
        return error ? (int)gpgme_err_code(error) : -1;
    }
    return taken(out, opened, opened_count);
}

void bare_gpgme_free(char *bytes) {
    gpgme_free(bytes);
}
