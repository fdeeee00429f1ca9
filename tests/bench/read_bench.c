/*
 * read: how long hoadon-reader works at a receipt, from its bytes to its sale, in processor time: each text receipt of tests/dialects/layouts in
 * its variants, as it comes from a till: one connection, one piece. With the glyphs of a till: each of its pictures, in pieces of a message.
 */
#include <glob.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>

#include "base/file.h"
#include "capture/port.h"
#include "drivers/drivers.h"

#define STREAM_MAX ((size_t)1 << 20)
#define ROUNDS	   100
#define NOON	   INT64_C(1795327200000) /* 2026-11-22T13:00:00+07:00 */

struct told {
	size_t receipts, sales; /* all, and those without a problem */
};

static void count(void *context, struct bytes *out)
{
	struct told *told = context;
	struct link link = {.at = 0};
	struct link_message message;
	struct link_receipt receipt;

	if (link_add(&link, out->data, out->len) != 0)
		exit(1);
	while (link_next(&link, LINK_READER, &message) == LINK_TAKEN)
		if (message.kind == LINK_RECEIPT && link_read_receipt(&message, &receipt) == 0) {
			told->receipts++;
			told->sales += receipt.problem == PROBLEM_NONE;
		}
	link_done(&link);
	bytes_clear(out);
}

static void say(struct port *port, const struct link_message *message)
{
	struct fault fault = {0};

	if (port_take(port, message, &fault) == 0)
		return;
	fprintf(stderr, "%s\n", fault.text);
	exit(1);
}

/* @glyphs: NULL: no pictures are read. */
static void start(struct port *port, const char *profile, const char *catalogue, const char *glyphs)
{
	BYTES_CLEANUP struct bytes dictionary = {.max = GLYPHS_FILE_MAX};
	BYTES_CLEANUP struct bytes ini = {.max = PROFILE_FILE_MAX};
	BYTES_CLEANUP struct bytes csv = {.max = STREAM_MAX};

	if (file_read(profile, &ini, NULL) != 0 || file_read(catalogue, &csv, NULL) != 0 ||
		(glyphs && file_read(glyphs, &dictionary, NULL) != 0))
		exit(1);
	say(port, &(struct link_message){LINK_DIALECT, 0, 576, 0, "escpos", 6});
	say(port, &(struct link_message){LINK_TILL, 0, LINK_VAT_INCLUDED | LINK_HAS_RATES, 0, "T01", 3});
	say(port, &(struct link_message){LINK_PROFILE, 0, 0, 0, ini.data, ini.len});
	say(port, &(struct link_message){LINK_CATALOGUE, 0, 0, 0, csv.data, csv.len});
	say(port, &(struct link_message){LINK_GLYPHS, 0, 0, 0, dictionary.data, dictionary.len});
	say(port, &(struct link_message){LINK_START, 0, 0, 0, NULL, 0});
}

static double now_us(void)
{
	struct timespec t;

	clock_gettime(CLOCK_THREAD_CPUTIME_ID, &t);
	return (double)t.tv_sec * 1e6 + (double)t.tv_nsec / 1e3;
}

static double read_one(struct port *port, uint32_t id, const struct bytes *stream)
{
	double begin = now_us();

	for (size_t at = 0; at < stream->len; at += LINK_FEED_MAX) {
		size_t len = stream->len - at < LINK_FEED_MAX ? stream->len - at : LINK_FEED_MAX;

		say(port, &(struct link_message){LINK_FEED, id, NOON, at, stream->data + at, len});
	}
	say(port, &(struct link_message){LINK_END, id, NOON, LINK_CLOSED, NULL, 0});
	return now_us() - begin;
}

static int by_value(const void *a, const void *b)
{
	double x = *(const double *)a;
	double y = *(const double *)b;

	return (x > y) - (x < y);
}

int main(int argc, char **argv)
{
	struct told told = {0, 0};
	CLEANUP(port_freep) struct port *port = port_new(driver_print_dialects, count, &told);
	glob_t found;

	if (argc < 4 || argc > 5 || !port || glob(argv[1], 0, NULL, &found))
		return 2;
	start(port, argv[2], argv[3], argv[4]);
	size_t n = ROUNDS * found.gl_pathc;
	CLEANUP(freep) double *times = calloc(n, sizeof(*times));
	if (!times)
		return 1;
	for (size_t i = 0; i < n; i++) {
		BYTES_CLEANUP struct bytes stream = {.max = STREAM_MAX};

		if (file_read(found.gl_pathv[i % found.gl_pathc], &stream, NULL))
			return 1;
		times[i] = read_one(port, (uint32_t)i + 1, &stream);
	}
	qsort(times, n, sizeof(times[0]), by_value);
	printf("{\"p50_us\": %.1f, \"p99_us\": %.1f, \"most_us\": %.1f, \"streams\": %zu, \"receipts\": %zu, "
	       "\"sales\": %zu}\n",
		times[n / 2], times[n * 99 / 100], times[n - 1], n, told.receipts, told.sales);
	globfree(&found);
	return 0;
}
