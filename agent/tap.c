#include <arpa/inet.h>
#include <errno.h>
#include <stdio.h>
#include <string.h>
#include <sys/epoll.h>
#include <sys/eventfd.h>
#include <sys/timerfd.h>

#include "base/file.h"
#include "base/log.h"
#include "drivers/drivers.h"
#include "tap_parts.h"

#define QUIESCE_MS    3000
#define CUT_OFF_MS    1000 /* behind it, for what was kept of tills that were cut off */
#define CLOSE_LOOK_MS 20
#define PATIENCE_MS   10000 /* a reader that is started again, an issuer that is busy: nobody has to do anything */
#define PAUSE_MS      1000
#define TAKES_MS      5000 /* a printer that takes nothing for so long waits for somebody */
#define LOOK_MS	      1000 /* doors that could not be opened, receipts that wait, frames that nobody read */

int64_t tap_now_ms(void)
{
	return clock_mono_ms(NULL);
}

struct tap_till *tap_till(const struct tap_port *port, uint32_t stream)
{
	struct tap_till *till = port->tills;
	while (till && (!stream || till->stream != stream))
		till = till->next;
	return till;
}

/* ---- time ---- */

void tap_put_off(struct pause *pause, int64_t longest_ms)
{
	pause->ms = pause->ms ? pause->ms * 2 : PAUSE_MS;
	pause->ms = pause->ms > longest_ms ? longest_ms : pause->ms;
	pause->at_ms = tap_now_ms() + pause->ms;
}

void tap_arm(struct tap *tap)
{
	int64_t next = HOLD_NEVER, now = tap_now_ms();
	for (size_t i = 0; i < tap->port_count; i++) {
		int64_t slip = slip_next_ms(&tap->ports[i]);
		next = slip < next ? slip : next;
		for (const struct tap_till *till = tap->ports[i].tills; till; till = till->next)
			next = till_next_ms(till) < next ? till_next_ms(till) : next;
	}
	if (tap->tick_ms <= next) /* too early is no harm: it looks, and waits on */
		return;
	tap->tick_ms = next;
	int64_t wait = next > now ? next - now : 1;
	struct itimerspec timer = {.it_value = {.tv_sec = wait / 1000, .tv_nsec = wait % 1000 * 1000000}};
	timerfd_settime(tap->timer_fd, 0, &timer, NULL);
}

static void tick(struct tap *tap)
{
	int64_t now = tap_now_ms();
	for (size_t i = 0; i < tap->port_count; i++) {
		struct tap_port *port = &tap->ports[i];
		for (struct tap_till *till = port->tills, *next; till; till = next) {
			next = till->next;
			till_tick(till, now);
		}
		slip_tick(port, now);
	}
	tap_arm(tap);
}

static int on_timer(void *context, uint32_t events, struct fault *fault)
{
	(void)events;
	(void)fault;
	struct tap *tap = context;
	uint64_t count;
	(void)!read(tap->timer_fd, &count, sizeof(count));
	tap->tick_ms = HOLD_NEVER;
	tick(tap);
	return 0;
}

static int on_finished(void *context, uint32_t events, struct fault *fault)
{
	(void)events;
	(void)fault;
	struct tap *tap = context;
	uint64_t count;
	(void)!read(tap->event_fd, &count, sizeof(count));
	job_drain(tap);
	tick(tap);
	return 0;
}

/* ---- the door ---- */

static bool is_same_printer(const struct tap_port *one, const struct tap_port *other)
{
	return one == other || config_address_is_same(&one->config->printer, &other->config->printer);
}

bool tap_has_tills(const struct tap_port *port)
{
	const struct tap *tap = port->tap;
	for (size_t i = 0; i < tap->port_count; i++)
		if (tap->ports[i].tills && is_same_printer(port, &tap->ports[i]))
			return true;
	return false;
}

