/*
 * man_pages DIR DATE: writes hoadon.conf(5) and hoadon(1), in English and Vietnamese, from the tables that drive the programs:
 * config_table, cli_commands, cli_globals and CLI_EXITS. Runs at build time; fails when a section has no row here.
 */
#include <inttypes.h>
#include <stdio.h>
#include <string.h>

#include "base/bytes.h"
#include "base/file.h"
#include "cli/cli.h"

#define PAGE_MAX ((size_t)1 << 20)

struct page {
	struct bytes out;
	bool is_vi;
	const char *date;
};

/* What a section is for, with settings as a shop has them. */
static const struct section {
	const char *name, *argument, *en, *vi, *example;
} sections[] = {
	{"seller", "", "Who issues the invoices.", "Người bán lập hóa đơn.",
		"tax_code = 9900000016\nname = Công ty TNHH Quán Ví Dụ\naddress = Số 1 Phố Ví Dụ\n"
		"provider_tax_code = 9900000030\nsender = V9900000023\n"},
	{"serial", "", "Symbol and codes of the invoices of this store.", "Ký hiệu và mã hóa đơn của cửa hàng này.",
		"form = 1\nsuffix = AA\nkey = VD7K2\nissuer_prefix = 1\n"},
	{"till", " T01", "One section for each till; its name stands in the sales the till sends.",
		"Mỗi máy tính tiền một mục; tên mục là tên máy trong dữ liệu bán hàng.",
		"location_code = CH01\nlocation_name = Quán Ví Dụ\n"},
	{"key", "", "The key that signs.", "Khóa ký số.",
		"driver = pkcs12\nfile = /etc/hoadon-agent/seller.p12\npassword_file = "
		"/etc/hoadon-agent/seller.pass\n"},
	{"authority", " tvan", "A route to the tax authority.", "Đường truyền tới cơ quan thuế.",
		"driver = tdiep\nurl = https://tvan.example/tvan/v1\nca_file = /etc/hoadon-agent/tvan.pem\n"
		"anchors_file = /etc/hoadon-agent/authority.pem\n"},
	{"store", "", "The memory of the shop.", "Kho dữ liệu của cửa hàng.", "dir = /var/lib/hoadon-agent/store\n"},
	{"mirror", "", "A second medium that outlives the disk of the store.",
		"Thiết bị thứ hai giữ bản sao khi ổ đĩa của kho dữ liệu hỏng.", "dir = /media/usb/hoadon\n"},
	{"api", "", "The local interface.", "Giao diện nội bộ.", "socket = /run/hoadon-agent/api.sock\nlang = vi\n"},
	{"receipt", "", "What is printed for the buyer.", "Phiếu in cho người mua.",
		"words = south\nlookup_url = https://quanvidu.example/hoadon\n"},
	{"send", "", "How messages are packed and sent.", "Cách đóng gói và gửi thông điệp.",
		"max_invoices = 200\nmax_wait_ms = 5000\n"},
	{"alarm", "", "When and how a person is told.", "Khi nào và báo cho người phụ trách bằng cách nào.",
		"mail_url = smtps://mail.example\nmail_from = hoadon@quanvidu.example\nmail_to = "
		"chu@quanvidu.example\n"},
	{"fleet", "", "Where this shop tells of itself, one of many.",
		"Nơi cửa hàng này báo tình trạng, khi có nhiều cửa hàng.", "folder = /mnt/cua-hang\nname = Quán 12\n"},
	{"spool", "", "A folder as a way in.", "Nhận dữ liệu qua thư mục.", "dir = /var/spool/hoadon-agent\n"},
	{"port", " quay-1", "A till's printer cable: what is printed to it becomes invoices.",
		"Đường in của một máy tính tiền: phiếu in qua đây thành hóa đơn.",
		"till = T01\nlisten = 192.168.1.10:9100\npeers = 192.168.1.21\nprinter = 192.168.1.30:9100\n"
		"catalogue = /etc/hoadon-agent/catalogue.csv\n"},
	{"courier", "", "Who delivers when there is no line.", "Máy nào gửi hộ khi mất mạng.",
		"to = /etc/hoadon-agent/courier.crt\n"},
	{"law", "", "Who may say what the law is.", "Ai được phát hành gói luật.",
		"publisher = /etc/hoadon-agent/law.pem\n"},
};

