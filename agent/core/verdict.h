/* verdict: what the authority answered, as plain data. */
#ifndef HOADON_CORE_VERDICT_H
#define HOADON_CORE_VERDICT_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "core/symbols.h"

enum verdict_kind {
	VERDICT_RECEIVED,     /* 999 TTTNhan 0: result pending */
	VERDICT_ALL_ACCEPTED, /* 204 LTBao 2 */
	VERDICT_SOME_REFUSED, /* 204 LTBao 7 (and 3) */
	VERDICT_ALL_REFUSED,  /* 204 LTBao 9; 999 TTTNhan 1; -1; -2 */
	VERDICT_UNCLEAR,      /* readable, of ours, but of a kind we do not know: a person looks */
};

struct verdict_reason {	    /* LDo */
	char code[12];	    /* MLoi */
	const char *text;   /* MTLoi or MTa */
	const char *advice; /* HDXLy; may be NULL */
	bool has_invoice;   /* the text named one: form;serial;number;… */
	int form;
	char serial[SERIAL_LEN + 1];
	int32_t number;
};

struct verdict {
	enum verdict_kind kind;
	int message_type; /* MLTDiep: 999, 204, -1, -2 */
	int notice;	  /* LTBao of a 204, else 0 */
	char about[MESSAGE_ID_MAX +
		   1]; /* MTDiep of the message it answers (MTDTChieu, else MGDDTu, else TBao/MTDiep); "" = not named */
	char id[MESSAGE_ID_MAX + 1]; /* MTDiep of the answer itself */
	char tax_code[16];
	bool is_signed;	   /* a 204 whose signature verified against the authority's anchors */
	int64_t signed_at; /* ms UTC of SigningTime, 0 = none */
	struct verdict_reason *reasons;
	size_t reason_count;
};

/** verdict_is_about_us() - whether a refusal code is about seller, key or route, so that halving cannot help (law R-SEND-8, format 12.4). Unknown codes are not. */
bool verdict_is_about_us(const char *code);

#endif
