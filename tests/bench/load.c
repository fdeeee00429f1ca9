/*
 * load: N tills that sell as fast as they are answered, each on one kept-alive connection and one thread. Prints one line of JSON.
 *
 * bench_load (--port P --token-file F | --unix SOCK) --tills N (--seconds S | --count N) --bodies FILE [--tag T] [--shift-ms MS] [--rate N]
 *
 * Bodies are JSON lines; till_id, bill_no and sold_at of each are replaced, everything else goes as it stands. Sockets block and
 * the body is spliced by memcpy: what is measured is the agent, not this program.
 */
#include <arpa/inet.h>
#include <errno.h>
#include <getopt.h>
#include <netinet/tcp.h>
#include <pthread.h>
#include <stdatomic.h>
#include <stdbool.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>
#include <sys/un.h>
#include <time.h>
#include <unistd.h>

#define TEMPLATES_MAX 4096
#define TILLS_MAX     256
#define BODY_MAX      (256 << 10)
#define HEAD_MAX      1024
#define ANSWER_MAX    (64 << 10)
#define ERRORS_TOLD   3

enum hole { HOLE_TILL, HOLE_BILL, HOLE_TIME, HOLE_COUNT };

/* A body with three holes, in the order in which they stand. */
struct template
{
	const char *part[HOLE_COUNT + 1];
	size_t len[HOLE_COUNT + 1];
	enum hole holes[HOLE_COUNT];
};

struct load {
	const char *unix_path, *token_file, *bodies_file, *tag;
	int port, tills;
	double seconds;
	long count;
	int64_t shift_ms;
	char token[256];
	char *bodies;
	struct template templates[TEMPLATES_MAX];
	size_t template_count;
	double rate;		  /* sales a second of all tills; 0 = as fast as they are answered */
	int64_t begin_us, end_us; /* end INT64_MAX = by count */
	atomic_long begun, errors;
};

struct till {
	struct load *load;
	int index;
	pthread_t thread;
	int fd;
	uint32_t *times; /* us of each answered sale */
	size_t count, room;
	char request[HEAD_MAX + BODY_MAX];
	char answer[ANSWER_MAX];
};

static int64_t now_us(void)
{
	struct timespec t;
	clock_gettime(CLOCK_MONOTONIC, &t);
	return (int64_t)t.tv_sec * 1000000 + t.tv_nsec / 1000;
}

static void die(const char *what)
{
	fprintf(stderr, "bench_load: %s: %s\n", what, strerror(errno));
	exit(2);
}

static char *read_file(const char *path)
{
	FILE *file = fopen(path, "rb");
	if (!file)
		die(path);
	size_t len = 0, room = 1 << 20;
	char *text = malloc(room + 1);
	for (size_t got; text && (got = fread(text + len, 1, room - len, file)) > 0;) {
		len += got;
		if (len == room)
			text = realloc(text, (room *= 2) + 1);
	}
	if (!text)
		die("memory");
	fclose(file);
	text[len] = 0;
	return text;
}

/* ---- bodies ---- */

/* Where the value of @key begins and how long it is; the key's first appearance is the sale's own. */
static char *find_value(char *line, const char *key, size_t *ret_len)
{
	char *at = strstr(line, key);
	if (at)
		at = strchr(at + strlen(key), '"');
	char *end = at ? strchr(at + 1, '"') : NULL;
	if (!end)
		return NULL;
	*ret_len = (size_t)(end - at - 1);
	return at + 1;
}