/* @text as roff shows it literally. */
static void put(struct page *page, const char *text)
{
	for (const char *c = text; *c; c++) {
		if ((*c == '.' || *c == '\'') && (c == text || c[-1] == '\n'))
			bytes_text(&page->out, "\\&");
		if (*c == '\\')
			bytes_text(&page->out, "\\e");
		else if (*c == '-')
			bytes_text(&page->out, "\\-");
		else if (*c == '\'')
			bytes_text(&page->out, "\\(aq");
		else
			bytes_char(&page->out, *c);
	}
}

static void request(struct page *page, const char *line)
{
	bytes_printf(&page->out, "%s\n", line);
}

static void paragraph(struct page *page, const char *text)
{
	put(page, text);
	bytes_char(&page->out, '\n');
}

static void example(struct page *page, const char *heading, const char *text)
{
	request(page, ".PP\n.EX");
	put(page, heading);
	put(page, text);
	request(page, ".EE");
}

static void begin(struct page *page, const char *name, int chapter, const char *en, const char *vi)
{
	bytes_printf(&page->out, ".TH %s %d %s \"hoadon\\-agent %s\"\n.SH %s\n%s \\- ", name, chapter, page->date,
		HOADON_VERSION, SAY(page, "NAME", "TÊN"), name);
	paragraph(page, SAY(page, en, vi));
}

static void put_range(struct page *page, const struct option *option)
{
	switch (option->type) {
	case OPTION_INT:
		bytes_printf(&page->out,
			SAY(page, "A number from %" PRId64 " to %" PRId64, "Số từ %" PRId64 " đến %" PRId64),
			option->min, option->max);
		break;
	case OPTION_TEXT:
		if (option->max > 0)
			bytes_printf(&page->out,
				SAY(page, "Text of at most %" PRId64 " characters",
					"Chữ, nhiều nhất %" PRId64 " ký tự"),
				option->max);
		else
			put(page, SAY(page, "Text", "Chữ"));
		break;
	case OPTION_CHOICE:
		put(page, SAY(page, "One of ", "Một trong: "));
		put(page, option->choices);
		break;
	case OPTION_FLAG:
		put(page, SAY(page, "yes or no", "yes hoặc no"));
		break;
	case OPTION_PATH:
		put(page, SAY(page, "A path", "Đường dẫn"));
		break;
	case OPTION_SECRET:
		put(page, SAY(page, "A secret", "Bí mật"));
		break;
	}
}

static void put_setting(struct page *page, const struct option *option)
{
	request(page, ".TP");
	bytes_printf(&page->out, "\\fB%s\\fR\n", option->key);
	paragraph(page, SAY(page, option->help, option->help_vi));
	put_range(page, option);
	if (option->fallback) {
		put(page, SAY(page, "; default ", "; mặc định "));
		put(page, option->fallback);
	}
	request(page, ".");
}

static void put_section(struct page *page, const struct section *section)
{
	char heading[64];

	snprintf(heading, sizeof(heading), "[%s%s]\n", section->name, section->argument);
	bytes_printf(&page->out, ".SH [%s%s]\n", section->name, section->argument[0] ? SAY(page, " NAME", " TÊN") : "");
	paragraph(page, SAY(page, section->en, section->vi));
	for (const struct option *o = config_table; o->section; o++)
		if (strcmp(o->section, section->name) == 0)
			put_setting(page, o);
	example(page, heading, section->example);
}

static void write_settings(struct page *page)
{
	begin(page, "hoadon.conf", 5, "settings of hoadond and hoadon", "cấu hình của hoadond và hoadon");
	request(page, SAY(page, ".SH SYNOPSIS", ".SH \"TÓM TẮT\""));
	paragraph(page, "/etc/hoadon-agent/hoadon.conf, /etc/hoadon-agent/conf.d/*.conf");
	request(page, SAY(page, ".SH DESCRIPTION", ".SH \"MÔ TẢ\""));
	paragraph(page, SAY(page,
				"Sections in brackets, one setting a line. Files of conf.d are read in the order of "
				"their names; "
				"a later value wins. An unknown setting is an error.",
				"Mỗi mục trong ngoặc vuông, mỗi dòng một tùy chọn. Các tệp trong conf.d được đọc theo "
				"thứ tự tên; giá trị "
				"sau thắng. Tùy chọn không có trong bảng là lỗi."));
	paragraph(page,
		SAY(page, "hoadon config check lists what is missing, hoadon config show --origin what is in force.",
			"hoadon config check liệt kê những gì còn thiếu, hoadon config show --origin các giá trị đang "
			"dùng."));
	for (size_t i = 0; i < ARRAY_LEN(sections); i++)
		put_section(page, &sections[i]);
	request(page, SAY(page, ".SH SEE ALSO", ".SH \"XEM THÊM\""));
	request(page, ".BR hoadon (1),\n.BR hoadond (8)");
}

