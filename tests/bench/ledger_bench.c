/*
 * ledger: what a ledger record costs inside the store's transaction. bench_ledger DIR; prints one line of JSON.
 *
 * Two stores in DIR get the same transactions of 64 kept frames; one of them also gets the two records of an issued sale
 * (frame-kept and issued, as issue/batch writes them) for each frame. Transactions alternate between the stores, both are durable,
 * and the difference of the medians is divided by the records.
 */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>

#include "base/clock.h"
#include "base/digest.h"
#include "store/frames.h"
#include "store/ledger.h"
#include "store/store.h"

#define FRAMES	     64 /* as many as the issuer takes together */
#define RECORDS	     2	/* of each frame */
#define TRANSACTIONS 400
#define WAL_MAX	     (8 << 20)

struct side {
	struct store *store;
	bool has_ledger;
	int64_t times[TRANSACTIONS]; /* ns */
};

static int64_t now_ns(void)
{
	struct timespec t;
	clock_gettime(CLOCK_MONOTONIC, &t);
	return (int64_t)t.tv_sec * 1000000000 + t.tv_nsec;
}

static void check(int result, const struct fault *fault)
{
	if (!result)
		return;
	fprintf(stderr, "bench_ledger: %d %s\n", result, fault->text);
	exit(2);
}

static void record_frame(struct store *store, const struct frame_row *row, int64_t id)
{
	struct fault fault = {0};
	struct ledger_payload payload;
	ledger_payload_init(&payload);
	ledger_payload_int(&payload, "bytes", (int64_t)row->len);
	ledger_payload_commit(store, &payload, "frame", row->digest);
	ledger_payload_int(&payload, "id", id);
	ledger_payload_text(&payload, "source", row->source);
	ledger_payload_text(&payload, "till", row->till_id);
	check(ledger_append(store, LEDGER_FRAME_KEPT, &payload, NULL, &fault), &fault);
}

static void record_issued(struct store *store, const struct frame_row *row, int64_t id)
{
	struct fault fault = {0};
	struct ledger_payload payload;
	struct ledger_head head;
	char code[32];
	snprintf(code, sizeof(code), "M1-26-VD7K2-%011lld", (long long)id);
	ledger_payload_init(&payload);
	ledger_payload_text(&payload, "code", code);
	ledger_payload_int(&payload, "form", 1);
	ledger_payload_int(&payload, "number", id);
	ledger_payload_commit(store, &payload, "sale", row->digest);
	ledger_payload_text(&payload, "serial", "C26MAA");
	ledger_payload_int(&payload, "total", 313000);
	ledger_payload_commit(store, &payload, "xml", row->digest);
	check(ledger_append(store, LEDGER_ISSUED, &payload, &head, &fault), &fault);
}

static void add_frame(struct side *side, int n)
{
	struct fault fault = {0};
	char body[512];
	int64_t id = 0;
	int len = snprintf(body, sizeof(body),
		"{\"till_id\": \"T01\", \"bill_no\": \"T01-261122-%06d\", \"kind\": \"sale\", \"lines\": [{\"name\": "
		"\"Phở bò\", "
		"\"qty\": \"%d\", \"unit_price\": \"55000\", \"vat_rate\": \"8\"}], \"total\": \"%d\"}",
		n, 1 + n % 9, 55000 * (1 + n % 9));
	struct frame_row row = {.source = "http",
		.dialect = "json",
		.till_id = "T01",
		.received_at = clock_now_ms(NULL),
		.state = FRAME_DECODED,
		.reason = "",
		.bytes = body,
		.len = (size_t)len};
	digest_sha256(row.bytes, row.len, row.digest);
	check(store_frame_add(side->store, &row, &id, &fault), &fault);
	if (!side->has_ledger)
		return;
	record_frame(side->store, &row, id);
	record_issued(side->store, &row, id);
}

static int64_t run_transaction(struct side *side, int n)
{
	struct fault fault = {0};
	int64_t begin = now_ns();
	check(store_begin(side->store, &fault), &fault);
	for (int i = 0; i < FRAMES; i++)
		add_frame(side, n * FRAMES + i);
	check(store_commit(side->store, &fault), &fault);
	int64_t took = now_ns() - begin;
	check(store_checkpoint_wal(side->store, WAL_MAX, &fault), &fault);
	return took;
}

static int compare(const void *a, const void *b)
{
	int64_t x = *(const int64_t *)a, y = *(const int64_t *)b;
	return (x > y) - (x < y);
}

static int64_t median(struct side *side)
{
	qsort(side->times, TRANSACTIONS, sizeof(side->times[0]), compare);
	return side->times[TRANSACTIONS / 2];
}

static void open_side(const char *dir, const char *name, const struct clock *clock, struct side *side)
{
	struct fault fault = {0};
	char path[4096];
	snprintf(path, sizeof(path), "%s/%s", dir, name);
	check(store_open(path, STORE_WRITE, clock, "9900000016", &side->store, &fault), &fault);
}

int main(int argc, char **argv)
{
	struct clock clock = {0};
	struct side *sides = calloc(2, sizeof(*sides));
	if (argc != 2 || !sides) {
		fprintf(stderr, "usage: bench_ledger DIR\n");
		return 2;
	}
	open_side(argv[1], "without", &clock, &sides[0]);
	open_side(argv[1], "with", &clock, &sides[1]);
	sides[1].has_ledger = true;
	for (int n = 0; n < TRANSACTIONS; n++)
		for (int i = 0; i < 2; i++)
			sides[(n + i) % 2].times[n] = run_transaction(&sides[(n + i) % 2], n);
	int64_t without = median(&sides[0]), with = median(&sides[1]);
	printf("{\"without_us\": %.1f, \"with_us\": %.1f, \"records\": %d, \"per_record_us\": %.2f}\n",
		(double)without / 1e3, (double)with / 1e3, FRAMES * RECORDS,
		(double)(with - without) / 1e3 / (FRAMES * RECORDS));
	store_close(sides[0].store);
	store_close(sides[1].store);
	free(sides);
	return 0;
}
