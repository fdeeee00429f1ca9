/* invoices: issued bytes, numbers, codes. Issued bytes never change. */
#ifndef HOADON_STORE_INVOICES_H
#define HOADON_STORE_INVOICES_H

#include "base/arena.h"
#include "core/rules.h"
#include "core/state.h"
#include "core/timekeeper.h"
#include "store/store.h"

struct invoice_row {
	int64_t id;
	int form;
	const char *serial;		      /* KHHDon */
	int32_t number;			      /* SHDon */
	const char *code;		      /* MCCQT, "" without */
	int64_t issued_at, sold_at, deadline; /* ms UTC */
	int64_t net, vat, total;
	enum invoice_state state;
	int64_t message_id;  /* 0 = waiting */
	const char *refusal; /* authority's code and text when refused, else "" */
	bool is_signed;	     /* carries the seller's own signature */
	const void *xml;     /* canonical HDon */
	size_t xml_len;
	uint8_t digest[32];	    /* SHA-256 of xml, the one that the ledger commits to */
	int64_t ledger_seq;	    /* its record "issued" */
	enum time_state time_state; /* what was known of the time when it was issued (law R-TIME-1) */
};

/* Roles of house 8.1. */
#define INVOICE_ROLE_ISSUES   "issues"
#define INVOICE_ROLE_REISSUES "reissues"

/** store_place_get() - running serial of @form and the current code block; a place that never issued has serial "" . 0 or < 0. */
int store_place_get(struct store *store, int form, struct issue_place *ret, struct fault *fault) MUST_CHECK;
/** store_place_put() - after @count invoices: last number and time of @serial, next counter of the block; only when the stored counter is @expected_counter (STORE_CONFLICT else). Inside a transaction. */
int store_place_put(struct store *store, int form, const struct issue_place *place, int64_t expected_counter,
	struct fault *fault) MUST_CHECK;
/** store_block_lease() - make sure the block of @issuer_prefix (prefix × 10^8 + 1 .. + 99,999,999) exists for the current epoch; STORE_CONFLICT when another prefix is already leased. Inside a transaction. */
int store_block_lease(struct store *store, int issuer_prefix, struct fault *fault) MUST_CHECK;

/** store_invoice_add() - add @row (id, state, message_id ignored: issued, waiting; the digest is the caller's) and link it to @sale_id in @role. Inside a transaction. STORE_CONFLICT when number or code is taken, or the sale has a live issuing invoice. */
int store_invoice_add(struct store *store, const struct invoice_row *row, int64_t sale_id, const char *role,
	int64_t *ret_id, struct fault *fault) MUST_CHECK;
/** store_invoice_get() / _by_number() / _by_code() / _of_sale() - with xml in @arena, its digest compared (FAULT_FORMAT when it differs); STORE_NONE. _of_sale: the live (else the last) invoice. */
int store_invoice_get(
	struct store *store, int64_t id, struct arena *arena, struct invoice_row *ret, struct fault *fault) MUST_CHECK;
int store_invoice_by_number(struct store *store, int form, const char *serial, int32_t number, struct arena *arena,
	struct invoice_row *ret, struct fault *fault) MUST_CHECK;
int store_invoice_by_code(struct store *store, const char *code, struct arena *arena, struct invoice_row *ret,
	struct fault *fault) MUST_CHECK;
int store_invoice_of_sale(struct store *store, int64_t sale_id, struct arena *arena, struct invoice_row *ret,
	struct fault *fault) MUST_CHECK;
/** store_invoice_list() - up to @limit invoices of @state (-1 = any), newest first, id < @before (0 = newest), without xml. */
int store_invoice_list(struct store *store, int state, int64_t before, int64_t limit, struct arena *arena,
	struct invoice_row **ret, size_t *ret_count, struct fault *fault) MUST_CHECK;
/** store_invoice_waiting() - ids and xml lengths of the waiting group (one form and serial) with the earliest deadline, ascending numbers, at most @limit. count 0 = nothing waits. */
int store_invoice_waiting(struct store *store, int64_t limit, struct arena *arena, struct invoice_row **ret,
	size_t *ret_count, struct fault *fault) MUST_CHECK;
/** store_invoice_conclude() - issued → accepted or refused for an invoice of message @message_id, `AND state = issued AND message_id = ?`; STORE_CONFLICT else. */
int store_invoice_conclude(struct store *store, int64_t id, int64_t message_id, enum invoice_state to,
	const char *refusal, struct fault *fault) MUST_CHECK;
/** store_invoice_accept_of() - issued → accepted for every invoice of message @message_id that is still issued; @ret_count: how many. One statement, since tills wait for the lock meanwhile. 0 or < 0. */
int store_invoice_accept_of(
	struct store *store, int64_t message_id, int64_t *ret_count, struct fault *fault) MUST_CHECK;

