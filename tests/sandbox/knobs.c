#include "knobs.h"

#include <cjson/cJSON.h>
#include <errno.h>
#include <stdlib.h>
#include <string.h>

struct knob {
	const char *name;
	size_t offset;
	const char *words; /* "word word ...": the value is the index; NULL for a number */
	int64_t least, most, normal;
	const char *help;
};

#define AT(member) offsetof(struct knobs, member)

static const char modes[] = "off warn refuse";

static const struct knob table[] = {
	{"strict_dates", AT(strict_dates), NULL, 0, 1, 0,
		"1: NLap outside the window is S403, 0: a warning (format 5 item 5)"},
	{"date_window_days", AT(date_window_days), NULL, 0, 3650, 1, "working days NLap may lie back"},
	{"check_totals", AT(check_totals), modes, 0, 2, CHECK_REFUSE, "sums of format 2.3 (S407)"},
	{"check_xsd", AT(check_xsd), modes, 0, 2, CHECK_REFUSE, "XSD of the profile, element order included (S401)"},
	{"check_order", AT(check_order), modes, 0, 2, CHECK_WARN, "numbers of first submissions ascend per serial"},
	{"strict", AT(strict), NULL, 0, 1, 0, "1: the tolerances of format 12.2 become S401"},
	{"accept_216", AT(accept_216), NULL, 0, 1, 0, "1: take message 216 (invoices without code)"},
	{"cannot_ask", AT(cannot_ask), NULL, 0, 1, 0, "1: every query is answered 501 cannot_ask"},
	{"offline", AT(offline), NULL, 0, 1, 0, "1: every submit and query is answered 503"},
	{"max_invoices", AT(max_invoices), NULL, 1, 1000000, 1000, "invoices per message (S107)"},
	{"max_bytes", AT(max_bytes), NULL, 1, 4194304, 2097152, "bytes per message (-1 S003)"},
	{"notice_204", AT(notice_204), "always on_error", 0, 1, 0,
		"204 for notices; without effect until 303 is handled"},
	{"repeat_mtdiep", AT(repeat_mtdiep), "refuse same-answer", 0, 1, 0,
		"repeated MTDiep: S106, or the first 999 for the same bytes"},
	{"bad_signature_answer", AT(bad_signature_answer), "204 -2", 0, 1, 0,
		"S201/S202 as 204 LTBao 9, or as -2 S004"},
};

#define COUNT (sizeof table / sizeof table[0])

static int64_t *slot(struct knobs *k, const struct knob *knob)
{
	return (int64_t *)(void *)((char *)k + knob->offset);
}

void knobs_defaults(struct knobs *k)
{
	*k = (struct knobs){.profile = "2.1.0"};
	for (size_t i = 0; i < COUNT; i++)
		*slot(k, &table[i]) = table[i].normal;
}

/* The index-th word of a list, copied into out; false past the end. */
static bool word_at(const char *words, int64_t index, char *out, size_t size)
{
	for (; index > 0; index--) {
		words = strchr(words, ' ');
		if (!words)
			return false;
		words++;
	}
	str_copy(out, size, words);
	out[strcspn(out, " ")] = '\0';
	return true;
}

static bool number(const char *s, int64_t *ret)
{
	char *end;

	errno = 0;
	long long value = strtoll(s, &end, 10);
	if (end == s || errno)
		return false;
	*ret = value;
	return *end == '\0';
}

static int set_delay(struct knobs *k, const char *value, struct reason *why)
{
	char low[32], *dots;
	int64_t least, most;

	str_copy(low, sizeof low, value);
	dots = strstr(low, "..");
	if (dots)
		*dots = '\0';
	if (!number(low, &least) || !number(dots ? dots + 2 : low, &most) || least < 0 || most < least)
		return reason_set(why, "knob", "answer_delay_ms: MS or MIN..MAX expected, not '%s'", value);
	k->answer_delay_min_ms = least;
	k->answer_delay_max_ms = most;
	return 0;
}

/* seller.MST.status */
static int set_seller(struct knobs *k, const char *name, const char *value, struct reason *why)
{
	char code[32];

	if (!str_match(name, "^seller\\.[0-9-]{10,14}\\.status$") || !str_match(value, "^(active|stopped)$"))
		return reason_set(why, "knob", "expected seller.MST.status active|stopped, not '%s %s'", name, value);
	str_copy(code, sizeof code, name + strlen("seller."));
	*strchr(code, '.') = '\0';
	for (size_t i = 0; i < SELLER_OVERRIDES; i++) {
		if (k->sellers[i].tax_code[0] && strcmp(k->sellers[i].tax_code, code) != 0)
			continue;
		str_copy(k->sellers[i].tax_code, sizeof k->sellers[i].tax_code, code);
		str_copy(k->sellers[i].status, sizeof k->sellers[i].status, value);
		return 0;
	}
	return reason_set(why, "knob", "more than %d sellers", SELLER_OVERRIDES);
}

