/* link: the messages between hoadond and hoadon-reader, the process that reads print streams. Pure, and strict: a peer may be broken or hostile. */
#ifndef HOADON_CAPTURE_LINK_H
#define HOADON_CAPTURE_LINK_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "base/bytes.h"
#include "capture/catalogue.h"
#include "capture/glyphs.h"
#include "capture/print.h"
#include "capture/profile.h"
#include "core/problem.h"

#define LINK_FEED_MAX ((size_t)64 << 10)
#define LINK_SALE_MAX ((size_t)1 << 20) /* bytes of a sale, its problem and that in words */
#define LINK_TEXT_MAX ((size_t)300)

#define LINK_STREAMS_MAX 16 /* open at a time */
#define LINK_ASKED_MAX	 8  /* bytes of a command that asks */

/*
 * X(KIND, who says it, bytes at most). First DIALECT, TILL, PROFILE, CATALOGUE and GLYPHS, then START, which is answered by READY or WRONG. Each
 * FEED is answered by one SEEN, each END by one ENDED; what was found on the way is told before.
 *
 * DIALECT    bytes: row of drivers/print_dialects.c; a: dots across the paper
 * TILL       bytes: its id; a: LINK_VAT_INCLUDED | LINK_HAS_RATES
 * PROFILE    bytes: the shop's INI
 * CATALOGUE  bytes: catalogue.csv; none where the till has no rates
 * GLYPHS     bytes: schemas/capture/GLYPHS.md; none where pictures are not read
 * FEED       bytes of @stream; a: when they came (ms UTC); b: offset of the first. Offset 0 begins a stream.
 * END        of @stream, or of a receipt in it; a: when (ms UTC); b: enum link_end
 * WRONG      bytes: what is wrong with the settings and what to do
 * SEEN       a: all before this offset holds no cut but those that were told
 * CUT        a, b: offset and length of the cut that ends a receipt with printed lines; bytes: link_put_cut()
 * ASKED      a: offset behind a command that asks how the printer stands; bytes: the command
 * RECEIPT    a, b: offset of its first byte and behind its last one; bytes: link_put_receipt()
 */
#define LINK_KINDS(X)                                                                                                  \
	X(DIALECT, HOADOND, 32)                                                                                        \
	X(TILL, HOADOND, LINK_TEXT_MAX)                                                                                \
	X(PROFILE, HOADOND, PROFILE_FILE_MAX)                                                                          \
	X(CATALOGUE, HOADOND, CATALOGUE_BYTES_MAX)                                                                     \
	X(GLYPHS, HOADOND, GLYPHS_FILE_MAX)                                                                            \
	X(START, HOADOND, 0)                                                                                           \
	X(FEED, HOADOND, LINK_FEED_MAX)                                                                                \
	X(END, HOADOND, 0)                                                                                             \
	X(READY, READER, 0)                                                                                            \
	X(WRONG, READER, LINK_TEXT_MAX)                                                                                \
	X(SEEN, READER, 0)                                                                                             \
	X(CUT, READER, 11)                                                                                             \
	X(ASKED, READER, LINK_ASKED_MAX)                                                                               \
	X(RECEIPT, READER, LINK_SALE_MAX)                                                                              \
	X(ENDED, READER, 0)
enum link_kind {
	LINK_NONE = 0,
#define X(kind, from, max) LINK_##kind,
	LINK_KINDS(X)
#undef X
		LINK_KIND_COUNT
};
enum link_side { LINK_HOADOND, LINK_READER };
enum link_till { LINK_VAT_INCLUDED = 1, LINK_HAS_RATES = 2 };
enum link_end {
	LINK_CLOSED, /* the till closed the connection: the stream is over */
	LINK_BROKEN, /* the connection broke: what has no cut is a part of a receipt; the stream is over */
	LINK_IDLE,   /* nothing came for a while: the receipt is over, the stream goes on */
	LINK_END_COUNT
};

struct link_message {
	enum link_kind kind;
	uint32_t stream; /* 0 where the message is about none */
	uint64_t a, b;
	const void *bytes; /* borrowed */
	size_t len;
};

/** link_put() - @message at the end of @out; more bytes than its kind may have are our own bug. Thread: any. */
void link_put(struct bytes *out, const struct link_message *message);

/* What came of the other side and was not taken yet; zeroed: nothing. */
struct link {
	struct bytes in;
	size_t at;
};
enum link_result { LINK_TAKEN = 0, LINK_MORE = 1, LINK_WRONG_BYTES = 2 };

/** link_add() - @len more bytes that came, at most 1 MiB at once. 0, or FAULT_MEMORY. Thread: owner. */
int link_add(struct link *link, const void *bytes, size_t len) MUST_CHECK;

/**
 * link_next() - the next message that is complete
 * @from: who says it: a message that is the other's to say is wrong
 * @ret:  its bytes are borrowed until the next link_add(); untouched unless LINK_TAKEN
 *
 * Return: enum link_result; after LINK_WRONG_BYTES (unknown kind, too long) nothing that follows can be trusted. Thread: owner.
 */
int link_next(struct link *link, enum link_side from, struct link_message *ret) MUST_CHECK;

/** link_done() - free what @link holds. Thread: owner. */
void link_done(struct link *link);

struct link_receipt {
	uint64_t from, to; /* offset of its first byte in the stream, and behind its last */
	const char *sale;  /* sale_write(), read by dialect_json; NUL-terminated */
	size_t sale_len;
	enum problem_code problem; /* PROBLEM_NONE, or why a person has to decide: always one that is parked */
	const char *detail;	   /* what was found, "" nothing; printable, UTF-8 */
	bool is_partial;	   /* the connection broke before its end */
	bool is_picture;	   /* read by its glyphs: its number may be wrong, and nothing else would show it */
	bool is_undated;	   /* no date stands on it: the time of the sale is when it came */
};

/** link_put_cut() / link_read_cut() - @state as the bytes of a CUT, and back; read: 0, or LINK_WRONG_BYTES. Thread: any. */
void link_put_cut(
	struct bytes *out, uint32_t stream, uint64_t offset, uint64_t length, const struct print_state *state);
int link_read_cut(const struct link_message *message, struct print_state *ret) MUST_CHECK;

/** link_put_receipt() / link_read_receipt() - a RECEIPT; what is read borrows @message. Read: 0, or LINK_WRONG_BYTES. Thread: any. */
void link_put_receipt(struct bytes *out, uint32_t stream, const struct link_receipt *receipt);
int link_read_receipt(const struct link_message *message, struct link_receipt *ret) MUST_CHECK;

#endif
