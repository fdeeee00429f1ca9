#include "cli/cli.h"

#include <errno.h>
#include <stdarg.h>
#include <stdio.h>
#include <string.h>
#include <unistd.h>

#include "base/decimal.h"
#include "base/log.h"
#include "cli/commands.h"
#include "cli/credential.h"
#include "store/seal.h"

#define ARENA_MAX (64u << 20)
#define GIVEN_MAX 16 /* options on one command line */

struct given { /* the command line, before the command is known */
	const char *words[CLI_WORDS_MAX + 2];
	int word_count;
	const struct cli_option *options[GIVEN_MAX];
	const char *values[GIVEN_MAX];
	int option_count;
	const char *bad; /* unknown option, or one without its argument */
	bool is_too_many;
};

const char *cli_value(const struct cli *cli, const char *name)
{
	for (int i = 0; i < CLI_OPTIONS_MAX && cli->command->options[i].name; i++)
		if (strcmp(cli->command->options[i].name, name) == 0)
			return cli->values[i];
	return NULL;
}

int cli_fail(const struct cli *cli, int exit, const char *format, ...)
{
	(void)cli;
	va_list arguments;
	fputs("hoadon: ", stderr);
	va_start(arguments, format);
	vfprintf(stderr, format, arguments);
	va_end(arguments);
	fputc('\n', stderr);
	return exit;
}

/* @subject: what it is about, "" = nothing in particular */
static int say_usage(const struct cli *cli, const char *subject, const char *en, const char *vi)
{
	const struct cli_command *command = cli->command;
	fprintf(stderr, "hoadon: %s%s%s\n", subject, *subject ? ": " : "", SAY(cli, en, vi));
	if (!command) {
		fputs(SAY(cli, "All commands: hoadon help\n", "Xem mọi lệnh: hoadon help\n"), stderr);
		return CLI_USAGE;
	}
	fprintf(stderr,
		SAY(cli, "Example: %s\nMore: hoadon help %s%s%s\n", "Ví dụ: %s\nXem thêm: hoadon help %s%s%s\n"),
		command->example, command->name, command->sub ? " " : "", command->sub ? command->sub : "");
	return CLI_USAGE;
}

int cli_usage(const struct cli *cli, const char *en, const char *vi)
{
	return say_usage(cli, "", en, vi);
}

int cli_number(const char *text, int64_t *ret)
{
	struct decimal value;
	if (decimal_parse(text, strlen(text), 15, 0, &value) || value.units <= 0)
		return 1;
	*ret = value.units;
	return 0;
}

int cli_limit(const struct cli *cli, int64_t *ret)
{
	const char *text = cli_value(cli, "limit");
	int64_t limit = CLI_LIMIT;
	if (text && (cli_number(text, &limit) || limit > CLI_LIMIT_MAX))
		return cli_usage(cli, "--limit is a number from 1 to 1000", "--limit là số từ 1 đến 1000");
	*ret = limit;
	return 0;
}

int cli_day(const struct cli *cli, int32_t otherwise, int32_t *ret)
{
	const char *text = cli_value(cli, "at");
	char iso[16];
	*ret = otherwise;
	if (!text)
		return 0;
	if (strlen(text) == 10 && text[2] == '/' && text[5] == '/') {
		snprintf(iso, sizeof(iso), "%.4s-%.2s-%.2s", text + 6, text + 3, text);
		text = iso;
	}
	if (clock_parse_day(text, strlen(text), ret) == 0)
		return 0;
	return cli_usage(cli, "--at is a day like 2027-01-01", "--at là ngày như 01/01/2027");
}

static bool may_not_read(const char *path)
{
	return access(path, R_OK) != 0 && errno == EACCES;
}

int cli_explain_config(const struct cli *cli)
{
	char path[4096];
	snprintf(path, sizeof(path), "%s/hoadon.conf", cli->config_dir);
	if (may_not_read(path))
		return cli_fail(cli, CLI_PERMISSION,
			SAY(cli, "%s may not be read by this user; run the command with sudo",
				"người dùng này không được đọc %s; hãy chạy lệnh với sudo"),
			path);
	if (cli->problems.len)
		fwrite(cli->problems.data, 1, cli->problems.len, stderr);
	else
		fprintf(stderr, "%s\n", cli->config_fault.text);
	return cli_fail(cli, CLI_CONFIG,
		SAY(cli, "the configuration in %s cannot be used; correct it, then run: hoadon config check",
			"cấu hình trong %s chưa dùng được; hãy sửa rồi chạy: hoadon config check"),
		cli->config_dir);
}

