#include "store/outages.h"
#include "store/status.h"

#include <stdio.h>
#include <string.h>
#include <unistd.h>

#include "cli/commands.h"
#include "cli/daemon.h"
#include "cli/law_text.h"
#include "cli/print.h"
#include "cli/status.h"
#include "cli/task_text.h"
#include "drivers/drivers.h"
#include "issue/wrap.h"

#define WATCH_SECONDS 2
#define MISSING_MAX   (64u << 10)
#define TASKS_SHOWN   5
#define SHOW_ARENA    (16u << 20)
#define FILES_MS      (INT64_C(60) * 1000) /* a file that lies in the spool folder for longer is worth a look */
struct view {
	int exit; /* CLI_OK, CLI_DEGRADED, CLI_BLOCKED, CLI_NOT_RUNNING */
	bool is_running, has_store;
	int missing; /* settings */
	struct bytes missing_text;
	struct fault store_fault; /* why there is no store */
	struct status status;
	int reasons;
	struct task_row *tasks; /* the oldest open ones */
	struct invoice_row *task_invoices[TASKS_SHOWN];
	size_t task_count;
	struct outage_row *outages; /* that go on */
	size_t outage_count;
	bool is_sealed;			      /* something in the store is */
	char wrapped_to[ENVELOPE_SERIAL_MAX]; /* the certificate whose key opens the store's; "" = none */
	bool is_route_closed;		      /* one is not called until its pause is over: nobody has to do anything */
	struct answer mirror, health;	      /* json NULL = hoadond did not say */
	struct law_book law;
	const struct law *law_now, *law_next; /* that holds today; that waits for its day, NULL = none */
};

static void view_done(struct view *view)
{
	bytes_done(&view->missing_text);
	answer_done(&view->mirror);
	answer_done(&view->health);
}

/* X(exit, word, English, Vietnamese): the big sentence. */
static const struct headline {
	int exit;
	const char *word, *en, *vi;
} headlines[] = {
	{CLI_OK, "ok", "ALL IS WELL.", "MỌI VIỆC ĐỀU TỐT."},
	{CLI_DEGRADED, "degraded", "WORKS, BUT SOMETHING NEEDS A PERSON.", "VẪN CHẠY, NHƯNG CÓ VIỆC CẦN NGƯỜI XỬ LÝ."},
	{CLI_BLOCKED, "blocked", "NOT READY: INVOICES CANNOT BE ISSUED OR SENT.",
		"CHƯA SẴN SÀNG: CHƯA LẬP HOẶC CHƯA GỬI ĐƯỢC HÓA ĐƠN."},
	{CLI_NOT_RUNNING, "not_running", "HOADOND IS NOT RUNNING: NO SALE IS TAKEN.",
		"HOADOND KHÔNG CHẠY: KHÔNG NHẬN ĐƯỢC GIAO DỊCH."},
};

/* The times of files are the kernel's, whatever clock a test drives. */
static bool has_old_files(const struct cli *cli)
{
	struct clock machine = {0};
	return cli->config.spool_dir && source_spool.left(cli->config.spool_dir, clock_now_ms(&machine) - FILES_MS) > 0;
}

static void print_time(const struct cli *cli, const struct time_decision *time)
{
	char now[CLOCK_TEXT_MAX];
	time_text(time->now_ms, now);
	if (time->state != TIME_PROVEN)
		printf(SAY(cli, "  ! Time %s: %s\n", "  ! Giờ %s: %s\n"), now, status_time_text(cli, time->state));
	if (!time->wait_until_ms || time_is_held(time->state))
		return;
	time_text(time->wait_until_ms, now);
	printf(SAY(cli,
		       "  ! The last invoice bears the later time %s: no number is taken before then, sales are kept. "
		       "To "
		       "go on at once, set a suffix under [serial] that was never used and restart hoadond.\n",
		       "  ! Hóa đơn trước mang giờ muộn hơn %s: chưa cấp số trước giờ đó, giao dịch được giữ lại. Muốn "
		       "lập "
		       "ngay: đặt suffix chưa từng dùng trong [serial] rồi khởi động lại hoadond.\n"),
		now);
}

