#include <errno.h>
#include <poll.h>
#include <string.h>
#include <sys/epoll.h>

#include "base/log.h"
#include "store/time.h"
#include "tap_parts.h"

#define PART	 16384
#define FRAMED	 1024 /* read at a time of a till that sends blocks: each byte may have an answer */
#define JUDGE_MS 1000 /* what time it is is asked for that often */

static const struct tap_settings *settings_of(const struct tap_till *till)
{
	return till->port->tap->settings;
}

/* ---- the reader's side ---- */

void till_unread(struct tap_till *till)
{
	int64_t now = tap_now_ms();
	till->is_lost = till->is_lost || till->is_read;
	till->is_read = till->is_idle = false;
	hold_seen(till->hold, UINT64_MAX);
	for (size_t i = 0; i < till->held_count; i++)
		if (!till->held[i].code)
			(void)!hold_annex(till->hold, till->held[i].offset, NULL, 0, now);
}

static void begin_reading(struct tap_till *till)
{
	till->stream = ++till->port->tap->last_stream;
	till->is_read = till->port->reader && reader_begin(till->port->reader, till->stream) == 0;
	till->is_lost = !till->is_read;
	if (till->is_lost || !till->is_printed || !till->is_known || till->port->config->annex != CONFIG_ANNEX_CUT)
		hold_seen(till->hold, UINT64_MAX);
}

static struct hold *hold_of(const struct tap_port *port)
{
	return hold_new(TAP_WAITING_MAX, port->config->hold_ms, HOLD_PATIENCE_MS);
}

static int64_t received_at(struct tap_till *till, int64_t now_ms)
{
	if (now_ms - till->judged_ms >= JUDGE_MS) {
		till->received_at = store_time_now(settings_of(till)->store, NULL);
		till->judged_ms = now_ms;
	}
	return till->received_at;
}

static void end_reading(struct tap_till *till, enum link_end why)
{
	if (till->is_read && reader_end(till->port->reader, till->stream, received_at(till, tap_now_ms()), why))
		till_unread(till);
}

static void end_till(struct tap_till *till, bool is_torn)
{
	till->is_torn = is_torn || framing_ends_torn(&till->framing);
	end_reading(till, till->is_torn ? LINK_BROKEN : LINK_CLOSED);
	till->has_ended = true;
}

/* The room for what came is bounded: what nobody reads is kept in parts, of a receipt that is longer its end. */
static int keep_raw(struct tap_till *till, const void *bytes, size_t len)
{
	struct bytes *raw = &till->raw;
	if (raw->len + len > TAP_RECEIPT_MAX && till->is_lost)
		job_unread(till, true);
	size_t more = raw->len + len > TAP_RECEIPT_MAX ? raw->len / 2 + len : 0;
	if (more > 0) {
		more = more > raw->len ? raw->len : more;
		memmove(raw->data, raw->data + more, raw->len - more);
		raw->len -= more;
		till->raw_at += more;
	}
	bytes_append(raw, bytes, len);
	till->in += len;
	return raw->failed ? FAULT_MEMORY : 0;
}

static void drop_raw(struct tap_till *till, uint64_t offset)
{
	size_t len = offset > till->raw_at ? (size_t)(offset - till->raw_at) : 0;
	len = len > till->raw.len ? till->raw.len : len;
	if (len == 0)
		return;
	till->raw.len -= len;
	till->raw_at += len;
	memmove(till->raw.data, till->raw.data + len, till->raw.len);
}

void till_taken(struct tap_till *till, uint64_t offset)
{
	drop_raw(till, offset);
}

void till_seen(struct tap_till *till, uint64_t offset)
{
	hold_seen(till->hold, offset);
	till_settle(till);
}

void till_cut(struct tap_till *till, uint64_t offset, uint64_t length, const struct print_state *state)
{
	if (till->held_count == HOLD_CUTS_MAX || length > UINT32_MAX ||
		hold_cut(till->hold, offset, (uint32_t)length, tap_now_ms()))
		return;
	till->held[till->held_count++] = (struct held){.offset = offset, .end = offset + length, .state = *state};
}

