#include "cli/sale_rehearsal.h"

#include <stdio.h>
#include <string.h>

#include "base/file.h"
#include "cli/print.h"
#include "cli/sandbox.h"
#include "core/law.h"
#include "drivers/drivers.h"
#include "send/http.h"

#define PASSWORD_MAX 4096
#define ANCHORS_MAX  ((size_t)1 << 20)
#define VERDICT_MS   30000
#define ITEM_CLASS   "reduced" /* of a meal */

static int issue(struct cli *cli, const struct key *key, struct rehearsal *rehearsal, struct fault *fault)
{
	int64_t now = clock_now_ms(&cli->clock);
	int32_t day = clock_day(now);
	enum vat_rate rate = VAT_NONE;
	if (cli->config.seller.form == 1 && law_rate_of_class(&law_builtin, ITEM_CLASS, day, &rate))
		return FAULT(fault, FAULT_BUG, "the class of the reduced rate is unknown");
	int result = rehearsal_new(cli, rehearsal, fault);
	if (result == 0)
		result = rehearsal_add(cli, rehearsal, now, rate, now, fault);
	return result ? result : rehearsal_run(cli, rehearsal, key, fault);
}

static int pack(struct cli *cli, const struct key *key, const struct send_route *route, struct sale_rehearsal *sale,
	struct fault *fault)
{
	struct fault why = {0};
	int result = rehearsal_send(cli, &sale->rehearsal, key, route, route ? VERDICT_MS : 0, &sale->sent, &why);
	if (result < 0)
		return FAULT(fault, result, "%s", why.text);
	sale->is_signed = result == 0;
	sale->is_sent = route;
	sale->why = result ? SAY(cli, "the key does not sign; see: hoadon doctor",
				     "chữ ký số không ký được; xem: hoadon doctor")
			   : NULL;
	return 0;
}

static int send_over(struct cli *cli, const struct config_authority *authority, const struct key *key,
	struct sale_rehearsal *sale, struct fault *fault)
{
	CLEANUP(http_freep) struct http *http = NULL;
	CLEANUP(bytes_done) struct bytes password, anchors;
	const struct http_settings settings = {.ca_file = authority->ca_file,
		.connect_timeout_ms = cli->config.connect_timeout_ms,
		.total_timeout_ms = cli->config.total_timeout_ms};
	bytes_init(&password, PASSWORD_MAX);
	bytes_init(&anchors, ANCHORS_MAX);
	int result = file_read_secret(authority->password_file, &password, fault);
	if (result == 0)
		result = file_read(authority->anchors_file, &anchors, fault);
	if (result == 0)
		result = http_new(&settings, &http, fault);
	const struct send_route route = {.name = authority->name,
		.ops = driver_authority(authority->driver),
		.env = {.call = http_call,
			.http = http,
			.url = authority->url,
			.user = authority->user,
			.password = (const char *)password.data},
		.anchors_pem = (const char *)anchors.data};
	return result ? result : pack(cli, key, &route, sale, fault);
}

/* With the sandbox's configuration in the place of the shop's. */
static int send_to_sandbox(struct cli *cli, struct sandbox *sandbox, struct sale_rehearsal *sale, struct fault *fault)
{
	struct key key = {.ops = driver_key(cli->config.key_driver)};
	CLEANUP(bytes_done) struct bytes password;
	bytes_init(&password, PASSWORD_MAX);
	int result = file_read_secret(cli->config.key_password_file, &password, fault);
	if (result == 0)
		result = key_open(&key, cli->config.key_file, (const char *)password.data, fault);
	if (result)
		return result < 0 ? result : FAULT_CRYPTO;
	atomic_store(&key.standing, KEY_OPEN);
	result = issue(cli, &key, &sale->rehearsal, fault);
	if (result == 0 && sale->rehearsal.bills[0]->has_invoice)
		result = send_over(cli, &sandbox->route, &key, sale, fault);
	key_close(&key);
	return result;
}

