/* cases: test vectors read line by line, fields in place. Each test program includes this once. */
#ifndef HOADON_TESTS_CORE_CASES_H
#define HOADON_TESTS_CORE_CASES_H

#include <setjmp.h>
#include <stdarg.h>
#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

#define CASE_FIELDS 64

struct cases {
	FILE *file;
	char *line;
	size_t room;
	char *field[CASE_FIELDS];
	int count; /* of fields in the current line */
};

/** cases_open() - a CSV file whose first row must be @header. */
static inline struct cases cases_open(const char *path, const char *header)
{
	struct cases cases = {.file = fopen(path, "r")};

	if (!cases.file)
		fail_msg("cannot open %s", path);
	if (getline(&cases.line, &cases.room, cases.file) < 0)
		fail_msg("%s is empty", path);
	cases.line[strcspn(cases.line, "\r\n")] = '\0';
	assert_string_equal(cases.line, header);
	return cases;
}

/** cases_translate() - JSON vectors as TAB-separated lines (bills_to_text.py). */
static inline struct cases cases_translate(const char *what, const char *path)
{
	struct cases cases = {0};
	char command[1000];

	snprintf(command, sizeof(command), "python3 '%s/../unit/core/bills_to_text.py' %s '%s'", TEST_DATA, what, path);
	cases.file = popen(command, "r");
	assert_non_null(cases.file);
	return cases;
}

static inline bool cases_read(struct cases *cases)
{
	if (getline(&cases->line, &cases->room, cases->file) < 0)
		return false;
	cases->line[strcspn(cases->line, "\r\n")] = '\0';
	cases->count = 0;
	return true;
}

/* One CSV field at @at, unquoted in place; returns what stands behind it, or NULL at the end. */
static inline char *cases_csv_field(char *at)
{
	char *out = at;
	bool is_quoted = *at == '"';

	for (at += is_quoted; *at && (is_quoted || *at != ','); at++) {
		if (*at == '"' && is_quoted) {
			if (at[1] != '"') {
				is_quoted = false;
				continue;
			}
			at++;
		}
		*out++ = *at;
	}
	at = *at == ',' ? at + 1 : NULL;
	*out = '\0';
	return at;
}

/** cases_next() - the next CSV row with exactly @columns fields; false at the end. */
static inline bool cases_next(struct cases *cases, int columns)
{
	if (!cases_read(cases))
		return false;
	for (char *at = cases->line; at;) {
		assert_true(cases->count < CASE_FIELDS);
		cases->field[cases->count++] = at;
		at = cases_csv_field(at);
	}
	assert_int_equal(cases->count, columns);
	return true;
}

/** cases_next_tabbed() - the next translated line; false at the end. */
static inline bool cases_next_tabbed(struct cases *cases)
{
	if (!cases_read(cases))
		return false;
	for (char *at = cases->line; at;) {
		assert_true(cases->count < CASE_FIELDS);
		cases->field[cases->count++] = at;
		at = strchr(at, '\t');
		if (at)
			*at++ = '\0';
	}
	return true;
}

static inline void cases_close(struct cases *cases)
{
	fclose(cases->file);
	free(cases->line);
}

/** cases_end_translate() - also fails when the translation failed. */
static inline void cases_end_translate(struct cases *cases)
{
	assert_int_equal(pclose(cases->file), 0);
	free(cases->line);
}

#endif
