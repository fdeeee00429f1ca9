#include <dirent.h>
#include <errno.h>
#include <libgen.h>
#include <limits.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "base/file.h"
#include "cli/commands.h"
#include "cli/ledger_file.h"
#include "cli/print.h"
#include "core/calendar.h"
#include "store/destroy.h"
#include "store/restore.h"
#include "store/status.h"

#define ANSWER_MAX 64

struct end { /* of a store */
	struct store *store;
	struct status status;
	int64_t invoices, last_issued_at; /* 0 = there is none */
	struct destroy_list files;
	struct ledger_file statement;
};

static void end_done(struct end *end)
{
	store_close(end->store);
}

/* ---- may it be ---- */

static int64_t count_unsent(const struct status *status)
{
	const struct message_counts *messages = &status->messages;
	return status->invoices.issued + messages->made + messages->sent + messages->unknown;
}

static int64_t count_sales(const struct status *status)
{
	return status->sales.received + status->sales.parked;
}

static int64_t count_tasks(const struct status *status)
{
	return status->tasks;
}

/* What must be settled first. */
static const struct open_end {
	int64_t (*count)(const struct status *status);
	const char *en, *vi; /* behind the count */
} open_ends[] = {
	{count_unsent, "invoices or messages have no answer of the tax authority yet: hoadon queue list",
		"hóa đơn hoặc thông điệp chưa có trả lời của cơ quan thuế: hoadon queue list"},
	{count_sales, "sales wait for a decision: hoadon sale list --state parked",
		"giao dịch chờ quyết định: hoadon sale list --state parked"},
	{count_tasks, "tasks are open: hoadon task list", "việc chưa xử lý: hoadon task list"},
};

/* The term is judged by a time that somebody vouches for, so that a clock that was set ahead does not end it. */
static int check_term(const struct cli *cli, const struct end *end)
{
	char last[CLOCK_TEXT_MAX], from[CLOCK_TEXT_MAX];
	int64_t until = retention_end(end->last_issued_at);
	if (!end->invoices)
		return 0;
	if (end->status.time.state != TIME_PROVEN)
		return cli_fail(cli, CLI_FAILURE,
			SAY(cli,
				"nobody vouches for the time, and whether the term of keeping is over depends on it: "
				"start "
				"hoadond "
				"with a line, or run hoadon clock confirm, then try again",
				"chưa có nguồn xác nhận giờ để biết đã hết hạn lưu trữ: hãy khởi động hoadond có mạng, "
				"hoặc "
				"hoadon clock confirm, rồi chạy lại"));
	if (end->status.time.now_ms >= until)
		return 0;
	time_text(end->last_issued_at, last);
	day_text(clock_day(until), from);
	return cli_fail(cli, CLI_FAILURE,
		SAY(cli,
			"the newest invoice is of %s; invoices are kept for ten years, so nothing may be destroyed "
			"before %s "
			"(R-STO-3, R-STO-4)",
			"hóa đơn mới nhất lập lúc %s; phải lưu trữ mười năm nên không được hủy trước ngày %s (R-STO-3, "
			"R-STO-4)"),
		last, from);
}

/* What is destroyed must be whole, else its last proof proves nothing. */
static int check_ledger(const struct cli *cli, struct store *store, struct fault *fault)
{
	struct ledger_finding finding = {0};
	struct ledger_summary summary = {0};
	int result = ledger_check(store, &finding, &summary, NULL, fault);
	if (result <= 0)
		return result;
	return cli_fail(cli, CLI_BROKEN,
		SAY(cli, "the ledger is broken at record %lld, nothing was destroyed; run: hoadon fsck",
			"sổ đối soát sai ở bản ghi %lld, chưa hủy gì; hãy chạy: hoadon fsck"),
		(long long)finding.seq);
}

static int check(struct cli *cli, struct end *end, struct fault *fault)
{
	int result = check_term(cli, end);
	for (size_t i = 0; result == 0 && i < ARRAY_LEN(open_ends); i++) {
		int64_t count = open_ends[i].count(&end->status);
		if (count)
			result = cli_fail(cli, CLI_FAILURE, "%lld %s", (long long)count,
				SAY(cli, open_ends[i].en, open_ends[i].vi));
	}
	return result ? result : check_ledger(cli, end->store, fault);
}

