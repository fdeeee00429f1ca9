#include "base/options.h"

#include <assert.h>
#include <dirent.h>
#include <errno.h>
#include <limits.h>
#include <stdbool.h>
#include <stdio.h>
#include <string.h>

#include "base/arena.h"
#include "base/file.h"
#include "base/text.h"

#define OPTIONS_FILE_MAX   ((size_t)1 << 20)
#define OPTIONS_TEXT_MAX   ((size_t)8 << 20)
#define OPTIONS_FILES_MAX  1000
#define OPTIONS_NAME_MAX   64 /* bytes of a section, NAME or key that are looked at when a near one is searched */
#define OPTIONS_QUOTED_MAX 60 /* bytes of a wrong word that a problem repeats */

/* A named section that a file opened, also when nothing is set in it: [till T01] alone is a till with defaults. */
struct section_name {
	struct section_name *next;
	const char *section;
	const char *name;
};

struct option_set {
	const struct option *table;
	struct arena *arena;
	struct option_value *values;
	size_t count;
	size_t room;
	struct section_name *names; /* in order of appearance */
	struct section_name **names_end;
};

/* Where the reader stands. */
struct place {
	struct option_set *set;
	struct bytes *problems;
	const char *file; /* in the set's arena */
	int line;
	const char *section; /* NULL before the first header and behind a wrong one */
	const char *name;
	bool is_skipping; /* the header was wrong and has been told: its keys are not told again */
};

static void tell_place(const struct place *place)
{
	bytes_printf(place->problems, "%s:%d: ", place->file, place->line);
}

/* A word of the file, as far as it may be shown: no controls, not endless. */
static void tell_word(struct bytes *problems, const char *word)
{
	size_t len = 0;

	while (word[len] && (len < OPTIONS_QUOTED_MAX || ((unsigned char)word[len] & 0xC0) == 0x80))
		len++;
	for (size_t i = 0; i < len; i++)
		bytes_char(problems, (unsigned char)word[i] < 0x20 || word[i] == 0x7F ? '?' : word[i]);
	if (word[len])
		bytes_text(problems, "...");
}

static size_t least(size_t a, size_t b, size_t c)
{
	size_t d = a < b ? a : b;

	return d < c ? d : c;
}

/* Insertions, deletions and replacements between two words (Levenshtein); only their first OPTIONS_NAME_MAX bytes. */
static size_t edit_distance(const char *a, const char *b)
{
	size_t a_len = strnlen(a, OPTIONS_NAME_MAX);
	size_t b_len = strnlen(b, OPTIONS_NAME_MAX);
	size_t row[OPTIONS_NAME_MAX + 1];

	for (size_t k = 0; k <= b_len; k++)
		row[k] = k;
	for (size_t i = 1; i <= a_len; i++) {
		size_t diagonal = row[0];

		row[0] = i;
		for (size_t k = 1; k <= b_len; k++) {
			size_t above = row[k];

			row[k] = least(above + 1, row[k - 1] + 1, diagonal + (a[i - 1] != b[k - 1]));
			diagonal = above;
		}
	}
	return row[b_len];
}

/* Keeps @candidate in *@best when it is nearer to @word; what is too far away would only confuse. */
static void offer(const char *word, const char *candidate, const char **best, size_t *best_distance)
{
	size_t distance = edit_distance(word, candidate);

	if (distance <= 1 + strlen(candidate) / 3 && distance < *best_distance) {
		*best = candidate;
		*best_distance = distance;
	}
}

static const char *nearest_section(const struct option *table, const char *word)
{
	const char *best = NULL;
	size_t distance = SIZE_MAX;

	for (; table->section; table++)
		offer(word, table->section, &best, &distance);
	return best;
}

static const char *nearest_key(const struct option *table, const char *section, const char *word)
{
	const char *best = NULL;
	size_t distance = SIZE_MAX;

	for (; table->section; table++)
		if (strcmp(table->section, section) == 0)
			offer(word, table->key, &best, &distance);
	return best;
}

static const struct option *find_option(const struct option *table, const char *section, const char *key)
{
	for (; table->section; table++)
		if (strcmp(table->section, section) == 0 && (!key || strcmp(table->key, key) == 0))
			return table;
	return NULL;
}

