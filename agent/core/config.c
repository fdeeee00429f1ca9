#include "core/config.h"

#include <stdio.h>
#include <string.h>

#include "core/rules.h"
#include "core/taxcode.h"

#define YEAR_NEVER	9999 /* no birth year lies behind it: the shape of the seller's tax code does not depend on today */
#define PREFIX_NOT_SET	(-1)
#define MISSING_AT_MOST 32

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
	FLAG("store", "seal", "no",
		"Encrypt bills, invoices and messages at rest, from now on, with the key in key_file.",
		"Mã hóa bill, hóa đơn và thông điệp khi lưu, kể từ lúc này, bằng khóa trong key_file."),
	PATH("store", "key_file", NULL,
		"File of the store's key, 64 hex digits. What was encrypted is lost without it: keep a copy elsewhere.",
		"Tệp khóa của kho, 64 chữ số hex. Mất khóa là mất dữ liệu đã mã hóa: hãy giữ một bản ở nơi khác."),
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
		"What the printer of the receipt understands; ascii = without accents.", "Bảng mã của máy in; ascii = không dấu."),

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

	PATH("law", "publisher", NULL,
		"PEM file with the public key (P-256) of whoever may publish packs of law for `hoadon law import`.",
		"Tệp PEM khóa công khai (P-256) của nơi được phát hành gói luật cho `hoadon law import`."),

	PATH("courier", "to", NULL,
		"PEM file with the certificate of the machine that delivers what `hoadon courier export` writes.",
		"Tệp PEM chứng thư của máy sẽ gửi hộ những gì `hoadon courier export` ghi ra."),
	{.section = NULL},
};
/* clang-format on */

struct maker {
	const struct option_set *set;
	struct arena *arena;
	struct fault *fault;
};

/* NULL for what is empty. */
static const char *text_of(const struct maker *maker, const char *section, const char *name, const char *key)
{
	const char *text = options_text(maker->set, section, name, key);

	return text && text[0] != '\0' ? text : NULL;
}

/* Says where the wrong value stands. */
static int refuse(const struct maker *maker, const char *section, const char *name, const char *key, const char *why)
{
	const struct option_value *value = options_get(maker->set, section, name, key);

	return FAULT(maker->fault, FAULT_CONFIG, "%s:%d: [%s%s%s] %s: %s", value ? value->file : "built-in",
		value ? value->line : 0, section, name[0] != '\0' ? " " : "", name, key, why);
}

static int make_tax_code(const struct maker *maker, const char *key, const char **ret)
{
	const char *text = text_of(maker, "seller", "", key);
	char normalised[16];
	int kind;

	if (!text)
		return 0;
	if (taxcode_is_hard(taxcode_check(text, YEAR_NEVER, normalised, &kind)))
		return refuse(maker, "seller", "", key, "must have 10 digits, 10-3 digits or 12 digits (R-BUY-5)");
	*ret = arena_strdup(maker->arena, normalised);
	return *ret ? 0 : FAULT(maker->fault, FAULT_MEMORY, "no memory for the configuration");
}

static bool consists_of(const char *text, size_t shortest, size_t longest, const char *characters)
{
	size_t len = strlen(text);

	return len >= shortest && len <= longest && strspn(text, characters) == len;
}

#define CAPITALS "ABCDEFGHIJKLMNOPQRSTUVWXYZ"
#define DIGITS	 "0123456789"

static int make_seller(const struct maker *maker, struct seller *seller)
{
	int result;

	seller->name = text_of(maker, "seller", "", "name");
	seller->address = text_of(maker, "seller", "", "address");
	seller->phone = text_of(maker, "seller", "", "phone");
	seller->email = text_of(maker, "seller", "", "email");
	seller->bank_account = text_of(maker, "seller", "", "bank_account");
	seller->bank_name = text_of(maker, "seller", "", "bank_name");
	seller->website = text_of(maker, "seller", "", "website");
	seller->sender = text_of(maker, "seller", "", "sender");
	seller->generic_names = text_of(maker, "seller", "", "generic_names");
	seller->profile = profile_find(options_text(maker->set, "seller", "", "profile"));
	seller->ledger_in_invoice = options_int(maker->set, "seller", "", "ledger_in_invoice") != 0;
	/* Format 3: MNGui has at most 14 characters and begins the 46 of MTDiep. */
	if (seller->sender && !consists_of(seller->sender, 1, 14, CAPITALS DIGITS))
		return refuse(maker, "seller", "", "sender", "must have up to 14 capital letters and digits");
	result = make_tax_code(maker, "tax_code", &seller->tax_code);
	return result == 0 ? make_tax_code(maker, "provider_tax_code", &seller->provider_tax_code) : result;
}

