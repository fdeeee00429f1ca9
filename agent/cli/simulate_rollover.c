#include <stdio.h>
#include <string.h>

#include "cli/commands.h"
#include "cli/law_text.h"
#include "cli/print.h"
#include "cli/rehearsal.h"
#include "core/vat.h"
#include "store/invoices.h"
#include "store/time.h"

#define BEFORE_MS   INT64_C(10000) /* the last bill is paid ten seconds before midnight … */
#define AFTER_MS    INT64_C(4000)  /* … and issued four behind it (law R-NY-4) */
#define MISSING_MAX (64u << 10)

struct night {
	int year;			  /* that begins */
	int64_t midnight;		  /* ms UTC */
	struct law_book law;		  /* as imported so far */
	enum vat_rate old_rate, new_rate; /* of the class "reduced"; VAT_NONE for form 2 */
	struct issue_place place;	  /* of the original */
	struct rehearsal rehearsal;
	int missing;
	struct bytes missing_text;
};

static void night_done(struct night *night)
{
	rehearsal_done(&night->rehearsal);
	bytes_done(&night->missing_text);
}

/* What each bill of the night shows. */
static const struct lesson {
	const char *word, *en, *vi;
} lessons[REHEARSAL_BILLS_MAX] = {
	{"paid-before", "paid 31/12, issued after midnight", "trả tiền 31/12, lập sau giao thừa"},
	{"first", "first sale of the new year", "bán đầu năm mới"},
	{"old-rate", "a till that still says the old rate", "máy bán hàng còn gửi thuế suất cũ"},
};

static int reduced_rate(const struct night *night, int64_t at_ms, enum vat_rate *ret)
{
	int32_t day = clock_day(at_ms);
	return law_rate_of_class(law_on(&night->law, day), "reduced", day, ret);
}

/* The original: where it stands, and which New Year comes next. */
static int look(struct cli *cli, struct night *night, struct fault *fault)
{
	CLEANUP(store_closep) struct store *store = NULL;
	struct time_decision time = {0};
	int result = cli_open_store(cli, &store, fault);
	if (result == 0)
		result = store_time_judge(store, &time, fault);
	if (result == 0)
		result = store_place_get(store, cli->config.seller.form, &night->place, fault);
	if (result == 0)
		result = law_text_book(cli, store, &night->law, fault);
	if (result)
		return result;
	night->year = clock_local(time.now_ms).year + 1;
	night->midnight = clock_ms((struct civil){.year = night->year, .month = 1, .day = 1});
	cli->config.seller.law = &night->law;
	if (cli->config.seller.form == 1 && (reduced_rate(night, night->midnight - 1, &night->old_rate) ||
						    reduced_rate(night, night->midnight, &night->new_rate)))
		return FAULT(fault, FAULT_BUG, "the class of the reduced rate is unknown");
	return 0;
}

static int rehearse(struct cli *cli, struct night *night, struct fault *fault)
{
	struct rehearsal *rehearsal = &night->rehearsal;
	int64_t now = night->midnight + AFTER_MS;
	int result = rehearsal_begin(cli, now, rehearsal, fault);
	if (result == 0)
		result = rehearsal_add(cli, rehearsal, night->midnight - BEFORE_MS, night->old_rate, now, fault);
	if (result == 0)
		result = rehearsal_add(cli, rehearsal, night->midnight, night->new_rate, now, fault);
	if (result == 0 && night->old_rate != night->new_rate)
		result = rehearsal_add(cli, rehearsal, night->midnight, night->old_rate, now, fault);
	return result ? result : rehearsal_run(cli, rehearsal, NULL, fault);
}

static bool is_expected(const struct slot *bill, size_t i)
{
	return i < 2 ? bill->has_invoice : !bill->has_invoice;
}

static bool is_ready(const struct night *night)
{
	bool is_good = !night->missing && night->rehearsal.count >= 2;
	for (size_t i = 0; i < night->rehearsal.count; i++)
		is_good = is_good && is_expected(night->rehearsal.bills[i], i);
	return is_good;
}

static const char *rate_of(const struct slot *bill)
{
	return bill->sale.line_count ? vat_text(bill->sale.lines[0].rate) : "";
}

/* ---- for people ---- */

static void print_bill(const struct cli *cli, const struct lesson *lesson, const struct slot *bill)
{
	char sold[CLOCK_TEXT_MAX], symbol[SERIAL_LEN + 2];
	const char *rate = rate_of(bill);
	time_text(bill->sale.sold_at, sold);
	printf("  %s (%s%s%s%s):\n", SAY(cli, lesson->en, lesson->vi), sold, *rate ? ", " : "", rate,
		*rate ? " %" : "");
	if (!bill->has_invoice) {
		printf(SAY(cli, "    kept for a person: %s\n", "    giữ lại chờ người xử lý: %s\n"),
			problem_text(cli, problem_kind(bill->problem.code)->code));
		return;
	}
	symbol_make(bill->form, bill->serial, symbol);
	printf(SAY(cli, "    %s number %d, code %s\n", "    %s số %d, mã %s\n"), symbol, (int)bill->number,
		*bill->code ? bill->code : "-");
}