/**
 * store_invoice_reissue() - invoice @later, already added for the sale, takes the place of refused invoice @earlier
 *
 * Every revision of the sale that @earlier stood for is linked to @later, and the relation is kept. Inside a transaction.
 *
 * Return: 0; STORE_CONFLICT when @earlier was reissued before; < 0. Source: law R-FIX-14; house 8.1.
 */
int store_invoice_reissue(
	struct store *store, int64_t earlier, int64_t later, int64_t now_ms, struct fault *fault) MUST_CHECK;
/** store_invoice_reissues() / _reissued_as() - the refused invoice that @id took the place of, and the one that took the place of @id; without xml. STORE_NONE. */
int store_invoice_reissues(
	struct store *store, int64_t id, struct arena *arena, struct invoice_row *ret, struct fault *fault) MUST_CHECK;
int store_invoice_reissued_as(
	struct store *store, int64_t id, struct arena *arena, struct invoice_row *ret, struct fault *fault) MUST_CHECK;

/** store_invoice_is_of_epoch() - whether invoice @id was issued in the current epoch, so that no other store can know its number. 1, 0, < 0. */
int store_invoice_is_of_epoch(struct store *store, int64_t id, struct fault *fault) MUST_CHECK;

struct invoice_counts {
	int64_t issued, accepted, refused, waiting, in_message;
	int64_t net, vat, total;  /* of all invoices not refused */
	int64_t oldest_open_at;	  /* issued_at of the oldest neither accepted nor refused, 0 = none */
	int64_t oldest_deadline;  /* its deadline */
	int64_t last_accepted_at; /* when the last message was answered, 0 = never */
};
/** store_invoice_count() - numbers for status. */
int store_invoice_count(struct store *store, struct invoice_counts *ret, struct fault *fault) MUST_CHECK;

#define STATUS_UNSENT_MS INT64_C(60000) /* an invoice on its way for less than this is no leftover */

/** store_invoice_unsent() - invoices with a deadline up to @deadline that waited or were packed before @before_ms and that no route is known to hold. 0 or < 0. */
int store_invoice_unsent(
	struct store *store, int64_t deadline, int64_t before_ms, int64_t *ret, struct fault *fault) MUST_CHECK;

/**
 * store_invoice_used_percent() - of the time between issue and legal deadline, how much went by of the oldest invoice that no route is known to hold
 * @now_ms: UTC, the believed time
 * @ret:    0 .. 100; 0 when none was issued longer than STATUS_UNSENT_MS ago
 *
 * Return: 0 or < 0. Thread: owner of @store. Source: law R-SEND-1, R-SEND-2.
 */
int store_invoice_used_percent(struct store *store, int64_t now_ms, int64_t *ret, struct fault *fault) MUST_CHECK;

/* A task: something only a person can settle. */
struct task_row {
	int64_t id, invoice_id, message_id; /* 0 = none */
	const char *
		kind; /* "refused-invoice", "answer-unclear", "duplicate-unproven", "route-refused", … (cli/task_text.c) */
	const char *text;
	int64_t made_at, closed_at; /* closed_at 0 = open */
};
/** store_task_add() - open a task; the same (kind, invoice, message) that is still open is not added twice. Inside a transaction. */
int store_task_add(struct store *store, const struct task_row *row, struct fault *fault) MUST_CHECK;
/** store_task_get() - by id, open or closed; STORE_NONE. */
int store_task_get(
	struct store *store, int64_t id, struct arena *arena, struct task_row *ret, struct fault *fault) MUST_CHECK;
/** store_task_close() - task @id is settled at @now_ms; STORE_CONFLICT when it is not open. Inside a transaction. */
int store_task_close(struct store *store, int64_t id, int64_t now_ms, struct fault *fault) MUST_CHECK;
/** store_task_after() - up to @limit open tasks with ids above @id, oldest first, in @arena. 0 or < 0. */
int store_task_after(struct store *store, int64_t id, int64_t limit, struct arena *arena, struct task_row **ret,
	size_t *ret_count, struct fault *fault) MUST_CHECK;
/** store_task_close_kind() - every open task of @kind is settled at @now_ms; none open is no failure. Inside a transaction. 0 or < 0. */
int store_task_close_kind(struct store *store, const char *kind, int64_t now_ms, struct fault *fault) MUST_CHECK;
/** store_task_list() - open tasks, oldest first. */
int store_task_list(struct store *store, int64_t limit, struct arena *arena, struct task_row **ret, size_t *ret_count,
	struct fault *fault) MUST_CHECK;

#endif
