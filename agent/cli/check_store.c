/* check_store: what the store says of itself, of its tills, the law and the work that waits; prototypes in checkup.h. */
#include <errno.h>
#include <stdio.h>
#include <string.h>
#include <unistd.h>

#include "base/file.h"
#include "base/machine.h"
#include "cli/checkup.h"
#include "cli/law_text.h"
#include "cli/print.h"
#include "cli/status.h"
#include "core/task.h"
#include "store/fsck.h"

#define READ_MAX      (INT64_C(32) << 20) /* a slow disk reads so much, page by page, in two seconds */
#define DAY_MS	      (INT64_C(24) * 3600 * 1000)
#define SALES_LOOKED  20000	   /* the newest, in which tills are looked for */
#define TILL_SILENT   (2 * DAY_MS) /* while another till sells */
#define SHOP_SILENT   (7 * DAY_MS)
#define LAW_WARN_DAYS 30
#define TASKS_SHOWN   5

/* ---- database, ledger, hold ---- */

static void find_no_store(struct checkup *at, const char *path, int error)
{
	const struct cli *cli = at->cli;
	if (error != ENOENT) {
		checkup_found(at, FINDING_WRONG, SAY(cli, "Look as root", "Chạy với sudo"), "sudo hoadon doctor",
			"%s: %s", path, strerror(error));
		return;
	}
	checkup_found(at, FINDING_WRONG,
		SAY(cli, "Start hoadond once, which makes it", "Khởi động hoadond một lần để tạo kho"),
		"systemctl start hoadond", SAY(cli, "there is no store at %s yet", "chưa có kho dữ liệu ở %s"), path);
}

/* fsck says what to do about whatever is broken. */
static void find_damage(struct checkup *at, const char *why)
{
	const struct cli *cli = at->cli;
	checkup_found(at, FINDING_WRONG,
		SAY(cli, "Stop hoadond and copy the store's folder away; then see what to do",
			"Dừng hoadond, sao chép thư mục kho sang ổ khác; rồi xem phải làm gì"),
		"hoadon fsck", SAY(cli, "damaged: %s", "bị hỏng: %s"), why);
}

static void find_unreadable(struct checkup *at, int result, const struct fault *fault)
{
	const struct cli *cli = at->cli;
	bool is_newer = false;
	if (store_is_newer(cli->config.store_dir, &is_newer, NULL) == 0 && is_newer)
		checkup_found(at, FINDING_WRONG,
			SAY(cli, "Install that version again; nothing was changed",
				"Cài lại phiên bản đó; chưa thay đổi gì"),
			"apt-get install --only-upgrade hoadon-agent", "%s", fault->text);
	else if (result == FAULT_FORMAT)
		find_damage(at, fault->text);
	else
		checkup_found(at, FINDING_WRONG,
			geteuid() ? SAY(cli, "Look as root", "Chạy với sudo")
				  : SAY(cli, "Look for the reason", "Tìm lý do"),
			geteuid() ? "sudo hoadon doctor" : "dmesg --level=err,warn", "%s", fault->text);
}

void check_database(struct checkup *at)
{
	struct cli *cli = at->cli;
	struct fault fault = {0};
	char path[4200], why[FSCK_TEXT_MAX];
	snprintf(path, sizeof(path), "%s/current.db", cli->config.store_dir);
	if (access(path, R_OK) != 0) {
		find_no_store(at, path, errno);
		return;
	}
	bool is_large = file_size(path) > READ_MAX;
	CLEANUP(store_closep) struct store *store = NULL;
	int result = store_open(cli->config.store_dir, STORE_READ, &cli->clock, NULL, &store, &fault);
	if (result == 0)
		result = is_large ? fsck_newest(store, &fault) : fsck_quick(store, why, &fault);
	if (result == 0)
		result = status_read(store, &at->status, &fault);
	if (result < 0) {
		find_unreadable(at, result, &fault);
	} else if (result > 0) {
		find_damage(at, why);
	} else {
		at->store = store;
		store = NULL;
		checkup_ok(at, FINDING_OK,
			is_large ? SAY(cli,
					   "%s is large: only its newest part was read, which is whole; all of it: "
					   "hoadon fsck",
					   "%s lớn: chỉ đọc phần mới nhất, phần này nguyên vẹn; kiểm tra toàn bộ: "
					   "hoadon fsck")
				 : SAY(cli, "%s is whole", "%s nguyên vẹn"),
			path);
	}
}