static void put_option(struct page *page, const struct cli_option *option)
{
	request(page, ".TP");
	bytes_text(&page->out, "\\fB");
	put(page, "--");
	put(page, option->name);
	bytes_text(&page->out, "\\fR");
	if (option->value) {
		bytes_char(&page->out, ' ');
		put(page, option->value);
	}
	bytes_char(&page->out, '\n');
	put(page, SAY(page, option->en, option->vi));
	paragraph(page, option->is_required ? SAY(page, " (required)", " (bắt buộc)") : "");
}

static void put_command(struct page *page, const struct cli_command *command)
{
	bytes_printf(&page->out, ".SS \"hoadon %s%s%s", command->name, command->sub ? " " : "",
		command->sub ? command->sub : "");
	if (command->arguments[0]) {
		bytes_char(&page->out, ' ');
		put(page, command->arguments);
	}
	request(page, "\"");
	paragraph(page, SAY(page, command->en, command->vi));
	for (size_t i = 0; i < CLI_OPTIONS_MAX && command->options[i].name; i++)
		put_option(page, &command->options[i]);
	example(page, command->example, "\n");
}

static void write_commands(struct page *page)
{
	static const struct {
		int number;
		const char *en, *vi;
	} exits[] = {
#define X(name, number, en, vi) {number, en, vi},
		CLI_EXITS(X)
#undef X
	};

	begin(page, "hoadon", 1, "signed e-invoices from cash registers", "hóa đơn điện tử khởi tạo từ máy tính tiền");
	request(page, SAY(page, ".SH SYNOPSIS\n.B hoadon\nCOMMAND [OPTION...] [ARGUMENT...]",
			      ".SH \"TÓM TẮT\"\n.B hoadon\nLỆNH [TÙY CHỌN...] [THAM SỐ...]"));
	request(page, SAY(page, ".SH OPTIONS", ".SH \"TÙY CHỌN CHUNG\""));
	for (const struct cli_option *o = cli_globals; o->name; o++)
		put_option(page, o);
	request(page, SAY(page, ".SH COMMANDS", ".SH LỆNH"));
	for (const struct cli_command *c = cli_commands; c->name; c++)
		put_command(page, c);
	request(page, SAY(page, ".SH \"EXIT STATUS\"", ".SH \"MÃ THOÁT\""));
	for (size_t i = 0; i < ARRAY_LEN(exits); i++) {
		bytes_printf(&page->out, ".TP\n%d\n", exits[i].number);
		paragraph(page, SAY(page, exits[i].en, exits[i].vi));
	}
	request(page, SAY(page, ".SH SEE ALSO", ".SH \"XEM THÊM\""));
	request(page, ".BR hoadon.conf (5),\n.BR hoadond (8),\n.BR hoadon\\-verify (1)");
}

static int save(const char *dir, const char *name, bool is_vi, const char *date, void (*write)(struct page *))
{
	struct page page = {.is_vi = is_vi, .date = date};
	struct fault fault = {0};
	char path[512];
	int result;

	bytes_init(&page.out, PAGE_MAX);
	write(&page);
	snprintf(path, sizeof(path), "%s%s/%s", dir, is_vi ? "/vi" : "", name);
	result = bytes_check(&page.out, name, &fault);
	if (result == 0)
		result = file_write(path, page.out.data, page.out.len, 0644, &fault);
	bytes_done(&page.out);
	if (result != 0)
		fprintf(stderr, "man_pages: %s\n", fault.text);
	return result;
}

static bool is_known(const char *section)
{
	for (size_t i = 0; i < ARRAY_LEN(sections); i++)
		if (strcmp(sections[i].name, section) == 0)
			return true;
	fprintf(stderr, "man_pages: section [%s] has no row\n", section);
	return false;
}

int main(int argc, char **argv)
{
	if (argc != 3) {
		fputs("man_pages DIR DATE\n", stderr);
		return 2;
	}
	for (const struct option *o = config_table; o->section; o++)
		if (!is_known(o->section))
			return 1;
	for (int is_vi = 0; is_vi <= 1; is_vi++)
		if (save(argv[1], "man5/hoadon.conf.5", is_vi, argv[2], write_settings) != 0 ||
			save(argv[1], "man1/hoadon.1", is_vi, argv[2], write_commands) != 0)
			return 1;
	return 0;
}
