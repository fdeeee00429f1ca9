/* config_table, config_make, config_missing; seller: profiles of format 1.2. */
#include "cases.h"

#include <sys/stat.h>
#include <unistd.h>

#include "core/config.h"

static const char whole[] = "[seller]\n"
			    "tax_code = 9900000048001\n"
			    "name = Qua\u0301n Ví Dụ\n" /* decomposed */
			    "address = Số 1 Phố Ví Dụ\n"
			    "provider_tax_code = 9900000030\n"
			    "sender = V9900000023\n"
			    "[serial]\n"
			    "form = 1\n"
			    "suffix = AB\n"
			    "key = QZ7XW\n"
			    "issuer_prefix = 0\n"
			    "[till T01]\n"
			    "[till T02]\n"
			    "location_code = CH02\n"
			    "[key]\n"
			    "file = /etc/key.p12\n"
			    "password_file = /etc/key.password\n"
			    "[authority tvan]\n"
			    "url = https://127.0.0.1:8443/api\n"
			    "ca_file = /etc/ca.pem\n"
			    "anchors_file = /etc/anchors.pem\n";

struct fixture {
	char dir[64];
	char path[96];
	struct option_set *set;
	struct arena *arena;
	struct config config;
	struct fault fault;
	struct bytes out;
};

static int set_up(void **state)
{
	struct fixture *f = calloc(1, sizeof(*f));

	if (!f)
		return -1;
	snprintf(f->dir, sizeof(f->dir), "/tmp/hoadon-config-XXXXXX");
	f->arena = arena_new(1 << 20);
	bytes_init(&f->out, 65536);
	*state = f;
	if (!mkdtemp(f->dir) || !f->arena)
		return -1;
	snprintf(f->path, sizeof(f->path), "%s/hoadon.conf", f->dir);
	return 0;
}

static int tear_down(void **state)
{
	struct fixture *f = *state;

	unlink(f->path);
	rmdir(f->dir);
	options_free(f->set);
	arena_free(f->arena);
	bytes_done(&f->out);
	free(f);
	return 0;
}

/* @text and then @more as hoadon.conf; what config_make() makes of it. */
static int make(struct fixture *f, const char *text, const char *more)
{
	FILE *file = fopen(f->path, "w");

	assert_non_null(file);
	fputs(text, file);
	fputs(more, file);
	fclose(file);
	options_free(f->set);
	f->set = NULL;
	memset(&f->fault, 0, sizeof(f->fault));
	bytes_clear(&f->out);
	if (options_read(config_table, f->dir, &f->set, &f->out, &f->fault) != 0)
		fail_msg("%s", f->fault.text);
	return config_make(f->set, f->arena, &f->config, &f->fault);
}

static void every_setting_reaches_the_structure(void **state)
{
	struct fixture *f = *state;
	const struct seller *seller = &f->config.seller;

	assert_int_equal(make(f, whole, ""), 0);
	assert_string_equal(seller->tax_code, "9900000048-001");
	assert_string_equal(seller->name, "Quán Ví Dụ");
	assert_int_equal(seller->form, 1);
	assert_int_equal(seller->code_flag, 'C');
	assert_string_equal(seller->suffix, "AB");
	assert_string_equal(seller->key, "QZ7XW");
	assert_int_equal(seller->issuer_prefix, 0);
	assert_null(seller->profile);
	assert_int_equal(make(f, whole, "[seller]\nprofile = 2.1.1\n"), 0);
	assert_string_equal(seller->profile->pban, "2.1.1");
	assert_int_equal(seller->till_count, 2);
	assert_null(seller_till(seller, "T01")->location_code);
	assert_string_equal(seller_till(seller, "T02")->location_code, "CH02");
	assert_null(seller_till(seller, "T03"));
	assert_int_equal(f->config.authority_count, 1);
	assert_string_equal(f->config.authorities[0].name, "tvan");
	assert_string_equal(f->config.authorities[0].driver, "tdiep");
	assert_string_equal(f->config.authorities[0].ca_file, "/etc/ca.pem");
	assert_string_equal(f->config.key_file, "/etc/key.p12");
	assert_int_equal(config_missing(&f->config, &f->out), 0);
	assert_int_equal(f->out.len, 0);
}

