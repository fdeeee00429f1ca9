#include <stdio.h>
#include <unistd.h>

#include "cli/commands.h"
#include "cli/print.h"
#include "cli/whole.h"

/* What a person does about each kind. fsck itself does nothing: every repair loses something, and which, is not ours to choose. */
static const struct plan {
	const char *en, *vi; /* what is wrong */
	const char *do_en, *do_vi;
} plans[FSCK_KIND_COUNT] = {
#define RESTORE_EN                                                                                                     \
	"Stop hoadond and copy the store's folder to another disk. Find the newest backup that is whole: hoadon "      \
	"restore "                                                                                                     \
	"FILE --verify. Restore it into a new folder, then: hoadon adopt."
#define RESTORE_VI                                                                                                                      \
	"Dừng hoadond, sao chép thư mục kho sang ổ khác. Tìm bản sao lưu mới nhất còn nguyên: hoadon restore TỆP " \
	"--verify. "                                                                                                                    \
	"Khôi phục vào thư mục mới, rồi: hoadon adopt."
#define ADOPT_EN                                                                                                       \
	"Stop hoadond and copy the store's folder to another disk. Compare the serial with the portal of the tax "     \
	"authority, then begin a new serial: hoadon adopt."
#define ADOPT_VI                                                                                                                                  \
	"Dừng hoadond, sao chép thư mục kho sang ổ khác. Đối chiếu ký hiệu với cổng của cơ quan thuế, rồi dùng ký " \
	"hiệu "                                                                                                                                 \
	"mới: hoadon adopt."
	[FSCK_FILE] = {"the database file is damaged", "tệp cơ sở dữ liệu bị hỏng", RESTORE_EN, RESTORE_VI},
	[FSCK_REFERENCE] = {"a row names one that is missing", "một dòng trỏ tới dòng không còn", RESTORE_EN,
		RESTORE_VI},
	[FSCK_LEDGER] = {"the ledger is broken", "sổ đối soát bị sai lệch", RESTORE_EN, RESTORE_VI},
	[FSCK_FRAME] = {"what a till sent was changed", "dữ liệu gốc của máy tính tiền bị thay đổi",
		"The invoice is not touched by it. Copy the store's folder and look for the bill in a backup.",
		"Hóa đơn không bị ảnh hưởng. Sao chép thư mục kho và tìm giao dịch đó trong bản sao lưu."},
	[FSCK_INVOICE] = {"an issued invoice was changed or lost its bytes",
		"hóa đơn đã lập bị thay đổi hoặc mất dữ liệu", RESTORE_EN, RESTORE_VI},
	[FSCK_RECORD] = {"an invoice is not what the ledger says", "hóa đơn không khớp sổ đối soát", RESTORE_EN,
		RESTORE_VI},
	[FSCK_NUMBER] = {"a gap in the numbers of a serial", "số hóa đơn trong ký hiệu bị thiếu hoặc lặp", ADOPT_EN,
		ADOPT_VI},
	[FSCK_PLACE] = {"the next number does not follow the last", "số kế tiếp không nối số cuối", ADOPT_EN, ADOPT_VI},
	[FSCK_CODE] = {"the next code does not follow the last", "mã kế tiếp không nối mã cuối", ADOPT_EN, ADOPT_VI},
	[FSCK_SALE] = {"a sale without an invoice and without a task",
		"giao dịch không có hóa đơn và không có việc cần làm",
		"Look at it: hoadon sale show ID. Issue its invoice by hand and report the case.",
		"Xem: hoadon sale show ID. Lập hóa đơn bằng tay và báo lại trường hợp này."},
	[FSCK_STUCK] = {"an open invoice that nobody follows", "hóa đơn chưa có kết quả mà không ai theo dõi",
		"Ask the provider what became of it, and report the case.",
		"Hỏi nhà cung cấp kết quả của hóa đơn, và báo lại trường hợp này."},
	[FSCK_MESSAGE] = {"a message is not what was signed", "thông điệp không còn như khi ký",
		"It is never sent so. If it was answered, nothing is lost: copy the store's folder. " RESTORE_EN,
		"Thông điệp này không bao giờ được gửi. Nếu đã có trả lời thì không mất gì: sao chép thư mục "
		"kho. " RESTORE_VI},
	[FSCK_VERDICT] = {"an answer of the authority was changed", "trả lời của cơ quan thuế bị thay đổi",
		"The states of the invoices stay. Copy the store's folder and look for the answer in a backup.",
		"Trạng thái hóa đơn vẫn giữ. Sao chép thư mục kho và tìm trả lời đó trong bản sao lưu."},
	[FSCK_PAPER] = {"paper of a till and the sale read from it do not belong together",
		"phiếu in của máy tính tiền và giao dịch đọc từ đó không khớp nhau",
		"The invoice is not touched by it. Compare the sale with the shop's paper: hoadon sale show ID.",
		"Hóa đơn không bị ảnh hưởng. Đối chiếu giao dịch với phiếu của cửa hàng: hoadon sale show ID."},
	[FSCK_TALLY] = {"the counts of `hoadon status` are wrong", "số đếm của `hoadon status` bị sai",
		"No invoice is touched by it. Report the case.",
		"Không hóa đơn nào bị ảnh hưởng. Báo lại trường hợp này."},
	[FSCK_NOTE] = {"a note on an outage is not as it was noted", "ghi nhận về lần gián đoạn bị thay đổi",
		"No invoice is touched by it. Copy the store's folder, look for the note in a backup and note it "
		"again: "
		"hoadon outage note.",
		"Không hóa đơn nào bị ảnh hưởng. Sao chép thư mục kho, tìm ghi nhận đó trong bản sao lưu và ghi lại: "
		"hoadon outage note."},
	[FSCK_LAW] = {"a pack of law is not as it was imported", "gói luật không còn như khi nhận", RESTORE_EN,
		RESTORE_VI},
};

