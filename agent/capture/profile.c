#include "capture/profile.h"

#include <stdio.h>
#include <string.h>

#include "base/options.h"
#include "capture/amounts.h"
#include "capture/letters.h"
#include "capture/profile_rules.h"

#define PATTERN_MAX    1000 /* letters of a regular expression */
#define MATCH_LIMIT    100000
#define DEPTH_LIMIT    2000
#define HEAP_LIMIT_KIB 256
#define NEST_LIMIT     20
#define OVECTOR_PAIRS  32
#define COMPILED_MAX   ((size_t)64 << 10) /* bytes of a compiled expression: "(((a{99}){99}){99})" would be large */
#define SENTENCE_MAX   160
#define ENCODINGS      "auto|utf-8|tcvn|cp1258|viscii|cp437|cp850|cp852|cp1252|pages"

static const char last_number[] =
	"(?<![\\w.,/])(?:vnd\\s*|d\\s*)?(?<v>-\\s?(?:\\d{1,3}(?:[., ]\\d{3})+|\\d[\\d.,]*)|"
	"\\((?:\\d{1,3}(?:[., ]\\d{3})+|\\d[\\d.,]*)\\s?(?:d|vnd)?\\)|\\d{1,3}(?:[., ]\\d{3})+(?:[.,]0+)?|\\d[\\d.,]*)"
	"\\s*(?:d|dong|vnd)?$";
static const char percent[] = "(?<![\\d.,])(?<rate>\\d{1,3}(?:[.,]\\d{1,2})?)\\s*%";

#define X_OPTION(name, section_, key_, help_)                                                                          \
	{.section = section_, .key = key_, .type = OPTION_TEXT, .min = 1, .max = PATTERN_MAX, .help = help_},
/* Patterns first, in the order of enum profile_pattern. */
static const struct option table[] = {
	PROFILE_PATTERNS(X_OPTION){.section = "profile", .key = "name", .type = OPTION_TEXT, .min = 1, .max = 100},
	{.section = "profile", .key = "scale", .type = OPTION_INT, .min = 1, .max = AMOUNT_SCALE_MAX, .fallback = "1"},
	{.section = "profile", .key = "encoding", .type = OPTION_CHOICE, .choices = ENCODINGS, .fallback = "auto"},
	{.section = "items", .key = "wrap", .type = OPTION_CHOICE, .choices = "none|above|below", .fallback = "none"},
	{.section = "check", .key = "order", .type = OPTION_CHOICE, .choices = "sure|unsure", .fallback = "sure"}, {0}};
#undef X_OPTION

#define X_GROUP(name, word) word,
static const char *const groups[] = {PROFILE_GROUPS(X_GROUP)};
#undef X_GROUP

static void tell(struct bytes *problems, const struct option_value *value, const char *sentence)
{
	bytes_printf(problems, "%s:%d: %s: %s\n", value->file, value->line, value->option->key, sentence);
}

/* Every named group must be one that the reader knows: a misspelt one would be read as "not printed". */
static const char *bind_groups(struct pattern *pattern)
{
	PCRE2_SPTR names = NULL;
	uint32_t count = 0;
	uint32_t size = 0;

	pcre2_pattern_info(pattern->code, PCRE2_INFO_NAMECOUNT, &count);
	pcre2_pattern_info(pattern->code, PCRE2_INFO_NAMEENTRYSIZE, &size);
	pcre2_pattern_info(pattern->code, PCRE2_INFO_NAMETABLE, &names);
	for (uint32_t i = 0; i < count; i++, names += size) {
		size_t group = 0;

		while (group < GROUP_COUNT && strcmp(groups[group], (const char *)names + 2) != 0)
			group++;
		if (group == GROUP_COUNT)
			return "a group has an unknown name; known are v name qty unit price amount code rate d m y H "
			       "M S";
		pattern->numbers[group] = names[0] << 8 | names[1];
	}
	return NULL;
}

/* NULL, or what is wrong; @room holds a sentence of PCRE2. */
static const char *compile(struct pattern *pattern, const char *text, char room[SENTENCE_MAX])
{
	pcre2_compile_context *context = pcre2_compile_context_create(NULL);
	size_t size = 0;
	size_t where = 0;
	int code = 0;

	if (!context)
		return "no memory to compile it";
	pcre2_set_parens_nest_limit(context, NEST_LIMIT);
	/* What is matched is ASCII (struct row), so that the tables of Unicode need not be asked what a word is. */
	pattern->code = pcre2_compile((PCRE2_SPTR)text, strlen(text),
		PCRE2_UTF | PCRE2_NO_AUTO_CAPTURE | PCRE2_NEVER_BACKSLASH_C | PCRE2_DOLLAR_ENDONLY, &code, &where,
		context);
	pcre2_compile_context_free(context);
	if (!pattern->code) {
		char reason[SENTENCE_MAX - 40] = "";

		pcre2_get_error_message(code, (PCRE2_UCHAR *)reason, sizeof(reason));
		snprintf(room, SENTENCE_MAX, "%s, at letter %zu", reason, where + 1);
		return room;
	}
	if (pcre2_pattern_info(pattern->code, PCRE2_INFO_SIZE, &size) != 0 || size > COMPILED_MAX)
		return "this expression is too large; write it with fewer repetitions";
	return bind_groups(pattern);
}

static void need_groups(const struct profile *profile, const struct option_set *set, struct bytes *problems)
{
	for (size_t i = PATTERN_ROW_1; i <= PATTERN_TICKET_2; i++) {
		const struct pattern *pattern = &profile->patterns[i];
		bool is_ticket = i >= PATTERN_TICKET_1;

		if (!pattern->code)
			continue;
		if (!pattern->numbers[GROUP_QTY] || !pattern->numbers[is_ticket ? GROUP_NAME : GROUP_AMOUNT])
			tell(problems, options_get(set, "items", "", table[i].key),
				is_ticket ? "needs the groups name and qty" : "needs the groups qty and amount");
	}
}

