/* problem: what is wrong with a sale or a request, as told to the person and the till (RFC 9457 problem+json). One table. */
#ifndef HOADON_CORE_PROBLEM_H
#define HOADON_CORE_PROBLEM_H

#include <stdbool.h>

#include "base/cleanup.h"
#include "base/wide.h"

/*
 * X(NAME, "code", HTTP status, is it retryable, "rule id or empty", "English sentence", "Vietnamese sentence")
 * The codes are frozen for /api/v1: a row may be added, never changed. Rule ids are those of schemas/rules/law.csv.
 */
#define PROBLEM_TABLE(X)                                                                                               \
	X(JSON_SYNTAX, "json.syntax", 400, 0, "", "The body is not JSON.", "Nội dung không phải JSON hợp lệ.")         \
	X(JSON_ENCODING, "json.encoding", 400, 0, "", "The body is not UTF-8.", "Nội dung không phải UTF-8.")          \
	X(JSON_DUPLICATE_KEY, "json.duplicate_key", 400, 0, "", "A name appears twice in one object.",                 \
		"Một tên xuất hiện hai lần trong cùng một đối tượng.")                                                 \
	X(JSON_DEPTH, "json.depth", 400, 0, "", "Arrays and objects are nested too deeply.",                           \
		"Dữ liệu lồng nhau quá sâu.")                                                                          \
	X(BODY_SIZE, "body.size", 413, 0, "", "The body is larger than allowed.", "Nội dung lớn hơn mức cho phép.")    \
	X(CONTENT_TYPE, "content_type", 415, 0, "", "Send Content-Type: application/json.",                            \
		"Hãy gửi Content-Type: application/json.")                                                             \
	X(CONTENT_ENCODING, "content_encoding", 415, 0, "", "Compressed bodies are not taken.",                        \
		"Không nhận nội dung nén.")                                                                            \
	X(AUTH, "auth", 401, 0, "", "No valid token. Make one with `hoadon token create`.",                            \
		"Thiếu mã truy cập hợp lệ. Tạo bằng `hoadon token create`.")                                           \
	X(AUTH_TILL, "auth.till", 403, 0, "", "The token is not bound to this till.",                                  \
		"Mã truy cập không gắn với máy tính tiền này.")                                                        \
	X(AUTH_SCOPE, "auth.scope", 403, 0, "", "The token does not allow this.",                                      \
		"Mã truy cập không cho phép việc này.")                                                                \
	X(HOST, "host", 421, 0, "", "The Host header names another machine.", "Tiêu đề Host không phải máy này.")      \
	X(CROSS_SITE, "cross_site", 403, 0, "", "Requests from other web sites are not taken.",                        \
		"Không nhận yêu cầu từ trang web khác.")                                                               \
	X(METHOD, "method", 405, 0, "", "This method is not offered here.", "Không hỗ trợ phương thức này.")           \
	X(NOT_FOUND, "not_found", 404, 0, "", "There is nothing of this name.", "Không tìm thấy.")                     \
	X(NUMBER_TYPE, "number_type", 422, 0, "R-RND-1",                                                               \
		"Money and quantities are strings, so that no binary fraction carries money.",                         \
		"Tiền và số lượng phải là chuỗi ký tự.")                                                               \
	X(TYPE, "type", 422, 0, "", "The value has another type.", "Giá trị sai kiểu.")                                \
	X(REQUIRED, "required", 422, 0, "R-CON-2", "A required value is missing.", "Thiếu giá trị bắt buộc.")          \
	X(UNKNOWN_FIELD, "unknown_field", 422, 0, "", "This name is not part of a sale; put own data into ext.",       \
		"Tên này không thuộc dữ liệu bán hàng; dữ liệu riêng đặt trong ext.")                                  \
	X(ENUM, "enum", 422, 0, "", "The value is not one of the list.", "Giá trị không có trong danh sách.")          \
	X(TEXT_LENGTH, "text.length", 422, 0, "", "The text is too long.", "Chuỗi quá dài.")                           \
	X(TEXT_CONTROL, "text.control", 422, 0, "", "The text holds a control character.",                             \
		"Chuỗi chứa ký tự điều khiển.")                                                                        \
	X(TEXT_BIDI, "text.bidi", 422, 0, "", "The text holds a character that turns the reading direction.",          \
		"Chuỗi chứa ký tự đổi chiều chữ.")                                                                     \
	X(MONEY_FORMAT, "money.format", 422, 0, "R-RND-1", "Not an amount of money: whole đồng, digits only.",         \
		"Số tiền không đúng dạng: số nguyên đồng.")                                                            \
	X(MONEY_RANGE, "money.range", 422, 0, "R-WORD-1", "The amount is larger than can be written.",                 \
		"Số tiền quá lớn.")                                                                                    \
	X(MONEY_SIGN, "money.sign", 422, 0, "R-FIX-4", "Amounts are positive, also in a return.",                      \
		"Số tiền phải dương, kể cả khi trả hàng.")                                                             \
	X(QTY_FORMAT, "qty.format", 422, 0, "R-RND-1", "Not a quantity: digits, at most 6 decimals.",                  \
		"Số lượng không đúng dạng.")                                                                           \
	X(QTY_RANGE, "qty.range", 422, 0, "R-RND-1", "The quantity is zero or too large.",                             \
		"Số lượng bằng không hoặc quá lớn.")                                                                   \
	X(DATE_FORMAT, "date.format", 422, 0, "", "Not a date or time as RFC 3339 with offset.",                       \
		"Ngày giờ không đúng dạng RFC 3339.")                                                                  \
	X(DATE_RANGE, "date.range", 422, 0, "R-TIME-2", "The time of the sale lies in the future or too far back.",    \
		"Thời điểm bán ở tương lai hoặc quá xa trong quá khứ.")                                                \
	X(LINES_SIZE, "lines.size", 422, 0, "R-SEND-6", "The bill is too large for one message.",                      \
		"Hóa đơn quá lớn cho một thông điệp.")                                                                 \
	X(SUM_LINE, "sum.line", 422, 0, "R-RND-2", "Quantity × price − discount is not the amount of the line.",       \
		"Số lượng × đơn giá − chiết khấu không bằng thành tiền.")                                              \
	X(SUM_TOTAL, "sum.total", 422, 0, "R-RND-6", "The lines do not add up to the total.",                          \
		"Tổng các dòng không bằng tổng tiền.")                                                                 \
	X(SUM_PAYMENT, "sum.payment", 422, 0, "R-TILL-8", "The payments do not cover the total.",                      \
		"Các khoản thanh toán không đủ tổng tiền.")                                                            \
	X(SUM_DISCOUNT, "sum.discount", 422, 0, "R-RND-3", "A discount is larger than what it is taken from.",         \
		"Chiết khấu lớn hơn số tiền được giảm.")                                                               \
	X(TAX_CODE, "tax_code", 422, 0, "R-BUY-5", "The tax code has a wrong shape.", "Mã số thuế sai định dạng.")     \
	X(PERSONAL_ID, "personal_id", 422, 0, "R-BUY-6", "The personal number has 12 digits.",                         \
		"Số định danh cá nhân gồm 12 chữ số.")                                                                 \
	X(BUDGET_CODE, "budget_code", 422, 0, "R-BUY-7", "The budget unit code has 7 digits.",                         \
		"Mã đơn vị quan hệ ngân sách gồm 7 chữ số.")                                                           \
	X(FORM2_HAS_RATE, "form2.has_rate", 422, 0, "R-CON-3", "Sales invoices (form 2) carry no VAT rate.",           \
		"Hóa đơn bán hàng không ghi thuế suất.")                                                               \
	X(FORM2_NET_PRICE, "form2.net_price", 422, 0, "R-CON-3", "Prices of sales invoices (form 2) include the tax.", \
		"Giá trên hóa đơn bán hàng đã gồm thuế.")                                                              \
	X(REFERS_TO_REQUIRED, "refers_to.required", 422, 0, "R-FIX-4", "A return names the bill it comes from.",       \
		"Trả hàng phải nêu hóa đơn gốc.")                                                                      \
	X(TILL_UNKNOWN, "till.unknown", 422, 0, "R-WHO-4",                                                             \
		"This till is not configured. Add [till NAME] and restart.",                                           \
		"Máy tính tiền chưa được khai báo. Thêm [till TÊN] rồi khởi động lại.")                                \
	X(SALE_DUPLICATE, "sale.duplicate", 409, 0, "R-TILL-10",                                                       \
		"The same bill number came with other content; the first one stands.",                                 \
		"Số bill này đã gửi với nội dung khác; bản đầu được giữ.")                                             \
	X(IDEMPOTENCY_MISMATCH, "idempotency.mismatch", 422, 0, "", "The Idempotency-Key was used with another body.", \
		"Idempotency-Key đã dùng cho nội dung khác.")                                                          \
	X(KIND_KEPT, "kind.kept", 202, 0, "R-TILL-1", "Kept; this kind never becomes an invoice.",                     \
		"Đã lưu; loại này không lập hóa đơn.")                                                                 \
	X(KIND_LATER, "kind.parked", 202, 0, "R-TILL-2", "Kept for a person: this kind is not issued by itself.",      \
		"Đã lưu chờ người xử lý: loại này không tự lập hóa đơn.")                                              \
	X(RATE_CLASS, "rate.class", 202, 0, "R-VAT-4",                                                                 \
		"The VAT rate contradicts the class of the item or the date of the sale.",                             \
		"Thuế suất không khớp nhóm hàng hoặc ngày bán.")                                                       \
	X(NAME_GENERIC, "name.generic", 202, 0, "R-CON-4", "Food and drink are listed by kind.",                       \
		"Đồ ăn, thức uống phải ghi từng món.")                                                                 \
	X(NOT_REGISTERED, "seller.not_registered", 202, 1, "R-REG-1",                                                  \
		"The seller's setup is not complete: run `hoadon config check`.",                                      \
		"Cấu hình người bán chưa đủ: chạy `hoadon config check`.")                                             \
	X(CLOCK_BACK, "clock.back", 202, 1, "R-NUM-3",                                                                 \
		"The clock is behind the last invoice; issuing waits until it is right.",                              \
		"Đồng hồ chậm hơn hóa đơn trước; chờ chỉnh giờ.")                                                      \
	X(CLOCK_UNPROVEN, "clock.unproven", 202, 1, "R-TIME-1",                                                        \
		"The clock shows a new year and nobody vouches for it; issuing waits. Run `hoadon clock confirm`.",    \
		"Đồng hồ đã sang năm mới nhưng chưa có nguồn xác nhận; chờ lập hóa đơn. Chạy `hoadon clock confirm`.") \
	X(NUMBERS_USED_UP, "numbers.used_up", 202, 0, "R-NUM-5",                                                       \
		"The numbers of this serial are used up; configure a new suffix.",                                     \
		"Ký hiệu đã hết số; cấu hình ký hiệu mới.")                                                            \
	X(CODES_USED_UP, "codes.used_up", 202, 0, "R-CODE-3",                                                          \
		"The leased block of authority codes is used up; configure a new issuer prefix.",                      \
		"Đã hết dải mã; cấu hình dải mới.")                                                                    \
	X(STORE_COPY, "store.copy", 202, 1, "R-CODE-5",                                                                \
		"This store may be a copy, so no number is taken; the sale is kept. Run `hoadon status`.",             \
		"Kho này có thể là bản sao nên không cấp số; đã giữ giao dịch. Chạy `hoadon status`.")                 \
	X(LAW_PUBLISHER, "law.publisher", 409, 0, "R-NY-5",                                                            \
		"Nobody may change the law here: [law] publisher names no readable P-256 public key.",                 \
		"Chưa ai được đổi luật tại đây: [law] publisher chưa có khóa công khai P-256 đọc được.")               \
	X(LAW_SIGNATURE, "law.signature", 422, 0, "R-NY-5",                                                            \
		"The pack is not what the publisher signed; nothing was changed. Fetch pack and .sig again.",          \
		"Gói luật không đúng chữ ký nhà phát hành; chưa thay đổi gì. Hãy tải lại gói và tệp .sig.")            \
	X(LAW_FORMAT, "law.format", 422, 0, "R-NY-5",                                                                  \
		"The pack is signed but cannot be read by this version; ask the publisher.",                           \
		"Gói luật có chữ ký nhưng phiên bản này không đọc được; hãy hỏi nhà phát hành.")                       \
	X(LAW_VERSION, "law.version", 409, 0, "R-NY-5",                                                                \
		"A pack of this or a higher version is here already; it stays. See `hoadon law show`.",                \
		"Đã có gói luật cùng phiên bản hoặc mới hơn; gói đó được giữ. Xem `hoadon law show`.")                 \
	X(CATALOGUE_UNKNOWN, "catalogue.unknown", 202, 0, "R-VAT-4",                                                   \
		"This item is not in the catalogue, so its VAT rate is not known. Add it to catalogue.csv.",           \
		"Mặt hàng chưa có trong danh mục nên chưa biết thuế suất. Thêm vào catalogue.csv.")                    \
	X(CATALOGUE_AMBIGUOUS, "catalogue.ambiguous", 202, 0, "R-VAT-4",                                               \
		"Without accents this name is that of several items; give them a code or the same rate in "            \
		"catalogue.csv.",                                                                                      \
		"Tên không dấu này trùng với nhiều mặt hàng; ghi thêm mã trong catalogue.csv hoặc in tên có dấu.")     \
	X(CATALOGUE_RATE, "catalogue.rate", 202, 0, "R-VAT-4",                                                         \
		"The file gives this item another VAT rate than catalogue.csv; correct the one that is wrong.",        \
		"Tệp ghi thuế suất món này khác catalogue.csv; hãy sửa chỗ sai.")                                      \
	X(SHEET_UNREAD, "sheet.unread", 422, 0, "",                                                                    \
		"The file is no list of bills that can be read; nothing of it was taken.",                             \
		"Tệp không phải danh sách hóa đơn đọc được; chưa nhận gì từ tệp này.")                                 \
	X(BILL_REVIEW, "bill.review", 202, 0, "R-TILL-1",                                                              \
		"The receipt was not understood for certain; look at it, then enter the sale or dismiss it.",          \
		"Chưa hiểu chắc phiếu này; hãy xem phiếu rồi nhập hóa đơn hoặc bỏ qua.")                               \
	X(BILL_NUMBER, "bill.number", 202, 0, "R-TILL-10",                                                             \
		"The receipt has neither a number nor a time, so it may be one printed before; compare, then decide.", \
		"Phiếu không có số và giờ nên có thể là bản in lại; hãy đối chiếu rồi quyết định.")                    \
	X(BILL_ORDER, "bill.order", 202, 0, "R-TILL-10",                                                               \
		"Read from a picture, and its number does not follow the last; compare, then issue or dismiss it.",    \
		"Phiếu đọc từ hình, số không nối tiếp số trước; hãy so với hình rồi lập hóa đơn hoặc bỏ qua.")         \
	X(BILL_MIDNIGHT, "bill.midnight", 202, 0, "R-TILL-10",                                                         \
		"No date is printed, and a bill before midnight has this number and total; compare, then issue or "    \
		"dismiss it.",                                                                                         \
		"Phiếu không in ngày, trùng số và tổng tiền với bill trước nửa đêm; hãy đối chiếu rồi quyết định.")    \
	X(BILL_PRICE, "bill.price", 202, 0, "R-CON-2",                                                                 \
		"No unit price is printed, and the amount is no multiple of the quantity; enter the price.",           \
		"Phiếu không in đơn giá và thành tiền không chia hết cho số lượng; hãy nhập đơn giá.")                 \
	X(BILL_VAT, "bill.vat", 202, 0, "R-VAT-1",                                                                     \
		"The receipt says that prices hold the tax, the till's settings say not; correct the settings.",       \
		"Phiếu ghi giá đã gồm thuế nhưng cấu hình quầy ghi chưa gồm; hãy sửa cấu hình quầy.")                  \
	X(PEER_UNKNOWN, "peer.unknown", 202, 0, "R-WHO-4",                                                             \
		"An address that is not in peers printed this; look at it, then issue or dismiss it.",                 \
		"Địa chỉ không có trong peers đã in phiếu này; hãy xem rồi lập hóa đơn hoặc bỏ qua.")                  \
	X(PAPER_UNREAD, "paper.unread", 202, 0, "R-TILL-1",                                                            \
		"The paper could not be read whole; look at it, then enter the sale or dismiss it.",                   \
		"Không đọc được trọn phiếu này; hãy xem phiếu rồi nhập hóa đơn hoặc bỏ qua.")                          \
	X(PAPER_PARTIAL, "paper.partial", 202, 0, "R-TILL-1",                                                          \
		"The connection broke in the middle of the receipt; see whether it was printed again, then decide.",   \
		"Mất kết nối giữa chừng khi in phiếu; hãy xem phiếu có được in lại không rồi quyết định.")             \
	X(BILL_TAKEN, "bill.taken", 409, 0, "R-TILL-10",                                                               \
		"The bill of this number is there already; ignore this one, or, if it is another sale, enter it "      \
		"under another number.",                                                                               \
		"Bill số này đã có rồi; hãy bỏ qua phiếu này, nếu là lần bán khác thì nhập với số khác.")              \
	X(STATE_CONFLICT, "state.conflict", 409, 0, "", "The sale is not in a state that allows this.",                \
		"Trạng thái không cho phép việc này.")                                                                 \
	X(TASK_NO_REISSUE, "task.no_reissue", 409, 0, "R-FIX-14",                                                      \
		"This task is not about a refused invoice; see `hoadon task show`.",                                   \
		"Việc này không phải về hóa đơn bị từ chối; xem `hoadon task show`.")                                  \
	X(TASK_SETTLED, "task.settled", 409, 0, "R-FIX-14",                                                            \
		"The refused invoice was issued again before, with other content; that one stands.",                   \
		"Hóa đơn bị từ chối đã được lập lại trước đó với nội dung khác; bản đó được giữ.")                     \
	X(REISSUE_OTHER_BILL, "reissue.other_bill", 422, 0, "R-FIX-14",                                                \
		"The correction names another bill; till, bill number, day and kind stay as they were.",               \
		"Bản sửa là của bill khác; máy tính tiền, số bill, ngày và loại phải giữ nguyên.")                     \
	X(COURIER_COPY, "courier.copy", 409, 0, "R-CODE-5",                                                            \
		"This store may be a copy, so nothing leaves it; run `hoadon status`.",                                \
		"Kho dữ liệu này có thể là bản sao nên không gửi gì đi; chạy `hoadon status`.")                        \
	X(OUTAGE_NOTE, "outage.note", 422, 0, "R-OUT-2",                                                               \
		"A note is one text and the day it was said: not to come, and of an end not before the beginning.",    \
		"Ghi nhận gồm nội dung và ngày có tin: không sau hôm nay, tin hoạt động lại không trước lúc bắt đầu.") \
	X(REASON_REQUIRED, "reason.required", 422, 0, "R-TILL-2", "Give a reason.", "Phải nêu lý do.")                 \
	X(STORE_FULL, "store.full", 507, 1, "R-SEND-7",                                                                \
		"The disk is full; nothing was taken. Free space, then send again.",                                   \
		"Đĩa đầy; chưa nhận. Giải phóng dung lượng rồi gửi lại.")                                              \
	X(STORE_DOWN, "store.down", 503, 1, "R-SEND-7", "The store cannot be written; nothing was taken. Send again.", \
		"Không ghi được kho dữ liệu; chưa nhận. Hãy gửi lại.")                                                 \
	X(STORE_NEWER, "store.newer", 503, 1, "",                                                                      \
		"The store is of a newer version of the program; nothing was taken. Install that version again.",      \
		"Kho dữ liệu là của phiên bản mới hơn; chưa nhận. Hãy cài lại phiên bản đó.")                          \
	X(STORE_LOCKED, "store.locked", 503, 1, "",                                                                    \
		"The store is encrypted and its key is not at hand; nothing was taken. Put the right key into "        \
		"[store] key_file.",                                                                                   \
		"Kho dữ liệu đã mã hóa mà chưa có khóa; chưa nhận. Hãy đặt đúng khóa vào [store] key_file.")           \
	X(SETUP_MISSING, "setup.missing", 503, 1, "", "Not set up yet; nothing was taken. Run `hoadon setup`.",        \
		"Chưa cài đặt; chưa nhận. Hãy chạy `hoadon setup`.")                                                   \
	X(BUSY, "busy", 503, 1, "", "Too many sales wait; send again in a moment.",                                    \
		"Đang bận; hãy gửi lại sau giây lát.")