static void tell_unknown(const struct place *place, const char *what, const char *word, const char *near)
{
	tell_place(place);
	bytes_printf(place->problems, "unknown %s \"", what);
	tell_word(place->problems, word);
	bytes_char(place->problems, '"');
	if (near)
		bytes_printf(place->problems, "; did you mean \"%s\"?", near);
	bytes_char(place->problems, '\n');
}

static void tell(const struct place *place, const char *sentence)
{
	tell_place(place);
	bytes_printf(place->problems, "%s\n", sentence);
}

/* In place. */
static char *trimmed(char *text)
{
	size_t len;

	text += strspn(text, " \t\r");
	len = strlen(text);
	while (len > 0 && strchr(" \t\r", text[len - 1]))
		text[--len] = '\0';
	return text;
}

static const char *known_name(const struct option_set *set, const char *section, const char *name)
{
	for (const struct section_name *i = set->names; i; i = i->next)
		if (strcmp(i->section, section) == 0 && strcmp(i->name, name) == 0)
			return i->name;
	return NULL;
}

/* The set's own copy of NAME; NULL without memory. */
static const char *remember_name(struct option_set *set, const char *section, const char *name)
{
	struct section_name *entry;
	const char *clean = NULL;
	const char *known;

	if (text_clean(set->arena, name, strlen(name), 0, &clean) != TEXT_OK)
		return NULL;
	known = known_name(set, section, clean);
	if (known)
		return known;
	entry = ARENA_NEW(set->arena, struct section_name);
	if (!entry)
		return NULL;
	entry->section = section;
	entry->name = clean;
	*set->names_end = entry;
	set->names_end = &entry->next;
	return entry->name;
}

static int no_memory(struct fault *fault)
{
	return FAULT(fault, FAULT_MEMORY, "no memory for the configuration, or it is larger than %zu bytes",
		OPTIONS_TEXT_MAX);
}

static int enter_section(struct place *place, const char *section, const char *name, struct fault *fault)
{
	const struct option *option = find_option(place->set->table, section, NULL);

	place->is_skipping = true;
	if (!option) {
		tell_unknown(place, "section", section, nearest_section(place->set->table, section));
		return 0;
	}
	if (!option->is_named && *name) {
		tell(place, "this section takes no name: write only the word in brackets");
		return 0;
	}
	if (option->is_named && !*name) {
		tell_place(place);
		bytes_printf(
			place->problems, "section [%s] needs a name: [%s NAME]\n", option->section, option->section);
		return 0;
	}
	place->section = option->section;
	place->name = option->is_named ? remember_name(place->set, option->section, name) : "";
	place->is_skipping = false;
	return place->name ? 0 : no_memory(fault);
}

/* @line begins with "[". */
static int read_header(struct place *place, char *line, struct fault *fault)
{
	size_t len = strlen(line);
	char *section;
	char *name;

	if (line[len - 1] != ']') {
		place->is_skipping = true;
		tell(place, "a section ends with \"]\"");
		return 0;
	}
	line[len - 1] = '\0';
	section = trimmed(line + 1);
	name = section + strcspn(section, " \t");
	if (*name)
		*name++ = '\0';
	return enter_section(place, section, trimmed(name), fault);
}

static bool is_whole_number(const char *text, int64_t *ret)
{
	char *end;

	if (!(*text >= '0' && *text <= '9') && !(*text == '-' && text[1] >= '0' && text[1] <= '9'))
		return false;
	errno = 0;
	*ret = strtoll(text, &end, 10);
	return errno == 0 && *end == '\0';
}

/* 0, 1, or -1 when @text is no flag. */
static int flag_value(const char *text)
{
	static const char *const words[][2] = {{"no", "yes"}, {"false", "true"}, {"0", "1"}};

	for (size_t i = 0; i < ARRAY_LEN(words); i++)
		for (int value = 0; value < 2; value++)
			if (strcmp(text, words[i][value]) == 0)
				return value;
	return -1;
}

static bool is_choice(const char *choices, const char *text)
{
	size_t len = strlen(text);

	while (len > 0 && *choices) {
		size_t choice_len = strcspn(choices, "|");

		if (choice_len == len && memcmp(choices, text, len) == 0)
			return true;
		choices += choice_len + (choices[choice_len] == '|');
	}
	return false;
}

