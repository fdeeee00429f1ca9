/* json_gate: the strict door in front of cJSON, which alone is too lenient (RFC 8259 to the letter, UTF-8, caps). */
#ifndef HOADON_BASE_JSON_GATE_H
#define HOADON_BASE_JSON_GATE_H

#include <stddef.h>
#include <stdint.h>

#include "base/cleanup.h"

enum json_result {
	JSON_OK = 0,
	JSON_SYNTAX = 1,	/* not RFC 8259, or bytes behind the value */
	JSON_ENCODING = 2,	/* not UTF-8, or a lone surrogate escape */
	JSON_DUPLICATE_KEY = 3, /* equal after unescaping */
	JSON_DEPTH = 4,
	JSON_SIZE = 5,	  /* bytes, members or string length over the cap */
	JSON_CONTROL = 6, /* NUL in a string, raw or escaped */
	JSON_MEMORY = 7,
};

struct json_limits {
	size_t bytes;	/* of the whole text */
	size_t depth;	/* nested arrays and objects */
	size_t members; /* values and keys in all */
	size_t string;	/* bytes of one string, as written */
};

/* 256 KiB, depth 32: the default of the local interface. */
extern const struct json_limits json_limits_default;

/**
 * json_gate() - whether @text may be given to cJSON
 * @text:       bytes; a leading UTF-8 byte order mark is allowed
 * @len:        their number
 * @limits:     caps, checked before anything is allocated
 * @ret_start:  where the value begins (behind a byte order mark); may be NULL
 * @ret_offset: byte where the first fault is; may be NULL
 *
 * Return: enum json_result.
 * Thread: any. Source: RFC 8259; RFC 3629.
 */
int json_gate(const char *text, size_t len, const struct json_limits *limits, size_t *ret_start,
	size_t *ret_offset) MUST_CHECK;

#endif
