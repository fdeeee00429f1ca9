#include "capture/learn.h"

#include <stdio.h>
#include <string.h>

#include "capture/learn_parts.h"
#include "capture/profile.h"

#define PATTERN_MAX  1000 /* letters of a profile's expression */
#define SECTION_MAX  32
#define DOUBTS_MAX   40
#define BEHIND_LABEL "(?=[\\s:.=(-]*(?:vnd|d)?[\\s(-]*\\d)"
#define CLOCK	     "(?<H>\\d{1,2})\\s?[:h]\\s?(?<M>\\d{2})(?:\\s?[:m]\\s?(?<S>\\d{2}))?"
#define YEAR	     "(?<y>\\d{4}|\\d{2})\\b"

/* How tills write a date. That of the base is tried first; day and month are exchanged last, where no other can be read. */
static const char *const times[] = {NULL, "\\b(?<d>\\d{1,2})[/.-](?<m>\\d{1,2})[/.-]" YEAR "\\D{1,16}" CLOCK,
	"\\b" CLOCK "\\D{1,16}(?<d>\\d{1,2})[/.-](?<m>\\d{1,2})[/.-]" YEAR,
	"\\b(?<y>\\d{4})[/.-](?<m>\\d{1,2})[/.-](?<d>\\d{1,2})\\D{1,16}" CLOCK,
	"\\b" CLOCK "\\D{1,16}(?<y>\\d{4})[/.-](?<m>\\d{1,2})[/.-](?<d>\\d{1,2})\\b",
	"\\bngay\\s+(?<d>\\d{1,2})\\s+thang\\s+(?<m>\\d{1,2})\\s+nam\\s+(?<y>\\d{4})(?:\\D{1,16}" CLOCK ")?",
	"\\b(?<d>\\d{1,2})[/.-](?<m>\\d{1,2})[/.-]" YEAR, "\\b(?<y>\\d{4})[/.-](?<m>\\d{1,2})[/.-](?<d>\\d{1,2})\\b",
	"\\b(?<m>\\d{1,2})/(?<d>\\d{1,2})/" YEAR "\\D{1,16}" CLOCK};

#define X_WORD(name, word, vi)	    word,
#define X_VI(name, word, vi)	    vi,
#define X_DOUBT(name, word, en, vi) {word, en, vi},
static const char *const field_words[] = {LEARN_FIELDS(X_WORD)};
static const char *const field_vi[] = {LEARN_FIELDS(X_VI)};
static const struct {
	const char *word, *en, *vi;
} doubts[] = {LEARN_DOUBTS(X_DOUBT)};

const char *learn_field_word(int field, bool is_vi)
{
	return field < 0 || field >= LEARN_FIELD_COUNT ? "?" : is_vi ? field_vi[field] : field_words[field];
}

const char *learn_doubt_word(int doubt)
{
	return doubt < 0 || doubt >= LEARN_DOUBT_COUNT ? "?" : doubts[doubt].word;
}

const char *learn_doubt_text(int doubt, bool is_vi)
{
	return doubt < 0 || doubt >= LEARN_DOUBT_COUNT ? "?" : is_vi ? doubts[doubt].vi : doubts[doubt].en;
}

void learn_doubt(struct learner *learner, enum learn_doubt doubt, const char *line)
{
	struct lesson *lesson = learner->lesson;

	for (size_t i = 0; i < lesson->doubt_count; i++)
		if (lesson->doubts[i].doubt == doubt && doubt != DOUBT_LABEL)
			return;
	if (lesson->doubt_count < DOUBTS_MAX)
		lesson->doubts[lesson->doubt_count++] = (struct lesson_doubt){doubt, line};
}

void learn_sure(struct learner *learner, enum learn_field field, int confidence, const char *line)
{
	if (confidence <= learner->lesson->confidence[field])
		return;
	learner->lesson->confidence[field] = confidence;
	learner->lesson->line[field] = line;
}

const char *learn_text(struct learner *learner, const struct row *row, size_t from, size_t to)
{
	const char *text = arena_copy(learner->arena, row->fold + from, to - from);

	learner->is_out_of_memory |= text == NULL;
	return text ? text : "";
}

static bool is_letter(char c)
{
	return (c >= 'a' && c <= 'z') || (c >= '0' && c <= '9');
}

