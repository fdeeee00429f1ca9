#include "core/vat.h"

#include <string.h>

#define VAT_CUT_FROM 20250701 /* law R-VAT-2 */
#define VAT_CUT_TO   20261231 /* law R-NY-5: unless a later law extends it */
#define DAY_ALWAYS   99999999

struct rate_row {
	const char *text; /* as a till says it */
	const char *tag;  /* TSuat, format 2.7 */
	int percent;
	int32_t from, to; /* local days */
};

static const struct rate_row rates[] = {
	[VAT_NONE] = {"", "", 0, 0, DAY_ALWAYS},
	[VAT_0] = {"0", "0%", 0, 0, DAY_ALWAYS},
	[VAT_5] = {"5", "5%", 5, 0, DAY_ALWAYS},
	[VAT_8] = {"8", "8%", 8, VAT_CUT_FROM, VAT_CUT_TO},
	[VAT_10] = {"10", "10%", 10, 0, DAY_ALWAYS},
	[VAT_KCT] = {"KCT", "KCT", 0, 0, DAY_ALWAYS},
	[VAT_KKKNT] = {"KKKNT", "KKKNT", 0, 0, DAY_ALWAYS},
};
_Static_assert(ARRAY_LEN(rates) == VAT_COUNT, "one row for each rate");

/* The reduced class comes first and again: the first row whose rate holds on the day counts. */
static const struct {
	const char *item_class;
	enum vat_rate rate;
} classes[] = {
	{"reduced", VAT_8},
	{"reduced", VAT_10},
	{"excise", VAT_10},
	{"essential5", VAT_5},
	{"export0", VAT_0},
	{"exempt", VAT_KCT},
};

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

bool vat_holds(enum vat_rate rate, int32_t day)
{
	return (unsigned int)rate < VAT_COUNT && day >= rates[rate].from && day <= rates[rate].to;
}

int vat_of_class(const char *item_class, int32_t day, enum vat_rate *ret)
{
	for (size_t i = 0; i < ARRAY_LEN(classes); i++) {
		if (strcmp(classes[i].item_class, item_class) == 0 && vat_holds(classes[i].rate, day)) {
			*ret = classes[i].rate;
			return 0;
		}
	}
	return 1;
}
