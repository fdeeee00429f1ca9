/* ledger_verify: checks an exported ledger as schemas/ledger/FORMAT.md section 6 says. Pure. */
#ifndef HOADON_CORE_LEDGER_VERIFY_H
#define HOADON_CORE_LEDGER_VERIFY_H

#include "core/ledger_proof.h"

/* What a check of an exported ledger (JSON Lines) found. */
struct ledger_finding {
	int64_t line;	/* of the file, from 1 */
	int64_t seq;	/* of the record, 0 = none */
	char text[200]; /* what is wrong, one sentence */
};
struct ledger_summary {
	int64_t records, checkpoints;
	int64_t first_seq, last_seq;
	char store[33];
	char tail[LEDGER_TAIL_LEN + 1];
	bool has_checkpoint; /* at least one signature verified */
};
/**
 * ledger_verify_export() - check a whole export: bytes of each record, chain, gaps, payload digests, tree, every checkpoint signature
 * @text:     the file
 * @len:      its bytes
 * @finding:  the first bad record; set only when 1
 * @summary:  what was read; always set
 *
 * Return: 0 whole; 1 broken; FAULT_MEMORY. Thread: any. Source: schemas/ledger/FORMAT.md.
 */
int ledger_verify_export(const char *text, size_t len, struct ledger_finding *finding, struct ledger_summary *summary,
	struct fault *fault) MUST_CHECK;

#endif
