#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <sys/utsname.h>
#include <unistd.h>

#include "base/file.h"
#include "cli/commands.h"
#include "cli/mask.h"
#include "cli/print.h"
#include "cli/program.h"

#define PART_MAX   (4u << 20)
#define ANSWER_MAX 16
#define OS_RELEASE "/etc/os-release"

/* What is inside: a file each. @words: arguments of this program, which answers with JSON. */
static const struct part {
	const char *name, *en, *vi;
	const char *words[4];
} parts[] = {
	{"machine.txt", "versions of program, kernel and system", "phiên bản phần mềm, nhân và hệ điều hành", {NULL}},
	{"doctor.json", "what hoadon doctor found", "kết quả hoadon doctor", {"doctor"}},
	{"status.json", "counts and states", "số lượng và tình trạng", {"status"}},
	{"settings.json", "which settings are set", "tùy chọn nào đã đặt", {"config", "show"}},
	{"tasks.json", "open tasks", "việc chờ người xử lý", {"task", "list"}},
	{"parked.json", "why sales wait", "lý do giao dịch phải chờ", {"sale", "list", "--state", "parked"}},
	{"queue.json", "messages and their states", "thông điệp và trạng thái", {"queue", "list", "--all"}},
	{"outages.json", "outages", "các lần gián đoạn", {"outage", "list"}},
	{"log.txt", "the newest 2,000 lines of the log", "2.000 dòng nhật ký mới nhất", {NULL}},
};

struct report {
	struct cli *cli;
	struct mask mask;
	struct bytes contents[ARRAY_LEN(parts)];
	char dir[4096]; /* where tar finds them; "" = none was made */
};

static void report_done(struct report *report)
{
	char path[4200];
	for (size_t i = 0; i < ARRAY_LEN(parts); i++) {
		bytes_done(&report->contents[i]);
		snprintf(path, sizeof(path), "%s/%s", report->dir, parts[i].name);
		if (*report->dir)
			unlink(path);
	}
	if (*report->dir)
		rmdir(report->dir);
	mask_done(&report->mask);
}

/* ---- gathering ---- */

static void gather_machine(struct bytes *out)
{
	CLEANUP(bytes_done) struct bytes system;
	struct utsname name = {0};
	bytes_init(&system, PART_MAX);
	uname(&name);
	bytes_printf(out, "hoadon %s\n%s %s %s\n", HOADON_VERSION, name.sysname, name.release, name.machine);
	if (file_read(OS_RELEASE, &system, NULL) == 0)
		bytes_append(out, system.data, system.len);
}

static int gather_log(const struct report *report, struct bytes *out, struct fault *fault)
{
	static const char *const argv[] = {
		"journalctl", "--unit=hoadond", "--lines=2000", "--no-pager", "--output=short-iso", NULL};
	CLEANUP(bytes_done) struct bytes lines;
	bytes_init(&lines, PART_MAX);
	int result = program_run(argv, NULL, &lines, fault);
	if (result == 0)
		mask_log(&report->mask, &lines, out);
	else if (result > 0)
		bytes_printf(out, "journalctl: %d\n", result);
	return result < 0 ? result : 0;
}

/* This program once more, with the same configuration, in English, so that what it says is the same for every shop. */
static int ask(const struct report *report, const char *const words[4], struct bytes *out, struct fault *fault)
{
	const struct cli *cli = report->cli;
	const char *argv[20] = {"/proc/self/exe", "--json", "--lang", "en", "--config", cli->config_dir};
	size_t n = 6;
	if (cli->clock.test_file) {
		argv[n++] = "--test-clock";
		argv[n++] = cli->clock.test_file;
	}
	if (*cli->root) {
		argv[n++] = "--test-root";
		argv[n++] = cli->root;
	}
	for (size_t i = 0; i < 4 && words[i]; i++)
		argv[n++] = words[i];
	return program_run(argv, NULL, out, fault);
}

static int gather_answer(
	const struct report *report, const char *const words[4], struct bytes *out, struct fault *fault)
{
	CLEANUP(bytes_done) struct bytes answer;
	bytes_init(&answer, PART_MAX);
	int result = ask(report, words, &answer, fault);
	if (result < 0)
		return result;
	cJSON *json = answer.len ? cJSON_ParseWithLength((const char *)answer.data, answer.len) : NULL;
	if (!json) {
		bytes_printf(out, "{\"exit\": %d}\n", result);
		return 0;
	}
	result = mask_json(&report->mask, json, fault);
	char *text = result ? NULL : cJSON_Print(json);
	if (text)
		bytes_text(out, text);
	bytes_char(out, '\n');
	cJSON_free(text);
	cJSON_Delete(json);
	return result;
}

static int gather(struct report *report, struct fault *fault)
{
	int result = 0;
	for (size_t i = 0; i < ARRAY_LEN(parts) && result == 0; i++) {
		struct bytes *out = &report->contents[i];
		bytes_init(out, PART_MAX);
		if (*parts[i].words)
			result = gather_answer(report, parts[i].words, out, fault);
		else if (strcmp(parts[i].name, "log.txt") == 0)
			result = gather_log(report, out, fault);
		else
			gather_machine(out);
		if (result == 0)
			result = bytes_check(out, parts[i].name, fault);
	}
	return result;
}