bool tap_has_slip(const struct tap_port *port)
{
	const struct tap *tap = port->tap;
	for (size_t i = 0; i < tap->port_count; i++)
		if ((tap->ports[i].is_slip_asked || tap->ports[i].is_slip_told) &&
			is_same_printer(port, &tap->ports[i]))
			return true;
	return false;
}

static void close_door(struct tap_port *port)
{
	if (port->is_door_open)
		loop_unwatch(port->tap->loop, port->listen_fd);
	port->is_door_open = false;
}

static void stop_listening(struct tap_port *port)
{
	close_door(port);
	if (port->listen_fd >= 0)
		port->source->close(port->listen_fd, false);
	port->listen_fd = -1;
}

static void lose_door(struct tap_port *port)
{
	log_event(LOG_LEVEL_WARNING, "port-gone", "port=%s address=%s", port->config->name, port->config->listen.where);
	stop_listening(port);
	port->is_told = true;
}

static int on_door(void *context, uint32_t events, struct fault *fault)
{
	(void)events;
	(void)fault;
	struct tap_port *port = context;
	struct fault own = {0};
	int result = till_open(port, &own);
	if (result == LINE_GONE) {
		lose_door(port);
		return 0;
	}
	if (result < 0) { /* tried again with the next look, not at once */
		log_fault("till-not-let-in", &own);
		close_door(port);
		return 0;
	}
	tap_open_doors(port->tap);
	tap_arm(port->tap);
	return 0;
}

bool tap_is_full(const struct tap_port *port)
{
	return port->till_count == TAP_TILLS_MAX || (port->source->is_single && port->tills) ||
	       (port->printer && port->printer->is_single && tap_has_tills(port));
}

static bool has_parted(const struct tap_port *port)
{
	const struct tap_till *till = port->tills;
	while (till && !till_is_parted(till))
		till = till->next;
	return till != NULL;
}

/* Without room the door is not looked at: who comes waits there, as at a printer that is busy. */
static void open_door(struct tap_port *port)
{
	struct fault fault = {0};
	bool is_full = tap_is_full(port) && !has_parted(port);
	bool is_wanted = port->listen_fd >= 0 && !is_full && !port->tap->is_closing && !tap_has_slip(port) &&
			 tap_now_ms() >= port->letting_in.at_ms;
	if (!is_wanted)
		close_door(port);
	if (!is_wanted || port->is_door_open)
		return;
	if (loop_watch(port->tap->loop, port->listen_fd, EPOLLIN, on_door, port, &fault) < 0)
		log_fault("tap-failed", &fault);
	else
		port->is_door_open = true;
}

void tap_door_again(struct tap_port *port)
{
	int fd = -1;
	struct fault fault = {0};
	if (port->listen_fd < 0 || port->tap->is_closing)
		return;
	int result = port->source->open(port->config->listen.where, &fd, &fault);
	stop_listening(port);
	port->listen_fd = fd;
	if (result < 0)
		log_fault("port-not-open", &fault);
	port->is_told = result < 0;
}

void tap_open_doors(struct tap *tap)
{
	for (size_t i = 0; i < tap->port_count; i++)
		open_door(&tap->ports[i]);
}

static void listen_at(struct tap_port *port)
{
	struct fault fault = {0};
	if (port->listen_fd >= 0 || port->tap->is_closing || tap_now_ms() < port->listening.at_ms)
		return;
	if (port->source->open(port->config->listen.where, &port->listen_fd, &fault) == 0) {
		log_event(LOG_LEVEL_INFO, "port-open", "port=%s address=%s", port->config->name,
			port->config->listen.where);
		port->listening = (struct pause){0};
		port->is_told = false;
		return;
	}
	tap_put_off(&port->listening, TAP_GONE_MS);
	if (!port->is_told)
		log_fault("port-not-open", &fault);
	port->is_told = true;
}

/* ---- the reader ---- */

static void on_seen(void *context, uint32_t stream, uint64_t offset)
{
	struct tap_port *port = context;
	struct tap_till *till = tap_till(port, stream);
	if (till)
		till_seen(till, offset);
	tap_arm(port->tap);
}

