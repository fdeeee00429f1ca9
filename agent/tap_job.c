#include <string.h>

#include "base/log.h"
#include "capture/intake.h"
#include "store/sales.h"
#include "store/time.h"
#include "tap_parts.h"

#define RETRY_MS      500
#define ANNEX_MAX     ((size_t)64 << 10)
#define SALE_TEXT_MAX ((size_t)1 << 20)

/* A receipt on its way: kept, then issued. */
struct job {
	struct job *next;
	struct tap_port *port;
	uint32_t stream; /* of its till, which may be gone */
	uint64_t end;	 /* of the receipt in it */
	bool is_known;	 /* its till is */
	bool is_unread;	 /* to be kept, and read later */
	bool is_torn;	 /* its paper may not be whole */
	bool is_picture; /* it was read by its glyphs */
	bool is_undated; /* its paper bears no date */
	bool is_told;	 /* the log says that it waits */
	int64_t counted; /* > 0: nothing but so many more of what */
	enum paper_count what;
	bool is_there; /* the issuer has it */
	int64_t retry_ms;
	struct bytes raw; /* until it is kept */
	int64_t frame_id; /* where it is kept; 0 = nowhere yet */
	int64_t received_at;
	enum time_state time_state;
	int64_t since_ms; /* monotonic: when it came here */
	struct bytes sale;
	struct problem problem;
};

static void job_free(struct job *job)
{
	bytes_done(&job->raw);
	bytes_done(&job->sale);
	free(job);
}

void job_free_all(struct tap *tap)
{
	while (tap->jobs) {
		struct job *job = tap->jobs;
		tap->jobs = job->next;
		job_free(job);
	}
}

static void remove_job(struct job *job)
{
	struct tap *tap = job->port->tap;
	struct job **link = &tap->jobs;
	while (*link != job)
		link = &(*link)->next;
	*link = job->next;
	tap->job_count--;
	job_free(job);
}

bool job_is_late(const struct tap_port *port, int64_t patience_ms)
{
	int64_t now = tap_now_ms();
	for (const struct job *job = port->tap->jobs; job; job = job->next)
		if (job->port == port && now - job->since_ms > patience_ms)
			return true;
	return false;
}

bool job_has_frame(const struct tap *tap, int64_t id)
{
	for (const struct job *job = tap->jobs; job; job = job->next)
		if (job->frame_id == id)
			return true;
	return false;
}

/* Called by the issuer's thread. */
static void on_done(struct slot *slot)
{
	const struct job *job = slot->owner;
	struct tap *tap = job->port->tap;
	uint64_t one = 1;
	pthread_mutex_lock(&tap->lock);
	slot->next = tap->finished;
	tap->finished = slot;
	pthread_mutex_unlock(&tap->lock);
	(void)!write(tap->event_fd, &one, sizeof(one));
}

static int fill_keep(const struct job *job, struct slot *slot)
{
	slot->wish = SLOT_KEEP;
	slot->dialect = job->port->language->name;
	slot->source = arena_printf(slot->arena, "%s %s", slot->source, job->port->config->name);
	if (job->is_torn)
		problem_set(&slot->problem, PROBLEM_PAPER_PARTIAL, "%s", "");
	slot->till_id = job->is_known ? job->port->config->till : "";
	slot->frame = arena_copy(slot->arena, job->raw.data, job->raw.len);
	slot->frame_len = job->raw.len;
	return slot->frame && slot->source ? 0 : FAULT_MEMORY;
}

static bool has_more(const struct job *job)
{
	const struct job *other = job->next;
	while (other && (!job->frame_id || other->frame_id != job->frame_id))
		other = other->next;
	return other;
}

/* What never becomes an invoice needs no rate and no sum, and so nobody; a bill that is printed again only if it was seen before. */
static bool needs_nobody(const struct job *job, const struct slot *slot)
{
	const struct sale *sale = &slot->sale;
	struct sale_row row;
	if (sale->kind != SALE_KIND_REPRINT)
		return sale->kind == SALE_KIND_PRE_BILL || sale->kind == SALE_KIND_NO_SALE;
	return store_sale_by_number(
		       job->port->tap->settings->store, sale->till_id, sale->bill_no, slot->arena, &row, NULL) == 0 &&
	       row.kind == SALE_KIND_SALE;
}