static void what_is_not_set_has_the_default_of_the_documents(void **state)
{
	struct fixture *f = *state;

	assert_int_equal(make(f, whole, ""), 0);
	/* Format 3.1; samples hostile-api README (body caps); signing section 6 (time-outs); format 12.4 (T = 15 minutes). */
	assert_int_equal(f->config.seller.max_message_bytes, 2000000);
	assert_int_equal(f->config.max_invoices, 200);
	assert_int_equal(f->config.body_max, 262144);
	assert_int_equal(f->config.bulk_body_max, 4194304);
	assert_int_equal(f->config.connect_timeout_ms, 10000);
	assert_int_equal(f->config.total_timeout_ms, 120000);
	assert_int_equal(f->config.cannot_ask_pause_ms, 900000);
	assert_int_equal(f->config.cutoff_minute, 23 * 60 + 55); /* law R-SEND-1 */
	assert_int_equal(f->config.port, 0);
	assert_string_equal(f->config.store_dir, "/var/lib/hoadon-agent/store");
	assert_string_equal(f->config.socket_path, "/run/hoadon-agent/api.sock");
	assert_null(f->config.spool_dir);
	assert_null(f->config.lookup_url);
	assert_false(f->config.seller.sign_each_invoice);
	assert_true(f->config.seller.ledger_in_invoice);
	assert_int_equal(f->config.seller.words_dialect, WORDS_NORTH);
	assert_non_null(strstr(f->config.seller.generic_names, "tiền ăn"));
	assert_string_equal(f->config.lang, "vi");
}

static void an_empty_configuration_names_everything_with_its_rule(void **state)
{
	static const char *const rules[] = {"seller.tax_code: ", "seller.name: ", "seller.address: ", "(R-SOL-3)",
		"serial.form: ", "(R-SYM-3)", "(R-CODE-2)", "serial.issuer_prefix: ", "(R-CODE-3)",
		"till: ", "(R-WHO-4)", "seller.sender: ", "key.file: ", "authority: "};
	struct fixture *f = *state;
	int lines = 0;

	assert_int_equal(make(f, "[seller]\nphone =\n", ""), 0);
	assert_null(f->config.seller.phone);
	assert_int_equal(f->config.seller.issuer_prefix, -1);
	assert_int_equal(config_missing(&f->config, &f->out), 12);
	for (const uint8_t *c = f->out.data; *c; c++)
		lines += *c == '\n';
	assert_int_equal(lines, 12);
	for (size_t i = 0; i < ARRAY_LEN(rules); i++)
		assert_non_null(strstr((const char *)f->out.data, rules[i]));
}

static void a_route_needs_address_ca_and_anchors(void **state)
{
	struct fixture *f = *state;

	assert_int_equal(make(f, whole, "[authority second]\nuser = x\n"), 0);
	assert_int_equal(config_missing(&f->config, &f->out), 3);
	assert_non_null(strstr((const char *)f->out.data, "authority second.url: "));
	assert_non_null(strstr((const char *)f->out.data, "authority second.ca_file: "));
	assert_non_null(strstr((const char *)f->out.data, "authority second.anchors_file: "));
}

static void a_value_that_cannot_be_is_refused_with_its_line(void **state)
{
	static const struct {
		const char *more, *text;
	} wrong[] = {
		{"[seller]\ntax_code = 990000004\n", "tax_code"},
		{"[seller]\nprovider_tax_code = 99-1\n", "provider_tax_code"},
		{"[seller]\nsender = v 1\n", "sender"},
		{"[serial]\nsuffix = A1\n", "R-SYM-2"},
		{"[serial]\nkey = qz7xw\n", "R-CODE-2"},
		{"[authority tvan]\nurl = http://127.0.0.1\n", "https://"},
		{"[store]\nseal = yes\n", "needs key_file"},
		{"[send]\ncutoff = 24:00\n", "23:55"},
		{"[send]\ncutoff = 23h55\n", "23:55"},
		{"[send]\ncutoff = 8:000\n", "23:55"},
	};
	struct fixture *f = *state;

	for (size_t i = 0; i < ARRAY_LEN(wrong); i++) {
		assert_int_equal(make(f, whole, wrong[i].more), FAULT_CONFIG);
		assert_non_null(strstr(f->fault.text, wrong[i].text));
		/* 21 lines stand before. */
		assert_non_null(strstr(f->fault.text, "hoadon.conf:23: ["));
	}
}

