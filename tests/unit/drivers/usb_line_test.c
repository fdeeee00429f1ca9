/* USB printers without hardware: umockdev stands in for sysfs, /dev/bus/usb and the calls of usbfs; libusb is the real one. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdio.h>
#include <string.h>

#include <cmocka.h>
#include <errno.h>
#include <link.h>
#include <linux/usbdevice_fs.h>
#include <sys/epoll.h>
#include <sys/ioctl.h>
#include <sys/socket.h>
#include <sys/stat.h>
#include <umockdev.h>

#include "drivers/drivers.h"
#include "drivers/usb_line.h"

#define PATIENCE_MS 120000
#define PENDING_MAX 8
#define OUT	    0x01
#define IN	    0x82

/* ---- a printer to play with ---- */

enum mood { PRINTS, TAKES_NOTHING, STALLS, TAKES_SEVEN, IS_AWAY };

static struct toy {
	GMutex lock; /* calls come in a thread of their own */
	enum mood mood;
	uint8_t status;
	size_t mood_from; /* bytes that it prints before */
	GByteArray *paper;
	GByteArray *says;
	UMockdevIoctlData *pending[PENDING_MAX], *done[PENDING_MAX];
	int claimed, released, detached, attached, cleared, resets, asked, alternate, read;
	bool has_driver, is_gone, is_halted, is_held, is_little_endian;
} toy;

static const char *const device_id = "MFG:EPSON;MDL:TM-T20;CMD:ESC/POS;";

static struct usbdevfs_urb *urb_of(UMockdevIoctlData *data)
{
	return (struct usbdevfs_urb *)data->data;
}

static bool put(UMockdevIoctlData **list, UMockdevIoctlData *data)
{
	for (int i = 0; i < PENDING_MAX; i++)
		if (!list[i]) {
			list[i] = data;
			return true;
		}
	return false;
}

static UMockdevIoctlData *take_first(UMockdevIoctlData **list)
{
	UMockdevIoctlData *first = list[0];

	memmove(list, list + 1, (PENDING_MAX - 1) * sizeof(*list));
	list[PENDING_MAX - 1] = NULL;
	return first;
}

static void finish(UMockdevIoctlData *data, int status, int len)
{
	urb_of(data)->status = status;
	urb_of(data)->actual_length = len;
	g_assert(put(toy.done, data));
}

static UMockdevIoctlData *buffer_of(UMockdevIoctlData *data)
{
	return umockdev_ioctl_data_resolve(
		data, offsetof(struct usbdevfs_urb, buffer), (gsize)urb_of(data)->buffer_length, NULL);
}

static void answer_control(UMockdevIoctlData *data)
{
	UMockdevIoctlData *buffer = buffer_of(data);
	const uint8_t *setup = buffer->data;
	size_t id_len = strlen(device_id) + 2;
	int len = 0;

	if (setup[0] == 0xa1 && setup[1] == 0) {
		uint8_t length[2] = {(uint8_t)(id_len >> 8), (uint8_t)id_len};
		buffer->data[8] = length[toy.is_little_endian];
		buffer->data[9] = length[!toy.is_little_endian];
		memcpy(buffer->data + 10, device_id, id_len - 2);
		memcpy(buffer->data + 8 + id_len, "rest", 4); /* of what it said before */
		len = (int)id_len + 4;
	} else if (setup[0] == 0xa1 && setup[1] == 1) {
		buffer->data[8] = toy.status;
		toy.asked++;
		len = 1;
	} else if (setup[0] == 0x21 && setup[1] == 2) {
		g_assert_cmpuint(toy.paper->len, ==, 0); /* what was printed before would be lost */
		toy.resets++;
	}
	finish(data, 0, len);
	g_object_unref(buffer);
}

