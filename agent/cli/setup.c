#include "cli/setup.h"

#include <errno.h>
#include <stdio.h>
#include <string.h>
#include <unistd.h>

#include "base/file.h"
#include "cli/commands.h"
#include "cli/print.h"
#include "cli/sale_rehearsal.h"
#include "cli/sandbox.h"

void setup_done(struct setup *setup)
{
	checkup_done(&setup->at);
	if (setup->store_key_fd >= 0)
		close(setup->store_key_fd);
	options_free(setup->then.options);
	bytes_done(&setup->then.problems);
	bytes_done(&setup->content);
}

static bool is_wrong(const struct setup *setup)
{
	return findings_worst(&setup->at.findings, NULL) == FINDING_WRONG;
}

/* What is written from now on; nobody writes anew what is there. */
static const char *store_text(const struct setup *setup)
{
	static const struct {
		const char *store_key, *en, *vi;
	} rows[] = {
		{"made", "encrypted from now on, with a new key; what was written before stays as it is",
			"từ nay được mã hóa bằng khóa mới; phần đã ghi trước đây giữ nguyên"},
		{"kept", "encrypted, with the key it had", "được mã hóa bằng khóa đã có"},
		{"named", "encrypted from now on, with the key that was named; what was written before stays as it is",
			"từ nay được mã hóa bằng khóa đã nêu; phần đã ghi trước đây giữ nguyên"},
		{"opened", "encrypted; the signing key has opened its key",
			"được mã hóa; chữ ký số đã mở được khóa của kho"},
	};
	size_t i = 0;
	if (!setup->then.config.seal_store)
		return SAY(setup->cli, "NOT encrypted ([store] seal = no)", "KHÔNG mã hóa ([store] seal = no)");
	while (strcmp(rows[i].store_key, setup->store_key) != 0)
		i++;
	return SAY(setup->cli, rows[i].en, rows[i].vi);
}

static void print_put(const struct setup *setup)
{
	const struct cli *cli = setup->cli;
	char path[4200], backup[4300];
	snprintf(path, sizeof(path), "%s/conf.d/" SETUP_SITE, cli->config_dir);
	snprintf(backup, sizeof(backup), SAY(cli, "%s; before: %s.bak", "%s; bản cũ: %s.bak"), path, path);
	print_field(setup->is_changed ? SAY(cli, "Written", "Đã ghi") : SAY(cli, "Unchanged", "Không đổi"),
		setup->has_backup ? backup : path);
	print_field(SAY(cli, "Keys", "Khóa, mật khẩu"),
		setup->is_sealing ? SAY(cli, "sealed to this machine (credentials of systemd)",
					    "niêm phong theo máy này (credential của systemd)")
				  : SAY(cli, "files of mode 0600; systemd-creds is not there",
					    "tệp quyền 0600; máy không có systemd-creds"));
	print_field(SAY(cli, "Store", "Kho dữ liệu"), store_text(setup));
	print_field(SAY(cli, "Service", "Dịch vụ"),
		!setup->service
			? SAY(cli, "no systemd here: start hoadond yourself", "không có systemd: hãy tự chạy hoadond")
		: strcmp(setup->service, "failed") == 0
			? SAY(cli, "DOES NOT START; see: journalctl -u hoadond",
				  "KHÔNG CHẠY; xem: journalctl -u hoadond")
			: SAY(cli, "runs with these settings", "đang chạy với cấu hình này"));
}

static void print_next(const struct cli *cli)
{
	puts(SAY(cli,
		"Next:\n"
		"  1. sudo hoadon token create --name POS-1 --tills T01    put it into the till's software\n"
		"  2. sell one bill at the till\n"
		"  3. sudo hoadon status                                   the bill is accepted",
		"Tiếp theo:\n"
		"  1. sudo hoadon token create --name POS-1 --tills T01    nhập mã vào phần mềm bán hàng\n"
		"  2. bán thử một bill tại máy tính tiền\n"
		"  3. sudo hoadon status                                   hóa đơn được chấp nhận"));
}

static void print_human(const struct setup *setup, const struct sale_rehearsal *sale, bool is_put)
{
	const struct cli *cli = setup->cli;
	findings_print(cli, &setup->at.findings);
	if (is_wrong(setup)) {
		puts(SAY(cli, "NOT SET UP: nothing was changed. Without a line: --offline",
			"CHƯA CÀI ĐẶT: chưa thay đổi gì. Chưa có mạng: thêm --offline"));
		return;
	}
	puts(sale->is_sent ? SAY(cli, "One sale of 110.000 đ, rehearsed with a sandbox on this machine:",
				     "Diễn tập một lần bán 110.000 đ với cơ quan thuế mô phỏng trên máy này:")
			   : SAY(cli, "One sale of 110.000 đ, rehearsed; nothing was sent:",
				     "Diễn tập một lần bán 110.000 đ; không gửi gì đi:"));
	sale_rehearsal_print(cli, sale);
	if (!is_put)
		return;
	print_put(setup);
	print_next(cli);
}

