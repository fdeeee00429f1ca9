#include <stdio.h>
#include <string.h>

#include "base/file.h"
#include "capture/glyphs.h"
#include "capture/head.h"
#include "cli/commands.h"
#include "cli/png.h"
#include "cli/print.h"
#include "cli/recording.h"
#include "cli/recording_read.h"

#define DATA_SHOWN  48 /* bytes of a token's letters or payload */
#define PAGES_WIDTH 8
#define NOT_ASCII   "·"

static const char *const kind_words[PRINT_KINDS] = {
#define X(kind, word, meaning) word,
	PRINT_EVENTS(X)
#undef X
};

struct show {
	const struct cli *cli;
	struct letters *letters;
	struct letters_port port;
	int result; /* of reading letters, the first failure */
	struct fault *fault;
	struct bytes out; /* what is printed at the end, text or JSON */
	size_t receipts;
	const struct glyphs *glyphs;	      /* NULL: pictures are not read */
	const struct recording_receipt *read; /* by a profile: those that were not shown yet */
	size_t open;			      /* of them, that need a person */
	struct bytes dots;		      /* of all receipts, where a picture is wanted */
	int width;
};

/* Bytes as a terminal may see them: nobody knows their encoding, and none of them commands it. */
static void write_letters(struct bytes *out, const uint8_t *bytes, size_t len)
{
	for (size_t i = 0; i < len; i++)
		if (bytes[i] >= ' ' && bytes[i] < 0x7f)
			bytes_char(out, (char)bytes[i]);
		else
			bytes_text(out, NOT_ASCII);
}

static void json_letters(struct bytes *out, const char *key, const uint8_t *bytes, size_t len)
{
	CLEANUP(bytes_done) struct bytes text;

	bytes_init(&text, RECORDING_MAX);
	write_letters(&text, bytes, len);
	json_member(out, key, text.data ? (const char *)text.data : "");
	json_key(out, "hex");
	bytes_char(out, '"');
	bytes_hex(out, bytes, len);
	bytes_char(out, '"');
}

/* ---- tokens ---- */

static void print_token(void *context, const struct print_event *event)
{
	struct show *show = context;
	struct bytes *out = &show->out;

	bytes_printf(out, "%8llu %6zu  %s", (unsigned long long)event->offset, event->length, kind_words[event->kind]);
	if (event->value[0] || event->value[1])
		bytes_printf(out, " %d", event->value[0]);
	if (event->value[1])
		bytes_printf(out, " %d", event->value[1]);
	if (event->len > 0 && event->kind != PRINT_RASTER) {
		bytes_text(out, " '");
		write_letters(out, event->bytes, event->len < DATA_SHOWN ? event->len : DATA_SHOWN);
		bytes_text(out, event->len <= DATA_SHOWN ? "'" : "'…");
	}
	bytes_char(out, '\n');
}

static void write_token(void *context, const struct print_event *event)
{
	struct show *show = context;
	struct bytes *out = &show->out;

	json_item(out);
	bytes_char(out, '{');
	json_member(out, "token", kind_words[event->kind]);
	json_member_int(out, "offset", (int64_t)event->offset);
	json_member_int(out, "length", (int64_t)event->length);
	json_key(out, "values");
	bytes_printf(out, "[%d,%d]", event->value[0], event->value[1]);
	if (event->len > 0 && event->kind != PRINT_RASTER)
		json_letters(out, "text", event->bytes, event->len);
	bytes_char(out, '}');
}

/* ---- receipts ---- */

static void keep_picture(struct show *show, const struct paper *paper)
{
	const struct paper_picture *picture = &paper->picture;

	show->width = picture->width;
	bytes_append(&show->dots, picture->dots, picture->rows * ((size_t)(picture->width + 7) / 8));
}

/* Each page of the line once, in front of it. */
static void print_pages(struct bytes *out, const struct paper_line *line)
{
	char pages[PAGES_WIDTH + 1] = "";
	size_t len = 0;

	for (size_t i = 0; i < line->run_count; i++) {
		int page = line->runs[i].page;
		bool is_known = page == PRINT_PAGE_NONE;
		char word[8];

		for (size_t j = 0; j < i; j++)
			is_known |= line->runs[j].page == page;
		if (page == PRINT_PAGE_UTF8)
			snprintf(word, sizeof(word), "utf8");
		else
			snprintf(word, sizeof(word), "%u", page & 0xffu);
		if (!is_known && len + strlen(word) + 1 < sizeof(pages))
			len += (size_t)snprintf(pages + len, sizeof(pages) - len, "%s%s", len ? " " : "", word);
	}
	bytes_printf(out, "%-*s|", PAGES_WIDTH, pages);
}

