#include <stdio.h>
#include <string.h>

#include "cli/checkup.h"
#include "cli/commands.h"
#include "cli/print.h"

/* Who may read a file too much stops no sale. */
static bool is_problem(const struct finding *finding)
{
	return finding->level == FINDING_WRONG && strcmp(finding->check, "permissions") != 0;
}

static bool is_warning(const struct finding *finding)
{
	return finding->level >= FINDING_WARNING && !is_problem(finding);
}

typedef bool pick_fn(const struct finding *finding);

static void line_of(const struct finding *finding, char out[2048])
{
	bool has_command = finding->command && is_warning(finding);
	snprintf(out, 2048, "%s%s%s", finding->text, has_command ? "; " : "", has_command ? finding->command : "");
}

static int count_lines(const struct findings *findings, pick_fn *pick)
{
	int count = 0;
	for (size_t i = 0; i < findings->count; i++)
		count += pick(&findings->rows[i]);
	return count;
}

static void print_lines(const struct findings *findings, pick_fn *pick)
{
	char line[2048];
	for (size_t i = 0; i < findings->count; i++) {
		if (!pick(&findings->rows[i]))
			continue;
		line_of(&findings->rows[i], line);
		puts(line);
	}
}

static void write_lines(const struct findings *findings, pick_fn *pick, const char *key, struct bytes *out)
{
	char line[2048];
	json_key(out, key);
	bytes_char(out, '[');
	for (size_t i = 0; i < findings->count; i++) {
		if (!pick(&findings->rows[i]))
			continue;
		line_of(&findings->rows[i], line);
		json_item(out);
		json_string(out, line);
	}
	bytes_char(out, ']');
}

static int print_json(const struct findings *findings, struct fault *fault)
{
	CLEANUP(bytes_done) struct bytes out;
	bytes_init(&out, PRINT_JSON_MAX);
	json_begin(&out);
	json_member_flag(&out, "is_ready", count_lines(findings, is_problem) == 0);
	write_lines(findings, is_problem, "problems", &out);
	write_lines(findings, is_warning, "warnings", &out);
	return json_print(&out, fault);
}

static void print_human(const struct cli *cli, const struct findings *findings)
{
	int problems = count_lines(findings, is_problem);
	print_lines(findings, is_problem);
	if (count_lines(findings, is_warning)) {
		puts(SAY(cli, "Warnings:", "Cảnh báo:"));
		print_lines(findings, is_warning);
	}
	if (problems)
		printf(SAY(cli, "%d things are missing or wrong; no sale can be issued or sent yet.\n",
			       "Còn %d mục thiếu hoặc sai; chưa thể lập và gửi hóa đơn.\n"),
			problems);
	else
		puts(SAY(cli, "The configuration is complete.", "Cấu hình đã đầy đủ."));
}

int config_check_run(struct cli *cli, struct fault *fault)
{
	CLEANUP(checkup_done) struct checkup at = {.cli = cli, .check = "config", .title = ""};
	check_config(&at);
	if (cli->is_configured) {
		at.check = "settings";
		check_settings(&at);
		check_key_file(&at);
		if (key_is_open(&at.key))
			check_certificate(&at);
		at.check = "permissions";
		check_permissions(&at);
	} else if (!cli->is_json) {
		return cli_explain_config(cli);
	}
	if (!cli->is_json)
		print_human(cli, &at.findings);
	else if (print_json(&at.findings, fault) < 0)
		return FAULT_MEMORY;
	return count_lines(&at.findings, is_problem) ? CLI_CONFIG : CLI_OK;
}
