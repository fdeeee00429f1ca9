/* text: growing byte buffers and small string helpers */
#ifndef SANDBOX_TEXT_H
#define SANDBOX_TEXT_H

#include <stdbool.h>
#include <stddef.h>

#define PRINTF(a, b) __attribute__((format(printf, a, b)))
#define CLEANUP(fn)  __attribute__((cleanup(fn)))
#define TEXT_MAX     (64u * 1024 * 1024)

/** struct text - a growing, always NUL-terminated byte buffer; at most TEXT_MAX bytes; zero-initialise it */
struct text {
	char *data;
	size_t len, cap;
};

/** struct reason - why something is refused: a code of format 12.3 (or the authority's own) and one sentence */
struct reason {
	char code[12];
	char text[400];
};

/** text_add() - append @len bytes of @data; ends the program when memory is exhausted */
void text_add(struct text *t, const void *data, size_t len);

/** text_adds() - append the string @s */
void text_adds(struct text *t, const char *s);

/** text_addf() - append formatted text */
void text_addf(struct text *t, const char *fmt, ...) PRINTF(2, 3);

/** text_add_xml() - append @s with & < > " and carriage return escaped, for content or attribute values */
void text_add_xml(struct text *t, const char *s);

/** text_add_tag() - append <tag>escaped s</tag>; nothing when @s is NULL */
void text_add_tag(struct text *t, const char *tag, const char *s);

/** text_done() - free the buffer; the struct may be used again */
void text_done(struct text *t);

/** str_copy() - copy @s into @out of @size bytes, cut at a character boundary when too long; true when it fitted */
bool str_copy(char *out, size_t size, const char *s);

/** str_printf() - snprintf that may cut (at a character boundary) and says so; true when it fitted */
bool str_printf(char *out, size_t size, const char *fmt, ...) PRINTF(3, 4);

/** str_trim() - remove white space at both ends in place; returns @s */
char *str_trim(char *s);

/** str_match() - true when @s matches the POSIX extended expression @pattern (write ^ and $ yourself) */
bool str_match(const char *s, const char *pattern);

/** str_digits() - true when @s is 1 to @max ASCII digits */
bool str_digits(const char *s, size_t max);

/** utf8_valid() - true when the @len bytes are well-formed UTF-8 without NUL */
bool utf8_valid(const char *s, size_t len);

/** utf8_length() - number of Unicode characters in a well-formed UTF-8 string */
size_t utf8_length(const char *s);

/** utf8_cut() - shorten a well-formed string in place to at most @max characters; returns @s */
char *utf8_cut(char *s, size_t max);

/** reason_set() - fill in @why (may be NULL) and return 1, the value of "refused" everywhere in this program */
int reason_set(struct reason *why, const char *code, const char *fmt, ...) PRINTF(3, 4);

/** log_event() - one line "time event key=value ..." on standard error */
void log_event(const char *fmt, ...) PRINTF(1, 2);

/** file_read() - read a whole file of at most @max bytes into @out; 0, or -1 with errno */
int file_read(const char *path, size_t max, struct text *out);

/** file_write() - create or replace a file atomically (temporary name, rename) with @mode; 0, or -1 with errno */
int file_write(const char *path, unsigned mode, const void *data, size_t len);

#endif