static int make_serial(const struct maker *maker, struct seller *seller)
{
	const char *form = text_of(maker, "serial", "", "form");
	const char *suffix = text_of(maker, "serial", "", "suffix");
	const char *key = text_of(maker, "serial", "", "key");

	/* Law R-SYM-2: digits in the suffix are read, never made. */
	if (suffix && !consists_of(suffix, 2, 2, CAPITALS))
		return refuse(maker, "serial", "", "suffix", "must be two capital letters (R-SYM-2)");
	if (key && !consists_of(key, 5, 5, CAPITALS DIGITS))
		return refuse(
			maker, "serial", "", "key", "must be the five capitals and digits of message 103 (R-CODE-2)");
	seller->form = form ? form[0] - '0' : 0;
	seller->code_flag = options_text(maker->set, "serial", "", "code_flag")[0];
	snprintf(seller->suffix, sizeof(seller->suffix), "%s", suffix ? suffix : "");
	snprintf(seller->key, sizeof(seller->key), "%s", key ? key : "");
	/* No default: two stores with the same prefix would make the same codes (law R-CODE-3). */
	seller->issuer_prefix = PREFIX_NOT_SET;
	if (options_get(maker->set, "serial", "", "issuer_prefix"))
		seller->issuer_prefix = (int)options_int(maker->set, "serial", "", "issuer_prefix");
	return 0;
}

static size_t count_names(const struct option_set *set, const char *section)
{
	size_t count = 0;

	while (options_name(set, section, count))
		count++;
	return count;
}

static int make_tills(const struct maker *maker, struct seller *seller)
{
	size_t count = count_names(maker->set, "till");
	struct till *tills = ARENA_ARRAY(maker->arena, struct till, count + 1);

	if (!tills)
		return FAULT(maker->fault, FAULT_MEMORY, "no memory for %zu tills", count);
	for (size_t i = 0; i < count; i++) {
		const char *id = options_name(maker->set, "till", i);

		tills[i] = (struct till){.id = id,
			.location_code = text_of(maker, "till", id, "location_code"),
			.location_name = text_of(maker, "till", id, "location_name"),
			.location_address = text_of(maker, "till", id, "location_address")};
	}
	seller->tills = tills;
	seller->till_count = count;
	return 0;
}

static int make_authorities(const struct maker *maker, struct config *config)
{
	size_t count = count_names(maker->set, "authority");
	struct config_authority *routes = ARENA_ARRAY(maker->arena, struct config_authority, count + 1);

	if (!routes)
		return FAULT(maker->fault, FAULT_MEMORY, "no memory for %zu authorities", count);
	for (size_t i = 0; i < count; i++) {
		const char *name = options_name(maker->set, "authority", i);

		routes[i] = (struct config_authority){.name = name,
			.driver = text_of(maker, "authority", name, "driver"),
			.url = text_of(maker, "authority", name, "url"),
			.ca_file = text_of(maker, "authority", name, "ca_file"),
			.user = text_of(maker, "authority", name, "user"),
			.password_file = text_of(maker, "authority", name, "password_file"),
			.anchors_file = text_of(maker, "authority", name, "anchors_file")};
		if (routes[i].url && strncmp(routes[i].url, "https://", 8) != 0)
			return refuse(maker, "authority", name, "url", "must begin with https://");
	}
	config->authorities = routes;
	config->authority_count = count;
	return 0;
}

static int make_store(const struct maker *maker, struct config *config)
{
	config->store_dir = text_of(maker, "store", "", "dir");
	config->checkpoint_every_ms = options_int(maker->set, "store", "", "checkpoint_every_ms");
	config->reserve_bytes = options_int(maker->set, "store", "", "reserve_mb") << 20;
	config->seal_store = options_int(maker->set, "store", "", "seal") != 0;
	config->store_key_file = text_of(maker, "store", "", "key_file");
	/* Nobody may believe that data is encrypted that is not. */
	if (config->seal_store && !config->store_key_file)
		return refuse(maker, "store", "", "seal",
			"needs key_file; make one with: openssl rand -hex 32 > FILE, and keep a copy elsewhere");
	return 0;
}

static void make_mirror(const struct maker *maker, struct config *config)
{
	config->mirror_dir = text_of(maker, "mirror", "", "dir");
	config->mirror_may_share_disk = options_int(maker->set, "mirror", "", "same_disk") != 0;
	config->mirror_wal_max_mb = options_int(maker->set, "mirror", "", "wal_max_mb");
	config->mirror_log_max_mb = options_int(maker->set, "mirror", "", "log_max_mb");
}