#define PORT "[port quay-1]\ntill = T01\nlisten = 192.168.1.10:9100\ncatalogue = /etc/c.csv\npeers = 192.168.1.21\n"

static void a_port_has_the_defaults_of_the_documents(void **state)
{
	struct fixture *f = *state;
	const struct config_port *port;

	assert_int_equal(make(f, whole, ""), 0);
	assert_int_equal(f->config.port_count, 0);
	assert_int_equal(make(f, whole, PORT), 0);
	assert_int_equal(f->config.port_count, 1);
	port = &f->config.ports[0];
	assert_string_equal(port->name, "quay-1");
	assert_string_equal(port->till, "T01");
	assert_true(port->listen.ip == 0xc0a8010a && port->listen.port == 9100);
	assert_string_equal(port->listen.line, "tcp");
	assert_string_equal(port->listen.where, "192.168.1.10:9100");
	assert_null(port->printer.line);
	assert_string_equal(port->dialect, "escpos");
	assert_int_equal(port->columns, 48);
	assert_string_equal(port->profile, "/usr/share/hoadon-agent/profiles/default.ini");
	assert_true(port->is_vat_included && port->forward_unknown);
	assert_int_equal(port->annex, CONFIG_ANNEX_NONE);
	assert_int_equal(port->hold_ms, 1500);
	assert_int_equal(port->idle_ms, 5000);
	assert_int_equal(make(f, whole, PORT "printer = 10.0.0.5:9101\n"), 0);
	assert_int_equal(f->config.ports[0].annex, CONFIG_ANNEX_CUT);
	assert_true(f->config.ports[0].printer.ip == 0x0a000005 && f->config.ports[0].printer.port == 9101);
	assert_int_equal(make(f, whole, PORT "printer = 10.0.0.5:9101\nannex = slip\n"), 0);
	assert_int_equal(f->config.ports[0].annex, CONFIG_ANNEX_SLIP);
	assert_int_equal(make(f, whole, PORT "printer = 10.0.0.5:9101\nannex = none\n"), 0);
	assert_int_equal(f->config.ports[0].annex, CONFIG_ANNEX_NONE);
	assert_int_equal(f->config.ports[0].qr_dots, 0);
	assert_int_equal(make(f, whole, PORT "qr = picture\n"), 0);
	assert_int_equal(f->config.ports[0].qr_dots, 576);
	assert_int_equal(make(f, whole, PORT "qr = picture\ndialect = star\ncolumns = 32\n"), 0);
	assert_int_equal(f->config.ports[0].qr_dots, 384);
	assert_int_equal(f->config.ports[0].letters.charset, CHARSET_ASCII);
	assert_int_equal(f->config.receipt_charset, CHARSET_ASCII);
	assert_int_equal(make(f, whole, PORT "encoding = tcvn\npage = 30\n[receipt]\nencoding = utf8\n"), 0);
	assert_int_equal(f->config.ports[0].letters.charset, CHARSET_TCVN);
	assert_int_equal(f->config.ports[0].letters.page, 30);
	assert_int_equal(f->config.ports[0].letters.capitals, CHARSET_PAGE_NONE);
	assert_int_equal(f->config.receipt_charset, CHARSET_UTF8);
	assert_int_equal(make(f, whole, PORT "encoding = tcvn\npage = 30\npage_capitals = 31\ndialect = star\n"), 0);
	assert_int_equal(f->config.ports[0].letters.capitals, 31);
	assert_int_equal(make(f, whole, PORT "encoding = utf8\n"), 0);
	assert_int_equal(f->config.ports[0].letters.charset, CHARSET_UTF8);
	assert_int_equal(f->config.ports[0].line_dots, 0);
	assert_int_equal(make(f, whole, PORT "encoding = picture\ncolumns = 32\n"), 0);
	assert_int_equal(f->config.ports[0].letters.charset, CHARSET_ASCII);
	assert_int_equal(f->config.ports[0].line_dots, 384);
}