bool learn_has_word(const char *text, const char *words)
{
	while (*words) {
		size_t len = strcspn(words, "|");

		for (const char *at = text; *at; at++)
			if (strncmp(at, words, len) == 0 && (at == text || !is_letter(at[-1])) && !is_letter(at[len]))
				return true;
		words += len + (words[len] == '|');
	}
	return false;
}

/* ---- Writing the profile ---- */

struct writer {
	struct learner *learner;
	struct bytes *out;
	const char *stop; /* of the base */
	struct bytes all; /* every label that has a role, as one expression; empty: none */
	char section[SECTION_MAX];
	bool has_rows;
};

/* @text as an expression that fits it alone: blanks may be wider, "\" ends no quotation, and in a key "#" is any number. */
static void write_quoted(struct bytes *out, const char *text, bool is_key)
{
	while (*text) {
		size_t len = strcspn(text, is_key ? " \\#" : " \\");

		if (len > 0)
			bytes_printf(out, "\\Q%.*s\\E", (int)len, text);
		text += len;
		if (*text == ' ')
			bytes_text(out, "\\s+");
		else if (*text == '#')
			bytes_text(out, "(?:#|\\d[\\d.,]*)");
		else if (*text == '\\')
			bytes_text(out, "\\\\");
		text += *text != '\0';
	}
}

/* The labels of @role, ROLE_COUNT: of all; false: there are none. */
static bool write_labels(const struct learner *learner, enum learn_role role, struct bytes *out)
{
	bool has = false;

	for (size_t i = 0; i < learner->label_count; i++) {
		const struct label *label = &learner->labels[i];

		if (label->role == ROLE_NONE || (role != ROLE_COUNT && label->role != role))
			continue;
		bytes_text(out, has ? "|" : "(?:");
		write_quoted(out, label->key, true);
		has = true;
	}
	bytes_text(out, has ? ")" BEHIND_LABEL : "");
	return has;
}

static void write_from(struct writer *writer, const char *line)
{
	if (line)
		bytes_printf(writer->out, "# %s\n", line + strspn(line, " "));
}

static void write_key(struct writer *writer, const char *key, const struct bytes *pattern)
{
	bytes_printf(writer->out, "%s = %.*s\n", key, (int)pattern->len, (const char *)pattern->data);
}

/* Of the two the first that a profile can hold. */
static void write_shorter(struct writer *writer, const char *key, const struct bytes *pattern, const char *other)
{
	if (pattern->len <= PATTERN_MAX)
		write_key(writer, key, pattern);
	else
		bytes_printf(writer->out, "%s = %s\n", key, other);
}

/* A role of the lines below the items: its labels, then the words of the base, but for labels of which more is known. */
static void write_role(struct writer *writer, enum learn_role role, const char *key, const char *base)
{
	BYTES_CLEANUP struct bytes pattern = {.max = (size_t)64 << 10};
	BYTES_CLEANUP struct bytes own = {.max = (size_t)64 << 10};
	bool has;

	for (size_t i = 0; i < writer->learner->label_count; i++)
		if (writer->learner->labels[i].role == role)
			write_from(writer, writer->learner->labels[i].line);
	bytes_text(&own, "^");
	has = write_labels(writer->learner, role, &own);
	bytes_printf(&pattern, "%s", has ? (const char *)own.data : "");
	bytes_text(&pattern, has ? "|" : "");
	if (writer->all.len > 0)
		bytes_printf(&pattern, "^(?!%s)", (const char *)writer->all.data);
	bytes_printf(&pattern, "(?:%s)", base);
	write_shorter(writer, key, &pattern, has ? (const char *)own.data : base);
}

