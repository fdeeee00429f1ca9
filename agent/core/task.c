#include "core/task.h"

#include <string.h>

/* The last row is for any other word. */
static const struct task_kind kinds[] = {
	{"refused-invoice", true, "The tax authority refused invoice", "Cơ quan thuế từ chối hóa đơn",
		"Correct what was wrong (the bill, or the configuration), then issue it again.",
		"Sửa chỗ sai (bill hoặc cấu hình), rồi lập lại hóa đơn."},
	{"duplicate-unproven", true, "The authority says that it already holds the number of invoice",
		"Cơ quan thuế báo đã có số của hóa đơn",
		"Look it up at the authority's portal. It is another invoice: issue yours again. It is yours: do NOT "
		"issue "
		"it again, ask your provider.",
		"Tra cứu trên cổng cơ quan thuế. Nếu là hóa đơn khác: lập lại hóa đơn của bạn. Nếu đúng là của bạn: "
		"KHÔNG "
		"lập lại, hãy hỏi nhà cung cấp."},
	{"seller-refused", false, "The authority refuses the seller, the key or the route; sending pauses",
		"Cơ quan thuế từ chối người bán, chữ ký số hoặc đường truyền; tạm dừng gửi",
		"Check registration, certificate and contract; no invoice is lost, all wait with their numbers.",
		"Kiểm tra đăng ký, chứng thư số và hợp đồng; không mất hóa đơn nào, tất cả chờ với số đã cấp."},
	{"route-refused", false, "The provider refuses a message", "Nhà cung cấp từ chối một thông điệp",
		"Check user, password and contract of the route.",
		"Kiểm tra tài khoản, mật khẩu và hợp đồng truyền nhận."},
	{"route-missing", false, "No configured route may carry a message",
		"Không có đường truyền nào chuyển được một thông điệp",
		"Put the section [authority NAME] back that its text names.",
		"Đặt lại mục [authority TÊN] được nêu trong nội dung."},
	{"unsent-evening", false, "After 21:00 and invoices of today are not sent",
		"Đã qua 21:00 mà còn hóa đơn hôm nay chưa gửi",
		"Check the line, the route and the key; it closes by itself.",
		"Kiểm tra mạng, đường truyền và chữ ký số; việc này tự đóng khi đã gửi hết."},
	{"unsent-night", false, "AFTER 23:30 AND INVOICES OF TODAY ARE NOT SENT",
		"ĐÃ QUA 23:30 MÀ CÒN HÓA ĐƠN HÔM NAY CHƯA GỬI",
		"Check the line, the route and the key NOW; it closes by itself.",
		"Kiểm tra mạng, đường truyền và chữ ký số NGAY; việc này tự đóng khi đã gửi hết."},
	{"answer-unclear", false, "An answer cannot be believed or understood",
		"Có trả lời không tin được hoặc không hiểu được", "Ask your provider about the message.",
		"Hỏi nhà cung cấp về thông điệp này."},
	{"message-damaged", false, "The stored bytes of a message are damaged",
		"Dữ liệu đã lưu của một thông điệp bị hỏng", "Make a copy of the store, then restore a backup.",
		"Sao chép kho dữ liệu, rồi khôi phục bản sao lưu."},
	{"invoice-damaged", false, "The stored bytes are damaged of invoice", "Dữ liệu đã lưu bị hỏng của hóa đơn",
		"Make a copy of the store, then restore a backup.", "Sao chép kho dữ liệu, rồi khôi phục bản sao lưu."},
	{"disk-full", false, "The disk is full: no sale is taken, sending goes on",
		"Đĩa đầy: không nhận giao dịch mới, vẫn gửi tiếp", "Free space; selling then goes on by itself.",
		"Hãy giải phóng dung lượng; bán hàng tự chạy lại."},
	{"key-password", false, "The password of the key is wrong: nothing is signed and nothing is sent",
		"Sai mật khẩu chữ ký số: chưa ký và chưa gửi được hóa đơn",
		"Put the right one into [key] password_file; it is taken by itself. The wrong one is not tried again.",
		"Hãy ghi mật khẩu đúng vào tệp ở [key] password_file; phần mềm tự nhận, không thử lại mật khẩu sai."},
	{"key-unfit", false, "The key will not do: nothing is signed and nothing is sent",
		"Không dùng được chữ ký số này: chưa ký và chưa gửi được hóa đơn",
		"Put another file in the place of [key] file; it is taken by itself. Why: journalctl -u hoadond",
		"Hãy thay tệp ở [key] file; phần mềm tự nhận. Lý do: journalctl -u hoadond"},
	{"sale-parked", false, "Sales wait for a person for more than ten minutes",
		"Có giao dịch chờ người xử lý quá mười phút", "Look at them: hoadon sale list --state parked",
		"Xem: hoadon sale list --state parked"},
	{"peer-unknown", false, "Somebody who is not enrolled prints to a port of tills",
		"Có máy chưa khai báo đang in vào cổng của máy tính tiền",
		"Its address stands in hoadon sale list --state parked. It is a till of the shop: write it into peers "
		"of the "
		"port, restart hoadond, then hoadon sale issue ID. It is not: find it, then hoadon sale ignore ID.",
		"Địa chỉ có trong hoadon sale list --state parked. Máy của cửa hàng: ghi vào peers của cổng, khởi động "
		"lại "
		"hoadond, rồi hoadon sale issue ID. Không phải: tìm máy đó, rồi hoadon sale ignore ID."},
	{"sale-missing", false, "Bills, slips or hours of the till without a sale",
		"Có số bill, phiếu hoặc giờ bán mà không thấy giao dịch",
		"Look at each: hoadon sale missing --at DAY; enter what was sold, or say why: hoadon sale settle. What "
		"came "
		"meanwhile leaves the list by itself.",
		"Xem từng mục: hoadon sale missing --at NGÀY; nhập những gì đã bán, hoặc ghi lý do: hoadon sale "
		"settle. Mục "
		"đã có đủ sẽ tự mất khỏi danh sách."},
	{"mirror-gone", false, "The second medium does not receive the sales",
		"Thiết bị thứ hai không nhận được giao dịch",
		"Plug it in, mount it or make room on it; it catches up by itself, and selling goes on meanwhile.",
		"Hãy cắm lại, gắn lại hoặc giải phóng chỗ trên thiết bị; bản sao tự bắt kịp, vẫn bán bình thường."},
	{NULL, false, "Something needs a person", "Có việc cần người xử lý", "Ask who looks after the agent.",
		"Hỏi người phụ trách phần mềm."},
};

const struct task_kind *task_kind_find(const char *word)
{
	const struct task_kind *at = kinds;
	while (at->word && strcmp(at->word, word) != 0)
		at++;
	return at;
}