static void answer_out(UMockdevIoctlData *data)
{
	UMockdevIoctlData *buffer = buffer_of(data);
	size_t gone = (size_t)urb_of(data)->actual_length, len = (size_t)urb_of(data)->buffer_length - gone,
	       before = toy.paper->len;
	bool is_turn = toy.mood != PRINTS && before + len > toy.mood_from;
	size_t taken = !is_turn			 ? len
		       : toy.mood == TAKES_SEVEN ? 7
		       : toy.mood_from > before	 ? toy.mood_from - before
						 : 0;

	g_byte_array_append(toy.paper, buffer->data + gone, (guint)taken);
	g_object_unref(buffer);
	urb_of(data)->actual_length = (int)(gone + taken);
	if (is_turn && toy.mood == TAKES_NOTHING) {
		g_assert(put(toy.pending, data));
		return;
	}
	toy.is_halted = is_turn && toy.mood == STALLS;
	toy.is_gone = is_turn && toy.mood == IS_AWAY;
	finish(data, !is_turn || toy.mood == TAKES_SEVEN ? 0 : toy.mood == STALLS ? -EPIPE : -EIO, (int)(gone + taken));
	if (is_turn && toy.mood == TAKES_SEVEN)
		toy.mood = PRINTS;
}

static void answer_in(UMockdevIoctlData *data)
{
	UMockdevIoctlData *buffer;

	toy.read++;
	if (toy.is_gone) {
		finish(data, -ENODEV, 0);
	} else if (!toy.says->len) {
		g_assert(put(toy.pending, data));
	} else {
		buffer = buffer_of(data);
		memcpy(buffer->data, toy.says->data, toy.says->len);
		finish(data, 0, (int)toy.says->len);
		g_byte_array_set_size(toy.says, 0);
		g_object_unref(buffer);
	}
}

static int submit(UMockdevIoctlData *arg)
{
	UMockdevIoctlData *data = umockdev_ioctl_data_resolve(arg, 0, sizeof(struct usbdevfs_urb), NULL);
	struct usbdevfs_urb *urb = urb_of(data);

	urb->actual_length = 0;
	if (toy.is_halted && urb->endpoint == OUT)
		finish(data, -EPIPE, 0);
	else if (urb->type == USBDEVFS_URB_TYPE_CONTROL)
		answer_control(data);
	else if (urb->endpoint & 0x80)
		answer_in(data);
	else
		answer_out(data);
	return 0;
}

static int discard(const UMockdevIoctlData *arg)
{
	for (int i = 0; i < PENDING_MAX; i++) {
		UMockdevIoctlData *data = toy.pending[i];
		if (!data || data->client_addr != *(const gulong *)(const void *)arg->data)
			continue;
		toy.pending[i] = NULL;
		finish(data, -ENOENT, urb_of(data)->actual_length);
		return 0;
	}
	return -EINVAL;
}

/* A printer that takes again takes what waits; what it says goes out. */
static void wake(void)
{
	for (int i = 0; i < PENDING_MAX; i++) {
		UMockdevIoctlData *data = toy.pending[i];
		if (!data)
			continue;
		toy.pending[i] = NULL;
		if (urb_of(data)->endpoint & 0x80)
			answer_in(data);
		else
			answer_out(data);
	}
}

static int reap(UMockdevIoctlData *arg)
{
	UMockdevIoctlData *data, *pointer;

	wake();
	data = take_first(toy.done);
	if (!data)
		return toy.is_gone ? -ENODEV : -EAGAIN;
	pointer = umockdev_ioctl_data_resolve(arg, 0, sizeof(gpointer), NULL);
	umockdev_ioctl_data_set_ptr(pointer ? pointer : arg, 0, data);
	return 0;
}

static int inner(UMockdevIoctlData *arg)
{
	UMockdevIoctlData *data = umockdev_ioctl_data_resolve(arg, 0, sizeof(struct usbdevfs_ioctl), NULL);
	const struct usbdevfs_ioctl *call = (const struct usbdevfs_ioctl *)data->data;
	bool is_connect = call->ioctl_code == (int)USBDEVFS_CONNECT;
	int result = is_connect || toy.has_driver ? 0 : -ENODATA;

	toy.attached += is_connect;
	toy.detached += !is_connect && toy.has_driver;
	toy.has_driver = is_connect;
	g_object_unref(data);
	return result;
}

