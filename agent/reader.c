#include "reader.h"

#include <assert.h>
#include <errno.h>
#include <limits.h>
#include <signal.h>
#include <spawn.h>
#include <stdio.h>
#include <string.h>
#include <sys/epoll.h>
#include <sys/socket.h>
#include <sys/wait.h>
#include <time.h>

#include "base/log.h"
#include "capture/head.h"

#define TICK_MS	       500
#define STUCK_MS       5000
#define START_MS       60000 /* a catalogue of all rows on a slow machine */
#define PAUSE_FIRST_MS 500
#define PAUSE_LAST_MS  60000
#define PROVEN_MS      60000		  /* whoever lived so long begins with the first pause again */
#define QUEUE_MAX      ((size_t)16 << 20) /* beside the settings; a process that is so far behind is stuck */
#define READ_MAX       ((size_t)64 << 10)

struct stream {
	uint32_t id;
	bool is_open, is_over;
	uint64_t fed, seen;    /* offsets: behind what was fed; as told */
	uint64_t cut, receipt; /* behind the last one told */
	size_t feeds, ends;    /* that were not answered yet */
};

struct reader {
	const struct reader_settings *settings;
	struct reader_events events;
	struct loop *loop;
	int fd; /* -1: none */
	pid_t pid;
	bool is_ready;
	bool is_full; /* of what the process does not take: it goes */
	struct link in;
	struct bytes out;
	struct stream streams[LINK_STREAMS_MAX];
	size_t owed;	  /* answers */
	int64_t heard_at; /* or when something came to be owed; all of the monotonic clock */
	int64_t started_at, start_at, pause_ms;
};

/* A process that is stuck is stuck in real time. */
static int64_t now_ms(void)
{
	struct timespec now;

	clock_gettime(CLOCK_MONOTONIC, &now);
	return (int64_t)now.tv_sec * 1000 + now.tv_nsec / 1000000;
}

/* ---- what it is told ---- */

/* A failure shows itself when the loop comes to the socket. */
static void transmit(struct reader *reader)
{
	struct bytes *out = &reader->out;
	size_t done = 0;
	ssize_t n = 1;

	while (done < out->len && n > 0) {
		n = send(reader->fd, out->data + done, out->len - done, MSG_DONTWAIT | MSG_NOSIGNAL);
		if (n > 0)
			done += (size_t)n;
	}
	if (done > 0)
		memmove(out->data, out->data + done, out->len - done);
	out->len -= done;
}

static int on_socket(void *context, uint32_t events, struct fault *fault);

static void send_soon(struct reader *reader)
{
	struct fault unheard = {0};

	transmit(reader);
	if (loop_watch(reader->loop, reader->fd, EPOLLIN | (reader->out.len > 0 ? EPOLLOUT : 0), on_socket, reader,
		    &unheard) < 0)
		reader->is_full = true;
}

static void owe(struct reader *reader)
{
	if (reader->owed++ == 0)
		reader->heard_at = now_ms();
}

static void put(struct reader *reader, const struct link_message *message)
{
	link_put(&reader->out, message);
	reader->is_full |= reader->out.failed;
}

/* ---- the process ---- */

static const char *program_of(const struct reader_settings *settings, char out[PATH_MAX])
{
	static const char name[] = "hoadon-reader";
	ssize_t len = readlink("/proc/self/exe", out, PATH_MAX - sizeof(name) - 1);

	if (settings->program)
		return settings->program;
	while (len > 0 && out[len - 1] != '/')
		len--;
	if (len <= 0)
		return READER_PATH;
	memcpy(out + len, name, sizeof(name));
	return access(out, X_OK) == 0 ? out : READER_PATH;
}

static int spawn(const char *program, int fd, pid_t *ret)
{
	char name[] = "hoadon-reader";
	char *const arguments[] = {name, NULL};
	char *const environment[] = {NULL};
	posix_spawn_file_actions_t actions;
	posix_spawnattr_t attributes;
	sigset_t none, all;
	int result;

	sigemptyset(&none);
	sigfillset(&all);
	posix_spawnattr_init(&attributes);
	posix_spawnattr_setflags(&attributes, POSIX_SPAWN_SETSIGMASK | POSIX_SPAWN_SETSIGDEF);
	posix_spawnattr_setsigmask(&attributes, &none);
	posix_spawnattr_setsigdefault(&attributes, &all);
	result = posix_spawn_file_actions_init(&actions);
	if (result == 0) {
		result = posix_spawn_file_actions_adddup2(&actions, fd, 0);
		if (result == 0)
			result = posix_spawn_file_actions_addclosefrom_np(&actions, 1);
		if (result == 0)
			result = posix_spawn(ret, program, &actions, &attributes, arguments, environment);
		posix_spawn_file_actions_destroy(&actions);
	}
	posix_spawnattr_destroy(&attributes);
	return result;
}