static void write_rows(struct writer *writer)
{
	const struct learner *learner = writer->learner;

	writer->has_rows = true;
	for (size_t i = 0; i < learner->shape_count; i++) {
		BYTES_CLEANUP struct bytes guarded = {.max = (size_t)64 << 10};
		BYTES_CLEANUP struct bytes plain = {.max = (size_t)64 << 10};
		char key[SECTION_MAX];

		snprintf(key, sizeof(key), "row%zu", i + 1);
		bytes_text(&plain, "^");
		/* Nothing proves a row without a price: what could be a sum is none. */
		if (!learn_shape_has(&learner->shapes[i], 'P') && writer->stop)
			bytes_printf(&plain, "(?!\\s*(?:%s))", writer->stop + (*writer->stop == '^'));
		bytes_append(&guarded, plain.data, plain.len);
		if (writer->all.len > 0)
			bytes_printf(&guarded, "(?!\\s*%s)", (const char *)writer->all.data);
		learn_shape_write(&learner->shapes[i], &plain);
		learn_shape_write(&learner->shapes[i], &guarded);
		write_from(writer, learner->shape_lines[i]);
		write_shorter(writer, key, &guarded, (const char *)plain.data);
	}
}

/* What was learned in front of what the base has. */
static void write_before(struct writer *writer, const char *key, const char *before, const char *text,
	const char *behind, const char *base)
{
	BYTES_CLEANUP struct bytes pattern = {.max = (size_t)64 << 10};

	bytes_text(&pattern, before);
	write_quoted(&pattern, text, false);
	bytes_text(&pattern, behind);
	if (base)
		bytes_printf(&pattern, "|(?:%s)", base);
	write_key(writer, key, &pattern);
}

static bool write_items(struct writer *writer, const char *key, const char *base)
{
	const struct learner *learner = writer->learner;

	if (strcmp(key, "stop") == 0)
		writer->stop = base;

	if (strncmp(key, "row", 3) == 0 && learner->shape_count > 0) {
		if (!writer->has_rows)
			write_rows(writer);
	} else if (strcmp(key, "start") == 0 && learner->start) {
		write_before(writer, key, "^", learner->start, "$", NULL);
	} else if (strcmp(key, "start") == 0) {
		bytes_printf(writer->out, "%s = ^(?!.*\\d)(?:%s)\n", key, base);
	} else if (strcmp(key, "stop") == 0 && writer->all.len > 0) {
		BYTES_CLEANUP struct bytes pattern = {.max = (size_t)64 << 10};

		bytes_printf(&pattern, "^%s|(?:%s)", (const char *)writer->all.data, base);
		write_shorter(writer, key, &pattern, base);
	} else if (strcmp(key, "discount") == 0 && learner->promotion) {
		write_from(writer, learner->promotion_line);
		write_before(writer, key, "^\\s*", learner->promotion,
			learner->is_promotion_negative ? "\\b.*[-(]\\s?\\d" : "\\b.*\\d", base);
	} else if (strcmp(key, "name") == 0 && learner->name_begins) {
		write_from(writer, learner->name_line);
		bytes_printf(writer->out, "%s = ^%s\\s*(?<v>\\S.*)$\n", key, learner->name_begins);
	} else if (strcmp(key, "note") == 0 && learner->marks) {
		write_from(writer, learner->mark_line);
		write_before(writer, key, "^\\s*", learner->marks, "\\s*(?<v>\\S.*)$", NULL);
	} else if (strcmp(key, "note") == 0 && learner->name_begins) {
		bytes_printf(writer->out, "%s = ^(?!\\s*%s)(?:%s)\n", key, learner->name_begins, base);
	} else {
		return false;
	}
	return true;
}

static void write_number(struct writer *writer, const char *key)
{
	char behind[SECTION_MAX * 2];

	snprintf(
		behind, sizeof(behind), "%s(?<v>(?=[a-z/_.-]*\\d)[a-z0-9][a-z0-9/_.-]*)", writer->learner->number_mark);
	write_before(
		writer, key, writer->learner->is_number_first ? "^" : "\\s", writer->learner->number, behind, NULL);
}

static bool write_head(struct writer *writer, const char *key)
{
	const struct learner *learner = writer->learner;

	if (strcmp(key, "title") == 0 && learner->title) {
		write_from(writer, learner->title_line);
		write_before(writer, key, "^", learner->title, "$", NULL);
	} else if (strcmp(key, "number") == 0 && learner->number) {
		write_from(writer, learner->number_line);
		write_number(writer, key);
	} else if (strcmp(key, "table") == 0 && learner->table) {
		write_from(writer, learner->table_line);
		write_before(writer, key, "(?:^|\\s)\\W*", learner->table, "\\s*:\\s*(?<v>\\S+)", NULL);
	} else if (strcmp(key, "time") == 0 && learner->time) {
		bytes_printf(writer->out, "%s = %s\n", key, learner->time);
	} else {
		return false;
	}
	return true;
}