static int claim(void)
{
	if (toy.is_held || toy.has_driver)
		return -EBUSY;
	toy.is_held = true;
	toy.claimed++;
	return 0;
}

static int answer(unsigned long request, UMockdevIoctlData *arg)
{
	UMockdevIoctlData *data;

	switch (request) {
	case USBDEVFS_CONNECTINFO:
		data = umockdev_ioctl_data_resolve(arg, 0, sizeof(struct usbdevfs_connectinfo), NULL);
		*(struct usbdevfs_connectinfo *)data->data = (struct usbdevfs_connectinfo){.devnum = 2};
		g_object_unref(data);
		return 0;
	case USBDEVFS_GET_CAPABILITIES:
		data = umockdev_ioctl_data_resolve(arg, 0, sizeof(guint32), NULL);
		*(guint32 *)data->data = USBDEVFS_CAP_BULK_CONTINUATION | USBDEVFS_CAP_NO_PACKET_SIZE_LIM;
		g_object_unref(data);
		return 0;
	case USBDEVFS_CONTROL:
		data = umockdev_ioctl_data_resolve(arg, 0, sizeof(struct usbdevfs_ctrltransfer), NULL);
		UMockdevIoctlData *in =
			umockdev_ioctl_data_resolve(data, offsetof(struct usbdevfs_ctrltransfer, data), 1, NULL);
		in->data[0] = 1; /* the configuration that is set */
		g_object_unref(in);
		g_object_unref(data);
		return 1;
	case USBDEVFS_DISCONNECT_CLAIM:
		toy.detached += !toy.is_held && toy.has_driver;
		toy.has_driver = toy.has_driver && toy.is_held;
		return claim();
	case USBDEVFS_CLAIMINTERFACE:
		return claim();
	case USBDEVFS_RELEASEINTERFACE:
		toy.is_held = false;
		toy.released++;
		return 0;
	case USBDEVFS_SETINTERFACE:
		data = umockdev_ioctl_data_resolve(arg, 0, sizeof(struct usbdevfs_setinterface), NULL);
		toy.alternate = (int)((struct usbdevfs_setinterface *)data->data)->altsetting;
		g_object_unref(data);
		return 0;
	case USBDEVFS_CLEAR_HALT:
		toy.is_halted = false;
		toy.cleared++;
		if (toy.mood == STALLS && toy.mood_from)
			toy.mood = PRINTS;
		return 0;
	case USBDEVFS_IOCTL:
		return inner(arg);
	case USBDEVFS_SUBMITURB:
		return toy.is_gone ? -ENODEV : submit(arg);
	case USBDEVFS_REAPURBNDELAY:
		return reap(arg);
	case USBDEVFS_DISCARDURB:
		return discard(arg);
	default:
		return -ENOTTY;
	}
}

static gboolean on_ioctl(UMockdevIoctlBase *base, UMockdevIoctlClient *client, gpointer context)
{
	(void)base;
	(void)context;
	g_mutex_lock(&toy.lock);
	int result = answer(umockdev_ioctl_client_get_request(client), umockdev_ioctl_client_get_arg(client));
	g_mutex_unlock(&toy.lock);
	umockdev_ioctl_client_complete(client, result < 0 ? -1 : result, result < 0 ? -result : 0);
	return TRUE;
}

/* ---- the machine ---- */

static UMockdevTestbed *machine;

struct plug {
	const char *place, *vendor, *product, *serial;
	int number;
	int class, protocol; /* of alternate 0; with protocol 1 there is an alternate 1 with protocol 2 */
};

