/* setup_ask: the settings of a shop, asked for at a terminal; the prototype is in setup.h. */
#include <errno.h>
#include <signal.h>
#include <stdio.h>
#include <string.h>
#include <sys/mman.h>
#include <termios.h>
#include <unistd.h>

#include "cli/setup.h"

#define ANSWER_MAX 1024
#define ROUTE	   "tvan" /* unless there is one already */
#define SECOND	   "tvan-2"
#define NONE	   "-"
#define ALWAYS	   NULL, false
#define TILLS	   "T01"
#define PUBLIC_CA  "/etc/ssl/certs/ca-certificates.crt"
#define TILL_CHARS "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789._-"

enum kind { PLAIN, OPTIONAL, A_FILE, A_FOLDER /* or none */, A_PASSWORD };

static void check_key_that_was_named(struct checkup *at);

/* In the order of asking. A group begins with its section or route, and is tried as a whole once its last answer is there. */
static const struct question {
	const char *section, *key;
	enum kind kind;
	void (*check)(struct checkup *at); /* of the group that ends here; NULL = nothing is tried yet */
	const char *en, *vi;
	const char *with; /* asked only when this key of the section has an answer; NULL = always */
	bool is_second;	  /* of the second route */
} questions[] = {
	{"seller", "tax_code", PLAIN, NULL, "Tax code of the seller", "Mã số thuế người bán", ALWAYS},
	{"seller", "name", PLAIN, NULL, "Name of the seller, as registered", "Tên người bán, như đã đăng ký", ALWAYS},
	{"seller", "address", PLAIN, NULL, "Address of the seller, as registered", "Địa chỉ người bán, như đã đăng ký",
		ALWAYS},
	{"seller", "provider_tax_code", PLAIN, NULL, "Tax code of the solution provider",
		"Mã số thuế tổ chức cung cấp giải pháp", ALWAYS},
	{"seller", "sender", PLAIN, NULL, "Sender (MNGui) that the T-VAN assigned", "Mã nơi gửi (MNGui) do T-VAN cấp",
		ALWAYS},
	{"serial", "form", PLAIN, NULL, "Invoices: 1 = VAT, 2 = sales", "Loại hóa đơn: 1 = GTGT, 2 = bán hàng", ALWAYS},
	{"serial", "suffix", PLAIN, NULL, "Last two letters of the serial, of this box alone",
		"Hai chữ cuối của ký hiệu, chỉ riêng máy này", ALWAYS},
	{"serial", "key", PLAIN, NULL, "Five characters of message 103", "Năm ký tự trong thông báo 103", ALWAYS},
	{"serial", "issuer_prefix", PLAIN, NULL, "Number of this box, 0 to 999, another one for each box",
		"Số của máy này, 0 đến 999, mỗi máy một số", ALWAYS},
	{"key", "file", A_FILE, NULL, "File of the seller's certificate (.p12)",
		"Tệp chứng thư số của người bán (.p12)", ALWAYS},
	{"key", "password_file", A_PASSWORD, check_key_that_was_named, "Its password", "Mật khẩu của tệp đó", ALWAYS},
	{"authority", "url", PLAIN, NULL, "Address of the T-VAN (https://…)", "Địa chỉ T-VAN (https://…)", ALWAYS},
	{"authority", "ca_file", A_FILE, NULL, "File of the certificate that its server must chain to (.pem)",
		"Tệp chứng thư gốc của máy chủ T-VAN (.pem)", ALWAYS},
	{"authority", "anchors_file", A_FILE, NULL,
		"File of the certificate that the tax authority must chain to (.pem)",
		"Tệp chứng thư gốc của cơ quan thuế (.pem)", ALWAYS},
	{"authority", "user", OPTIONAL, NULL, "User name at the T-VAN", "Tên đăng nhập tại T-VAN", ALWAYS},
	{"authority", "password_file", A_PASSWORD, check_network, "Password at the T-VAN", "Mật khẩu tại T-VAN", "user",
		false},
	{"authority", "url", OPTIONAL, NULL, "Address of a second T-VAN, for when the first is away",
		"Địa chỉ T-VAN thứ hai, dùng khi T-VAN đầu không trả lời", NULL, true},
	{"authority", "ca_file", A_FILE, NULL, "File of the certificate that the second server must chain to (.pem)",
		"Tệp chứng thư gốc của máy chủ thứ hai (.pem)", "url", true},
	{"authority", "anchors_file", A_FILE, NULL,
		"File of the certificate that the tax authority must chain to there (.pem)",
		"Tệp chứng thư gốc của cơ quan thuế tại đó (.pem)", "url", true},
	{"authority", "user", OPTIONAL, NULL, "User name at the second T-VAN", "Tên đăng nhập tại T-VAN thứ hai", "url",
		true},
	{"authority", "password_file", A_PASSWORD, check_network, "Password at the second T-VAN",
		"Mật khẩu tại T-VAN thứ hai", "user", true},
	{"mirror", "dir", A_FOLDER, check_mirror, "Folder on a USB stick or a second disk that gets a copy at once",
		"Thư mục trên USB hoặc ổ đĩa thứ hai để chép ngay từng giao dịch", ALWAYS},
	{"alarm", "webhook_url", OPTIONAL, NULL, "Address that hears of what needs a person (https://…)",
		"Địa chỉ nhận tin khi có việc cần người xử lý (https://…)", ALWAYS},
	{"alarm", "mail_to", OPTIONAL, NULL, "Mail address of whoever looks after the shop",
		"Địa chỉ thư của người phụ trách", ALWAYS},
	{"alarm", "mail_from", PLAIN, NULL, "Address that these mails come from", "Địa chỉ gửi các thư đó", "mail_to",
		false},
	{"alarm", "mail_url", PLAIN, NULL, "Mail server (smtps://…)", "Máy chủ thư (smtps://…)", "mail_to", false},
	{"alarm", "mail_user", OPTIONAL, NULL, "User name at the mail server", "Tên đăng nhập máy chủ thư", "mail_to",
		false},
	{"alarm", "mail_password_file", A_PASSWORD, NULL, "Password at the mail server", "Mật khẩu máy chủ thư",
		"mail_user", false},
};