static void print_human(const struct cli *cli, const struct night *night)
{
	char symbol[SERIAL_LEN + 2] = "-";
	printf(SAY(cli, "New Year %d, rehearsed on a copy; nothing of the shop was changed.\n",
		       "Giao thừa %d, diễn tập trên bản sao; dữ liệu cửa hàng không thay đổi.\n"),
		night->year);
	if (*night->place.serial)
		symbol_make(cli->config.seller.form, night->place.serial, symbol);
	printf(SAY(cli, "  now: %s, last number %d\n", "  hiện nay: %s, số cuối %d\n"), symbol,
		(int)night->place.last_number);
	for (size_t i = 0; i < night->rehearsal.count; i++)
		print_bill(cli, &lessons[i], night->rehearsal.bills[i]);
	if (night->old_rate != night->new_rate)
		printf(SAY(cli, "  the reduced rate changes from %s %% to %s %%: change the tills that night\n",
			       "  thuế suất được giảm đổi từ %s %% sang %s %%: nhớ đổi trên máy bán hàng đêm đó\n"),
			vat_text(night->old_rate), vat_text(night->new_rate));
	if (night->missing)
		printf(SAY(cli, "  missing:\n%s", "  còn thiếu:\n%s"), (const char *)night->missing_text.data);
	puts(is_ready(night) ? SAY(cli, "READY.", "SẴN SÀNG.")
			     : SAY(cli, "NOT READY: hoadon config check", "CHƯA SẴN SÀNG: hoadon config check"));
}

/* ---- JSON ---- */

static void write_bill(const struct lesson *lesson, const struct slot *bill, struct bytes *out)
{
	json_item(out);
	bytes_char(out, '{');
	json_member(out, "what", lesson->word);
	json_time(out, "sold_at", bill->sale.sold_at);
	json_member(out, "vat_rate", *rate_of(bill) ? rate_of(bill) : NULL);
	json_time(out, "issued_at", bill->has_invoice ? bill->issued_at : 0);
	json_member(out, "serial", bill->has_invoice ? bill->serial : NULL);
	json_id(out, "number", bill->has_invoice ? bill->number : 0);
	json_member(out, "code", bill->has_invoice && *bill->code ? bill->code : NULL);
	json_member(out, "problem", bill->has_invoice ? NULL : problem_kind(bill->problem.code)->code);
	bytes_char(out, '}');
}

static void write_missing(const struct night *night, struct bytes *out)
{
	const char *line = night->missing ? (const char *)night->missing_text.data : "";
	json_key(out, "missing");
	bytes_char(out, '[');
	while (*line) {
		char text[256];
		size_t len = strcspn(line, "\n");
		snprintf(text, sizeof(text), "%.*s", (int)len, line);
		json_item(out);
		json_string(out, text);
		line += len + (line[len] == '\n');
	}
	bytes_char(out, ']');
}

static int print_json(const struct night *night, struct fault *fault)
{
	CLEANUP(bytes_done) struct bytes out;
	bytes_init(&out, PRINT_JSON_MAX);
	json_begin(&out);
	json_member_int(&out, "year", night->year);
	json_member_flag(&out, "is_ready", is_ready(night));
	json_member(&out, "old_serial", *night->place.serial ? night->place.serial : NULL);
	json_id(&out, "old_number", night->place.last_number);
	json_member(&out, "old_rate", vat_text(night->old_rate));
	json_member(&out, "new_rate", vat_text(night->new_rate));
	json_key(&out, "bills");
	bytes_char(&out, '[');
	for (size_t i = 0; i < night->rehearsal.count; i++)
		write_bill(&lessons[i], night->rehearsal.bills[i], &out);
	bytes_char(&out, ']');
	write_missing(night, &out);
	return json_print(&out, fault);
}

int simulate_rollover_run(struct cli *cli, struct fault *fault)
{
	CLEANUP(night_done) struct night night = {0};
	bytes_init(&night.missing_text, MISSING_MAX);
	night.missing = config_missing(&cli->config, &night.missing_text);
	int result = look(cli, &night, fault);
	/* Without a till nobody sells. */
	if (result == 0 && cli->config.seller.till_count)
		result = rehearse(cli, &night, fault);
	if (result)
		return result;
	if (!cli->is_json)
		print_human(cli, &night);
	else if (print_json(&night, fault) < 0)
		return FAULT_MEMORY;
	return is_ready(&night) ? CLI_OK : CLI_FAILURE;
}
