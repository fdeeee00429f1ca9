#include "base/fault.h"

#include <stdarg.h>
#include <stdio.h>
#include <string.h>

/* A cut in the middle of a character would make the log line invalid UTF-8. */
static void drop_half_character(char *text, size_t room)
{
	size_t len = strlen(text);
	size_t lead = len;

	if (len + 1 < room)
		return;
	while (lead > 0 && ((unsigned char)text[lead - 1] & 0xC0) == 0x80)
		lead--;
	if (lead > 0 && (unsigned char)text[lead - 1] >= 0xC0)
		text[lead - 1] = '\0';
}

int fault_set(struct fault *fault, int code, const char *where, const char *format, ...)
{
	va_list args;

	if (!fault || fault->code != 0)
		return code;
	fault->code = code;
	fault->where = where;
	va_start(args, format);
	vsnprintf(fault->text, sizeof(fault->text), format, args);
	va_end(args);
	drop_half_character(fault->text, sizeof(fault->text));
	return code;
}