static void on_cut(void *context, uint32_t stream, uint64_t offset, uint64_t length, const struct print_state *state)
{
	struct tap_port *port = context;
	struct tap_till *till = tap_till(port, stream);
	if (till && till->is_printed)
		port->state = *state;
	if (till)
		till_cut(till, offset, length, state);
}

static void on_asked(void *context, uint32_t stream, const uint8_t *command, size_t len)
{
	struct tap_port *port = context;
	struct tap_till *till = tap_till(port, stream);
	if (till)
		till_asked(till, command, len);
}

static void on_receipt(void *context, uint32_t stream, const struct link_receipt *receipt)
{
	struct tap_port *port = context;
	struct tap_till *till = tap_till(port, stream);
	if (till)
		job_receipt(till, receipt);
	else if (stream == port->again_stream)
		again_receipt(port, receipt);
	tap_arm(port->tap);
}

static void on_ended(void *context, uint32_t stream)
{
	struct tap_port *port = context;
	struct tap_till *till = tap_till(port, stream);
	if (till)
		till_ended(till);
	else if (stream == port->again_stream)
		again_ended(port);
	tap_arm(port->tap);
}

static void on_gone(void *context)
{
	struct tap_port *port = context;
	log_event(LOG_LEVEL_WARNING, "reader-gone", "port=%s", port->config->name);
	port->row->readers_gone++;
	for (struct tap_till *till = port->tills, *next; till; till = next) {
		next = till->next;
		till_unread(till);
		till_settle(till);
	}
	again_gone(port);
	tap_arm(port->tap);
}

static int read_file(const char *path, size_t max, struct bytes *ret, struct fault *fault)
{
	bytes_init(ret, max);
	return path ? file_read(path, ret, fault) : 0;
}

static int start_reader(struct tap_port *port, struct fault *fault)
{
	const struct config_port *config = port->config;
	const struct config *shop = port->tap->settings->config;
	int result = read_file(config->profile, PROFILE_FILE_MAX, &port->profile, fault);
	if (result == 0)
		result = read_file(config->catalogue, CATALOGUE_BYTES_MAX, &port->catalogue, fault);
	if (result == 0)
		result = read_file(config->glyphs, GLYPHS_FILE_MAX, &port->glyphs, fault);
	if (result < 0) { /* what is printed is kept until the file can be read at a start */
		log_fault("port-not-read", fault);
		*fault = (struct fault){0};
		return 0;
	}
	port->reader_settings = (struct reader_settings){
		.port = config->name,
		.dialect = config->dialect,
		.till_id = config->till,
		.columns = config->columns,
		.is_vat_included = config->is_vat_included,
		.has_rates = shop->seller.form == 1,
		.profile = &port->profile,
		.catalogue = shop->seller.form == 1 ? &port->catalogue : NULL,
		.glyphs = config->glyphs ? &port->glyphs : NULL,
	};
	struct reader_events events = {
		.context = port,
		.seen = on_seen,
		.cut = on_cut,
		.asked = on_asked,
		.receipt = on_receipt,
		.ended = on_ended,
		.gone = on_gone,
	};
	return reader_new(&port->reader_settings, &events, port->tap->loop, &port->reader, fault);
}

/* ---- how it stands ---- */

/* Of the printer of @port, while somebody prints; a line that cannot tell why it takes nothing shows that it does. */
static enum printer_standing printer_standing(const struct tap_port *port)
{
	for (const struct tap_till *till = port->tills; till; till = till->next) {
		if (till->printer.fd >= 0 && port->printer->standing)
			return port->printer->standing(&till->printer);
		if (till->printer.fd >= 0 && till->is_blocked && tap_now_ms() - till->blocked_ms >= TAKES_MS)
			return PRINTER_WAITS;
	}
	return port->slip_line.fd >= 0 && port->printer->standing ? port->printer->standing(&port->slip_line)
								  : PRINTER_TAKES;
}