static bool make_template(char *line, struct template *ret)
{
	static const char *const keys[HOLE_COUNT] = {"\"till_id\":", "\"bill_no\":", "\"sold_at\":"};
	const char *rest = line;
	bool is_taken[HOLE_COUNT] = {false};

	for (int i = 0; i < HOLE_COUNT; i++) {
		char *first = NULL;
		size_t first_len = 0;
		for (int k = 0; k < HOLE_COUNT; k++) {
			size_t len = 0;
			char *at = is_taken[k] ? NULL : find_value(line, keys[k], &len);
			if (!at || (first && at > first))
				continue;
			first = at;
			first_len = len;
			ret->holes[i] = (enum hole)k;
		}
		if (!first)
			return false;
		is_taken[ret->holes[i]] = true;
		ret->part[i] = rest;
		ret->len[i] = (size_t)(first - rest);
		rest = first + first_len;
	}
	ret->part[HOLE_COUNT] = rest;
	ret->len[HOLE_COUNT] = strlen(rest);
	return true;
}

static void read_bodies(struct load *load)
{
	char *rest = NULL;
	load->bodies = read_file(load->bodies_file);
	for (char *line = strtok_r(load->bodies, "\n", &rest); line; line = strtok_r(NULL, "\n", &rest)) {
		bool is_good = load->template_count < TEMPLATES_MAX && strlen(line) < BODY_MAX - 256 &&
			       make_template(line, &load->templates[load->template_count++]);
		if (!is_good) {
			fprintf(stderr, "bench_load: line %zu of %s is not a sale\n", load->template_count,
				load->bodies_file);
			exit(2);
		}
	}
}

/* The local time (UTC+7) of the sale, as every till of the country writes it. */
static void write_time(int64_t shift_ms, char out[40])
{
	struct timespec now;
	struct tm local;
	clock_gettime(CLOCK_REALTIME, &now);
	time_t second = (time_t)(((int64_t)now.tv_sec * 1000 + now.tv_nsec / 1000000 + shift_ms) / 1000 + 25200);
	gmtime_r(&second, &local);
	strftime(out, 40, "%Y-%m-%dT%H:%M:%S+07:00", &local);
}

static size_t write_body(const struct till *till, long n, char *out)
{
	const struct load *load = till->load;
	const struct template *template = &load->templates[(size_t)n % load->template_count];
	char values[HOLE_COUNT][64];
	char *at = out;

	snprintf(values[HOLE_TILL], sizeof(values[0]), "T%02d", till->index + 1);
	snprintf(values[HOLE_BILL], sizeof(values[0]), "T%02d-%s-%05ld", till->index + 1, load->tag, n);
	write_time(load->shift_ms, values[HOLE_TIME]);
	for (int i = 0; i <= HOLE_COUNT; i++) {
		at = mempcpy(at, template->part[i], template->len[i]);
		if (i < HOLE_COUNT)
			at = mempcpy(at, values[template->holes[i]], strlen(values[template->holes[i]]));
	}
	return (size_t)(at - out);
}

/* ---- one till ---- */

static int connect_till(const struct load *load)
{
	struct sockaddr_in tcp = {.sin_family = AF_INET,
		.sin_port = htons((uint16_t)load->port),
		.sin_addr.s_addr = htonl(INADDR_LOOPBACK)};
	struct sockaddr_un local = {.sun_family = AF_UNIX};
	int one = 1;
	int fd = socket(load->unix_path ? AF_UNIX : AF_INET, SOCK_STREAM | SOCK_CLOEXEC, 0);
	if (load->unix_path)
		snprintf(local.sun_path, sizeof(local.sun_path), "%s", load->unix_path);
	else
		setsockopt(fd, IPPROTO_TCP, TCP_NODELAY, &one, sizeof(one));
	if (fd < 0 || (load->unix_path ? connect(fd, (struct sockaddr *)&local, sizeof(local))
				       : connect(fd, (struct sockaddr *)&tcp, sizeof(tcp))))
		die("connect");
	return fd;
}