static void compile_all(struct profile *profile, const struct option_set *set, struct bytes *problems)
{
	char room[SENTENCE_MAX];

	for (size_t i = 0; i < PATTERN_LAST_NUMBER; i++) {
		const struct option_value *value = options_get(set, table[i].section, "", table[i].key);
		const char *wrong = value ? compile(&profile->patterns[i], value->value, room) : NULL;

		if (wrong)
			tell(problems, value, wrong);
	}
	need_groups(profile, set, problems);
}

/* Without these nothing could ever be a sale: a profile that lacks them is a mistake. */
static void need_patterns(const struct profile *profile, const char *file, struct bytes *problems)
{
	static const enum profile_pattern needed[] = {
		PATTERN_ACCEPT_TITLE, PATTERN_ITEMS_STOP, PATTERN_ITEMS_NAME, PATTERN_ROW_1};

	for (size_t i = 0; i < ARRAY_LEN(needed); i++)
		if (!profile->patterns[needed[i]].code)
			bytes_printf(problems, "%s:1: [%s] %s is missing\n", file, table[needed[i]].section,
				table[needed[i]].key);
	if (!profile->patterns[PATTERN_TOTAL].code && !profile->patterns[PATTERN_SUM].code)
		bytes_printf(problems, "%s:1: [totals] needs total or sum\n", file);
}

static int fill(struct profile *profile, const struct option_set *set, const char *file, struct bytes *problems,
	struct fault *fault)
{
	const char *wrap = options_text(set, "items", "", "wrap");
	char room[SENTENCE_MAX];

	profile->scale = options_int(set, "profile", "", "scale");
	if (page_encoding_parse(options_text(set, "profile", "", "encoding"), &profile->encoding))
		profile->encoding = PAGE_ASCII;
	profile->wrap = *wrap == 'a' ? WRAP_ABOVE : *wrap == 'b' ? WRAP_BELOW : WRAP_NONE;
	profile->is_order_unsure = strcmp(options_text(set, "check", "", "order"), "unsure") == 0;
	compile_all(profile, set, problems);
	need_patterns(profile, file, problems);
	if (problems->len > 0)
		return FAULT(fault, FAULT_CONFIG, "%.*s", (int)strcspn((char *)problems->data, "\n"),
			(char *)problems->data);
	profile->limits = pcre2_match_context_create(NULL);
	profile->match = pcre2_match_data_create(OVECTOR_PAIRS, NULL);
	if (!profile->limits || !profile->match ||
		compile(&profile->patterns[PATTERN_LAST_NUMBER], last_number, room) ||
		compile(&profile->patterns[PATTERN_PERCENT], percent, room))
		return FAULT(fault, FAULT_MEMORY, "no memory for the profile %s", file);
	pcre2_set_match_limit(profile->limits, MATCH_LIMIT);
	pcre2_set_depth_limit(profile->limits, DEPTH_LIMIT);
	pcre2_set_heap_limit(profile->limits, HEAP_LIMIT_KIB);
	return 0;
}

enum page_encoding profile_encoding(const struct profile *profile)
{
	return profile->encoding;
}

int profile_new(
	const char *file, const struct bytes *ini, struct profile **ret, struct bytes *problems, struct fault *fault)
{
	const struct options_draft draft = {.file = file, .content = ini};
	CLEANUP(options_freep) struct option_set *set = NULL;
	CLEANUP(profile_freep) struct profile *profile = NULL;
	int result;

	if (ini->len > PROFILE_FILE_MAX) {
		bytes_printf(problems, "%s:1: a profile has at most %zu bytes\n", file, PROFILE_FILE_MAX);
		return FAULT(fault, FAULT_CONFIG, "%s:1: a profile has at most %zu bytes", file, PROFILE_FILE_MAX);
	}
	result = options_read_draft(table, NULL, &draft, &set, problems, fault);
	if (result < 0)
		return result;
	profile = calloc(1, sizeof(*profile));
	if (!profile)
		return FAULT(fault, FAULT_MEMORY, "no memory for the profile %s", file);
	result = fill(profile, set, file, problems, fault);
	if (result < 0)
		return result;
	*ret = profile;
	profile = NULL;
	return 0;
}

void profile_free(struct profile *profile)
{
	if (!profile)
		return;
	for (size_t i = 0; i < PATTERN_COUNT; i++)
		pcre2_code_free(profile->patterns[i].code);
	pcre2_match_data_free(profile->match);
	pcre2_match_context_free(profile->limits);
	free(profile);
}

int profile_match(
	struct profile *profile, enum profile_pattern which, const char *subject, size_t len, struct match *ret)
{
	const struct pattern *pattern = &profile->patterns[which];
	const size_t *pairs;
	int result;

	if (!pattern->code)
		return 0;
	result = pcre2_match(
		pattern->code, (PCRE2_SPTR)subject, len, 0, PCRE2_NO_UTF_CHECK, profile->match, profile->limits);
	if (result < 0)
		return result == PCRE2_ERROR_NOMATCH ? 0 : -1;
	pairs = pcre2_get_ovector_pointer(profile->match);
	ret->start = pairs[0];
	for (size_t i = 0; i < GROUP_COUNT; i++) {
		int number = pattern->numbers[i];
		bool is_there = number > 0 && number < OVECTOR_PAIRS && (result == 0 || number < result) &&
				pairs[2 * number] != PCRE2_UNSET;

		ret->from[i] = is_there ? pairs[2 * number] : 1;
		ret->to[i] = is_there ? pairs[2 * number + 1] : 0;
	}
	return 1;
}
