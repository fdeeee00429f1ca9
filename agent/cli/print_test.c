#include <errno.h>
#include <stdio.h>
#include <string.h>
#include <sys/epoll.h>

#include "base/loop.h"
#include "cli/commands.h"
#include "cli/print.h"
#include "drivers/drivers.h"
#include "drivers/print_inquiry.h"

#define PAGE_MAX    ((size_t)32 << 10)
#define ANSWERS_MAX 64
#define REACH_MS    10000 /* longest time until the printer is reached */
#define TAKE_MS	    15000 /* longest time without any progress */
#define ANSWER_MS   1500  /* longest time for its answers, once it has all */
#define LINGER_MS   5000  /* longest time until it ends the line */
#define LOOK_MS	    50

struct test {
	const struct cli *cli;
	const struct config_port *port;
	const struct printer_ops *printer;
	const struct print_inquiry *inquiry; /* NULL: it cannot be asked */
	struct loop *loop;
	struct printer_line line;
	struct bytes page;
	size_t gone;
	uint8_t answers[ANSWERS_MAX];
	size_t answer_len;
	bool is_reached, has_all, is_ended;
	int64_t begun_ms, taken_ms, until_ms;
	struct fault why; /* it did not print */
};

static int64_t now_ms(const struct test *test)
{
	return clock_mono_ms(&test->cli->clock);
}

/* ---- the page ---- */

/* As number and code are printed behind a receipt: what comes out here comes out there. */
static int make_page(struct test *test, struct fault *fault)
{
	const struct cli *cli = test->cli;
	bool is_marked = test->port->letters.charset != CHARSET_ASCII || test->port->line_dots > 0;
	struct civil at = clock_local(clock_now_ms(&cli->clock));
	const char *lines[] = {
		"PHIẾU IN THỬ",
		cli->config.seller.name,
		arena_printf(cli->arena, "Cổng %s, máy %s", test->port->name, test->port->till),
		arena_printf(
			cli->arena, "Ngày: %02d/%02d/%04d %02d:%02d", at.day, at.month, at.year, at.hour, at.minute),
		"Phiếu này không phải hóa đơn.",
		is_marked ? "Đọc được dòng này là in đúng:" : "Chữ in không dấu, như số và mã hóa đơn.",
		is_marked ? "ă â đ ê ô ơ ư ắ ằ ẳ ẵ ặ ễ ợ ữ ỷ" : "",
		is_marked ? "Ă Â Đ Ê Ô Ơ Ư" : "",
	};
	const struct print_annex annex = {.lines = lines,
		.line_count = ARRAY_LEN(lines) - (is_marked ? 0 : 2),
		.letters = test->port->letters,
		.line_dots = test->port->line_dots,
		.qr = "hoadon print test",
		.qr_dots = test->port->qr_dots,
		.end = PRINT_END_CUT};
	const struct print_state state = {.page = PRINT_PAGE_NONE, .width = 1, .height = 1};
	const struct print_dialect_ops *language = driver_print_dialect(test->port->dialect);

	if (!lines[1])
		lines[1] = "";
	if (!language || !lines[2] || !lines[3])
		return FAULT(fault, FAULT_MEMORY, "no memory for the page");
	if (test->inquiry)
		bytes_append(&test->page, test->inquiry->ask, test->inquiry->ask_len);
	return language->compose(&annex, &state, &test->page, fault);
}

/* ---- the line ---- */

static void stop(struct test *test)
{
	loop_stop(test->loop);
}

static void fail(struct test *test, const char *why)
{
	(void)FAULT(&test->why, FAULT_IO, "%s", why);
	stop(test);
}

static void reach(struct test *test)
{
	int result = test->printer->status(test->line.fd, &test->why);

	if (result < 0)
		stop(test);
	test->is_reached = result == 0;
	if (test->is_reached)
		test->until_ms = now_ms(test) + TAKE_MS;
}

static void write_page(struct test *test)
{
	ssize_t n = write(test->line.fd, test->page.data + test->gone, test->page.len - test->gone);

	if (n < 0 && errno != EAGAIN && errno != EINTR)
		fail(test, strerror(errno));
	if (n > 0) {
		test->gone += (size_t)n;
		test->until_ms = now_ms(test) + TAKE_MS;
	}
}

static void hear(struct test *test)
{
	uint8_t part[ANSWERS_MAX];
	ssize_t n = read(test->line.fd, part, sizeof(part));
	size_t room = sizeof(test->answers) - test->answer_len;

	if (n > 0) {
		size_t len = (size_t)n < room ? (size_t)n : room;
		memcpy(test->answers + test->answer_len, part, len);
		test->answer_len += len;
	} else if (n == 0 || (errno != EAGAIN && errno != EINTR)) {
		if (test->is_ended)
			stop(test);
		else
			fail(test, n == 0 ? "the printer closed the line" : strerror(errno));
	}
}