/* The whole request; the head is put right in front of the body, so that it goes out in one piece. */
static char *write_request(struct till *till, long n, size_t *ret_len)
{
	char *body = till->request + HEAD_MAX;
	size_t len = write_body(till, n, body);
	char head[HEAD_MAX];
	int head_len = snprintf(head, sizeof(head),
		"POST /api/v1/sales HTTP/1.1\r\nHost: localhost\r\nContent-Type: application/json\r\n"
		"%s%s%sContent-Length: %zu\r\n\r\n",
		*till->load->token ? "Authorization: Bearer " : "", till->load->token, *till->load->token ? "\r\n" : "",
		len);
	*ret_len = (size_t)head_len + len;
	return memcpy(body - head_len, head, (size_t)head_len);
}

static bool send_all(int fd, const char *bytes, size_t len)
{
	while (len) {
		ssize_t sent = send(fd, bytes, len, MSG_NOSIGNAL);
		if (sent <= 0)
			return false;
		bytes += sent;
		len -= (size_t)sent;
	}
	return true;
}

/* The status of one whole answer, 0 when the connection broke. */
static int read_answer(struct till *till)
{
	size_t len = 0, whole = 0;
	do {
		ssize_t got = recv(till->fd, till->answer + len, ANSWER_MAX - 1 - len, 0);
		if (got <= 0)
			return 0;
		len += (size_t)got;
		till->answer[len] = 0;
		const char *end = whole ? NULL : strstr(till->answer, "\r\n\r\n");
		const char *length = end ? strcasestr(till->answer, "\r\ncontent-length:") : NULL;
		if (end && (!length || length > end))
			return 0;
		if (end)
			whole = (size_t)(end - till->answer) + 4 + strtoul(length + 17, NULL, 10);
	} while (!whole || len < whole);
	return atoi(till->answer + strlen("HTTP/1.1 "));
}

static void keep_time(struct till *till, int64_t us)
{
	if (till->count == till->room) {
		till->room = till->room ? till->room * 2 : 65536;
		till->times = realloc(till->times, till->room * sizeof(till->times[0]));
		if (!till->times)
			die("memory");
	}
	till->times[till->count++] = (uint32_t)us;
}

/* When sale @n is due at the wanted pace: its wait counts from then, so that a slow answer does not hide behind the till that waits for it. */
static int64_t wait_for_turn(const struct load *load, long n)
{
	int64_t due = load->begin_us + (int64_t)((double)n * 1e6 / load->rate);
	int64_t left = due - now_us();
	if (left > 0)
		usleep((useconds_t)left);
	return due;
}

static void *till_main(void *context)
{
	struct till *till = context;
	struct load *load = till->load;
	till->fd = connect_till(load);
	for (int64_t begin = now_us(); begin < load->end_us; begin = now_us()) {
		long n = atomic_fetch_add(&load->begun, 1);
		if (load->count && n >= load->count)
			break;
		size_t len;
		const char *request = write_request(till, n, &len);
		begin = load->rate > 0 ? wait_for_turn(load, n) : now_us();
		int status = send_all(till->fd, request, len) ? read_answer(till) : 0;
		if (status == 201) {
			keep_time(till, now_us() - begin);
			continue;
		}
		if (atomic_fetch_add(&load->errors, 1) < ERRORS_TOLD)
			fprintf(stderr, "bench_load: status %d: %.600s\n", status, status ? till->answer : "no answer");
		close(till->fd);
		till->fd = connect_till(load);
	}
	close(till->fd);
	return NULL;
}

/* ---- the whole ---- */

static int compare(const void *a, const void *b)
{
	uint32_t x = *(const uint32_t *)a, y = *(const uint32_t *)b;
	return (x > y) - (x < y);
}

