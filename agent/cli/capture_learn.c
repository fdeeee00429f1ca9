#include <stdio.h>
#include <string.h>

#include "base/file.h"
#include "capture/head.h"
#include "capture/learn.h"
#include "capture/profile.h"
#include "cli/commands.h"
#include "cli/learn_pictures.h"
#include "cli/print.h"
#include "cli/recording.h"

#define ROOM	    ((size_t)128 << 20)
#define CELL_FIELD  12
#define CELL_NUMBER 5

/* The receipts of all recordings, in order. */
struct bills {
	const struct cli *cli;
	struct arena *arena; /* holds what the pages are made of */
	struct letters *letters;
	struct letters_port port;
	struct page pages[LEARN_BILLS_MAX];
	struct learn_pictures *pictures;
	const char *picture_files[LEARN_BILLS_MAX];
	const char *files[LEARN_BILLS_MAX];
	const char *file;
	size_t count;
	bool is_too_many;
	int result; /* the first failure of reading one */
	struct fault *fault;
};

static bool copy_lines(struct bills *bills, struct page *page)
{
	struct page_line *lines = ARENA_ARRAY(bills->arena, struct page_line, page->line_count + 1);

	for (size_t i = 0; lines && i < page->line_count; i++) {
		lines[i].text = arena_strdup(bills->arena, page->lines[i].text);
		if (!lines[i].text)
			return false;
	}
	page->lines = lines;
	page->qr_count = 0;
	return lines != NULL;
}

/* < 0, or not 0: no page comes of it now. */
static int take_picture(struct bills *bills, const struct paper *paper)
{
	int result = bills->result ? 1 : learn_pictures_add(bills->pictures, paper, bills->fault);

	if (result == 0)
		bills->picture_files[bills->pictures->count - 1] = bills->file;
	return result < 0 ? result : 1;
}

/* What the glyphs that were learned make of the pictures. */
static int read_pictures(struct bills *bills)
{
	struct learn_pictures *pictures = bills->pictures;
	int result = 0;

	for (size_t i = 0; result == 0 && i < pictures->count && bills->count < LEARN_BILLS_MAX; i++) {
		bills->files[bills->count] = bills->picture_files[i];
		result = glyphs_page(&pictures->glyphs, bills->arena, pictures->bills[i].lines,
			pictures->bills[i].count, &bills->pages[bills->count++], bills->fault);
	}
	return result;
}

static void take(void *context, struct arena *arena, const struct paper *paper)
{
	struct bills *bills = context;
	struct page page;
	int result = 0;

	if (bills->count == LEARN_BILLS_MAX)
		bills->is_too_many = true;
	else if (paper->is_printed && bills->result == 0)
		result = letters_read(bills->letters, arena, paper, &bills->port, &page, bills->fault);
	else
		result = take_picture(bills, paper);
	if (result == 0 && !bills->is_too_many) {
		bills->files[bills->count] = bills->file;
		if (copy_lines(bills, &page))
			bills->pages[bills->count++] = page;
		else
			result = FAULT(bills->fault, FAULT_MEMORY, "no memory for the bills");
	}
	if (result < 0)
		bills->result = result;
	arena_free(arena);
}

static int read_file(struct bills *bills, const char *path, int columns, struct fault *fault)
{
	BYTES_CLEANUP struct bytes stream = {.max = RECORDING_MAX};
	const struct print_dialect_ops *dialect = NULL;
	CLEANUP(head_freep) struct head *head = head_new(columns * HEAD_LETTER_DOTS, take, bills);
	struct print_sink sink = {head_event, head};
	int result = file_read(path, &stream, fault);

	bills->file = path;
	if (result == 0)
		result = recording_dialect(bills->cli, &stream, &dialect, fault);
	if (result == 0 && !head)
		result = FAULT(fault, FAULT_MEMORY, "no memory for the print stream");
	if (result == 0)
		result = recording_tell(dialect, &stream, &sink, fault);
	if (result == 0 && head_end(head))
		result = FAULT(fault, FAULT_MEMORY, "no memory for a receipt");
	return result ? result : bills->result;
}