/* "KEY = VALUE is not …"; a secret is never repeated. */
static void tell_value(const struct place *place, const struct option *option, const char *value)
{
	tell_place(place);
	bytes_text(place->problems, option->key);
	if (option->type != OPTION_SECRET) {
		bytes_text(place->problems, " = ");
		tell_word(place->problems, value);
	}
	bytes_text(place->problems, ": ");
}

static bool check_int(const struct place *place, const struct option *option, const char *value)
{
	int64_t number;
	bool is_number = is_whole_number(value, &number);

	if (is_number && number >= option->min && number <= option->max)
		return true;
	tell_value(place, option, value);
	bytes_printf(place->problems, "must be a whole number from %lld to %lld\n", (long long)option->min,
		(long long)option->max);
	return false;
}

static bool check_flag(const struct place *place, const struct option *option, const char *value)
{
	if (flag_value(value) >= 0)
		return true;
	tell_value(place, option, value);
	bytes_text(place->problems, "must be yes or no\n");
	return false;
}

static bool check_choice(const struct place *place, const struct option *option, const char *value)
{
	if (is_choice(option->choices, value))
		return true;
	tell_value(place, option, value);
	bytes_printf(place->problems, "must be one of %s\n", option->choices);
	return false;
}

/* A setting without a longest length ends at the bound of every path and text of the program. */
static bool check_length(const struct place *place, const struct option *option, const char *value)
{
	int64_t points = (int64_t)text_points(value);
	int64_t shortest = option->type == OPTION_TEXT ? option->min : 1;
	int64_t longest = option->type == OPTION_TEXT && option->max > 0 ? option->max : PATH_MAX - 1;

	if (points >= shortest && points <= longest)
		return true;
	tell_value(place, option, value);
	bytes_printf(place->problems, "must have %lld to %lld characters, not %lld\n", (long long)shortest,
		(long long)longest, (long long)points);
	return false;
}

static bool check_value(const struct place *place, const struct option *option, const char *value)
{
	switch (option->type) {
	case OPTION_INT:
		return check_int(place, option, value);
	case OPTION_FLAG:
		return check_flag(place, option, value);
	case OPTION_CHOICE:
		return check_choice(place, option, value);
	case OPTION_TEXT:
	case OPTION_PATH:
	case OPTION_SECRET:
		return check_length(place, option, value);
	}
	assert(!"an option type without a check");
	return false;
}

/* NFC, except paths and secrets, whose bytes mean what they are; NULL without memory, since the line is known to be clean. */
static const char *kept_text(struct arena *arena, const struct option *option, const char *value)
{
	const char *clean = NULL;

	if (option->type == OPTION_PATH || option->type == OPTION_SECRET)
		return arena_strdup(arena, value);
	return text_clean(arena, value, strlen(value), 0, &clean) == TEXT_OK ? clean : NULL;
}

static int keep_value(struct place *place, const struct option *option, const char *value, struct fault *fault)
{
	struct option_set *set = place->set;

	if (set->count == set->room) {
		size_t room = set->room ? set->room * 2 : 64;
		struct option_value *values = realloc(set->values, room * sizeof(*values));

		if (!values)
			return no_memory(fault);
		set->values = values;
		set->room = room;
	}
	set->values[set->count++] = (struct option_value){
		.option = option, .name = place->name, .value = value, .file = place->file, .line = place->line};
	return 0;
}

static int read_setting(struct place *place, char *line, struct fault *fault)
{
	char *equals = strchr(line, '=');
	const struct option *option;
	const char *value;
	const char *key;

	if (!equals || equals == line) {
		/* The line is not repeated: it may be the second half of a secret. */
		tell(place, "this is neither [section] nor key = value");
		return 0;
	}
	*equals = '\0';
	key = trimmed(line);
	option = find_option(place->set->table, place->section, key);
	if (!option) {
		tell_unknown(place, "setting", key, nearest_key(place->set->table, place->section, key));
		return 0;
	}
	value = kept_text(place->set->arena, option, trimmed(equals + 1));
	if (!value)
		return no_memory(fault);
	return check_value(place, option, value) ? keep_value(place, option, value, fault) : 0;
}

