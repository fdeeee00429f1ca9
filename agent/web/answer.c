#include "web/answer.h"

#include <stdio.h>

#include "base/clock.h"
#include "base/json_write.h"
#include "core/receipt.h"

#define ARENA_MAX (64 << 10)

int answer_status(const struct slot *slot)
{
	if (slot->has_invoice)
		return 201;
	int status = problem_kind(slot->problem.code)->status;
	if (slot->is_written || slot->is_replay)
		return slot->sale_id ? 202 : status;
	return status;
}

static void detail(struct bytes *out, const char *key, const char *text, const char *extra)
{
	char whole[512];
	snprintf(whole, sizeof(whole), *extra ? "%s (%s)" : "%s", text, extra);
	json_member(out, key, whole);
}

void answer_problem(const struct problem *problem, struct bytes *out)
{
	const struct problem_kind *kind = problem_kind(problem->code);
	bytes_char(out, '{');
	json_member(out, "type", "about:blank");
	json_member(out, "title", kind->detail);
	json_member_int(out, "status", kind->status);
	json_member(out, "code", kind->code);
	if (*kind->rule)
		json_member(out, "rule", kind->rule);
	json_member(out, "field", problem->field);
	detail(out, "detail", kind->detail, problem->extra);
	detail(out, "detail_vi", kind->detail_vi, problem->extra);
	json_member_flag(out, "retryable", kind->is_retryable);
	bytes_char(out, '}');
}

static void time_member(struct bytes *out, const char *key, int64_t ms)
{
	char text[CLOCK_TEXT_MAX];
	clock_format_local(ms, text);
	json_member(out, key, text);
}

static void int_text(struct bytes *out, const char *key, int64_t value)
{
	char text[24];
	snprintf(text, sizeof(text), "%lld", (long long)value);
	json_member(out, key, text);
}

static void write_sale(const struct slot *slot, struct bytes *out)
{
	json_key(out, "sale");
	bytes_char(out, '{');
	int_text(out, "id", slot->sale_id);
	json_member(out, "state", sale_state_word((int)slot->state));
	if (slot->has_sale) {
		char day[CLOCK_TEXT_MAX];
		clock_format_day(slot->sale.business_day, day);
		json_member(out, "till_id", slot->sale.till_id);
		json_member(out, "bill_no", slot->sale.bill_no);
		json_member(out, "business_day", day);
	}
	int_text(out, "total", slot->total);
	bytes_char(out, '}');
}

static void write_invoice(const struct slot *slot, struct bytes *out)
{
	char symbol[SERIAL_LEN + 2];
	symbol_make(slot->form, slot->serial, symbol);
	json_key(out, "invoice");
	bytes_char(out, '{');
	int_text(out, "id", slot->invoice_id);
	json_member(out, "symbol", symbol);
	int_text(out, "form", slot->form);
	json_member(out, "serial", slot->serial);
	int_text(out, "number", slot->number);
	json_member(out, "code", slot->code);
	time_member(out, "issued_at", slot->issued_at);
	int_text(out, "net", slot->net);
	int_text(out, "vat", slot->vat);
	int_text(out, "total", slot->total);
	json_member(out, "qr", slot->qr);
	bytes_char(out, '}');
	if (slot->refused.id) {
		symbol_make(slot->refused.form, slot->refused.serial, symbol);
		json_key(out, "reissues");
		bytes_char(out, '{');
		int_text(out, "id", slot->refused.id);
		json_member(out, "symbol", symbol);
		int_text(out, "number", slot->refused.number);
		bytes_char(out, '}');
	}
	json_key(out, "ledger");
	bytes_char(out, '{');
	int_text(out, "seq", slot->ledger_seq);
	json_member(out, "tail", slot->ledger_tail);
	bytes_char(out, '}');
}

static int write_print(
	const struct slot *slot, const struct answer_paper *paper, struct bytes *out, struct fault *fault)
{
	static const struct print_state begin = {.page = PRINT_PAGE_NONE, .width = 1, .height = 1};
	CLEANUP(arena_freep) struct arena *arena = arena_new(ARENA_MAX);
	CLEANUP(bytes_done) struct bytes text, escpos;
	struct receipt receipt;
	bytes_init(&text, ARENA_MAX);
	bytes_init(&escpos, ARENA_MAX);
	if (!arena || receipt_whole(slot, paper->lookup_url, arena, &receipt) < 0)
		return FAULT(fault, FAULT_MEMORY, "no memory for the receipt block");
	for (size_t i = 0; i < receipt.count; i++)
		bytes_printf(&text, "%s\n", receipt.lines[i]);
	const struct print_annex annex = {.lines = receipt.lines,
		.line_count = receipt.count,
		.letters = {.charset = paper->charset},
		.qr = slot->qr};
	if (bytes_check(&text, "the receipt block", fault) < 0 ||
		paper->dialect->compose(&annex, &begin, &escpos, fault) < 0)
		return FAULT_MEMORY;
	json_key(out, "print");
	bytes_char(out, '{');
	json_member(out, "text", (const char *)text.data);
	json_key(out, "escpos");
	bytes_char(out, '"');
	bytes_base64(out, escpos.data, escpos.len);
	bytes_text(out, "\"}");
	return 0;
}

int answer_sale(const struct slot *slot, const struct answer_paper *paper, struct bytes *out, struct fault *fault)
{
	bytes_char(out, '{');
	write_sale(slot, out);
	if (slot->has_invoice) {
		write_invoice(slot, out);
		if (write_print(slot, paper, out, fault) < 0)
			return FAULT_MEMORY;
	} else {
		json_key(out, "invoice");
		bytes_text(out, "null");
	}
	if (slot->problem.code) {
		json_key(out, "problem");
		answer_problem(&slot->problem, out);
	}
	json_member_flag(out, "replay", slot->is_replay);
	bytes_char(out, '}');
	return bytes_check(out, "the answer", fault);
}

void answer_dry_run(const struct slot *slot, struct bytes *out)
{
	bytes_char(out, '{');
	json_member_flag(out, "dry_run", true);
	json_key(out, "would_be");
	bytes_char(out, '{');
	int_text(out, "net", slot->invoice.net);
	int_text(out, "vat", slot->invoice.vat);
	int_text(out, "total", slot->invoice.total);
	json_member(out, "words", slot->invoice.words);
	bytes_text(out, "}}");
}
