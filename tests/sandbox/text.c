#include "text.h"

#include <errno.h>
#include <fcntl.h>
#include <regex.h>
#include <stdarg.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <time.h>
#include <unistd.h>

static void text_reserve(struct text *t, size_t more)
{
	size_t want = t->len + more + 1;

	if (want <= t->cap)
		return;
	if (want > TEXT_MAX) {
		log_event("fatal what=buffer bytes=%zu", want);
		abort();
	}
	size_t cap = t->cap ? t->cap : 256;
	while (cap < want)
		cap *= 2;
	char *data = realloc(t->data, cap);
	if (!data) {
		log_event("fatal what=memory bytes=%zu", cap);
		abort();
	}
	t->data = data;
	t->cap = cap;
}

void text_add(struct text *t, const void *data, size_t len)
{
	text_reserve(t, len);
	if (len)
		memcpy(t->data + t->len, data, len);
	t->len += len;
	t->data[t->len] = '\0';
}

void text_adds(struct text *t, const char *s)
{
	text_add(t, s, strlen(s));
}

void text_addf(struct text *t, const char *fmt, ...)
{
	va_list args;

	va_start(args, fmt);
	va_list again;
	va_copy(again, args);
	int len = vsnprintf(NULL, 0, fmt, args);
	va_end(args);
	if (len > 0) {
		text_reserve(t, (size_t)len);
		vsnprintf(t->data + t->len, (size_t)len + 1, fmt, again);
		t->len += (size_t)len;
	}
	va_end(again);
}

void text_add_xml(struct text *t, const char *s)
{
	for (; *s; s++) {
		switch (*s) {
		case '&':
			text_adds(t, "&amp;");
			break;
		case '<':
			text_adds(t, "&lt;");
			break;
		case '>':
			text_adds(t, "&gt;");
			break;
		case '"':
			text_adds(t, "&quot;");
			break;
		case '\r':
			text_adds(t, "&#xD;");
			break;
		default:
			text_add(t, s, 1);
		}
	}
}

void text_add_tag(struct text *t, const char *tag, const char *s)
{
	if (!s)
		return;
	text_addf(t, "<%s>", tag);
	text_add_xml(t, s);
	text_addf(t, "</%s>", tag);
}

void text_done(struct text *t)
{
	free(t->data);
	*t = (struct text){0};
}

/* Cut a string that fills its buffer back to the last whole UTF-8 character. */
static void cut_at_character(char *out)
{
	size_t len = strlen(out), start = len;

	while (start > 0 && ((unsigned char)out[start - 1] & 0xC0) == 0x80)
		start--;
	if (start == 0)
		return;
	unsigned char lead = (unsigned char)out[start - 1];
	size_t want = lead < 0x80 ? 1 : lead < 0xE0 ? 2 : lead < 0xF0 ? 3 : 4;
	if (len - (start - 1) < want)
		out[start - 1] = '\0';
}

bool str_copy(char *out, size_t size, const char *s)
{
	return str_printf(out, size, "%s", s);
}

bool str_printf(char *out, size_t size, const char *fmt, ...)
{
	va_list args;

	va_start(args, fmt);
	int len = vsnprintf(out, size, fmt, args);
	va_end(args);
	if (len >= 0 && (size_t)len < size)
		return true;
	cut_at_character(out);
	return false;
}

char *str_trim(char *s)
{
	static const char space[] = " \t\r\n";
	size_t lead = strspn(s, space), len = strlen(s + lead);

	memmove(s, s + lead, len + 1);
	while (len > 0 && strchr(space, s[len - 1]))
		s[--len] = '\0';
	return s;
}

bool str_match(const char *s, const char *pattern)
{
	regex_t re;

	if (regcomp(&re, pattern, REG_EXTENDED | REG_NOSUB) != 0)
		abort();
	bool ok = regexec(&re, s, 0, NULL, 0) == 0;
	regfree(&re);
	return ok;
}

bool str_digits(const char *s, size_t max)
{
	size_t len = strspn(s, "0123456789");

	return len >= 1 && len <= max && s[len] == '\0';
}

