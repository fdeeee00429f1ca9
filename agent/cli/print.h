/* print: how the command line writes numbers, times, states and tables. Data goes to stdout. */
#ifndef HOADON_CLI_PRINT_H
#define HOADON_CLI_PRINT_H

#include "base/json_write.h"
#include "cli/cli.h"

#define PRINT_NUMBER_MAX 64

/** number_group() - "-1234567.5" as "-1.234.567,5" (Vietnamese), cut at @out's size. @text: digits as decimal_format() writes them. */
void number_group(const char *text, char out[PRINT_NUMBER_MAX]);
/** money_text() - @amount đồng as "1.234.567". */
void money_text(int64_t amount, char out[PRINT_NUMBER_MAX]);
/** time_text() - local "22/11/2026 13:00:05"; "-" for 0. */
void time_text(int64_t ms, char out[CLOCK_TEXT_MAX]);
/** day_text() - local day YYYYMMDD as "22/11/2026". */
void day_text(int32_t day, char out[CLOCK_TEXT_MAX]);
/** state_text() - the word of any state in the user's language; static text. */
const char *state_text(const struct cli *cli, const char *word);
/** problem_text() - the sentence of problem code @code in the user's language; @code itself when it is none. */
const char *problem_text(const struct cli *cli, const char *code);

/** print_cell() - @text padded with blanks to @width columns (code points) and a blank behind; < 0 = aligned to the right. */
void print_cell(const char *text, int width);
/** print_cell_int() - a number aligned to the right. */
void print_cell_int(int64_t value, int width);
/** print_field() - "  label:   text" in two columns; nothing when @text is NULL or "". */
void print_field(const char *label, const char *text);
/** print_cut() - on stderr, that a list may go on, when @count rows reached @limit. */
void print_cut(const struct cli *cli, size_t count, int64_t limit);

/** json_begin() - `{"schema_version":1` in initialised @out. */
void json_begin(struct bytes *out);
/** json_print() - close the object and print it with a line feed. 0 or FAULT_MEMORY. */
int json_print(struct bytes *out, struct fault *fault) MUST_CHECK;
/** json_item() - a comma, unless it is the first item of its array. */
void json_item(struct bytes *out);
/** json_id() - key and number as a string: ids and money are never JSON numbers. */
void json_id(struct bytes *out, const char *key, int64_t value);
/** json_time() - key and RFC 3339 time; null for 0. */
void json_time(struct bytes *out, const char *key, int64_t ms);

/* How the rows of a list are shown. */
struct list {
	const char *key; /* member of the JSON that holds them */
	size_t size;	 /* of one row */
	void (*print_head)(const struct cli *cli);
	void (*print_row)(const struct cli *cli, const void *row);
	void (*write_row)(const void *row, struct bytes *out); /* an object */
	const char *none_en, *none_vi;			       /* on stderr, when there are none */
};
/** json_rows() - @list's key and the array of @count @rows. */
void json_rows(struct bytes *out, const struct list *list, const void *rows, size_t count);
/** print_rows() - the head, unless there are none, and @count @rows. */
void print_rows(const struct cli *cli, const struct list *list, const void *rows, size_t count);
/** print_list() - the whole list as JSON or for people, cut at @limit. CLI_OK or FAULT_MEMORY. */
int print_list(const struct cli *cli, const struct list *list, const void *rows, size_t count, int64_t limit,
	struct fault *fault) MUST_CHECK;
/** state_find() - the position of @word among the @count words of @state_word(); -1 when it is none. */
int state_find(const char *(*state_word)(int), int count, const char *word);

#define PRINT_JSON_MAX (8u << 20)

#endif