static int fill_sale(const struct job *job, struct slot *slot, struct fault *fault)
{
	const struct tap_settings *settings = job->port->tap->settings;
	slot->wish = SLOT_SALE;
	slot->origin_id = job->frame_id;
	slot->has_more = has_more(job);
	slot->is_undated = job->is_undated;
	slot->frame = arena_copy(slot->arena, job->sale.data, job->sale.len);
	slot->frame_len = job->sale.len;
	if (!slot->frame)
		return FAULT_MEMORY;
	int result = intake_read(slot, settings->dialect, &settings->config->seller, SALE_TEXT_MAX, fault);
	if (slot->problem.code && slot->has_sale && needs_nobody(job, slot))
		problem_set(&slot->problem, PROBLEM_KIND_KEPT, "/kind");
	/* What an unknown till prints and never becomes an invoice needs nobody. */
	bool is_nothing = slot->problem.code == PROBLEM_KIND_KEPT && job->problem.code == PROBLEM_PEER_UNKNOWN;
	if (result == 0 && job->is_picture && slot->sale.kind == SALE_KIND_SALE && !slot->problem.code)
		result = order_check(job->port, slot, fault);
	if (result < 0 || !job->problem.code || is_nothing)
		return result;
	slot->problem = job->problem;
	/* The till prints the bill again, whole, or the till that is known prints its own of this number: that one is the sale. */
	slot->is_apart = job->problem.code == PROBLEM_PAPER_PARTIAL || job->problem.code == PROBLEM_PEER_UNKNOWN;
	return 0;
}

static int fill(const struct job *job, struct slot *slot, struct fault *fault)
{
	if (job->counted) {
		slot->wish = SLOT_COUNT;
		slot->paper = job->what;
		slot->paper_n = job->counted;
		return 0;
	}
	/* Of a receipt whose bytes found no room there is what it says. */
	return job->frame_id || !job->raw.len ? fill_sale(job, slot, fault) : fill_keep(job, slot);
}

/* What was read of a picture is measured by what was issued before it: that must be there. */
static bool is_behind(const struct job *job)
{
	const struct job *earlier = job->port->tap->jobs;
	while (earlier != job && (earlier->counted || earlier->is_unread ||
					 strcmp(earlier->port->config->till, job->port->config->till) != 0))
		earlier = earlier->next;
	return job->is_picture && (job->frame_id || !job->raw.len) && earlier != job;
}

/* What a kept frame holds is issued when all of it was found, one after another: the last one ends the frame. */
static bool must_wait(const struct job *job)
{
	const struct job *first = job->port->tap->jobs;
	while (first != job && (!job->frame_id || first->frame_id != job->frame_id))
		first = first->next;
	return first != job || (job->port->again_stream && job->port->again.id == job->frame_id);
}

/* Nothing that cannot be handed over now is forgotten: it is handed over later. */
static void hand_over(struct job *job)
{
	const struct tap_settings *settings = job->port->tap->settings;
	struct fault fault = {0};
	if (must_wait(job) || is_behind(job))
		return;
	CLEANUP(slot_freep) struct slot *slot = slot_new();
	job->retry_ms = tap_now_ms() + RETRY_MS;
	if (!slot)
		return;
	slot->source = job->port->source->name;
	slot->is_unattended = true;
	slot->received_at = job->received_at;
	slot->time_state = job->time_state;
	slot->owner = job;
	slot->done = on_done;
	if (fill(job, slot, &fault) < 0) {
		log_event(LOG_LEVEL_ERROR, "tap-failed", "port=%s why=memory", job->port->config->name);
		return;
	}
	if (issuer_put(settings->issuer, slot))
		return;
	job->is_there = true;
	slot = NULL;
}

/* Memory is bounded: while the disk is full, so many receipts wait, and no more. */
static bool has_room(const struct tap *tap, size_t len)
{
	for (const struct job *job = tap->jobs; job; job = job->next)
		len += job->raw.len + job->sale.len;
	return tap->job_count < TAP_JOBS_MAX && len <= TAP_JOBS_BYTES;
}

static struct job *job_new(struct tap_port *port, size_t len)
{
	struct tap *tap = port->tap;
	struct job **link = &tap->jobs;
	struct job *job = has_room(tap, len) ? calloc(1, sizeof(*job)) : NULL;
	if (!job)
		return NULL;
	job->port = port;
	job->since_ms = tap_now_ms();
	bytes_init(&job->raw, TAP_RECEIPT_MAX + TAP_WAITING_MAX);
	bytes_init(&job->sale, SALE_TEXT_MAX);
	job->received_at = store_time_now(tap->settings->store, &job->time_state);
	while (*link)
		link = &(*link)->next;
	*link = job;
	tap->job_count++;
	return job;
}

