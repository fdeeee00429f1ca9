#include <stdio.h>
#include <string.h>

#include "base/log.h"
#include "capture/bill.h"
#include "drivers/drivers.h"
#include "store/frames.h"
#include "tap_parts.h"

#define LOOK_AT_MOST 64
#define SALE_MAX     ((size_t)64 << 10)

/* The name of a port in "tcp bar", whatever line it listened at then; NULL: what did not come by a port. */
static const char *port_of(const char *source)
{
	for (size_t i = 0; driver_line_sources[i]; i++) {
		size_t len = strlen(driver_line_sources[i]->name);
		if (strncmp(source, driver_line_sources[i]->name, len) == 0 && source[len] == ' ')
			return source + len + 1;
	}
	return NULL;
}

/* A frame says which port it came by; that of a port that is not set up any more is read by the first one of its language and till. */
static bool is_mine(const struct tap_port *port, const struct frame_row *row)
{
	const struct tap *tap = port->tap;
	const char *name = port_of(row->source);
	const struct tap_port *reader = NULL;
	if (!name)
		return false;
	for (size_t i = tap->port_count; i-- > 0;) {
		const struct tap_port *each = &tap->ports[i];
		bool is_same = strcmp(name, each->config->name) == 0;
		if (strcmp(each->language->name, row->dialect))
			continue;
		if (is_same)
			return each == port;
		if (!row->till_id[0] || strcmp(row->till_id, each->config->till) == 0)
			reader = each;
	}
	return reader == port;
}

static bool is_under_way(const struct tap *tap, int64_t frame_id)
{
	for (size_t i = 0; i < tap->port_count; i++)
		if (tap->ports[i].again_stream && tap->ports[i].again.id == frame_id)
			return true;
	return job_has_frame(tap, frame_id);
}

/* The oldest kept frame of @port that nobody has in hand and that can be read; STORE_NONE. */
static int find(struct tap_port *port, struct arena *arena, struct frame_row *ret, struct fault *fault)
{
	struct store *store = port->tap->settings->store;
	size_t count = LOOK_AT_MOST;
	int64_t after = 0;
	while (count == LOOK_AT_MOST) {
		struct frame_row *rows;
		int result = store_frame_list_kept(store, after, LOOK_AT_MOST, arena, &rows, &count, fault);
		if (result)
			return result;
		for (size_t i = 0; i < count; i++) {
			struct fault own = {0};
			after = rows[i].id;
			if (!is_mine(port, &rows[i]) || is_under_way(port->tap, after))
				continue;
			if (store_frame_get(store, after, arena, ret, &own) == 0 && ret->len)
				return 0;
			log_fault("frame-not-read", &own);
		}
	}
	return STORE_NONE;
}

static void feed(struct tap_port *port, uint32_t stream, const struct frame_row *row)
{
	if (reader_feed(port->reader, stream, row->received_at, row->bytes, row->len) ||
		reader_end(port->reader, stream, row->received_at, row->reason[0] ? LINK_BROKEN : LINK_CLOSED))
		return;
	port->again_stream = stream;
	port->again = (struct again){.id = row->id, .received_at = row->received_at, .is_known = row->till_id[0]};
}

void again_look(struct tap_port *port)
{
	CLEANUP(arena_freep) struct arena *arena = NULL;
	struct fault fault = {0};
	struct frame_row row = {0};
	uint32_t stream = port->tap->last_stream + 1;
	bool is_busy =
		port->tap->jobs || port->again_stream || port->tap->is_closing; /* what is printed now goes first */
	bool is_ready = port->reader && reader_is_ready(port->reader); /* else a frame would be blamed for its death */
	if (!port->is_behind || is_busy || !is_ready || reader_begin(port->reader, stream))
		return;
	port->tap->last_stream = stream;
	arena = arena_new(SLOT_ARENA_MAX);
	int result = arena ? find(port, arena, &row, &fault) : FAULT(&fault, FAULT_MEMORY, "no memory to read a frame");
	if (result == 0) {
		feed(port, stream, &row);
		return;
	}
	(void)!reader_end(port->reader, stream, 0, LINK_CLOSED); /* it was for nothing */
	if (result < 0)
		log_fault("frame-not-read", &fault);
	port->is_behind = result < 0;
}

void again_receipt(struct tap_port *port, const struct link_receipt *receipt)
{
	port->again.has_receipt = true;
	port->again.is_short = !job_again(port, &port->again, receipt) || port->again.is_short;
}

/* What cannot be read is shown to a person, once, and never given to a reader again. Without room it stays kept, with all that was found. */
static void park(struct tap_port *port)
{
	CLEANUP(arena_freep) struct arena *arena = arena_new(SALE_MAX);
	CLEANUP(bytes_done) struct bytes text;
	const struct config *config = port->tap->settings->config;
	struct bill_till till = {.till_id = port->config->till,
		.is_vat_included = port->config->is_vat_included,
		.has_rates = config->seller.form == 1,
		.received_at = port->again.received_at};
	struct problem problem = {.code = PROBLEM_PAPER_UNREAD};
	char bill_no[32];
	struct sale sale;
	bytes_init(&text, SALE_MAX);
	snprintf(bill_no, sizeof(bill_no), "%c%lld", SALE_MADE_NUMBER, (long long)port->again.id);
	struct reading reading = {.kind = READING_SALE, .bill_no = bill_no};
	bool is_made = arena && bill_unread(arena, &reading, &till, &problem, &sale) == 0;
	if (is_made)
		sale_write(&sale, &text);
	struct link_receipt receipt = {
		.sale = (const char *)text.data, .sale_len = text.len, .problem = PROBLEM_PAPER_UNREAD, .detail = ""};
	if (!is_made || text.failed || !job_again(port, &port->again, &receipt)) {
		job_drop(port->tap, port->again.id);
		return;
	}
	log_event(
		LOG_LEVEL_WARNING, "frame-unread", "port=%s frame=%lld", port->config->name, (long long)port->again.id);
}

static void finish(struct tap_port *port)
{
	port->again_stream = 0;
	job_retry(port->tap);
}

/* A frame that holds more than there is room for is a person's as a whole. */
void again_ended(struct tap_port *port)
{
	if (port->again.is_short)
		job_drop(port->tap, port->again.id);
	if (port->again.is_short || !port->again.has_receipt)
		park(port);
	finish(port);
}

/* Once may be anybody's fault; the second time it is the frame's, and what was found before that is issued. */
void again_gone(struct tap_port *port)
{
	if (!port->again_stream)
		return;
	if (port->killer == port->again.id)
		park(port);
	else
		job_drop(port->tap, port->again.id);
	port->killer = port->again.id;
	finish(port);
}