static void make_key(const struct maker *maker, struct config *config)
{
	config->key_driver = text_of(maker, "key", "", "driver");
	config->key_file = text_of(maker, "key", "", "file");
	config->key_password_file = text_of(maker, "key", "", "password_file");
	config->signer_threads = options_int(maker->set, "key", "", "threads");
	config->seller.sign_each_invoice = options_int(maker->set, "key", "", "sign_each_invoice") != 0;
}

static void make_doors(const struct maker *maker, struct config *config)
{
	config->socket_path = text_of(maker, "api", "", "socket");
	config->port = options_int(maker->set, "api", "", "port");
	config->port_file = text_of(maker, "api", "", "port_file");
	config->body_max = options_int(maker->set, "api", "", "body_max");
	config->bulk_body_max = options_int(maker->set, "api", "", "bulk_body_max");
	config->refused_frames_max = options_int(maker->set, "api", "", "refused_frames_max");
	config->lang = text_of(maker, "api", "", "lang");
	config->spool_dir = text_of(maker, "spool", "", "dir");
	config->courier_to = text_of(maker, "courier", "", "to");
	config->law_publisher = text_of(maker, "law", "", "publisher");
}

static void make_receipt(const struct maker *maker, struct config *config)
{
	bool is_south = strcmp(options_text(maker->set, "receipt", "", "words"), "south") == 0;

	config->seller.words_dialect = is_south ? WORDS_SOUTH : WORDS_NORTH;
	config->seller.words_even = options_int(maker->set, "receipt", "", "words_even") != 0;
	config->seller.words_dot = options_int(maker->set, "receipt", "", "words_dot") != 0;
	config->lookup_url = text_of(maker, "receipt", "", "lookup_url");
	config->printer_encoding = text_of(maker, "receipt", "", "encoding");
}

/* "23:55" to minutes of the day; -1 = it is none. */
static int64_t minute_of(const char *text)
{
	int hour = 0;
	int minute = 0;
	char end = 0;

	if (strspn(text, DIGITS) != 2 || text[2] != ':' || sscanf(text, "%2d:%2d%c", &hour, &minute, &end) != 2)
		return -1;
	return hour < 24 && minute < 60 && strspn(text + 3, DIGITS) == 2 ? hour * 60 + minute : -1;
}

static int make_send(const struct maker *maker, struct config *config)
{
	config->seller.max_message_bytes = (size_t)options_int(maker->set, "send", "", "max_bytes");
	config->max_invoices = options_int(maker->set, "send", "", "max_invoices");
	config->max_wait_ms = options_int(maker->set, "send", "", "max_wait_ms");
	config->connect_timeout_ms = options_int(maker->set, "send", "", "connect_timeout_ms");
	config->total_timeout_ms = options_int(maker->set, "send", "", "total_timeout_ms");
	config->retry_first_ms = options_int(maker->set, "send", "", "retry_first_ms");
	config->retry_last_ms = options_int(maker->set, "send", "", "retry_last_ms");
	config->query_pause_ms = options_int(maker->set, "send", "", "query_pause_ms");
	config->cannot_ask_pause_ms = options_int(maker->set, "send", "", "cannot_ask_pause_ms");
	config->cutoff_minute = minute_of(options_text(maker->set, "send", "", "cutoff"));
	return config->cutoff_minute < 0 ? refuse(maker, "send", "", "cutoff", "must be a time of day, like 23:55") : 0;
}

static int make_fleet(const struct maker *maker, struct config *config)
{
	config->fleet_folder = text_of(maker, "fleet", "", "folder");
	config->fleet_url = text_of(maker, "fleet", "", "url");
	config->fleet_ca_file = text_of(maker, "fleet", "", "ca_file");
	config->fleet_user = text_of(maker, "fleet", "", "user");
	config->fleet_password_file = text_of(maker, "fleet", "", "password_file");
	config->fleet_name = text_of(maker, "fleet", "", "name");
	return config->fleet_url && strncmp(config->fleet_url, "https://", 8) != 0
		       ? refuse(maker, "fleet", "", "url", "must begin with https://")
		       : 0;
}