static int read_line(struct place *place, char *text, struct fault *fault)
{
	char *line = trimmed(text);

	if (*line == '\0' || *line == '#' || *line == ';')
		return 0;
	if (*line == '[')
		return read_header(place, line, fault);
	if (place->is_skipping)
		return 0;
	if (!place->section) {
		tell(place, "this setting stands before the first [section]");
		return 0;
	}
	return read_setting(place, line, fault);
}

/* Whether the line holds text at all; what it is not is told. */
static bool is_clean(const struct place *place, const char *line, size_t len, int *ret_result, struct fault *fault)
{
	const char *clean;
	int result = text_clean(place->set->arena, line, len, 0, &clean);

	if (result == TEXT_MEMORY)
		*ret_result = no_memory(fault);
	else if (result == TEXT_ENCODING)
		tell(place, "this line is not UTF-8; save the file as UTF-8");
	else if (result != TEXT_OK)
		tell(place, "this line holds control or direction characters; type it anew");
	return result == TEXT_OK;
}

static int read_lines(struct place *place, char *text, size_t len, struct fault *fault)
{
	char *end = text + len;
	int result = 0;

	while (text < end && result >= 0) {
		char *line_end = memchr(text, '\n', (size_t)(end - text));

		if (!line_end)
			line_end = end;
		*line_end = '\0';
		place->line++;
		if (is_clean(place, text, (size_t)(line_end - text), &result, fault))
			result = read_line(place, text, fault);
		else if (*trimmed(text) == '[')
			place->is_skipping = true;
		text = line_end + 1;
	}
	return result;
}

/* @content is cut up. */
static int read_content(
	struct option_set *set, const char *path, struct bytes *content, struct bytes *problems, struct fault *fault)
{
	struct place place = {.set = set, .problems = problems, .file = arena_strdup(set->arena, path), .name = ""};
	size_t start;

	if (!place.file)
		return no_memory(fault);
	/* Windows editors put a byte order mark in front. */
	start = content->len >= 3 && memcmp(content->data, "\xEF\xBB\xBF", 3) == 0 ? 3 : 0;
	return read_lines(&place, (char *)content->data + start, content->len - start, fault);
}

static int read_file(struct option_set *set, const char *path, struct bytes *problems, struct fault *fault)
{
	BYTES_CLEANUP struct bytes content = {.max = OPTIONS_FILE_MAX};
	int result = file_read(path, &content, fault);

	return result < 0 ? result : read_content(set, path, &content, problems, fault);
}

static int read_draft(
	struct option_set *set, const struct options_draft *draft, struct bytes *problems, struct fault *fault)
{
	BYTES_CLEANUP struct bytes content = {.max = OPTIONS_FILE_MAX};

	bytes_append(&content, draft->content->data, draft->content->len);
	if (content.failed)
		return no_memory(fault);
	return read_content(set, draft->file, &content, problems, fault);
}

/* A dot in front hides unfinished files, as for a shell's *.conf. */
static int is_conf(const struct dirent *entry)
{
	size_t len = strlen(entry->d_name);

	return entry->d_name[0] != '.' && len > 5 && strcmp(entry->d_name + len - 5, ".conf") == 0;
}

/* By bytes, not by locale: the order of files decides which value wins. */
static int by_name(const struct dirent **a, const struct dirent **b)
{
	return strcmp((*a)->d_name, (*b)->d_name);
}

static int read_named(
	struct option_set *set, const char *dir, const char *name, struct bytes *problems, struct fault *fault)
{
	CLEANUP(freep) char *path = NULL;

	if (asprintf(&path, "%s/%s", dir, name) < 0) {
		path = NULL;
		return no_memory(fault);
	}
	return read_file(set, path, problems, fault);
}

static int read_parts(struct option_set *set, const char *dir, const struct options_draft *draft,
	struct bytes *problems, struct fault *fault)
{
	struct dirent **entries = NULL;
	int count = scandir(dir, &entries, is_conf, by_name);
	int result = 0;