static size_t describe(const struct plug *plug, uint8_t out[128])
{
	unsigned vendor = (unsigned)strtoul(plug->vendor, NULL, 16),
		 product = (unsigned)strtoul(plug->product, NULL, 16);
	int sets = plug->protocol == 1 ? 2 : 1;
	const uint8_t device[18] = {18, 1, 0, 2, 0, 0, 0, 64, (uint8_t)vendor, (uint8_t)(vendor >> 8), (uint8_t)product,
		(uint8_t)(product >> 8), 0, 1, 1, 2, 3, 1};
	const uint8_t config[9] = {9, 2, (uint8_t)(9 + sets * 23), 0, 1, 1, 0, 0xc0, 1};
	size_t len = sizeof(device) + sizeof(config);

	memcpy(out, device, sizeof(device));
	memcpy(out + sizeof(device), config, sizeof(config));
	for (int i = 0; i < sets; i++) {
		const uint8_t set[23] = {9, 4, 0, (uint8_t)i, 2, (uint8_t)plug->class, 1, (uint8_t)(plug->protocol + i),
			0, 7, 5, OUT, 2, 0, 2, 0, 7, 5, IN, 2, 0, 2, 0};
		memcpy(out + len, set, sizeof(set));
		len += sizeof(set);
	}
	return len;
}

static void plug_in(const struct plug *plug)
{
	uint8_t bytes[128];
	size_t len = describe(plug, bytes);
	GString *text = g_string_new(NULL), *hex = g_string_new(NULL);
	GError *error = NULL;
	UMockdevIoctlBase *handler = umockdev_ioctl_base_new();
	char node[64];

	for (size_t i = 0; i < len; i++)
		g_string_append_printf(hex, "%02X", bytes[i]);
	g_string_printf(text,
		"P: /devices/usb1/%s\nN: bus/usb/001/%03d=%s\nE: SUBSYSTEM=usb\nE: DEVTYPE=usb_device\nA: busnum=1\nA: "
		"devnum=%d\n"
		"A: idVendor=%s\nA: idProduct=%s\nA: manufacturer=EPSON\nA: product=TM-T20\n%s%s%s\n"
		"P: /devices/usb1/%s/%s:1.0\nE: SUBSYSTEM=usb\nE: DEVTYPE=usb_interface\nA: bInterfaceClass=%02x\n"
		"A: bInterfaceSubClass=01\nA: bInterfaceProtocol=%02x\nA: bInterfaceNumber=00\n",
		plug->place, plug->number, hex->str, plug->number, plug->vendor, plug->product,
		plug->serial ? "A: serial=" : "", plug->serial ? plug->serial : "", plug->serial ? "\n" : "",
		plug->place, plug->place, (unsigned)plug->class, (unsigned)plug->protocol);
	g_signal_connect(handler, "handle-ioctl", G_CALLBACK(on_ioctl), NULL);
	snprintf(node, sizeof(node), "/dev/bus/usb/001/%03d", plug->number);
	assert_true(umockdev_testbed_attach_ioctl(machine, node, handler, &error));
	assert_true(umockdev_testbed_add_from_string(machine, text->str, &error));
	g_object_unref(handler);
	g_string_free(text, TRUE);
	g_string_free(hex, TRUE);
}

static void unplug(const struct plug *plug)
{
	char path[128];

	snprintf(path, sizeof(path), "/sys/devices/usb1/%s/%s:1.0", plug->place, plug->place);
	umockdev_testbed_remove_device(machine, path);
	snprintf(path, sizeof(path), "/sys/devices/usb1/%s", plug->place);
	umockdev_testbed_remove_device(machine, path);
}

static const struct plug epson = {"1-1", "04b8", "0e15", "X4CF001", 2, 7, 2};

static int set_up(void **state)
{
	(void)state;
	machine = umockdev_testbed_new();
	toy = (struct toy){.status = 0x18, .paper = g_byte_array_new(), .says = g_byte_array_new()};
	return 0;
}

static int tear_down(void **state)
{
	(void)state;
	g_object_unref(machine);
	g_byte_array_free(toy.paper, TRUE);
	g_byte_array_free(toy.says, TRUE);
	return 0;
}

/* ---- the loop; a node of the machine is a plain file, which epoll does not take: it is looked at every 2 ms instead ---- */