/* The receipt as text, in @ret; false: too long for one, or a failure that is noted. Without it letters are shown as bytes are. */
static bool read_page(struct show *show, struct arena *arena, const struct paper *paper, struct page *ret)
{
	int result = letters_read(show->letters, arena, paper, &show->port, ret, show->fault);

	if (result < 0 && show->result == 0)
		show->result = result;
	return result == 0;
}

/* @text NULL: the letters are not known. */
static void print_line(struct bytes *out, size_t number, const struct paper_line *line, const char *text)
{
	bytes_printf(out, "%4zu  ", number);
	print_pages(out, line);
	if (text)
		bytes_text(out, text);
	for (size_t i = 0; i < line->run_count && !text; i++) {
		bytes_repeat(out, ' ', line->runs[i].gap);
		write_letters(out, line->runs[i].bytes, line->runs[i].len);
	}
	bytes_char(out, '\n');
}

/* What is printed in dots, by the glyphs of its till. */
static void print_picture(struct show *show, struct arena *arena, const struct paper *paper)
{
	struct page page;
	int result = glyphs_read_paper(show->glyphs, arena, paper, &page, show->fault);

	if (result < 0 && show->result == 0)
		show->result = result;
	if (result > 0)
		bytes_text(
			&show->out, SAY(show->cli, "  more dots than a text has\n", "  nhiều điểm hơn một văn bản\n"));
	for (size_t i = 0; result == 0 && i < page.line_count; i++)
		bytes_printf(&show->out, "%4zu  %*s|%s\n", i + 1, PAGES_WIDTH, "", page.lines[i].text);
}

static void write_picture_text(struct show *show, struct arena *arena, const struct paper *paper)
{
	struct page page;
	int result = glyphs_read_paper(show->glyphs, arena, paper, &page, show->fault);

	if (result < 0 && show->result == 0)
		show->result = result;
	json_key(&show->out, "picture");
	bytes_char(&show->out, '[');
	for (size_t i = 0; result == 0 && i < page.line_count; i++) {
		json_item(&show->out);
		json_string(&show->out, page.lines[i].text);
	}
	bytes_char(&show->out, ']');
}

static void print_head(struct show *show, const struct paper *paper, const struct page *page)
{
	const struct cli *cli = show->cli;
	struct bytes *out = &show->out;

	bytes_printf(out,
		SAY(cli, "Receipt %zu: bytes %llu to %llu, %d columns%s%s\n",
			"Phiếu %zu: byte %llu đến %llu, %d cột%s%s\n"),
		++show->receipts, (unsigned long long)paper->offset, (unsigned long long)paper->end, paper->columns,
		paper->has_cut ? SAY(cli, ", cut", ", có cắt giấy") : "",
		paper->has_drawer ? SAY(cli, ", drawer kicked", ", có mở ngăn kéo") : "");
	if (page)
		bytes_printf(out, SAY(cli, "  encoding %s, %s%d%s\n", "  mã chữ %s, %s%d%s\n"),
			page_encoding_word(page->encoding), SAY(cli, "ahead of any other by ", "hơn các mã khác "),
			page->margin,
			page->is_unsure ? SAY(cli, ": unsure, a person must look", ": chưa chắc, cần người xem")
					: SAY(cli, " points", " điểm"));
	if (paper->raster_rows > 0)
		bytes_printf(out,
			SAY(cli, "  picture of %zu rows, %zu bytes of text\n", "  hình %zu hàng điểm, %zu byte chữ\n"),
			paper->raster_rows, paper->text_bytes);
	if (paper->unread > 0)
		bytes_printf(out,
			SAY(cli, "  %zu commands not understood (--tokens shows them)\n",
				"  %zu lệnh không hiểu (xem bằng --tokens)\n"),
			paper->unread);
	if (paper->is_cut_short)
		bytes_text(out, SAY(cli, "  too long: a part is missing\n", "  quá dài: thiếu một phần\n"));
}

/* What was read of the receipt from @offset on; NULL: nothing. */
static const struct recording_receipt *next_read(struct show *show, uint64_t offset)
{
	const struct recording_receipt *read = show->read;

	if (!read || read->from != offset)
		return NULL;
	show->read = read->next;
	show->open += read->problem != PROBLEM_NONE;
	return read;
}

