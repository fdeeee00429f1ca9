/* outage: whose outage it is. An outage is an interval with a cause; the dossier of Decree 254/2026 Art. 14 is made of it. Pure. */
#ifndef HOADON_CORE_OUTAGE_H
#define HOADON_CORE_OUTAGE_H

#include <stdbool.h>
#include <stdint.h>

#include "core/calendar.h"

struct law_book;

enum outage_cause {
	OUTAGE_NONE,
	OUTAGE_NETWORK,	     /* the machine has no way out */
	OUTAGE_DNS,	     /* it has, but the name of the route is not found */
	OUTAGE_TLS,	     /* the route is not who it should be, or no secure connection comes about */
	OUTAGE_TVAN,	     /* the provider does not answer, or answers with an error */
	OUTAGE_AUTHORITY,    /* the provider took a message, and the tax authority gives no verdict */
	OUTAGE_KEY,	     /* our key is not at hand, so nothing is signed */
	OUTAGE_DISK,	     /* our disk is full */
	OUTAGE_DISK_FAILING, /* our disk cannot be read, written or synced */
	OUTAGE_FILES,	     /* the route's password or certificates cannot be read */
	OUTAGE_CAUSE_COUNT
};

struct outage_kind {
	const char *word;    /* "network", as it stands in the store, the ledger and JSON */
	const char *en, *vi; /* a sentence for people */
	const char *rule;    /* of schemas/rules/law.csv */
	bool is_own;	     /* our own fault: no force majeure (law R-OUT-7) */
	bool has_term;	     /* an end starts the term @term */
	enum deadline_rule term;
	bool stops_sales; /* not only what is sent */
};

/** outage_kind() - the row of @cause; static. OUTAGE_NONE and what is outside the range have the word "". */
const struct outage_kind *outage_kind(int cause);
/** outage_find() - the cause of @word; OUTAGE_NONE when it is none. */
enum outage_cause outage_find(const char *word);
/**
 * outage_deadline() - ms UTC: the last second of the term for what an outage of @cause delayed; 0 = none begins so
 * @is_announced: @from is when the authority announced that all works again, else when it was seen to
 *
 * Clause 4 counts from the announcement alone, clause 5 from the end of what prevented it.
 * Thread: any. Source: law R-OUT-4, R-OUT-5.
 */
int64_t outage_deadline(enum outage_cause cause, bool is_announced, const struct law_book *law, int64_t from);

enum outage_said { /* what a person noted on an outage */
	SAID_NOTHING,
	SAID_WORDS,	   /* own words */
	SAID_TICKET,	   /* number or notice of the provider (law R-OUT-3) */
	SAID_ANNOUNCEMENT, /* of the authority (law R-OUT-2) */
	SAID_BACK,	   /* of the authority, that all works again (law R-OUT-4) */
	OUTAGE_SAID_COUNT
};

struct outage_said_kind {
	const char *word;    /* "ticket", as it stands in the store, the ledger and JSON */
	const char *en, *vi; /* what it is, for people */
	bool is_official;    /* said by the authority on a day that must be known */
};

/** outage_said_kind() - the row of @said; static. What is outside the range has the word "". */
const struct outage_said_kind *outage_said_kind(int said);
/** outage_said_find() - what @word names; SAID_NOTHING when it is nothing. */
enum outage_said outage_said_find(const char *word);

#endif