static struct {
	int fd; /* 0 = none */
	loop_fn *fn;
	void *context;
} plain[4];

int __real_loop_watch(struct loop *loop, int fd, uint32_t events, loop_fn *fn, void *context, struct fault *fault);
void __real_loop_unwatch(struct loop *loop, int fd);
int __wrap_loop_watch(struct loop *loop, int fd, uint32_t events, loop_fn *fn, void *context, struct fault *fault);
void __wrap_loop_unwatch(struct loop *loop, int fd);

int __wrap_loop_watch(struct loop *loop, int fd, uint32_t events, loop_fn *fn, void *context, struct fault *fault)
{
	struct stat about;

	if (fstat(fd, &about) < 0 || !S_ISREG(about.st_mode))
		return __real_loop_watch(loop, fd, events, fn, context, fault);
	for (size_t i = 0; i < ARRAY_LEN(plain); i++)
		if (!plain[i].fd || plain[i].fd == fd) {
			plain[i].fd = fd;
			plain[i].fn = fn;
			plain[i].context = context;
			return 0;
		}
	return FAULT_MEMORY;
}

void __wrap_loop_unwatch(struct loop *loop, int fd)
{
	for (size_t i = 0; i < ARRAY_LEN(plain); i++)
		if (plain[i].fd == fd)
			plain[i].fd = 0;
	__real_loop_unwatch(loop, fd);
}

struct job {
	struct loop *loop;
	struct printer_line line;
	int fd;
	const uint8_t *bytes;
	size_t len, gone;
	bool is_broken, has_end;
	uint8_t heard[256];
	size_t heard_len;
	bool (*is_over)(struct job *job);
	int ticks;
};

static int tick(void *context, uint32_t events, struct fault *fault)
{
	struct job *job = context;
	ssize_t n;

	(void)events;
	for (size_t i = 0; i < ARRAY_LEN(plain); i++)
		if (plain[i].fd)
			plain[i].fn(plain[i].context, EPOLLOUT, fault);
	if (job->gone < job->len && !job->is_broken) {
		n = send(job->fd, job->bytes + job->gone, job->len - job->gone, MSG_NOSIGNAL);
		job->gone += n > 0 ? (size_t)n : 0;
		job->is_broken = n < 0 && errno != EAGAIN;
		if (job->gone == job->len)
			printer_usb.end(job->fd);
	}
	n = recv(job->fd, job->heard + job->heard_len, sizeof(job->heard) - job->heard_len, 0);
	job->heard_len += n > 0 ? (size_t)n : 0;
	job->has_end = n == 0;
	if (job->is_over(job) || ++job->ticks > PATIENCE_MS / 2)
		loop_stop(job->loop);
	return 0;
}

static bool at_end(struct job *job)
{
	return job->has_end;
}

static void run(struct job *job, bool (*is_over)(struct job *job))
{
	struct fault fault = {0};

	job->is_over = is_over;
	job->ticks = 0;
	assert_int_equal(loop_run(job->loop, &fault), 0);
	assert_true(job->ticks <= PATIENCE_MS / 2);
}

static void begin(struct job *job, const char *where, const uint8_t *bytes, size_t len)
{
	struct fault fault = {0};

	*job = (struct job){.bytes = bytes, .len = len};
	assert_int_equal(loop_new(&job->loop, &fault), 0);
	assert_int_equal(printer_usb.open(where, job->loop, &job->line, &fault), 0);
	job->fd = job->line.fd;
	assert_int_equal(loop_every(job->loop, 2, tick, job, &fault), 0);
}

static void end(struct job *job)
{
	printer_usb.close(&job->line);
	loop_free(job->loop);
	for (int i = 0; i < PENDING_MAX; i++)
		assert_null(toy.pending[i]);
}

static void make_bytes(uint8_t *out, size_t len)
{
	uint32_t x = 7;

	for (size_t i = 0; i < len; i++)
		out[i] = (uint8_t)((x = x * 1103515245u + 12345u) >> 16);
}

static uint8_t sent[100000];

