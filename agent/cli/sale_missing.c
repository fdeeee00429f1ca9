#include <stdio.h>
#include <string.h>

#include "capture/ticket.h"
#include "cli/commands.h"
#include "cli/print.h"
#include "drivers/drivers.h"
#include "store/days.h"
#include "store/time.h"

static int read_ticket(
	const char *dialect, const void *bytes, size_t len, struct arena *arena, struct missing_ticket *ret)
{
	return strcmp(dialect, dialect_json.name) == 0 ? ticket_read(&dialect_json, bytes, len, arena, ret) : 1;
}

/* "HD000502-HD000504", "ban 7 12:05, 250.000 đ", "09:00-11:00". */
static void name(const struct missing *row, struct bytes *out)
{
	char from[CLOCK_TEXT_MAX], to[CLOCK_TEXT_MAX], total[PRINT_NUMBER_MAX];
	clock_format_local(row->from, from);
	clock_format_local(row->to, to);
	money_text(row->total, total);
	bytes_text(out, row->first ? row->first : "");
	if (row->last && strcmp(row->first, row->last) != 0)
		bytes_printf(out, "-%s", row->last);
	if (row->from)
		bytes_printf(out, "%s%.5s", row->first ? " " : "", from + 11);
	if (row->to != row->from)
		bytes_printf(out, "-%.5s", to + 11);
	if (row->total)
		bytes_printf(out, ", %s đ", total);
}

static void print_row(const struct cli *cli, const struct missing *row)
{
	CLEANUP(bytes_done) struct bytes what;
	bytes_init(&what, PRINT_JSON_MAX);
	name(row, &what);
	print_cell(row->till_id, 8);
	print_cell_int(row->count, 7);
	printf("%s%s%s\n", missing_text((int)row->kind, cli->is_vi), what.len ? ": " : "",
		what.len ? (const char *)what.data : "");
}

static int print_human(const struct cli *cli, const struct missing_day *day, const struct missing *rows, size_t count)
{
	char text[CLOCK_TEXT_MAX];
	size_t judged = 0;
	clock_format_day(day->day, text);
	while (judged < count && missing_is_judged((int)rows[judged].kind))
		judged++;
	if (judged == 0)
		printf(SAY(cli, "Nothing is missing of %s, as far as can be judged.\n",
			       "Ngày %s: không thấy thiếu gì trong phạm vi xét được.\n"),
			text);
	if (judged > 0) {
		print_cell(SAY(cli, "TILL", "MÁY"), 8);
		print_cell(SAY(cli, "COUNT", "SỐ"), -7);
		puts(SAY(cli, "WHAT IS MISSING", "THIẾU GÌ"));
	}
	for (size_t i = 0; i < count; i++) {
		if (i == judged)
			puts(SAY(cli, "Not judged:", "Không xét được:"));
		print_row(cli, &rows[i]);
	}
	if (!missing_is_over(day->day, day->now_ms))
		printf(SAY(cli, "The day is not over: slips of %s are judged from 06:00 of the next day on.\n",
			       "Ngày %s chưa hết: phiếu tạm tính, phiếu bếp được xét từ 06:00 hôm sau.\n"),
			text);
	return CLI_OK;
}

static void write_row(const struct missing *row, struct bytes *out)
{
	json_item(out);
	bytes_char(out, '{');
	json_member(out, "till_id", row->till_id);
	json_member(out, "kind", missing_word((int)row->kind));
	json_member_flag(out, "is_judged", missing_is_judged((int)row->kind));
	json_member_int(out, "count", row->count);
	json_member(out, "first", row->first);
	json_member(out, "last", row->last);
	json_time(out, "from", row->from);
	json_time(out, "to", row->to);
	json_id(out, "total", row->total);
	bytes_char(out, '}');
}

static int print_json(const struct missing_day *day, const struct missing *rows, size_t count, struct fault *fault)
{
	CLEANUP(bytes_done) struct bytes out;
	char text[CLOCK_TEXT_MAX];
	bytes_init(&out, PRINT_JSON_MAX);
	json_begin(&out);
	clock_format_day(day->day, text);
	json_member(&out, "day", text);
	json_member_flag(&out, "is_over", missing_is_over(day->day, day->now_ms));
	json_key(&out, "missing");
	bytes_char(&out, '[');
	for (size_t i = 0; i < count; i++)
		write_row(&rows[i], &out);
	bytes_char(&out, ']');
	return json_print(&out, fault);
}

int sale_missing_run(struct cli *cli, struct fault *fault)
{
	CLEANUP(store_closep) struct store *store = NULL;
	struct missing_day judged = {.day = 0};
	struct missing *rows = NULL;
	size_t count = 0;
	int result = cli_open_store(cli, &store, fault);
	if (result)
		return result;
	judged.now_ms = store_time_now(store, NULL);
	if (cli_day(cli, clock_day(judged.now_ms), &judged.day))
		return CLI_USAGE;
	result = store_day_judge(store, &cli->config, read_ticket, cli->arena, &judged, &rows, &count, fault);
	if (result)
		return result;
	return cli->is_json ? print_json(&judged, rows, count, fault) : print_human(cli, &judged, rows, count);
}