void till_ended(struct tap_till *till)
{
	drop_raw(till, till->is_idle ? till->idle_at : till->in);
	if (!till->is_idle)
		till->is_read = false;
	till->is_idle = false;
	till_settle(till);
}

/* ---- the printer's side ---- */

static void close_printer(struct tap_till *till)
{
	if (till->printer.fd < 0)
		return;
	loop_unwatch(till->port->tap->loop, till->printer.fd);
	till->port->printer->close(&till->printer);
	till->printer.fd = -1;
}

static void close_till(struct tap_till *till, bool is_broken)
{
	if (till->fd >= 0) {
		loop_unwatch(till->port->tap->loop, till->fd);
		till->port->source->close(till->fd, is_broken);
	}
	till->fd = -1;
	if (!till->has_ended)
		end_till(till, is_broken);
}

static bool printer_has_all(const struct tap_till *till)
{
	return till->is_reached && !hold_waiting(till->hold) && till->port->printer->has_all(till->printer.fd);
}

/* What was to be printed before a cut and did not begin to be is printed later; what began is not: nobody knows. */
static void give_up_held(struct tap_till *till)
{
	for (size_t i = 0; i < till->held_count; i++) {
		const struct code *code = till->held[i].code;
		if (code && !code->is_replay && !hold_is_begun(till->hold, till->held[i].offset)) {
			slip_add(till->port, till->held[i].code);
			till->held[i].code = NULL;
		}
	}
}

/* A till that cannot be told goes on without paper: its bills are kept and issued, and their codes come on slips. */
static void print_nowhere(struct tap_till *till)
{
	int64_t now = tap_now_ms();
	close_printer(till);
	give_up_held(till);
	for (; till->held_count; till->held_count--) {
		const struct held *last = &till->held[till->held_count - 1];
		(void)!hold_annex(till->hold, last->offset, NULL, 0, now);
		code_free(last->code);
	}
	hold_seen(till->hold, UINT64_MAX);
	till->is_printed = false;
	till->port->is_printer_away = true;
}

/* The printer is away or went: a till whose bytes are not all on paper, as far as anybody can tell, has to notice. */
static void lose_printer(struct tap_till *till, bool is_orderly)
{
	bool is_printed = printer_has_all(till) && (is_orderly || till->is_done) && (till->has_ended || !till->raw.len);
	if (!is_printed)
		log_event(LOG_LEVEL_WARNING, "printer-lost", "port=%s waiting=%zu", till->port->config->name,
			hold_waiting(till->hold));
	if (!till->port->source->can_tell && !till->has_ended && till->is_reached) {
		print_nowhere(till);
		return;
	}
	if (!till->port->source->can_tell && !till->is_reached) /* what it says waits in the line */
		tap_put_off(&till->port->letting_in, TAP_GONE_MS);
	close_printer(till);
	close_till(till, !is_printed);
}

/* What was taken to be printed before a cut is no longer to be kept when it went, or a part of it. */
static void forget_printed(struct tap_till *till)
{
	while (till->held_count && till->held[0].code && hold_is_begun(till->hold, till->held[0].offset)) {
		code_free(till->held[0].code);
		till->held_count--;
		memmove(till->held, till->held + 1, till->held_count * sizeof(till->held[0]));
	}
}

static bool print_some(struct tap_till *till)
{
	const uint8_t *bytes;
	size_t len = hold_peek(till->hold, tap_now_ms(), &bytes);
	if (len == 0)
		return false;
	if (till->is_printed) {
		ssize_t n = write(till->printer.fd, bytes, len);
		till->is_blocked = n < 0 && errno == EAGAIN;
		till->blocked_ms = tap_now_ms();
		if (n < 0 && errno != EAGAIN && errno != EINTR)
			lose_printer(till, false);
		if (n < 0)
			return false;
		len = (size_t)n;
	}
	hold_went(till->hold, len);
	return true;
}

static int64_t linger_ms(const struct tap_till *till)
{
	return till->port->printer && !till->port->printer->end ? TAP_DRAIN_MS : TAP_LINGER_MS;
}