static void print_receipt(void *context, struct arena *arena, const struct paper *paper)
{
	struct show *show = context;
	struct page page;
	bool is_read = read_page(show, arena, paper, &page);

	keep_picture(show, paper);
	print_head(show, paper, is_read ? &page : NULL);
	for (size_t i = 0; i < paper->line_count; i++)
		print_line(&show->out, i + 1, &paper->lines[i], is_read ? page.lines[i].text : NULL);
	if (show->glyphs && paper->picture.rows > 0)
		print_picture(show, arena, paper);
	for (size_t i = 0; i < paper->qr_count; i++) {
		bytes_text(&show->out, "  QR: ");
		write_letters(&show->out, paper->qr[i].bytes, paper->qr[i].len);
		bytes_char(&show->out, '\n');
	}
	const struct recording_receipt *read = next_read(show, paper->offset);
	if (read)
		recording_receipt_print(show->cli, read, &show->out);
	arena_free(arena);
}

static void write_page(struct bytes *out, const struct page *page)
{
	json_member(out, "encoding", page_encoding_word(page->encoding));
	json_member_int(out, "margin", page->margin);
	json_member_flag(out, "is_unsure", page->is_unsure);
	json_key(out, "text");
	bytes_char(out, '[');
	for (size_t i = 0; i < page->line_count; i++) {
		json_item(out);
		json_string(out, page->lines[i].text);
	}
	bytes_char(out, ']');
}

static void write_runs(struct bytes *out, const struct paper_line *line)
{
	json_item(out);
	bytes_char(out, '[');
	for (size_t i = 0; i < line->run_count; i++) {
		const struct paper_run *run = &line->runs[i];

		json_item(out);
		bytes_char(out, '{');
		json_member_int(out, "column", run->column);
		json_member_int(out, "gap", run->gap);
		json_member_int(out, "page", run->page);
		json_member_int(out, "width", run->width);
		json_member_int(out, "height", run->height);
		json_letters(out, "text", run->bytes, run->len);
		bytes_char(out, '}');
	}
	bytes_char(out, ']');
}

static void write_receipt(void *context, struct arena *arena, const struct paper *paper)
{
	struct show *show = context;
	struct bytes *out = &show->out;
	struct page page;

	keep_picture(show, paper);
	json_item(out);
	bytes_char(out, '{');
	if (read_page(show, arena, paper, &page))
		write_page(out, &page);
	json_member_int(out, "offset", (int64_t)paper->offset);
	json_member_int(out, "end", (int64_t)paper->end);
	json_member_int(out, "columns", paper->columns);
	json_member_flag(out, "is_cut", paper->has_cut);
	json_member_flag(out, "has_drawer", paper->has_drawer);
	json_member_flag(out, "is_cut_short", paper->is_cut_short);
	json_member_int(out, "not_understood", (int64_t)paper->unread);
	json_member_int(out, "text_bytes", (int64_t)paper->text_bytes);
	json_member_int(out, "raster_rows", (int64_t)paper->raster_rows);
	if (show->glyphs && paper->picture.rows > 0)
		write_picture_text(show, arena, paper);
	json_key(out, "lines");
	bytes_char(out, '[');
	for (size_t i = 0; i < paper->line_count; i++)
		write_runs(out, &paper->lines[i]);
	bytes_char(out, ']');
	json_key(out, "qr");
	bytes_char(out, '[');
	for (size_t i = 0; i < paper->qr_count; i++) {
		json_item(out);
		bytes_char(out, '{');
		json_letters(out, "text", paper->qr[i].bytes, paper->qr[i].len);
		bytes_char(out, '}');
	}
	bytes_char(out, ']');
	const struct recording_receipt *read = next_read(show, paper->offset);
	if (read)
		recording_receipt_write(read, out);
	bytes_char(out, '}');
	arena_free(arena);
}

/* ---- the command ---- */

static int show_receipts(struct show *show, const struct print_dialect_ops *dialect, const struct bytes *stream,
	int columns, struct fault *fault)
{
	CLEANUP(head_freep)
	struct head *head =
		head_new(columns * HEAD_LETTER_DOTS, show->cli->is_json ? write_receipt : print_receipt, show);
	struct print_sink sink = {head_event, head};
	int result = head ? recording_tell(dialect, stream, &sink, fault)
			  : FAULT(fault, FAULT_MEMORY, "no memory for the print stream");

	if (result == 0 && head_end(head))
		result = FAULT(fault, FAULT_MEMORY, "no memory for a receipt");
	return result ? result : show->result;
}

static int show_all(struct show *show, const struct print_dialect_ops *dialect, const struct bytes *stream, int columns,
	struct fault *fault)
{
	const struct cli *cli = show->cli;
	struct print_sink tokens = {cli->is_json ? write_token : print_token, show};
	bool is_asked = cli_value(cli, "tokens") != NULL;
	int result = 0;

