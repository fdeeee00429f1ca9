/* missing: what a till's own numbers, slips and hours say that it should have told and did not. No proof of a sale: a person looks. Pure. */
#ifndef HOADON_CORE_MISSING_H
#define HOADON_CORE_MISSING_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "base/arena.h"
#include "base/cleanup.h"
#include "core/config.h"
#include "core/sale.h"

#define MISSING_ITEM_LEN    12 /* letters of the name of an item */
#define MISSING_DAYS_BEFORE 7  /* whose bill numbers are needed to judge a day */
#define MISSING_OVER_MS                                                                                                \
	(INT64_C(6) * 3600000) /* behind midnight: until then a bill still belongs to the slips of the day */
#define MISSING_DOWN_MS (INT64_C(5) * 60000) /* shorter ones are no time in which a till is wired past the box */

/*
 * X(NAME, "word", is judged, English, Vietnamese). What is not judged is said too, so that an empty list is never more than it is.
 *
 * GAP       bill numbers between two that came, which came on no paper but copies
 * PRE_BILL  a pre-bill without a later paper of its number, its table or its amount
 * KITCHEN   a kitchen ticket without a bill of its number, its table or all its dishes
 * SILENT    full hours of [port] open_hours in which nothing came of the till, though the shop was open
 * BYPASS    hoadond did not run between the till's first and last paper of the day, or in its open_hours
 * NUMBERS   bills whose numbers make no series (none, or no two that follow)
 * SLIPS     pre-bills and kitchen tickets of a day on which no number, table or dish of any such slip was found on a bill
 * HOURS     a port without open_hours
 */
#define MISSING_KINDS(X)                                                                                               \
	X(GAP, "gap", true, "bill numbers that never came", "số bill không thấy")                                      \
	X(PRE_BILL, "pre-bill", true, "pre-bill without a bill", "tạm tính không có hóa đơn")                          \
	X(KITCHEN, "kitchen", true, "kitchen ticket without a bill", "phiếu bếp không có hóa đơn")                     \
	X(SILENT, "silent", true, "nothing came in opening hours", "giờ mở cửa mà không có phiếu nào")                 \
	X(BYPASS, "bypass", true, "hoadond did not run: nothing was recorded",                                         \
		"hoadond không chạy: không ghi nhận được gì")                                                          \
	X(NUMBERS, "numbers-not-judged", false, "bills whose numbers make no series",                                  \
		"bill có số không theo dãy, không xét được")                                                           \
	X(SLIPS, "slips-not-judged", false, "slips that nothing ties to bills",                                        \
		"phiếu tạm tính, phiếu bếp không nối được với bill, không xét được")                                   \
	X(HOURS, "hours-not-judged", false, "quiet hours: [port] open_hours is not set",                               \
		"giờ im lặng: chưa đặt [port] open_hours, không xét được")
#define X_MISSING(name, word, is_judged, en, vi) MISSING_##name,
enum missing_kind { MISSING_KINDS(X_MISSING) MISSING_KIND_COUNT };
#undef X_MISSING

/** missing_word() and siblings - of a kind; "?" (false) outside the range. Static. Thread: any. */
const char *missing_word(int kind);
const char *missing_text(int kind, bool is_vi);
bool missing_is_judged(int kind);

struct missing_ticket { /* what ties a paper to others; keys that are compared as bytes */
	bool is_kitchen;
	const char *table; /* may be NULL */
	const char *const *names;
	size_t name_count;
};

struct missing_paper {
	const char *till_id, *bill_no;
	enum sale_kind kind;
	int32_t day; /* business day, YYYYMMDD */
	int64_t at;  /* ms UTC: when it came */
	int64_t total;
	int64_t frame_id;	      /* where the store keeps what it says */
	struct missing_ticket ticket; /* of that day and later, where it has slips; else zeros */
};

struct missing_till {
	const char *till_id;
	int open_from, open_to; /* hours of the local day, 0 .. 24; equal: not set */
};

struct missing_down { /* hoadond did not run; ms UTC */
	int64_t from, to;
};

struct missing_day {
	int32_t day; /* that is judged, YYYYMMDD */
	int64_t now_ms;
	const struct missing_paper *papers; /* of the MISSING_DAYS_BEFORE days before it up to the day behind it */
	size_t paper_count;
	const struct missing_till *tills; /* that print to a port of ours */
	size_t till_count;
	const struct missing_down *downs; /* oldest first */
	size_t down_count;
};

struct missing {
	enum missing_kind kind;
	const char *till_id;
	const char *first, *last; /* GAP: numbers; slips: bill number or table; NULL = none */
	int64_t count;		  /* numbers, slips, bills, hours; BYPASS: minutes */
	int64_t from, to;	  /* ms UTC; 0 = of the day as a whole */
	int64_t total;		  /* đồng, PRE_BILL */
	const char *settled;	  /* what a person said of it, UTF-8 (store/days); NULL: nobody did */
};

/** missing_set_tills() - the tills of @config's ports, each once, into @day. 0; FAULT_MEMORY. Thread: owner of @arena. */
int missing_set_tills(const struct config *config, struct arena *arena, struct missing_day *day) MUST_CHECK;

/**
 * missing_item() - the name of @row of @day (YYYYMMDD), by which a person settles it: the same as long as nothing of it came, of no other
 * @out: lower-case hexadecimal
 * Return: @out. Thread: any.
 */
const char *missing_item(const struct missing *row, int32_t day, char out[MISSING_ITEM_LEN + 1]);

/** missing_is_over() - whether @now_ms is behind the last moment that belongs to the slips of @day. Pure. */
bool missing_is_over(int32_t day, int64_t now_ms);

/**
 * missing_find() - what is missing of @day, by till, then by kind; judged anew from what is there: what came meanwhile is not missing any more
 * @ret: in @arena; texts of @day are borrowed
 *
 * Numbers: the last digits of a bill number count, all else of it is the series. A series goes on from the day before on which the till had it, or
 * begins again; one that began with 1 then begins with 1. Numbers that another till has of the same series fill the gaps, unless both
 * have one number: then each counts for itself. Papers that are no bills fill too, but for copies. A series with more than a third missing is none.
 * Slips are judged where that day some slip was found again by number, table or dish, and when the day is over.
 *
 * Return: 0; FAULT_MEMORY. Thread: any. Source: law R-TILL-1, R-TILL-14, R-SAN-2.
 */
int missing_find(
	const struct missing_day *day, struct arena *arena, struct missing **ret, size_t *ret_count) MUST_CHECK;

#endif