enum problem_code {
	PROBLEM_NONE = 0,
#define X(name, code, status, retryable, rule, detail, detail_vi) PROBLEM_##name,
	PROBLEM_TABLE(X)
#undef X
		PROBLEM_COUNT
};

struct problem_kind {
	const char *code; /* dotted, frozen */
	int status;	  /* HTTP */
	bool is_retryable;
	const char *rule;      /* rule id of schemas/rules/law.csv, or "" */
	const char *detail;    /* English, ASCII quotes, ends with a full stop */
	const char *detail_vi; /* Vietnamese */
};

struct problem {
	enum problem_code code;
	char field[96];	 /* JSON pointer to the value, "" = the whole */
	char extra[160]; /* what was found, for example "lines give 100002, total says 100001"; may be empty */
};

/** problem_kind() - the row of @code; never NULL (PROBLEM_NONE gives an empty row). Thread: any. */
const struct problem_kind *problem_kind(enum problem_code code);

/** problem_find() - the code of a dotted name, PROBLEM_NONE if unknown. */
enum problem_code problem_find(const char *code);

/**
 * problem_set() - fill @problem
 * @field: printf format of a JSON pointer, "" for the whole; followed by its arguments
 *
 * Return: @code (> 0), so that callers can write `return problem_set(...)`.
 */
int problem_set(struct problem *problem, enum problem_code code, const char *field, ...)
	__attribute__((format(printf, 3, 4)));

/** problem_add() - say what was found in @problem->extra. Return: @problem->code. */
int problem_add(struct problem *problem, const char *format, ...) __attribute__((format(printf, 2, 3)));

/** problem_add_sum() - say that @what give @sum, where 64 bits hold it, and the total says @total (đồng). Return: @problem->code. */
int problem_add_sum(struct problem *problem, const char *what, struct wide sum, int64_t total);

/** problem_is_parked() - true when a person or time can help (202), false when the sale is wrong in itself (law, section 0). */
bool problem_is_parked(enum problem_code code);

#endif