static void a_port_knows_whose_bills_may_become_invoices(void **state)
{
	struct fixture *f = *state;

	assert_int_equal(make(f, whole, PORT "peers = 192.168.1.21, 192.168.1.22 10.0.0.7\n"), 0);
	assert_int_equal(f->config.ports[0].peer_count, 3);
	assert_true(config_port_knows(&f->config.ports[0], 0xc0a80116, 0));
	assert_true(config_port_knows(&f->config.ports[0], 0x0a000007, 0));
	assert_false(config_port_knows(&f->config.ports[0], 0xc0a80117, 0));
	/* By its card, whatever its address. */
	assert_int_equal(make(f, whole, PORT "peers = 192.168.1.21, mac:02:00:5E:aa:bb:01\n"), 0);
	assert_int_equal(f->config.ports[0].peer_count, 2);
	assert_true(config_port_knows(&f->config.ports[0], 0xc0a80115, 0));
	assert_true(config_port_knows(&f->config.ports[0], 0xc0a80117, 0x02005eaabb01));
	assert_false(config_port_knows(&f->config.ports[0], 0xc0a80117, 0x02005eaabb02));
	assert_false(config_port_knows(&f->config.ports[0], 0, 0));
	/* What no other machine reaches needs no list. */
	assert_int_equal(make(f, whole, PORT "listen = 127.0.0.1:9100\npeers =\n"), 0);
	assert_true(config_port_knows(&f->config.ports[0], 0x7f000001, 0));
	/* Form 2 has no rates. */
	assert_int_equal(make(f, whole, "[serial]\nform = 2\n[port b]\ntill = T01\nlisten = 127.0.0.1:9100\n"), 0);
	assert_null(f->config.ports[0].catalogue);
}

static void a_serial_line_needs_no_list_of_peers(void **state)
{
	struct fixture *f = *state;

	assert_int_equal(
		make(f, whole, PORT "peers =\nlisten = serial:/dev/ttyS0\nprinter = serial:/dev/ttyUSB0,19200\n"), 0);
	assert_string_equal(f->config.ports[0].listen.line, "serial");
	assert_string_equal(f->config.ports[0].listen.where, "/dev/ttyS0");
	assert_string_equal(f->config.ports[0].printer.line, "serial");
	assert_string_equal(f->config.ports[0].printer.where, "/dev/ttyUSB0,19200");
	assert_int_equal(f->config.ports[0].annex, CONFIG_ANNEX_CUT);
	assert_false(config_address_is_same(&f->config.ports[0].listen, &f->config.ports[0].printer));
	/* One device is one, however it is set. */
	assert_int_equal(make(f, whole,
				 PORT "printer = serial:/dev/ttyUSB0\n[port b]\ntill = T02\ncatalogue = /c\n"
				      "listen = serial:/dev/ttyS1\nprinter = serial:/dev/ttyUSB0,9600,8N1\n"),
		0);
	assert_true(config_address_is_same(&f->config.ports[0].printer, &f->config.ports[1].printer));
	assert_false(config_address_is_same(&f->config.ports[0].listen, &f->config.ports[1].listen));
	assert_int_equal(make(f, whole, PORT), 0);
	assert_false(config_address_is_same(&f->config.ports[0].printer, &f->config.ports[0].printer)); /* none */
}

static void a_printer_may_hang_at_a_usb_socket(void **state)
{
	struct fixture *f = *state;

	assert_int_equal(make(f, whole, PORT "printer = usb:04b8:0e15:X4CF001\n"), 0);
	assert_string_equal(f->config.ports[0].printer.line, "usb");
	assert_string_equal(f->config.ports[0].printer.where, "04b8:0e15:X4CF001");
	assert_int_equal(f->config.ports[0].annex, CONFIG_ANNEX_CUT);
}