static void report(const struct load *load, struct till *const *tills, double seconds)
{
	size_t count = 0, at = 0;
	for (int i = 0; i < load->tills; i++)
		count += tills[i]->count;
	uint32_t *times = calloc(count + 1, sizeof(times[0]));
	if (!times)
		die("memory");
	for (int i = 0; i < load->tills; i++) {
		if (tills[i]->count)
			memcpy(times + at, tills[i]->times, tills[i]->count * sizeof(times[0]));
		at += tills[i]->count;
	}
	qsort(times, count, sizeof(times[0]), compare);
	size_t last = count ? count - 1 : 0;
	printf("{\"count\": %zu, \"seconds\": %.3f, \"rate\": %.1f, \"p50_us\": %u, \"p90_us\": %u, \"p99_us\": %u, "
	       "\"max_us\": %u, \"errors\": %ld}\n",
		count, seconds, (double)count / seconds, times[last * 50 / 100], times[last * 90 / 100],
		times[last * 99 / 100], times[last], atomic_load(&load->errors));
	free(times);
}

static void run(struct load *load)
{
	struct till *tills[TILLS_MAX];
	int64_t begin = load->begin_us = now_us();
	load->end_us = load->count ? INT64_MAX : begin + (int64_t)(load->seconds * 1e6);
	for (int i = 0; i < load->tills; i++) {
		tills[i] = calloc(1, sizeof(*tills[i]));
		if (!tills[i])
			die("memory");
		tills[i]->load = load;
		tills[i]->index = i;
		if (pthread_create(&tills[i]->thread, NULL, till_main, tills[i]))
			die("thread");
	}
	for (int i = 0; i < load->tills; i++)
		pthread_join(tills[i]->thread, NULL);
	report(load, tills, (double)(now_us() - begin) / 1e6);
	for (int i = 0; i < load->tills; i++) {
		free(tills[i]->times);
		free(tills[i]);
	}
}

static bool read_arguments(int argc, char **argv, struct load *load)
{
	static const struct option options[] = {{"port", 1, NULL, 'p'}, {"unix", 1, NULL, 'u'},
		{"token-file", 1, NULL, 'k'}, {"tills", 1, NULL, 't'}, {"seconds", 1, NULL, 's'},
		{"count", 1, NULL, 'n'}, {"bodies", 1, NULL, 'b'}, {"tag", 1, NULL, 'g'}, {"shift-ms", 1, NULL, 'm'},
		{"rate", 1, NULL, 'r'}, {0}};
	for (int c; (c = getopt_long(argc, argv, "", options, NULL)) != -1;) {
		switch (c) {
		case 'p':
			load->port = atoi(optarg);
			break;
		case 'u':
			load->unix_path = optarg;
			break;
		case 'k':
			load->token_file = optarg;
			break;
		case 't':
			load->tills = atoi(optarg);
			break;
		case 's':
			load->seconds = atof(optarg);
			break;
		case 'n':
			load->count = atol(optarg);
			break;
		case 'b':
			load->bodies_file = optarg;
			break;
		case 'g':
			load->tag = optarg;
			break;
		case 'r':
			load->rate = atof(optarg);
			break;
		case 'm':
			load->shift_ms = atoll(optarg);
			break;
		default:
			return false;
		}
	}
	return (load->port || load->unix_path) && load->bodies_file && load->tills > 0 && load->tills <= TILLS_MAX &&
	       (load->seconds > 0 || load->count > 0) && strlen(load->tag) <= 20;
}

int main(int argc, char **argv)
{
	struct load *load = calloc(1, sizeof(*load));
	if (!load)
		die("memory");
	load->tag = "000000";
	if (!read_arguments(argc, argv, load)) {
		fprintf(stderr, "usage: bench_load (--port P --token-file F | --unix SOCK) --tills N "
				"(--seconds S | --count N) --bodies FILE [--tag T] [--shift-ms MS] [--rate N]\n");
		return 2;
	}
	if (load->token_file) {
		char *token = read_file(load->token_file);
		snprintf(load->token, sizeof(load->token), "%.*s", (int)strcspn(token, "\r\n"), token);
		free(token);
	}
	read_bodies(load);
	run(load);
	bool has_errors = atomic_load(&load->errors) > 0;
	free(load->bodies);
	free(load);
	return has_errors;
}
