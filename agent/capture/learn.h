/* learn: a profile proposed from a few bills of one till. What it learns is text between \Q and \E; a person accepts it. Pure. */
#ifndef HOADON_CAPTURE_LEARN_H
#define HOADON_CAPTURE_LEARN_H

#include "base/arena.h"
#include "base/bytes.h"
#include "capture/page.h"
#include "capture/reading.h"

#define LEARN_BILLS_MAX 30

/* X(NAME, "word", "Vietnamese") */
#define LEARN_FIELDS(X)                                                                                                \
	X(TITLE, "title", "tên phiếu")                                                                                 \
	X(NUMBER, "number", "số hóa đơn")                                                                              \
	X(TIME, "time", "ngày giờ")                                                                                    \
	X(TABLE, "table", "bàn")                                                                                       \
	X(ITEMS, "items", "mặt hàng")                                                                                  \
	X(SUBTOTAL, "subtotal", "tiền hàng")                                                                           \
	X(TOTAL, "total", "tổng cộng")                                                                                 \
	X(DISCOUNTS, "discounts", "giảm giá")                                                                          \
	X(SURCHARGES, "surcharges", "phụ thu")                                                                         \
	X(TAXES, "taxes", "thuế")                                                                                      \
	X(PAYMENTS, "payments", "thanh toán")

/* X(NAME, "word", English, Vietnamese): what could not be told, with the next step. */
#define LEARN_DOUBTS(X)                                                                                                                        \
	X(FEW, "few-bills", "less than three bills: record more of them, each a different one",                                                \
		"ít hơn ba phiếu: hãy ghi thêm các phiếu khác nhau")                                                                           \
	X(TITLE, "title", "no line that all bills have looks like a title: write it into [accept] title",                                      \
		"không dòng chung nào giống tên phiếu: hãy ghi tên phiếu vào [accept] title")                                                  \
	X(NUMBER, "number",                                                                                                                    \
		"no number that differs from bill to bill stands behind a known word: see [header] number",                                    \
		"không có số nào khác nhau ở từng phiếu sau một từ đã biết: xem [header] number")                                              \
	X(NUMBERS, "numbers",                                                                                                                  \
		"several numbers differ from bill to bill; this one was taken, look whether it is the "                                        \
		"bill's",                                                                                                                      \
		"có nhiều số khác nhau ở từng phiếu; đã chọn số này, hãy xem có đúng số hóa đơn không")                                        \
	X(TIME, "time", "no date that all bills have: see [header] time",                                                                      \
		"không có ngày ở mọi phiếu: xem [header] time")                                                                                \
	X(ITEMS, "items",                                                                                                                      \
		"the rows of the items were not understood, or their sum stands nowhere: print one more "                                      \
		"bill with three different items, one of them twice",                                                                          \
		"không hiểu các dòng hàng hoặc không thấy tổng của chúng: in thêm một phiếu có ba món, một món hai " \
		"phần")                                                                                                                        \
	X(QUANTITY, "quantity", "quantity and price could be exchanged: print one more bill with two of one item",                             \
		"số lượng và đơn giá có thể lẫn nhau: in thêm một phiếu có một món hai phần")                                                  \
	X(TOTAL, "total", "no line is the total that the items add up to: print one more bill without discount",                               \
		"không dòng nào là tổng của các món: in thêm một phiếu không giảm giá")                                                        \
	X(LABEL, "label",                                                                                                                      \
		"this amount is not known: if it belongs into a sum, add its words to [totals] or [payments]",                                 \
		"không rõ số tiền này là gì: nếu thuộc phép cộng, hãy ghi các từ này vào [totals] hoặc [payments]")                            \
	X(DISCOUNT, "discount", "no bill has a discount: print one more bill with a discount",                                                 \
		"chưa phiếu nào có giảm giá: in thêm một phiếu có giảm giá")                                                                   \
	X(PAYMENT, "payment", "no bill says how it was paid: print one more bill that is paid in cash with change",                            \
		"chưa phiếu nào ghi cách trả tiền: in thêm một phiếu trả tiền mặt có tiền thừa")

#define X_FIELD(name, word, vi)	    LEARN_##name,
#define X_DOUBT(name, word, en, vi) DOUBT_##name,
enum learn_field { LEARN_FIELDS(X_FIELD) LEARN_FIELD_COUNT };
enum learn_doubt { LEARN_DOUBTS(X_DOUBT) LEARN_DOUBT_COUNT };
#undef X_FIELD
#undef X_DOUBT

/* What was learned, and how sure it is. Texts are in the arena. */
struct lesson {
	int confidence
		[LEARN_FIELD_COUNT]; /* percent: 95 words and sums agree; 0 not seen, the words of the base hold */
	const char *line[LEARN_FIELD_COUNT]; /* of the paper that it was learned from, as printed; NULL */
	struct lesson_doubt {
		enum learn_doubt doubt;
		const char *line; /* of the paper, as printed; NULL: none */
	} * doubts;
	size_t doubt_count;
	struct bytes ini;			  /* the profile, with comments; freed with lesson_done() */
	struct reading readings[LEARN_BILLS_MAX]; /* of the bills, by that profile */
};

/** lesson_done() - free what @lesson holds beside its arena. */
void lesson_done(struct lesson *lesson);

/**
 * learn_profile() - propose a profile for the till that printed @pages
 * @pages: paid bills of one till, 1 .. LEARN_BILLS_MAX
 * @base:  the profile whose words hold where nothing better was learned (drivers/profiles/default.ini)
 * @arena: holds the texts of @ret; must live as long
 * @ret:   freed with lesson_done(), also after a failure
 *
 * Rows of items are what makes quantity × price = amount hold and add up to a sum that is printed. A label below them gets the one role
 * with which the sums of all bills close; what takes from or adds to the taxed amount needs a known word too. What no role
 * fits stays unknown: bills that print it wait for a person. The profile is run on @pages before it is given.
 *
 * Return: 0; FAULT_CONFIG when @base is no profile; FAULT_MEMORY. Thread: owner of @arena.
 */
int learn_profile(const struct page *pages, size_t count, const struct bytes *base, struct arena *arena,
	struct lesson *ret, struct fault *fault) MUST_CHECK;

/** learn_field_word() and siblings - words and sentences of fields and doubts; "?" outside the range. */
const char *learn_field_word(int field, bool is_vi);
const char *learn_doubt_word(int doubt);
const char *learn_doubt_text(int doubt, bool is_vi);

#endif
