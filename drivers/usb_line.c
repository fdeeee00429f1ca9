#include "drivers/usb_line.h"

#include <errno.h>
#include <libusb.h>
#include <string.h>
#include <sys/epoll.h>
#include <sys/socket.h>
#include <sys/timerfd.h>

#include "drivers/usb_open.h"

#define PART	      (16 << 10) /* bytes of one transfer: the kernel takes so many at once */
#define HEARD_MAX     512
#define QUEUE_MAX     (32 << 10) /* bytes on the way: what waits behind can still be kept from the printer */
#define WRITE_MS      5000
#define ASK_MS	      1000
#define CLAIM_MS      200 /* until it is tried again */
#define QUIET_MS      250 /* until a printer that had nothing to say is asked again */
#define LATE_CLOSE_MS 3000
#define TRIES_MAX     3 /* of a transfer that takes nothing and fails */
#define REAP_MS	      100
#define REAPS_MAX     20
#define CLASS_OUT     0x21 /* bmRequestType: class, interface */
#define CLASS_IN      0xa1
#define PORT_STATUS   1
#define SOFT_RESET    2

enum { NO_ENDPOINT = 0 };

/* A transfer that is under way or has ended; its callback notes that alone, and service() acts. */
struct way {
	struct libusb_transfer *transfer;
	bool is_out;	/* under way */
	bool has_ended; /* and nobody has looked yet */
	int tries;	/* since something went */
};

struct usb_line {
	struct loop *loop;
	struct usb_device device;
	struct usb_handle usb;
	int fd, their_fd, timer_fd; /* ours; the other end */
	int alternate;
	uint8_t out, in; /* endpoints; in NO_ENDPOINT: it says nothing */
	struct way write, read, ask;
	uint8_t part[PART], heard[HEARD_MAX], control[LIBUSB_CONTROL_SETUP_SIZE + 1];
	size_t heard_len, heard_gone;
	enum printer_standing standing;
	bool is_claimed, is_reset, is_quiet, has_ended, is_over;
};

static void service(struct usb_line *line);

enum printer_standing usb_line_standing(const struct usb_line *line)
{
	return line->standing;
}

bool usb_line_is_mute(const struct usb_line *line)
{
	return line->in == NO_ENDPOINT;
}

/* ---- the loop ---- */

/* Nothing goes any more: who writes notices, and what was not taken stays counted. */
static void lose(struct usb_line *line)
{
	line->standing = PRINTER_GONE;
	shutdown(line->fd, SHUT_RDWR);
}

static void arm(struct usb_line *line, int ms)
{
	struct itimerspec timer = {.it_value = {.tv_sec = ms / 1000, .tv_nsec = ms % 1000 * 1000000}};

	timerfd_settime(line->timer_fd, 0, &timer, NULL);
}

static int on_usb(void *context, uint32_t events, struct fault *fault)
{
	struct usb_line *line = context;
	struct timeval none = {0};

	(void)events;
	(void)fault;
	int result = libusb_handle_events_timeout_completed(line->usb.context, &none, NULL);
	if (result < 0 && result != LIBUSB_ERROR_INTERRUPTED)
		lose(line);
	service(line);
	return 0;
}

static int on_socket(void *context, uint32_t events, struct fault *fault)
{
	(void)events;
	(void)fault;
	service(context);
	return 0;
}

static int on_timer(void *context, uint32_t events, struct fault *fault)
{
	struct usb_line *line = context;
	uint64_t count;

	(void)events;
	(void)fault;
	(void)!read(line->timer_fd, &count, sizeof(count));
	line->is_quiet = false;
	line->is_over = line->has_ended;
	service(line);
	return 0;
}

static void on_added(int fd, short events, void *context)
{
	struct usb_line *line = context;

	if (loop_watch(line->loop, fd, (uint32_t)events, on_usb, line, NULL) < 0)
		lose(line);
}

static void on_removed(int fd, void *context)
{
	struct usb_line *line = context;

	loop_unwatch(line->loop, fd);
}

/* ---- transfers ---- */

static void LIBUSB_CALL on_done(struct libusb_transfer *transfer)
{
	struct way *way = transfer->user_data;

	way->is_out = false;
	way->has_ended = true;
}

static void submit(struct usb_line *line, struct way *way)
{
	if (libusb_submit_transfer(way->transfer) == 0)
		way->is_out = true;
	else
		lose(line);
}

static void control(struct usb_line *line, uint8_t type, uint8_t request, uint16_t len)
{
	libusb_fill_control_setup(line->control, type, request, 0,
		(uint16_t)(line->device.interface << 8 | (type == CLASS_IN ? line->alternate : 0)), len);
	libusb_fill_control_transfer(line->ask.transfer, line->usb.handle, line->control, on_done, &line->ask, ASK_MS);
	submit(line, &line->ask);
}

