/* slot: one sale on its way from a door to the issuer, with the answer that comes back. Plain data, the only structure they share. */
#ifndef HOADON_CORE_SLOT_H
#define HOADON_CORE_SLOT_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "base/arena.h"
#include "base/bytes.h"
#include "core/invoice.h"
#include "core/ledger_proof.h"
#include "core/problem.h"
#include "core/sale.h"
#include "core/state.h"
#include "core/timekeeper.h"

#define SLOT_ARENA_MAX (64u << 20) /* a bill of 9,999 lines needs about 12 MB */
#define SLOT_XML_MAX   (4u << 20)
#define SLOT_QR_MAX    513

enum slot_wish {
	SLOT_SALE,    /* a frame from a door */
	SLOT_KEEP,    /* bytes from a line: kept as they came, before anybody tries to understand them */
	SLOT_COUNT,   /* so many more of what is counted about paper */
	SLOT_ISSUE,   /* a person: issue parked sale sale_id */
	SLOT_IGNORE,  /* a person: ignore parked sale sale_id, with detail as the reason */
	SLOT_REISSUE, /* a person: settle task task_id by a new invoice in the place of the refused one (law R-FIX-14) */
};

struct slot {
	/* what is wished; set by the door and capture/intake */
	struct arena *arena; /* holds every text below */
	enum slot_wish wish;
	const char *source;  /* "http", "spool", "tcp" */
	const char *dialect; /* row of drivers/drivers.c */
	const void *frame;
	size_t frame_len;
	int64_t received_at;	     /* ms UTC */
	enum time_state time_state;  /* what is known of the time: at the door of received_at, then of issued_at */
	const char *idempotency_key; /* NULL = none */
	const char *till_id;	     /* of SLOT_KEEP; "" = not known */
	int64_t origin_id;	     /* of SLOT_SALE: the kept frame that it was read from; 0 = it is what came */
	bool has_more;		     /* of SLOT_SALE: more of that frame follows, which stays kept until then */
	bool is_apart; /* of SLOT_SALE: parked under a made number, for the bill of its number may yet come; of SLOT_ISSUE: it was */
	bool is_undated;	/* of SLOT_SALE: it bears no date, its time is when it came */
	enum paper_count paper; /* of SLOT_COUNT */
	int64_t paper_n;	/* of SLOT_COUNT */
	bool is_unattended; /* folder, printer: nobody reads an error, so what is wrong in itself is parked (law, section 0) */
	bool has_sale;	    /* the dialect could read it */
	int64_t task_id;    /* of SLOT_REISSUE */
	bool is_correction; /* of SLOT_REISSUE: the frame is a person's, to be kept as a new revision of the sale */
	struct sale sale;
	uint8_t digest[DIGEST_LEN]; /* of the normalised sale */
	struct invoice invoice;	    /* computed, not yet bound; when problem.code is 0 */
	struct problem problem;	    /* why it is not to be issued, of SLOT_KEEP why it is not whole; 0 = issue, whole */

	/* the issuer's work */
	struct bytes xml; /* HDon */
	size_t seal_at;
	char signature_id[64];
	uint8_t data_digest[DIGEST_LEN];
	int64_t signed_at; /* ms UTC */
	bool is_sealing;   /* a signer has it; guarded by the signers' lock */
	bool is_signed;
	int64_t counter;  /* of the code block */
	int64_t revision; /* of the sale to be added, or that takes its number now */
	bool is_again;	  /* its bill number is taken; a person decides which of both is a sale */

	/* the answer; valid once done() was called */
	bool is_replay;	  /* the sale was there before; nothing was written */
	bool is_written;  /* COMMIT returned */
	int64_t frame_id; /* of SLOT_KEEP */
	int64_t sale_id;  /* also what SLOT_ISSUE and SLOT_IGNORE speak of */
	enum sale_state state;
	struct {
		int64_t id; /* 0 = the invoice reissues none */
		int form;
		char serial[SERIAL_LEN + 1];
		int32_t number;
	} refused; /* whose place the invoice takes */
	bool has_invoice;
	int64_t invoice_id;
	int form;
	char serial[SERIAL_LEN + 1];
	int32_t number;
	char code[CODE_LEN + 1];
	int64_t issued_at;
	int64_t net, vat, total;
	char qr[SLOT_QR_MAX];
	int64_t ledger_seq;
	char ledger_tail[LEDGER_TAIL_LEN + 1];

	/* the way back */
	void (*done)(struct slot *slot); /* called by the issuer's thread, once, after COMMIT or when it failed */
	void *owner;
	struct slot *next;
};

/** slot_new() - an empty slot with its own arena; NULL without memory. */
struct slot *slot_new(void) MUST_CHECK;
/** slot_free() - the slot and all its texts; NULL is allowed. */
void slot_free(struct slot *slot);
DEFINE_CLEANUP(struct slot *, slot_free)

#endif