struct asking {
	struct setup *setup;
	const char *route, *second;
	const char *answers[ARRAY_LEN(questions)]; /* as the settings say them; NULL = not yet, or none */
};

static void check_key_that_was_named(struct checkup *at)
{
	check_key_file(at);
	if (key_is_open(&at->key))
		check_certificate(at);
}

static const char *name_of(const struct asking *asking, const struct question *question)
{
	if (strcmp(question->section, "authority") != 0)
		return "";
	return question->is_second ? asking->second : asking->route;
}

/* The question that @i's group begins with. */
static size_t first_of(size_t i)
{
	while (i > 0 && strcmp(questions[i - 1].section, questions[i].section) == 0 &&
		questions[i - 1].is_second == questions[i].is_second)
		i--;
	return i;
}

static bool is_asked(const struct asking *asking, size_t i)
{
	size_t with = first_of(i);
	while (questions[i].with && strcmp(questions[with].key, questions[i].with) != 0)
		with++;
	return !questions[i].with || asking->answers[with];
}

static const struct option *option_of(const struct question *question)
{
	const struct option *option = config_table;
	while (strcmp(option->section, question->section) != 0 || strcmp(option->key, question->key) != 0)
		option++;
	return option;
}

/* ---- one line ---- */

/* What is pressed meanwhile to end us ends us once the terminal shows again what is typed. */
static ssize_t read_hidden(const char *prompt, char **line, size_t *room)
{
	struct termios shown, hidden;
	sigset_t ends, before;
	sigemptyset(&ends);
	sigaddset(&ends, SIGINT);
	sigaddset(&ends, SIGTERM);
	sigprocmask(SIG_BLOCK, &ends, &before);
	bool is_terminal = tcgetattr(STDIN_FILENO, &shown) == 0;
	hidden = shown;
	hidden.c_lflag &= ~(tcflag_t)ECHO;
	if (is_terminal)
		tcsetattr(STDIN_FILENO, TCSAFLUSH, &hidden);
	fputs(prompt, stderr);
	ssize_t len = getline(line, room, stdin);
	if (is_terminal)
		tcsetattr(STDIN_FILENO, TCSADRAIN, &shown);
	fputc('\n', stderr);
	sigprocmask(SIG_SETMASK, &before, NULL);
	return len;
}

