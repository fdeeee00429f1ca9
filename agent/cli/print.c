#include "cli/print.h"

#include <stdio.h>
#include <string.h>

#include "base/text.h"
#include "core/problem.h"

#define LABEL_WIDTH 18

void number_group(const char *text, char out[PRINT_NUMBER_MAX])
{
	size_t n = 0;
	if (*text == '-')
		out[n++] = *text++;
	size_t digits = strspn(text, "0123456789");
	for (size_t i = 0; i < digits && n + 2 < PRINT_NUMBER_MAX; i++) {
		if (i && (digits - i) % 3 == 0)
			out[n++] = '.';
		out[n++] = text[i];
	}
	for (text += digits; *text && n + 1 < PRINT_NUMBER_MAX; text++)
		out[n++] = *text == '.' ? ',' : *text;
	out[n] = 0;
}

void money_text(int64_t amount, char out[PRINT_NUMBER_MAX])
{
	char digits[24];
	snprintf(digits, sizeof(digits), "%lld", (long long)amount);
	number_group(digits, out);
}

void time_text(int64_t ms, char out[CLOCK_TEXT_MAX])
{
	if (!ms) {
		strcpy(out, "-");
		return;
	}
	struct civil at = clock_local(ms);
	snprintf(out, CLOCK_TEXT_MAX, "%02d/%02d/%04d %02d:%02d:%02d", at.day, at.month, at.year, at.hour, at.minute,
		at.second);
}

void day_text(int32_t day, char out[CLOCK_TEXT_MAX])
{
	snprintf(out, CLOCK_TEXT_MAX, "%02d/%02d/%04d", day % 100, day / 100 % 100, day / 10000);
}

const char *state_text(const struct cli *cli, const char *word)
{
	static const struct {
		const char *word, *vi;
	} words[] = {
		{"received", "đã nhận"},
		{"issued", "đã lập"},
		{"parked", "chờ xử lý"},
		{"ignored", "bỏ qua"},
		{"accepted", "đã chấp nhận"},
		{"refused", "bị từ chối"},
		{"made", "chờ gửi"},
		{"sent", "đã gửi"},
		{"unknown", "chưa rõ"},
		{"answered", "đã trả lời"},
	};
	for (size_t i = 0; cli->is_vi && i < ARRAY_LEN(words); i++)
		if (strcmp(words[i].word, word) == 0)
			return words[i].vi;
	return word;
}

const char *problem_text(const struct cli *cli, const char *code)
{
	enum problem_code problem = problem_find(code);
	if (!problem)
		return code;
	return SAY(cli, problem_kind(problem)->detail, problem_kind(problem)->detail_vi);
}

void print_cell(const char *text, int width)
{
	int points = (int)text_points(text), blanks = (width < 0 ? -width : width) - points;
	if (blanks < 0)
		blanks = 0;
	if (width < 0)
		printf("%*s%s ", blanks, "", text);
	else
		printf("%s%*s ", text, blanks, "");
}

void print_cell_int(int64_t value, int width)
{
	printf("%*lld ", width, (long long)value);
}

void print_field(const char *label, const char *text)
{
	if (!text || !*text)
		return;
	int blanks = LABEL_WIDTH - (int)text_points(label);
	printf("  %s:%*s%s\n", label, blanks > 1 ? blanks : 1, "", text);
}

void print_cut(const struct cli *cli, size_t count, int64_t limit)
{
	if (count && (int64_t)count >= limit)
		fprintf(stderr,
			SAY(cli, "%lld rows shown; --limit N shows more\n", "hiện %lld dòng; --limit N để xem thêm\n"),
			(long long)limit);
}

void json_begin(struct bytes *out)
{
	bytes_char(out, '{');
	json_member_int(out, "schema_version", CLI_SCHEMA_VERSION);
}

int json_print(struct bytes *out, struct fault *fault)
{
	bytes_text(out, "}\n");
	int result = bytes_check(out, "the JSON output", fault);
	if (result == 0)
		fwrite(out->data, 1, out->len, stdout);
	return result;
}

void json_item(struct bytes *out)
{
	if (out->len && out->data[out->len - 1] != '[')
		bytes_char(out, ',');
}

void json_id(struct bytes *out, const char *key, int64_t value)
{
	char text[24];
	snprintf(text, sizeof(text), "%lld", (long long)value);
	json_member(out, key, text);
}

void json_time(struct bytes *out, const char *key, int64_t ms)
{
	char text[CLOCK_TEXT_MAX];
	if (ms)
		clock_format_local(ms, text);
	json_member(out, key, ms ? text : NULL);
}

void json_rows(struct bytes *out, const struct list *list, const void *rows, size_t count)
{
	json_key(out, list->key);
	bytes_char(out, '[');
	for (size_t i = 0; i < count; i++) {
		json_item(out);
		list->write_row((const char *)rows + i * list->size, out);
	}
	bytes_char(out, ']');
}

void print_rows(const struct cli *cli, const struct list *list, const void *rows, size_t count)
{
	if (count)
		list->print_head(cli);
	for (size_t i = 0; i < count; i++)
		list->print_row(cli, (const char *)rows + i * list->size);
}

int print_list(const struct cli *cli, const struct list *list, const void *rows, size_t count, int64_t limit,
	struct fault *fault)
{
	if (cli->is_json) {
		CLEANUP(bytes_done) struct bytes out;
		bytes_init(&out, PRINT_JSON_MAX);
		json_begin(&out);
		json_rows(&out, list, rows, count);
		return json_print(&out, fault);
	}
	if (!count)
		fputs(SAY(cli, list->none_en, list->none_vi), stderr);
	print_rows(cli, list, rows, count);
	print_cut(cli, count, limit);
	return CLI_OK;
}

int state_find(const char *(*state_word)(int), int count, const char *word)
{
	for (int state = 0; state < count; state++)
		if (strcmp(state_word(state), word) == 0)
			return state;
	return -1;
}
