/* What the gate lets through is UTF-8 without NUL, and letting it through again says the same. */
#include <stdint.h>
#include <stdlib.h>
#include <string.h>

#include "base/json_gate.h"
#include "base/text.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	static const struct json_limits small = {.bytes = 4096, .depth = 4, .members = 40, .string = 30};
	size_t start = 0;
	size_t offset = 0;
	int result = json_gate((const char *)data, size, &json_limits_default, &start, &offset);
	int strict = json_gate((const char *)data, size, &small, NULL, NULL);

	if (offset > size)
		abort();
	if (result == JSON_OK && (!text_is_utf8(data, size) || memchr(data, '\0', size) || start > size))
		abort();
	/* Smaller limits never accept more. */
	if (strict == JSON_OK && result != JSON_OK)
		abort();
	if (result == JSON_OK && json_gate((const char *)data + start, size - start, &json_limits_default, NULL, NULL))
		abort();
	return 0;
}
