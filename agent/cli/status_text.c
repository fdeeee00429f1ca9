#include "cli/status.h"

const struct status_reason_row status_reason_rows[] = {
	{STATUS_NEWER, "store-newer",
		"The store is of a newer version of the program: no sale is taken, nothing was changed. Install that "
		"version again",
		"Kho dữ liệu là của phiên bản mới hơn: không nhận giao dịch, chưa thay đổi gì. Hãy cài lại phiên bản "
		"đó"},
	{STATUS_LOCKED, "store-locked",
		"The store is encrypted and its key is not at hand: no sale is taken, nothing was changed. Put the "
		"right key into [store] key_file",
		"Kho dữ liệu đã mã hóa mà chưa có khóa: không nhận giao dịch, chưa thay đổi gì. Hãy đặt đúng khóa vào "
		"[store] key_file"},
	{STATUS_DISK_FAILING, "disk-failing",
		"The disk cannot be written: no sale is taken; it is tried again every second. Look for the reason "
		"with dmesg; "
		"a disk that fails again is replaced",
		"Không ghi được đĩa: không nhận giao dịch; tự thử lại mỗi giây. Xem lý do bằng dmesg; đĩa còn lỗi thì "
		"phải thay"},
	{STATUS_DISK_FULL, "disk-full",
		"The disk is full: no sale is taken, sending goes on. Free space; selling then goes on by itself",
		"Đĩa đầy: không nhận giao dịch mới, vẫn gửi tiếp. Hãy giải phóng dung lượng; bán hàng tự chạy lại"},
	{STATUS_KEY_PASSWORD, "key-password",
		"The password of the key is wrong; it was tried once and is not tried again, so that a token does not "
		"lock. Sales go on, "
		"nothing is sent. Put the right one into [key] password_file; it is taken by itself",
		"Sai mật khẩu chữ ký số; đã thử một lần và không thử lại để token không bị khóa. Vẫn bán hàng, chưa "
		"gửi được hóa đơn. Hãy ghi "
		"mật khẩu đúng vào tệp ở [key] password_file; phần mềm tự nhận"},
	{STATUS_KEY_UNFIT, "key-unfit",
		"The key will not do (see journalctl -u hoadond): sales go on, nothing is sent. Put another file in "
		"the place of [key] file; it "
		"is taken by itself",
		"Không dùng được chữ ký số này (xem journalctl -u hoadond): vẫn bán hàng, chưa gửi được hóa đơn. Hãy "
		"thay tệp ở [key] file; phần "
		"mềm tự nhận"},
	{STATUS_KEY_AWAY, "key-away",
		"The key is not at hand (no file, or a token that is unplugged): sales go on, nothing is sent. Bring "
		"it back; it is taken by itself",
		"Không thấy chữ ký số (thiếu tệp hoặc chưa cắm token): vẫn bán hàng, chưa gửi được hóa đơn. Hãy đặt "
		"lại tệp hoặc cắm token; phần "
		"mềm tự nhận"},
	{STATUS_KEY_OPENING, "key-opening", "The key is being opened; sales go on and are sent when it is open",
		"Đang mở chữ ký số; vẫn bán hàng, hóa đơn được gửi khi mở xong"},
	{STATUS_ROUTE_FILES, "route-files",
		"A password or certificate file of [authority] cannot be read: sales go on, nothing is sent that way. "
		"Let hoadond read it (hoadon doctor names it); it is taken by itself",
		"Không đọc được tệp mật khẩu hoặc chứng thư của [authority]: vẫn bán hàng, chưa gửi được qua đường "
		"này. Hãy cho hoadond quyền đọc tệp (hoadon doctor nêu tên tệp); phần mềm tự nhận"},
	{STATUS_STUCK, "stuck",
		"hoadond is alive and makes no progress (journalctl -u hoadond says where); systemd ends it and starts "
		"it "
		"again by itself. If this stays: systemctl restart hoadond",
		"hoadond đang chạy nhưng bị treo (xem journalctl -u hoadond); systemd tự khởi động lại. Nếu vẫn còn: "
		"systemctl restart hoadond"},
	{STATUS_PORT_CLOSED, "port-closed",
		"A port that a till prints to cannot be opened: that till cannot print. Look at its address or cable "
		"and who "
		"else listens "
		"there: [port] listen, journalctl -u hoadond; it is tried again by itself",
		"Không mở được cổng in: máy tính tiền không in được. Kiểm tra địa chỉ hoặc dây cáp và chương trình "
		"khác đang chiếm "
		"cổng: [port] "
		"listen, journalctl -u hoadond; tự thử lại"},
	{STATUS_RECEIPTS_WAIT, "receipts-wait",
		"Receipts that were printed wait to become invoices for more than ten seconds; they are tried again. "
		"Why: "
		"journalctl -u hoadond",
		"Có phiếu đã in chờ lập hóa đơn quá mười giây; phần mềm tự thử lại. Lý do: journalctl -u hoadond"},
	{STATUS_READER_AWAY, "reader-away",
		"What tills print is printed and kept, and nobody reads it now: look at the profile and the catalogue "
		"of [port], "
		"journalctl -u hoadond. It becomes invoices when it can be read",
		"Phiếu vẫn in và được giữ lại nhưng chưa đọc được: kiểm tra profile và catalogue của [port], "
		"journalctl -u hoadond. "
		"Đọc được thì tự lập hóa đơn"},
	{STATUS_PRINTER_AWAY, "printer-away",
		"When a till printed last, its printer could not be reached: switch it on, look at its cable and "
		"[port] printer",
		"Lần in gần nhất không tới được máy in: hãy bật máy in, kiểm tra dây và [port] printer"},
	{STATUS_PRINTER_WAITS, "printer-waits",
		"A printer is there and takes nothing, and its till waits: look at its paper, its cover and its "
		"buttons. Why: "
		"journalctl -u hoadond",
		"Máy in không in tiếp và máy tính tiền đang chờ: hãy xem giấy, nắp và nút bấm của máy in. Lý do: "
		"journalctl -u hoadond"},
	{STATUS_OVERDUE, "overdue", "Invoices are past their legal deadline: hoadon queue list",
		"Có hóa đơn quá hạn gửi cơ quan thuế: hoadon queue list"},
	{STATUS_UNSENT_HARD, "unsent_hard",
		"AFTER 23:30 AND INVOICES OF TODAY ARE NOT SENT: look at the line and the key NOW: hoadon queue list",
		"ĐÃ QUA 23:30 MÀ CÒN HÓA ĐƠN HÔM NAY CHƯA GỬI: kiểm tra đường truyền và chữ ký số NGAY: hoadon queue "
		"list"},
	{STATUS_UNSENT, "unsent",
		"After 21:00 and invoices of today are not sent: look at the line and the key: hoadon queue list",
		"Đã qua 21:00 mà còn hóa đơn hôm nay chưa gửi: kiểm tra đường truyền và chữ ký số: hoadon queue list"},
	{STATUS_DEADLINE, "deadline",
		"The oldest unsent invoice has used much of its time until the legal deadline ([alarm] late_percent): "
		"look at the line, the route "
		"and the key: hoadon queue list",
		"Hóa đơn chưa gửi lâu nhất đã dùng nhiều thời hạn gửi ([alarm] late_percent): kiểm tra mạng, đường "
		"truyền và chữ ký số: hoadon "
		"queue list"},
	{STATUS_PARKED, "parked", "Sales wait for your decision: hoadon sale list --state parked",
		"Có giao dịch chờ bạn quyết định: hoadon sale list --state parked"},
	{STATUS_TASKS, "tasks", "Tasks wait for a person: hoadon task list",
		"Có việc chờ người xử lý: hoadon task list"},
	{STATUS_LATE, "late", "An invoice is without an answer for more than 15 minutes: hoadon queue list",
		"Có hóa đơn hơn 15 phút chưa có trả lời: hoadon queue list"},
	{STATUS_UNKNOWN, "unknown", "The outcome of a message is unknown; it is being asked: hoadon queue list",
		"Chưa rõ kết quả một thông điệp, đang hỏi lại: hoadon queue list"},
	{STATUS_FILES, "files", "Files lie in the spool folder for more than a minute; may hoadond read them?",
		"Có tệp nằm trong thư mục spool quá một phút; hoadond có được đọc không?"},
	{0, NULL, NULL, NULL},
};

