#include <stdio.h>
#include <unistd.h>

#include "cli/commands.h"
#include "cli/print.h"
#include "store/ledger.h"
#include "store/sales.h"

#define STRANDED_MAX 100 /* so many forgotten sales are named */

/* Issued sales without a live invoice and without a task (law R-FIX-14); of a sound store none. */
struct stranded {
	int64_t *ids;
	size_t count;
};

static void print_progress(int64_t done, int64_t all)
{
	fprintf(stderr, "\r%lld / %lld", (long long)done, (long long)all);
}

static void print_human(
	const struct cli *cli, int result, const struct ledger_finding *finding, const struct ledger_summary *summary)
{
	if (result) {
		printf(SAY(cli, "THE LEDGER IS BROKEN at record %lld: %s\n",
			       "SỔ ĐỐI SOÁT BỊ SAI LỆCH ở bản ghi %lld: %s\n"),
			(long long)finding->seq, finding->text);
		fputs(SAY(cli, "Keep the store as it is; make a copy before anything else.\n",
			      "Giữ nguyên kho dữ liệu; hãy sao chép trước khi làm việc khác.\n"),
			stderr);
		return;
	}
	printf(SAY(cli, "The ledger is whole: %lld records, %lld checkpoints, tail %s\n",
		       "Sổ đối soát nguyên vẹn: %lld bản ghi, %lld điểm ký, đuôi %s\n"),
		(long long)summary->records, (long long)summary->checkpoints, summary->tail);
	if (!summary->has_checkpoint)
		fputs(SAY(cli, "No checkpoint is signed yet: only the order of the records is proven.\n",
			      "Chưa có điểm ký nào: mới chứng minh được thứ tự các bản ghi.\n"),
			stderr);
}

static void print_stranded(const struct cli *cli, const struct stranded *stranded)
{
	if (!stranded->count)
		return;
	puts(SAY(cli, "ISSUED SALES WITHOUT A LIVE INVOICE AND WITHOUT A TASK:",
		"GIAO DỊCH ĐÃ LẬP NHƯNG KHÔNG CÒN HÓA ĐƠN HIỆU LỰC, CŨNG KHÔNG CÓ VIỆC CHỜ XỬ LÝ:"));
	for (size_t i = 0; i < stranded->count; i++)
		printf("  hoadon sale show %lld\n", (long long)stranded->ids[i]);
}

static int print_json(int result, const struct ledger_finding *finding, const struct ledger_summary *summary,
	const struct stranded *stranded, struct fault *fault)
{
	CLEANUP(bytes_done) struct bytes out;
	bytes_init(&out, PRINT_JSON_MAX);
	json_begin(&out);
	json_member_flag(&out, "is_whole", result == 0);
	json_member_int(&out, "records", summary->records);
	json_member_int(&out, "checkpoints", summary->checkpoints);
	json_member_flag(&out, "has_checkpoint", summary->has_checkpoint);
	json_member(&out, "tail", summary->tail);
	json_key(&out, "stranded_sales");
	bytes_char(&out, '[');
	for (size_t i = 0; i < stranded->count; i++) {
		json_item(&out);
		bytes_printf(&out, "\"%lld\"", (long long)stranded->ids[i]);
	}
	bytes_char(&out, ']');
	if (result) {
		json_id(&out, "bad_seq", finding->seq);
		json_member(&out, "finding", finding->text);
	}
	return json_print(&out, fault);
}

int audit_verify_run(struct cli *cli, struct fault *fault)
{
	CLEANUP(store_closep) struct store *store = NULL;
	struct ledger_finding finding = {0};
	struct ledger_summary summary = {0};
	struct stranded stranded = {0};
	bool is_tty = isatty(STDERR_FILENO);
	int result = cli_open_store(cli, &store, fault);
	if (result)
		return result;
	result = ledger_check(store, &finding, &summary, is_tty ? print_progress : NULL, fault);
	if (is_tty)
		fputs("\r\033[K", stderr);
	if (result < 0)
		return result;
	if (store_sale_stranded(store, STRANDED_MAX, cli->arena, &stranded.ids, &stranded.count, fault) < 0)
		return fault && fault->code ? fault->code : FAULT_STORE;
	if (cli->is_json)
		return print_json(result, &finding, &summary, &stranded, fault) < 0 ? FAULT_MEMORY
		       : result || stranded.count				    ? CLI_BROKEN
										    : CLI_OK;
	print_human(cli, result, &finding, &summary);
	print_stranded(cli, &stranded);
	return result || stranded.count ? CLI_BROKEN : CLI_OK;
}