/* What is told of a receipt is copied: it is borrowed for the call. */
static void take_receipt(struct job *job, const struct link_receipt *receipt)
{
	job->is_picture = receipt->is_picture;
	job->is_undated = receipt->is_undated;
	bytes_append(&job->sale, receipt->sale, receipt->sale_len);
	if (receipt->problem) {
		problem_set(&job->problem, receipt->problem, "%s", "");
		problem_add(&job->problem, "%s", receipt->detail);
	}
}

static void refuse_peer(struct job *job, const char *peer)
{
	problem_set(&job->problem, PROBLEM_PEER_UNKNOWN, "%s", "");
	problem_add(&job->problem, "%s", peer);
}

/* Whoever is in the shop's network could fill the disk, or the list of what waits for a person. */
static bool may_be_kept(struct tap_till *till)
{
	struct tap_port *port = till->port;
	int64_t hour = tap_now_ms() / 3600000;
	if (till->is_known)
		return true;
	if (hour != port->hour)
		port->hour_papers = 0;
	port->hour = hour;
	if (++port->hour_papers == TAP_UNKNOWN_PAPERS + 1)
		log_event(LOG_LEVEL_WARNING, "peer-unknown",
			"port=%s peer=%s hint=\"more than %d papers within an hour: the others are not kept\"",
			port->config->name, till->peer, TAP_UNKNOWN_PAPERS);
	return port->hour_papers <= TAP_UNKNOWN_PAPERS;
}

static bool is_whole(const struct job *job)
{
	return !job->raw.failed && !job->sale.failed;
}

/* What has no room, or no memory, is counted, so that somebody enters it by hand. */
static void lose_receipt(struct tap_port *port, struct job *job)
{
	log_event(LOG_LEVEL_ERROR, "receipt-lost", "port=%s hint=\"hoadon status\"", port->config->name);
	port->tap->not_kept++;
	if (job)
		remove_job(job);
}

/* @receipt of @till is kept; NULL: it is not. */
static struct job *take_paper(struct tap_till *till, const struct link_receipt *receipt)
{
	uint64_t from = receipt->from > till->raw_at ? receipt->from : till->raw_at;
	size_t len = receipt->to > from ? (size_t)(receipt->to - from) : 0;
	struct job *job = job_new(till->port, len + receipt->sale_len);
	if (job) {
		job->stream = till->stream;
		job->end = receipt->to;
		job->is_known = till->is_known;
		job->is_torn = receipt->is_partial;
		if (len)
			bytes_append(&job->raw, till->raw.data + (from - till->raw_at), len);
		take_receipt(job, receipt);
	}
	if (!job || !is_whole(job)) {
		lose_receipt(till->port, job);
		return NULL;
	}
	if (from > receipt->from)
		log_event(LOG_LEVEL_WARNING, "receipt-long", "port=%s kept=%zu", till->port->config->name, len);
	if (!till->is_known)
		refuse_peer(job, till->peer);
	return job;
}

void job_receipt(struct tap_till *till, const struct link_receipt *receipt)
{
	if (receipt->to > till->in) /* a reader that says so is broken */
		return;
	till->port->row->receipts++;
	till->port->row->strangers += !till->is_known;
	struct job *job = may_be_kept(till) ? take_paper(till, receipt) : NULL;
	till_taken(till, receipt->to);
	bool will_print = job && !job->problem.code;
	if (job)
		hand_over(job);
	if (!will_print)
		(void)till_answer(till, receipt->to, NULL, NULL);
}

void job_unread(struct tap_till *till, bool is_torn)
{
	if (!till->raw.len)
		return;
	if (!may_be_kept(till)) {
		till_taken(till, till->in);
		return;
	}
	struct job *job = job_new(till->port, till->raw.len);
	if (!job)
		return;
	job->is_known = till->is_known;
	job->is_unread = true;
	job->is_torn = is_torn;
	bytes_append(&job->raw, till->raw.data, till->raw.len);
	if (!is_whole(job)) {
		remove_job(job);
		return;
	}
	till_taken(till, till->in);
	hand_over(job);
}

bool job_count(struct tap_port *port, enum paper_count what, int64_t n)
{
	struct job *job = job_new(port, 0);
	if (!job)
		return false;
	job->what = what;
	job->counted = n;
	hand_over(job);
	return true;
}

