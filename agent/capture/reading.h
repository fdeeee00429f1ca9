/* reading: what a receipt says, and nothing that it does not say. No sale yet: till, VAT rates and prices may be missing. */
#ifndef HOADON_CAPTURE_READING_H
#define HOADON_CAPTURE_READING_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "base/bytes.h"
#include "base/decimal.h"
#include "core/vat.h"

/* X(NAME, "word"); the words are those of schemas/capture/reading.schema.json. OTHER is neither a bill nor a kitchen slip. */
#define READING_KINDS(X)                                                                                               \
	X(SALE, "sale")                                                                                                \
	X(PRE_BILL, "pre-bill")                                                                                        \
	X(REPRINT, "reprint")                                                                                          \
	X(KITCHEN, "kitchen")                                                                                          \
	X(VOID, "void")                                                                                                \
	X(RETURN, "return")                                                                                            \
	X(OTHER, "other")
#define READING_METHODS(X)                                                                                             \
	X(CASH, "cash") X(TRANSFER, "transfer") X(CARD, "card") X(VOUCHER, "voucher") X(UNKNOWN, "unknown")

/* X(NAME, "word", sentence for staff): why a person has to look at the receipt. NONE: nobody has to. */
#define READING_REVIEWS(X)                                                                                             \
	X(NONE, "none", "Không cần xem lại.")                                                                          \
	X(TITLE, "title", "Không rõ loại phiếu: không dòng nào là tiêu đề đã biết; hãy xem phiếu rồi quyết định.")     \
	X(TITLES, "titles", "Hai dòng nói hai loại phiếu khác nhau; hãy xem phiếu rồi quyết định.")                    \
	X(LETTERS, "letters", "Dòng này có ký tự không đọc được, hoặc quá dài; hãy so với phiếu giấy.")                \
	X(SIZE, "size", "Phiếu quá nhiều dòng; hãy nhập hóa đơn bằng tay.")                                            \
	X(ITEMS, "items", "Không thấy mặt hàng nào; hãy nhập hóa đơn bằng tay.")                                       \
	X(ROW, "row", "Không hiểu dòng này giữa các mặt hàng; hãy so với phiếu giấy.")                                 \
	X(NUMBER, "number", "Không đọc được con số ở dòng này; hãy so với phiếu giấy.")                                \
	X(QUANTITY, "quantity", "Số lượng ở dòng này có thể hiểu hai cách; hãy chọn cách đúng.")                       \
	X(AMOUNT, "amount", "Số lượng × đơn giá khác thành tiền ở dòng này; hãy so với phiếu giấy.")                   \
	X(NEGATIVE, "negative", "Dòng này có số âm mà không rõ là giảm giá hay trả lại; hãy quyết định.")              \
	X(SUBTOTAL, "subtotal", "Tổng các dòng hàng khác với dòng cộng này; hãy so với phiếu giấy.")                   \
	X(TOTAL, "total", "Tiền hàng − giảm giá + phụ thu + thuế khác với tổng cộng; hãy so với phiếu giấy.")          \
	X(NO_TOTAL, "no-total", "Không thấy dòng tổng cộng; hãy xem phiếu có in hết không.")                           \
	X(TOTALS, "totals", "Dòng này in một tổng khác với tổng đã thấy; hãy chọn số đúng.")                           \
	X(UNKNOWN_AMOUNT, "unknown-amount", "Dòng này có số tiền mà không rõ là gì; hãy quyết định.")                  \
	X(PAYMENT, "payment", "Tiền khách trả, tổng cộng và tiền thừa không khớp; hãy so với phiếu giấy.")             \
	X(BILL_NO, "bill-no", "Phiếu có hai số khác nhau; hãy chọn số đúng.")                                          \
	X(TIME, "time", "Phiếu có hai ngày khác nhau, hoặc ngày không có thật; hãy chọn ngày đúng.")                   \
	X(LIMIT, "limit", "Một mẫu của hồ sơ quầy mất quá lâu với dòng này; hãy sửa hồ sơ quầy rồi đọc lại phiếu.")

#define X_KIND(name, word)	       READING_##name,
#define X_METHOD(name, word)	       METHOD_##name,
#define X_REVIEW(name, word, sentence) REVIEW_##name,
enum reading_kind { READING_KINDS(X_KIND) READING_KIND_COUNT };
enum reading_method { READING_METHODS(X_METHOD) READING_METHOD_COUNT };
enum reading_review { READING_REVIEWS(X_REVIEW) READING_REVIEW_COUNT };
#undef X_KIND
#undef X_METHOD
#undef X_REVIEW

/* Texts are UTF-8 NFC in the arena of the receipt; NULL or has_ = false: not printed. Money in đồng. */
struct reading_time {
	bool has_date; /* local time of the shop; without a date the rest means nothing */
	int year, month, day, hour, minute, second;
};
struct reading_line {
	const char *name;
	const char *unit;
	const char *code; /* of a bar code row; stands in @notes too */
	struct decimal qty;
	struct decimal unit_price;
	int64_t amount;	  /* after the discount of the line */
	int64_t discount; /* >= 0 */
	bool has_qty, has_unit_price, has_amount;
	enum vat_rate rate; /* VAT_NONE: not said, as on every paper; then the catalogue says it */
	const char **notes;
	size_t note_count;
};
struct reading_amount { /* discount of the whole bill, surcharge */
	const char *label;
	int64_t amount; /* discounts are positive */
};
struct reading_tax {
	const char *label;
	struct decimal rate; /* percent */
	bool has_rate;
	int64_t amount;
};
struct reading_payment {
	enum reading_method method;
	const char *label;
	int64_t amount;
};

struct reading {
	enum reading_kind kind;
	enum reading_review review; /* not NONE: never a sale before a person decided */
	size_t review_line;	    /* line of the page, from 1; 0: the receipt as a whole */
	const char *title, *bill_no, *table, *buyer, *refers_to, *copy;
	struct reading_time sold_at;
	struct reading_line *lines;
	size_t line_count;
	struct reading_amount *discounts, *surcharges;
	size_t discount_count, surcharge_count;
	struct reading_tax *taxes;
	size_t tax_count;
	struct reading_payment *payments;
	size_t payment_count;
	const char *const *qr;
	size_t qr_count;
	int64_t subtotal, total, change;
	bool has_subtotal, has_total, has_change;
	bool is_vat_included; /* the paper says that its prices hold the tax */
};

/** reading_kind_word() and siblings - the word of a kind, a method, a review; "?" outside the range. */
const char *reading_kind_word(int kind);
const char *reading_method_word(int method);
const char *reading_review_word(int review);

/** reading_review_text() - what staff are told, one Vietnamese sentence with the next step; "?" outside the range. */
const char *reading_review_text(int review);

/**
 * reading_write() - @reading as one JSON object
 * @out: appended to; a maximum reached is sticky (bytes_check())
 *
 * Order of members and rules of numbers as in schemas/capture/reading.schema.json: the same reading gives the same bytes.
 *
 * Thread: any.
 */
void reading_write(const struct reading *reading, struct bytes *out);

#endif
