#include "core/vat.h"

#include <string.h>

struct rate_row {
	const char *text; /* as a till says it */
	const char *tag;  /* TSuat, format 2.7 */
	int percent;
};

static const struct rate_row rates[] = {
	[VAT_NONE] = {"", "", 0},
	[VAT_0] = {"0", "0%", 0},
	[VAT_5] = {"5", "5%", 5},
	[VAT_8] = {"8", "8%", 8},
	[VAT_10] = {"10", "10%", 10},
	[VAT_KCT] = {"KCT", "KCT", 0},
	[VAT_KKKNT] = {"KKKNT", "KKKNT", 0},
};
_Static_assert(ARRAY_LEN(rates) == VAT_COUNT, "one row for each rate");

static const struct rate_row *row_of(enum vat_rate rate)
{
	return (unsigned int)rate < VAT_COUNT ? &rates[rate] : &rates[VAT_NONE];
}

int vat_parse(const char *text, enum vat_rate *ret)
{
	for (int i = VAT_NONE + 1; i < VAT_COUNT; i++) {
		if (strcmp(rates[i].text, text) == 0) {
			*ret = (enum vat_rate)i;
			return 0;
		}
	}
	return 1;
}

const char *vat_text(enum vat_rate rate)
{
	return row_of(rate)->text;
}

const char *vat_tag(enum vat_rate rate)
{
	return row_of(rate)->tag;
}

int vat_percent(enum vat_rate rate)
{
	return row_of(rate)->percent;
}