/* A title of paid bills may have words of other papers ("phiếu xuất"); never those of a bill before it is paid, a copy, a void or a return. */
static bool write_reject(struct writer *writer, const char *key, const char *base)
{
	BYTES_CLEANUP struct bytes pattern = {.max = (size_t)64 << 10};

	if (!writer->learner->title || (strcmp(key, "other") != 0 && strcmp(key, "kitchen") != 0))
		return false;
	bytes_text(&pattern, "^(?!");
	write_quoted(&pattern, writer->learner->title, false);
	bytes_printf(&pattern, "$).*(?:%s)", base);
	write_key(writer, key, &pattern);
	return true;
}

static bool write_totals(struct writer *writer, const char *key, const char *base)
{
	for (int role = ROLE_NONE + 1; role < ROLE_COUNT; role++) {
		if (strcmp(learn_role_section((enum learn_role)role), writer->section) != 0 ||
			strcmp(learn_role_key((enum learn_role)role), key) != 0)
			continue;
		write_role(writer, (enum learn_role)role, key, base);
		return true;
	}
	return false;
}

static void write_setting(struct writer *writer, const char *key, const char *base)
{
	bool is_head = strcmp(writer->section, "accept") == 0 || strcmp(writer->section, "header") == 0;
	bool is_written = false;

	if (strcmp(writer->section, "profile") == 0 && strcmp(key, "name") == 0)
		base = "learned";
	else if (strcmp(writer->section, "check") == 0 && strcmp(key, "order") == 0)
		base = writer->learner->is_order_sure ? "sure" : "unsure";
	else if (strcmp(writer->section, "reject") == 0)
		is_written = write_reject(writer, key, base);
	else if (strcmp(writer->section, "items") == 0)
		is_written = write_items(writer, key, base);
	else
		is_written = is_head ? write_head(writer, key) : write_totals(writer, key, base);
	if (!is_written)
		bytes_printf(writer->out, "%s = %s\n", key, base);
}

static void write_summary(struct writer *writer)
{
	const struct lesson *lesson = writer->learner->lesson;

	bytes_text(writer->out, "# Proposed by hoadon capture learn; look at it before it is used. Lines of the paper "
				"stand above what was learned "
				"from them.\n");
	for (int i = 0; i < LEARN_FIELD_COUNT; i++)
		bytes_printf(writer->out, "# %s: %d %%\n", field_words[i], lesson->confidence[i]);
	for (size_t i = 0; i < lesson->doubt_count; i++)
		bytes_printf(writer->out, "# ? %s\n", doubts[lesson->doubts[i].doubt].en);
}

/* The base, line by line, each with what was learned. */
static void write_profile(struct learner *learner, const struct bytes *base, struct bytes *out)
{
	struct writer writer = {.learner = learner, .out = out};
	const char *text = arena_copy(learner->arena, base->data, base->len);

	bytes_init(&writer.all, (size_t)64 << 10);
	write_labels(learner, ROLE_COUNT, &writer.all);
	if (writer.all.len > PATTERN_MAX)
		bytes_clear(&writer.all);
	write_summary(&writer);
	for (const char *line = text; line && *line;) {
		size_t len = strcspn(line, "\n");
		const char *equals = memchr(line, '=', len);
		size_t key = equals ? (size_t)(equals - line) : 0;

		while (key > 0 && line[key - 1] == ' ')
			key--;
		if (*line == '[') {
			snprintf(writer.section, sizeof(writer.section), "%.*s", (int)(strcspn(line, "]") - 1),
				line + 1);
			bytes_printf(out, "\n[%s]\n", writer.section);
		} else if (*line != '#' && *line != ';' && key > 0) {
			const char *value = equals + 1 + strspn(equals + 1, " ");
			size_t value_len = len - (size_t)(value - line);

			write_setting(&writer, learn_text(learner, &(struct row){.fold = line}, 0, key),
				learn_text(learner, &(struct row){.fold = value}, 0, value_len));
		}
		line += len + (line[len] == '\n');
	}
	learner->is_out_of_memory |= !text || writer.all.failed || out->failed;
	bytes_done(&writer.all);
}

