/* qr: the look-up string (DLQRCode) with its checksum, and the picture. */
#ifndef HOADON_WIRE_QR_H
#define HOADON_WIRE_QR_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "base/bytes.h"
#include "core/invoice.h"

#define QR_TEXT_MAX 513

/** qr_crc16() - CRC-16/CCITT-FALSE of @len bytes. Source: format 8. */
uint16_t qr_crc16(const void *bytes, size_t len);
/** qr_text() - the DLQRCode of a bound invoice: id 00, the invoice part 99, CRC 63. 0; 1 when it would not fit. Source: format 8. */
int qr_text(const struct invoice *invoice, char out[QR_TEXT_MAX]) MUST_CHECK;
/** qr_check() - "OK" or the first reason of samples "qr" (static text); @is_crc_only: CRC right but no invoice part. */
const char *qr_check(const char *text, bool *is_crc_only);
/** qr_print_text() - the code as lines of UTF-8 half blocks for a terminal. 0 or < 0. */
int qr_print_text(const char *text, struct bytes *out, struct fault *fault) MUST_CHECK;
/** qr_print_pbm() - as a portable bitmap (P4 header and rows), @scale dots a module, with quiet zone. 0 or < 0. */
int qr_print_pbm(const char *text, int scale, struct bytes *out, struct fault *fault) MUST_CHECK;

#endif
