/*
 * Any bytes that a till prints, through the port of hoadon-reader, in any printer language: no crash, hoadond understands each word of what it is
 * told, each receipt is a sale that its own dialect reads, and the receipts are the same whole and in pieces. Corpus: tests/dialects.
 */
#include <assert.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>

#include "base/file.h"
#include "capture/port.h"
#include "drivers/drivers.h"

#define NOON	      INT64_C(1795327200000) /* 2026-11-22T13:00:00+07:00 */
#define TOLD_MAX      ((size_t)64 << 20)
#define ARENA_MAX     ((size_t)16 << 20)
#define LANGUAGES_MAX 8

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

static const char catalogue[] = "code,name,unit,vat_rate,class\n,Cà phê sữa đá,ly,8,reduced\n,Tra da,ly,8,reduced\n";
static const char glyphs[] =
	"hoadon-glyphs 1\nsize 7 5\nglyph 1 7 0 7 4 1 1 80008080808080 i\nglyph 5 7 0 7 3 0 1 f8202020202020 T\n";

/* A port that was started once: what it remembers of earlier papers is the same in both of a pair. */
struct end {
	struct port *port;
	struct bytes told;
	uint32_t stream;
};

static void tell(void *context, struct bytes *out)
{
	struct end *end = context;

	bytes_append(&end->told, out->data, out->len);
	assert(!end->told.failed);
	bytes_clear(out);
}

static void say(struct end *end, const struct link_message *message)
{
	assert(port_take(end->port, message, NULL) == 0);
}

static void start(struct end *end, const char *language)
{
	BYTES_CLEANUP struct bytes ini = {.max = PROFILE_FILE_MAX};

	bytes_init(&end->told, TOLD_MAX);
	end->port = port_new(driver_print_dialects, tell, end);
	assert(end->port && file_read("drivers/profiles/default.ini", &ini, NULL) == 0);
	say(end, &(struct link_message){LINK_DIALECT, 0, 576, 0, language, strlen(language)});
	say(end, &(struct link_message){LINK_TILL, 0, LINK_VAT_INCLUDED | LINK_HAS_RATES, 0, "T01", 3});
	say(end, &(struct link_message){LINK_PROFILE, 0, 0, 0, ini.data, ini.len});
	say(end, &(struct link_message){LINK_CATALOGUE, 0, 0, 0, catalogue, sizeof(catalogue) - 1});
	say(end, &(struct link_message){LINK_GLYPHS, 0, 0, 0, glyphs, sizeof(glyphs) - 1});
	say(end, &(struct link_message){LINK_START, 0, 0, 0, NULL, 0});
	assert(end->told.data[0] == LINK_READY);
}

/* As hoadond reads it again. */
static void check_sale(const struct link_receipt *receipt)
{
	CLEANUP(arena_freep) struct arena *arena = arena_new(ARENA_MAX);
	CLEANUP(freep) void *state = calloc(1, dialect_json.state_size);
	struct problem problem = {.code = PROBLEM_NONE};
	struct sale sale;

	assert(arena && state);
	assert(dialect_json.feed(state, receipt->sale, receipt->sale_len, LINK_SALE_MAX, &problem) == 0);
	assert(dialect_json.flush(state, arena, &sale, &problem) == 0);
	assert(receipt->problem == PROBLEM_NONE || problem_is_parked(receipt->problem));
}

struct heard {
	size_t size; /* of the stream */
	uint64_t seen, from;
	bool has_ended;
};

/* What may be told, in order; a receipt goes into @ret. */
static void check_message(struct heard *heard, const struct link_message *message, struct bytes *ret)
{
	struct link_receipt receipt;
	struct print_state state;

	assert(!heard->has_ended);
	if (message->kind == LINK_SEEN) {
		assert(message->a >= heard->seen && message->a <= heard->size);
		heard->seen = message->a;
	} else if (message->kind == LINK_CUT) {
		assert(link_read_cut(message, &state) == 0);
		assert(message->a >= heard->seen && message->a + message->b <= heard->size);
	} else if (message->kind == LINK_ASKED) {
		assert(message->len > 0 && message->a >= message->len && message->a <= heard->size);
	} else if (message->kind == LINK_RECEIPT) {
		assert(link_read_receipt(message, &receipt) == 0);
		assert(receipt.from >= heard->from && receipt.to >= receipt.from && receipt.to <= heard->size);
		heard->from = receipt.to;
		check_sale(&receipt);
		link_put_receipt(ret, 0, &receipt);
	} else {
		assert(message->kind == LINK_ENDED);
		heard->has_ended = true;
	}
}

static void check_told(struct end *end, size_t size, struct bytes *ret)
{
	struct heard heard = {.size = size};
	struct link link = {.at = 0};
	struct link_message message;
	size_t step;

	for (size_t at = 0; at < end->told.len; at += step) {
		step = end->told.len - at < LINK_FEED_MAX ? end->told.len - at : LINK_FEED_MAX;
		assert(link_add(&link, end->told.data + at, step) == 0);
		while (link_next(&link, LINK_READER, &message) == LINK_TAKEN) {
			assert(message.stream == end->stream);
			check_message(&heard, &message, ret);
		}
	}
	assert(heard.has_ended && link.at == link.in.len);
	link_done(&link);
}

/* The receipts of a connection whose bytes come in pieces of @step. */
static void print(struct end *end, const uint8_t *data, size_t size, size_t step, enum link_end why, struct bytes *ret)
{
	bytes_clear(&end->told);
	end->stream++;
	for (size_t at = 0; at < size; at += step)
		say(end, &(struct link_message){
				 LINK_FEED, end->stream, NOON, at, data + at, size - at < step ? size - at : step});
	say(end, &(struct link_message){LINK_END, end->stream, NOON, why, NULL, 0});
	check_told(end, size, ret);
}

/* One language for each input: a receipt is read in milliseconds. */
int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	static struct end ends[LANGUAGES_MAX][2];
	BYTES_CLEANUP struct bytes whole = {.max = TOLD_MAX};
	BYTES_CLEANUP struct bytes pieces = {.max = TOLD_MAX};
	size_t count = 0;

	if (size == 0 || size > LINK_FEED_MAX)
		return 0;
	while (driver_print_dialects[count])
		count++;
	assert(count <= LANGUAGES_MAX);

	struct end *pair = ends[size % count];
	size_t step = size < 64 ? 1 : size / 32 + data[size - 1] % 61;
	enum link_end why = data[size - 1] & 1 ? LINK_BROKEN : LINK_CLOSED;

	for (int i = 0; i < 2; i++)
		if (!pair[i].port)
			start(&pair[i], driver_print_dialects[(pair - ends[0]) / 2]->name);
	print(&pair[0], data, size, size, why, &whole);
	print(&pair[1], data, size, step, why, &pieces);
	assert(whole.len == pieces.len && (whole.len == 0 || memcmp(whole.data, pieces.data, whole.len) == 0));
	return 0;
}