/* A line without blanks around it, in the arena; NULL at the end of the input. @shown: what Enter alone means, "" = nothing. */
static char *ask(const struct cli *cli, const char *what, const char *shown, bool is_hidden)
{
	CLEANUP(freep) char *line = NULL;
	size_t room = 0;
	const char *prompt = arena_printf(cli->arena, *shown ? "%s [%s]: " : "%s: ", what, shown);
	if (!prompt)
		return NULL;
	if (!is_hidden)
		fputs(prompt, stderr);
	ssize_t len = is_hidden ? read_hidden(prompt, &line, &room) : getline(&line, &room, stdin);
	if (len < 0)
		return NULL;
	char *from = line + strspn(line, " \t\r\n");
	while (len > 0 && strchr(" \t\r\n", line[len - 1]))
		line[--len] = '\0';
	char *kept = arena_strdup(cli->arena, from < line + len ? from : "");
	if (is_hidden)
		explicit_bzero(line, room);
	return kept;
}

/* A password comes to no disk: it is a file in memory, for as long as we run. */
static const char *keep_password(const struct cli *cli, const char *password)
{
	int fd = memfd_create("password", MFD_CLOEXEC);
	size_t len = strlen(password);
	return fd >= 0 && write(fd, password, len) == (ssize_t)len ? arena_printf(cli->arena, "/proc/self/fd/%d", fd)
								   : NULL;
}

static void write_answers(const struct asking *asking, struct bytes *out)
{
	for (size_t i = 0; i < ARRAY_LEN(questions); i++) {
		const char *name = name_of(asking, &questions[i]);
		if (!asking->answers[i])
			continue;
		bytes_printf(out, *name ? "[%s %s]\n" : "[%s]\n", questions[i].section, name);
		bytes_printf(out, "%s = %s\n", questions[i].key, asking->answers[i]);
	}
}

static bool has_second(const struct asking *asking)
{
	for (size_t i = 0; i < ARRAY_LEN(questions); i++)
		if (questions[i].is_second && asking->answers[i])
			return true;
	return false;
}

static const char *why_not(const struct asking *asking, const struct question *question, const char *value)
{
	CLEANUP(bytes_done) struct bytes beside;
	bool is_there = question->kind == A_FILE || question->kind == A_FOLDER;
	if (is_there && access(value, question->kind == A_FILE ? R_OK : W_OK | X_OK) != 0)
		return strerror(errno);
	bytes_init(&beside, SETUP_CONTENT_MAX);
	write_answers(asking, &beside);
	return setup_why_wrong(asking->setup, option_of(question), name_of(asking, question), value, &beside, 0);
}

static const char *before(const struct asking *asking, size_t i)
{
	const struct question *question = &questions[i];
	const struct cli *cli = asking->setup->cli;
	if (asking->answers[i] && question->kind != A_PASSWORD)
		return asking->answers[i];
	const char *first = strcmp(question->key, "ca_file") == 0 ? PUBLIC_CA : NULL;
	const char *text =
		cli->options ? options_text(cli->options, question->section, name_of(asking, question), question->key)
			     : NULL;
	return text && *text ? text : first;
}

/* 0 with the answer; CLI_FAILURE at the end of the input. */
static int ask_one(struct asking *asking, size_t i)
{
	const struct question *question = &questions[i];
	const struct cli *cli = asking->setup->cli;
	bool is_hidden = question->kind == A_PASSWORD;
	bool is_optional = question->kind == OPTIONAL || question->kind == A_FOLDER;
	const char *old = before(asking, i);
	asking->answers[i] = NULL;
	for (;;) {
		const char *shown = !old	? is_optional ? NONE : ""
				    : is_hidden ? SAY(cli, "as it is", "giữ nguyên")
						: old;
		const char *said = ask(cli, SAY(cli, question->en, question->vi), shown, is_hidden);
		if (!said)
			return CLI_FAILURE;
		bool is_none = is_optional && (*said ? !strcmp(said, NONE) : !old);
		const char *value = !*said ? old : is_hidden ? keep_password(cli, said) : said;
		const char *why = is_none ? NULL
				  : value ? why_not(asking, question, value)
					  : SAY(cli, "an answer is needed here", "câu này cần trả lời");
		if (!why) {
			asking->answers[i] = is_none ? NULL : value;
			return 0;
		}
		fprintf(stderr, "  ! %s\n", why);
	}
}

