#include <errno.h>
#include <string.h>
#include <sys/epoll.h>

#include "base/log.h"
#include "tap_parts.h"

#define PAUSE_MAX_MS 60000
#define SLIP_MAX     ((size_t)64 << 10)

struct print_annex code_annex(
	const struct tap_port *port, const struct slot *slot, const struct receipt *receipt, enum print_end end)
{
	return (struct print_annex){.lines = receipt->lines,
		.line_count = receipt->count,
		.letters = port->config->letters,
		.line_dots = port->config->line_dots,
		.qr = slot->qr,
		.qr_dots = port->config->qr_dots,
		.end = end};
}

struct code *code_new(const struct tap_port *port, const struct slot *slot)
{
	const struct config *config = port->tap->settings->config;
	CLEANUP(arena_freep) struct arena *arena = arena_new(SLIP_MAX);
	CLEANUP(code_freep) struct code *code = calloc(1, sizeof(*code));
	struct receipt receipt;
	if (!arena || !code || receipt_slip(slot, config->seller.name, config->lookup_url, arena, &receipt) < 0)
		return NULL;
	struct print_annex annex = code_annex(port, slot, &receipt, PRINT_END_CUT);
	code->invoice_id = slot->invoice_id;
	code->is_replay = slot->is_replay;
	bytes_init(&code->slip, SLIP_MAX);
	if (port->language->compose(&annex, &port->state, &code->slip, NULL) < 0)
		return NULL;
	struct code *result = code;
	code = NULL;
	return result;
}

void code_free(struct code *code)
{
	if (!code)
		return;
	bytes_done(&code->slip);
	free(code);
}

static void drop_first(struct tap_port *port)
{
	struct code *code = port->slips;
	port->slips = code->next;
	port->slip_count--;
	port->slip_gone = 0;
	code_free(code);
}

static void close_slip(struct tap_port *port)
{
	if (port->slip_line.fd < 0)
		return;
	loop_unwatch(port->tap->loop, port->slip_line.fd);
	port->printer->close(&port->slip_line);
	port->slip_line.fd = -1;
	port->is_slip_asked = port->is_slip_told = false;
	tap_open_doors(port->tap);
}

void slip_free_all(struct tap_port *port)
{
	close_slip(port);
	while (port->slips)
		drop_first(port);
}

void slip_add(struct tap_port *port, struct code *code)
{
	struct code **link = &port->slips;
	if (port->slip_count == TAP_SLIPS_MAX) {
		log_event(LOG_LEVEL_WARNING, "slip-dropped", "port=%s invoice=%lld", port->config->name,
			(long long)code->invoice_id);
		code_free(code);
		return;
	}
	while (*link)
		link = &(*link)->next;
	code->next = NULL;
	*link = code;
	port->slip_count++;
}

/* The printer failed: what was told is never printed again, for nobody knows what of it is on paper. */
static void fail(struct tap_port *port, const struct fault *fault)
{
	bool is_told = port->is_slip_told;
	log_event(LOG_LEVEL_WARNING, "slip-failed", "port=%s told=%d why=\"%s\"", port->config->name, is_told,
		fault->text);
	close_slip(port);
	if (is_told)
		drop_first(port);
	tap_put_off(&port->slip, PAUSE_MAX_MS);
}

static int on_slip(void *context, uint32_t events, struct fault *fault);

static void watch_slip(struct tap_port *port, uint32_t events)
{
	struct fault fault = {0};
	if (loop_watch(port->tap->loop, port->slip_line.fd, events, on_slip, port, &fault) < 0)
		fail(port, &fault);
}

static void write_slip(struct tap_port *port)
{
	const struct bytes *slip = &port->slips->slip;
	struct fault fault = {0};
	ssize_t n = write(port->slip_line.fd, slip->data + port->slip_gone, slip->len - port->slip_gone);
	if (n < 0 && (errno == EAGAIN || errno == EINTR))
		return;
	if (n < 0) {
		(void)FAULT(&fault, FAULT_IO, "%s", strerror(errno));
		fail(port, &fault);
		return;
	}
	port->slip_gone += (size_t)n;
	if (port->slip_gone < slip->len)
		return;
	if (port->printer->end)
		port->printer->end(port->slip_line.fd);
	else
		port->slip.at_ms = tap_now_ms() + TAP_DRAIN_MS;
	watch_slip(port, EPOLLIN);
}

