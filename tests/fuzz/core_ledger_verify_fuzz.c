/* Any bytes as an exported ledger: whole or broken with a reason, and what was found whole is broken by a byte taken from its end. */
#include "core/ledger_verify.h"

#include <stdlib.h>

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	struct ledger_finding finding = {.line = -1};
	struct ledger_summary summary;
	int result = ledger_verify_export((const char *)data, size, &finding, &summary, NULL);

	if (result < 0 || (result == 1) != (finding.line >= 0) || (result == 1 && !finding.text[0]))
		abort();
	if (result == 0 && (summary.records < 1 ||
				   ledger_verify_export((const char *)data, size - 1, &finding, &summary, NULL) != 1 ||
				   finding.reason != LEDGER_BAD_CUT))
		abort();
	return 0;
}