/* Whether what it says is not heard. */
static bool print_whole(const char *where)
{
	struct job job;
	bool is_mute;

	make_bytes(sent, sizeof(sent));
	begin(&job, where, sent, sizeof(sent));
	run(&job, at_end);
	assert_false(job.is_broken);
	assert_true(printer_usb.has_all(job.fd));
	assert_int_equal(printer_usb.standing(&job.line), PRINTER_TAKES);
	is_mute = printer_usb.is_mute(&job.line);
	end(&job);
	assert_int_equal(toy.paper->len, sizeof(sent));
	assert_memory_equal(toy.paper->data, sent, sizeof(sent));
	return is_mute;
}

/* ---- which printer ---- */

static void what_is_plugged_in_is_listed_by_place(void **state)
{
	struct usb_device devices[USB_PRINTERS_MAX];
	const struct plug others[] = {{"1-1.10", "0519", "0003", NULL, 5, 7, 1},
		{"1-1.2", "04b8", "0202", "S2", 4, 0xff, 0}, {"1-3", "0781", "5581", NULL, 6, 8, 0x50},
		{"1-4", "1111", "2222", NULL, 7, 0xff, 0}};

	(void)state;
	for (size_t i = 0; i < ARRAY_LEN(others); i++)
		plug_in(&others[i]);
	plug_in(&epson);
	assert_int_equal(usb_device_list(devices), 3);
	assert_string_equal(devices[0].place, "1-1");
	assert_string_equal(devices[0].serial, "X4CF001");
	assert_string_equal(devices[0].maker, "EPSON");
	assert_int_equal(devices[0].vendor, 0x04b8);
	assert_int_equal(devices[0].product, 0x0e15);
	assert_int_equal(devices[0].number, 2);
	assert_string_equal(devices[1].place, "1-1.2");
	assert_int_equal(devices[1].quirks, USB_VENDOR_CLASS);
	assert_string_equal(devices[2].place, "1-1.10");
	assert_string_equal(devices[2].serial, "");
}

static void one_printer_is_meant_or_a_sentence_says_which(void **state)
{
	const struct plug twins[] = {{"1-2", "0fe6", "811e", NULL, 3, 7, 2}, {"1-3", "0fe6", "811e", NULL, 4, 7, 2}};
	struct usb_device device;
	struct fault fault = {0};

	(void)state;
	plug_in(&epson);
	plug_in(&twins[0]);
	plug_in(&twins[1]);
	assert_int_equal(usb_device_find("04B8:0e15", &device, &fault), 0);
	assert_int_equal(usb_device_find("04b8:0e15:X4CF001", &device, &fault), 0);
	assert_string_equal(device.place, "1-1");
	assert_int_equal(usb_device_find("port=1-3", &device, &fault), 0);
	assert_int_equal(device.number, 4);
	assert_true(usb_device_find("0fe6:811e", &device, &fault) < 0);
	assert_non_null(strstr(fault.text, "usb:port=1-2"));
	assert_non_null(strstr(fault.text, "1-3"));
	fault = (struct fault){0};
	assert_true(usb_device_find("04b8:0e15:X4CF002", &device, &fault) < 0);
	assert_non_null(strstr(fault.text, "hoadon print list"));
}

static void a_printer_says_what_it_is(void **state)
{
	struct usb_device device;
	char id[USB_DEVICE_ID_MAX];

	(void)state;
	plug_in(&epson);
	assert_int_equal(usb_device_find("04b8:0e15", &device, NULL), 0);
	for (int i = 0; i < 2; i++) {
		toy.is_little_endian = i == 1;
		usb_device_id(&device, id);
		assert_string_equal(id, device_id);
	}
	assert_int_equal(toy.claimed, 0);
}

/* ---- printing ---- */

static void every_byte_comes_out_once(void **state)
{
	(void)state;
	plug_in(&epson);
	print_whole("04b8:0e15");
	assert_int_equal(toy.released, 1);
}