void check_ledger(struct checkup *at)
{
	const struct cli *cli = at->cli;
	struct ledger_finding finding = {0};
	struct fault fault = {0};
	int result = ledger_check_tail(at->store, &finding, &fault);
	if (result == 0) {
		checkup_ok(at, FINDING_OK, SAY(cli, "%lld records, tail %s", "%lld bản ghi, đuôi %s"),
			(long long)at->status.head.seq, at->status.head.tail);
		return;
	}
	checkup_found(at, FINDING_WRONG,
		SAY(cli, "Copy the store's folder away, then see how far it is broken",
			"Sao chép thư mục kho sang ổ khác, rồi xem sai lệch đến đâu"),
		"hoadon audit verify", SAY(cli, "broken at record %lld: %s", "sai lệch ở bản ghi %lld: %s"),
		(long long)finding.seq, result < 0 ? fault.text : finding.text);
}

/* A copy is noticed here also before hoadond was started on it. */
static bool is_of_this_machine(struct checkup *at)
{
	struct machine machine;
	bool is_same = true;
	if (machine_read(at->cli->root, at->cli->config.store_dir, &machine, NULL) == 0 &&
		store_machine_is_same(at->store, &machine, &is_same, NULL) < 0)
		return true;
	return is_same;
}

void check_hold(struct checkup *at)
{
	const struct cli *cli = at->cli;
	enum hold_kind kind = at->status.hold.kind;
	if (kind == HOLD_NONE && !is_of_this_machine(at))
		kind = HOLD_MACHINE;
	if (kind == HOLD_NONE)
		checkup_ok(at, FINDING_OK, "%s", SAY(cli, "the store is no copy", "kho dữ liệu không phải bản sao"));
	else
		checkup_found(at, FINDING_WRONG,
			SAY(cli, "Adopt it, once the old store sells no more", "Nhận kho khi nơi cũ không bán nữa"),
			"systemctl stop hoadond && hoadon adopt --reason TEXT && systemctl start hoadond", "%s",
			status_hold_text(cli, kind));
}

/* ---- tills ---- */

static const struct sale_last *find_last(const struct sale_last *rows, size_t count, const char *till)
{
	for (size_t i = 0; i < count; i++)
		if (strcmp(rows[i].till_id, till) == 0)
			return &rows[i];
	return NULL;
}

static void find_silent(struct checkup *at, const char *till, const struct sale_last *last)
{
	const struct cli *cli = at->cli;
	char since[CLOCK_TEXT_MAX];
	time_text(last ? last->last_at : 0, since);
	checkup_found(at, FINDING_WARNING,
		SAY(cli, "Sell one bill there; then see what came", "Bán thử một bill ở máy đó, rồi xem đã nhận gì"),
		"hoadon sale list --limit 10",
		SAY(cli, "till %s is silent while others sell; its last sale came %s",
			"máy %s im lặng trong khi máy khác vẫn bán; lần bán cuối %s"),
		till, since);
}

static void look_at_tills(struct checkup *at, const struct sale_last *rows, size_t count)
{
	const struct seller *seller = &at->cli->config.seller;
	int64_t now = checkup_now(at), oldest = now, newest = 0;
	char last[CLOCK_TEXT_MAX];
	for (size_t i = 0; i < count; i++) {
		oldest = rows[i].first_at < oldest ? rows[i].first_at : oldest;
		newest = rows[i].last_at > newest ? rows[i].last_at : newest;
	}
	time_text(newest, last);
	for (size_t i = 0; i < seller->till_count; i++) {
		const struct sale_last *row = find_last(rows, count, seller->tills[i].id);
		/* One that never sold is silent once the others sell for so long. */
		if (newest - (row ? row->last_at : oldest) > TILL_SILENT)
			find_silent(at, seller->tills[i].id, row);
	}
	if (now - newest > SHOP_SILENT)
		checkup_found(at, FINDING_WARNING,
			SAY(at->cli, "When the shop is open: sell one bill; then see what came",
				"Nếu cửa hàng đang mở: bán thử một bill, rồi xem đã nhận gì"),
			"hoadon sale list --limit 10",
			SAY(at->cli, "no till has sold since %s", "không máy nào bán từ %s"), last);
	else if (findings_worst(&at->findings, at->check) == FINDING_OK)
		checkup_ok(at, FINDING_OK, SAY(at->cli, "%zu tills, the last sale came %s", "%zu máy, lần bán cuối %s"),
			seller->till_count, last);
}

void check_tills(struct checkup *at)
{
	struct sale_last *rows = NULL;
	struct fault fault = {0};
	size_t count = 0;
	int result = store_sale_last(at->store, SALES_LOOKED, at->cli->arena, &rows, &count, &fault);
	if (result < 0)
		find_unreadable(at, result, &fault);
	else if (count == 0)
		checkup_ok(at, FINDING_OK, "%s", SAY(at->cli, "no till has sold yet", "chưa máy nào bán"));
	else
		look_at_tills(at, rows, count);
}