static int read_all(struct cli *cli, struct bills *bills, struct fault *fault)
{
	int64_t columns;
	int result = recording_columns(cli, &columns);

	if (result == 0)
		result = recording_encoding(cli, &bills->port.wanted);
	if (result == 0)
		result = letters_new(&bills->letters, fault);
	for (int i = 0; result == 0 && i < cli->word_count; i++)
		result = read_file(bills, cli->words[i], (int)columns, fault);
	if (result == 0 && bills->pictures->count > 0)
		result = learn_pictures_learn(bills->pictures, cli, bills->arena, fault);
	if (result == 0)
		result = read_pictures(bills);
	if (result)
		return result;
	if (bills->is_too_many)
		return cli_fail(cli, CLI_FAILURE,
			SAY(cli, "more than %d receipts: give fewer", "quá %d phiếu: hãy cho ít hơn"), LEARN_BILLS_MAX);
	if (bills->count == 0)
		return cli_fail(cli, CLI_FAILURE, "%s",
			SAY(cli, "there is no receipt with letters in it; see what is: hoadon capture show FILE",
				"không có phiếu nào có chữ; xem có gì: hoadon capture show FILE"));
	return 0;
}

/* ---- What is said ---- */

static void write_fields(const struct lesson *lesson, struct bytes *out)
{
	json_key(out, "fields");
	bytes_char(out, '[');
	for (int i = 0; i < LEARN_FIELD_COUNT; i++) {
		json_item(out);
		bytes_char(out, '{');
		json_member(out, "field", learn_field_word(i, false));
		json_member_int(out, "confidence", lesson->confidence[i]);
		json_member(out, "line", lesson->line[i]);
		bytes_char(out, '}');
	}
	bytes_text(out, "]");
	json_key(out, "doubts");
	bytes_char(out, '[');
	for (size_t i = 0; i < lesson->doubt_count; i++) {
		json_item(out);
		bytes_char(out, '{');
		json_member(out, "doubt", learn_doubt_word((int)lesson->doubts[i].doubt));
		json_member(out, "line", lesson->doubts[i].line);
		json_member(out, "text", learn_doubt_text((int)lesson->doubts[i].doubt, false));
		json_member(out, "text_vi", learn_doubt_text((int)lesson->doubts[i].doubt, true));
		bytes_char(out, '}');
	}
	bytes_char(out, ']');
}

static void write_bills(const struct bills *bills, const struct lesson *lesson, struct bytes *out)
{
	json_key(out, "bills");
	bytes_char(out, '[');
	for (size_t i = 0; i < bills->count; i++) {
		json_item(out);
		bytes_char(out, '{');
		json_member(out, "file", bills->files[i]);
		json_key(out, "reading");
		reading_write(&lesson->readings[i], out);
		bytes_char(out, '}');
	}
	bytes_char(out, ']');
}

static int print_json(
	const struct bills *bills, const struct lesson *lesson, const char *path, size_t open, struct fault *fault)
{
	BYTES_CLEANUP struct bytes out = {.max = PRINT_JSON_MAX};

	json_begin(&out);
	json_member_int(&out, "bills_open", (int64_t)open);
	write_fields(lesson, &out);
	write_bills(bills, lesson, &out);
	json_member(&out, path ? "file" : "profile", path ? path : (const char *)lesson->ini.data);
	return json_print(&out, fault);
}

static void say_bill(const struct cli *cli, const struct bills *bills, const struct lesson *lesson, size_t i, FILE *to)
{
	const struct reading *reading = &lesson->readings[i];

	if (reading->review == REVIEW_NONE)
		fprintf(to, SAY(cli, "  bill %zu (%s): reads as %s\n", "  phiếu %zu (%s): đọc được, loại %s\n"), i + 1,
			bills->files[i], reading_kind_word((int)reading->kind));
	else
		fprintf(to, SAY(cli, "  bill %zu (%s), line %zu: %s\n", "  phiếu %zu (%s), dòng %zu: %s\n"), i + 1,
			bills->files[i], reading->review_line, reading_review_text((int)reading->review));
}

