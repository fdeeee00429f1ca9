#include <stdio.h>
#include <string.h>

#include "cli/checkup.h"
#include "cli/commands.h"
#include "cli/print.h"

/* In this order. What a check needs stands above it, and is well; else it is not made. */
static const struct check {
	const char *word, *en, *vi;
	void (*run)(struct checkup *at);
	const char *needs[2];
} checks[] = {
	{"config", "Configuration", "Cấu hình", check_config, {NULL}},
	{"settings", "Settings", "Tùy chọn", check_settings, {"config"}},
	{"permissions", "Permissions", "Quyền tệp", check_permissions, {"config"}},
	{"service", "Service", "Dịch vụ", check_service, {"config"}},
	{"version", "Version", "Phiên bản", check_version, {"service"}},
	{"database", "Database", "Kho dữ liệu", check_database, {"config"}},
	{"ledger", "Ledger", "Sổ đối soát", check_ledger, {"database"}},
	{"copy", "Copy", "Bản sao kho", check_hold, {"database"}},
	{"clock", "Clock", "Đồng hồ", check_clock, {"config"}},
	{"disk", "Disk", "Ổ đĩa", check_disk, {"config"}},
	{"key", "Key", "Chữ ký số", check_key, {"config"}},
	{"certificate", "Certificate", "Chứng thư số", check_certificate, {"key"}},
	{"seal", "Encryption", "Mã hóa kho", check_seal, {"database"}},
	{"mirror", "Second medium", "Thiết bị thứ hai", check_mirror, {"config"}},
	{"network", "Network", "Đường truyền", check_network, {"config"}},
	{"authority", "Tax authority", "Cơ quan thuế", check_authority, {"network", "database"}},
	{"ports", "Ports of tills", "Cổng in", check_ports, {"config"}},
	{"tills", "Tills", "Máy tính tiền", check_tills, {"database"}},
	{"law", "Law", "Gói luật", check_law, {"database"}},
	{"work", "Work", "Việc chờ", check_work, {"database"}},
};

static const struct check *find_check(const char *word)
{
	const struct check *check = checks;
	while (strcmp(check->word, word) != 0)
		check++;
	return check;
}

static void run_check(struct checkup *at, const struct check *check)
{
	at->check = check->word;
	at->title = SAY(at->cli, check->en, check->vi);
	for (size_t i = 0; i < ARRAY_LEN(check->needs) && check->needs[i]; i++) {
		const struct check *cause = find_check(check->needs[i]);
		enum finding_level level = findings_worst(&at->findings, cause->word);
		if (level != FINDING_UNCHECKED && level != FINDING_WRONG)
			continue;
		checkup_ok(at, FINDING_UNCHECKED, SAY(at->cli, "not checked, because of: %s", "chưa kiểm vì: %s"),
			SAY(at->cli, cause->en, cause->vi));
		return;
	}
	check->run(at);
}

static int print_json(const struct findings *findings, struct fault *fault)
{
	CLEANUP(bytes_done) struct bytes out;
	bytes_init(&out, PRINT_JSON_MAX);
	json_begin(&out);
	json_member(&out, "state", finding_word(findings_worst(findings, NULL)));
	json_member_int(&out, "wrong", (int64_t)findings_count(findings, FINDING_WRONG));
	json_member_int(&out, "warnings", (int64_t)findings_count(findings, FINDING_WARNING));
	findings_write(findings, "findings", &out);
	return json_print(&out, fault);
}

static void print_human(const struct cli *cli, const struct findings *findings)
{
	size_t wrong = findings_count(findings, FINDING_WRONG), warnings = findings_count(findings, FINDING_WARNING);
	findings_print(cli, findings);
	if (wrong || warnings)
		printf(SAY(cli,
			       "%zu wrong, %zu warnings. Do what stands behind >, from the top: the first may cause "
			       "the rest.\n",
			       "%zu lỗi, %zu cảnh báo. Làm các việc sau dấu > từ trên xuống: lỗi trên có thể gây ra "
			       "lỗi dưới.\n"),
			wrong, warnings);
	else
		puts(SAY(cli, "All is well.", "Mọi thứ đều tốt."));
}

int doctor_run(struct cli *cli, struct fault *fault)
{
	CLEANUP(checkup_done) struct checkup at = {.cli = cli, .is_fixing = cli_value(cli, "fix") != NULL};
	for (size_t i = 0; i < ARRAY_LEN(checks); i++)
		run_check(&at, &checks[i]);
	if (!cli->is_json)
		print_human(cli, &at.findings);
	else if (print_json(&at.findings, fault) < 0)
		return FAULT_MEMORY;
	enum finding_level worst = findings_worst(&at.findings, NULL);
	return worst == FINDING_WRONG ? CLI_BLOCKED : worst == FINDING_WARNING ? CLI_DEGRADED : CLI_OK;
}
