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

/**
 * qr_raster() - as rows of dots for a printer, with quiet zone: 4 dots a module, or 3 where 4 are too wide
 * @width:    dots across the paper
 * @out:      gets *@ret_size rows of (*@ret_size + 7) / 8 bytes, the left dot in the highest bit, 1 is black
 * @ret_size: dots of a side; set when 0 is returned
 *
 * Return: 0; FAULT_FORMAT when it is too long, or wider than @width with 3 dots; FAULT_MEMORY. Thread: any.
 */
int qr_raster(const char *text, int width, struct bytes *out, int *ret_size, struct fault *fault) MUST_CHECK;

#endif
