#include "shop.h"

#include <time.h>

/*
 * Bytes and time for each invoice, with bills of 5 to 6 lines like those of a restaurant. The goal is 2.0 KB all in, 3.0 with its own
 * signature (house 8.5), of which a certificate that the store has learned leaves 2.5; times are printed only, since a test machine
 * is not a measuring bench.
 */
#define INVOICES	  2000
#define GROUP		  16
#define MESSAGE		  200
#define GOAL_BYTES	  2048
#define GOAL_BYTES_SIGNED 2560

struct dish {
	const char *code, *name, *unit;
	int price, rate;
};

static const struct dish dishes[] = {
	{"BBH03", "Bún bò giò heo đặc biệt", "tô", 75000, 8},
	{"CCN12", "Cá chim nướng muối ớt", "con", 289000, 8},
	{"GOI07", "Gỏi ngó sen tôm thịt", "dĩa", 128000, 8},
	{"LCU02", "Lẩu cua đồng hai người", "nồi", 315000, 8},
	{"RMX01", "Rau lang xào bơ tỏi", "dĩa", 49000, 8},
	{"TDA00", "Trà đá bình", "bình", 18000, 8},
	{"BSG33", "Bia Sài Sơn xanh 330 ml", "lon", 26000, 10},
	{"CFM04", "Cà phê muối", "ly", 35000, 8},
	{"NDX05", "Nước dừa xiêm", "trái", 40000, 8},
	{"KLH99", "Khăn lạnh thơm", "cái", 4000, 8},
	{"XDB08", "Xôi đậu xanh gà xé", "phần", 45000, 8},
	{"VHA41", "Vang đỏ Hạ An 750 ml", "chai", 640000, 10},
};

/* A fixed sequence, so that every run measures the same. */
static uint32_t next_random(uint32_t *seed)
{
	*seed = *seed * 1664525U + 1013904223U;
	return *seed >> 8;
}

struct bill {
	struct bytes json, xml, signature;
	struct bytes certificate; /* empty: invoices without their own signature */
	int64_t net, vat, total;
};

static void add_line(struct bill *bill, int index, uint32_t *seed)
{
	const struct dish *dish = &dishes[next_random(seed) % ARRAY_LEN(dishes)];
	int qty = 1 + (int)(next_random(seed) % 4);
	int64_t total = (int64_t)qty * dish->price;
	int64_t net = (total * 100 + (100 + dish->rate) / 2) / (100 + dish->rate);

	bytes_printf(&bill->json,
		"%s{\"kind\": \"goods\", \"code\": \"%s\", \"name\": \"%s\", \"unit\": \"%s\", \"qty\": \"%d\", "
		"\"unit_price\": \"%d\", \"vat_rate\": \"%d\", \"amount\": \"%d\"}",
		index ? ", " : "", dish->code, dish->name, dish->unit, qty, dish->price, dish->rate, (int)total);
	bytes_printf(&bill->xml,
		"<HHDVu><TChat>1</TChat><STT>%d</STT><MHHDVu>%s</MHHDVu><THHDVu>%s</THHDVu><DVTinh>%s</"
		"DVTinh><SLuong>%d</SLuong>"
		"<DGia>%lld.%06d</DGia><ThTien>%lld</ThTien><TSuat>%d%%</TSuat></HHDVu>",
		index + 1, dish->code, dish->name, dish->unit, qty, (long long)(net / qty),
		(int)(net % qty * 1000000 / qty), (long long)net, dish->rate);
	bill->net += net;
	bill->vat += total - net;
	bill->total += total;
}

static void add_noise(struct bytes *out, size_t len)
{
	uint8_t noise[1400];

	digest_random(noise, len);
	bytes_base64(out, noise, len);
}