static void print_all(struct tap_till *till)
{
	while ((till->is_reached && till->printer.fd >= 0 && !till->is_blocked) || !till->is_printed)
		if (!print_some(till))
			break;
	forget_printed(till);
	if (!till->has_ended || till->is_done || hold_waiting(till->hold))
		return;
	till->is_done = true;
	till->until_ms = tap_now_ms() + linger_ms(till);
	if (till->printer.fd < 0)
		close_till(till, false);
	else if (till->port->printer->end)
		till->port->printer->end(till->printer.fd);
}

static void give_replies(struct tap_till *till)
{
	struct bytes *replies = &till->replies;
	if (!replies->len || till->fd < 0)
		return;
	ssize_t n = write(till->fd, replies->data, replies->len);
	if (n < 0 && errno != EAGAIN && errno != EINTR)
		n = (ssize_t)replies->len; /* nobody hears them any more */
	if (n <= 0)
		return;
	memmove(replies->data, replies->data + n, replies->len - (size_t)n);
	replies->len -= (size_t)n;
}

static void take_replies(struct tap_till *till)
{
	uint8_t part[1024];
	ssize_t n = read(till->printer.fd, part, sizeof(part));
	if (n > 0)
		bytes_append(&till->replies, part, (size_t)n);
	else if (n == 0 || (errno != EAGAIN && errno != EINTR))
		lose_printer(till, n == 0);
	give_replies(till);
}

static int on_printer(void *context, uint32_t events, struct fault *fault)
{
	(void)fault;
	struct tap_till *till = context;
	struct tap *tap = till->port->tap;
	struct fault own = {0};
	if (!till->is_reached) {
		int result = till->port->printer->status(till->printer.fd, &own);
		if (result == LINE_WAIT)
			return 0;
		till->is_reached = result == 0;
		till->port->is_printer_away = result < 0;
		if (result < 0) {
			log_fault("printer-away", &own);
			lose_printer(till, false);
		} else {
			till->port->letting_in = (struct pause){0};
			begin_reading(till);
		}
	} else {
		till->is_blocked = till->is_blocked && !(events & (EPOLLOUT | EPOLLERR | EPOLLHUP));
		if (events & (EPOLLIN | EPOLLERR | EPOLLHUP))
			take_replies(till);
	}
	till_settle(till);
	tap_arm(tap);
	return 0;
}

/* ---- the till's side ---- */

static bool is_framed(const struct tap_till *till)
{
	return till->port->config->listen.is_framed;
}

/* How much may be read now: a block comes out as a whole, and its till is answered. */
static size_t room_of(const struct tap_till *till)
{
	size_t room = hold_room(till->hold);
	if (!is_framed(till))
		return room;
	return room > FRAMING_DATA_MAX && till->replies.len + FRAMED <= TAP_REPLIES_MAX ? room - FRAMING_DATA_MAX : 0;
}

static void take(struct tap_till *till, const void *bytes, size_t len)
{
	int64_t now = tap_now_ms(), at = received_at(till, now);
	if (hold_take(till->hold, bytes, len, now) < 0) {
		log_event(LOG_LEVEL_ERROR, "tap-no-memory", "port=%s", till->port->config->name);
		close_till(till, true);
		return;
	}
	till->last_ms = now;
	if (keep_raw(till, bytes, len) < 0) {
		log_event(LOG_LEVEL_ERROR, "tap-no-memory", "port=%s", till->port->config->name);
		close_till(till, true);
		return;
	}
	if (till->is_read && reader_feed(till->port->reader, till->stream, at, bytes, len))
		till_unread(till);
}

static void unpack(struct tap_till *till, const uint8_t *bytes, size_t len)
{
	CLEANUP(bytes_done) struct bytes data;
	bytes_init(&data, FRAMED + FRAMING_DATA_MAX);
	framing_feed(&till->framing, bytes, len, &data, &till->replies);
	till->last_ms = tap_now_ms();
	if (data.len)
		take(till, data.data, data.len);
	give_replies(till);
	if (till->framing.is_torn && !till->has_ended)
		end_till(till, true);
}