static void the_kernels_driver_is_detached_and_comes_back(void **state)
{
	(void)state;
	plug_in(&epson);
	toy.has_driver = true;
	print_whole("port=1-1");
	assert_int_equal(toy.detached, 1);
	assert_int_equal(toy.attached, 1);
}

static void an_interface_that_answers_is_chosen(void **state)
{
	const struct plug both = {"1-1", "04b8", "0e15", NULL, 2, 7, 1};

	(void)state;
	plug_in(&both);
	print_whole("04b8:0e15");
	assert_int_equal(toy.alternate, 1);
}

static void a_makers_own_class_prints_by_quirk(void **state)
{
	const struct plug vendor = {"1-1", "04b8", "0202", NULL, 2, 0xff, 0};

	(void)state;
	plug_in(&vendor);
	print_whole("04b8:0202");
}

static void quirks_are_kept(void **state)
{
	const struct plug cable = {"1-1", "067b", "2305", NULL, 2, 7, 2};

	(void)state;
	plug_in(&cable);
	toy.has_driver = true;
	assert_true(print_whole("067b:2305"));
	assert_int_equal(toy.resets, 1);
	assert_int_equal(toy.read, 0);
	assert_int_equal(toy.detached, 1);
	assert_int_equal(toy.attached, 0);
}

static bool has_heard(struct job *job)
{
	return job->heard_len >= 4;
}

static void what_it_says_comes_back(void **state)
{
	struct job job;

	(void)state;
	plug_in(&epson);
	begin(&job, "04b8:0e15", NULL, 0);
	g_mutex_lock(&toy.lock);
	g_byte_array_append(toy.says, (const guint8 *)"\x14\x00\x00\x0f", 4);
	g_mutex_unlock(&toy.lock);
	run(&job, has_heard);
	assert_memory_equal(job.heard, "\x14\x00\x00\x0f", 4);
	assert_false(printer_usb.is_mute(&job.line));
	end(&job);
	assert_int_equal(toy.resets, 0);
}

static void a_stall_repeats_and_loses_nothing(void **state)
{
	(void)state;
	plug_in(&epson);
	toy.mood = STALLS;
	toy.mood_from = 20000;
	print_whole("04b8:0e15");
	assert_int_equal(toy.cleared, 1);
}

static bool is_gone(struct job *job)
{
	return printer_usb.standing(&job->line) == PRINTER_GONE && (job->is_broken || job->has_end);
}

static void a_printer_that_stalls_for_ever_is_gone(void **state)
{
	struct job job;

	(void)state;
	plug_in(&epson);
	toy.mood = STALLS;
	make_bytes(sent, sizeof(sent));
	begin(&job, "04b8:0e15", sent, sizeof(sent));
	run(&job, is_gone);
	assert_int_equal(toy.cleared, 3);
	assert_int_equal(toy.paper->len, 0);
	end(&job);
}

static void a_short_write_goes_on_behind_it(void **state)
{
	(void)state;
	plug_in(&epson);
	toy.mood = TAKES_SEVEN;
	toy.mood_from = 30000;
	print_whole("04b8:0e15");
}

static bool has_no_paper(struct job *job)
{
	return printer_usb.standing(&job->line) == PRINTER_NO_PAPER;
}

static void without_paper_it_waits_and_says_so(void **state)
{
	struct job job;

	(void)state;
	plug_in(&epson);
	toy.mood = TAKES_NOTHING;
	toy.mood_from = 40010; /* in the middle of a transfer */
	toy.status = 0x38;
	make_bytes(sent, sizeof(sent));
	begin(&job, "04b8:0e15", sent, sizeof(sent));
	run(&job, has_no_paper);
	assert_false(job.has_end || job.is_broken);
	assert_false(printer_usb.has_all(job.fd));
	g_mutex_lock(&toy.lock);
	assert_int_equal(toy.paper->len, 40010);
	toy.mood = PRINTS;
	g_mutex_unlock(&toy.lock);
	run(&job, at_end);
	assert_true(printer_usb.has_all(job.fd));
	assert_int_equal(printer_usb.standing(&job.line), PRINTER_TAKES);
	end(&job);
	assert_int_equal(toy.paper->len, sizeof(sent));
	assert_memory_equal(toy.paper->data, sent, sizeof(sent));
}