static bool lies_in(const char *path, const char *dir)
{
	char of_path[PATH_MAX], of_dir[PATH_MAX], copy[PATH_MAX];
	snprintf(copy, sizeof(copy), "%s", path);
	if (!dir || !realpath(dirname(copy), of_path) || !realpath(dir, of_dir))
		return false;
	size_t len = strlen(of_dir);
	return !strncmp(of_path, of_dir, len) && (!of_path[len] || of_path[len] == '/');
}

static int check_statement(const struct cli *cli)
{
	const char *path = cli->words[0];
	if (file_exists(path))
		return cli_fail(cli, CLI_FAILURE,
			SAY(cli, "%s exists and is not written over; choose another name",
				"%s đã có và không bị ghi đè; hãy chọn tên khác"),
			path);
	if (lies_in(path, cli->config.store_dir) || lies_in(path, cli->config.mirror_dir))
		return cli_fail(cli, CLI_FAILURE,
			SAY(cli, "%s lies where all is destroyed; choose a place elsewhere",
				"%s nằm ở nơi sẽ bị hủy; hãy chọn nơi khác"),
			path);
	return 0;
}

/* ---- what it is ---- */

static int find_backups(struct cli *cli, struct end *end, struct fault *fault)
{
	const char *dir = cli_value(cli, "backups");
	CLEANUP(closedirp) DIR *folder = dir ? opendir(dir) : NULL;
	const struct dirent *entry;
	int result = 0;
	if (dir && !folder)
		return FAULT(fault, FAULT_IO, "%s: %s", dir, strerror(errno));
	while (result == 0 && folder && (entry = readdir(folder))) {
		CLEANUP(restore_closep) struct restore *restore = NULL;
		const char *path = arena_printf(cli->arena, "%s/%s", dir, entry->d_name);
		if (!path)
			return FAULT(fault, FAULT_MEMORY, "no memory for a path");
		/* What cannot be read as one is no backup. */
		if (!restore_open(path, &restore, NULL) && !strcmp(restore_head(restore)->store, store_id(end->store)))
			result = destroy_add(&end->files, dir, entry->d_name, fault);
	}
	return result;
}

static int find_files(struct cli *cli, struct end *end, struct fault *fault)
{
	end->files = (struct destroy_list){.arena = cli->arena};
	int result = find_backups(cli, end, fault);
	return result ? result : destroy_find(end->store, cli->config.mirror_dir, &end->files, fault);
}

static int read_end(struct cli *cli, struct end *end, struct fault *fault)
{
	struct invoice_row *newest = NULL;
	size_t count = 0;
	int result = store_open(
		cli->config.store_dir, STORE_WRITE, &cli->clock, cli->config.seller.tax_code, &end->store, fault);
	if (result == 0)
		result = status_read(end->store, &end->status, fault);
	if (result == 0)
		result = store_invoice_list(end->store, -1, 0, 1, cli->arena, &newest, &count, fault);
	if (result < 0)
		return result;
	const struct invoice_counts *invoices = &end->status.invoices;
	end->invoices = invoices->issued + invoices->accepted + invoices->refused;
	end->last_issued_at = count ? newest->issued_at : 0;
	return 0;
}

/* Talk: on stderr, whatever the data look like. */
static void show(const struct cli *cli, const struct end *end)
{
	char last[CLOCK_TEXT_MAX], total[PRINT_NUMBER_MAX];
	time_text(end->last_issued_at, last);
	money_text(end->status.invoices.total, total);
	fprintf(stderr,
		SAY(cli,
			"To be destroyed for ever: %lld invoices (total %s đ, the newest of %s) and %lld ledger "
			"records of "
			"seller %s\n",
			"Sẽ hủy vĩnh viễn: %lld hóa đơn (tổng %s đ, mới nhất %s) và %lld bản ghi sổ của người bán "
			"%s\n"),
		(long long)end->invoices, total, last, (long long)end->status.head.seq, end->status.seller);
	for (const struct destroy_file *file = end->files.first; file; file = file->next)
		fprintf(stderr, "  %s (%lld B)\n", file->path, (long long)file->bytes);
	fputs(SAY(cli, "Backups in other places and files of the tills are not among them.\n",
		      "Không gồm bản sao lưu ở nơi khác và tệp của máy tính tiền.\n"),
		stderr);
}

