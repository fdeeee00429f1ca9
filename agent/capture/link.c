#include "capture/link.h"

#include <assert.h>
#include <string.h>

#include "base/text.h"

#define HEADER_LEN 25 /* u8 kind, u32 stream, u64 a, u64 b, u32 length of the bytes behind it; the high byte first */
#define READ_MAX   ((size_t)1 << 20)
#define CUT_LEN	   11 /* u32 page, then a byte each: country, align, font, width, height, is_kanji, is_utf8 */

enum { IS_PARTIAL = 1, IS_PICTURE = 2, IS_UNDATED = 4 };

static const struct {
	enum link_side from;
	size_t max;
} kinds[LINK_KIND_COUNT] = {
#define X(kind, side, bytes) [LINK_##kind] = {LINK_##side, bytes},
	LINK_KINDS(X)
#undef X
};

static void put_number(struct bytes *out, uint64_t value, int bytes)
{
	while (bytes-- > 0)
		bytes_char(out, (char)(value >> 8 * bytes & 0xff));
}

static uint64_t get_number(const uint8_t *at, int bytes)
{
	uint64_t value = 0;

	while (bytes-- > 0)
		value = value << 8 | *at++;
	return value;
}

void link_put(struct bytes *out, const struct link_message *message)
{
	assert(message->kind > LINK_NONE && message->kind < LINK_KIND_COUNT);
	assert(message->len <= kinds[message->kind].max);
	put_number(out, message->kind, 1);
	put_number(out, message->stream, 4);
	put_number(out, message->a, 8);
	put_number(out, message->b, 8);
	put_number(out, message->len, 4);
	bytes_append(out, message->bytes, message->len);
}

/* ---- what comes ---- */

int link_add(struct link *link, const void *bytes, size_t len)
{
	link->in.max = HEADER_LEN + CATALOGUE_BYTES_MAX + READ_MAX;
	if (link->at > 0)
		memmove(link->in.data, link->in.data + link->at, link->in.len - link->at);
	link->in.len -= link->at;
	link->at = 0;
	bytes_append(&link->in, bytes, len);
	return link->in.failed ? FAULT_MEMORY : 0;
}

int link_next(struct link *link, enum link_side from, struct link_message *ret)
{
	const uint8_t *at = link->in.data + link->at;
	size_t have = link->in.len - link->at;
	size_t len;

	if (have > 0 && (at[0] == LINK_NONE || at[0] >= LINK_KIND_COUNT || kinds[at[0]].from != from))
		return LINK_WRONG_BYTES;
	if (have < HEADER_LEN)
		return LINK_MORE;
	len = get_number(at + 21, 4);
	if (len > kinds[at[0]].max)
		return LINK_WRONG_BYTES;
	if (have - HEADER_LEN < len)
		return LINK_MORE;
	*ret = (struct link_message){.kind = at[0],
		.stream = (uint32_t)get_number(at + 1, 4),
		.a = get_number(at + 5, 8),
		.b = get_number(at + 13, 8),
		.bytes = at + HEADER_LEN,
		.len = len};
	link->at += HEADER_LEN + len;
	return LINK_TAKEN;
}

void link_done(struct link *link)
{
	bytes_done(&link->in);
	link->at = 0;
}

/* ---- what stands in a message ---- */

void link_put_cut(struct bytes *out, uint32_t stream, uint64_t offset, uint64_t length, const struct print_state *state)
{
	uint32_t page = (uint32_t)state->page;
	const uint8_t bytes[CUT_LEN] = {(uint8_t)(page >> 24), (uint8_t)(page >> 16), (uint8_t)(page >> 8),
		(uint8_t)page, state->country, state->align, state->font, state->width, state->height, state->is_kanji,
		state->is_utf8};

	link_put(out, &(struct link_message){LINK_CUT, stream, offset, length, bytes, sizeof(bytes)});
}

