/* vat: the rates (thuế suất, TSuat). When they hold is law (core/law). */
#ifndef HOADON_CORE_VAT_H
#define HOADON_CORE_VAT_H

#include <stdint.h>

#include "base/cleanup.h"

/* In the order in which groups stand on an invoice (samples "bills" rule 5). */
enum vat_rate {
	VAT_NONE = 0, /* form 2: no rate */
	VAT_0,
	VAT_5,
	VAT_8,
	VAT_10,
	VAT_KCT,   /* không chịu thuế: not subject */
	VAT_KKKNT, /* không kê khai nộp thuế: not declared */
	VAT_COUNT
};

/** vat_parse() - "8" "10" "5" "0" "KCT" "KKKNT" as a till says it; 0, or 1 when it is none of them. Source: law R-VAT-1. */
int vat_parse(const char *text, enum vat_rate *ret) MUST_CHECK;
/** vat_text() - as a till says it ("8"); "" for VAT_NONE. */
const char *vat_text(enum vat_rate rate);
/** vat_tag() - as TSuat says it ("8%", "KCT"); "" for VAT_NONE. Source: format 2.7. */
const char *vat_tag(enum vat_rate rate);
/** vat_percent() - 0, 5, 8 or 10; 0 for VAT_KCT, VAT_KKKNT, VAT_NONE. */
int vat_percent(enum vat_rate rate);

#endif
