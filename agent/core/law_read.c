#include <string.h>

#include "base/clock.h"
#include "base/ecsign.h"
#include "base/json_gate.h"
#include "core/law.h"
#include "core/seller.h"

#define ROWS_MAX    512
#define VERSION_MAX 999999999

/* Over text that json_gate() let through: whatever is not as the schema says stops it for good. */
struct reader {
	const char *at, *end;
	struct arena *arena;
	const char *wrong; /* what was expected and did not come; NULL = all is well */
	bool is_full;
};

static void skip_blanks(struct reader *reader)
{
	while (reader->at < reader->end && strchr(" \t\r\n", *reader->at))
		reader->at++;
}

static bool is_next(struct reader *reader, char c)
{
	skip_blanks(reader);
	return !reader->wrong && reader->at < reader->end && *reader->at == c;
}

static void take(struct reader *reader, char c, const char *what)
{
	if (is_next(reader, c))
		reader->at++;
	else if (!reader->wrong)
		reader->wrong = what;
}

/* A string without escapes; "" once something is wrong. */
static const char *take_text(struct reader *reader, const char *what)
{
	const char *start, *text = NULL;

	take(reader, '"', what);
	start = reader->at;
	while (reader->at < reader->end && *reader->at != '"' && *reader->at != '\\')
		reader->at++;
	if (!reader->wrong)
		text = arena_copy(reader->arena, start, (size_t)(reader->at - start));
	reader->is_full = reader->is_full || (!reader->wrong && !text);
	if (reader->at - start > LAW_TEXT_MAX && !reader->wrong)
		reader->wrong = what;
	take(reader, '"', what);
	return text ? text : "";
}

/* Key and colon; a comma before it unless it is the first of its object. */
static void take_key(struct reader *reader, const char *key, bool is_first)
{
	take(reader, is_first ? '{' : ',', key);
	if (strcmp(take_text(reader, key), key) != 0 && !reader->wrong)
		reader->wrong = key;
	take(reader, ':', key);
}

/* Whether `,"KEY"` follows; takes nothing. */
static bool is_key_next(struct reader *reader, const char *key)
{
	struct reader ahead = *reader;

	take(&ahead, ',', key);
	return strcmp(take_text(&ahead, key), key) == 0;
}

static const char *take_member(struct reader *reader, const char *key, bool is_first)
{
	const char *text;

	take_key(reader, key, is_first);
	text = take_text(reader, key);
	if (*text == '\0' && !reader->wrong)
		reader->wrong = key;
	return text;
}

/* With @is_open, "" is @open. */
static int32_t take_day(struct reader *reader, const char *key, bool is_first, bool is_open, int32_t open)
{
	const char *text;
	int32_t day = open;

	take_key(reader, key, is_first);
	text = take_text(reader, key);
	if (is_open && *text == '\0')
		return open;
	if (clock_parse_day(text, strlen(text), &day) != 0 && !reader->wrong)
		reader->wrong = key;
	return day;
}

static enum vat_rate take_rate(struct reader *reader)
{
	enum vat_rate rate = VAT_NONE;

	if (vat_parse(take_member(reader, "rate", false), &rate) != 0 && !reader->wrong)
		reader->wrong = "rate";
	return rate;
}

/* ---- rows ---- */

static void take_class(struct reader *reader, void *row)
{
	struct law_class *ret = row;

	ret->item_class = take_member(reader, "class", true);
	ret->rate = take_rate(reader);
}

static void take_holiday(struct reader *reader, void *row)
{
	struct holiday *ret = row;
	const char *kind;

	ret->day = take_day(reader, "date", true, false, 0);
	kind = take_member(reader, "kind", false);
	ret->is_work = strcmp(kind, "work") == 0;
	if (!ret->is_work && strcmp(kind, "off") != 0 && !reader->wrong)
		reader->wrong = "kind";
	(void)take_member(reader, "name", false);
}

static void take_dated_rate(struct reader *reader, void *row)
{
	struct law_rate *ret = row;

	ret->from = take_day(reader, "from", true, true, 0);
	ret->rate = take_rate(reader);
	ret->to = take_day(reader, "to", false, true, LAW_ALWAYS);
	if (ret->to < ret->from && !reader->wrong)
		reader->wrong = "to";
}

static void take_code(struct reader *reader, void *row)
{
	struct law_text *ret = row;

	ret->code = take_member(reader, "code", true);
	ret->en = take_member(reader, "en", false);
	ret->vi = take_member(reader, "vi", false);
}