static void unplugged_in_a_job_it_prints_nothing_again(void **state)
{
	const struct plug again = {"1-1", "04b8", "0e15", "X4CF001", 9, 7, 2};
	struct job job;

	(void)state;
	plug_in(&epson);
	toy.mood = IS_AWAY;
	toy.mood_from = 50000;
	make_bytes(sent, sizeof(sent));
	begin(&job, "04b8:0e15:X4CF001", sent, sizeof(sent));
	run(&job, is_gone);
	assert_false(printer_usb.has_all(job.fd)); /* it has not all: whoever wrote knows */
	end(&job);
	unplug(&epson);
	struct usb_device device;
	assert_true(usb_device_find("04b8:0e15:X4CF001", &device, NULL) < 0);
	assert_int_equal(toy.paper->len, 50000);

	/* plugged in again it has another number, and gets what is written from now on alone */
	g_byte_array_set_size(toy.paper, 0);
	toy.mood = PRINTS;
	toy.is_held = toy.is_gone = false;
	plug_in(&again);
	print_whole("04b8:0e15:X4CF001");
}

static bool is_busy(struct job *job)
{
	return printer_usb.standing(&job->line) == PRINTER_BUSY && job->gone == job->len;
}

static void a_second_job_waits_for_the_first(void **state)
{
	struct job first, second;

	(void)state;
	plug_in(&epson);
	begin(&first, "04b8:0e15", (const uint8_t *)"first", 5);
	run(&first, at_end);
	begin(&second, "04b8:0e15", (const uint8_t *)"second", 6);
	run(&second, is_busy);
	assert_int_equal(toy.paper->len, 5);
	end(&first);
	run(&second, at_end);
	end(&second);
	assert_int_equal(toy.paper->len, 11);
	assert_memory_equal(toy.paper->data, "firstsecond", 11);
}

/* ---- the program: umockdev works by LD_PRELOAD, behind the sanitizer's library where there is one ---- */

static int find_sanitizer(struct dl_phdr_info *info, size_t size, void *context)
{
	(void)size;
	if (strstr(info->dlpi_name, "libasan.so"))
		snprintf(context, 256, "%s ", info->dlpi_name);
	return 0;
}

int main(int argc, char **argv)
{
	const struct CMUnitTest tests[] = {
#define TEST(name) cmocka_unit_test_setup_teardown(name, set_up, tear_down)
		TEST(what_is_plugged_in_is_listed_by_place),
		TEST(one_printer_is_meant_or_a_sentence_says_which),
		TEST(a_printer_says_what_it_is),
		TEST(every_byte_comes_out_once),
		TEST(the_kernels_driver_is_detached_and_comes_back),
		TEST(an_interface_that_answers_is_chosen),
		TEST(a_makers_own_class_prints_by_quirk),
		TEST(quirks_are_kept),
		TEST(what_it_says_comes_back),
		TEST(a_stall_repeats_and_loses_nothing),
		TEST(a_printer_that_stalls_for_ever_is_gone),
		TEST(a_short_write_goes_on_behind_it),
		TEST(without_paper_it_waits_and_says_so),
		TEST(unplugged_in_a_job_it_prints_nothing_again),
		TEST(a_second_job_waits_for_the_first),
	};
	char preload[320] = "";

	(void)argc;
	if (!umockdev_in_mock_environment() && !getenv("LD_PRELOAD")) {
		dl_iterate_phdr(find_sanitizer, preload);
		strncat(preload, "libumockdev-preload.so.0", sizeof(preload) - strlen(preload) - 1);
		setenv("LD_PRELOAD", preload, 1);
		setenv("ASAN_OPTIONS", "detect_leaks=0", 1);
		execv("/proc/self/exe", argv);
	}
	return cmocka_run_group_tests(tests, NULL, NULL);
}
