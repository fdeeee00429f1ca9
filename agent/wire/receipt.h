/* receipt: the block of an issued invoice for paper, as text and as ESC/POS (law R-CON-7). */
#ifndef HOADON_WIRE_RECEIPT_H
#define HOADON_WIRE_RECEIPT_H

#include <stdbool.h>
#include <stdint.h>

#include "base/bytes.h"

struct receipt {
	int form;
	const char *serial; /* KHHDon */
	int32_t number;	    /* SHDon */
	const char *code;   /* MCCQT, "" = none */
	const char *qr;
	int64_t issued_at; /* ms UTC */
	int64_t total;	   /* đồng */
	const char *ledger_tail;
	const char *lookup_url; /* NULL = no line */
};

/** receipt_money() - "1.234.567 đ" appended. */
void receipt_money(struct bytes *out, int64_t amount);
/** receipt_text() - UTF-8 lines, at most 42 columns each but for the look-up line. 0 or FAULT_MEMORY. */
int receipt_text(const struct receipt *receipt, struct bytes *out, struct fault *fault) MUST_CHECK;
/** receipt_escpos() - the same as ESC/POS without accents, with the QR code by GS ( k; no initialisation and no cut. 0 or FAULT_MEMORY. Source: capture section 2, "Annex before the cut". */
int receipt_escpos(const struct receipt *receipt, struct bytes *out, struct fault *fault) MUST_CHECK;

#endif