/* Two digests and a value of RSA-2048 that nobody can foresee, and the certificate. */
static void sign_bill(struct bill *bill, int n)
{
	bytes_clear(&bill->signature);
	if (!bill->certificate.len)
		return;
	bytes_printf(&bill->signature, "<Signature Id=\"NBan-_1C26MQA-%d\"><DigestValue>", n);
	add_noise(&bill->signature, 32);
	bytes_text(&bill->signature, "</DigestValue><DigestValue>");
	add_noise(&bill->signature, 32);
	bytes_text(&bill->signature, "</DigestValue><SignatureValue>");
	add_noise(&bill->signature, 256);
	bytes_text(&bill->signature, "</SignatureValue>");
	bytes_append(&bill->signature, bill->certificate.data, bill->certificate.len);
	bytes_text(&bill->signature, "</Signature>");
}

static void end_bill(struct bill *bill, int n)
{
	bytes_printf(&bill->json,
		"], \"discounts\": [], \"total\": \"%lld\", \"payments\": [{\"method\": \"transfer\", \"amount\": "
		"\"%lld\", "
		"\"reference\": \"FT2632%09d\"}]}",
		(long long)bill->total, (long long)bill->total, n * 7919 % 1000000000);
	bytes_printf(&bill->xml,
		"</DSHHDVu><TToan><THTTLTSuat><LTSuat><TSuat>8%%</TSuat><ThTien>%lld</ThTien><TThue>%lld</TThue></"
		"LTSuat>"
		"</THTTLTSuat><TgTCThue>%lld</TgTCThue><TgTThue>%lld</TgTThue><TgTTTBSo>%lld</TgTTTBSo>"
		"<TgTTTBChu>Một triệu hai trăm mười bảy nghìn năm trăm đồng</TgTTTBChu></TToan></NDHDon><TTKhac><TTin>"
		"<TTruong>LedgerHead</TTruong><KDLieu>string</KDLieu><DLieu>%016X</DLieu></TTin></TTKhac></DLHDon>"
		"<DLQRCode>00020199730010A00000077501109900000451020110306C26MQA04%02d%d050820261121060%lld6304%04X</"
		"DLQRCode>"
		"<MCCQT>M1-26-QX3K9-%011d</MCCQT><DSCKS><NBan>%s</NBan><NMua></NMua></DSCKS></HDon>",
		(long long)bill->net, (long long)bill->vat, (long long)bill->net, (long long)bill->vat,
		(long long)bill->total, (unsigned)n * 2654435761U, n > 999 ? 4 : 3, n, (long long)bill->total,
		(unsigned)n * 40503U % 65536, n, bill->signature.data ? (const char *)bill->signature.data : "");
}

static void make_bill(struct bill *bill, int n, uint32_t *seed)
{
	int lines = 5 + (int)(next_random(seed) % 2);

	bytes_clear(&bill->json);
	bytes_clear(&bill->xml);
	bill->net = bill->vat = bill->total = 0;
	bytes_printf(&bill->json,
		"{\"till_id\": \"T0%d\", \"bill_no\": \"T0%d-261121-%04d\", \"kind\": \"sale\", "
		"\"sold_at\": \"2026-11-21T%02d:%02d:%02d+07:00\", \"cashier\": \"Thu ngân %d\", "
		"\"prices_include_vat\": true, \"lines\": [",
		n % 3 + 1, n % 3 + 1, n, 10 + n / 200, n % 60, n * 7 % 60, n % 3 + 1);
	bytes_printf(&bill->xml,
		"<HDon><DLHDon Id=\"_1C26MQA-%d\"><TTChung><PBan>2.1.0</PBan><THDon>Hóa đơn giá trị gia tăng khởi tạo "
		"từ máy tính "
		"tiền</THDon><KHMSHDon>1</KHMSHDon><KHHDon>C26MQA</KHHDon><SHDon>%d</SHDon><NLap>2026-11-21</"
		"NLap><DVTTe>VND</DVTTe>"
		"<HTTToan>Chuyển khoản</HTTToan><MSTTCGP>9900000030</MSTTCGP></TTChung><NDHDon><NBan><Ten>Công ty TNHH "
		"Nhà hàng Sông "
		"Hương Quê</Ten><MST>9900000451</MST><DChi>Số 217 Đường Trần Nguyên Mẫu, Phường An Bình, Thành phố Cần "
		"Thơ</DChi>"
		"<SDThoai>02923000111</SDThoai></NBan><NMua><Ten>Bán cho người tiêu dùng</Ten></NMua><DSHHDVu>",
		n, n);
	for (int i = 0; i < lines; i++)
		add_line(bill, i, seed);
	sign_bill(bill, n);
	end_bill(bill, n);
}

