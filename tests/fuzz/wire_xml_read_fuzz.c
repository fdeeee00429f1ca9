/* The reader and the verifier take any bytes: no crash, no leak, no document without a verdict, and reading is repeatable. */
#include <stdint.h>
#include <stdlib.h>
#include <string.h>

#include "wire/verify.h"
#include "wire/xml_read.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	static const struct xml_limits small = {.bytes = 65536, .depth = 8, .text = 100, .attributes = 2};
	struct verify_settings settings = {.now_ms = INT64_C(1795317072000)};
	struct verify_report report;
	xmlDocPtr doc = NULL, again = NULL;
	const char *rule = NULL, *strict_rule = NULL;
	struct fault fault = {0};
	int result = xml_read(data, size, &xml_limits_default, &doc, &rule);
	int strict = xml_read(data, size, &small, &again, &strict_rule);

	if (result < 0 || strict < 0)
		return 0; /* no memory */
	if ((result == 1) != (rule != NULL) || (result == 0) != (doc != NULL))
		abort();
	/* Smaller limits never accept more. */
	if (strict == 0 && result != 0)
		abort();
	xmlFreeDoc(doc);
	xmlFreeDoc(again);
	for (settings.kind = VERIFY_AUTO; settings.kind <= VERIFY_NOTICE; settings.kind++) {
		int verdict = verify_document(data, size, &settings, &report, &fault);

		if (verdict == 0 && result != 0)
			abort();
		if (verdict >= 0 && (verdict == 1) != (report.rule_count > 0))
			abort();
	}
	return 0;
}
