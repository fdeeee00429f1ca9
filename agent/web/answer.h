/* answer: JSON of what became of a sale, and of problems (RFC 9457). */
#ifndef HOADON_WEB_ANSWER_H
#define HOADON_WEB_ANSWER_H

#include "base/bytes.h"
#include "capture/print.h"
#include "core/slot.h"

/* How an invoice is told to a printer. */
struct answer_paper {
	const struct print_dialect_ops *dialect;
	const char *lookup_url; /* NULL = no such line */
	enum charset charset;	/* ASCII or UTF8 */
};

/** answer_status() - the HTTP status of an answered slot: 201 issued, 202 kept, else the problem's. */
int answer_status(const struct slot *slot);
/** answer_sale() - the JSON of an answered slot that is kept (201, 202). 0 or FAULT_MEMORY. */
int answer_sale(
	const struct slot *slot, const struct answer_paper *paper, struct bytes *out, struct fault *fault) MUST_CHECK;
/** answer_dry_run() - what a slot that intake_read() passed would become. */
void answer_dry_run(const struct slot *slot, struct bytes *out);
/** answer_problem() - application/problem+json of @problem. */
void answer_problem(const struct problem *problem, struct bytes *out);

#endif
