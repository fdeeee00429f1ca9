/* answer: the authority's TDiep (999, 204, -1, -2) → verdict. */
#ifndef HOADON_WIRE_ANSWER_H
#define HOADON_WIRE_ANSWER_H

#include "base/arena.h"
#include "core/verdict.h"
#include "wire/verify.h"

/**
 * answer_read() - read one answer
 * @bytes:    as received
 * @settings: anchors of the authority's signature and the time; @settings->tax_code is ignored
 * @arena:    holds reasons and texts of @ret
 * @ret:      untouched unless 0. A 204 that is not signed, or badly, has is_signed false: the caller must not believe it
 * @ret_rule: name of what made it unreadable; set when 1
 *
 * Elements are found by name, in any order, of every profile (format 1.2). MTLoi of LTBao 7 is split at the first three ";".
 * Return: 0; 1 not an answer we can read; FAULT_MEMORY. Thread: any. Source: format 11.1, 11.2, 11.5.
 */
int answer_read(const void *bytes, size_t len, const struct verify_settings *settings, struct arena *arena,
	struct verdict *ret, const char **ret_rule, struct fault *fault) MUST_CHECK;

#endif