/* ---- groups ---- */

/* Try the group that ends with question @i. 0 well; 1 it has to be asked again, after saying why; < 0. */
static int try_group(const struct asking *asking, size_t i, struct fault *fault)
{
	struct setup *setup = asking->setup;
	CLEANUP(checkup_done) struct checkup at = {.check = "", .title = questions[i].section};
	CLEANUP(options_freep) struct option_set *options = NULL;
	CLEANUP(bytes_done) struct bytes content, problems;
	struct cli part = *setup->cli;
	const struct options_draft draft = {.file = setup->file, .content = &content};
	bytes_init(&content, SETUP_CONTENT_MAX);
	bytes_init(&problems, SETUP_CONTENT_MAX);
	at.cli = &part;
	write_answers(asking, &content);
	int result = options_read_draft(config_table, NULL, &draft, &options, &problems, fault);
	if (result == 0)
		result = config_make(options, part.arena, &part.config, fault);
	if (result)
		return result;
	questions[i].check(&at);
	for (size_t row = 0; row < at.findings.count; row++)
		fprintf(stderr, "  %s %s\n", at.findings.rows[row].level == FINDING_WRONG ? "!" : "-",
			at.findings.rows[row].text);
	return findings_worst(&at.findings, NULL) == FINDING_WRONG;
}

static bool is_given_up(const struct cli *cli)
{
	const char *said = ask(cli,
		SAY(cli, "Go on without the line (y), or answer again (Enter)?",
			"Làm tiếp khi chưa có đường truyền (c), hay trả lời lại (Enter)?"),
		"", false);
	return !said || *said == 'y' || *said == 'c';
}

static int ask_all(struct asking *asking, bool *is_offline, struct fault *fault)
{
	for (size_t i = 0; i < ARRAY_LEN(questions); i++) {
		bool is_line = questions[i].check == check_network;
		if (!is_asked(asking, i))
			asking->answers[i] = NULL;
		else if (ask_one(asking, i))
			return CLI_FAILURE;
		if (!questions[i].check || !asking->answers[first_of(i)] || (is_line && *is_offline))
			continue;
		int result = try_group(asking, i, fault);
		if (result < 0)
			return result;
		if (result > 0 && is_line && is_given_up(asking->setup->cli))
			*is_offline = true;
		else if (result > 0)
			i = first_of(i) - 1;
	}
	return 0;
}

/* ---- tills ---- */

/* Where a till stands, when that is not the seller's address. NULL: nobody is asked about @option. */
static const char *question_of_place(const struct cli *cli, const struct option *option, const char *till)
{
	if (strcmp(option->key, "location_name") == 0)
		return arena_printf(cli->arena,
			SAY(cli, "Name of the place of till %s, if not the seller's address",
				"Tên địa điểm của máy %s, nếu không ở địa chỉ người bán"),
			till);
	if (strcmp(option->key, "location_address") == 0)
		return arena_printf(
			cli->arena, SAY(cli, "Address of the place of till %s", "Địa chỉ địa điểm của máy %s"), till);
	return NULL;
}

/* 0 with the answer, NULL = none; CLI_FAILURE at the end of the input. */
static int ask_place(
	const struct setup *setup, const struct option *option, const char *till, const char *what, const char **value)
{
	const char *old = *value, *why;
	do {
		const char *said = ask(setup->cli, what, old ? old : NONE, false);
		if (!said)
			return CLI_FAILURE;
		*value = !*said ? old : strcmp(said, NONE) == 0 ? NULL : said;
		why = *value ? setup_why_wrong(setup, option, till, *value, NULL, 0) : NULL;
		if (why)
			fprintf(stderr, "  ! %s\n", why);
	} while (why);
	return 0;
}

static int ask_till(const struct setup *setup, const char *till, struct bytes *out)
{
	const struct option_set *options = setup->cli->options;
	bool has_place = true;
	bytes_printf(out, "[till %s]\n", till);
	for (const struct option *o = config_table; o->section; o++) {
		if (strcmp(o->section, "till") != 0)
			continue;
		const char *value = options ? options_text(options, "till", till, o->key) : NULL;
		const char *what = question_of_place(setup->cli, o, till);
		if (what && has_place && ask_place(setup, o, till, what, &value))
			return CLI_FAILURE;
		if (what && !has_place)
			value = NULL;
		has_place = !what || value;
		if (value)
			bytes_printf(out, "%s = %s\n", o->key, value);
	}
	return 0;
}