/* Typed, so that nobody does it with a key too many. */
static bool is_confirmed(const struct cli *cli, const struct end *end)
{
	const char *given = cli_value(cli, "tax-code");
	char answer[ANSWER_MAX] = "";
	if (!given) {
		fputs(SAY(cli, "Type the seller's tax code to destroy it: ", "Gõ mã số thuế người bán để hủy: "),
			stderr);
		given = fgets(answer, sizeof(answer), stdin) ? answer : "";
		answer[strcspn(answer, "\r\n")] = 0;
	}
	return !strcmp(given, end->status.seller);
}

/* ---- do it ---- */

static int print_json(const struct cli *cli, const struct end *end, struct fault *fault)
{
	CLEANUP(bytes_done) struct bytes out;
	char hex[DIGEST_HEX_LEN + 1];
	bytes_init(&out, PRINT_JSON_MAX);
	hex_format(end->statement.digest, DIGEST_LEN, hex);
	json_begin(&out);
	json_member(&out, "file", cli->words[0]);
	json_member_int(&out, "records", end->statement.records);
	json_member(&out, "tail", end->statement.head.tail);
	json_member(&out, "sha256", hex);
	json_member_int(&out, "invoices", end->invoices);
	json_key(&out, "destroyed");
	bytes_char(&out, '[');
	for (const struct destroy_file *file = end->files.first; file; file = file->next) {
		json_item(&out);
		json_string(&out, file->path);
	}
	bytes_char(&out, ']');
	return json_print(&out, fault);
}

static void print_human(const struct cli *cli, const struct end *end)
{
	char hex[DIGEST_HEX_LEN + 1];
	hex_format(end->statement.digest, DIGEST_LEN, hex);
	printf(SAY(cli, "Destroyed. The last proof of it, to be kept: %s (%lld records)\n",
		       "Đã hủy. Bằng chứng cuối cùng, hãy giữ lại: %s (%lld bản ghi)\n"),
		cli->words[0], (long long)end->statement.records);
	print_field(SAY(cli, "Ledger tail", "Đuôi sổ"), end->statement.head.tail);
	print_field("SHA-256", hex);
}

/* Nothing is removed before the proof is on its disk. */
static int destroy(struct cli *cli, struct end *end, struct fault *fault)
{
	int result = destroy_record(end->store, end->invoices, end->last_issued_at, fault);
	if (result == 0)
		result = ledger_file_write(end->store, cli->words[0], &end->statement, fault);
	if (result == 0)
		result = find_files(cli, end, fault);
	for (const struct destroy_file *file = end->files.first; result == 0 && file; file = file->next)
		result = file_remove(file->path, fault);
	return result;
}

static int run(struct cli *cli, struct end *end, struct fault *fault)
{
	int result = check_statement(cli);
	if (result == 0)
		result = read_end(cli, end, fault);
	if (result == 0)
		result = check(cli, end, fault);
	if (result == 0)
		result = find_files(cli, end, fault);
	if (result)
		return result;
	show(cli, end);
	if (!is_confirmed(cli, end))
		return cli_fail(cli, CLI_FAILURE,
			SAY(cli, "that is not the seller's tax code; nothing was destroyed",
				"không phải mã số thuế của người bán; chưa hủy gì"));
	return destroy(cli, end, fault);
}

int data_destroy_run(struct cli *cli, struct fault *fault)
{
	CLEANUP(end_done) struct end end = {0};
	char path[PATH_MAX];
	if (!cli->is_configured)
		return cli_explain_config(cli);
	snprintf(path, sizeof(path), "%s/current.db", cli->config.store_dir);
	if (!file_exists(path))
		return cli_fail(
			cli, CLI_FAILURE, SAY(cli, "there is no store at %s", "không có kho dữ liệu ở %s"), path);
	int result = run(cli, &end, fault);
	if (result)
		return result;
	if (cli->is_json)
		return print_json(cli, &end, fault);
	print_human(cli, &end);
	return CLI_OK;
}