bool till_is_parted(const struct tap_till *till)
{
	return till->fd < 0 && !till->has_ended;
}

/* What the reader still has to tell of may be a whole receipt: till_tick() sees it then. */
static bool may_part(const struct tap_till *till)
{
	return till->port->config->is_joined && till->port->source->has_end && till->is_known && till->raw.len;
}

static void leave_open(struct tap_till *till)
{
	loop_unwatch(till->port->tap->loop, till->fd);
	till->port->source->close(till->fd, false);
	till->fd = -1;
	tap_open_doors(till->port->tap);
}

static bool read_some(struct tap_till *till)
{
	uint8_t part[PART];
	size_t room = room_of(till), most = is_framed(till) ? FRAMED : sizeof(part);
	if (room == 0 || till->has_ended)
		return false;
	ssize_t n = read(till->fd, part, room < most ? room : most);
	if (n > 0 && is_framed(till))
		unpack(till, part, (size_t)n);
	else if (n > 0)
		take(till, part, (size_t)n);
	if (n > 0)
		return true;
	if (n < 0 && (errno == EAGAIN || errno == EINTR))
		return false;
	if (n == 0 && may_part(till))
		leave_open(till);
	else
		end_till(till, n < 0 || !till->port->source->has_end);
	return false;
}

/* Until nothing is there: nobody says the end of a FIFO whose writer was gone before it was opened here. */
static void read_till(struct tap_till *till)
{
	while (read_some(till))
		;
}

static int on_till(void *context, uint32_t events, struct fault *fault)
{
	(void)fault;
	struct tap_till *till = context;
	struct tap *tap = till->port->tap;
	if (events & EPOLLOUT)
		give_replies(till);
	if (events & (EPOLLIN | EPOLLERR | EPOLLHUP))
		read_till(till);
	till_settle(till);
	tap_arm(tap);
	return 0;
}

static void watch(struct tap_till *till, int fd, uint32_t events, loop_fn *fn)
{
	struct fault fault = {0};
	if (fd < 0)
		return;
	if (!events)
		loop_unwatch(till->port->tap->loop, fd);
	else if (loop_watch(till->port->tap->loop, fd, events, fn, till, &fault) < 0)
		log_fault("tap-failed", &fault);
}

static void watch_both(struct tap_till *till)
{
	uint32_t till_events = till->replies.len ? EPOLLOUT : 0, printer_events = 0;
	if (till->is_reached && !till->has_ended && room_of(till))
		till_events |= EPOLLIN;
	if (till->replies.len + 1024 <= TAP_REPLIES_MAX)
		printer_events |= EPOLLIN;
	if (!till->is_reached || till->is_blocked)
		printer_events |= EPOLLOUT;
	watch(till, till->fd, till_events, on_till);
	watch(till, till->printer.fd, printer_events, on_printer);
}

static void till_free(struct tap_till *till)
{
	for (size_t i = 0; i < till->held_count; i++)
		code_free(till->held[i].code);
	hold_free(till->hold);
	bytes_done(&till->replies);
	bytes_done(&till->raw);
	free(till);
}

static void remove_till(struct tap_till *till)
{
	struct tap_till **link = &till->port->tills;
	while (*link != till)
		link = &(*link)->next;
	*link = till->next;
	till->port->till_count--;
	give_up_held(till);
	if (till->port->source->is_single && till->port->source->has_end)
		tap_door_again(till->port);
	tap_open_doors(till->port->tap);
	till_free(till);
}

void till_settle(struct tap_till *till)
{
	print_all(till);
	if (till->fd >= 0 || till->printer.fd >= 0 || till_is_parted(till)) {
		watch_both(till);
		return;
	}
	if (till->is_read)
		return;
	if (till->is_lost)
		job_unread(till, till->is_torn);
	remove_till(till);
}

void till_gone(struct tap_till *till)
{
	if (!till->has_ended)
		end_till(till, true);
	till_settle(till);
}

