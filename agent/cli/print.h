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

#define PRINT_JSON_MAX (8u << 20)

#endif