int cli_open_store(struct cli *cli, struct store **ret, struct fault *fault)
{
	char path[4096];
	snprintf(path, sizeof(path), "%s/current.db", cli->config.store_dir);
	if (may_not_read(path))
		return cli_fail(cli, CLI_PERMISSION,
			SAY(cli, "the store %s may not be read by this user; run the command with sudo",
				"người dùng này không được đọc kho dữ liệu %s; hãy chạy lệnh với sudo"),
			path);
	if (access(path, F_OK) != 0)
		return FAULT(fault, FAULT_STORE,
			"there is no store at %s yet; start hoadond once: systemctl start hoadond", path);
	int result = store_open(cli->config.store_dir, STORE_READ, &cli->clock, NULL, ret, fault);
	if (result == 0 && store_seal_check(*ret, NULL, NULL) == STORE_LOCKED)
		result = store_unlock(*ret, credential_path(cli, cli->config.store_key_file), false, NULL);
	/* What is not sealed is shown without the key too. */
	return result == STORE_LOCKED ? 0 : result;
}

static void take_word(struct given *given, const char *word)
{
	if (given->word_count < CLI_WORDS_MAX + 2)
		given->words[given->word_count++] = word;
	else
		given->is_too_many = true;
}

static const struct cli_option *match(const struct cli_option *options, size_t count, const char *name, size_t len)
{
	for (size_t i = 0; i < count && options[i].name; i++)
		if (strncmp(options[i].name, name, len) == 0 && !options[i].name[len])
			return &options[i];
	return NULL;
}

/* Options mean the same in every command, so that they can be read before the command is known. */
static const struct cli_option *find_option(const char *name, size_t len)
{
	const struct cli_option *found = match(cli_globals, SIZE_MAX, name, len);
	for (const struct cli_command *c = cli_commands; c->name && !found; c++)
		found = match(c->options, CLI_OPTIONS_MAX, name, len);
	return found;
}

/* "--name", "--name=value" or "--name value"; the number of arguments taken, 0 = it is none of ours. */
static int take_option(struct given *given, const char *argument, const char *next)
{
	const char *name = strcmp(argument, "-h") == 0 ? "help" : argument + 2;
	size_t len = strcspn(name, "=");
	bool has_value = name[len] == '=';
	const struct cli_option *option = find_option(name, len);
	if (!option || (has_value && !option->value) || (option->value && !has_value && !next))
		return 0;
	if (given->option_count < GIVEN_MAX) {
		given->options[given->option_count] = option;
		given->values[given->option_count++] = has_value ? name + len + 1 : option->value ? next : "";
	}
	return option->value && !has_value ? 2 : 1;
}

static void read_line(int argc, char **argv, struct given *given)
{
	bool is_plain = false; /* behind "--" everything is a word */
	for (int i = 1, taken; i < argc; i += taken) {
		taken = 1;
		if (is_plain || argv[i][0] != '-' || !argv[i][1]) {
			take_word(given, argv[i]);
		} else if (strcmp(argv[i], "--") == 0) {
			is_plain = true;
		} else if (strncmp(argv[i], "--", 2) != 0 && strcmp(argv[i], "-h") != 0) {
			given->bad = given->bad ? given->bad : argv[i];
		} else if (!(taken = take_option(given, argv[i], i + 1 < argc ? argv[i + 1] : NULL))) {
			given->bad = given->bad ? given->bad : argv[i];
			taken = 1;
		}
	}
}

static const char *given_value(const struct given *given, const char *name)
{
	for (int i = given->option_count - 1; i >= 0; i--)
		if (strcmp(given->options[i]->name, name) == 0)
			return given->values[i];
	return NULL;
}

static void load_config(struct cli *cli)
{
	bytes_init(&cli->problems, 1u << 20);
	if (options_read(config_table, cli->config_dir, &cli->options, &cli->problems, &cli->config_fault) < 0)
		return;
	cli->is_configured = config_make(cli->options, cli->arena, &cli->config, &cli->config_fault) == 0;
}

static int choose_language(struct cli *cli, const char *wish)
{
	const char *lang = getenv("LANG");
	if (cli->is_configured && cli->config.lang)
		lang = cli->config.lang;
	if (wish)
		lang = wish;
	cli->is_vi = !lang || strncmp(lang, "en", 2) != 0;
	if (wish && strcmp(wish, "vi") != 0 && strcmp(wish, "en") != 0)
		return cli_usage(cli, "--lang is vi or en", "--lang là vi hoặc en");
	return 0;
}

static int say_subcommands(struct cli *cli, const char *name)
{
	char list[256] = "";
	for (const struct cli_command *c = cli_commands; c->name; c++)
		if (strcmp(c->name, name) == 0)
			snprintf(list + strlen(list), sizeof(list) - strlen(list), "%s%s", *list ? ", " : "", c->sub);
	if (!*list)
		return cli_fail(cli, CLI_USAGE,
			SAY(cli, "there is no command %s; all commands: hoadon help",
				"không có lệnh %s; xem mọi lệnh: hoadon help"),
			name);
	return cli_fail(
		cli, CLI_USAGE, SAY(cli, "hoadon %s takes one of: %s", "hoadon %s cần một trong: %s"), name, list);
}

