/* status: how the shop stands, read in one consistent picture; pure data for the command line and the pages. */
#ifndef HOADON_STORE_STATUS_H
#define HOADON_STORE_STATUS_H

#include "store/hold.h"
#include "store/invoices.h"
#include "store/ledger.h"
#include "store/messages.h"
#include "store/paper.h"
#include "store/sales.h"
#include "store/time.h"
#include "store/tokens.h"

#define STATUS_DAY_MAX	 100000			   /* the newest invoices, in which those of a day are counted */
#define STATUS_TASKS_MAX 1000			   /* open tasks are counted up to this many */
#define STATUS_LATE_MS	 (INT64_C(15) * 60 * 1000) /* an invoice open for longer is worth a look */

struct status {
	char store[33];	 /* id of the store, 32 hex */
	char seller[16]; /* tax code */
	int64_t epoch;
	struct sale_counts sales;
	struct invoice_counts invoices;
	struct message_counts messages;
	int64_t paper[PAPER_COUNTS];
	int64_t carried;     /* open messages that a courier has */
	int64_t next_try_at; /* ms UTC of the next attempt of an open message; INT64_MAX = none is open */
	int64_t tasks;	     /* open; STATUS_TASKS_MAX = that many or more */
	int64_t tokens;	     /* valid */
	struct hold hold;    /* why no number is taken */
	struct time_decision time;
	int64_t used_percent; /* of the oldest unsent invoice's time, store_invoice_used_percent() */
	int64_t unsent;	      /* invoices that the evening's alarm is about, law R-SEND-1; 0 before 21:00 local time */
	struct ledger_head head;
};

/* Why a shop needs a look; bits. */
enum status_reason {
	STATUS_PARKED = 1,   /* sales wait for a person */
	STATUS_TASKS = 2,    /* open tasks: refused invoices and the like */
	STATUS_LATE = 4,     /* an invoice is open for longer than STATUS_LATE_MS */
	STATUS_UNKNOWN = 8,  /* a message whose outcome is unknown */
	STATUS_OVERDUE = 16, /* an open invoice is past its legal deadline (law R-SEND-1, R-SEND-2) */
	STATUS_HELD = 32,    /* no number is taken: the store may be a copy (law R-CODE-5) */
	STATUS_CLOCK =
		64, /* the clock jumped ahead, is behind, or in an unproven new year, or an invoice bears a later time (law R-TIME-1) */
	STATUS_UNSENT = 128,	  /* 21:00 is past and an invoice that is due today is not sent (law R-SEND-1) */
	STATUS_UNSENT_HARD = 256, /* the same, 23:30 is past */
};

/**
 * status_read() - everything of struct status in one read transaction
 * @store: open, in any mode, without a transaction
 * @ret:   untouched on failure
 *
 * Return: 0 or < 0. Thread: owner of @store.
 */
int status_read(struct store *store, struct status *ret, struct fault *fault) MUST_CHECK;

struct status_day { /* invoices that were issued on one local day; of the newest STATUS_DAY_MAX */
	int64_t issued, accepted, refused;
};

/** status_read_day() - of local @day YYYYMMDD and later. 0 or < 0. Thread: owner of @store. */
int status_read_day(struct store *store, int32_t day, struct status_day *ret, struct fault *fault) MUST_CHECK;

/** status_reasons() - bits of enum status_reason at @now_ms (UTC); 0 = all is well. Thread: any. */
int status_reasons(const struct status *status, int64_t now_ms);

#endif
