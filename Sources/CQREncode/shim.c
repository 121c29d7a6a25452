#include "CQREncode.h"

#include <limits.h>
#include <qrencode.h>

int oxbow_qr_encode(const uint8_t *text, size_t length, uint8_t *modules, size_t capacity) {
    if (length == 0 || length > INT_MAX) return 0;
    QRcode *code = QRcode_encodeData((int)length, text, 0, QR_ECLEVEL_M);
    if (code == NULL) return 0;
    int width = code->width;
    size_t count = (size_t)width * (size_t)width;
    if (count > capacity) width = 0;
    // The lowest bit of a module says whether it is dark; the others are the library's own.
    for (size_t index = 0; width > 0 && index < count; index++) modules[index] = code->data[index] & 1;
    QRcode_free(code);
    return width;
}
