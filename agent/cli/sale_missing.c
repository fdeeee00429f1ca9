#include <stdio.h>
#include <string.h>

#include "capture/ticket.h"
#include "cli/commands.h"
#include "cli/daemon.h"
#include "cli/print.h"
#include "drivers/drivers.h"
#include "store/days.h"
#include "store/time.h"

#define BODY_MAX 16384

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

static void print_row(const struct cli *cli, int32_t day, const struct missing *row)
{
	char item[MISSING_ITEM_LEN + 1];
	CLEANUP(bytes_done) struct bytes what;
	bytes_init(&what, PRINT_JSON_MAX);
	name(row, &what);
	print_cell(row->till_id, 8);
	print_cell_int(row->count, 7);
	print_cell(missing_is_judged((int)row->kind) ? missing_item(row, day, item) : "", MISSING_ITEM_LEN);
	printf("%s%s%s", missing_text((int)row->kind, cli->is_vi), what.len ? ": " : "",
		what.len ? (const char *)what.data : "");
	if (row->settled)
		printf("%s%s", SAY(cli, " - settled: ", " - đã ghi lý do: "), row->settled);
	puts("");
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
		print_cell(SAY(cli, "ITEM", "MỤC"), MISSING_ITEM_LEN);
		puts(SAY(cli, "WHAT IS MISSING", "THIẾU GÌ"));
	}
	for (size_t i = 0; i < count; i++) {
		if (i == judged)
			puts(SAY(cli, "Not judged:", "Không xét được:"));
		print_row(cli, day->day, &rows[i]);
	}
	if (!missing_is_over(day->day, day->now_ms))
		printf(SAY(cli, "The day is not over: slips of %s are judged from 06:00 of the next day on.\n",
			       "Ngày %s chưa hết: phiếu tạm tính, phiếu bếp được xét từ 06:00 hôm sau.\n"),
			text);
	return CLI_OK;
}

static void write_row(int32_t day, const struct missing *row, struct bytes *out)
{
	char item[MISSING_ITEM_LEN + 1];
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
	json_member(out, "item", missing_is_judged((int)row->kind) ? missing_item(row, day, item) : NULL);
	json_member(out, "settled", row->settled);
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
		write_row(day->day, &rows[i], &out);
	bytes_char(&out, ']');
	return json_print(&out, fault);
}

static int judge(
	struct cli *cli, struct missing_day *day, struct missing **ret_rows, size_t *ret_count, struct fault *fault)
{
	CLEANUP(store_closep) struct store *store = NULL;
	int result = cli_open_store(cli, &store, fault);
	if (result)
		return result;
	day->now_ms = store_time_now(store, NULL);
	if (cli_day(cli, clock_day(day->now_ms), &day->day))
		return CLI_USAGE;
	return store_day_judge(store, &cli->config, read_ticket, cli->arena, day, ret_rows, ret_count, fault);
}

int sale_missing_run(struct cli *cli, struct fault *fault)
{
	struct missing_day judged = {.day = 0};
	struct missing *rows = NULL;
	size_t count = 0;
	int result = judge(cli, &judged, &rows, &count, fault);
	if (result)
		return result;
	return cli->is_json ? print_json(&judged, rows, count, fault) : print_human(cli, &judged, rows, count);
}

/* ---- settle ---- */

static const struct missing *find_item(const struct cli *cli, int32_t day, const struct missing *rows, size_t count)
{
	char item[MISSING_ITEM_LEN + 1];
	for (size_t i = 0; i < count; i++)
		if (missing_is_judged((int)rows[i].kind) &&
			strcmp(missing_item(&rows[i], day, item), cli->words[0]) == 0)
			return &rows[i];
	return NULL;
}

static int hand_in(struct cli *cli, int32_t day, const struct missing *row, struct answer *ret, struct fault *fault)
{
	CLEANUP(bytes_done) struct bytes body;
	char path[64], day_iso[CLOCK_TEXT_MAX];
	bytes_init(&body, BODY_MAX);
	clock_format_day(day, day_iso);
	snprintf(path, sizeof(path), "/api/v1/missing/%s", day_iso);
	bytes_char(&body, '{');
	json_member(&body, "kind", missing_word((int)row->kind));
	json_member(&body, "till_id", row->till_id);
	json_member(&body, "first", row->first);
	json_member(&body, "last", row->last);
	json_id(&body, "from_ms", row->from);
	json_id(&body, "count", row->count);
	json_member(&body, "reason", cli_value(cli, "reason"));
	bytes_char(&body, '}');
	int result = bytes_check(&body, "the reason", fault);
	return result ? result : daemon_call(cli, "POST", path, &body, ret, fault);
}

int sale_settle_run(struct cli *cli, struct fault *fault)
{
	CLEANUP(answer_done) struct answer answer = {0};
	struct missing_day judged = {.day = 0};
	struct missing *rows = NULL;
	size_t count = 0;
	int result = judge(cli, &judged, &rows, &count, fault);
	if (result)
		return result;
	const struct missing *row = find_item(cli, judged.day, rows, count);
	if (!row)
		return cli_usage(cli, "ITEM is what `hoadon sale missing` of that day (--at) shows",
			"ITEM là mã mà `hoadon sale missing` của ngày đó (--at) hiện");
	result = hand_in(cli, judged.day, row, &answer, fault);
	if (result)
		return result;
	if (answer.status / 100 != 2)
		return answer_refused(cli, &answer, CLI_FAILURE, fault);
	if (cli->is_json)
		return answer_print_json(&answer, fault);
	puts(SAY(cli, "Settled, and in the ledger.", "Đã ghi lý do, có trong sổ đối soát."));
	return CLI_OK;
}