/* ---- asking and writing ---- */

static void list(const struct report *report, const char *path)
{
	const struct cli *cli = report->cli;
	fprintf(stderr, SAY(cli, "%s will hold:\n", "%s sẽ gồm:\n"), path);
	for (size_t i = 0; i < ARRAY_LEN(parts); i++)
		fprintf(stderr, "  %-14s %8zu B  %s\n", parts[i].name, report->contents[i].len,
			SAY(cli, parts[i].en, parts[i].vi));
	fputs(report->mask.is_unmasked
			? SAY(cli,
				  "NOT masked: names, addresses, tax codes and bills of the shop are in it; no "
				  "password and no key.\n",
				  "KHÔNG che: có tên, địa chỉ, mã số thuế và bill của cửa hàng; không có mật khẩu, "
				  "không có chữ ký số.\n")
			: SAY(cli, "Masked: no names, addresses, tax codes, amounts, passwords or keys.\n",
				  "Đã che: không có tên, địa chỉ, mã số thuế, số tiền, mật khẩu hay chữ ký số.\n"),
		stderr);
}

static bool is_confirmed(const struct report *report)
{
	char answer[ANSWER_MAX] = "";
	if (!report->mask.is_unmasked)
		return true;
	fputs(SAY(report->cli, "Type yes to write it: ", "Gõ yes để ghi: "), stderr);
	return fgets(answer, sizeof(answer), stdin) && strcmp(answer, "yes\n") == 0;
}

static int write_parts(struct report *report, const char *beside, struct fault *fault)
{
	char path[4200];
	if (snprintf(report->dir, sizeof(report->dir), "%s.XXXXXX", beside) >= (int)sizeof(report->dir) ||
		!mkdtemp(report->dir)) {
		*report->dir = 0;
		return FAULT(fault, FAULT_IO, "%s cannot be made: %s; choose another place", beside, strerror(errno));
	}
	int result = 0;
	for (size_t i = 0; i < ARRAY_LEN(parts) && result == 0; i++) {
		snprintf(path, sizeof(path), "%s/%s", report->dir, parts[i].name);
		result = file_write(path, report->contents[i].data, report->contents[i].len, 0600, fault);
	}
	return result;
}

static int write_tar(struct report *report, const char *path, struct fault *fault)
{
	const char *argv[] = {
		"tar", "--create", "--gzip", "--owner=0", "--group=0", "--directory", report->dir, ".", NULL};
	CLEANUP(bytes_done) struct bytes tar;
	bytes_init(&tar, ARRAY_LEN(parts) * PART_MAX);
	int result = write_parts(report, path, fault);
	if (result == 0)
		result = program_run(argv, NULL, &tar, fault);
	if (result > 0)
		return FAULT(fault, FAULT_IO, "tar cannot pack the report (exit %d); is there room beside it?", result);
	return result ? result : file_write(path, tar.data, tar.len, 0600, fault);
}

static int print_json(const struct report *report, const char *path, struct fault *fault)
{
	CLEANUP(bytes_done) struct bytes out;
	bytes_init(&out, PRINT_JSON_MAX);
	json_begin(&out);
	json_member(&out, "file", path);
	json_member_flag(&out, "is_masked", !report->mask.is_unmasked);
	json_key(&out, "parts");
	bytes_char(&out, '[');
	for (size_t i = 0; i < ARRAY_LEN(parts); i++) {
		json_item(&out);
		bytes_char(&out, '{');
		json_member(&out, "name", parts[i].name);
		json_member_int(&out, "bytes", (int64_t)report->contents[i].len);
		bytes_char(&out, '}');
	}
	bytes_char(&out, ']');
	return json_print(&out, fault);
}

static const char *path_of(const struct cli *cli)
{
	char time[CLOCK_TEXT_MAX];
	if (cli->word_count)
		return cli->words[0];
	clock_format_plain(clock_now_ms(&cli->clock), time);
	return arena_printf(cli->arena, "hoadon-bugreport-%.10s.tar.gz", time);
}

int bugreport_run(struct cli *cli, struct fault *fault)
{
	CLEANUP(report_done) struct report report = {.cli = cli};
	const char *path = path_of(cli);
	if (!path)
		return FAULT(fault, FAULT_MEMORY, "no memory");
	int result = mask_init(cli, cli_value(cli, "unmasked") != NULL, &report.mask, fault);
	if (result == 0)
		result = gather(&report, fault);
	if (result)
		return result;
	list(&report, path);
	if (!is_confirmed(&report))
		return cli_fail(cli, CLI_FAILURE, "%s", SAY(cli, "nothing was written", "chưa ghi gì"));
	result = write_tar(&report, path, fault);
	if (result)
		return result;
	if (cli->is_json)
		return print_json(&report, path, fault);
	printf(SAY(cli, "Written: %s. Look into it (tar -xzf), then send it to whoever helps you.\n",
		       "Đã ghi: %s. Xem lại (tar -xzf) rồi gửi cho người hỗ trợ.\n"),
		path);
	return CLI_OK;
}