	if (count < 0 && errno != ENOENT)
		return FAULT(fault, FAULT_IO, "%s cannot be read: %s", dir, strerror(errno));
	if (count > OPTIONS_FILES_MAX)
		result = FAULT(fault, FAULT_CONFIG, "%s holds more than %d files", dir, OPTIONS_FILES_MAX);
	for (int i = 0; i < count; i++) {
		int order = draft ? strcmp(entries[i]->d_name, draft->name) : -1;

		if (result >= 0 && order >= 0) {
			result = read_draft(set, draft, problems, fault);
			draft = NULL;
		}
		if (result >= 0 && order != 0)
			result = read_named(set, dir, entries[i]->d_name, problems, fault);
		free(entries[i]);
	}
	free(entries);
	return result >= 0 && draft ? read_draft(set, draft, problems, fault) : result;
}

static struct option_set *set_new(const struct option *table)
{
	struct option_set *set = calloc(1, sizeof(*set));

	if (!set)
		return NULL;
	set->table = table;
	set->names_end = &set->names;
	set->arena = arena_new(OPTIONS_TEXT_MAX);
	if (set->arena)
		return set;
	free(set);
	return NULL;
}

static int first_problem(const struct bytes *problems, struct fault *fault)
{
	const char *text = (const char *)problems->data;

	if (problems->failed || !text)
		return FAULT(fault, FAULT_CONFIG, "the configuration has more problems than can be shown");
	return FAULT(fault, FAULT_CONFIG, "%.*s", (int)strcspn(text, "\n"), text);
}

static int read_folder(struct option_set *set, const char *dir, const struct options_draft *draft,
	struct bytes *problems, struct fault *fault)
{
	CLEANUP(freep) char *parts = NULL;
	int result;

	if (asprintf(&parts, "%s/conf.d", dir) < 0) {
		parts = NULL;
		return no_memory(fault);
	}
	result = read_named(set, dir, "hoadon.conf", problems, fault);
	return result < 0 ? result : read_parts(set, parts, draft, problems, fault);
}

int options_read(const struct option *table, const char *dir, struct option_set **ret, struct bytes *problems,
	struct fault *fault)
{
	return options_read_draft(table, dir, NULL, ret, problems, fault);
}

int options_read_draft(const struct option *table, const char *dir, const struct options_draft *draft,
	struct option_set **ret, struct bytes *problems, struct fault *fault)
{
	CLEANUP(options_freep) struct option_set *set = set_new(table);
	size_t problems_before = problems->len;
	int result;

	if (!set)
		return no_memory(fault);
	result = draft && !draft->name ? read_draft(set, draft, problems, fault)
				       : read_folder(set, dir, draft, problems, fault);
	if (result < 0)
		return result;
	if (problems->failed || problems->len > problems_before)
		return first_problem(problems, fault);
	*ret = set;
	set = NULL;
	return 0;
}

void options_free(struct option_set *set)
{
	if (!set)
		return;
	arena_free(set->arena);
	free(set->values);
	free(set);
}

const struct option_value *options_get(
	const struct option_set *set, const char *section, const char *name, const char *key)
{
	for (size_t i = set->count; i > 0; i--) {
		const struct option_value *value = &set->values[i - 1];

		if (strcmp(value->option->key, key) == 0 && strcmp(value->option->section, section) == 0 &&
			strcmp(value->name, name) == 0)
			return value;
	}
	return NULL;
}

const char *options_text(const struct option_set *set, const char *section, const char *name, const char *key)
{
	const struct option_value *value = options_get(set, section, name, key);
	const struct option *option = value ? value->option : find_option(set->table, section, key);

	/* A caller that asks for a setting outside the table has misspelt it. */
	assert(option);
	return value ? value->value : option->fallback;
}

int64_t options_int(const struct option_set *set, const char *section, const char *name, const char *key)
{
	const char *text = options_text(set, section, name, key);
	const struct option *option = find_option(set->table, section, key);
	int64_t number = 0;

	if (!text)
		return 0;
	if (option->type == OPTION_FLAG)
		return flag_value(text) == 1;
	return is_whole_number(text, &number) ? number : 0;
}

const char *options_name(const struct option_set *set, const char *section, size_t i)
{
	for (const struct section_name *entry = set->names; entry; entry = entry->next)
		if (strcmp(entry->section, section) == 0 && i-- == 0)
			return entry->name;
	return NULL;
}