/* The printer has the first @len bytes that wait. */
static void took(struct usb_line *line, size_t len)
{
	for (ssize_t n; len > 0 && (n = recv(line->fd, line->part, len, MSG_DONTWAIT)) > 0;)
		len -= (size_t)n;
}

static bool clear_halt(struct usb_line *line, struct way *way, uint8_t endpoint)
{
	return ++way->tries <= TRIES_MAX && libusb_clear_halt(line->usb.handle, endpoint) == 0;
}

/* ---- to the printer ---- */

static void end_write(struct usb_line *line)
{
	const struct libusb_transfer *transfer = line->write.transfer;
	size_t len = transfer->actual_length > 0 ? (size_t)transfer->actual_length : 0;

	line->write.has_ended = false;
	took(line, len);
	if (len > 0) {
		line->standing = PRINTER_TAKES;
		line->write.tries = 0;
	}
	if (transfer->status == LIBUSB_TRANSFER_TIMED_OUT && !line->ask.is_out)
		control(line, CLASS_IN, PORT_STATUS, 1);
	else if (transfer->status == LIBUSB_TRANSFER_STALL && !clear_halt(line, &line->write, line->out))
		lose(line);
	else if (transfer->status != LIBUSB_TRANSFER_COMPLETED && transfer->status != LIBUSB_TRANSFER_TIMED_OUT &&
		 transfer->status != LIBUSB_TRANSFER_STALL)
		lose(line);
}

static void begin_write(struct usb_line *line)
{
	ssize_t n = recv(line->fd, line->part, sizeof(line->part), MSG_PEEK | MSG_DONTWAIT);

	if (n > 0) {
		libusb_fill_bulk_transfer(line->write.transfer, line->usb.handle, line->out, line->part, (int)n,
			on_done, &line->write, WRITE_MS);
		submit(line, &line->write);
	} else if (n == 0 || (errno != EAGAIN && errno != EINTR)) {
		line->has_ended = true;
		line->is_over = !(line->device.quirks & USB_DELAY_CLOSE);
		if (!line->is_over)
			arm(line, LATE_CLOSE_MS);
	}
}

/* ---- from the printer ---- */

static void give_heard(struct usb_line *line)
{
	ssize_t n = send(line->fd, line->heard + line->heard_gone, line->heard_len - line->heard_gone,
		MSG_DONTWAIT | MSG_NOSIGNAL);

	if (n > 0)
		line->heard_gone += (size_t)n;
	if (line->heard_gone == line->heard_len)
		line->heard_gone = line->heard_len = 0;
}

/* A printer that cannot be heard prints even so. */
static void end_read(struct usb_line *line)
{
	const struct libusb_transfer *transfer = line->read.transfer;

	line->read.has_ended = false;
	line->heard_len = transfer->actual_length > 0 ? (size_t)transfer->actual_length : 0;
	if (transfer->status == LIBUSB_TRANSFER_STALL && clear_halt(line, &line->read, line->in))
		return;
	if (transfer->status == LIBUSB_TRANSFER_NO_DEVICE)
		lose(line);
	if (transfer->status != LIBUSB_TRANSFER_COMPLETED)
		line->in = NO_ENDPOINT;
	line->read.tries = 0;
	line->is_quiet = line->heard_len == 0;
	if (line->is_quiet && !line->has_ended)
		arm(line, QUIET_MS);
}

static void begin_read(struct usb_line *line)
{
	libusb_fill_bulk_transfer(line->read.transfer, line->usb.handle, line->in, line->heard, sizeof(line->heard),
		on_done, &line->read, 0);
	submit(line, &line->read);
}

/* ---- how it stands ---- */

/* Of a write that took too long, or the reset before a job. Source: USB printer class 1.1, 4.2.2. */
static void end_ask(struct usb_line *line)
{
	const struct libusb_transfer *transfer = line->ask.transfer;
	uint8_t bits = line->control[LIBUSB_CONTROL_SETUP_SIZE];

	line->ask.has_ended = false;
	if (line->control[0] == CLASS_OUT)
		line->is_reset = true;
	else if (transfer->status != LIBUSB_TRANSFER_COMPLETED || transfer->actual_length != 1)
		line->standing = PRINTER_WAITS;
	else
		line->standing = bits & 0x20	? PRINTER_NO_PAPER
				 : !(bits & 8)	? PRINTER_ERROR
				 : !(bits & 16) ? PRINTER_OFFLINE
						: PRINTER_WAITS;
}

/* ---- the interface ---- */

