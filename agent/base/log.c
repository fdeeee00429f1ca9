#include "base/log.h"

#include <errno.h>
#include <stdarg.h>
#include <stdatomic.h>
#include <stdio.h>
#include <string.h>
#include <sys/uio.h>

#include "base/cleanup.h"
#include "base/fault.h"

#define LOG_LINE_MAX 2048

static atomic_int *log_level(void)
{
	static atomic_int level = LOG_LEVEL_INFO;

	return &level;
}

void log_set_level(int level)
{
	atomic_store(log_level(), level);
}

/* A line break in a value would let its sender write log lines of his own. */
static void make_one_line(char *text)
{
	for (; *text; text++)
		if ((unsigned char)*text < 0x20 || *text == 0x7F)
			*text = ' ';
}

static void write_line(int level, char *line)
{
	/* systemd-journald reads the priority from here; on a terminal it would only disturb (sd-daemon(3)). */
	char prefix[] = {'<', (char)('0' + level), '>'};
	char newline[] = "\n";
	struct iovec parts[3] = {{prefix, sizeof(prefix)}, {line, 0}, {newline, 1}};
	int saved_errno = errno;
	int first = isatty(STDERR_FILENO) ? 1 : 0;

	make_one_line(line);
	parts[1].iov_len = strlen(line);
	/* Nobody is left to be told when stderr is gone. */
	if (writev(STDERR_FILENO, parts + first, 3 - first) < 0)
		errno = saved_errno;
	errno = saved_errno;
}

void log_event(int level, const char *event, const char *format, ...)
{
	char line[LOG_LINE_MAX];
	va_list args;
	int len;

	if (level > atomic_load(log_level()))
		return;
	len = snprintf(line, sizeof(line), "event=%s%s", event, format[0] ? " " : "");
	if (len >= 0 && (size_t)len < sizeof(line)) {
		va_start(args, format);
		vsnprintf(line + len, sizeof(line) - (size_t)len, format, args);
		va_end(args);
	}
	write_line(level, line);
}

static void unquote(char *text)
{
	for (; *text; text++)
		if (*text == '"')
			*text = '\'';
}

void log_fault(const char *event, const struct fault *fault)
{
	struct fault copy = *fault;

	unquote(copy.text);
	log_event(LOG_LEVEL_ERROR, event, "code=%d where=%s text=\"%s\"", copy.code, copy.where ? copy.where : "-",
		copy.text);
}
