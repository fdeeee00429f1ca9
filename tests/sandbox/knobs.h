/* knobs: the switches of format 12.5; one table gives name, range and default */
#ifndef SANDBOX_KNOBS_H
#define SANDBOX_KNOBS_H

#include "text.h"

#include <stdint.h>

struct cJSON;

enum strictness { CHECK_OFF, CHECK_WARN, CHECK_REFUSE };

#define SELLER_OVERRIDES 64

/** struct knobs - current values; copy it to have a stable view of one check */
struct knobs {
	int64_t answer_delay_min_ms, answer_delay_max_ms; /* 204 between these after receipt */
	int64_t strict_dates, date_window_days;
	int64_t check_totals, check_xsd, check_order; /* enum strictness */
	int64_t strict, accept_216, cannot_ask, offline;
	int64_t max_invoices, max_bytes;
	int64_t notice_204;	      /* 0 always, 1 on_error; kept for 303 */
	int64_t repeat_mtdiep;	      /* 0 refuse (S106), 1 same-answer */
	int64_t bad_signature_answer; /* 0 = 204 LTBao 9, 1 = -2 S004 (format 12.3) */
	char profile[8];	      /* 2.0.1, 2.1.0 or 2.1.1 (format 1.2) */
	struct {
		char tax_code[16]; /* MST */
		char status[12];   /* active, stopped */
	} sellers[SELLER_OVERRIDES];
};

/** knobs_defaults() - the defaults of format 12.5 */
void knobs_defaults(struct knobs *k);

/** knobs_set() - set one knob from text; 0, or 1 with @why set */
int knobs_set(struct knobs *k, const char *name, const char *value, struct reason *why);

/** knobs_json() - all values as a JSON object; the caller frees it */
struct cJSON *knobs_json(const struct knobs *k);

/** knobs_help() - one line per knob: name, allowed values, default, meaning */
void knobs_help(struct text *out);

/** knobs_seller_status() - the status set for a tax code, or NULL */
const char *knobs_seller_status(const struct knobs *k, const char *tax_code);

#endif