struct wrong_port {
	const char *more, *text;
	int line; /* of hoadon.conf: 21 lines stand before, and five of PORT */
};

static void assert_refused(struct fixture *f, const struct wrong_port *wrong)
{
	char more[600];
	char place[40];

	snprintf(more, sizeof(more), "%s%s", PORT, wrong->more);
	assert_int_equal(make(f, whole, more), FAULT_CONFIG);
	if (!strstr(f->fault.text, wrong->text))
		fail_msg("%s: %s", wrong->more, f->fault.text);
	snprintf(place, sizeof(place), "hoadon.conf:%d: [port ", wrong->line);
	if (!strstr(f->fault.text, place))
		fail_msg("%s: %s", place, f->fault.text);
}

static void letters_that_no_printer_could_print_are_refused(void **state)
{
	static const struct wrong_port wrong[] = {
		{"dialect = plain\nencoding = utf8\n", "take ascii", 28},
		{"encoding = picture\ndialect = escp\n", "take ascii", 27},
		{"encoding = picture\npage = 30\n", "needs encoding = tcvn, cp1258 or viscii", 28},
		{"encoding = viscii\n", "FEED held down", 27},
		{"page = 30\n", "needs encoding = tcvn, cp1258 or viscii", 27},
		{"encoding = utf8\npage = 30\n", "needs encoding = tcvn, cp1258 or viscii", 28},
		{"encoding = cp1258\npage = 52\npage_capitals = 31\n", "needs encoding = tcvn beside", 29},
	};

	for (size_t i = 0; i < ARRAY_LEN(wrong); i++)
		assert_refused(*state, &wrong[i]);
}

static void a_port_that_cannot_work_is_refused_with_its_line(void **state)
{
	static const struct wrong_port wrong[] = {
		{"till = T09\n", "no section [till NAME]", 27},
		{"till =\n", "must name the section", 27},
		{"listen = 192.168.1.10\n", "ADDRESS:PORT", 27},
		{"listen = printer.local:9100\n", "ADDRESS:PORT", 27},
		{"listen = 192.168.1.10:0\n", "ADDRESS:PORT", 27},
		{"listen = 192.168.1.10:65536\n", "ADDRESS:PORT", 27},
		{"listen = 192.168.1.10:91 00\n", "ADDRESS:PORT", 27},
		{"listen =\n", "must say where", 27},
		{"listen = 0.0.0.0:9100\npeers =\n", "R-WHO-4", 28},
		{"peers =\n", "R-WHO-4", 27},
		{"peers = 192.168.1.21, quay\n", "192.168.1.22", 27},
		{"peers = mac:02:00:5e:aa:bb\n", "mac:aa:bb:cc:dd:ee:ff", 27},
		{"printer = 10.0.0.5\n", "ADDRESS:PORT", 27},
		{"printer = 192.168.1.10:9100\n", "itself", 27},
		{"printer = serial:/dev/ttyS0,9600,8N1,none,stx\n", "no printer", 27},
		{"listen = fifo:bar\n", "fifo:/var/spool/hoadon-agent/bar.prn", 27},
		{"printer = fifo:/run/bar\n", "no printer", 27},
		{"listen = gadget:g_printer0\n", "gadget:/dev/g_printer0", 27},
		{"printer = gadget:/dev/g_printer0\n", "no printer", 27},
		{"listen = fifo:/run/bar\nprinter = serial:/dev/ttyS0\n[port b]\ntill = T02\ncatalogue = /c\n"
		 "listen = fifo:/run/bar\n",
			"another [port]", 32},
		{"listen = serial:\n", "serial:/dev/ttyS0,9600,8N1,none", 27},
		{"printer = serial:/dev/ttyS0,9601\n", "serial:/dev/ttyS0,9600,8N1,none", 27},
		{"listen = serial:/dev/ttyS0\nprinter = serial:/dev/ttyS0,19200\n", "itself", 28},
		{"listen = serial:/dev/ttyS0\n[port b]\ntill = T02\ncatalogue = /c\nlisten = serial:/dev/ttyS0,1200\n",
			"another [port]", 31},
		{"printer = usb:epson\n", "hoadon print list", 27},
		{"listen = usb:04b8:0e15\n", "ADDRESS:PORT", 27},
		{"annex = cut\n", "needs a printer", 27},
		{"qr = picture\ndialect = escp\n", "escpos and star", 27},
		{"dialect = plain\nqr = picture\n", "escpos and star", 28},
		{"listen = serial:/dev/ttyS0\njoined = yes\n", "tills of the network", 28},
		{"[port b]\ntill = T02\nlisten = 127.0.0.1:9101\n", "R-VAT-1", 28},
		{"[port b]\ntill = T02\ncatalogue = /c\npeers = 10.0.0.1\nlisten = 192.168.1.10:9100\n",
			"another [port]", 31},
		{"[port b]\ntill = T02\ncatalogue = /c\npeers = 10.0.0.1\nlisten = 0.0.0.0:9100\n", "another [port]",
			31},
	};
	struct fixture *f = *state;

	for (size_t i = 0; i < ARRAY_LEN(wrong); i++)
		assert_refused(f, &wrong[i]);
	assert_int_equal(
		make(f, whole,
			PORT "[port b]\ntill = T02\ncatalogue = /c\npeers = 10.0.0.1\nlisten = 192.168.1.10:9101\n"),
		0);
	assert_int_equal(f->config.port_count, 2);
}

