/* symbols: serial (KHHDon), authority code (MCCQT), message id (MTDiep). */
#ifndef HOADON_CORE_SYMBOLS_H
#define HOADON_CORE_SYMBOLS_H

#include <stdbool.h>
#include <stdint.h>

#include "base/cleanup.h"

#define SERIAL_LEN	  6  /* C26MAA */
#define CODE_LEN	  23 /* M1-26-VD7K2-00100000001 */
#define MESSAGE_ID_MAX	  46
#define NUMBER_LAST	  99999999 /* law R-NUM-5 */
#define CODE_COUNTER_LAST INT64_C(99999999999)

/** serial_make() - `flag` + yy + "M" + `suffix`, for example C26MAA; 0, or 1 when a part is wrong. Source: format 2.5; law R-SYM-2. */
int serial_make(char code_flag, int year, const char suffix[3], char out[SERIAL_LEN + 1]) MUST_CHECK;
/** serial_is_valid() - `[CK][0-9]{2}[TDLMNBGHXF][A-Z0-9]{2}` (digits in the last two are read, never made). */
bool serial_is_valid(const char *serial);
/** symbol_make() - form digit + serial as printed: 1C26MAA. */
void symbol_make(int form, const char *serial, char out[SERIAL_LEN + 2]);

enum code_result {
	CODE_OK = 0,
	CODE_BAD_CHAR,
	CODE_LENGTH,
	CODE_SEPARATOR,
	CODE_PREFIX,
	CODE_FORM,
	CODE_YEAR,
	CODE_KEY,
	CODE_COUNTER,
	CODE_COUNTER_ZERO,
	CODE_FORM_MISMATCH,
	CODE_YEAR_MISMATCH,
	CODE_KEY_MISMATCH,
};
/** code_make() - MCCQT of a cash-register invoice: M`form`-`yy`-`key`-`counter`; 0, or 1 when a part is out of range. Source: format 2.6; law R-CODE-1. */
int code_make(int form, int year, const char key[6], int64_t counter, char out[CODE_LEN + 1]) MUST_CHECK;
/** code_check() - enum code_result, the first reason in the order of samples "mccqt"; @year is two-digit or four-digit. */
int code_check(const char *code, int form, int year, const char *key) MUST_CHECK;
/** code_reason() - "OK", "LENGTH", … */
const char *code_reason(int result);

/** message_id_make() - `sender` + 32 upper-case hex of a random UUID v4 without hyphens. Source: format 3, MTDiep. 0, or 1 when @sender is too long. */
int message_id_make(const char *sender, char out[MESSAGE_ID_MAX + 1]) MUST_CHECK;
/** message_id_hex() - the last 32 characters of @message_id, or NULL when it is shorter. */
const char *message_id_hex(const char *message_id);

#endif