static int print_json(const struct setup *setup, const struct sale_rehearsal *sale, bool is_put, struct fault *fault)
{
	CLEANUP(bytes_done) struct bytes out;
	bytes_init(&out, PRINT_JSON_MAX);
	json_begin(&out);
	json_member_flag(&out, "is_set_up", is_put);
	json_member_flag(&out, "is_changed", setup->is_changed);
	json_member_flag(&out, "has_backup", setup->has_backup);
	json_member(&out, "secrets", !is_put ? NULL : setup->is_sealing ? "sealed" : "files");
	json_member_flag(&out, "is_sealed", setup->then.config.seal_store);
	json_member(&out, "store_key", setup->store_key);
	json_member(&out, "service", setup->service);
	sale_rehearsal_write(sale, &out);
	findings_write(&setup->at.findings, "findings", &out);
	return json_print(&out, fault);
}

static int put(struct setup *setup, struct fault *fault)
{
	int result = setup_put(setup, fault);
	if (result == 0)
		result = setup_restart(setup, fault);
	if (result == 0 && (!setup->service || strcmp(setup->service, "failed") != 0))
		setup_prune(setup);
	return result;
}

/* What is written stays, also when the rehearsal fails. */
static void rehearse(struct setup *setup, struct sale_rehearsal *sale)
{
	struct fault fault = {0};
	setup->at.check = "rehearsal";
	setup->at.title = SAY(setup->cli, "Rehearsal", "Diễn tập");
	if (sale_rehearse(&setup->then, &setup->at.key, sandbox_is_there(), sale, &fault) < 0)
		checkup_found(&setup->at, FINDING_WARNING, SAY(setup->cli, "Rehearse it again", "Diễn tập lại"),
			"sudo hoadon simulate sale", "%s", fault.text);
}

static int rehearse_and_put(struct setup *setup, bool is_put, struct fault *fault)
{
	CLEANUP(sale_rehearsal_done) struct sale_rehearsal sale = {.why = NULL};
	is_put = is_put && !is_wrong(setup);
	int result = is_put ? put(setup, fault) : 0;
	if (result)
		return result;
	if (!is_wrong(setup))
		rehearse(setup, &sale);
	if (!setup->cli->is_json)
		print_human(setup, &sale, is_put);
	else if (print_json(setup, &sale, is_put, fault) < 0)
		return FAULT_MEMORY;
	if (is_wrong(setup))
		return CLI_CONFIG;
	bool is_running = !setup->service || strcmp(setup->service, "failed") != 0;
	return sale_rehearsal_is_good(&sale) && is_running ? CLI_OK : CLI_FAILURE;
}

int setup_run(struct cli *cli, struct fault *fault)
{
	CLEANUP(setup_done) struct setup setup = {.cli = cli, .then = *cli, .file = "hoadon setup", .store_key_fd = -1};
	const char *from = cli_value(cli, "from");
	bool is_dry = cli_value(cli, "dry-run"), is_offline = cli_value(cli, "offline");
	bytes_init(&setup.content, SETUP_CONTENT_MAX);
	bytes_init(&setup.then.problems, 0);
	setup.then.options = NULL;
	setup.then.is_configured = false;
	setup.then.config_fault = (struct fault){0};
	setup.at.cli = &setup.then;
	if (!is_dry && access(cli->config_dir, W_OK) != 0)
		return cli_fail(cli, errno == ENOENT ? CLI_CONFIG : CLI_PERMISSION,
			SAY(cli, "%s may not be written by this user; run the command with sudo",
				"người dùng này không được ghi %s; hãy chạy lệnh với sudo"),
			cli->config_dir);
	if (!from && !isatty(STDIN_FILENO))
		return cli_usage(cli, "there is no terminal to ask at: give --from FILE",
			"không có màn hình để hỏi: dùng --from FILE");
	if (from)
		setup.file = from;
	int result = from ? file_read(from, &setup.content, fault) : setup_ask(&setup, &is_offline, fault);
	if (result == 0)
		result = setup_check(&setup, is_offline, fault);
	return result ? result : rehearse_and_put(&setup, !is_dry, fault);
}
