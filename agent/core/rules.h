/* rules: whether a sale may become an invoice, with the rule id when not. Pure. */
#ifndef HOADON_CORE_RULES_H
#define HOADON_CORE_RULES_H

#include <stdint.h>

#include "base/arena.h"
#include "core/problem.h"
#include "core/sale.h"
#include "core/seller.h"
#include "core/symbols.h"

/**
 * rules_check() - all rules that need no number
 * @sale:    normalised
 * @seller:  configuration
 * @now_ms:  time of arrival
 * @problem: set when > 0; problem_is_parked() tells whether a person or time can help
 *
 * Order: form and till, lines (form 2, rates, sums), totals, payments, buyer, references, kind, dated rates and classes.
 * What is wrong in itself is found before what is only to be parked.
 *
 * Return: 0 may be issued; > 0 enum problem_code; FAULT_MEMORY. Thread: any.
 * Source: each check cites its row of schemas/rules/law.csv.
 */
int rules_check(
	const struct sale *sale, const struct seller *seller, int64_t now_ms, struct problem *problem) MUST_CHECK;

/** rules_seller_missing() - what the configuration lacks before a sale can be issued: 0 nothing; 1 and the first missing setting ("seller.key") in @ret_setting, with its rule in @ret_rule. @index counts on from 0 to list all. */
int rules_seller_missing(
	const struct seller *seller, int index, const char **ret_setting, const char **ret_rule) MUST_CHECK;

enum issue_decision { ISSUE_NOW, ISSUE_HOLD_CLOCK_BACK, ISSUE_HOLD_NUMBERS_USED_UP, ISSUE_HOLD_CODES_USED_UP };

struct issue_place {		     /* what the store knows about a form's running serial */
	char serial[SERIAL_LEN + 1]; /* last serial, "" = none yet */
	int32_t last_number;
	int64_t last_issued_at; /* ms UTC, 0 = none yet */
	int64_t next_counter;	/* of the leased code block */
	int64_t block_to;	/* last counter of the block */
};

/**
 * rules_place() - serial, number, counter and time of the next invoice
 * @last:   what was last issued
 * @now_ms: believed time; up to 5 s behind the last issue under the same suffix the last time is used (law R-NUM-3)
 * @ret_*:  set only when ISSUE_NOW
 *
 * The local day of issue decides serial year and restarts the number (law R-NY-1); the code counter goes on (law R-NY-2).
 */
enum issue_decision rules_place(const struct issue_place *last, const struct seller *seller, int64_t now_ms,
	char ret_serial[SERIAL_LEN + 1], int32_t *ret_number, int64_t *ret_counter, int64_t *ret_issued_at);

#endif
