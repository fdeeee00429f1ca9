/* json_ext: the text of a JSON value that we keep without understanding it. */
#ifndef HOADON_DRIVERS_JSON_EXT_H
#define HOADON_DRIVERS_JSON_EXT_H

#include <cjson/cJSON.h>

#include "base/arena.h"

/**
 * json_ext_text() - one spelling of @ext: compact, members sorted by the bytes of their names, numbers as they were written
 * @ext:  an object of a parsed text that passed json_gate(); valueint of its numbers is overwritten
 * @text: the whole text it was parsed from; every number in it must stand inside @ext
 * @ret:  in @arena
 *
 * cJSON turns numbers into binary fractions, so their digits are taken from the text.
 *
 * Return: 0, or FAULT_MEMORY.
 */
int json_ext_text(struct arena *arena, cJSON *ext, const char *text, size_t len, const char **ret) MUST_CHECK;

#endif
