/* config_table: every setting with its type, range, default and help; declared in config.h. */
#include "core/config.h"

/* Law R-CON-4. A seller who sells a set menu under one of these names takes it out of the list. */
#define GENERIC_NAMES                                                                                                                                           \
	"tiền ăn|tiền ăn uống|tiền uống|tiền đồ ăn|tiền đồ uống|tiền nước|tiền hàng|ăn uống|đồ ăn|đồ uống|thức " \
	"ăn|thức uống"

#define TEXT(s, k, shortest, longest, default_text, en, vi)                                                            \
	{                                                                                                              \
		.section = s, .key = k, .type = OPTION_TEXT, .min = shortest, .max = longest,                          \
		.fallback = default_text, .help = en, .help_vi = vi                                                    \
	}
#define NAMED(kind, s, k, longest, list, default_text, en, vi)                                                         \
	{                                                                                                              \
		.section = s, .key = k, .is_named = 1, .type = kind, .max = longest, .choices = list,                  \
		.fallback = default_text, .help = en, .help_vi = vi                                                    \
	}
#define NAMED_NUMBER(s, k, least, most, default_text, en, vi)                                                          \
	{                                                                                                              \
		.section = s, .key = k, .is_named = 1, .type = OPTION_INT, .min = least, .max = most,                  \
		.fallback = default_text, .help = en, .help_vi = vi                                                    \
	}
#define NUMBER(s, k, least, most, default_text, en, vi)                                                                \
	{                                                                                                              \
		.section = s, .key = k, .type = OPTION_INT, .min = least, .max = most, .fallback = default_text,       \
		.help = en, .help_vi = vi                                                                              \
	}
#define CHOICE(s, k, list, default_text, en, vi)                                                                       \
	{                                                                                                              \
		.section = s, .key = k, .type = OPTION_CHOICE, .choices = list, .fallback = default_text, .help = en,  \
		.help_vi = vi                                                                                          \
	}
#define FLAG(s, k, default_text, en, vi)                                                                               \
	{                                                                                                              \
		.section = s, .key = k, .type = OPTION_FLAG, .fallback = default_text, .help = en, .help_vi = vi       \
	}
#define PATH(s, k, default_text, en, vi)                                                                               \
	{                                                                                                              \
		.section = s, .key = k, .type = OPTION_PATH, .fallback = default_text, .help = en, .help_vi = vi       \
	}