static void every_row_of_the_table_is_complete(void **state)
{
	size_t rows = 0;

	(void)state;
	for (const struct option *row = config_table; row->section; row++, rows++) {
		assert_non_null(row->key);
		assert_true(row->help && strlen(row->help) > 10);
		assert_true(row->help_vi && strlen(row->help_vi) > 10);
		assert_true(row->type != OPTION_CHOICE || row->choices);
		assert_true(row->type != OPTION_INT || row->max > row->min);
		for (const struct option *other = config_table; other < row; other++)
			assert_false(strcmp(other->section, row->section) == 0 && strcmp(other->key, row->key) == 0);
	}
	assert_true(rows > 50);
}

static void profiles_are_the_columns_of_format_1_2(void **state)
{
	(void)state;
	assert_false(profile_find("2.0.1")->has_shop_code);
	assert_false(profile_find("2.0.1")->is_provider_required);
	assert_int_equal(profile_find("2.0.1")->tchat_max, 4);
	assert_true(profile_find("2.1.0")->has_buyer_ids);
	assert_true(profile_find("2.1.0")->is_payment_required);
	assert_false(profile_find("2.1.0")->has_uncoded_message);
	assert_string_equal(profile_find("2.1.0")->dlieu_prefix, "_");
	assert_true(profile_find("2.1.1")->has_uncoded_message);
	assert_true(profile_find("2.1.1")->has_business_place);
	assert_string_equal(profile_find("2.1.1")->dlieu_prefix, "DLieu-");
	assert_null(profile_find("2.2.0"));
}

#define CONFIG_TEST(name) cmocka_unit_test_setup_teardown(name, set_up, tear_down)

int main(void)
{
	const struct CMUnitTest tests[] = {
		CONFIG_TEST(every_setting_reaches_the_structure),
		CONFIG_TEST(what_is_not_set_has_the_default_of_the_documents),
		CONFIG_TEST(an_empty_configuration_names_everything_with_its_rule),
		CONFIG_TEST(a_route_needs_address_ca_and_anchors),
		CONFIG_TEST(a_value_that_cannot_be_is_refused_with_its_line),
		CONFIG_TEST(a_port_has_the_defaults_of_the_documents),
		CONFIG_TEST(a_port_knows_whose_bills_may_become_invoices),
		CONFIG_TEST(a_serial_line_needs_no_list_of_peers),
		CONFIG_TEST(a_printer_may_hang_at_a_usb_socket),
		CONFIG_TEST(letters_that_no_printer_could_print_are_refused),
		CONFIG_TEST(a_port_that_cannot_work_is_refused_with_its_line),
		cmocka_unit_test(every_row_of_the_table_is_complete),
		cmocka_unit_test(profiles_are_the_columns_of_format_1_2),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
