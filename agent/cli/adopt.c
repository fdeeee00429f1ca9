#include <stdio.h>

#include "base/file.h"
#include "cli/commands.h"
#include "cli/print.h"
#include "core/rules.h"
#include "store/adopt.h"
#include "store/ledger.h"

static int refuse(const struct cli *cli, int result)
{
	const struct seller *seller = &cli->config.seller;
	if (result == ADOPT_SUFFIX_USED)
		return cli_fail(cli, CLI_CONFIG,
			SAY(cli,
				"the configuration still names serial.suffix = %s, which this store has used; set two "
				"letters "
				"that no store of the seller ever used, then run the command again (R-CODE-5)",
				"cấu hình vẫn dùng serial.suffix = %s mà kho này đã dùng; hãy đặt hai chữ cái chưa cửa "
				"hàng nào của "
				"người bán dùng, rồi chạy lại lệnh (R-CODE-5)"),
			seller->suffix);
	return cli_fail(cli, CLI_CONFIG,
		SAY(cli,
			"the configuration still names serial.issuer_prefix = %03d, whose codes this store has used; "
			"set a "
			"number from 0 to 999 that no store of the seller ever used, then run the command again "
			"(R-CODE-5)",
			"cấu hình vẫn dùng serial.issuer_prefix = %03d mà kho này đã lập mã; hãy đặt số từ 0 đến 999 "
			"chưa cửa "
			"hàng nào của người bán dùng, rồi chạy lại lệnh (R-CODE-5)"),
		seller->issuer_prefix);
}

static int print_json(const struct adopted *adopted, struct fault *fault)
{
	CLEANUP(bytes_done) struct bytes out;
	bytes_init(&out, PRINT_JSON_MAX);
	json_begin(&out);
	json_member_int(&out, "epoch", adopted->epoch);
	json_id(&out, "first_counter", adopted->first_counter);
	json_member_int(&out, "asked", adopted->asked);
	json_key(&out, "ends");
	bytes_char(&out, '[');
	for (size_t i = 0; i < adopted->end_count; i++) {
		json_item(&out);
		bytes_char(&out, '{');
		json_member_int(&out, "form", adopted->ends[i].form);
		json_member(&out, "serial", adopted->ends[i].serial);
		json_member_int(&out, "last_number", adopted->ends[i].last_number);
		bytes_char(&out, '}');
	}
	bytes_char(&out, ']');
	return json_print(&out, fault);
}

static void print_human(const struct cli *cli, const struct adopted *adopted)
{
	printf(SAY(cli, "Adopted: epoch %lld, suffix %s, codes from %011lld.\n",
		       "Đã tiếp nhận: kỳ %lld, ký hiệu đuôi %s, mã từ %011lld.\n"),
		(long long)adopted->epoch, cli->config.seller.suffix, (long long)adopted->first_counter);
	for (size_t i = 0; i < adopted->end_count; i++)
		printf(SAY(cli, "  %d%s ends here with number %d; later numbers may exist on the lost copy.\n",
			       "  %d%s dừng ở số %d tại kho này; bản đã mất có thể đã lập số lớn hơn.\n"),
			adopted->ends[i].form, adopted->ends[i].serial, (int)adopted->ends[i].last_number);
	puts(SAY(cli, "Start hoadond now: systemctl start hoadond. The old machine or disk must never sell again.",
		"Hãy khởi động hoadond: systemctl start hoadond. Máy hoặc ổ đĩa cũ không được bán tiếp."));
}

/* Numbering begins anew on what is there, so what is there must be whole. */
static int check_tail(struct store *store, struct fault *fault)
{
	struct ledger_finding finding;
	int result = ledger_check_tail(store, &finding, fault);
	if (result == 1)
		return FAULT(fault, FAULT_FORMAT, "the ledger is broken at record %lld: %s; run hoadon fsck",
			(long long)finding.seq, finding.text);
	return result;
}

static int adopt(struct cli *cli, struct adopted *ret, struct fault *fault)
{
	CLEANUP(store_closep) struct store *store = NULL;
	const struct seller *seller = &cli->config.seller;
	struct adoption adoption = {.reason = cli_value(cli, "reason"),
		.suffix = seller->suffix,
		.issuer_prefix = seller->code_flag == 'C' ? seller->issuer_prefix : -1};
	int result = store_open(cli->config.store_dir, STORE_WRITE, &cli->clock, seller->tax_code, &store, fault);
	if (result == 0)
		result = check_tail(store, fault);
	if (result == 0)
		result = machine_read(cli->root, cli->config.store_dir, &adoption.machine, fault);
	return result ? result : store_adopt(store, &adoption, cli->arena, ret, fault);
}

int adopt_run(struct cli *cli, struct fault *fault)
{
	struct adopted adopted = {0};
	const char *setting, *rule;
	char path[4096];
	if (!cli->is_configured)
		return cli_explain_config(cli);
	if (rules_seller_missing(&cli->config.seller, 0, &setting, &rule))
		return cli_fail(cli, CLI_CONFIG,
			SAY(cli, "%s is not set; run: hoadon config check",
				"chưa đặt %s; hãy chạy: hoadon config check"),
			setting);
	snprintf(path, sizeof(path), "%s/current.db", cli->config.store_dir);
	if (!file_exists(path))
		return cli_fail(
			cli, CLI_FAILURE, SAY(cli, "there is no store at %s", "không có kho dữ liệu ở %s"), path);
	int result = adopt(cli, &adopted, fault);
	if (result)
		return result < 0 ? result : refuse(cli, result);
	if (cli->is_json)
		return print_json(&adopted, fault);
	print_human(cli, &adopted);
	return CLI_OK;
}