static void find_endpoints(const struct libusb_interface_descriptor *set, uint8_t *ret_out, uint8_t *ret_in)
{
	*ret_out = *ret_in = NO_ENDPOINT;
	for (int i = 0; i < set->bNumEndpoints; i++) {
		const struct libusb_endpoint_descriptor *end = &set->endpoint[i];
		uint8_t *at = end->bEndpointAddress & LIBUSB_ENDPOINT_IN ? ret_in : ret_out;

		if ((end->bmAttributes & 3) == LIBUSB_TRANSFER_TYPE_BULK && *at == NO_ENDPOINT)
			*at = end->bEndpointAddress;
	}
}

/* Both ways, one way, packets of 1284.4: in this order. A vendor's own class has no protocols. */
static int rank_of(const struct usb_line *line, const struct libusb_interface_descriptor *set)
{
	if (set->bInterfaceNumber != line->device.interface)
		return 0;
	if (set->bInterfaceClass == LIBUSB_CLASS_VENDOR_SPEC && (line->device.quirks & USB_VENDOR_CLASS))
		return 1;
	if (set->bInterfaceClass != LIBUSB_CLASS_PRINTER || set->bInterfaceSubClass != 1)
		return 0;
	return set->bInterfaceProtocol == 2   ? 4
	       : set->bInterfaceProtocol == 1 ? 3
	       : set->bInterfaceProtocol == 3 ? 2
					      : 0;
}

static int choose(struct usb_line *line, struct fault *fault)
{
	struct libusb_config_descriptor *config = NULL;
	int best = 0;
	int result = libusb_get_active_config_descriptor(libusb_get_device(line->usb.handle), &config);

	for (int i = 0; result == 0 && i < config->bNumInterfaces; i++)
		for (int j = 0; j < config->interface[i].num_altsetting; j++) {
			const struct libusb_interface_descriptor *set = &config->interface[i].altsetting[j];
			uint8_t out, in;

			find_endpoints(set, &out, &in);
			if (rank_of(line, set) <= best || out == NO_ENDPOINT)
				continue;
			best = rank_of(line, set);
			line->alternate = set->bAlternateSetting;
			line->out = out;
			line->in = line->device.quirks & USB_UNIDIR || set->bInterfaceProtocol == 1 ? NO_ENDPOINT : in;
		}
	libusb_free_config_descriptor(config);
	return best ? 0
		    : FAULT(fault, FAULT_IO, "the USB device at %s has no way to print to; see: hoadon print list",
			      line->device.place);
}

static int claim(struct usb_line *line)
{
	bool is_kept = line->device.quirks & USB_NO_REATTACH;
	int result = is_kept ? libusb_detach_kernel_driver(line->usb.handle, line->device.interface)
			     : libusb_set_auto_detach_kernel_driver(line->usb.handle, 1);

	if (result == 0 || is_kept)
		result = libusb_claim_interface(line->usb.handle, line->device.interface);
	if (result == 0 && line->alternate)
		result = libusb_set_interface_alt_setting(line->usb.handle, line->device.interface, line->alternate);
	return result;
}

static void try_claim(struct usb_line *line)
{
	int result = claim(line);

	if (result == LIBUSB_ERROR_BUSY) {
		line->standing = PRINTER_BUSY;
		arm(line, CLAIM_MS);
		return;
	}
	if (result < 0) {
		lose(line);
		return;
	}
	line->is_claimed = true;
	line->standing = PRINTER_TAKES;
	line->is_reset = !(line->device.quirks & USB_SOFT_RESET);
	if (!line->is_reset)
		control(line, CLASS_OUT, SOFT_RESET, 0);
}

/* ---- the line ---- */

static void watch(struct usb_line *line)
{
	uint32_t events = line->is_reset && !line->write.is_out && !line->has_ended ? EPOLLIN : 0;

	events |= line->heard_len ? EPOLLOUT : 0u;
	if (!events || line->standing == PRINTER_GONE || line->is_over)
		loop_unwatch(line->loop, line->fd);
	else if (loop_watch(line->loop, line->fd, events, on_socket, line, NULL) < 0)
		lose(line);
}

static void look_at_ended(struct usb_line *line)
{
	if (line->ask.has_ended)
		end_ask(line);
	if (line->read.has_ended)
		end_read(line);
	if (line->write.has_ended)
		end_write(line);
	if (line->heard_len)
		give_heard(line);
}