/* What a person does about each reason why no number is taken. */
static const struct held {
	enum hold_kind kind;
	const char *en, *vi;
} helds[] = {
	{HOLD_MACHINE,
		"No number is taken: the store lies on another machine or disk than before. If the old one never sells "
		"again, "
		"set a new suffix and issuer_prefix under [serial], stop hoadond and run: hoadon adopt --reason TEXT. "
		"If it "
		"still sells, remove this copy.",
		"Không cấp số: kho dữ liệu nằm trên máy hoặc ổ đĩa khác trước. Nếu máy cũ không bán nữa: đặt suffix và "
		"issuer_prefix mới trong [serial], dừng hoadond, chạy: hoadon adopt --reason LÝ-DO. Nếu máy cũ vẫn "
		"bán: bỏ bản "
		"sao này."},
	{HOLD_RESTORED,
		"No number is taken: the store came out of a backup or a mirror and does not know what was issued "
		"later. Set a new "
		"suffix and "
		"issuer_prefix under [serial], stop hoadond and run: hoadon adopt --reason TEXT",
		"Không cấp số: kho được khôi phục từ bản sao, không biết các hóa đơn lập sau đó. Đặt suffix và "
		"issuer_prefix "
		"mới trong [serial], dừng hoadond, chạy: hoadon adopt --reason LÝ-DO"},
	{HOLD_BEHIND,
		"No number is taken: somebody knows of a number that this store does not, so it is an old copy or "
		"another store "
		"uses its serial. Find the other store; then set a new suffix and issuer_prefix under [serial], stop "
		"hoadond and "
		"run: hoadon adopt --reason TEXT",
		"Không cấp số: có số hóa đơn mà kho này không biết, tức đây là bản sao cũ hoặc nơi khác dùng cùng ký "
		"hiệu. Hãy tìm "
		"nơi đó; rồi đặt suffix và issuer_prefix mới trong [serial], dừng hoadond, chạy: hoadon adopt --reason "
		"LÝ-DO"},
};