/* It is told once that it takes nothing, and once that it goes on. */
static void look_at_printer(struct tap_port *port)
{
	enum printer_standing standing = printer_standing(port);
	if (standing != port->standing)
		log_event(standing == PRINTER_TAKES ? LOG_LEVEL_INFO : LOG_LEVEL_WARNING, "printer-standing",
			"port=%s state=%s", port->config->name, driver_standing_word((int)standing));
	port->standing = standing;
}

static enum ports_standing standing_of(struct tap_port *port)
{
	int64_t now = tap_now_ms();
	if (port->reader && reader_is_ready(port->reader))
		port->read_ms = now;
	if (port->listen_fd < 0)
		return PORTS_CLOSED;
	if (job_is_late(port, PATIENCE_MS))
		return PORTS_RECEIPTS_WAIT;
	if (!port->reader || now - port->read_ms > PATIENCE_MS)
		return PORTS_READER_AWAY;
	if (port->is_printer_away)
		return PORTS_PRINTER_AWAY;
	return port->standing == PRINTER_TAKES ? PORTS_OK : PORTS_PRINTER_WAITS;
}

static void attend(struct tap_port *port)
{
	if (!port->source->attend || port->listen_fd < 0)
		return;
	int result = port->source->attend(port->listen_fd, port->is_printer_away ? PRINTER_GONE : port->standing);
	if (result == LINE_GONE && port->tills)
		till_gone(port->tills);
	else if (result == LINE_GONE)
		lose_door(port);
}

static void tell_standing(struct tap *tap)
{
	int worst = PORTS_OK;
	for (size_t i = 0; i < tap->port_count; i++) {
		look_at_printer(&tap->ports[i]);
		attend(&tap->ports[i]);
		int standing = (int)standing_of(&tap->ports[i]);
		tap->ports[i].row->standing = (enum ports_standing)standing;
		worst = standing > worst ? standing : worst;
	}
	atomic_store(tap->settings->standing, worst);
}

static int look(void *context, uint32_t events, struct fault *fault)
{
	(void)events;
	(void)fault;
	struct tap *tap = context;
	for (size_t i = 0; i < tap->port_count; i++) {
		listen_at(&tap->ports[i]);
		again_look(&tap->ports[i]);
	}
	tap_open_doors(tap);
	job_retry(tap);
	tell_standing(tap);
	tick(tap);
	return 0;
}

static int open_port(struct tap *tap, struct tap_port *port, const struct config_port *config, struct fault *fault)
{
	port->tap = tap;
	port->config = config;
	port->row = &tap->settings->rows[tap->port_count];
	port->row->name = config->name;
	port->source = driver_line_source(config->listen.line);
	port->printer = config->printer.line ? driver_printer(config->printer.line) : NULL;
	port->listen_fd = port->slip_line.fd = -1;
	port->is_behind = true;
	port->state = (struct print_state){.page = PRINT_PAGE_NONE, .width = 1, .height = 1};
	port->language = driver_print_dialect(config->dialect);
	if (!port->language)
		return FAULT(fault, FAULT_CONFIG, "[port %s] dialect: no printer language %s is built in", config->name,
			config->dialect);
	port->read_ms = tap_now_ms();
	tap->port_count++;
	int result = start_reader(port, fault);
	if (result == 0)
		listen_at(port);
	return result;
}

static int open_all(struct tap *tap, struct fault *fault)
{
	const struct config *config = tap->settings->config;
	int result = 0;
	if (tap->timer_fd < 0 || tap->event_fd < 0)
		return FAULT(fault, FAULT_IO, "no descriptors for the ports: %s", strerror(errno));
	if (!tap->ports)
		return FAULT(fault, FAULT_MEMORY, "no memory for %zu ports", config->port_count);
	for (size_t i = 0; result == 0 && i < config->port_count; i++)
		result = open_port(tap, &tap->ports[i], &config->ports[i], fault);
	tap_open_doors(tap);
	if (result == 0)
		result = loop_watch(tap->loop, tap->timer_fd, EPOLLIN, on_timer, tap, fault);
	if (result == 0)
		result = loop_watch(tap->loop, tap->event_fd, EPOLLIN, on_finished, tap, fault);
	return result == 0 ? loop_every(tap->loop, LOOK_MS, look, tap, fault) : result;
}