/* ---- Proving it ---- */

/* The bills as the profile reads them. */
static int read_bills(struct learner *learner, const struct page *pages, struct fault *fault)
{
	BYTES_CLEANUP struct bytes problems = {.max = 4096};
	CLEANUP(profile_freep) struct profile *profile = NULL;
	struct lesson *lesson = learner->lesson;
	int result = profile_new("learned", &lesson->ini, &profile, &problems, fault);

	for (size_t b = 0; result == 0 && b < learner->bill_count; b++)
		result = profile_read(profile, &pages[b], learner->arena, &lesson->readings[b], fault);
	return result;
}

/* Dates that were read, a time of day among them counts a little more. */
static int points_of_time(const struct learner *learner)
{
	int points = 0;
	bool has_clock = false;

	for (size_t b = 0; b < learner->bill_count; b++) {
		const struct reading *reading = &learner->lesson->readings[b];

		has_clock |= reading->sold_at.hour > 0 || reading->sold_at.minute > 0;
		points += reading->sold_at.has_date && reading->review != REVIEW_TIME ? 2 : 0;
	}
	return points + has_clock;
}

static int learn_time(struct learner *learner, const struct page *pages, const struct bytes *base, struct fault *fault)
{
	int best = -1;
	const char *time = NULL;
	int result = 0;

	for (size_t i = 0; result == 0 && i < ARRAY_LEN(times) && best < 2 * (int)learner->bill_count + 1; i++) {
		learner->time = times[i];
		bytes_clear(&learner->lesson->ini);
		write_profile(learner, base, &learner->lesson->ini);
		result = read_bills(learner, pages, fault);
		if (result == 0 && points_of_time(learner) > best) {
			best = points_of_time(learner);
			time = times[i];
		}
	}
	learner->time = time;
	if (best < 2 * (int)learner->bill_count)
		learn_doubt(learner, DOUBT_TIME, NULL);
	else
		learn_sure(learner, LEARN_TIME, best > 2 * (int)learner->bill_count ? 95 : 70, NULL);
	return result;
}

static bool make_bills(struct learner *learner, const struct page *pages)
{
	for (size_t b = 0; b < learner->bill_count; b++) {
		struct learn_bill *bill = &learner->bills[b];

		bill->row_count = pages[b].line_count < PROFILE_LINES_MAX ? pages[b].line_count : PROFILE_LINES_MAX;
		bill->rows = ARENA_ARRAY(learner->arena, struct learn_row, bill->row_count + 1);
		for (size_t i = 0; bill->rows && i < bill->row_count; i++) {
			if (!row_make(learner->arena, pages[b].lines[i].text, &bill->rows[i].row))
				return false;
			learn_tokens(&bill->rows[i]);
		}
		if (!bill->rows)
			return false;
	}
	return true;
}

void lesson_done(struct lesson *lesson)
{
	bytes_done(&lesson->ini);
}

int learn_profile(const struct page *pages, size_t count, const struct bytes *base, struct arena *arena,
	struct lesson *ret, struct fault *fault)
{
	struct learner learner = {.arena = arena, .bill_count = count, .lesson = ret};
	int result;

	*ret = (struct lesson){.doubts = ARENA_ARRAY(arena, struct lesson_doubt, DOUBTS_MAX)};
	bytes_init(&ret->ini, PROFILE_FILE_MAX);
	learner.bills = ARENA_ARRAY(arena, struct learn_bill, count + 1);
	if (!ret->doubts || !learner.bills || !make_bills(&learner, pages))
		return FAULT(fault, FAULT_MEMORY, "no memory for %zu bills", count);
	if (count < 3)
		learn_doubt(&learner, DOUBT_FEW, NULL);
	learn_items(&learner);
	learn_totals(&learner);
	learn_head(&learner);
	result = learn_time(&learner, pages, base, fault);
	if (result == 0) {
		bytes_clear(&ret->ini);
		write_profile(&learner, base, &ret->ini);
		result = read_bills(&learner, pages, fault);
	}
	if (result == 0 && learner.is_out_of_memory)
		return FAULT(fault, FAULT_MEMORY, "no memory for %zu bills", count);
	return result;
}
