#ifndef CQREncode_h
#define CQREncode_h

#include <stddef.h>
#include <stdint.h>

// One QR symbol of a text, and no more of libqrencode than that.

// The widest symbol there is (version 40), in modules.
enum { OXBOW_QR_WIDEST = 177 };

// Makes the smallest symbol that holds `length` bytes as they are (8-bit mode), with error correction of level M. Any thread may call it; nothing
// blocks.
//
// `modules` gets a byte a module, row by row, 1 for dark; `capacity` is its size. Returns the symbol's width in modules (without the quiet zone
// around it), 0 if the text is too long for the library or the room, or if there is no memory.
int oxbow_qr_encode(const uint8_t *text, size_t length, uint8_t *modules, size_t capacity);
#endif