static void put_settings(struct reader *reader)
{
	const struct reader_settings *settings = reader->settings;
	const struct bytes none = {.data = NULL};
	const struct bytes *csv = settings->catalogue ? settings->catalogue : &none;
	const struct bytes *glyphs = settings->glyphs ? settings->glyphs : &none;
	uint64_t flags =
		(settings->is_vat_included ? LINK_VAT_INCLUDED : 0) | (settings->has_rates ? LINK_HAS_RATES : 0);

	put(reader, &(struct link_message){LINK_DIALECT, 0, (uint64_t)settings->columns * HEAD_LETTER_DOTS, 0,
			    settings->dialect, strlen(settings->dialect)});
	put(reader, &(struct link_message){LINK_TILL, 0, flags, 0, settings->till_id, strlen(settings->till_id)});
	put(reader, &(struct link_message){LINK_PROFILE, 0, 0, 0, settings->profile->data, settings->profile->len});
	put(reader, &(struct link_message){LINK_CATALOGUE, 0, 0, 0, csv->data, csv->len});
	put(reader, &(struct link_message){LINK_GLYPHS, 0, 0, 0, glyphs->data, glyphs->len});
	put(reader, &(struct link_message){LINK_START, 0, 0, 0, NULL, 0});
	owe(reader);
}

static int open_process(struct reader *reader, int fds[2], struct fault *fault)
{
	char path[PATH_MAX];
	const char *program = program_of(reader->settings, path);
	int error;

	if (socketpair(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC, 0, fds) < 0)
		return FAULT(fault, FAULT_IO, "no sockets for hoadon-reader: %s", strerror(errno));
	error = spawn(program, fds[1], &reader->pid);
	close(fds[1]);
	if (error == 0)
		return 0;
	reader->pid = 0;
	close(fds[0]);
	return FAULT(fault, FAULT_IO, "%s cannot be started: %s; install hoadon-agent again", program, strerror(error));
}

static void start_later(struct reader *reader)
{
	if (now_ms() - reader->started_at > PROVEN_MS)
		reader->pause_ms = PAUSE_FIRST_MS;
	reader->start_at = now_ms() + reader->pause_ms;
	reader->pause_ms = reader->pause_ms * 2 < PAUSE_LAST_MS ? reader->pause_ms * 2 : PAUSE_LAST_MS;
}

static void start(struct reader *reader)
{
	struct fault fault = {0};
	int fds[2];

	reader->started_at = now_ms();
	if (open_process(reader, fds, &fault) < 0) {
		log_fault("reader", &fault);
		start_later(reader);
		return;
	}
	reader->fd = fds[0];
	put_settings(reader);
	send_soon(reader);
}

/* Its end is seen later: a process that was killed may still be writing to the disk that it is on. */
static void drop(struct reader *reader, const char *why)
{
	bool was_open = reader->fd >= 0;

	if (!was_open)
		return;
	log_event(LOG_LEVEL_WARNING, "reader", "port=%s state=gone why=\"%s\"", reader->settings->port, why);
	loop_unwatch(reader->loop, reader->fd);
	close(reader->fd);
	reader->fd = -1;
	kill(reader->pid, SIGKILL);
	link_done(&reader->in);
	bytes_clear(&reader->out);
	reader->owed = 0;
	reader->is_ready = reader->is_full = false;
	memset(reader->streams, 0, sizeof(reader->streams));
	start_later(reader);
	reader->events.gone(reader->events.context);
}

/* ---- what it says ---- */

static struct stream *find(struct reader *reader, uint32_t id)
{
	for (size_t i = 0; i < LINK_STREAMS_MAX; i++)
		if (reader->streams[i].is_open && reader->streams[i].id == id)
			return &reader->streams[i];
	return NULL;
}

/* Each returns whether @message can be true; whoever says what cannot be is broken, or somebody else by now. */

static bool hear_seen(struct reader *reader, struct stream *stream, const struct link_message *message)
{
	if (stream->feeds == 0 || message->a < stream->seen || message->a > stream->fed)
		return false;
	stream->feeds--;
	stream->seen = message->a;
	reader->owed--;
	reader->events.seen(reader->events.context, message->stream, message->a);
	return true;
}