static int on_printer(void *context, uint32_t events, struct fault *fault)
{
	struct test *test = context;

	if (!test->is_reached)
		reach(test);
	if (!test->is_reached)
		return 0;
	if (events & (EPOLLIN | EPOLLERR | EPOLLHUP))
		hear(test);
	if ((events & EPOLLOUT) && test->gone < test->page.len && !*test->why.text)
		write_page(test);
	return loop_watch(test->loop, test->line.fd, EPOLLIN | (test->gone < test->page.len ? EPOLLOUT : 0u),
		on_printer, test, fault);
}

static const char *why_not(const struct test *test)
{
	enum printer_standing standing = test->printer->standing ? test->printer->standing(&test->line) : PRINTER_WAITS;

	return standing == PRINTER_NO_PAPER  ? "it has no paper"
	       : standing == PRINTER_OFFLINE ? "it is switched to local, or its cover is open"
	       : standing == PRINTER_ERROR   ? "it says that it has an error"
	       : standing == PRINTER_BUSY    ? "another program has it, maybe hoadond at this moment; try again"
					     : "it takes nothing";
}

static bool has_answers(const struct test *test)
{
	return !test->inquiry || test->answer_len >= test->inquiry->answer_len;
}

/* It has all when nothing is on the way any more; then its answers, and its end of the line, are waited for a while. */
static int on_time(void *context, uint32_t events, struct fault *fault)
{
	struct test *test = context;
	int64_t now = now_ms(test);

	(void)events;
	(void)fault;
	if (!test->has_all) {
		test->has_all =
			test->is_reached && test->gone == test->page.len && test->printer->has_all(test->line.fd);
		test->taken_ms = now;
		if (!test->has_all && now >= test->until_ms)
			fail(test, test->is_reached ? why_not(test) : "it does not answer");
		return 0;
	}
	if (!test->is_ended && (has_answers(test) || now >= test->taken_ms + ANSWER_MS)) {
		if (test->printer->end)
			test->printer->end(test->line.fd);
		else
			stop(test);
		test->is_ended = true;
	}
	if (now >= test->taken_ms + LINGER_MS)
		stop(test);
	return 0;
}

static int print(struct test *test, struct fault *fault)
{
	int result = loop_new(&test->loop, fault);

	test->begun_ms = now_ms(test);
	test->until_ms = test->begun_ms + REACH_MS;
	if (result == 0 && test->printer->open(test->port->printer.where, test->loop, &test->line, &test->why) < 0)
		return 0;
	if (result == 0)
		result = loop_watch(test->loop, test->line.fd, EPOLLOUT, on_printer, test, fault);
	if (result == 0)
		result = loop_every(test->loop, LOOK_MS, on_time, test, fault);
	return result == 0 ? loop_run(test->loop, fault) : result;
}

/* ---- what came of it ---- */

static const struct condition_row {
	const char *word, *en, *vi;
} conditions[] = {
#define X(name, word, en, vi) {word, en, vi},
	PRINT_CONDITIONS(X)
#undef X
};

static bool says(const struct test *test, int condition)
{
	return test->inquiry && test->inquiry->says(test->answers, test->answer_len, (enum print_condition)condition);
}

static int exit_of(const struct test *test)
{
	if (!test->has_all)
		return CLI_FAILURE;
	for (int i = 0; i < PRINT_CONDITION_COUNT; i++)
		if (says(test, i))
			return CLI_DEGRADED;
	return CLI_OK;
}

static void print_answers(const struct test *test)
{
	const struct cli *cli = test->cli;
	bool is_well = true;

	if (!test->inquiry) {
		puts(SAY(cli, "A printer of this language cannot be asked how it stands.",
			"Máy in dùng ngôn ngữ này không hỏi được tình trạng."));
		return;
	}
	if (!test->answer_len) {
		puts(SAY(cli, "It did not say how it stands; many printers do not.",
			"Máy in không trả lời tình trạng; nhiều loại không trả lời."));
		return;
	}
	for (int i = 0; i < PRINT_CONDITION_COUNT; i++)
		if (says(test, i)) {
			printf(SAY(cli, "It says: %s.\n", "Máy in báo: %s.\n"),
				SAY(cli, conditions[i].en, conditions[i].vi));
			is_well = false;
		}
	if (is_well)
		puts(SAY(cli, "It says: all is well.", "Máy in báo: mọi thứ đều tốt."));
}

