/*
 * print: tokenizer and virtual head together, in bytes a second. Every text receipt of tests/dialects/layouts, in its variants, one
 * behind the other in pieces of a network read; pictures would only make it look faster.
 */
#include <glob.h>
#include <stdio.h>
#include <stdlib.h>
#include <time.h>

#include "base/bytes.h"
#include "base/file.h"
#include "capture/head.h"
#include "drivers/drivers.h"

#define STREAM_MAX ((size_t)1 << 20)
#define PIECE	   ((size_t)4096)
#define ROUNDS	   25
#define ROUND_MB   8

struct seen {
	size_t receipts, lines;
};

static void count_receipt(void *context, struct arena *arena, const struct paper *paper)
{
	struct seen *seen = context;

	seen->receipts++;
	seen->lines += paper->line_count;
	arena_free(arena);
}

static double now_s(void)
{
	struct timespec t;

	clock_gettime(CLOCK_THREAD_CPUTIME_ID, &t);
	return (double)t.tv_sec + (double)t.tv_nsec / 1e9;
}

static int by_value(const void *a, const void *b)
{
	double x = *(const double *)a;
	double y = *(const double *)b;

	return (x > y) - (x < y);
}

/* Bytes a second of one round. */
static double round_rate(const struct bytes *stream, struct seen *seen)
{
	CLEANUP(head_freep) struct head *head = head_new(HEAD_DOTS_80MM, count_receipt, seen);
	struct print_sink sink = {head_event, head};
	CLEANUP(freep) void *state = calloc(1, dialect_escpos.state_size);
	size_t times = ((size_t)ROUND_MB << 20) / stream->len;
	int result = head && state ? 0 : -1;
	double start = now_s();

	for (size_t i = 0; i < times && result == 0; i++)
		for (size_t at = 0; at < stream->len && result == 0; at += PIECE)
			result = dialect_escpos.feed(
				state, stream->data + at, stream->len - at < PIECE ? stream->len - at : PIECE, &sink);
	if (result || dialect_escpos.flush(state, &sink) || head_end(head))
		exit(1);
	return (double)(times * stream->len) / (now_s() - start);
}

int main(int argc, char **argv)
{
	BYTES_CLEANUP struct bytes stream;
	struct seen seen = {0, 0};
	double rates[ROUNDS];
	glob_t found;

	bytes_init(&stream, STREAM_MAX);
	if (argc != 2 || glob(argv[1], 0, NULL, &found))
		return 2;
	for (size_t i = 0; i < found.gl_pathc; i++)
		if (file_read(found.gl_pathv[i], &stream, NULL))
			return 1;
	for (int i = 0; i < ROUNDS; i++)
		rates[i] = round_rate(&stream, &seen);
	qsort(rates, ROUNDS, sizeof(rates[0]), by_value);
	printf("{\"mb_per_s\": %.1f, \"least\": %.1f, \"streams\": %zu, \"bytes\": %zu, \"receipts\": %zu, \"lines\": "
	       "%zu}\n",
		rates[ROUNDS / 2] / 1e6, rates[0] / 1e6, found.gl_pathc, stream.len, seen.receipts, seen.lines);
	globfree(&found);
	return 0;
}