/* Reached: from here on nobody else comes in, and it is recorded as printed before a byte of it leaves. */
static void ask_slip(struct tap_port *port)
{
	struct fault fault = {0};
	int result = port->printer->status(port->slip_line.fd, &fault);
	if (result == LINE_WAIT)
		return;
	port->is_printer_away = result < 0;
	if (result < 0) {
		fail(port, &fault);
		return;
	}
	if (tap_has_tills(port) || tap_has_slip(port)) { /* who came meanwhile goes first */
		close_slip(port);
		port->slip.at_ms = 0;
		return;
	}
	if (!job_count(port, PAPER_LATE_SLIPS, 1)) {
		(void)FAULT(&fault, FAULT_MEMORY, "too much waits for the disk");
		fail(port, &fault);
		return;
	}
	port->is_slip_asked = true;
	tap_open_doors(port->tap);
	loop_unwatch(port->tap->loop, port->slip_line.fd);
}

void slip_told(struct tap_port *port)
{
	if (!port->is_slip_asked)
		return;
	port->is_slip_asked = false;
	port->is_slip_told = true;
	watch_slip(port, EPOLLOUT);
	log_event(LOG_LEVEL_INFO, "late-slip", "port=%s invoice=%lld", port->config->name,
		(long long)port->slips->invoice_id);
}

/* The printer has all of it. */
static void finish(struct tap_port *port)
{
	close_slip(port);
	drop_first(port);
	port->slip = (struct pause){0};
}

/* What the printer says is of no use to anybody; its end says that it has all. */
static void hear_printer(struct tap_port *port)
{
	uint8_t part[256];
	struct fault fault = {0};
	ssize_t n = read(port->slip_line.fd, part, sizeof(part));
	if (n > 0 || (n < 0 && (errno == EAGAIN || errno == EINTR)))
		return;
	if (port->slip_gone < port->slips->slip.len) {
		(void)FAULT(&fault, FAULT_IO, "the printer closed the line");
		fail(port, &fault);
		return;
	}
	finish(port);
}

static int on_slip(void *context, uint32_t events, struct fault *fault)
{
	(void)fault;
	struct tap_port *port = context;
	if (!port->is_slip_told)
		ask_slip(port);
	else if (events & EPOLLOUT)
		write_slip(port);
	else if (events & (EPOLLIN | EPOLLERR | EPOLLHUP))
		hear_printer(port);
	tap_arm(port->tap);
	return 0;
}

static bool may_begin(const struct tap_port *port)
{
	return port->slips && port->slip_line.fd < 0 && !tap_has_tills(port) && !tap_has_slip(port) &&
	       !port->tap->is_closing;
}

int64_t slip_next_ms(const struct tap_port *port)
{
	return port->slip_line.fd >= 0 || may_begin(port) ? port->slip.at_ms : HOLD_NEVER;
}

void slip_tick(struct tap_port *port, int64_t now_ms)
{
	struct fault fault = {0};
	if (now_ms < slip_next_ms(port))
		return;
	bool is_written = port->slip_line.fd >= 0 && port->slips->slip.len == port->slip_gone;
	if (is_written && !port->printer->end && now_ms < port->slip_until_ms &&
		!port->printer->has_all(port->slip_line.fd)) {
		port->slip.at_ms = now_ms + TAP_DRAIN_MS;
		return;
	}
	if (is_written) { /* and says nothing */
		finish(port);
		return;
	}
	if (port->slip_line.fd >= 0) {
		(void)FAULT(&fault, FAULT_IO, "the printer takes nothing");
		fail(port, &fault);
		return;
	}
	port->slip.at_ms = port->slip_until_ms = now_ms + TAP_REACH_MS;
	if (port->printer->open(port->config->printer.where, port->tap->loop, &port->slip_line, &fault) < 0)
		fail(port, &fault);
	else
		watch_slip(port, EPOLLOUT);
}
