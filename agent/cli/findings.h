/* findings: what checks found, each with the remedy to copy. `hoadon doctor` prints them, `hoadon config check` takes what stands in its way. */
#ifndef HOADON_CLI_FINDINGS_H
#define HOADON_CLI_FINDINGS_H

#include "base/bytes.h"
#include "cli/cli.h"

#define FINDINGS_MAX 200

/* X(NAME, "word", "English", "Vietnamese"): the later is the worse. */
#define FINDING_LEVELS(X)                                                                                              \
	X(OK, "ok", "ok", "tốt")                                                                                       \
	X(ADVICE, "advice", "advice", "nên làm")                                                                       \
	X(FIXED, "fixed", "fixed", "đã sửa")                                                                           \
	X(UNCHECKED, "unchecked", "not checked", "chưa kiểm")                                                          \
	X(WARNING, "warning", "warning", "cảnh báo")                                                                   \
	X(WRONG, "wrong", "WRONG", "LỖI")
enum finding_level {
#define X(name, word, en, vi) FINDING_##name,
	FINDING_LEVELS(X)
#undef X
		FINDING_LEVEL_COUNT
};

struct finding {		   /* texts in the user's language, borrowed for the life of the findings */
	const char *check, *title; /* "ledger", "Ledger" */
	enum finding_level level;
	const char *text;    /* what was seen, without a full stop */
	const char *remedy;  /* what a person does about it; NULL = nothing */
	const char *command; /* to copy into a shell; NULL = none */
};

struct findings {
	struct finding rows[FINDINGS_MAX];
	size_t count; /* what does not fit is dropped: by then there is enough to do */
};

/** finding_word() - "ok", "fixed", "unchecked", "warning", "wrong". */
const char *finding_word(enum finding_level level);
/** findings_add() - one more at the end. */
void findings_add(struct findings *findings, const struct finding *finding);
/** findings_worst() - the worst level of check @check; NULL = of all; FINDING_OK when it found nothing. */
enum finding_level findings_worst(const struct findings *findings, const char *check);
/** findings_count() - how many are of @level. */
size_t findings_count(const struct findings *findings, enum finding_level level);
/** findings_print() - a line each on stdout, with the remedy behind > below it. */
void findings_print(const struct cli *cli, const struct findings *findings);
/** findings_write() - key @key and the array of them. */
void findings_write(const struct findings *findings, const char *key, struct bytes *out);

#endif
