#include <stdio.h>
#include <string.h>

#include "cli/commands.h"
#include "cli/print.h"
#include "drivers/drivers.h"

static const struct exit_text {
	int number;
	const char *en, *vi;
} exits[] = {
#define X(name, number, en, vi) {number, en, vi},
	CLI_EXITS(X)
#undef X
};

static const char *const kinds[][2] = {
	[CLI_READING] = {"reads the store; works with hoadond down", "đọc kho dữ liệu; chạy được khi hoadond tắt"},
	[CLI_CHANGING] = {"goes through hoadond, which must be running", "đi qua hoadond, hoadond phải đang chạy"},
	[CLI_OFFLINE] = {"works in every state", "chạy được trong mọi trạng thái"},
};

static void full_name(const struct cli_command *command, char out[64])
{
	snprintf(out, 64, "%s%s%s", command->name, command->sub ? " " : "", command->sub ? command->sub : "");
}

static void print_option(const struct cli *cli, const struct cli_option *option)
{
	char text[64];
	snprintf(text, sizeof(text), "--%s%s%s", option->name, option->value ? " " : "",
		option->value ? option->value : "");
	fputs("  ", stdout);
	print_cell(text, 20);
	printf("%s%s\n", SAY(cli, option->en, option->vi),
		option->is_required ? SAY(cli, " (required)", " (bắt buộc)") : "");
}

static void print_globals(const struct cli *cli)
{
	puts(SAY(cli, "Options of every command:", "Tùy chọn chung:"));
	for (const struct cli_option *o = cli_globals; o->name; o++)
		print_option(cli, o);
}

void help_command(const struct cli *cli, const struct cli_command *command)
{
	char name[64];
	full_name(command, name);
	printf(SAY(cli, "%s\n\nExample:\n  %s\n\nUsage: hoadon %s %s\n  It %s.\n",
		       "%s\n\nVí dụ:\n  %s\n\nCách dùng: hoadon %s %s\n  Lệnh này %s.\n"),
		SAY(cli, command->en, command->vi), command->example, name, command->arguments,
		kinds[command->kind][cli->is_vi]);
	if (command->options[0].name)
		puts(SAY(cli, "Options:", "Tùy chọn:"));
	for (size_t i = 0; i < CLI_OPTIONS_MAX && command->options[i].name; i++)
		print_option(cli, &command->options[i]);
	print_globals(cli);
}

static void print_all(const struct cli *cli)
{
	puts(SAY(cli, "hoadon - signed e-invoices from cash registers",
		"hoadon - hóa đơn điện tử khởi tạo từ máy tính tiền"));
	puts(SAY(cli,
		"\nExamples:\n  hoadon status\n  hoadon sale submit bill-501.json\n  hoadon invoice show 1C26MAA/12\n",
		"\nVí dụ:\n  hoadon status\n  hoadon sale submit bill-501.json\n  hoadon invoice show 1C26MAA/12\n"));
	for (const struct cli_command *c = cli_commands; c->name; c++) {
		char name[64];
		full_name(c, name);
		fputs("  ", stdout);
		print_cell(name, 18);
		puts(SAY(cli, c->en, c->vi));
	}
	putchar('\n');
	print_globals(cli);
	puts(SAY(cli, "\nMore: hoadon help COMMAND, hoadon help exit-codes, hoadon help drivers",
		"\nXem thêm: hoadon help LỆNH, hoadon help exit-codes, hoadon help drivers"));
}

static void print_exits(const struct cli *cli)
{
	for (size_t i = 0; i < ARRAY_LEN(exits); i++)
		printf("%4d  %s\n", exits[i].number, SAY(cli, exits[i].en, exits[i].vi));
}

static void print_driver(const char *kind, const char *name, const char *summary)
{
	print_cell(kind, 10);
	print_cell(name, 12);
	puts(summary);
}

static void print_drivers(void)
{
	for (size_t i = 0; driver_sources[i]; i++)
		print_driver("source", driver_sources[i]->name, driver_sources[i]->summary);
	for (size_t i = 0; driver_line_sources[i]; i++)
		print_driver("till", driver_line_sources[i]->name, driver_line_sources[i]->summary);
	for (size_t i = 0; driver_printers[i]; i++)
		print_driver("printer", driver_printers[i]->name, driver_printers[i]->summary);
	for (size_t i = 0; driver_dialects[i]; i++)
		print_driver("dialect", driver_dialects[i]->name, driver_dialects[i]->summary);
	for (size_t i = 0; driver_print_dialects[i]; i++)
		print_driver("language", driver_print_dialects[i]->name, driver_print_dialects[i]->summary);
	for (size_t i = 0; driver_keys[i]; i++)
		print_driver("key", driver_keys[i]->name, driver_keys[i]->summary);
	for (size_t i = 0; driver_authorities[i]; i++)
		print_driver("authority", driver_authorities[i]->name, driver_authorities[i]->summary);
}

/* All commands of the words: one, or every subcommand of a first word. */
static int print_commands(const struct cli *cli, const char *name, const char *sub)
{
	int count = 0;
	for (const struct cli_command *c = cli_commands; c->name; c++) {
		if (strcmp(c->name, name) != 0 || (sub && (!c->sub || strcmp(c->sub, sub) != 0)))
			continue;
		if (count++)
			putchar('\n');
		help_command(cli, c);
	}
	return count;
}

int help_run(struct cli *cli, struct fault *fault)
{
	(void)fault;
	if (!cli->word_count)
		print_all(cli);
	else if (strcmp(cli->words[0], "exit-codes") == 0)
		print_exits(cli);
	else if (strcmp(cli->words[0], "drivers") == 0)
		print_drivers();
	else if (!print_commands(cli, cli->words[0], cli->word_count > 1 ? cli->words[1] : NULL))
		return cli_usage(cli, "there is no such command", "không có lệnh này");
	return CLI_OK;
}