/* What a person does about each state of the time. */
static const struct timed {
	enum time_state state;
	const char *en, *vi;
} timeds[] = {
	{TIME_UNPROVEN, "not confirmed since the machine started; invoices are issued at the machine's time and say so",
		"chưa được xác nhận từ khi khởi động máy; vẫn lập hóa đơn theo giờ máy và có ghi chú"},
	{TIME_AHEAD,
		"the machine's clock jumped ahead; invoices are issued at the time shown here. Set the clock, or if it "
		"is "
		"right: hoadon clock confirm --reason TEXT",
		"đồng hồ máy nhảy tới; hóa đơn được lập theo giờ ghi ở đây. Hãy chỉnh giờ, hoặc nếu đồng hồ đúng: "
		"hoadon clock confirm --reason LÝ-DO"},
	{TIME_BEHIND,
		"the machine's clock is behind; no number is taken, sales are kept. Set the clock; what waits is "
		"issued "
		"then",
		"đồng hồ máy bị chậm; chưa cấp số, giao dịch được giữ lại. Hãy chỉnh giờ; hóa đơn sẽ tự lập sau đó"},
	{TIME_NEW_YEAR,
		"the machine's clock shows another year than the last invoice and nobody vouches for it; no number is "
		"taken, sales are kept. Connect to the network, or if the clock is right: hoadon clock confirm "
		"--reason "
		"TEXT",
		"đồng hồ máy khác năm với hóa đơn trước và chưa có nguồn xác nhận; chưa cấp số, giao dịch được giữ "
		"lại. "
		"Hãy nối mạng, hoặc nếu đồng hồ đúng: hoadon clock confirm --reason LÝ-DO"},
};

const char *status_reason_text(const struct cli *cli, int reason)
{
	for (const struct status_reason_row *row = status_reason_rows; row->word; row++)
		if (row->bit == reason)
			return SAY(cli, row->en, row->vi);
	return "";
}

const char *status_hold_text(const struct cli *cli, enum hold_kind kind)
{
	for (size_t i = 0; i < ARRAY_LEN(helds); i++)
		if (helds[i].kind == kind)
			return SAY(cli, helds[i].en, helds[i].vi);
	return "";
}

const char *status_time_text(const struct cli *cli, enum time_state state)
{
	for (size_t i = 0; i < ARRAY_LEN(timeds); i++)
		if (timeds[i].state == state)
			return SAY(cli, timeds[i].en, timeds[i].vi);
	return "";
}