/* What is known of a till stays; one that is not named any more goes. CLI_FAILURE at the end of the input. */
static int ask_tills(const struct setup *setup, struct bytes *out)
{
	const struct cli *cli = setup->cli;
	char old[ANSWER_MAX] = "", *said;
	const char *name;
	for (size_t i = 0; cli->options && (name = options_name(cli->options, "till", i)); i++)
		snprintf(old + strlen(old), sizeof(old) - strlen(old), "%s%s", i ? " " : "", name);
	for (;;) {
		said = ask(cli,
			SAY(cli, "Names of the tills, as they name themselves",
				"Tên các máy tính tiền, đúng như phần mềm bán hàng gửi"),
			*old ? old : TILLS, false);
		if (!said)
			return CLI_FAILURE;
		if (strspn(said, TILL_CHARS " ") == strlen(said))
			break;
		fprintf(stderr, "  ! %s\n",
			SAY(cli, "letters, digits, . _ - and blanks between the names",
				"chỉ gồm chữ không dấu, chữ số, . _ - và dấu cách giữa các tên"));
	}
	if (!*said)
		said = arena_strdup(cli->arena, *old ? old : TILLS);
	char *rest = NULL;
	for (name = said ? strtok_r(said, " ", &rest) : NULL; name; name = strtok_r(NULL, " ", &rest))
		if (ask_till(setup, name, out))
			return CLI_FAILURE;
	return 0;
}

/* ---- all of it ---- */

/* NULL for what was asked: the answers say it, or there is none. */
static const char *if_not_asked(void *context, const struct option_value *value)
{
	const struct asking *asking = context;
	const char *section = value->option->section;
	/* setup_seal_add() finds the store's key by itself, and setup_seal_check() another one where that is no more the right one. */
	if (strcmp(section, "store") == 0 && strcmp(value->option->key, "key_file") == 0)
		return NULL;
	for (size_t i = 0; i < ARRAY_LEN(questions); i++)
		if (option_of(&questions[i]) == value->option && !strcmp(name_of(asking, &questions[i]), value->name))
			return NULL;
	bool is_of_second = !strcmp(section, "authority") && !strcmp(value->name, asking->second);
	return is_of_second && !has_second(asking) ? NULL : value->value;
}

/* Settings of before that nobody is asked about stay. */
static int write_others(struct asking *asking, struct bytes *out, struct fault *fault)
{
	const struct cli *cli = asking->setup->cli;
	struct setup old = {.then = *cli};
	old.file = arena_printf(cli->arena, "%s/conf.d/" SETUP_SITE, cli->config_dir);
	if (!old.file)
		return FAULT(fault, FAULT_MEMORY, "no memory for the settings");
	return cli->options ? setup_write(&old, "till", if_not_asked, asking, out, fault) : 0;
}

int setup_ask(struct setup *setup, bool *is_offline, struct fault *fault)
{
	const struct cli *cli = setup->cli;
	struct asking asking = {.setup = setup, .route = ROUTE, .second = SECOND};
	const char *name = cli->options ? options_name(cli->options, "authority", 0) : NULL;
	if (name)
		asking.route = name;
	name = name ? options_name(cli->options, "authority", 1) : NULL;
	if (name)
		asking.second = name;
	fputs(SAY(cli, "Enter alone takes what stands in [ ], - says none; Ctrl-D ends without any change.\n",
		      "Enter để lấy giá trị trong [ ], - là không có; Ctrl-D để dừng, không thay đổi gì.\n"),
		stderr);
	int result = ask_all(&asking, is_offline, fault);
	if (result == 0)
		result = ask_tills(setup, &setup->content);
	/* Before the others: the route that is named first is the first. */
	write_answers(&asking, &setup->content);
	if (result == 0)
		result = write_others(&asking, &setup->content, fault);
	if (result > 0)
		return cli_fail(cli, result, "%s",
			SAY(cli, "not set up; nothing was changed", "chưa cài đặt; chưa thay đổi gì"));
	return result ? result : bytes_check(&setup->content, "the settings", fault);
}