bool till_is_quiet(const struct tap_till *till)
{
	return !till->raw.len && !hold_waiting(till->hold) && !till->replies.len;
}

void till_cut_off(struct tap_till *till)
{
	close_printer(till);
	close_till(till, hold_waiting(till->hold) || !till->has_ended);
	if (till->is_read)
		till_unread(till);
	till_settle(till);
}

/* ---- time ---- */

/* A till that we do not read is not silent, whatever it says meanwhile: a printer without paper ends no receipt. */
static bool may_be_idle(const struct tap_till *till)
{
	bool is_begun = till->raw.len || (till->is_reached && !till->port->source->has_end);
	return is_begun && !till->is_idle && !till->has_ended && room_of(till);
}

/* A block that broke off; ENQ and NAK are answered, or the till waits. */
static bool may_break_off(const struct tap_till *till)
{
	return framing_is_open(&till->framing) && !till->has_ended && room_of(till);
}

static void break_off(struct tap_till *till)
{
	framing_silent(&till->framing, &till->replies);
	give_replies(till);
	if (till->framing.is_torn)
		end_till(till, true);
}

static bool is_idle_at(const struct tap_till *till, int64_t now_ms)
{
	struct pollfd waiting = {.fd = till->fd, .events = POLLIN};
	return may_be_idle(till) && now_ms >= till->last_ms + till->port->config->idle_ms && poll(&waiting, 1, 0) == 0;
}

/* Nobody has read what came: it is kept for later, and the reader gets what comes from here on, if it is back. */
static void read_anew(struct tap_till *till)
{
	job_unread(till, false);
	till->last_ms = tap_now_ms();
	if (till->raw.len) /* there is no room: after another idle while */
		return;
	struct hold *hold = till->held_count || hold_waiting(till->hold) ? NULL : hold_of(till->port);
	if (hold) {
		hold_free(till->hold);
		till->hold = hold;
	}
	till->in = till->raw_at = 0;
	begin_reading(till);
	if (!hold) /* its offsets are others */
		hold_seen(till->hold, UINT64_MAX);
}

/* When a till that parted is not waited for any longer: its receipt was cut, or nobody went on with it. */
static int64_t parted_until_ms(const struct tap_till *till)
{
	return till->raw.len ? till->last_ms + till->port->config->idle_ms : till->last_ms;
}

static bool is_too_silent(const struct tap_till *till, int64_t now_ms)
{
	return !till->is_known && till->fd >= 0 && now_ms >= till->last_ms + TAP_UNKNOWN_MS;
}

void till_tick(struct tap_till *till, int64_t now_ms)
{
	if (may_break_off(till) && now_ms >= till->last_ms + FRAMING_PAUSE_MS)
		break_off(till);
	if (till_is_parted(till) && now_ms >= parted_until_ms(till))
		close_till(till, false);
	if (is_idle_at(till, now_ms) && !till->port->source->has_end)
		end_till(till, false);
	else if (is_idle_at(till, now_ms) && till->is_lost)
		read_anew(till);
	else if (is_idle_at(till, now_ms)) {
		till->is_idle = true;
		till->idle_at = till->in;
		end_reading(till, LINK_IDLE);
	}
	if (!till->is_reached && now_ms >= till->until_ms) {
		log_event(LOG_LEVEL_WARNING, "printer-away", "port=%s why=timeout", till->port->config->name);
		till->port->is_printer_away = true;
		lose_printer(till, false);
	}
	if (till->is_done && now_ms >= till->until_ms && !printer_has_all(till)) {
		till->until_ms = now_ms + linger_ms(till); /* the till waits as it would at the printer itself */
	} else if (till->is_done && now_ms >= till->until_ms) {
		close_printer(till);
		close_till(till, false);
	}
	if (is_too_silent(till, now_ms))
		close_till(till, false);
	till_settle(till);
}

