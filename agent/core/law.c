#include "core/law.h"

#include <stdatomic.h>
#include <string.h>

const struct law *law_newest(const struct law_book *book)
{
	const struct law *law = book ? atomic_load(&book->newest) : NULL;

	return law ? law : &law_builtin;
}

const struct law *law_on(const struct law_book *book, int32_t day)
{
	const struct law *law = law_newest(book);

	while (law->older && law->applies_on > day)
		law = law->older;
	return law;
}

void law_add(struct law_book *book, struct law *law)
{
	law->older = law_newest(book);
	law->calendar.base = book->calendar;
	atomic_store(&book->newest, law);
}

bool law_holds(const struct law *law, enum vat_rate rate, int32_t day)
{
	if (rate == VAT_NONE)
		return true;
	for (size_t i = 0; i < law->rate_count; i++)
		if (law->rates[i].rate == rate && day >= law->rates[i].from && day <= law->rates[i].to)
			return true;
	return false;
}

int law_rate_of_class(const struct law *law, const char *item_class, int32_t day, enum vat_rate *ret)
{
	for (size_t i = 0; i < law->class_count; i++) {
		const struct law_class *row = &law->classes[i];

		if (strcmp(row->item_class, item_class) == 0 && law_holds(law, row->rate, day)) {
			*ret = row->rate;
			return 0;
		}
	}
	return 1;
}

const struct law_text *law_text(const struct law *law, const char *code, size_t len)
{
	for (size_t i = 0; i < law->text_count; i++)
		if (strlen(law->texts[i].code) == len && memcmp(law->texts[i].code, code, len) == 0)
			return &law->texts[i];
	return NULL;
}

const struct calendar *law_calendar(const struct law_book *book, const struct calendar *builtin, int32_t day)
{
	const struct law *law = law_on(book, day);

	return law->older ? &law->calendar : builtin;
}