int tap_new(const struct tap_settings *settings, struct loop *loop, struct tap **ret, struct fault *fault)
{
	CLEANUP(tap_freep) struct tap *tap = calloc(1, sizeof(*tap));
	if (!tap)
		return FAULT(fault, FAULT_MEMORY, "no memory for the ports");
	tap->settings = settings;
	tap->loop = loop;
	tap->tick_ms = HOLD_NEVER;
	pthread_mutex_init(&tap->lock, NULL);
	tap->timer_fd = timerfd_create(CLOCK_BOOTTIME, TFD_CLOEXEC | TFD_NONBLOCK);
	tap->event_fd = eventfd(0, EFD_CLOEXEC | EFD_NONBLOCK);
	tap->ports = calloc(settings->config->port_count, sizeof(*tap->ports));
	int result = open_all(tap, fault);
	if (result < 0)
		return result;
	*ret = tap;
	tap = NULL;
	return 0;
}

/* ---- the end ---- */

static bool is_busy(const struct tap *tap)
{
	bool is_busy = tap->job_count > 0;
	for (size_t i = 0; i < tap->port_count; i++)
		is_busy = is_busy || tap->ports[i].tills || tap->ports[i].slip_line.fd >= 0;
	return is_busy;
}

static int look_whether_over(void *context, uint32_t events, struct fault *fault)
{
	(void)events;
	(void)fault;
	struct tap *tap = context;
	int64_t now = tap_now_ms();
	for (size_t i = 0; i < tap->port_count; i++)
		for (struct tap_till *till = tap->ports[i].tills, *next; till; till = next) {
			next = till->next;
			if (till_is_quiet(till) || now >= tap->until_ms)
				till_cut_off(till);
		}
	if (!is_busy(tap) || now >= tap->until_ms + CUT_OFF_MS)
		loop_stop(tap->loop);
	return 0;
}

void tap_quiesce(struct tap *tap)
{
	struct fault fault = {0};
	tap->is_closing = true;
	tap->until_ms = tap_now_ms() + QUIESCE_MS;
	for (size_t i = 0; i < tap->port_count; i++)
		stop_listening(&tap->ports[i]);
	int result = loop_every(tap->loop, CLOSE_LOOK_MS, look_whether_over, tap, &fault);
	while (result == 0 && is_busy(tap) &&
		tap_now_ms() < tap->until_ms + CUT_OFF_MS) /* a second signal ends a run, too */
		result = loop_run(tap->loop, &fault);
	if (result < 0)
		log_fault("tap-failed", &fault);
}

void tap_drain(struct tap *tap)
{
	job_drain(tap);
}

void tap_free(struct tap *tap)
{
	if (!tap)
		return;
	tap->is_closing = true;
	for (size_t i = 0; i < tap->port_count; i++) {
		struct tap_port *port = &tap->ports[i];
		reader_free(port->reader);
		port->reader = NULL;
		for (struct tap_till *till = port->tills, *next; till; till = next) {
			next = till->next;
			till->is_read = till->is_lost = false;
			till_cut_off(till);
		}
		slip_free_all(port);
		stop_listening(port);
		bytes_done(&port->profile);
		bytes_done(&port->catalogue);
		bytes_done(&port->glyphs);
	}
	job_free_all(tap);
	free(tap->ports);
	if (tap->timer_fd >= 0)
		close(tap->timer_fd);
	if (tap->event_fd >= 0)
		close(tap->event_fd);
	pthread_mutex_destroy(&tap->lock);
	free(tap);
}