bool job_again(struct tap_port *port, const struct again *again, const struct link_receipt *receipt)
{
	struct job *job = job_new(port, receipt->sale_len);
	if (!job)
		return false;
	port->row->receipts++;
	port->row->strangers += !again->is_known;
	job->frame_id = again->id;
	job->received_at = again->received_at;
	job->is_known = again->is_known;
	take_receipt(job, receipt);
	if (!job->is_known)
		refuse_peer(job, "");
	if (is_whole(job))
		return true;
	remove_job(job);
	return false;
}

void job_drop(struct tap *tap, int64_t id)
{
	for (struct job *job = tap->jobs, *next; job; job = next) {
		next = job->next;
		if (job->frame_id == id && !job->is_there)
			remove_job(job);
	}
}

/* ---- the way back ---- */

/*
 * A bill that is printed again shows its number and code again, on the same paper; a slip of its own is printed for what is new, so that there is
 * one for an invoice at most.
 */
static void print_code(struct job *job, const struct slot *slot)
{
	struct tap_port *port = job->port;
	struct tap_till *till = tap_till(port, job->stream);
	struct receipt receipt;
	CLEANUP(arena_freep) struct arena *arena = arena_new(ANNEX_MAX);
	CLEANUP(code_freep) struct code *code = code_new(port, slot);
	if (!arena || !code || receipt_annex(slot, port->tap->settings->config->lookup_url, arena, &receipt) < 0)
		return;
	struct print_annex annex = code_annex(port, slot, &receipt, PRINT_END_FEED);
	if (till && till_answer(till, job->end, &annex, code)) {
		code = NULL;
		return;
	}
	if (slot->is_replay)
		return;
	if (port->config->annex == CONFIG_ANNEX_CUT)
		(void)job_count(port, PAPER_WITHOUT_CODE, 1);
	slip_add(port, code);
	code = NULL;
}

static void conclude(struct job *job, const struct slot *slot)
{
	struct tap_till *till = tap_till(job->port, job->stream);
	bool is_issued = slot->has_invoice && slot->state == SALE_STATE_ISSUED && job->is_known;
	if (is_issued && job->port->config->annex != CONFIG_ANNEX_NONE)
		print_code(job, slot);
	else if (till)
		(void)till_answer(till, job->end, NULL, NULL);
}

/* Whether the job is over. */
static bool settle(struct job *job, const struct slot *slot)
{
	job->is_there = false;
	if (slot->wish == SLOT_COUNT && slot->is_written) {
		if (job->what == PAPER_LATE_SLIPS)
			slip_told(job->port);
		return true;
	}
	if (slot->wish == SLOT_SALE && (slot->sale_id || !problem_kind(slot->problem.code)->is_retryable)) {
		if (slot->sale_id && !slot->is_replay)
			job->port->row->sales[slot->state]++;
		conclude(job, slot);
		return true;
	}
	if (slot->wish == SLOT_KEEP && slot->frame_id) {
		job->frame_id = slot->frame_id;
		bytes_done(&job->raw);
		job->port->is_behind = job->port->is_behind || job->is_unread;
		job->retry_ms = 0;
		if (!job->is_unread)
			hand_over(job);
		return job->is_unread;
	}
	if (!job->is_told)
		log_event(LOG_LEVEL_WARNING, "receipt-waits", "port=%s why=%s", job->port->config->name,
			problem_kind(slot->problem.code)->code);
	job->is_told = true;
	return false;
}

static struct slot *in_order(struct slot *newest)
{
	struct slot *list = NULL;
	while (newest) {
		struct slot *slot = newest;
		newest = slot->next;
		slot->next = list;
		list = slot;
	}
	return list;
}

void job_drain(struct tap *tap)
{
	pthread_mutex_lock(&tap->lock);
	struct slot *list = tap->finished;
	tap->finished = NULL;
	pthread_mutex_unlock(&tap->lock);
	list = in_order(list);
	while (list) {
		struct slot *slot = list;
		struct job *job = slot->owner;
		list = slot->next;
		if (settle(job, slot))
			remove_job(job);
		slot_free(slot);
	}
	job_retry(tap);
}

/* Of those that the issuer could not take one asks for all: the disk may be full for hours. */
void job_retry(struct tap *tap)
{
	int64_t now = tap_now_ms();
	bool is_asked = false;
	for (struct job *job = tap->jobs; job; job = job->next) {
		if (!job->is_there && now >= job->retry_ms && !(job->is_told && is_asked))
			hand_over(job);
		is_asked = is_asked || job->is_told;
	}
	if (tap->not_kept && job_count(&tap->ports[0], PAPER_NOT_KEPT, tap->not_kept))
		tap->not_kept = 0;
}