/* The second medium as hoadond sees it; without hoadond nothing new could reach it. */
static bool mirror_is_known(const struct view *view)
{
	return answer_is_true(&view->mirror, "is_configured");
}

static bool mirror_is_gone(const struct view *view)
{
	return mirror_is_known(view) && !answer_is_true(&view->mirror, "is_there");
}

static int decide(const struct view *view)
{
	if (view->missing)
		return CLI_BLOCKED;
	if (!view->is_running)
		return CLI_NOT_RUNNING;
	if (!view->has_store)
		return CLI_BLOCKED;
	const struct time_decision *time = &view->status.time;
	bool is_held = view->has_store && (time_is_held(time->state) || time->wait_until_ms);
	if (is_held || view->reasons & (STATUS_HELD | STATUS_DISK_FULL | STATUS_DISK_FAILING | STATUS_LOCKED))
		return CLI_BLOCKED;
	return view->reasons || mirror_is_gone(view) ? CLI_DEGRADED : CLI_OK;
}

static int look_at_tasks(struct cli *cli, struct store *store, struct view *view)
{
	struct fault *fault = &view->store_fault;
	int result = store_task_list(store, TASKS_SHOWN, cli->arena, &view->tasks, &view->task_count, fault);
	for (size_t i = 0; result == 0 && i < view->task_count; i++)
		result = task_text_invoice(cli, store, &view->tasks[i], &view->task_invoices[i], fault);
	return result;
}

struct word_bit {
	const char *word;
	int bit;
};

static int find_bit(const struct word_bit *words, const char *word)
{
	while (words->word && strcmp(words->word, word) != 0)
		words++;
	return words->bit;
}

int status_key_reason(const char *standing)
{
	static const struct word_bit words[] = {
		{"opening", STATUS_KEY_OPENING},
		{"away", STATUS_KEY_AWAY},
		{"password", STATUS_KEY_PASSWORD},
		{"unfit", STATUS_KEY_UNFIT},
		{NULL, 0},
	};
	return find_bit(words, standing);
}

static int port_bit(const char *standing)
{
	static const struct word_bit words[] = {{"printer-waits", STATUS_PRINTER_WAITS},
		{"printer-away", STATUS_PRINTER_AWAY}, {"reader-away", STATUS_READER_AWAY},
		{"receipts-wait", STATUS_RECEIPTS_WAIT}, {"closed", STATUS_PORT_CLOSED}, {NULL, 0}};
	return find_bit(words, standing);
}

/* The ports that are not well, each with its word. */
static const cJSON *first_port(const struct view *view)
{
	const cJSON *ports = cJSON_GetObjectItemCaseSensitive(view->health.json, "not_well");
	return ports ? ports->child : NULL;
}

/* What only the process knows: the words of its disk, its ports, its routes and its key. */
static int look_at_health(const struct cli *cli, struct view *view)
{
	static const struct word_bit disks[] = {
		{"failing", STATUS_DISK_FAILING}, {"full", STATUS_DISK_FULL}, {NULL, 0}};
	static const struct word_bit stores[] = {{"locked", STATUS_LOCKED}, {NULL, 0}};
	static const struct word_bit routes[] = {{"unreadable", STATUS_ROUTE_FILES}, {NULL, 0}};
	const struct answer *health = &view->health;
	daemon_ask(cli, "/health/ready", &view->health);
	view->is_route_closed = strcmp(answer_text(health, "routes"), "closed") == 0;
	int ports = port_bit(answer_text(health, "ports"));
	for (const cJSON *port = first_port(view); port; port = port->next)
		ports |= port_bit(cJSON_GetStringValue(port));
	return (*answer_text(health, "stuck") ? STATUS_STUCK : 0) | find_bit(disks, answer_text(health, "disk")) |
	       find_bit(stores, answer_text(health, "store")) | find_bit(routes, answer_text(health, "routes")) |
	       ports | status_key_reason(answer_text(health, "key"));
}