/* 0 and the number of words that named it, or CLI_USAGE. */
static int find_command(struct cli *cli, const struct given *given, int *ret_used)
{
	const char *first = given->words[0], *second = given->word_count > 1 ? given->words[1] : "";
	for (const struct cli_command *c = cli_commands; c->name; c++) {
		if (strcmp(c->name, first) != 0 || (c->sub && strcmp(c->sub, second) != 0))
			continue;
		cli->command = c;
		*ret_used = c->sub ? 2 : 1;
		return 0;
	}
	return say_subcommands(cli, first);
}

static int refuse_option(const struct cli *cli, const struct cli_option *option, const char *en, const char *vi)
{
	char subject[64];
	snprintf(subject, sizeof(subject), "--%s%s%s", option->name, option->value ? " " : "",
		option->value ? option->value : "");
	return say_usage(cli, subject, en, vi);
}

static int take_options(struct cli *cli, const struct given *given)
{
	const struct cli_option *own = cli->command->options;
	for (int i = 0; i < given->option_count; i++) {
		const char *name = given->options[i]->name;
		const struct cli_option *option = match(own, CLI_OPTIONS_MAX, name, strlen(name));
		if (option)
			cli->values[option - own] = given->values[i];
		else if (!match(cli_globals, SIZE_MAX, name, strlen(name)))
			return refuse_option(cli, given->options[i], "this command does not take the option",
				"lệnh này không có tùy chọn đó");
	}
	for (int i = 0; i < CLI_OPTIONS_MAX && own[i].name; i++)
		if (own[i].is_required && (!cli->values[i] || !*cli->values[i]))
			return refuse_option(cli, &own[i], "this option is required", "bắt buộc phải có tùy chọn này");
	return 0;
}

static int take_words(struct cli *cli, const struct given *given, int used)
{
	int count = given->word_count - used;
	if (given->is_too_many || count < cli->command->words_min || count > cli->command->words_max) {
		char subject[128];
		snprintf(subject, sizeof(subject), "hoadon %s%s%s %s", cli->command->name, cli->command->sub ? " " : "",
			cli->command->sub ? cli->command->sub : "", cli->command->arguments);
		return say_usage(cli, subject, "wrong number of arguments", "sai số lượng tham số");
	}
	for (int i = 0; i < count; i++)
		cli->words[i] = given->words[used + i];
	cli->word_count = count;
	return 0;
}

static int run_command(struct cli *cli)
{
	if (cli->command->kind != CLI_OFFLINE && !cli->is_configured)
		return cli_explain_config(cli);
	struct fault fault = {0};
	int result = cli->command->fn(cli, &fault);
	return result < 0 ? cli_fail(cli, CLI_FAILURE, "%s", fault.text) : result;
}

static int run(struct cli *cli, const struct given *given)
{
	bool is_help = given_value(given, "help") != NULL;
	int used = 0;
	if (choose_language(cli, given_value(given, "lang")))
		return CLI_USAGE;
	if (given->bad)
		return say_usage(cli, given->bad, "unknown option, or its value is missing",
			"tùy chọn không có, hoặc thiếu giá trị");
	if (!given->word_count) {
		struct fault fault = {0};
		return help_run(cli, &fault) < 0 || !is_help ? CLI_USAGE : CLI_OK;
	}
	if (find_command(cli, given, &used))
		return CLI_USAGE;
	if (is_help) {
		help_command(cli, cli->command);
		return CLI_OK;
	}
	if (take_options(cli, given) || take_words(cli, given, used))
		return CLI_USAGE;
	return run_command(cli);
}

int cli_run(int argc, char **argv)
{
	struct given given = {0};
	read_line(argc, argv, &given);
	const char *dir = given_value(&given, "config");
	CLEANUP(arena_freep) struct arena *arena = arena_new(ARENA_MAX);
	const char *root = given_value(&given, "test-root");
	struct cli cli = {
		.root = root ? root : "",
		.config_dir = dir ? dir : CLI_CONFIG_DIR,
		.is_json = given_value(&given, "json") != NULL,
		.clock = {given_value(&given, "test-clock")},
		.arena = arena,
	};
	if (!arena)
		return cli_fail(&cli, CLI_FAILURE, "no memory");
	log_set_level(LOG_LEVEL_ERROR);
	load_config(&cli);
	int exit = run(&cli, &given);
	options_free(cli.options);
	bytes_done(&cli.problems);
	if (fflush(stdout) != 0 || ferror(stdout))
		return cli_fail(
			&cli, CLI_FAILURE, SAY(&cli, "the output could not be written", "không ghi được kết quả"));
	return exit;
}