/* The rows of list @key; NULL when there are none. */
static void *take_rows(struct reader *reader, const char *key, size_t size,
	void (*take_row)(struct reader *reader, void *row), size_t *ret_count)
{
	char *rows;

	*ret_count = 0;
	take_key(reader, key, false);
	take(reader, '[', key);
	if (reader->wrong || is_next(reader, ']')) {
		take(reader, ']', key);
		return NULL;
	}
	rows = arena_alloc(reader->arena, ROWS_MAX * size);
	reader->is_full = reader->is_full || !rows;
	for (size_t i = 0; rows && !reader->wrong; i++) {
		if (i == ROWS_MAX) {
			reader->wrong = key;
			break;
		}
		take_row(reader, rows + i * size);
		take(reader, '}', key);
		*ret_count = i + 1;
		if (!is_next(reader, ','))
			break;
		take(reader, ',', key);
	}
	take(reader, ']', key);
	return rows;
}

static int64_t take_version(struct reader *reader)
{
	int64_t version = 0;

	take_key(reader, "version", false);
	skip_blanks(reader);
	for (; reader->at < reader->end && *reader->at >= '0' && *reader->at <= '9' && version <= VERSION_MAX;
		reader->at++)
		version = version * 10 + (*reader->at - '0');
	if ((version < 1 || version > VERSION_MAX) && !reader->wrong)
		reader->wrong = "version";
	return version;
}

/* Packs from before there was this member leave it out: then the built-in version holds. */
static const char *take_profile(struct reader *reader)
{
	const char *profile;

	if (!is_key_next(reader, "profile"))
		return law_builtin.profile;
	profile = take_member(reader, "profile", false);
	if (!profile_find(profile) && !reader->wrong)
		reader->wrong = "profile";
	return profile;
}

static void take_pack(struct reader *reader, struct law *law)
{
	struct holiday *days;

	law->applies_on = take_day(reader, "applies_on", true, false, 0);
	law->classes = take_rows(reader, "classes", sizeof(struct law_class), take_class, &law->class_count);
	law->calendar.days = days =
		take_rows(reader, "holidays", sizeof(struct holiday), take_holiday, &law->calendar.count);
	law->profile = take_profile(reader);
	law->rates = take_rows(reader, "rates", sizeof(struct law_rate), take_dated_rate, &law->rate_count);
	law->source = take_member(reader, "source", false);
	law->texts = take_rows(reader, "texts", sizeof(struct law_text), take_code, &law->text_count);
	law->version = take_version(reader);
	take(reader, '}', "the end");
	for (size_t i = 1; i < law->calendar.count && !reader->wrong; i++)
		if (days[i].day <= days[i - 1].day)
			reader->wrong = "holidays";
	/* Whoever forgets the rates would stop every sale. */
	if (!reader->wrong && (!law->rate_count || !law->class_count))
		reader->wrong = law->rate_count ? "classes" : "rates";
}

int law_read(const char *text, size_t len, struct arena *arena, struct law *ret, struct problem *problem)
{
	struct reader reader = {.arena = arena, .end = text + len};
	struct law law = {.version = 0};
	size_t start = 0;

	if (json_gate(text, len, &json_limits_default, &start, NULL) != JSON_OK) {
		problem_set(problem, PROBLEM_LAW_FORMAT, "%s", "");
		return problem_add(problem, "not JSON");
	}
	reader.at = text + start;
	take_pack(&reader, &law);
	if (reader.is_full)
		return FAULT_MEMORY;
	if (reader.wrong) {
		problem_set(problem, PROBLEM_LAW_FORMAT, "%s", "");
		return problem_add(problem, "%s, at byte %zu", reader.wrong, (size_t)(reader.at - text));
	}
	*ret = law;
	return 0;
}

int law_open(const char *text, size_t len, const struct bytes *signature, const struct bytes *pem, struct arena *arena,
	struct law *ret, struct problem *problem)
{
	struct fault fault = {0};
	int result;

	if (!pem)
		return problem_set(problem, PROBLEM_LAW_PUBLISHER, "%s", "");
	result = ecsign_verify_pem(pem->data, pem->len, text, len, signature->data, signature->len, &fault);
	if (result < 0) {
		problem_set(problem, PROBLEM_LAW_PUBLISHER, "%s", "");
		return problem_add(problem, "%.150s", fault.text);
	}
	if (result > 0)
		return problem_set(problem, PROBLEM_LAW_SIGNATURE, "%s", "");
	return law_read(text, len, arena, ret, problem);
}