static int make_alarm(const struct maker *maker, struct config *config)
{
	config->late_percent = options_int(maker->set, "alarm", "", "late_percent");
	config->parked_after_ms = options_int(maker->set, "alarm", "", "parked_after_ms");
	config->stuck_ms = options_int(maker->set, "alarm", "", "stuck_ms");
	config->webhook_url = text_of(maker, "alarm", "", "webhook_url");
	config->mail_url = text_of(maker, "alarm", "", "mail_url");
	config->mail_from = text_of(maker, "alarm", "", "mail_from");
	config->mail_to = text_of(maker, "alarm", "", "mail_to");
	config->mail_user = text_of(maker, "alarm", "", "mail_user");
	config->mail_password_file = text_of(maker, "alarm", "", "mail_password_file");
	config->alarm_ca_file = text_of(maker, "alarm", "", "ca_file");
	if (config->webhook_url && strncmp(config->webhook_url, "https://", 8) != 0)
		return refuse(maker, "alarm", "", "webhook_url", "must begin with https://");
	if (config->mail_url && strncmp(config->mail_url, "smtp://", 7) != 0 &&
		strncmp(config->mail_url, "smtps://", 8) != 0)
		return refuse(maker, "alarm", "", "mail_url", "must begin with smtps:// or smtp://");
	if (config->mail_url && (!config->mail_from || !config->mail_to))
		return refuse(maker, "alarm", "", "mail_url", "needs mail_from and mail_to beside it");
	return 0;
}

int config_make(const struct option_set *set, struct arena *arena, struct config *ret, struct fault *fault)
{
	struct maker maker = {.set = set, .arena = arena, .fault = fault};
	struct config config = {.key_driver = NULL};
	int result = make_seller(&maker, &config.seller);

	if (result == 0)
		result = make_serial(&maker, &config.seller);
	if (result == 0)
		result = make_tills(&maker, &config.seller);
	if (result == 0)
		result = make_authorities(&maker, &config);
	if (result == 0)
		result = make_store(&maker, &config);
	if (result == 0)
		result = make_alarm(&maker, &config);
	if (result == 0)
		result = make_fleet(&maker, &config);
	if (result == 0)
		result = make_send(&maker, &config);
	if (result != 0)
		return result;
	make_mirror(&maker, &config);
	make_key(&maker, &config);
	make_doors(&maker, &config);
	make_receipt(&maker, &config);
	*ret = config;
	return 0;
}

struct missing {
	struct bytes *out;
	int count;
};

static void tell(struct missing *missing, const char *setting, const char *why, const char *rule)
{
	bytes_printf(missing->out, "%s: %s (%s)\n", setting, why, rule);
	missing->count++;
}

static const char *why_missing(const char *setting)
{
	static const struct {
		const char *setting, *why;
	} reasons[] = {
		{"seller.provider_tax_code", "the format demands the tax code of the solution provider"},
		{"serial.form", "1 = VAT invoice, 2 = sales invoice"},
		{"serial.suffix", "two letters that no other store of the seller uses"},
		{"serial.key", "the five characters of message 103, without which no invoice may be issued"},
		{"serial.issuer_prefix", "0 to 999, another one for each store of the seller"},
		{"till", "no sale is taken from a till that has no section [till NAME]"},
	};

	for (size_t i = 0; i < ARRAY_LEN(reasons); i++)
		if (strcmp(reasons[i].setting, setting) == 0)
			return reasons[i].why;
	return "stands on every invoice";
}

static void tell_seller(struct missing *missing, const struct seller *seller)
{
	const char *setting;
	const char *rule;

	for (int i = 0; i < MISSING_AT_MOST && rules_seller_missing(seller, i, &setting, &rule) != 0; i++)
		tell(missing, setting, why_missing(setting), rule);
}

static void tell_route(struct missing *missing, const struct config_authority *route)
{
	char setting[200];

	if (!route->url) {
		snprintf(setting, sizeof(setting), "authority %s.url", route->name);
		tell(missing, setting, "the address of the T-VAN", "R-WHO-6");
	}
	if (!route->ca_file) {
		snprintf(setting, sizeof(setting), "authority %s.ca_file", route->name);
		tell(missing, setting, "whom the server's certificate must chain to", "R-STO-5");
	}
	if (!route->anchors_file) {
		snprintf(setting, sizeof(setting), "authority %s.anchors_file", route->name);
		tell(missing, setting, "only a verified message 204 decides", "R-SEND-5");
	}
}

int config_missing(const struct config *config, struct bytes *out)
{
	struct missing missing = {.out = out};

	tell_seller(&missing, &config->seller);
	if (!config->seller.sender)
		tell(&missing, "seller.sender", "the sender that the T-VAN assigned (MNGui)", "R-WHO-6");
	if (!config->key_file)
		tell(&missing, "key.file", "the seller signs every message", "R-SIG-1");
	if (config->key_file && !config->key_password_file)
		tell(&missing, "key.password_file", "the password of the key", "R-SIG-4");
	if (config->authority_count == 0)
		tell(&missing, "authority", "no section [authority NAME] says where messages go", "R-SEND-1");
	for (size_t i = 0; i < config->authority_count; i++)
		tell_route(&missing, &config->authorities[i]);
	return missing.count;
}