	if (cli->is_json) {
		json_begin(&show->out);
		json_member(&show->out, "dialect", dialect->name);
		json_member_flag(&show->out, "is_dialect_guessed", cli_value(cli, "dialect") == NULL);
		json_key(&show->out, "receipts");
		bytes_char(&show->out, '[');
	} else {
		bytes_printf(&show->out, SAY(cli, "Printer language: %s%s\n", "Ngôn ngữ máy in: %s%s\n"), dialect->name,
			cli_value(cli, "dialect")
				? ""
				: SAY(cli, " (guessed; --dialect says it)", " (đoán; chọn bằng --dialect)"));
	}
	if (!is_asked || cli->is_json)
		result = show_receipts(show, dialect, stream, columns, fault);
	if (cli->is_json)
		bytes_char(&show->out, ']');
	if (cli->is_json && is_asked) {
		json_key(&show->out, "tokens");
		bytes_char(&show->out, '[');
	}
	if (result == 0 && is_asked)
		result = recording_tell(dialect, stream, &tokens, fault);
	if (cli->is_json && is_asked)
		bytes_char(&show->out, ']');
	return result;
}

static int write_picture(const struct show *show, const char *path, struct fault *fault)
{
	BYTES_CLEANUP struct bytes out = {.max = (size_t)2 * RECORDING_MAX};
	size_t stride = (size_t)(show->width + 7) / 8;
	int result = bytes_check(&show->dots, "the picture", fault);

	if (result == 0 && show->dots.len == 0)
		return cli_fail(show->cli, CLI_FAILURE, "%s",
			SAY(show->cli, "nothing is printed in dots here; without --picture the letters are shown",
				"ở đây không có gì in bằng điểm; bỏ --picture để xem chữ"));
	if (result == 0)
		png_write(&(struct paper_picture){show->dots.data, show->width, show->dots.len / stride}, &out);
	if (result == 0)
		result = bytes_check(&out, "the picture", fault);
	return result ? result : file_write(path, out.data, out.len, 0600, fault);
}

static int read_glyphs(const char *path, struct arena *arena, struct glyphs *ret, struct fault *fault)
{
	BYTES_CLEANUP struct bytes text = {.max = GLYPHS_FILE_MAX};
	int result = file_read(path, &text, fault);

	return result ? result : glyphs_read(arena, &text, ret, fault);
}

int capture_show_run(struct cli *cli, struct fault *fault)
{
	CLEANUP(arena_freep) struct arena *arena = arena_new(GLYPHS_ROOM);
	struct glyphs glyphs = {.count = 0};
	CLEANUP(bytes_done) struct bytes stream;
	const char *picture = cli_value(cli, "picture");
	struct show show = {.cli = cli, .fault = fault};
	const struct print_dialect_ops *dialect = NULL;
	struct recording_receipt *read = NULL;
	int64_t columns;
	int result = recording_columns(cli, &columns);

	bytes_init(&stream, RECORDING_MAX);
	bytes_init(&show.out, (size_t)16 * RECORDING_MAX);
	bytes_init(&show.dots, picture ? RECORDING_MAX : 0);
	if (picture && file_exists(picture))
		return cli_fail(cli, CLI_FAILURE, SAY(cli, "%s is there already", "%s đã có sẵn"), picture);
	if (result == 0)
		result = recording_encoding(cli, &show.port.wanted);
	if (result == 0 && cli_value(cli, "glyphs")) {
		result = arena ? read_glyphs(cli_value(cli, "glyphs"), arena, &glyphs, fault)
			       : FAULT(fault, FAULT_MEMORY, "no memory for the glyphs of a till");
		show.glyphs = &glyphs;
	}
	if (result == 0)
		result = letters_new(&show.letters, fault);
	if (result == 0)
		result = file_read(cli->words[0], &stream, fault);
	if (result == 0)
		result = recording_dialect(cli, &stream, &dialect, fault);
	if (result == 0 && cli_value(cli, "profile"))
		result = recording_read(cli, &stream, dialect, (int)columns, &read, fault);
	show.read = read;
	if (result == 0)
		result = show_all(&show, dialect, &stream, (int)columns, fault);
	if (result == 0 && picture)
		result = write_picture(&show, picture, fault);
	if (result == 0 && cli->is_json)
		result = json_print(&show.out, fault);
	else if (result == 0 && (result = bytes_check(&show.out, "the receipts", fault)) == 0)
		fwrite(show.out.data, 1, show.out.len, stdout);
	bytes_done(&show.out);
	bytes_done(&show.dots);
	letters_free(show.letters);
	return result == 0 && show.open > 0 ? CLI_DEGRADED : result;
}