int sale_rehearse(
	struct cli *cli, const struct key *key, bool is_sending, struct sale_rehearsal *ret, struct fault *fault)
{
	CLEANUP(sandbox_stop) struct sandbox sandbox = {.pid = 0};
	struct cli other = *cli;
	*ret = (struct sale_rehearsal){.why = NULL};
	if (!is_sending) {
		int result = issue(cli, key, &ret->rehearsal, fault);
		bool is_to_sign = result == 0 && key && ret->rehearsal.bills[0]->has_invoice;
		return is_to_sign ? pack(cli, key, NULL, ret, fault) : result;
	}
	int result = sandbox_start(cli, &sandbox, &other.config, fault);
	return result ? result : send_to_sandbox(&other, &sandbox, ret, fault);
}

void sale_rehearsal_done(struct sale_rehearsal *sale)
{
	rehearsal_done(&sale->rehearsal);
}

static const struct slot *bill_of(const struct sale_rehearsal *sale)
{
	return sale->rehearsal.count ? sale->rehearsal.bills[0] : NULL;
}

bool sale_rehearsal_is_good(const struct sale_rehearsal *sale)
{
	const struct slot *bill = bill_of(sale);
	return bill && bill->has_invoice && !sale->why && (!sale->is_sent || sale->sent.state == INVOICE_ACCEPTED);
}

static void print_invoice(const struct cli *cli, const struct slot *bill)
{
	char symbol[SERIAL_LEN + 2], number[16], total[PRINT_NUMBER_MAX], money[PRINT_NUMBER_MAX + 8];
	symbol_make(bill->form, bill->serial, symbol);
	snprintf(number, sizeof(number), "%d", (int)bill->number);
	money_text(bill->total, total);
	snprintf(money, sizeof(money), "%s đ", total);
	print_field(SAY(cli, "Symbol", "Ký hiệu"), symbol);
	print_field(SAY(cli, "Number", "Số"), number);
	print_field(SAY(cli, "Tax code (MCCQT)", "Mã CQT"), bill->code);
	print_field(SAY(cli, "Total", "Tổng thanh toán"), money);
	print_field("QR", bill->qr);
}

void sale_rehearsal_print(const struct cli *cli, const struct sale_rehearsal *sale)
{
	const struct slot *bill = bill_of(sale);
	const struct message_row *message = &sale->sent.message;
	char size[64];
	if (!bill || !bill->has_invoice) {
		printf(SAY(cli, "  Not issued: %s\n", "  Không lập được: %s\n"),
			bill ? problem_text(cli, problem_kind(bill->problem.code)->code) : "");
		return;
	}
	print_invoice(cli, bill);
	snprintf(size, sizeof(size), SAY(cli, "%lld bytes, signed", "%lld byte, đã ký số"), (long long)message->bytes);
	print_field(SAY(cli, "Message", "Thông điệp"), sale->is_signed ? size : sale->why);
	if (sale->is_sent)
		print_field(SAY(cli, "Sandbox", "Cơ quan thuế mô phỏng"),
			state_text(cli, invoice_state_word(sale->sent.state)));
	if (sale->is_sent && sale->sent.state != INVOICE_ACCEPTED)
		print_field(SAY(cli, "It says", "Trả lời"), message->last_text);
}

void sale_rehearsal_write(const struct sale_rehearsal *sale, struct bytes *out)
{
	const struct slot *bill = bill_of(sale);
	bool has_invoice = bill && bill->has_invoice;
	json_member_flag(out, "is_issued", has_invoice);
	json_member(out, "problem", bill && !has_invoice ? problem_kind(bill->problem.code)->code : NULL);
	json_member_int(out, "form", has_invoice ? bill->form : 0);
	json_member(out, "serial", has_invoice ? bill->serial : NULL);
	json_id(out, "number", has_invoice ? bill->number : 0);
	json_member(out, "code", has_invoice ? bill->code : NULL);
	json_id(out, "total", has_invoice ? bill->total : 0);
	json_member(out, "qr", has_invoice ? bill->qr : NULL);
	json_id(out, "message_bytes", sale->is_signed ? sale->sent.message.bytes : 0);
	json_member(out, "unsigned", sale->why);
	json_member(out, "verdict", sale->is_sent ? invoice_state_word(sale->sent.state) : NULL);
	json_member(out, "answer", sale->is_sent ? sale->sent.message.last_text : NULL);
}
