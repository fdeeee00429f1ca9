/* cli: hoadon, the command line. One table makes the parser, --help and `hoadon help`; one file per command. */
#ifndef HOADON_CLI_CLI_H
#define HOADON_CLI_CLI_H

#include <stdbool.h>
#include <stdint.h>

#include "base/arena.h"
#include "base/clock.h"
#include "base/options.h"
#include "core/config.h"
#include "store/store.h"

#define CLI_CONFIG_DIR	   "/etc/hoadon-agent"
#define CLI_SCHEMA_VERSION 1 /* of everything that --json prints; grows by addition only */
#define CLI_WORDS_MAX	   10
#define CLI_OPTIONS_MAX	   9
#define CLI_LIMIT	   50 /* rows of a list unless --limit says more */
#define CLI_LIMIT_MAX	   1000

/* Exit codes: operations section 4. X(NAME, number, "English", "Vietnamese") */
#define CLI_EXITS(X)                                                                                                   \
	X(OK, 0, "done; doctor: well, or advice alone", "xong; doctor: tốt, hoặc chỉ có lời khuyên")                   \
	X(FAILURE, 1, "failed; the reason is on stderr", "thất bại; lý do in ở stderr")                                \
	X(USAGE, 2, "the command line is wrong", "sai cú pháp lệnh")                                                   \
	X(DEGRADED, 3, "status, doctor, capture learn: works, but something needs a person",                           \
		"status, doctor, capture learn: vẫn chạy, nhưng có việc cần người")                                    \
	X(BLOCKED, 4, "status: no invoice can be issued; doctor: something is wrong",                                  \
		"status: không lập được hóa đơn; doctor: có lỗi phải sửa")                                             \
	X(NOT_RUNNING, 5, "hoadond is not running", "hoadond không chạy")                                              \
	X(BROKEN, 6, "broken or different: ledger, store, backup, receipt; or a sale is forgotten",                    \
		"sai lệch: sổ đối soát, kho, bản sao lưu, phiếu; hoặc có giao dịch bị bỏ quên")                        \
	X(PARKED, 7, "sale submit: kept, waits for a person", "sale submit: đã lưu, chờ người xử lý")                  \
	X(REFUSED, 8, "sale submit: refused, the sale is wrong", "sale submit: bị từ chối, dữ liệu bán hàng sai")      \
	X(PERMISSION, 77, "not permitted for this user", "người dùng này không có quyền")                              \
	X(CONFIG, 78, "the configuration is missing or wrong", "cấu hình thiếu hoặc sai")
enum cli_exit {
#define X(name, number, en, vi) CLI_##name = number,
	CLI_EXITS(X)
#undef X
};

enum cli_kind {
	CLI_READING,  /* opens the store read-only, works with hoadond down */
	CLI_CHANGING, /* goes through hoadond's socket */
	CLI_OFFLINE,  /* neither: needs no valid configuration */
};

struct cli_option {
	const char *name;  /* "reason" for --reason */
	const char *value; /* placeholder of its argument; NULL = a flag */
	bool is_required;
	const char *en, *vi;
};

struct cli;
/* A command: enum cli_exit, or < 0 with @fault (printed by the caller, exit 1). */
typedef int cli_fn(struct cli *cli, struct fault *fault);

struct cli_command {
	const char *name, *sub; /* sub NULL: a command of one word */
	enum cli_kind kind;
	int words_min, words_max; /* arguments behind the command */
	const char *arguments;	  /* "TILL BILL | ID", "" = none */
	const char *en, *vi;	  /* one line each */
	const char *example;
	cli_fn *fn;
	struct cli_option options[CLI_OPTIONS_MAX];
};

/** cli_commands - all commands, in the order of help; ended by a row with name NULL. */
extern const struct cli_command cli_commands[];
/** cli_globals - options that every command takes; ended by a row with name NULL. */
extern const struct cli_option cli_globals[];

struct cli {
	const char *config_dir;
	const char *root; /* tests: what stands for "/" where the machine is looked at; else "" */
	bool is_vi, is_json;
	const struct cli_command *command;
	const char *words[CLI_WORDS_MAX]; /* arguments behind the command */
	int word_count;
	const char *values[CLI_OPTIONS_MAX]; /* of command->options; a flag that was given is "" */
	struct clock clock;
	struct arena *arena;
	/* the configuration; is_configured = it could be read and made */
	bool is_configured;
	struct option_set *options;
	struct config config;
	struct bytes problems;	   /* every wrong line, one each */
	struct fault config_fault; /* why not */
};

/* A text in the user's language; both arms are literals, so that formats stay checked. */
#define SAY(cli, en, vi) ((cli)->is_vi ? (vi) : (en))

/** cli_run() - the whole program: arguments to exit code. Talk on stderr, data on stdout. */
int cli_run(int argc, char **argv);

/** cli_value() - value of option @name of the running command; NULL = not given, "" = a flag that was given. */
const char *cli_value(const struct cli *cli, const char *name);
/** cli_limit() - --limit, or CLI_LIMIT. 0, or CLI_USAGE after saying so. */
int cli_limit(const struct cli *cli, int64_t *ret) MUST_CHECK;
/** cli_day() - local day --at (2027-01-01 or 01/01/2027) as YYYYMMDD, or @otherwise. 0, or CLI_USAGE after saying so. */
int cli_day(const struct cli *cli, int32_t otherwise, int32_t *ret) MUST_CHECK;
/** cli_number() - @text as an id, 1 .. 10^15. 0 or 1. */
int cli_number(const char *text, int64_t *ret) MUST_CHECK;
/** cli_usage() - say what is wrong (@en, @vi) with usage and example of the command on stderr. Return: CLI_USAGE. */
int cli_usage(const struct cli *cli, const char *en, const char *vi);
/** cli_fail() - say one sentence on stderr. Return: @exit. */
int cli_fail(const struct cli *cli, int exit, const char *format, ...) __attribute__((format(printf, 3, 4)));
/** cli_explain_config() - why the configuration cannot be used, line by line, on stderr. Return: CLI_CONFIG, or CLI_PERMISSION when it may not be read. */
int cli_explain_config(const struct cli *cli);
/** cli_open_store() - the store, read-only. 0; CLI_PERMISSION after saying so; < 0. */
int cli_open_store(struct cli *cli, struct store **ret, struct fault *fault) MUST_CHECK;

#endif