static void print_human(const struct test *test, const char *where)
{
	const struct cli *cli = test->cli;

	if (!test->has_all) {
		cli_fail(cli, CLI_FAILURE,
			SAY(cli,
				"the printer %s of port %s did not print all of it: %s; is it switched on, its cable "
				"in "
				"place, and [port %s] printer right?",
				"máy in %s của cổng %s chưa in được hết: %s; máy in đã bật, cáp đã cắm và tùy chọn "
				"[port %s] printer có đúng không?"),
			where, test->port->name, test->why.text, test->port->name);
		if (test->answer_len)
			print_answers(test);
		return;
	}
	printf(SAY(cli, "The printer %s of port %s took the test page, %zu bytes, in %lld ms.\n",
		       "Máy in %s của cổng %s đã nhận phiếu in thử, %zu byte, trong %lld ms.\n"),
		where, test->port->name, test->page.len, (long long)(test->taken_ms - test->begun_ms));
	print_answers(test);
	puts(SAY(cli, "If nothing came out, or strange letters, see [port NAME] dialect: hoadon help drivers",
		"Nếu giấy không ra hoặc ra chữ lạ, xem tùy chọn [port TÊN] dialect: hoadon help drivers"));
	if (test->port->letters.charset != CHARSET_ASCII)
		puts(SAY(cli,
			"If the line \"ă â đ ê ô ơ ư\" cannot be read on it, set [port NAME] encoding and page as its "
			"self-test "
			"page lists them (switch it on with FEED held down), or encoding = picture",
			"Nếu dòng \"ă â đ ê ô ơ ư\" trên giấy không đọc được, hãy đặt [port TÊN] encoding và page như "
			"giấy tự "
			"kiểm tra của máy in (giữ nút FEED khi bật máy), hoặc encoding = picture"));
	if (!test->port->qr_dots && strcmp(test->port->dialect, "escpos") == 0)
		puts(SAY(cli, "If strange letters stand where the QR code should, set [port NAME] qr = picture",
			"Nếu chỗ mã QR lại ra chữ lạ, hãy đặt [port TÊN] qr = picture"));
}

static int print_json(const struct test *test, const char *where, struct fault *fault)
{
	BYTES_CLEANUP struct bytes out = {.max = PRINT_JSON_MAX};

	json_begin(&out);
	json_member(&out, "port", test->port->name);
	json_member(&out, "printer", where);
	json_member_flag(&out, "is_printed", test->has_all);
	json_member_int(&out, "bytes", (int64_t)test->gone);
	if (*test->why.text)
		json_member(&out, "why", test->why.text);
	json_key(&out, "answer");
	bytes_char(&out, '"');
	bytes_hex(&out, test->answers, test->answer_len);
	bytes_char(&out, '"');
	json_key(&out, "says");
	bytes_char(&out, '[');
	for (int i = 0; i < PRINT_CONDITION_COUNT; i++)
		if (says(test, i)) {
			json_item(&out);
			json_string(&out, conditions[i].word);
		}
	bytes_char(&out, ']');
	return json_print(&out, fault);
}

int print_test_run(struct cli *cli, struct fault *fault)
{
	struct test test = {.cli = cli, .line = {.fd = -1}, .page = {.max = PAGE_MAX}};
	int result;

	test.port = config_port(&cli->config, cli->words[0]);
	if (!test.port)
		return cli_usage(cli, "there is no such [port NAME]: hoadon config show",
			"không có [port TÊN] này: hoadon config show");
	if (!test.port->printer.line)
		return cli_fail(cli, CLI_FAILURE,
			SAY(cli, "port %s has no printer: set [port %s] printer",
				"cổng %s chưa có máy in: hãy đặt [port %s] printer"),
			test.port->name, test.port->name);
	test.inquiry = print_inquiry(test.port->dialect);
	test.printer = driver_printer(test.port->printer.line);
	const char *where = options_get(cli->options, "port", test.port->name, "printer")->value;
	if (!test.printer)
		return FAULT(fault, FAULT_CONFIG, "no printer line %s is built in", test.port->printer.line);
	result = make_page(&test, fault);
	if (result == 0)
		result = print(&test, fault);
	if (result == 0 && cli->is_json)
		result = print_json(&test, where, fault);
	else if (result == 0)
		print_human(&test, where);
	if (test.line.fd >= 0)
		test.printer->close(&test.line);
	loop_free(test.loop);
	bytes_done(&test.page);
	return result == 0 ? exit_of(&test) : result;
}