static int64_t add_sale(struct shop *shop, const struct bill *bill, int n)
{
	struct frame_row frame = {.source = "http",
		.dialect = "json",
		.received_at = SHOP_NOW + n * INT64_C(977),
		.state = FRAME_DECODED,
		.bytes = bill->json.data,
		.len = bill->json.len};
	struct ledger_payload payload;
	struct sale_row sale;
	char till[8], number[32];
	int64_t id = 0;

	snprintf(till, sizeof(till), "T0%d", n % 3 + 1);
	snprintf(number, sizeof(number), "%s-261121-%04d", till, n);
	frame.till_id = till;
	digest_sha256(frame.bytes, frame.len, frame.digest);
	must(shop, store_frame_add(shop->store, &frame, &id, &shop->fault));
	sale = shop_sale_row(id, number);
	memcpy(sale.digest, frame.digest, DIGEST_LEN);
	ledger_payload_init(&payload);
	ledger_payload_int(&payload, "bytes", (int64_t)frame.len);
	ledger_payload_commit(shop->store, &payload, "frame", sale.digest);
	ledger_payload_int(&payload, "id", id);
	ledger_payload_text(&payload, "source", "http");
	ledger_payload_text(&payload, "till", till);
	must(shop, ledger_append(shop->store, LEDGER_FRAME_KEPT, &payload, NULL, &shop->fault));
	sale.till_id = till;
	sale.total = bill->total;
	sale.received_at = frame.received_at;
	sale.sold_at = frame.received_at - 3000;
	must(shop, store_sale_add(shop->store, &sale, &id, &shop->fault));
	must(shop, store_sale_link(shop->store, id, &shop->fault));
	return id;
}

static void add_invoice(struct shop *shop, const struct bill *bill, int64_t sale, int n, int64_t *ret_id)
{
	struct invoice_row row = {.form = 1,
		.serial = "C26MQA",
		.number = n,
		.issued_at = SHOP_NOW + n * INT64_C(977) + 5,
		.sold_at = SHOP_NOW + n * INT64_C(977) - 3000,
		.deadline = SHOP_NOW + 36000000,
		.net = bill->net,
		.vat = bill->vat,
		.total = bill->total,
		.refusal = "",
		.xml = bill->xml.data,
		.xml_len = bill->xml.len};
	struct ledger_payload payload;
	struct ledger_head head;
	char code[32];

	snprintf(code, sizeof(code), "M1-26-QX3K9-%011d", 100000000 + n);
	row.code = code;
	digest_sha256(row.xml, row.xml_len, row.digest);
	ledger_payload_init(&payload);
	ledger_payload_text(&payload, "code", code);
	ledger_payload_int(&payload, "form", 1);
	ledger_payload_int(&payload, "number", n);
	ledger_payload_commit(shop->store, &payload, "sale", row.digest);
	ledger_payload_text(&payload, "serial", row.serial);
	ledger_payload_int(&payload, "total", row.total);
	ledger_payload_commit(shop->store, &payload, "xml", row.digest);
	must(shop, ledger_append(shop->store, LEDGER_ISSUED, &payload, &head, &shop->fault));
	row.ledger_seq = head.seq;
	must(shop, store_invoice_add(shop->store, &row, sale, INVOICE_ROLE_ISSUES, ret_id, &shop->fault));
}

static int64_t cpu_us(void)
{
	struct timespec now;

	clock_gettime(CLOCK_THREAD_CPUTIME_ID, &now);
	return (int64_t)now.tv_sec * 1000000 + now.tv_nsec / 1000;
}