/* A newer store cannot be read either: this says why. */
static int look_at_schema(const struct cli *cli)
{
	bool is_newer = false;
	return !store_is_newer(cli->config.store_dir, &is_newer, NULL) && is_newer ? STATUS_NEWER : 0;
}

/* What waits is the newest pack, unless it holds already. */
static int look_at_law(struct cli *cli, struct store *store, struct view *view)
{
	int result = law_text_book(cli, store, &view->law, &view->store_fault);
	const struct law *newest = law_newest(&view->law);
	view->law_now = law_on(&view->law, clock_day(view->status.time.now_ms));
	view->law_next = newest != view->law_now ? newest : NULL;
	return result;
}

static int look_at_seal(struct store *store, struct view *view)
{
	int result = store_seal_check(store, NULL, &view->store_fault);
	view->is_sealed = result == STORE_LOCKED;
	if (result >= 0)
		result = wrap_serial(store, view->wrapped_to, &view->store_fault);
	return result < 0 ? result : 0;
}

/* 0 with @view filled; CLI_PERMISSION after saying so. */
static int look(struct cli *cli, struct view *view)
{
	CLEANUP(store_closep) struct store *store = NULL;
	view->missing = config_missing(&cli->config, &view->missing_text);
	view->is_running = daemon_is_running(cli);
	int result = cli_open_store(cli, &store, &view->store_fault);
	if (result > 0)
		return result;
	if (result == 0)
		result = status_read(store, &view->status, &view->store_fault);
	if (result == 0)
		result = look_at_tasks(cli, store, view);
	if (result == 0)
		result = store_outage_going(store, cli->arena, &view->outages, &view->outage_count, &view->store_fault);
	if (result == 0)
		result = look_at_law(cli, store, view);
	if (result == 0)
		result = look_at_seal(store, view);
	view->has_store = result == 0;
	view->reasons = view->has_store ? status_reasons(&view->status, view->status.time.now_ms) : look_at_schema(cli);
	if (view->has_store && view->status.used_percent > cli->config.late_percent)
		view->reasons |= STATUS_DEADLINE;
	if (has_old_files(cli))
		view->reasons |= STATUS_FILES;
	if (view->is_running && cli->config.mirror_dir) {
		result = daemon_call(cli, "GET", "/api/v1/mirror", NULL, &view->mirror, &view->store_fault);
		if (result > 0)
			return result;
	}
	if (view->is_running)
		view->reasons |= look_at_health(cli, view);
	view->exit = decide(view);
	return 0;
}

static const struct headline *headline_of(int exit)
{
	size_t i = 0;
	while (i + 1 < ARRAY_LEN(headlines) && headlines[i].exit != exit)
		i++;
	return &headlines[i];
}

/* One sentence, and the ports that it is about. */
static void print_reason(const struct cli *cli, const struct view *view, const struct status_reason_row *row)
{
	printf("  ! %s", SAY(cli, row->en, row->vi));
	for (const cJSON *port = first_port(view); port; port = port->next)
		if (port_bit(cJSON_GetStringValue(port)) == row->bit)
			printf(" [%s]", port->string);
	putchar('\n');
}

static void print_outage(const struct cli *cli, const struct outage_row *outage)
{
	const struct outage_kind *kind = outage_kind(outage->cause);
	char since[CLOCK_TEXT_MAX];
	time_text(outage->begun_at, since);
	printf(SAY(cli, "  ! %s since %s%s (hoadon outage list)\n", "  ! %s từ %s%s (hoadon outage list)\n"),
		SAY(cli, kind->en, kind->vi), since,
		kind->stops_sales ? "" : SAY(cli, "; sales go on, invoices wait", "; vẫn bán hàng, hóa đơn chờ gửi"));
}