/* Length of the well-formed UTF-8 character at s, 0 when there is none. */
static size_t utf8_step(const unsigned char *s, size_t left)
{
	if (s[0] == 0)
		return 0;
	if (s[0] < 0x80)
		return 1;
	size_t n = s[0] >= 0xC2 && s[0] <= 0xDF ? 2 : (s[0] & 0xF0) == 0xE0 ? 3 : s[0] >= 0xF0 && s[0] <= 0xF4 ? 4 : 0;
	if (n == 0 || n > left)
		return 0;
	uint32_t value = s[0] & (0x7Fu >> n);
	for (size_t i = 1; i < n; i++) {
		if ((s[i] & 0xC0) != 0x80)
			return 0;
		value = value << 6 | (s[i] & 0x3Fu);
	}
	static const uint32_t least[] = {0, 0, 0x80, 0x800, 0x10000};
	if (value < least[n] || value > 0x10FFFF || (value >= 0xD800 && value <= 0xDFFF))
		return 0;
	return n;
}

bool utf8_valid(const char *s, size_t len)
{
	for (size_t i = 0; i < len;) {
		size_t n = utf8_step((const unsigned char *)s + i, len - i);
		if (n == 0)
			return false;
		i += n;
	}
	return true;
}

size_t utf8_length(const char *s)
{
	size_t n = 0;

	for (; *s; s++)
		n += ((unsigned char)*s & 0xC0) != 0x80;
	return n;
}

char *utf8_cut(char *s, size_t max)
{
	for (char *c = s; *c; c++) {
		if (((unsigned char)*c & 0xC0) != 0x80 && max-- == 0) {
			*c = '\0';
			break;
		}
	}
	return s;
}

int reason_set(struct reason *why, const char *code, const char *fmt, ...)
{
	va_list args;

	if (!why)
		return 1;
	str_copy(why->code, sizeof why->code, code);
	va_start(args, fmt);
	int len = vsnprintf(why->text, sizeof why->text, fmt, args);
	va_end(args);
	if (len < 0 || (size_t)len >= sizeof why->text)
		cut_at_character(why->text);
	return 1;
}

void log_event(const char *fmt, ...)
{
	char line[1024];
	struct timespec now;
	struct tm tm;
	va_list args;

	clock_gettime(CLOCK_REALTIME, &now);
	gmtime_r(&now.tv_sec, &tm);
	size_t used = strftime(line, sizeof line, "%Y-%m-%dT%H:%M:%SZ ", &tm);
	va_start(args, fmt);
	vsnprintf(line + used, sizeof line - used, fmt, args);
	va_end(args);
	fprintf(stderr, "%s\n", line);
}

int file_read(const char *path, size_t max, struct text *out)
{
	int fd = open(path, O_RDONLY | O_CLOEXEC);

	if (fd < 0)
		return -1;
	char chunk[16384];
	ssize_t got;
	out->len = 0;
	text_add(out, "", 0);
	while ((got = read(fd, chunk, sizeof chunk)) > 0) {
		if (out->len + (size_t)got > max) {
			got = -1;
			errno = EFBIG;
			break;
		}
		text_add(out, chunk, (size_t)got);
	}
	int saved = errno;
	close(fd);
	errno = saved;
	return got < 0 ? -1 : 0;
}

int file_write(const char *path, unsigned mode, const void *data, size_t len)
{
	char temporary[4096];

	if (!str_printf(temporary, sizeof temporary, "%s.%ld.tmp", path, (long)getpid())) {
		errno = ENAMETOOLONG;
		return -1;
	}
	int fd = open(temporary, O_WRONLY | O_CREAT | O_TRUNC | O_CLOEXEC, mode);
	if (fd < 0)
		return -1;
	const char *at = data;
	while (len > 0) {
		ssize_t put = write(fd, at, len);
		if (put < 0)
			break;
		at += put;
		len -= (size_t)put;
	}
	int bad = len > 0 || fsync(fd) != 0;
	if (close(fd) != 0 || bad || rename(temporary, path) != 0) {
		int saved = errno;
		unlink(temporary);
		errno = saved;
		return -1;
	}
	return 0;
}
