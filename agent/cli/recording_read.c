#include "cli/recording_read.h"

#include <stdio.h>
#include <string.h>

#include "base/file.h"
#include "capture/head.h"
#include "capture/port.h"
#include "capture/reading.h"
#include "cli/print.h"
#include "drivers/drivers.h"

#define TILL   "T01"
#define STREAM 1

struct reader {
	struct arena *arena;
	struct link link;
	struct recording_receipt **end;
	int result; /* the first failure of taking what the port tells */
};

/* ---- what the port tells ---- */

static bool read_sale(struct arena *arena, const struct link_receipt *receipt, struct sale *ret)
{
	struct problem problem = {.code = PROBLEM_NONE};
	void *state = arena_alloc(arena, dialect_json.state_size);
	int fed = state ? dialect_json.feed(state, receipt->sale, receipt->sale_len, LINK_SALE_MAX, &problem) : 1;

	return state && dialect_json.flush(state, arena, ret, &problem) == 0 && fed == 0;
}

static int take_receipt(struct reader *reader, const struct link_message *message)
{
	struct recording_receipt *kept = ARENA_ARRAY(reader->arena, struct recording_receipt, 1);
	struct link_receipt receipt;

	if (!kept || link_read_receipt(message, &receipt) != 0)
		return FAULT_MEMORY;
	*kept = (struct recording_receipt){.from = receipt.from,
		.to = receipt.to,
		.problem = receipt.problem,
		.detail = arena_strdup(reader->arena, receipt.detail),
		.json = arena_strdup(reader->arena, receipt.sale)};
	if (!kept->detail || !kept->json)
		return FAULT_MEMORY;
	kept->is_read = read_sale(reader->arena, &receipt, &kept->sale);
	*reader->end = kept;
	reader->end = &kept->next;
	return 0;
}

static void take(void *context, struct bytes *out)
{
	struct reader *reader = context;
	struct link_message message;

	if (reader->result == 0)
		reader->result = link_add(&reader->link, out->data, out->len);
	while (reader->result == 0 && link_next(&reader->link, LINK_READER, &message) == LINK_TAKEN)
		if (message.kind == LINK_RECEIPT)
			reader->result = take_receipt(reader, &message);
	bytes_clear(out);
}

/* ---- what it is told ---- */

/* The file of option @name as a message; nothing in it where the option was not given. */
static int say_file(const struct cli *cli, struct port *port, const char *name, enum link_kind kind, size_t max,
	struct fault *fault)
{
	BYTES_CLEANUP struct bytes file = {.max = max};
	const char *path = cli_value(cli, name);
	int result = path ? file_read(path, &file, fault) : 0;

	if (result == 0)
		result = port_take(port, &(struct link_message){kind, 0, 0, 0, file.data, file.len}, fault);
	return result;
}

static int say(struct port *port, enum link_kind kind, uint64_t a, const char *text, struct fault *fault)
{
	return port_take(port, &(struct link_message){kind, 0, a, 0, text, text ? strlen(text) : 0}, fault);
}

static int start(const struct cli *cli, struct port *port, const char *dialect, int columns, struct fault *fault)
{
	uint64_t flags =
		(cli_value(cli, "net") ? 0 : LINK_VAT_INCLUDED) | (cli_value(cli, "catalogue") ? LINK_HAS_RATES : 0);
	int result = say(port, LINK_DIALECT, (uint64_t)columns * HEAD_LETTER_DOTS, dialect, fault);

	if (result == 0)
		result = say(port, LINK_TILL, flags, TILL, fault);
	if (result == 0)
		result = say_file(cli, port, "profile", LINK_PROFILE, PROFILE_FILE_MAX, fault);
	if (result == 0)
		result = say_file(cli, port, "catalogue", LINK_CATALOGUE, CATALOGUE_BYTES_MAX, fault);
	if (result == 0)
		result = say_file(cli, port, "glyphs", LINK_GLYPHS, GLYPHS_FILE_MAX, fault);
	return result ? result : say(port, LINK_START, 0, NULL, fault);
}

static int feed(const struct cli *cli, struct port *port, const struct bytes *stream, struct fault *fault)
{
	uint64_t now = (uint64_t)clock_now_ms(&cli->clock);
	int result = 0;

	for (size_t at = 0; result == 0 && at < stream->len; at += LINK_FEED_MAX) {
		size_t len = stream->len - at < LINK_FEED_MAX ? stream->len - at : LINK_FEED_MAX;

		result = port_take(
			port, &(struct link_message){LINK_FEED, STREAM, now, at, stream->data + at, len}, fault);
	}
	if (result)
		return result;
	return port_take(port, &(struct link_message){LINK_END, STREAM, now, LINK_CLOSED, NULL, 0}, fault);
}