static void print_todo(const struct cli *cli, const struct view *view)
{
	if (view->missing)
		printf(SAY(cli, "  Missing settings (%d): hoadon config check\n",
			       "  Cấu hình còn thiếu (%d mục): hoadon config check\n"),
			view->missing);
	if (!view->is_running)
		puts(SAY(cli, "  Start it: systemctl start hoadond", "  Khởi động: systemctl start hoadond"));
	if (!view->has_store)
		printf(SAY(cli, "  The store cannot be read: %s\n", "  Không đọc được kho dữ liệu: %s\n"),
			view->store_fault.text);
	if (view->status.hold.kind != HOLD_NONE)
		printf("  ! %s%s%s%s\n", status_hold_text(cli, view->status.hold.kind),
			*view->status.hold.detail ? " (" : "", view->status.hold.detail,
			*view->status.hold.detail ? ")" : "");
	if (view->has_store)
		print_time(cli, &view->status.time);
	for (const struct status_reason_row *row = status_reason_rows; row->word; row++)
		if (view->reasons & row->bit)
			print_reason(cli, view, row);
	for (size_t i = 0; view->has_store && i < view->task_count; i++)
		task_text_print(cli, &view->tasks[i], view->task_invoices[i]);
	for (size_t i = 0; view->has_store && i < view->outage_count; i++)
		print_outage(cli, &view->outages[i]);
}

static void print_counts(const struct cli *cli, const struct status *status)
{
	const struct sale_counts *sales = &status->sales;
	const struct invoice_counts *invoices = &status->invoices;
	const struct message_counts *messages = &status->messages;
	char total[PRINT_NUMBER_MAX], since[CLOCK_TEXT_MAX], due[CLOCK_TEXT_MAX], last[CLOCK_TEXT_MAX];
	money_text(invoices->total, total);
	time_text(invoices->oldest_open_at, since);
	time_text(invoices->oldest_deadline, due);
	time_text(invoices->last_accepted_at, last);
	printf(SAY(cli, "Sales:     %lld issued, %lld parked, %lld ignored\n",
		       "Giao dịch: %lld đã lập hóa đơn, %lld chờ xử lý, %lld bỏ qua\n"),
		(long long)sales->issued, (long long)sales->parked, (long long)sales->ignored);
	if (cli->config.port_count || status->paper[PAPER_WITHOUT_CODE] || status->paper[PAPER_LATE_SLIPS])
		printf(SAY(cli, "Paper:     %lld receipts without code, %lld slips behind, %lld lost\n",
			       "Phiếu in:  %lld phiếu ra giấy khi chưa có mã, %lld phiếu rời in sau, %lld bị mất\n"),
			(long long)status->paper[PAPER_WITHOUT_CODE], (long long)status->paper[PAPER_LATE_SLIPS],
			(long long)status->paper[PAPER_NOT_KEPT]);
	printf(SAY(cli, "Invoices:  %lld accepted, %lld under way, %lld refused; total %s đ\n",
		       "Hóa đơn:   %lld đã chấp nhận, %lld đang gửi, %lld bị từ chối; tổng %s đ\n"),
		(long long)invoices->accepted, (long long)invoices->issued, (long long)invoices->refused, total);
	printf(SAY(cli, "Queue:     %lld to send, %lld sent, %lld unknown; %lld invoices without message\n",
		       "Hàng đợi:  %lld chờ gửi, %lld đã gửi, %lld chưa rõ; %lld hóa đơn chưa đóng gói\n"),
		(long long)messages->made, (long long)messages->sent, (long long)messages->unknown,
		(long long)invoices->waiting);
	if (status->carried)
		printf(SAY(cli, "Courier:   %lld messages are on a stick; back here: hoadon courier import DIR\n",
			       "Chuyển tay: %lld thông điệp đang trên USB; khi về: hoadon courier import THƯ-MỤC\n"),
			(long long)status->carried);
	if (invoices->oldest_open_at)
		printf(SAY(cli, "Oldest:    issued %s, due %s\n", "Lâu nhất:  lập lúc %s, hạn gửi %s\n"), since, due);
	printf(SAY(cli, "Answered:  last %s\n", "Trả lời:   lần cuối %s\n"), last);
	printf(SAY(cli, "Ledger:    %lld records, tail %s\n", "Sổ:        %lld bản ghi, đuôi %s\n"),
		(long long)status->head.seq, status->head.seq ? status->head.tail : "-");
}

