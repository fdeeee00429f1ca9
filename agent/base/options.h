/* options: one table of settings drives the INI parser, `hoadon config show --origin`, the man page and help. */
#ifndef HOADON_BASE_OPTIONS_H
#define HOADON_BASE_OPTIONS_H

#include <stddef.h>
#include <stdint.h>

#include "base/bytes.h"
#include "base/fault.h"

enum option_type { OPTION_TEXT, OPTION_INT, OPTION_FLAG, OPTION_CHOICE, OPTION_PATH, OPTION_SECRET };

/* One setting. Sections that repeat ([till NAME], [authority NAME]) have is_named = 1. */
struct option {
	const char *section; /* "seller" */
	const char *key;     /* "tax_code" */
	int is_named;
	enum option_type type;
	int64_t min, max;     /* OPTION_INT: range; OPTION_TEXT: lengths in code points (max 0 = none) */
	const char *choices;  /* OPTION_CHOICE: "a|b|c" */
	const char *fallback; /* default as text; NULL = none */
	const char *help;     /* one sentence, English */
	const char *help_vi;  /* the same, Vietnamese */
};

/* One value that a file set. */
struct option_value {
	const struct option *option;
	const char *name;  /* NAME of a named section, or "" */
	const char *value; /* UTF-8 */
	const char *file;  /* where it came from */
	int line;
};

struct option_set; /* all values read, in order; owns its texts */

/**
 * options_read() - DIR/hoadon.conf and DIR/conf.d/<*>.conf in order of name; a later value wins
 * @table:    ended by a row with section NULL
 * @dir:      configuration folder; hoadon.conf must exist
 * @ret:      freed with options_free(); untouched on failure
 * @problems: each wrong line as "FILE:LINE: what is wrong; did you mean …?\n" (unknown section or key with the nearest name,
 *            wrong type, out of range); may be non-empty only together with a failure
 *
 * Return: 0; FAULT_CONFIG (with the first problem in @fault), FAULT_IO.
 */
int options_read(const struct option *table, const char *dir, struct option_set **ret, struct bytes *problems,
	struct fault *fault) MUST_CHECK;

/* A file of conf.d that is not written yet. */
struct options_draft {
	const char *name;	     /* where it will stand in conf.d; NULL = it is all there is */
	const char *file;	     /* what problems and option_value.file call it */
	const struct bytes *content; /* in the place of what lies there now */
};
/** options_read_draft() - as options_read() would, once @draft is written; without a name nothing else is read and @dir may be NULL. 0 or < 0. */
int options_read_draft(const struct option *table, const char *dir, const struct options_draft *draft,
	struct option_set **ret, struct bytes *problems, struct fault *fault) MUST_CHECK;
/** options_free() - NULL is allowed. */
void options_free(struct option_set *set);
DEFINE_CLEANUP(struct option_set *, options_free)

/** options_get() - the value of @section (of @name, "" if not named) @key, or NULL when no file set it; borrowed. */
const struct option_value *options_get(
	const struct option_set *set, const char *section, const char *name, const char *key);
/** options_text() - the value or the table's fallback (may be NULL); borrowed. */
const char *options_text(const struct option_set *set, const char *section, const char *name, const char *key);
/** options_int() - as options_text(), as a number; flags are 0 or 1; 0 when neither exists. */
int64_t options_int(const struct option_set *set, const char *section, const char *name, const char *key);
/** options_name() - the @i-th NAME of a named @section in order of appearance, or NULL behind the last; borrowed. */
const char *options_name(const struct option_set *set, const char *section, size_t i);

#endif