/* Lengths are those of format 5.1. */
/* clang-format off */
const struct option config_table[] = {
	TEXT("seller", "tax_code", 0, 14, NULL,
		"Tax code (MST): 10 digits, 10-3 with hyphen, or 12 digits.", "Mã số thuế: 10 số, 10-3 số có gạch nối, hoặc 12 số."),
	TEXT("seller", "name", 0, 400, NULL,
		"Name of the seller as registered.", "Tên người bán như đã đăng ký."),
	TEXT("seller", "address", 0, 400, NULL,
		"Address of the seller as registered.", "Địa chỉ người bán như đã đăng ký."),
	TEXT("seller", "phone", 0, 20, NULL,
		"Telephone, printed on invoices.", "Điện thoại, in trên hóa đơn."),
	TEXT("seller", "email", 0, 50, NULL,
		"E-mail, printed on invoices.", "Thư điện tử, in trên hóa đơn."),
	TEXT("seller", "bank_account", 0, 30, NULL,
		"Bank account, printed on invoices.", "Số tài khoản ngân hàng, in trên hóa đơn."),
	TEXT("seller", "bank_name", 0, 400, NULL,
		"Name of the bank.", "Tên ngân hàng."),
	TEXT("seller", "website", 0, 100, NULL,
		"Web site, printed on invoices.", "Trang web, in trên hóa đơn."),
	TEXT("seller", "provider_tax_code", 0, 14, NULL,
		"Tax code of the solution provider (MSTTCGP), as agreed with it.", "Mã số thuế của tổ chức cung cấp giải pháp (MSTTCGP)."),
	TEXT("seller", "sender", 0, 14, NULL,
		"Sender in messages (MNGui), as the T-VAN assigned it: letters and digits.", "Mã nơi gửi (MNGui) do T-VAN cấp: chữ và số."),
	CHOICE("seller", "profile", "law|2.0.1|2.1.0|2.1.1", "law",
		"Version of the data format (PBan); law = the one that holds on the day of issue by the packs of law.",
		"Phiên bản định dạng dữ liệu (PBan); law = theo gói luật, tính theo ngày lập."),
	TEXT("seller", "generic_names", 0, 2000, GENERIC_NAMES,
		"Names, separated by |, that are not accepted as a line: food and drink are listed by kind.",
		"Các tên, cách nhau bằng |, không được dùng làm một dòng: đồ ăn, thức uống phải ghi từng món."),
	FLAG("seller", "ledger_in_invoice", "yes",
		"Write the head of the ledger into each invoice (TTKhac).", "Ghi đầu sổ đối soát vào từng hóa đơn (TTKhac)."),

	CHOICE("serial", "form", "1|2", NULL,
		"1 = VAT invoice, 2 = sales invoice (direct method, households).", "1 = hóa đơn GTGT, 2 = hóa đơn bán hàng."),
	CHOICE("serial", "code_flag", "C|K", "C",
		"C = with a code of the tax authority, K = without.", "C = có mã của cơ quan thuế, K = không có mã."),
	TEXT("serial", "suffix", 0, 2, NULL,
		"Last two letters of the serial, used by this store only: AA .. ZZ.", "Hai chữ cuối của ký hiệu, chỉ riêng cửa hàng này: AA .. ZZ."),
	TEXT("serial", "key", 0, 5, NULL,
		"The five characters that message 103 gave for codes.", "Năm ký tự do thông báo 103 cấp để lập mã."),
	NUMBER("serial", "issuer_prefix", 0, 999, NULL,
		"First three of the 11 digits of codes; every store of a seller has another.",
		"Ba số đầu trong 11 số của mã; mỗi cửa hàng của người bán một số khác nhau."),

	NAMED(OPTION_TEXT, "till", "location_code", 50, NULL, NULL,
		"Code of the business place (MCHang).", "Mã địa điểm kinh doanh (MCHang)."),
	NAMED(OPTION_TEXT, "till", "location_name", 400, NULL, NULL,
		"Name of the shop (TCHang).", "Tên cửa hàng (TCHang)."),
	NAMED(OPTION_TEXT, "till", "location_address", 400, NULL, NULL,
		"Address of the shop.", "Địa chỉ cửa hàng."),

	CHOICE("key", "driver", "pkcs12", "pkcs12",
		"Where the signing key is.", "Nơi giữ khóa ký số."),
	PATH("key", "file", NULL,
		"PKCS#12 file of the seller's certificate.", "Tệp PKCS#12 của chứng thư số người bán."),
	PATH("key", "password_file", NULL,
		"File that holds the password of the key.", "Tệp chứa mật khẩu của khóa."),
	FLAG("key", "sign_each_invoice", "no",
		"Sign every invoice by itself, in addition to the message.", "Ký riêng từng hóa đơn, ngoài chữ ký của thông điệp."),
	NUMBER("key", "threads", 0, 64, "0",
		"Threads that sign; 0 = one for each core.", "Số luồng ký; 0 = mỗi lõi một luồng."),

	NAMED(OPTION_CHOICE, "authority", "driver", 0, "tdiep", "tdiep",
		"How the route speaks.", "Giao thức của đường truyền."),
	NAMED(OPTION_TEXT, "authority", "url", 500, NULL, NULL,
		"Base address of the T-VAN, beginning with https://.", "Địa chỉ gốc của T-VAN, bắt đầu bằng https://."),
	NAMED(OPTION_PATH, "authority", "ca_file", 0, NULL, NULL,
		"PEM file with the certificates that the server's must chain to.", "Tệp PEM các chứng thư mà máy chủ phải nối tới."),
	NAMED(OPTION_PATH, "authority", "anchors_file", 0, NULL, NULL,
		"PEM file with the certificates that the authority's signature must chain to.",
		"Tệp PEM các chứng thư mà chữ ký của cơ quan thuế phải nối tới."),
	NAMED(OPTION_TEXT, "authority", "user", 100, NULL, NULL,
		"User name at the T-VAN.", "Tên đăng nhập tại T-VAN."),
	NAMED(OPTION_PATH, "authority", "password_file", 0, NULL, NULL,
		"File that holds the password at the T-VAN.", "Tệp chứa mật khẩu tại T-VAN."),

	PATH("store", "dir", "/var/lib/hoadon-agent/store",
		"Folder of the database.", "Thư mục cơ sở dữ liệu."),
	/* hoadon setup switches it on, since it can make a key and put it where it belongs; hoadond never makes one. */
	FLAG("store", "seal", "no",
		"Encrypt bills, invoices and messages at rest, from now on, with the key in key_file.",
		"Mã hóa bill, hóa đơn và thông điệp khi lưu, kể từ lúc này, bằng khóa trong key_file."),
	PATH("store", "key_file", NULL,
		"File of the store's key, 64 hex digits; hoadon setup makes it. The signing key opens a copy of it in the store.",
		"Tệp khóa của kho, 64 chữ số hex; hoadon setup tự tạo. Chữ ký số mở được bản sao của khóa nằm trong kho."),
	NUMBER("store", "checkpoint_every_ms", 1000, 86400000, "300000",
		"Time between signed checkpoints of the ledger.", "Khoảng cách giữa hai lần ký điểm kiểm tra của sổ đối soát."),
	NUMBER("store", "reserve_mb", 1, 1024, "32",
		"Room that is kept free for the ledger and for sending when the disk is full.",
		"Dung lượng giữ sẵn cho sổ đối soát và việc gửi khi đĩa đầy."),

	PATH("mirror", "dir", NULL,
		"Folder on a second medium (USB stick, SD card, network drive) that receives every sale within 2 seconds.",
		"Thư mục trên thiết bị thứ hai (USB, thẻ SD, ổ mạng), nhận mọi giao dịch trong vòng 2 giây."),
	FLAG("mirror", "same_disk", "no",
		"Allow a folder on the disk of the store; it does not outlive that disk.",
		"Cho phép thư mục nằm cùng ổ đĩa với kho dữ liệu; ổ hỏng thì bản sao cũng mất."),
	NUMBER("mirror", "wal_max_mb", 1, 4096, "64",
		"Megabytes kept for a medium that is away; behind that it needs a new copy of the whole store.",
		"Số megabyte giữ lại khi thiết bị vắng mặt; quá mức này phải sao chép lại toàn bộ."),
	NUMBER("mirror", "log_max_mb", 1, 65536, "256",
		"Megabytes of changes on the medium before the whole store is copied anew.",
		"Số megabyte thay đổi trên thiết bị trước khi sao chép lại toàn bộ."),

	PATH("api", "socket", "/run/hoadon-agent/api.sock",
		"Unix socket of the local interface.", "Socket Unix của giao diện nội bộ."),
	NUMBER("api", "port", -1, 65535, "0",
		"TCP port on 127.0.0.1; 0 = closed, -1 = any free port.", "Cổng TCP trên 127.0.0.1; 0 = đóng, -1 = cổng trống bất kỳ."),
	PATH("api", "port_file", NULL,
		"File that the chosen port is written to.", "Tệp ghi lại cổng đã chọn."),
	NUMBER("api", "body_max", 1024, 4194304, "262144",
		"Most bytes of a request.", "Số byte nhiều nhất của một yêu cầu."),
	NUMBER("api", "bulk_body_max", 1024, 4194304, "4194304",
		"Most bytes of a request with the bulk scope.", "Số byte nhiều nhất của một yêu cầu có quyền bulk."),
	NUMBER("api", "refused_frames_max", 0, 1000000, "1000",
		"Refused requests that are kept for the owner to see.", "Số yêu cầu bị từ chối được giữ lại để chủ xem."),
	CHOICE("api", "lang", "vi|en", "vi",
		"Language of pages and commands.", "Ngôn ngữ của trang và lệnh."),

	CHOICE("receipt", "words", "north|south", "north",
		"Amounts in words: north = linh, nghìn; south = lẻ, ngàn.", "Số tiền bằng chữ: north = linh, nghìn; south = lẻ, ngàn."),
	FLAG("receipt", "words_even", "no",
		"Write chẵn behind amounts in words.", "Thêm chữ chẵn sau số tiền bằng chữ."),
	FLAG("receipt", "words_dot", "no",
		"Write a full stop behind amounts in words.", "Thêm dấu chấm sau số tiền bằng chữ."),
	TEXT("receipt", "lookup_url", 0, 200, NULL,
		"Address printed on the receipt where the buyer finds the invoice.", "Địa chỉ tra cứu hóa đơn in trên phiếu."),
	CHOICE("receipt", "encoding", "ascii|utf8", "ascii",
		"Letters of print.escpos in answers to tills; ascii = without accents, utf8 = with them, for printers that can be told "
		"to read UTF-8. Of what the box prints itself: [port NAME] encoding.",
		"Chữ trong print.escpos trả cho máy tính tiền; ascii = không dấu, utf8 = có dấu, cho máy in nhận lệnh đọc UTF-8. "
		"Chữ hộp tự in: [port TÊN] encoding."),

	NUMBER("send", "max_invoices", 1, 1000, "200",
		"Most invoices in one message.", "Số hóa đơn nhiều nhất trong một thông điệp."),
	NUMBER("send", "max_bytes", 100000, 2097152, "2000000",
		"Most bytes of one message.", "Số byte nhiều nhất của một thông điệp."),
	NUMBER("send", "max_wait_ms", 0, 86400000, "5000",
		"Longest time an invoice waits for others before it is packed.", "Thời gian chờ lâu nhất trước khi đóng gói hóa đơn."),
	TEXT("send", "cutoff", 5, 5, "23:55",
		"Time of day (hh:mm, UTC+7) before which all that waits is packed and sent; what is issued later is sent at once.",
		"Giờ chốt trong ngày (hh:mm): mọi hóa đơn đang chờ được đóng gói và gửi trước giờ này; lập sau giờ này thì gửi ngay."),
	NUMBER("send", "connect_timeout_ms", 100, 120000, "10000",
		"Longest time for a connection.", "Thời gian kết nối lâu nhất."),
	NUMBER("send", "total_timeout_ms", 1000, 600000, "120000",
		"Longest time for one request.", "Thời gian lâu nhất của một yêu cầu."),
	NUMBER("send", "slowest_bytes_per_s", 100, 1000000, "1000",
		"The slowest line that is waited for: a large message has the time that it takes there.",
		"Đường truyền chậm nhất còn được chờ (byte mỗi giây): thông điệp lớn được chờ đủ lâu."),
	NUMBER("send", "retry_first_ms", 100, 3600000, "2000",
		"First pause after a failure; it doubles.", "Khoảng nghỉ đầu tiên sau lỗi; sau đó gấp đôi."),
	NUMBER("send", "retry_last_ms", 1000, 86400000, "900000",
		"Longest pause after failures.", "Khoảng nghỉ dài nhất sau lỗi."),
	NUMBER("send", "query_pause_ms", 100, 3600000, "2000",
		"Pause before the verdict of a message is asked for.", "Khoảng nghỉ trước khi hỏi kết quả của thông điệp."),
	NUMBER("send", "cannot_ask_pause_ms", 1000, 86400000, "900000",
		"Pause before the same bytes go once more when a route cannot be asked.",
		"Khoảng nghỉ trước khi gửi lại nguyên văn khi không hỏi được kết quả."),

	NUMBER("alarm", "parked_after_ms", 1000, 86400000, "600000",
		"A sale that waits for a person for longer is a task.", "Giao dịch chờ người xử lý lâu hơn thế thành một việc cần làm."),
	NUMBER("alarm", "late_percent", 1, 100, "50",
		"The shop is degraded when its oldest unsent invoice has used more of its time until the legal deadline; 100 = never.",
		"Báo động khi hóa đơn chưa gửi lâu nhất đã dùng quá số phần trăm này của thời hạn gửi; 100 = không báo."),
	NUMBER("alarm", "stuck_ms", 1000, 3600000, "60000",
		"No progress for longer: the watchdog of systemd is no longer fed.", "Không tiến triển lâu hơn thế: ngừng báo cho watchdog của systemd."),
	TEXT("alarm", "webhook_url", 0, 500, NULL,
		"Address, beginning with https://, that hears of each task (POST, JSON).", "Địa chỉ https:// nhận từng việc cần làm (POST, JSON)."),
	TEXT("alarm", "mail_url", 0, 500, NULL,
		"Mail server that carries each task: smtps://HOST or smtp://HOST, which must offer TLS.",
		"Máy chủ thư để gửi từng việc cần làm: smtps://HOST hoặc smtp://HOST (phải có TLS)."),
	TEXT("alarm", "mail_from", 0, 100, NULL,
		"Address that the mails come from.", "Địa chỉ gửi thư."),
	TEXT("alarm", "mail_to", 0, 100, NULL,
		"Address of whoever looks after the shop.", "Địa chỉ thư của người phụ trách."),
	TEXT("alarm", "mail_user", 0, 100, NULL,
		"User name at the mail server.", "Tên đăng nhập máy chủ thư."),
	PATH("alarm", "mail_password_file", NULL,
		"File that holds the password at the mail server.", "Tệp chứa mật khẩu máy chủ thư."),
	PATH("alarm", "ca_file", "/etc/ssl/certs/ca-certificates.crt",
		"PEM file with the certificates that both servers' must chain to.", "Tệp PEM các chứng thư mà hai máy chủ trên phải nối tới."),

	PATH("fleet", "folder", NULL,
		"Folder, shared by many shops, that gets a signed file about this one each day: hoadon fleet show.",
		"Thư mục chung của nhiều cửa hàng, mỗi ngày nhận một tệp tình trạng có chữ ký: hoadon fleet show."),
	TEXT("fleet", "url", 0, 500, NULL,
		"Address, beginning with https://, that gets the same file (PUT, STORE.json behind it).",
		"Địa chỉ https:// nhận cùng tệp đó (PUT, thêm STORE.json phía sau)."),
	PATH("fleet", "ca_file", "/etc/ssl/certs/ca-certificates.crt",
		"PEM file with the certificates that this server's must chain to.", "Tệp PEM các chứng thư mà máy chủ này phải nối tới."),
	TEXT("fleet", "user", 0, 100, NULL,
		"User name at this server.", "Tên đăng nhập máy chủ này."),
	PATH("fleet", "password_file", NULL,
		"File that holds the password at this server.", "Tệp chứa mật khẩu máy chủ này."),
	TEXT("fleet", "name", 0, 100, NULL,
		"What this shop is called in the list (default: the seller's name).",
		"Tên cửa hàng trong danh sách (mặc định: tên người bán)."),

	PATH("spool", "dir", NULL,
		"Folder that tills write sales into.", "Thư mục máy tính tiền ghi dữ liệu bán hàng vào."),
	PATH("spool", "map", NULL,
		"File that says which column of a CSV file is what.", "Tệp chỉ cột nào của tệp CSV là gì."),
	PATH("spool", "catalogue", NULL,
		"File catalogue.csv: the VAT rate of each item, where CSV and XML files do not give it.",
		"Tệp catalogue.csv: thuế suất từng món khi tệp CSV, XML không ghi."),
	TEXT("spool", "till", 0, 50, NULL,
		"Till of the bills in CSV and XML files that name none: NAME of a section [till NAME].",
		"Máy tính tiền của các hóa đơn trong tệp CSV, XML không ghi máy: tên của một mục [till NAME]."),
	FLAG("spool", "prices_include_vat", "yes",
		"The prices in CSV and XML files hold the tax.", "Giá trong tệp CSV, XML đã gồm thuế."),

	NAMED(OPTION_TEXT, "port", "till", 0, NULL, NULL,
		"Till whose bills are printed to this port: NAME of a section [till NAME].",
		"Máy tính tiền in phiếu vào cổng này: tên của một mục [till NAME]."),
	NAMED(OPTION_TEXT, "port", "listen", 150, NULL, NULL,
		"ADDRESS:PORT (IPv4) that the till prints to, like 192.168.1.10:9100; or the serial line that it is at, "
		"serial:DEVICE,BAUD,BITS,FLOW with FLOW none, rtscts or xonxoff, like serial:/dev/ttyS0,9600,8N1,none; "
		"with ,stx behind it the till sends blocks: STX, length, data, ETX, LRC; or a file that it writes to, like fifo:/var/spool/hoadon-agent/bar.prn; "
		"or the USB device port whose printer this box is, like gadget:/dev/g_printer0.",
		"ĐỊA_CHỈ:CỔNG (IPv4) mà máy tính tiền in tới, ví dụ 192.168.1.10:9100; hoặc cổng nối tiếp nối với máy tính tiền, "
		"serial:THIẾT_BỊ,TỐC_ĐỘ,BIT,LUỒNG với LUỒNG là none, rtscts hoặc xonxoff, ví dụ serial:/dev/ttyS0,9600,8N1,none; "
		"thêm ,stx nếu máy gửi từng khối: STX, độ dài, dữ liệu, ETX, LRC; hoặc tệp mà máy ghi vào, ví dụ fifo:/var/spool/hoadon-agent/bar.prn; "
		"hoặc cổng USB device mà hộp này làm máy in, ví dụ gadget:/dev/g_printer0."),
	NAMED(OPTION_TEXT, "port", "printer", 150, NULL, NULL,
		"ADDRESS:PORT (IPv4) of the printer, or its serial line, like serial:/dev/ttyUSB0,19200,8N1,rtscts, or the USB printer "
		"itself, like usb:04b8:0e15 (hoadon print list); it gets every byte. Without it nothing is printed.",
		"ĐỊA_CHỈ:CỔNG (IPv4) của máy in, hoặc cổng nối tiếp, ví dụ serial:/dev/ttyUSB0,19200,8N1,rtscts, hoặc máy in USB, "
		"ví dụ usb:04b8:0e15 (hoadon print list); nhận nguyên mọi byte. Không đặt thì không in."),
	NAMED(OPTION_CHOICE, "port", "dialect", 0, "escpos|star|plain|escp", "escpos",
		"Printer language: hoadon help drivers.", "Ngôn ngữ máy in: hoadon help drivers."),
	NAMED_NUMBER("port", "columns", 16, 255, "48",
		"Letters of normal width across the paper: 48 for 80 mm, 32 for 58 mm.",
		"Số chữ cỡ thường trên một dòng: giấy 80 mm là 48, giấy 58 mm là 32."),
	NAMED(OPTION_PATH, "port", "profile", 0, NULL, CONFIG_PROFILE,
		"File that says how this till's paper is read.", "Tệp chỉ cách đọc phiếu của máy tính tiền này."),
	NAMED(OPTION_PATH, "port", "catalogue", 0, NULL, NULL,
		"File catalogue.csv: the VAT rate of each item. Needed for VAT invoices.",
		"Tệp catalogue.csv: thuế suất từng món. Hóa đơn GTGT phải có."),
	NAMED(OPTION_PATH, "port", "glyphs", 0, NULL, NULL,
		"File with the letters of the pictures that this till prints (hoadon capture learn --glyphs). Without it a picture waits for a person.",
		"Tệp mẫu chữ của các hình mà máy tính tiền này in ra (hoadon capture learn --glyphs). Không đặt thì phiếu in dạng hình chờ người xem."),
	NAMED(OPTION_FLAG, "port", "prices_include_vat", 0, NULL, "yes",
		"The prices on the paper hold the tax.", "Giá trên phiếu đã gồm thuế."),
	NAMED(OPTION_TEXT, "port", "peers", 1000, NULL, NULL,
		"Addresses (IPv4) whose bills become invoices, or network cards of the same local network (mac:aa:bb:cc:dd:ee:ff), "
		"whatever address they have; what others print waits for a person.",
		"Các địa chỉ (IPv4) được lập hóa đơn từ phiếu in, hoặc card mạng cùng mạng nội bộ (mac:aa:bb:cc:dd:ee:ff) dù đổi "
		"địa chỉ; phiếu từ nơi khác chờ người xem."),
	NAMED(OPTION_FLAG, "port", "forward_unknown", 0, NULL, "yes",
		"Print what comes from any other address.", "Vẫn in những gì đến từ địa chỉ khác."),
	NAMED(OPTION_CHOICE, "port", "annex", 0, "cut|slip|none", NULL,
		"Number and code on paper: cut = on the receipt itself, before its cut, else on a slip behind it; slip; none. "
		"Default: cut with a printer.",
		"In số và mã hóa đơn: cut = ngay trên phiếu, trước khi cắt, không kịp thì phiếu rời; slip = phiếu rời; none = không. "
		"Mặc định: cut nếu có máy in."),
	NAMED(OPTION_CHOICE, "port", "encoding", 0, "ascii|utf8|tcvn|cp1258|viscii|picture", "ascii",
		"Letters of number and code on paper: ascii = without accents, which every printer has; utf8, tcvn (TCVN3), cp1258 or "
		"viscii = Vietnamese, for a printer that has them (escpos and star), hoadon print test NAME shows whether it does; picture = "
		"Vietnamese drawn by the box as dots, for any other that prints pictures (1 kB a line: too slow for a slow serial line).",
		"Chữ của số và mã hóa đơn in ra: ascii = không dấu, máy in nào cũng có; utf8, tcvn (TCVN3), cp1258 hoặc viscii = có "
		"dấu, cho máy in có bảng mã đó (escpos và star), thử bằng hoadon print test TÊN; picture = có dấu, hộp vẽ thành hình, cho "
		"máy in khác in được hình (mỗi dòng 1 kB: chậm trên cổng nối tiếp chậm)."),
	NAMED_NUMBER("port", "page", 0, 255, NULL,
		"Number of that code page in the printer (ESC t), needed with tcvn, cp1258 and viscii: printed by its self-test (switch it "
		"on with FEED held down) and in its manual; Epson: 30 = TCVN-3, 52 = WPC1258.",
		"Số của bảng mã đó trong máy in (ESC t), phải có với tcvn, cp1258 và viscii: xem giấy tự kiểm tra (giữ nút FEED khi bật "
		"máy) hoặc sách của máy in; Epson: 30 = TCVN-3, 52 = WPC1258."),
	NAMED_NUMBER("port", "page_capitals", 0, 255, NULL,
		"Of tcvn: number of the page with its capitals (Epson: 31). Without it a line with accented capitals has no accents.",
		"Với tcvn: số của bảng chữ hoa (Epson: 31). Không đặt thì dòng có chữ hoa mang dấu in không dấu."),
	NAMED(OPTION_CHOICE, "port", "qr", 0, "code|picture", "code",
		"Who draws the QR code: code = the printer, by its own command; picture = the box, as dots, for a printer that prints "
		"strange letters instead of a code (escpos and star).",
		"Ai vẽ mã QR: code = máy in tự vẽ bằng lệnh của nó; picture = hộp vẽ thành hình, cho máy in ra chữ lạ thay vì mã QR "
		"(escpos và star)."),
	NAMED_NUMBER("port", "hold_ms", 0, 10000, "1500",
		"Longest time that the cut waits for number and code.", "Thời gian chờ số và mã lâu nhất trước khi cắt giấy."),
	NAMED_NUMBER("port", "idle_ms", 100, 600000, "5000",
		"A receipt without a cut ends when nothing came for so long.",
		"Phiếu không có lệnh cắt coi là xong khi ngừng in lâu chừng này."),
	NAMED(OPTION_FLAG, "port", "joined", 0, NULL, "no",
		"The till makes several connections for one receipt: what has no cut yet goes on with the next connection of the same "
		"address, if it comes within idle_ms.",
		"Máy tính tiền mở nhiều kết nối cho một phiếu: phần chưa có lệnh cắt được nối tiếp bằng kết nối sau của cùng địa chỉ, "
		"nếu đến trong idle_ms."),
	NAMED(OPTION_TEXT, "port", "open_hours", 5, NULL, NULL,
		"Hours in which at least one receipt an hour comes, like 8-22; an hour without any is listed: hoadon sale missing.",
		"Các giờ mà giờ nào cũng có phiếu in, ví dụ 8-22; giờ không có phiếu nào sẽ được liệt kê: hoadon sale missing."),

	PATH("law", "publisher", NULL,
		"PEM file with the public key (P-256) of whoever may publish packs of law for `hoadon law import`.",
		"Tệp PEM khóa công khai (P-256) của nơi được phát hành gói luật cho `hoadon law import`."),

	PATH("courier", "to", NULL,
		"PEM file with the certificate of the machine that delivers what `hoadon courier export` writes.",
		"Tệp PEM chứng thư của máy sẽ gửi hộ những gì `hoadon courier export` ghi ra."),
	{.section = NULL},
};
/* clang-format on */