static void print_law(const struct cli *cli, const struct view *view)
{
	char day[LAW_DAY_MAX];
	printf(SAY(cli, "Law:       pack %lld, from %s", "Luật:      gói %lld, từ %s"),
		(long long)view->law_now->version, law_text_day(cli, view->law_now->applies_on, day));
	if (view->law_next)
		printf(SAY(cli, "; then pack %lld, from %s", "; kế tiếp gói %lld, từ %s"),
			(long long)view->law_next->version, law_text_day(cli, view->law_next->applies_on, day));
	putchar('\n');
}

static void print_mirror(const struct cli *cli, const struct view *view)
{
	const struct answer *mirror = &view->mirror;
	long long behind = answer_number(mirror, "behind_ms", -1), percent = answer_number(mirror, "base_percent", 100);
	if (!cli->config.mirror_dir)
		puts(SAY(cli, "Mirror:    none ([mirror] dir is not set): a broken disk loses what is not backed up",
			"Bản sao:   không có (chưa đặt [mirror] dir): hỏng ổ đĩa là mất phần chưa sao lưu"));
	else if (!mirror_is_known(view))
		puts(SAY(cli, "Mirror:    not known, hoadond does not say",
			"Bản sao:   không rõ, hoadond chưa cho biết"));
	else if (mirror_is_gone(view) && !*answer_text(mirror, "gone_since"))
		puts(SAY(cli, "Mirror:    not looked at yet", "Bản sao:   chưa kiểm tra xong ổ thứ hai"));
	else if (mirror_is_gone(view))
		printf(SAY(cli, "Mirror:    GONE since %s: %s\n", "Bản sao:   MẤT từ %s: %s\n"),
			answer_text(mirror, "gone_since"), answer_text(mirror, "reason"));
	else if (!answer_is_true(mirror, "is_whole"))
		printf(SAY(cli, "Mirror:    being made, %lld %% of the store copied\n",
			       "Bản sao:   đang tạo, đã chép %lld %% kho dữ liệu\n"),
			percent);
	else
		printf(SAY(cli, "Mirror:    %lld.%lld s behind\n", "Bản sao:   chậm %lld,%lld giây\n"), behind / 1000,
			behind % 1000 / 100);
}

static void print_seal(const struct cli *cli, const struct view *view)
{
	if (!cli->config.seal_store)
		puts(SAY(cli, "Store:     NOT encrypted ([store] seal = no)",
			"Kho:       KHÔNG mã hóa ([store] seal = no)"));
	if (*view->wrapped_to)
		printf(SAY(cli, "Key:       of the store, opens with certificate %s, too\n",
			       "Khóa kho:  chứng thư %s cũng mở được\n"),
			view->wrapped_to);
	else if (view->is_sealed)
		puts(SAY(cli, "Key:       of the store, HAS NO COPY: sudo hoadon doctor",
			"Khóa kho:  CHƯA CÓ BẢN THỨ HAI: sudo hoadon doctor"));
}

static void print_human(const struct cli *cli, const struct view *view)
{
	const struct headline *headline = headline_of(view->exit);
	puts(SAY(cli, headline->en, headline->vi));
	print_todo(cli, view);
	if (view->has_store) {
		print_counts(cli, &view->status);
		if (view->is_route_closed)
			puts(SAY(cli, "Route:     paused after failures, it is called again by itself within a minute",
				"Đường gửi: tạm nghỉ sau khi gọi không được, tự gọi lại trong vòng một phút"));
		print_law(cli, view);
	}
	print_mirror(cli, view);
	print_seal(cli, view);
}