int link_read_cut(const struct link_message *message, struct print_state *ret)
{
	const uint8_t *at = message->bytes;

	if (message->len != CUT_LEN)
		return LINK_WRONG_BYTES;
	*ret = (struct print_state){.page = (int32_t)get_number(at, 4),
		.country = at[4],
		.align = at[5],
		.font = at[6],
		.width = at[7],
		.height = at[8],
		.is_kanji = at[9] == 1,
		.is_utf8 = at[10] == 1};
	return ret->page >= PRINT_PAGE_NONE && ret->page <= UINT8_MAX && ret->align <= 2 && ret->font <= 1 &&
			       ret->width >= 1 && ret->width <= 8 && ret->height >= 1 && ret->height <= 8 &&
			       at[9] <= 1 && at[10] <= 1
		       ? 0
		       : LINK_WRONG_BYTES;
}

/* A byte of bits: 1 partial, 2 a picture, 4 without a date; then code, words and sale, each with a NUL behind it. */
void link_put_receipt(struct bytes *out, uint32_t stream, const struct link_receipt *receipt)
{
	BYTES_CLEANUP struct bytes body = {.max = LINK_SALE_MAX};

	bytes_char(&body, (char)((receipt->is_partial ? IS_PARTIAL : 0) | (receipt->is_picture ? IS_PICTURE : 0) |
				  (receipt->is_undated ? IS_UNDATED : 0)));
	bytes_text(&body, problem_kind(receipt->problem)->code);
	bytes_char(&body, '\0');
	bytes_text(&body, receipt->detail);
	bytes_char(&body, '\0');
	bytes_append(&body, receipt->sale, receipt->sale_len);
	bytes_char(&body, '\0');
	out->failed |= body.failed;
	link_put(out, &(struct link_message){LINK_RECEIPT, stream, receipt->from, receipt->to, body.data, body.len});
}

/* The next of @count texts that end with a NUL; NULL: there is none. */
static const char *next_text(const char **at, const char *end)
{
	const char *text = *at;
	const char *nul = memchr(text, '\0', (size_t)(end - text));

	*at = nul ? nul + 1 : end;
	return nul;
}

/* Words for people, which go into logs and onto pages. */
static bool is_plain(const char *text, size_t len)
{
	const uint8_t *at = (const uint8_t *)text;

	for (size_t i = 0; i < len; i++)
		if (at[i] < ' ' || at[i] == 0x7f || (at[i] == 0xc2 && i + 1 < len && at[i + 1] < 0xa0))
			return false;
	return text_is_utf8(text, len);
}

int link_read_receipt(const struct link_message *message, struct link_receipt *ret)
{
	const char *bytes = message->bytes;
	const char *end = bytes + message->len;
	const char *code = bytes + 1;
	const char *detail = code;
	const char *sale, *detail_end, *sale_end;

	if (message->len < 4 || (uint8_t)bytes[0] > (IS_PARTIAL | IS_PICTURE | IS_UNDATED) || !next_text(&detail, end))
		return LINK_WRONG_BYTES;
	sale = detail;
	detail_end = next_text(&sale, end);
	if (!detail_end)
		return LINK_WRONG_BYTES;
	bytes = sale;
	sale_end = next_text(&bytes, end);
	*ret = (struct link_receipt){.from = message->a,
		.to = message->b,
		.sale = sale,
		.sale_len = message->len - 1 - (size_t)(sale - (const char *)message->bytes),
		.problem = problem_find(code),
		.detail = detail,
		.is_partial = ((const uint8_t *)message->bytes)[0] & IS_PARTIAL,
		.is_undated = ((const uint8_t *)message->bytes)[0] & IS_UNDATED,
		.is_picture = ((const uint8_t *)message->bytes)[0] & IS_PICTURE};
	return sale_end == end - 1 && ret->sale_len > 0 && is_plain(detail, (size_t)(detail_end - detail)) &&
			       is_plain(sale, ret->sale_len) &&
			       (ret->problem == PROBLEM_NONE ? code[0] == '\0' : problem_is_parked(ret->problem))
		       ? 0
		       : LINK_WRONG_BYTES;
}