int64_t till_next_ms(const struct tap_till *till)
{
	int64_t next = till->is_blocked ? HOLD_NEVER : hold_next_ms(till->hold), until = HOLD_NEVER, idle = HOLD_NEVER;
	int64_t silent = till->is_known || till->fd < 0 ? HOLD_NEVER : till->last_ms + TAP_UNKNOWN_MS;
	if (till->fd < 0 && till->printer.fd < 0 && !till_is_parted(till))
		return HOLD_NEVER;
	if (!till->is_reached || till->is_done)
		until = till->until_ms;
	if (may_be_idle(till))
		idle = till->last_ms + till->port->config->idle_ms;
	if (may_break_off(till) && till->last_ms + FRAMING_PAUSE_MS < idle)
		idle = till->last_ms + FRAMING_PAUSE_MS;
	if (till_is_parted(till))
		idle = parted_until_ms(till);
	next = until < next ? until : next;
	next = silent < next ? silent : next;
	return idle < next ? idle : next;
}

/* ---- the door ---- */

bool till_answer(struct tap_till *till, uint64_t end, const struct print_annex *annex, struct code *code)
{
	CLEANUP(bytes_done) struct bytes bytes;
	bytes_init(&bytes, HOLD_ANNEX_MAX);
	size_t i = 0;
	while (i < till->held_count && (till->held[i].end != end || till->held[i].code))
		i++;
	if (i == till->held_count)
		return false;
	struct held *held = &till->held[i];
	bool will =
		annex && till->printer.fd >= 0 && till->port->language->compose(annex, &held->state, &bytes, NULL) == 0;
	will = hold_annex(till->hold, held->offset, bytes.data, will ? bytes.len : 0, tap_now_ms()) == 0 && will;
	if (will)
		held->code = code;
	else
		memmove(held, held + 1, (--till->held_count - i) * sizeof(*held));
	till_settle(till);
	return will;
}

static struct tap_till *till_new(struct tap_port *port)
{
	struct tap_till *till = calloc(1, sizeof(*till));
	if (!till)
		return NULL;
	till->port = port;
	till->fd = till->printer.fd = -1;
	till->hold = hold_of(port);
	bytes_init(&till->raw, TAP_RECEIPT_MAX + PART);
	bytes_init(&till->replies, TAP_REPLIES_MAX);
	if (till->hold)
		return till;
	free(till);
	return NULL;
}

static void join(struct tap_till *till, int fd)
{
	till->fd = fd;
	till->last_ms = tap_now_ms();
	till_settle(till);
}

int till_open(struct tap_port *port, struct fault *fault)
{
	int fd = -1;
	char peer[LINE_PEER_MAX];
	int result = port->source->accept(port->listen_fd, &fd, peer, fault);
	if (result)
		return result;
	bool is_mine = peer_is_known(port, peer);
	struct tap_till *parted = peer_parted(port, peer);
	if (parted) {
		join(parted, fd);
		return 0;
	}
	if (tap_is_full(port) || (!is_mine && peer_is_crowded(port))) { /* the door is open for one that parted */
		port->source->close(fd, true);
		return 0;
	}
	struct tap_till *till = till_new(port);
	if (!till) {
		port->source->close(fd, true);
		return FAULT(fault, FAULT_MEMORY, "no memory for a till");
	}
	till->fd = fd;
	memcpy(till->peer, peer, sizeof(peer));
	till->is_known = is_mine;
	till->is_printed = port->printer && (till->is_known || port->config->forward_unknown);
	till->is_reached = !till->is_printed;
	till->last_ms = tap_now_ms();
	till->until_ms = till->last_ms + TAP_REACH_MS;
	till->next = port->tills;
	port->tills = till;
	port->till_count++;
	if (!till->is_known)
		log_event(LOG_LEVEL_WARNING, "peer-unknown", "port=%s peer=%s", port->config->name, peer);
	struct fault own = {0};
	if (!till->is_printed)
		begin_reading(till);
	else if (port->printer->open(port->config->printer.where, port->tap->loop, &till->printer, &own) < 0) {
		log_fault("printer-away", &own);
		port->is_printer_away = true;
		lose_printer(till, false);
	}
	till_settle(till);
	return 0;
}