static void write_time(const struct time_decision *time, struct bytes *out)
{
	json_key(out, "clock");
	bytes_char(out, '{');
	json_member(out, "state", time_state_word((int)time->state));
	json_time(out, "now", time->now_ms);
	json_id(out, "ahead_ms", time->ahead_ms);
	json_time(out, "wait_until", time->wait_until_ms);
	bytes_char(out, '}');
}

static void write_counts(const struct status *status, struct bytes *out)
{
	json_key(out, "sales");
	bytes_char(out, '{');
	json_member_int(out, "received", status->sales.received);
	json_member_int(out, "issued", status->sales.issued);
	json_member_int(out, "parked", status->sales.parked);
	json_member_int(out, "ignored", status->sales.ignored);
	json_member_int(out, "refused_frames", status->sales.refused_frames);
	json_member_int(out, "receipts_without_code", status->paper[PAPER_WITHOUT_CODE]);
	json_member_int(out, "late_slips", status->paper[PAPER_LATE_SLIPS]);
	json_member_int(out, "receipts_not_kept", status->paper[PAPER_NOT_KEPT]);
	json_time(out, "oldest_parked_at", status->sales.oldest_parked_at);
	bytes_char(out, '}');
	json_key(out, "invoices");
	bytes_char(out, '{');
	json_member_int(out, "under_way", status->invoices.issued);
	json_member_int(out, "waiting", status->invoices.waiting);
	json_member_int(out, "in_message", status->invoices.in_message);
	json_member_int(out, "accepted", status->invoices.accepted);
	json_member_int(out, "refused", status->invoices.refused);
	json_id(out, "net", status->invoices.net);
	json_id(out, "vat", status->invoices.vat);
	json_id(out, "total", status->invoices.total);
	json_time(out, "oldest_open_at", status->invoices.oldest_open_at);
	json_time(out, "oldest_deadline", status->invoices.oldest_deadline);
	json_member_int(out, "used_percent", status->used_percent);
	json_time(out, "last_accepted_at", status->invoices.last_accepted_at);
	bytes_char(out, '}');
}

static void write_rest(const struct status *status, struct bytes *out)
{
	json_key(out, "messages");
	bytes_char(out, '{');
	json_member_int(out, "made", status->messages.made);
	json_member_int(out, "sent", status->messages.sent);
	json_member_int(out, "unknown", status->messages.unknown);
	json_member_int(out, "answered", status->messages.answered);
	json_member_int(out, "carried", status->carried);
	json_member_int(out, "refused", status->messages.refused);
	json_time(out, "next_try_at", status->next_try_at == INT64_MAX ? 0 : status->next_try_at);
	bytes_char(out, '}');
	json_member_int(out, "tasks", status->tasks);
	json_member_int(out, "tokens", status->tokens);
	json_member(out, "store", status->store);
	json_member(out, "seller", status->seller);
	json_key(out, "ledger");
	bytes_char(out, '{');
	json_member_int(out, "records", status->head.seq);
	json_member(out, "tail", status->head.seq ? status->head.tail : NULL);
	bytes_char(out, '}');
}

static void write_law(const struct cli *cli, const char *key, const struct law *law, struct bytes *out)
{
	char day[LAW_DAY_MAX];
	json_key(out, key);
	if (!law) {
		bytes_text(out, "null");
		return;
	}
	bytes_char(out, '{');
	json_member_int(out, "version", law->version);
	json_member(out, "applies_on", law_text_day(cli, law->applies_on, day));
	bytes_char(out, '}');
}

