#include "core/problem.h"

#include <inttypes.h>
#include <stdarg.h>
#include <stdio.h>
#include <string.h>

static const struct problem_kind kinds[] = {[PROBLEM_NONE] = {.code = "", .rule = "", .detail = "", .detail_vi = ""},
#define X(name, text, http, retryable, rule_id, sentence, sentence_vi)                                                 \
	[PROBLEM_##name] = {.code = text,                                                                              \
		.status = http,                                                                                        \
		.is_retryable = retryable,                                                                             \
		.rule = rule_id,                                                                                       \
		.detail = sentence,                                                                                    \
		.detail_vi = sentence_vi},
	PROBLEM_TABLE(X)
#undef X
};
_Static_assert(ARRAY_LEN(kinds) == PROBLEM_COUNT, "one row for each code");

const struct problem_kind *problem_kind(enum problem_code code)
{
	return &kinds[(unsigned int)code < PROBLEM_COUNT ? code : PROBLEM_NONE];
}

enum problem_code problem_find(const char *code)
{
	for (int i = PROBLEM_NONE + 1; i < PROBLEM_COUNT; i++) {
		if (strcmp(kinds[i].code, code) == 0)
			return (enum problem_code)i;
	}
	return PROBLEM_NONE;
}

int problem_set(struct problem *problem, enum problem_code code, const char *field, ...)
{
	va_list arguments;

	problem->code = code;
	problem->extra[0] = '\0';
	va_start(arguments, field);
	(void)vsnprintf(problem->field, sizeof(problem->field), field, arguments);
	va_end(arguments);
	return (int)code;
}

int problem_add(struct problem *problem, const char *format, ...)
{
	va_list arguments;

	va_start(arguments, format);
	(void)vsnprintf(problem->extra, sizeof(problem->extra), format, arguments);
	va_end(arguments);
	return (int)problem->code;
}

int problem_add_sum(struct problem *problem, const char *what, struct wide sum, int64_t total)
{
	int64_t given;

	if (!wide_narrow(sum, &given))
		return (int)problem->code;
	return problem_add(problem, "%s give %" PRId64 ", total says %" PRId64, what, given, total);
}

bool problem_is_parked(enum problem_code code)
{
	/* A kind that is only kept is ignored, not parked: nobody is to decide anything about it (law R-TILL-1). */
	return problem_kind(code)->status == 202 && code != PROBLEM_KIND_KEPT;
}
