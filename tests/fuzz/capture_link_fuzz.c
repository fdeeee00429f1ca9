/*
 * Any bytes as what the other end of the pipe to hoadon-reader said, for either end: the same messages whole and in pieces, nothing behind what is
 * wrong, and each message, cut and receipt that is taken is written again as it came. The first byte: whose word it is, and the pieces.
 */
#include <assert.h>
#include <stdint.h>
#include <string.h>

#include "base/text.h"
#include "capture/link.h"

#define OUT_MAX ((size_t)4 << 20)

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

static void check_cut(const struct link_message *message)
{
	BYTES_CLEANUP struct bytes came = {.max = OUT_MAX};
	BYTES_CLEANUP struct bytes again = {.max = OUT_MAX};
	struct print_state state;

	if (message->kind != LINK_CUT || link_read_cut(message, &state) != 0)
		return;
	link_put(&came, message);
	link_put_cut(&again, message->stream, message->a, message->b, &state);
	assert(came.len == again.len && memcmp(came.data, again.data, came.len) == 0);
}

static void check_receipt(const struct link_message *message)
{
	BYTES_CLEANUP struct bytes came = {.max = OUT_MAX};
	BYTES_CLEANUP struct bytes again = {.max = OUT_MAX};
	struct link_receipt receipt;

	if (message->kind != LINK_RECEIPT || link_read_receipt(message, &receipt) != 0)
		return;
	assert(receipt.sale_len > 0 && strlen(receipt.sale) == receipt.sale_len);
	assert(text_is_utf8(receipt.sale, receipt.sale_len) && text_is_utf8(receipt.detail, strlen(receipt.detail)));
	assert(receipt.problem == PROBLEM_NONE || problem_is_parked(receipt.problem));
	link_put(&came, message);
	link_put_receipt(&again, message->stream, &receipt);
	assert(came.len == again.len && memcmp(came.data, again.data, came.len) == 0);
}

/* All messages of what came in pieces of @step, written again into @out; the result behind the last. */
static int take(const uint8_t *data, size_t size, size_t step, enum link_side from, struct bytes *out)
{
	struct link link = {.at = 0};
	struct link_message message;
	int result = LINK_MORE;

	for (size_t at = 0; at < size && result == LINK_MORE; at += step) {
		if (link_add(&link, data + at, size - at < step ? size - at : step) != 0)
			break;
		while ((result = link_next(&link, from, &message)) == LINK_TAKEN) {
			check_cut(&message);
			check_receipt(&message);
			link_put(out, &message);
		}
	}
	link_done(&link);
	return result;
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	BYTES_CLEANUP struct bytes whole = {.max = OUT_MAX};
	BYTES_CLEANUP struct bytes pieces = {.max = OUT_MAX};
	enum link_side from;
	int result;

	if (size < 2)
		return 0;
	from = data[0] & 1 ? LINK_READER : LINK_HOADOND;
	result = take(data + 1, size - 1, size, from, &whole);
	assert(take(data + 1, size - 1, 1 + data[0] / 2, from, &pieces) == result);
	assert(whole.len == pieces.len && whole.len <= size - 1);
	assert(whole.len == 0 || memcmp(whole.data, pieces.data, whole.len) == 0);
	assert(whole.len == 0 || memcmp(whole.data, data + 1, whole.len) == 0);
	return 0;
}