static int print_json(const struct cli *cli, const struct view *view, struct fault *fault)
{
	CLEANUP(bytes_done) struct bytes out;
	bytes_init(&out, PRINT_JSON_MAX);
	json_begin(&out);
	json_member(&out, "state", headline_of(view->exit)->word);
	json_member_flag(&out, "is_running", view->is_running);
	json_member_flag(&out, "is_sealed", cli->config.seal_store);
	json_member(&out, "key_wrapped_to", *view->wrapped_to ? view->wrapped_to : NULL);
	json_member_flag(&out, "is_route_closed", view->is_route_closed);
	json_member_int(&out, "missing_settings", view->missing);
	json_member(&out, "store_fault", view->has_store ? NULL : view->store_fault.text);
	json_key(&out, "mirror");
	char *mirror = view->mirror.json ? cJSON_PrintUnformatted(view->mirror.json) : NULL;
	bytes_text(&out, mirror ? mirror : "null");
	cJSON_free(mirror);
	json_key(&out, "ports");
	bytes_char(&out, '{');
	for (const cJSON *port = first_port(view); port; port = port->next)
		json_member(&out, port->string, cJSON_GetStringValue(port));
	bytes_char(&out, '}');
	json_key(&out, "reasons");
	bytes_char(&out, '[');
	for (const struct status_reason_row *row = status_reason_rows; row->word; row++)
		if (view->reasons & row->bit) {
			json_item(&out);
			json_string(&out, row->word);
		}
	if (view->reasons & STATUS_HELD) {
		json_item(&out);
		json_string(&out, "held");
	}
	if (view->reasons & STATUS_CLOCK) {
		json_item(&out);
		json_string(&out, "clock");
	}
	bytes_char(&out, ']');
	if (view->has_store) {
		json_member(&out, "held", view->reasons & STATUS_HELD ? hold_word(view->status.hold.kind) : NULL);
		write_time(&view->status.time, &out);
		write_counts(&view->status, &out);
		write_rest(&view->status, &out);
		write_law(cli, "law", view->law_now, &out);
		write_law(cli, "next_law", view->law_next, &out);
	}
	return json_print(&out, fault);
}

/* With memory of its own, so that --watch goes on for days. */
static int show(const struct cli *of_all, struct fault *fault)
{
	CLEANUP(arena_freep) struct arena *arena = arena_new(SHOW_ARENA);
	CLEANUP(view_done) struct view view = {0};
	struct cli once = *of_all, *cli = &once;
	cli->arena = arena;
	bytes_init(&view.missing_text, MISSING_MAX);
	int result = arena ? look(cli, &view) : FAULT(fault, FAULT_MEMORY, "no memory for the status");
	if (result)
		return result;
	if (!cli->is_json)
		print_human(cli, &view);
	else if (print_json(cli, &view, fault) < 0)
		return FAULT_MEMORY;
	return view.exit;
}

static const struct headline not_set_up = {
	CLI_BLOCKED, "not_set_up", "NOT SET UP YET: run sudo hoadon setup", "CHƯA CÀI ĐẶT: hãy chạy sudo hoadon setup"};

/* Without a configuration nothing else can be looked at. */
static int show_unconfigured(const struct cli *cli, struct fault *fault)
{
	const struct headline *headline = cli->is_configured ? &not_set_up : headline_of(CLI_BLOCKED);
	if (!cli->is_configured && cli_explain_config(cli) == CLI_PERMISSION)
		return CLI_PERMISSION;
	if (!cli->is_json) {
		puts(SAY(cli, headline->en, headline->vi));
		return CLI_BLOCKED;
	}
	CLEANUP(bytes_done) struct bytes out;
	bytes_init(&out, PRINT_JSON_MAX);
	json_begin(&out);
	json_member(&out, "state", headline->word);
	json_member(&out, "config_fault", cli->is_configured ? NULL : cli->config_fault.text);
	return json_print(&out, fault) < 0 ? FAULT_MEMORY : CLI_BLOCKED;
}

int status_run(struct cli *cli, struct fault *fault)
{
	if (!cli->is_configured || !cli->config.seller.tax_code)
		return show_unconfigured(cli, fault);
	for (;;) {
		if (cli_value(cli, "watch") && isatty(STDOUT_FILENO))
			fputs("\033[H\033[2J", stdout);
		int result = show(cli, fault);
		if (!cli_value(cli, "watch") || result < 0 || result == CLI_PERMISSION || fflush(stdout) != 0)
			return result;
		sleep(WATCH_SECONDS);
	}
}