static int set_word(struct knobs *k, const struct knob *knob, const char *value, struct reason *why)
{
	char word[16];

	for (int64_t i = 0; word_at(knob->words, i, word, sizeof word); i++) {
		if (strcmp(word, value) == 0) {
			*slot(k, knob) = i;
			return 0;
		}
	}
	return reason_set(why, "knob", "%s: one of '%s' expected, not '%s'", knob->name, knob->words, value);
}

int knobs_set(struct knobs *k, const char *name, const char *value, struct reason *why)
{
	if (strcmp(name, "answer_delay_ms") == 0)
		return set_delay(k, value, why);
	if (strncmp(name, "seller.", 7) == 0)
		return set_seller(k, name, value, why);
	if (strcmp(name, "profile") == 0) {
		if (!str_match(value, "^2\\.(0\\.1|1\\.[01])$"))
			return reason_set(why, "knob", "profile: 2.0.1, 2.1.0 or 2.1.1 expected, not '%s'", value);
		str_copy(k->profile, sizeof k->profile, value);
		return 0;
	}
	for (size_t i = 0; i < COUNT; i++) {
		const struct knob *knob = &table[i];
		int64_t given;
		if (strcmp(knob->name, name) != 0)
			continue;
		if (knob->words)
			return set_word(k, knob, value, why);
		if (!number(value, &given) || given < knob->least || given > knob->most)
			return reason_set(why, "knob", "%s: %lld to %lld expected, not '%s'", name,
				(long long)knob->least, (long long)knob->most, value);
		*slot(k, knob) = given;
		return 0;
	}
	return reason_set(why, "knob", "no knob is called '%s'", name);
}

struct cJSON *knobs_json(const struct knobs *k)
{
	cJSON *all = cJSON_CreateObject(), *sellers = cJSON_CreateObject();
	struct knobs copy = *k;
	char word[48];

	str_printf(
		word, sizeof word, "%lld..%lld", (long long)k->answer_delay_min_ms, (long long)k->answer_delay_max_ms);
	cJSON_AddStringToObject(all, "answer_delay_ms", word);
	cJSON_AddStringToObject(all, "profile", k->profile);
	for (size_t i = 0; i < COUNT; i++) {
		int64_t value = *slot(&copy, &table[i]);
		if (table[i].words && word_at(table[i].words, value, word, sizeof word))
			cJSON_AddStringToObject(all, table[i].name, word);
		else
			cJSON_AddNumberToObject(all, table[i].name, (double)value);
	}
	for (size_t i = 0; i < SELLER_OVERRIDES && k->sellers[i].tax_code[0]; i++)
		cJSON_AddStringToObject(sellers, k->sellers[i].tax_code, k->sellers[i].status);
	cJSON_AddItemToObject(all, "sellers", sellers);
	return all;
}

void knobs_help(struct text *out)
{
	char word[48];

	text_adds(out, "  answer_delay_ms = MS or MIN..MAX (0): 204 so much later\n");
	text_adds(out, "  profile = 2.0.1, 2.1.0 or 2.1.1 (2.1.0)\n");
	text_adds(out, "  seller.MST.status = active or stopped (as registered)\n");
	for (size_t i = 0; i < COUNT; i++) {
		const struct knob *knob = &table[i];
		if (knob->words && word_at(knob->words, knob->normal, word, sizeof word))
			text_addf(out, "  %s = %s (%s): %s\n", knob->name, knob->words, word, knob->help);
		else
			text_addf(out, "  %s = %lld..%lld (%lld): %s\n", knob->name, (long long)knob->least,
				(long long)knob->most, (long long)knob->normal, knob->help);
	}
}

const char *knobs_seller_status(const struct knobs *k, const char *tax_code)
{
	for (size_t i = 0; i < SELLER_OVERRIDES && k->sellers[i].tax_code[0]; i++) {
		if (strcmp(k->sellers[i].tax_code, tax_code) == 0)
			return k->sellers[i].status;
	}
	return NULL;
}