static bool hear_cut(struct reader *reader, struct stream *stream, const struct link_message *message)
{
	struct print_state state;

	if (message->a < stream->seen || message->a < stream->cut || message->a > stream->fed ||
		message->b > stream->fed - message->a || message->b == 0 || link_read_cut(message, &state) != 0)
		return false;
	stream->cut = message->a + message->b;
	reader->events.cut(reader->events.context, message->stream, message->a, message->b, &state);
	return true;
}

static bool hear_asked(struct reader *reader, const struct stream *stream, const struct link_message *message)
{
	if (message->len == 0 || message->a > stream->fed || message->a < message->len)
		return false;
	reader->events.asked(reader->events.context, message->stream, message->bytes, message->len);
	return true;
}

static bool hear_receipt(struct reader *reader, struct stream *stream, const struct link_message *message)
{
	struct link_receipt receipt;

	if (link_read_receipt(message, &receipt) != 0 || receipt.from < stream->receipt || receipt.to <= receipt.from ||
		receipt.to > stream->fed)
		return false;
	stream->receipt = receipt.to;
	reader->events.receipt(reader->events.context, message->stream, &receipt);
	return true;
}

static bool hear_ended(struct reader *reader, struct stream *stream, const struct link_message *message)
{
	if (stream->ends == 0)
		return false;
	reader->owed--;
	stream->ends--;
	if (stream->is_over && stream->ends == 0)
		*stream = (struct stream){.is_open = false};
	reader->events.ended(reader->events.context, message->stream);
	return true;
}

static bool hear_of_stream(struct reader *reader, const struct link_message *message)
{
	struct stream *stream = find(reader, message->stream);

	if (!stream || !reader->is_ready)
		return false;
	switch (message->kind) {
	case LINK_SEEN:
		return hear_seen(reader, stream, message);
	case LINK_CUT:
		return hear_cut(reader, stream, message);
	case LINK_ASKED:
		return hear_asked(reader, stream, message);
	case LINK_RECEIPT:
		return hear_receipt(reader, stream, message);
	case LINK_ENDED:
		return hear_ended(reader, stream, message);
	default:
		return false;
	}
}

static void tell_wrong(const struct reader *reader, const struct link_message *message)
{
	struct fault fault = {0};

	FAULT(&fault, FAULT_CONFIG, "port %s: %.*s", reader->settings->port, (int)message->len,
		(const char *)message->bytes);
	log_fault("reader", &fault);
}

static bool hear(struct reader *reader, const struct link_message *message)
{
	if (message->kind == LINK_WRONG)
		tell_wrong(reader, message);
	if (message->kind != LINK_READY)
		return hear_of_stream(reader, message);
	if (reader->is_ready)
		return false;
	reader->is_ready = true;
	reader->owed--;
	return true;
}

/* An event may lead to the end of the process: then nothing more of it is heard. */
static void hear_all(struct reader *reader)
{
	struct link_message message;
	int result = LINK_TAKEN;

	while (reader->fd >= 0 && result == LINK_TAKEN) {
		result = link_next(&reader->in, LINK_READER, &message);
		if (result == LINK_TAKEN)
			reader->heard_at = now_ms();
		if (result == LINK_WRONG_BYTES || (result == LINK_TAKEN && !hear(reader, &message)))
			drop(reader, "says what cannot be");
	}
}

static void receive(struct reader *reader)
{
	static const size_t room = READ_MAX;
	CLEANUP(freep) char *bytes = malloc(room);
	ssize_t n = 1;

	while (bytes && reader->fd >= 0 && n > 0) {
		n = recv(reader->fd, bytes, room, MSG_DONTWAIT);
		if (n == 0 || (n < 0 && errno != EAGAIN && errno != EINTR))
			drop(reader, "ended");
		else if (n > 0 && link_add(&reader->in, bytes, (size_t)n) < 0)
			drop(reader, "no memory");
		else if (n > 0)
			hear_all(reader);
	}
}

static int on_socket(void *context, uint32_t events, struct fault *fault)
{
	struct reader *reader = context;

	(void)fault;
	if (events & ~(uint32_t)EPOLLOUT)
		receive(reader);
	if (reader->fd >= 0)
		send_soon(reader);
	return 0;
}

/* ---- what hoadond wants ---- */

bool reader_is_ready(const struct reader *reader)
{
	return reader->is_ready;
}