int recording_read(const struct cli *cli, const struct bytes *stream, const struct print_dialect_ops *dialect,
	int columns, struct recording_receipt **ret, struct fault *fault)
{
	struct reader reader = {.arena = cli->arena, .end = ret};
	CLEANUP(port_freep) struct port *port = port_new(driver_print_dialects, take, &reader);
	int result = port ? start(cli, port, dialect->name, columns, fault) : FAULT_MEMORY;

	*ret = NULL;
	if (result == 0 && stream->len > 0)
		result = feed(cli, port, stream, fault);
	if (result == 0)
		result = reader.result;
	link_done(&reader.link);
	return result == FAULT_MEMORY ? FAULT(fault, result, "no memory for the receipts") : result;
}

/* ---- for people ---- */

static void print_line(const struct sale_line *line, struct bytes *out)
{
	char text[DECIMAL_TEXT_MAX], qty[PRINT_NUMBER_MAX], price[PRINT_NUMBER_MAX], amount[PRINT_NUMBER_MAX];

	bytes_printf(out, "    %s", line->name);
	if (line->kind == LINE_GOODS || line->kind == LINE_PROMOTION) {
		decimal_format(line->qty, text);
		number_group(text, qty);
		decimal_format(line->unit_price, text);
		number_group(text, price);
		bytes_printf(out, ": %s%s%s × %s", qty, line->unit ? " " : "", line->unit ? line->unit : "", price);
	}
	money_text(line->discount, amount);
	if (line->discount)
		bytes_printf(out, " - %s", amount);
	money_text(line->amount, amount);
	if (line->kind != LINE_NOTE)
		bytes_printf(out, " = %s đ", amount);
	if (line->rate != VAT_NONE)
		bytes_printf(out, ", %s", vat_tag(line->rate));
	bytes_char(out, '\n');
}

static void print_amounts(const char *word, const struct sale_amount *amounts, size_t count, struct bytes *out)
{
	char text[PRINT_NUMBER_MAX];

	for (size_t i = 0; i < count; i++) {
		money_text(amounts[i].amount, text);
		bytes_printf(out, "    %s %s: %s đ\n", word, amounts[i].label, text);
	}
}

static void print_sale(const struct cli *cli, const struct sale *sale, struct bytes *out)
{
	char time[CLOCK_TEXT_MAX], total[PRINT_NUMBER_MAX];
	bool is_made = sale->bill_no[0] == SALE_MADE_NUMBER;

	time_text(sale->sold_at, time);
	money_text(sale->total, total);
	bytes_printf(out, SAY(cli, "  = %s, number %s, %s, total %s đ\n", "  = %s, số %s, %s, tổng %s đ\n"),
		sale_kind_text(sale->kind), is_made ? SAY(cli, "(none)", "(không có)") : sale->bill_no, time, total);
	for (size_t i = 0; i < sale->line_count; i++)
		print_line(&sale->lines[i], out);
	print_amounts("-", sale->discounts, sale->discount_count, out);
	print_amounts("+", sale->surcharges, sale->surcharge_count, out);
}

/* "amount 12": a review, and the line of the paper; "sum.total: …": a problem, and what was found; else what was found. */
static void print_detail(const struct cli *cli, const char *detail, struct bytes *out)
{
	size_t line = 0;
	char word[32] = "";
	int review = 0;

	if (sscanf(detail, "%31[a-z_.-]%zu", word, &line) < 1)
		word[0] = '\0';
	while (review < READING_REVIEW_COUNT && strcmp(word, reading_review_word(review)) != 0)
		review++;
	const char *rest = detail + strlen(word);
	if (review < READING_REVIEW_COUNT && line > 0)
		bytes_printf(out, SAY(cli, "\n  ! line %zu: %s\n", "\n  ! dòng %zu: %s\n"), line,
			reading_review_text(review));
	else if (review < READING_REVIEW_COUNT)
		bytes_printf(out, "\n  ! %s\n", reading_review_text(review));
	else if (*word && strncmp(rest, ": ", 2) == 0)
		bytes_printf(out, "\n  ! %s (%s)\n", problem_text(cli, word), rest + 2);
	else if (*word && *rest == '\0')
		bytes_printf(out, "\n  ! %s\n", problem_text(cli, word));
	else
		bytes_printf(out, "%s%s%s\n", *detail ? " (" : "", detail, *detail ? ")" : "");
}

void recording_receipt_print(const struct cli *cli, const struct recording_receipt *receipt, struct bytes *out)
{
	if (receipt->is_read)
		print_sale(cli, &receipt->sale, out);
	if (receipt->problem == PROBLEM_NONE)
		return;
	bytes_printf(out, "  ! %s", problem_text(cli, problem_kind(receipt->problem)->code));
	print_detail(cli, receipt->detail, out);
}

void recording_receipt_write(const struct recording_receipt *receipt, struct bytes *out)
{
	json_member(out, "problem", receipt->problem == PROBLEM_NONE ? NULL : problem_kind(receipt->problem)->code);
	json_member(out, "detail", *receipt->detail ? receipt->detail : NULL);
	json_key(out, "sale");
	bytes_text(out, receipt->json);
}