struct output {
	const struct cli *cli;
	struct bytes json; /* the array of findings */
	bool is_planned[FSCK_KIND_COUNT];
};

static void write_finding(struct output *output, const struct fsck_finding *finding)
{
	const struct plan *plan = &plans[finding->kind];
	struct bytes *out = &output->json;
	json_item(out);
	bytes_char(out, '{');
	json_member(out, "kind", fsck_word(finding->kind));
	json_id(out, "id", finding->id);
	json_member(out, "found", finding->text);
	json_member(out, "meaning", SAY(output->cli, plan->en, plan->vi));
	json_member(out, "plan", SAY(output->cli, plan->do_en, plan->do_vi));
	bytes_char(out, '}');
}

static void on_found(void *context, const struct fsck_finding *finding)
{
	struct output *output = context;
	const struct plan *plan = &plans[finding->kind];
	if (output->cli->is_json) {
		write_finding(output, finding);
		return;
	}
	whole_clear();
	printf("! %s: %s\n", SAY(output->cli, plan->en, plan->vi), finding->text);
	if (!output->is_planned[finding->kind])
		printf("  > %s\n", SAY(output->cli, plan->do_en, plan->do_vi));
	output->is_planned[finding->kind] = true;
}

static int print_json(const struct output *output, const struct fsck_watch *watch, struct fault *fault)
{
	CLEANUP(bytes_done) struct bytes out;
	bytes_init(&out, 2 * PRINT_JSON_MAX);
	json_begin(&out);
	json_member_flag(&out, "is_whole", watch->count == 0);
	json_member_int(&out, "count", watch->count);
	json_key(&out, "findings");
	bytes_append(&out, output->json.data, output->json.len);
	bytes_char(&out, ']');
	return json_print(&out, fault);
}

static void print_end(const struct cli *cli, int64_t count)
{
	if (count)
		printf(SAY(cli, "%lld findings. Nothing was changed; do what stands behind > in this order.\n",
			       "%lld vấn đề. Chưa thay đổi gì; hãy làm các việc sau dấu > theo thứ tự.\n"),
			(long long)count);
	else
		puts(SAY(cli, "The store is whole.", "Kho dữ liệu nguyên vẹn."));
}

/* So broken that it cannot be read to its end. */
static int give_up(const struct cli *cli, const struct fault *fault)
{
	fprintf(stderr, "> %s\n", SAY(cli, RESTORE_EN, RESTORE_VI));
	return cli_fail(cli, CLI_BROKEN, "%s", fault->text);
}

int fsck_run(struct cli *cli, struct fault *fault)
{
	CLEANUP(store_closep) struct store *store = NULL;
	struct output output = {.cli = cli};
	struct fsck_watch watch = {.found = on_found, .context = &output};
	int result = cli_open_store(cli, &store, fault);
	if (result)
		return result == FAULT_FORMAT ? give_up(cli, fault) : result;
	if (isatty(STDERR_FILENO))
		watch.progress = whole_progress;
	bytes_init(&output.json, PRINT_JSON_MAX);
	bytes_char(&output.json, '[');
	result = whole_check(store, &watch, fault);
	whole_clear();
	if (result == 0 && cli->is_json)
		result = print_json(&output, &watch, fault);
	else if (result == 0)
		print_end(cli, watch.count);
	bytes_done(&output.json);
	if (result == FAULT_FORMAT)
		return give_up(cli, fault);
	return result < 0 ? result : watch.count ? CLI_BROKEN : CLI_OK;
}