/* ---- law ---- */

static void look_at_rates(struct checkup *at, const struct law_book *book, const struct law *law)
{
	int32_t today = clock_day(checkup_now(at));
	char day[LAW_DAY_MAX];
	for (size_t i = 0; i < law->rate_count; i++) {
		const struct law_rate *rate = &law->rates[i];
		if (rate->to == LAW_ALWAYS || rate->to < today || rate->to > clock_day_add(today, LAW_WARN_DAYS))
			continue;
		int32_t next = clock_day_add(rate->to, 1);
		if (law_holds(law_on(book, next), rate->rate, next))
			continue;
		checkup_found(at, FINDING_WARNING,
			SAY(at->cli, "When a new act extends it, take its pack; else nothing is to be done",
				"Nếu có quy định mới kéo dài, hãy nhận gói luật; nếu không thì không cần làm gì"),
			"hoadon law import FILE --dry-run",
			SAY(at->cli, "the rate %s ends on %s", "thuế suất %s hết hiệu lực sau ngày %s"),
			vat_tag(rate->rate), law_text_day(at->cli, rate->to, day));
	}
}

void check_law(struct checkup *at)
{
	const struct cli *cli = at->cli;
	struct law_book book;
	struct fault fault = {0};
	int result = law_text_book(at->cli, at->store, &book, &fault);
	if (result < 0) {
		find_unreadable(at, result, &fault);
		return;
	}
	const struct law *law = law_on(&book, clock_day(checkup_now(at)));
	char day[LAW_DAY_MAX];
	look_at_rates(at, &book, law);
	if (findings_worst(&at->findings, at->check) == FINDING_OK)
		checkup_ok(at, FINDING_OK, SAY(cli, "pack %lld, from %s", "gói %lld, từ %s"), (long long)law->version,
			law_text_day(cli, law->applies_on, day));
}

/* ---- work that waits ---- */

static void look_at_tasks(struct checkup *at)
{
	const struct cli *cli = at->cli;
	struct task_row *rows = NULL;
	struct fault fault = {0};
	size_t count = 0;
	int result = store_task_list(at->store, TASKS_SHOWN, cli->arena, &rows, &count, &fault);
	if (result < 0)
		find_unreadable(at, result, &fault);
	for (size_t i = 0; i < count; i++) {
		const struct task_kind *kind = task_kind_find(rows[i].kind);
		checkup_found(at, FINDING_WARNING, SAY(cli, kind->next_en, kind->next_vi),
			checkup_command(at, "hoadon task show %lld", (long long)rows[i].id),
			SAY(cli, "task %lld: %s", "việc %lld: %s"), (long long)rows[i].id,
			SAY(cli, kind->en, kind->vi));
	}
}

void check_work(struct checkup *at)
{
	static const struct {
		int bit;
		enum finding_level level;
		const char *command;
	} bits[] = {
		{STATUS_OVERDUE, FINDING_WRONG, "hoadon queue list"},
		{STATUS_UNSENT_HARD, FINDING_WRONG, "hoadon queue list"},
		{STATUS_UNSENT, FINDING_WARNING, "hoadon queue list"},
		{STATUS_LATE, FINDING_WARNING, "hoadon queue list"},
		{STATUS_UNKNOWN, FINDING_WARNING, "hoadon queue list"},
		{STATUS_PARKED, FINDING_WARNING, "hoadon sale list --state parked"},
	};
	const struct cli *cli = at->cli;
	const struct invoice_counts *invoices = &at->status.invoices;
	int reasons = status_reasons(&at->status, checkup_now(at));
	char since[CLOCK_TEXT_MAX], due[CLOCK_TEXT_MAX];
	time_text(invoices->oldest_open_at, since);
	time_text(invoices->oldest_deadline, due);
	for (size_t i = 0; i < ARRAY_LEN(bits); i++)
		if (reasons & bits[i].bit)
			checkup_found(at, bits[i].level, status_reason_text(cli, bits[i].bit), bits[i].command,
				SAY(cli, "%lld invoices under way, the oldest issued %s, due %s; %lld sales parked",
					"%lld hóa đơn đang gửi, lâu nhất lập lúc %s, hạn %s; %lld giao dịch chờ"),
				(long long)invoices->issued, since, due, (long long)at->status.sales.parked);
	look_at_tasks(at);
	if (findings_worst(&at->findings, at->check) == FINDING_OK)
		checkup_ok(at, FINDING_OK,
			SAY(cli, "no task; %lld invoices under way", "không có việc; %lld hóa đơn đang gửi"),
			(long long)invoices->issued);
}