static void say(const struct cli *cli, const struct bills *bills, const struct lesson *lesson, FILE *to)
{
	for (int i = 0; i < LEARN_FIELD_COUNT; i++) {
		const char *line = lesson->line[i] ? lesson->line[i] : "";

		fprintf(to, "  %-*s %*d %%  %s\n", CELL_FIELD, learn_field_word(i, false), CELL_NUMBER,
			lesson->confidence[i], line + strspn(line, " "));
	}
	for (size_t i = 0; i < lesson->doubt_count; i++) {
		const char *line = lesson->doubts[i].line;

		fprintf(to, "  ? %s%s%s\n", learn_doubt_text((int)lesson->doubts[i].doubt, cli->is_vi),
			line ? ": " : "", line ? line + strspn(line, " ") : "");
	}
	for (size_t i = 0; i < bills->count; i++)
		say_bill(cli, bills, lesson, i, to);
	if (bills->pictures->count > 0)
		learn_pictures_say(bills->pictures, cli, to);
}

/* How many bills the profile does not read as a sale. */
static size_t count_open(const struct bills *bills, const struct lesson *lesson)
{
	size_t open = 0;

	for (size_t i = 0; i < bills->count; i++)
		open += lesson->readings[i].review != REVIEW_NONE || lesson->readings[i].kind != READING_SALE;
	return open;
}

static int answer(const struct cli *cli, const struct bills *bills, const struct lesson *lesson, struct fault *fault)
{
	const char *path = cli_value(cli, "out");
	size_t open = count_open(bills, lesson);
	int result = path ? file_write(path, lesson->ini.data, lesson->ini.len, 0600, fault) : 0;

	if (result)
		return result;
	if (cli->is_json) {
		result = print_json(bills, lesson, path, open, fault);
	} else {
		if (!path)
			fwrite(lesson->ini.data, 1, lesson->ini.len, stdout);
		say(cli, bills, lesson, path ? stdout : stderr);
	}
	return result ? result : open > 0 ? CLI_DEGRADED : CLI_OK;
}

int capture_learn_run(struct cli *cli, struct fault *fault)
{
	BYTES_CLEANUP struct bytes base = {.max = PROFILE_FILE_MAX};
	CLEANUP(arena_freep) struct arena *arena = arena_new(ROOM);
	CLEANUP(lesson_done) struct lesson lesson = {0};
	CLEANUP(learn_pictures_done) struct learn_pictures pictures = {.count = 0};
	struct bills bills = {.cli = cli, .arena = arena, .pictures = &pictures, .fault = fault};
	const char *path = cli_value(cli, "base");
	const char *to = cli_value(cli, "out");
	int result;

	if (!arena)
		return FAULT(fault, FAULT_MEMORY, "no memory for the bills");
	if (to && file_exists(to))
		return cli_fail(cli, CLI_FAILURE, SAY(cli, "%s is there already", "%s đã có sẵn"), to);
	result = file_read(path ? path : CONFIG_PROFILE, &base, fault);
	if (result == 0)
		result = read_all(cli, &bills, fault);
	if (result == 0)
		result = learn_profile(bills.pages, bills.count, &base, arena, &lesson, fault);
	if (result == 0 && bills.port.wanted != PAGE_ASCII)
		bytes_printf(&lesson.ini, "\n[profile]\nencoding = %s\n", page_encoding_word(bills.port.wanted));
	if (result == 0)
		result = bytes_check(&lesson.ini, "the profile", fault);
	letters_free(bills.letters);
	return result ? result : answer(cli, &bills, &lesson, fault);
}
