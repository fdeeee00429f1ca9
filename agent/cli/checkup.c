#include "cli/checkup.h"

#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

/* In the arena; "?" without memory. */
static const char *keep(struct checkup *at, const char *format, va_list arguments)
	__attribute__((format(printf, 2, 0)));

static const char *keep(struct checkup *at, const char *format, va_list arguments)
{
	CLEANUP(freep) char *text = NULL;
	if (vasprintf(&text, format, arguments) < 0) {
		text = NULL;
		return "?";
	}
	const char *kept = arena_strdup(at->cli->arena, text);
	return kept ? kept : "?";
}

void checkup_done(struct checkup *at)
{
	if (key_is_open(&at->key))
		key_close(&at->key);
	store_close(at->store);
}

void checkup_ok(struct checkup *at, enum finding_level level, const char *format, ...)
{
	va_list arguments;
	va_start(arguments, format);
	const char *text = keep(at, format, arguments);
	va_end(arguments);
	findings_add(&at->findings, &(struct finding){at->check, at->title, level, text, NULL, NULL});
}

void checkup_found(
	struct checkup *at, enum finding_level level, const char *remedy, const char *command, const char *format, ...)
{
	va_list arguments;
	va_start(arguments, format);
	const char *text = keep(at, format, arguments);
	va_end(arguments);
	findings_add(&at->findings, &(struct finding){at->check, at->title, level, text, remedy, command});
}

void checkup_lines(struct checkup *at, enum finding_level level, const char *remedy, const char *command,
	const struct bytes *lines)
{
	for (size_t from = 0, len; from < lines->len; from += len + 1) {
		const char *line = (const char *)lines->data + from;
		len = strcspn(line, "\n");
		checkup_found(at, level, remedy, command, "%.*s", (int)len, line);
	}
}

const char *checkup_command(struct checkup *at, const char *format, ...)
{
	va_list arguments;
	va_start(arguments, format);
	const char *text = keep(at, format, arguments);
	va_end(arguments);
	return text;
}

const char *checkup_quote(struct checkup *at, const char *word)
{
	if (word[strspn(word, "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789_./@:+,-")] == 0)
		return word;
	CLEANUP(bytes_done) struct bytes out;
	bytes_init(&out, 16 << 10);
	bytes_char(&out, '\'');
	for (const char *c = word; *c; c++)
		if (*c == '\'')
			bytes_text(&out, "'\\''");
		else
			bytes_char(&out, *c);
	bytes_char(&out, '\'');
	return checkup_command(at, "%s", out.data ? (const char *)out.data : "?");
}

int64_t checkup_now(const struct checkup *at)
{
	return at->store ? at->status.time.now_ms : clock_now_ms(&at->cli->clock);
}

void checkup_before_sale(struct checkup *at, bool with_line)
{
	const struct cli *cli = at->cli;
	at->check = "settings";
	at->title = SAY(cli, "Settings", "Tùy chọn");
	check_settings(at);
	at->check = "key";
	at->title = SAY(cli, "Key", "Chữ ký số");
	check_key_file(at);
	if (key_is_open(&at->key))
		check_certificate(at);
	if (!with_line)
		return;
	at->check = "network";
	at->title = SAY(cli, "Network", "Đường truyền");
	check_network(at);
}