/* Signature and certificate of a message: noise in base64, as they are. */
static void add_message(struct shop *shop, const int64_t *ids, int n)
{
	struct bytes signature = {.max = 10000};
	uint8_t noise[1800];
	struct message_row row;
	int64_t id = 0;
	char name[48];

	digest_random(noise, sizeof(noise));
	bytes_base64(&signature, noise, sizeof(noise));
	snprintf(name, sizeof(name), "V9900000023%032d", n);
	row = shop_message_row(name);
	row.signature = signature.data;
	row.signature_len = signature.len;
	must(shop, store_message_add(shop->store, &row, ids, MESSAGE, &id, &shop->fault));
	row = shop_get_message(shop, id);
	row.state = MESSAGE_SENT;
	must(shop, store_message_move(shop->store, &row, MESSAGE_MADE, &shop->fault));
	for (int i = 0; i < MESSAGE; i++)
		must(shop, store_invoice_conclude(shop->store, ids[i], id, INVOICE_ACCEPTED, "", &shop->fault));
	row.state = MESSAGE_ANSWERED;
	must(shop, store_message_move(shop->store, &row, MESSAGE_SENT, &shop->fault));
	bytes_done(&signature);
}

static void report(struct shop *shop, int64_t plain, int64_t cpu, int64_t goal)
{
	int64_t bytes = shop_number(shop, "SELECT page_count * page_size FROM pragma_page_count, pragma_page_size");

	print_message("%d invoices: %lld bytes each on disk (frame and XML are %lld plain), %lld us CPU each\n",
		INVOICES, (long long)(bytes / INVOICES), (long long)(plain / INVOICES), (long long)(cpu / INVOICES));
	assert_true(bytes / INVOICES < goal);
}

static void measure(struct shop *shop, struct bytes certificate, int64_t goal)
{
	struct bill bill = {.json.max = 100000, .xml.max = 100000, .signature.max = 10000, .certificate = certificate};
	int64_t *ids = calloc(INVOICES, sizeof(*ids));
	int64_t cpu = 0, plain = 0;
	uint32_t seed = 1;

	assert_non_null(ids);
	/* the real clock: reading the test's file would be measured too */
	shop->clock.test_file = NULL;
	shop_reopen(shop);
	must(shop, store_learn(shop->store, certificate.data, certificate.len, &shop->fault));
	for (int n = 0; n < INVOICES;) {
		int64_t start = cpu_us();

		shop_begin(shop);
		for (int i = 0; i < GROUP; i++, n++) {
			int64_t made = cpu_us();

			make_bill(&bill, n + 1, &seed);
			plain += (int64_t)(bill.json.len + bill.xml.len);
			start += cpu_us() - made;
			add_invoice(shop, &bill, add_sale(shop, &bill, n + 1), n + 1, &ids[n]);
		}
		shop_commit(shop);
		cpu += cpu_us() - start;
	}
	for (int n = 0; n < INVOICES; n += MESSAGE) {
		shop_begin(shop);
		add_message(shop, ids + n, n);
		shop_commit(shop);
	}
	must(shop, store_checkpoint_wal(shop->store, 0, &shop->fault));
	report(shop, plain, cpu, goal);
	bytes_done(&bill.json);
	bytes_done(&bill.xml);
	bytes_done(&bill.signature);
	free(ids);
}

static void an_invoice_takes_less_than_two_kilobytes_all_in(void **state)
{
	measure(*state, (struct bytes){0}, GOAL_BYTES);
}

static void a_signed_invoice_takes_half_a_kilobyte_more(void **state)
{
	struct bytes certificate = {.max = 10000};

	bytes_text(&certificate, "<X509Certificate>");
	add_noise(&certificate, 1400);
	bytes_text(&certificate, "</X509Certificate>");
	measure(*state, certificate, GOAL_BYTES_SIGNED);
	bytes_done(&certificate);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		SHOP_TEST(an_invoice_takes_less_than_two_kilobytes_all_in),
		SHOP_TEST(a_signed_invoice_takes_half_a_kilobyte_more),
	};

	return cmocka_run_group_tests_name("size", tests, NULL, NULL);
}