static void service(struct usb_line *line)
{
	if (line->standing != PRINTER_GONE && !line->is_claimed)
		try_claim(line);
	look_at_ended(line);
	if (line->standing != PRINTER_GONE && line->is_reset && !line->write.is_out && !line->has_ended)
		begin_write(line);
	if (line->standing != PRINTER_GONE && line->is_reset && line->in != NO_ENDPOINT && !line->read.is_out &&
		!line->heard_len && !line->is_quiet && !line->is_over)
		begin_read(line);
	if (line->is_over)
		shutdown(line->fd, SHUT_WR); /* the printer has all */
	watch(line);
}

static int open_pair(struct usb_line *line, struct fault *fault)
{
	const int max = QUEUE_MAX;
	int pair[2];

	line->timer_fd = timerfd_create(CLOCK_BOOTTIME, TFD_CLOEXEC | TFD_NONBLOCK);
	if (line->timer_fd < 0 || socketpair(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC | SOCK_NONBLOCK, 0, pair) < 0)
		return FAULT(fault, FAULT_IO, "no descriptors for a USB printer: %s", strerror(errno));
	line->fd = pair[0];
	line->their_fd = pair[1];
	setsockopt(line->their_fd, SOL_SOCKET, SO_SNDBUF, &max, sizeof(max));
	line->write.transfer = libusb_alloc_transfer(0);
	line->read.transfer = libusb_alloc_transfer(0);
	line->ask.transfer = libusb_alloc_transfer(0);
	if (!line->write.transfer || !line->read.transfer || !line->ask.transfer)
		return FAULT(fault, FAULT_MEMORY, "no memory for a USB printer");
	return 0;
}

static int hang_on(struct usb_line *line, struct fault *fault)
{
	const struct libusb_pollfd **fds = libusb_get_pollfds(line->usb.context);
	int result = fds ? 0 : FAULT(fault, FAULT_MEMORY, "no memory for a USB printer");

	for (size_t i = 0; result == 0 && fds[i]; i++)
		result = loop_watch(line->loop, fds[i]->fd, (uint32_t)fds[i]->events, on_usb, line, fault);
	libusb_free_pollfds(fds);
	libusb_set_pollfd_notifiers(line->usb.context, on_added, on_removed, line);
	return result == 0 ? loop_watch(line->loop, line->timer_fd, EPOLLIN, on_timer, line, fault) : result;
}

int usb_line_open(const char *where, struct loop *loop, struct usb_line **ret, int *ret_fd, struct fault *fault)
{
	CLEANUP(usb_line_closep) struct usb_line *line = calloc(1, sizeof(*line));
	if (!line)
		return FAULT(fault, FAULT_MEMORY, "no memory for a USB printer");
	*line = (struct usb_line){.loop = loop, .fd = -1, .their_fd = -1, .timer_fd = -1, .usb = {.fd = -1}};
	int result = usb_device_find(where, &line->device, fault);
	if (result == 0)
		result = open_pair(line, fault);
	if (result == 0)
		result = usb_open(&line->device, &line->usb, fault);
	if (result == 0)
		result = choose(line, fault);
	if (result == 0)
		result = hang_on(line, fault);
	if (result < 0)
		return result;
	service(line);
	if (line->standing == PRINTER_GONE)
		return FAULT(fault, FAULT_IO,
			"the USB printer at %s cannot be used; switch it off and on, or plug it in again",
			line->device.place);
	*ret_fd = line->their_fd;
	*ret = line;
	line = NULL;
	return 0;
}

/* ---- the end ---- */

static bool is_under_way(const struct usb_line *line)
{
	return line->write.is_out || line->read.is_out || line->ask.is_out;
}

static void cancel(struct usb_line *line)
{
	struct way *ways[] = {&line->write, &line->read, &line->ask};
	struct timeval wait = {.tv_usec = REAP_MS * 1000};

	for (size_t i = 0; i < ARRAY_LEN(ways); i++)
		if (ways[i]->is_out)
			libusb_cancel_transfer(ways[i]->transfer);
	for (int i = 0; i < REAPS_MAX && is_under_way(line); i++)
		(void)libusb_handle_events_timeout_completed(line->usb.context, &wait, NULL);
	for (size_t i = 0; i < ARRAY_LEN(ways); i++)
		if (!ways[i]->is_out)
			libusb_free_transfer(ways[i]->transfer);
}

void usb_line_close(struct usb_line *line)
{
	int fds[] = {line ? line->fd : -1, line ? line->their_fd : -1, line ? line->timer_fd : -1};

	if (!line)
		return;
	for (size_t i = 0; i < ARRAY_LEN(fds); i++) {
		if (fds[i] < 0)
			continue;
		loop_unwatch(line->loop, fds[i]);
		close(fds[i]);
	}
	cancel(line);
	if (line->is_claimed)
		libusb_release_interface(line->usb.handle, line->device.interface);
	usb_close(&line->usb);
	free(line);
}