int reader_begin(struct reader *reader, uint32_t stream)
{
	assert(!find(reader, stream));
	if (reader->fd < 0 || reader->is_full)
		return READER_AWAY;
	for (size_t i = 0; i < LINK_STREAMS_MAX; i++) {
		if (reader->streams[i].is_open)
			continue;
		reader->streams[i] = (struct stream){.id = stream, .is_open = true};
		return 0;
	}
	return READER_FULL;
}

int reader_feed(struct reader *reader, uint32_t stream, int64_t received_at, const void *bytes, size_t len)
{
	struct stream *known = find(reader, stream);
	const uint8_t *at = bytes;

	if (!known || known->is_over || reader->is_full)
		return READER_AWAY;
	while (len > 0) {
		size_t n = len < LINK_FEED_MAX ? len : LINK_FEED_MAX;

		put(reader, &(struct link_message){LINK_FEED, stream, (uint64_t)received_at, known->fed, at, n});
		owe(reader);
		known->feeds++;
		known->fed += n;
		at += n;
		len -= n;
	}
	send_soon(reader);
	return 0;
}

int reader_end(struct reader *reader, uint32_t stream, int64_t received_at, enum link_end why)
{
	struct stream *known = find(reader, stream);

	if (!known || known->is_over || reader->is_full)
		return READER_AWAY;
	known->is_over = why != LINK_IDLE;
	if (known->fed == 0) { /* the process never heard of it */
		if (known->is_over)
			*known = (struct stream){.is_open = false};
		return READER_AWAY;
	}
	put(reader, &(struct link_message){LINK_END, stream, (uint64_t)received_at, why, NULL, 0});
	owe(reader);
	known->ends++;
	send_soon(reader);
	return 0;
}

/* ---- its life ---- */

static void reap(struct reader *reader)
{
	int status = 0;

	if (reader->pid <= 0 || waitpid(reader->pid, &status, WNOHANG) == 0)
		return;
	if (WIFSIGNALED(status) && WTERMSIG(status) != SIGKILL)
		log_event(LOG_LEVEL_ERROR, "reader", "port=%s signal=%d", reader->settings->port, WTERMSIG(status));
	reader->pid = 0;
}

static int tick(void *context, uint32_t events, struct fault *fault)
{
	struct reader *reader = context;
	int64_t stuck_ms = reader->settings->stuck_ms ? reader->settings->stuck_ms : STUCK_MS;

	(void)events;
	(void)fault;
	if (reader->fd < 0)
		reap(reader);
	if (reader->fd < 0 && reader->pid == 0 && now_ms() >= reader->start_at)
		start(reader);
	if (reader->fd < 0)
		return 0;
	receive(reader); /* what it said while the loop was elsewhere */
	if (reader->is_full)
		drop(reader, "does not take what it is told");
	else if (reader->owed > 0 && now_ms() - reader->heard_at > (reader->is_ready ? stuck_ms : START_MS))
		drop(reader, "stuck");
	return 0;
}

int reader_new(const struct reader_settings *settings, const struct reader_events *events, struct loop *loop,
	struct reader **ret, struct fault *fault)
{
	CLEANUP(reader_freep) struct reader *reader = calloc(1, sizeof(*reader));
	size_t csv = settings->catalogue ? settings->catalogue->len : 0;
	size_t glyphs = settings->glyphs ? settings->glyphs->len : 0;
	int result;

	if (!reader)
		return FAULT(fault, FAULT_MEMORY, "no memory for hoadon-reader");
	reader->settings = settings;
	reader->events = *events;
	reader->loop = loop;
	reader->fd = -1;
	reader->pause_ms = PAUSE_FIRST_MS;
	bytes_init(&reader->out, QUEUE_MAX + settings->profile->len + csv + glyphs);
	result = loop_every(loop, TICK_MS, tick, reader, fault);
	if (result < 0)
		return result;
	start(reader);
	*ret = reader;
	reader = NULL;
	return 0;
}

void reader_free(struct reader *reader)
{
	if (!reader)
		return;
	if (reader->fd >= 0) {
		loop_unwatch(reader->loop, reader->fd);
		close(reader->fd);
	}
	if (reader->pid > 0) {
		kill(reader->pid, SIGKILL);
		while (waitpid(reader->pid, NULL, 0) < 0 && errno == EINTR)
			continue;
	}
	link_done(&reader->in);
	bytes_done(&reader->out);
	free(reader);
}
