/* check_ports: the ports that tills print to, and what stands behind them; prototypes in checkup.h. */
#include <arpa/inet.h>
#include <dirent.h>
#include <errno.h>
#include <stdio.h>
#include <string.h>
#include <sys/socket.h>
#include <unistd.h>

#include "base/file.h"
#include "cli/checkup.h"
#include "cli/daemon.h"
#include "core/ports.h"

#define RESTART "systemctl restart hoadond"

/* ---- what hoadond says of all of them ---- */

static const struct standing {
	enum ports_standing standing;
	enum finding_level level;
	const char *en, *vi, *remedy_en, *remedy_vi, *command;
} standings[] = {
	{PORTS_CLOSED, FINDING_WRONG, "a port cannot be opened: its till cannot print",
		"có cổng không mở được: máy tính tiền ở đó không in được",
		"See which one and why: its address, its cable, another program; it is tried again by itself",
		"Xem cổng nào và vì sao: địa chỉ, dây cáp, chương trình khác; phần mềm tự thử lại",
		"journalctl -u hoadond -g port-not-open -n 5"},
	{PORTS_RECEIPTS_WAIT, FINDING_WARNING, "receipts that were printed wait to become invoices",
		"có phiếu đã in chờ lập hóa đơn", "See why; they are tried again by themselves",
		"Xem lý do; phần mềm tự thử lại", "journalctl -u hoadond -g receipt-waits -n 5"},
	{PORTS_READER_AWAY, FINDING_WRONG, "what tills print is printed and kept, and nobody reads it",
		"phiếu vẫn in và được giữ lại nhưng chưa đọc được",
		"See why; what was kept becomes invoices when it can be read",
		"Xem lý do; đọc được thì phiếu đã giữ tự thành hóa đơn", "journalctl -u hoadond -g event=reader -n 5"},
	{PORTS_PRINTER_AWAY, FINDING_WARNING, "when a till printed last, its printer could not be reached",
		"lần in gần nhất không tới được máy in",
		"Switch it on, look at its cable and [port] printer; this names those at USB",
		"Bật máy in, kiểm tra dây và [port] printer; lệnh này liệt kê máy in USB", "hoadon print list"},
	{PORTS_PRINTER_WAITS, FINDING_WARNING, "a printer takes nothing, and its till waits",
		"máy in không in tiếp và máy tính tiền đang chờ",
		"Look at its paper, its cover and its buttons; this says what it tells",
		"Xem giấy, nắp và nút bấm của máy in; lệnh này cho biết máy in báo gì",
		"journalctl -u hoadond -g printer-standing -n 5"},
};

/* Named where it belongs: what cannot be read with the settings, a port that cannot be opened here. */
static bool is_told(struct checkup *at, enum ports_standing standing)
{
	if (standing == PORTS_CLOSED)
		return findings_worst(&at->findings, at->check) == FINDING_WRONG;
	bool is_told = standing == PORTS_READER_AWAY && findings_worst(&at->findings, "settings") == FINDING_WRONG;
	if (is_told)
		checkup_ok(at, FINDING_UNCHECKED, "%s",
			SAY(at->cli, "not read, because of: Settings", "chưa đọc được vì: Tùy chọn"));
	return is_told;
}

static void look_at_standing(struct checkup *at)
{
	CLEANUP(answer_done) struct answer ready = {0};
	daemon_ask(at->cli, "/health/ready", &ready);
	for (size_t i = 0; i < ARRAY_LEN(standings); i++) {
		const struct standing *row = &standings[i];
		if (strcmp(answer_text(&ready, "ports"), ports_word((int)row->standing)) == 0 &&
			!is_told(at, row->standing))
			checkup_found(at, row->level, SAY(at->cli, row->remedy_en, row->remedy_vi), row->command, "%s",
				SAY(at->cli, row->en, row->vi));
	}
}

/* ---- what the machine says of one ---- */

static void find_closed(
	struct checkup *at, const struct config_port *port, const char *why, const char *remedy, const char *command)
{
	checkup_found(at, FINDING_WRONG, remedy, command, SAY(at->cli, "port %s: %s", "cổng %s: %s"), port->name, why);
}

/* A name for the address is asked for and given back at once; whoever listens there is not disturbed. 0, or the errno. */
static int try_bind(const struct config_address *address)
{
	const int on = 1;
	const struct sockaddr_in name = {
		.sin_family = AF_INET, .sin_port = htons(address->port), .sin_addr.s_addr = htonl(address->ip)};
	CLEANUP(closep) int fd = socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC, 0);
	if (fd < 0 || setsockopt(fd, SOL_SOCKET, SO_REUSEADDR, &on, sizeof(on)) < 0)
		return errno;
	return bind(fd, (const struct sockaddr *)&name, sizeof(name)) < 0 ? errno : 0;
}

static void look_at_tcp(struct checkup *at, const struct config_port *port)
{
	const struct cli *cli = at->cli;
	const char *where = port->listen.where;
	int error = try_bind(&port->listen);
	if (error == EADDRNOTAVAIL)
		find_closed(at, port,
			checkup_command(at,
				SAY(cli, "this machine does not have the address of %s",
					"máy này không có địa chỉ của %s"),
				where),
			SAY(cli, "Bring its network up, or correct [port] listen",
				"Bật mạng đó, hoặc sửa [port] listen"),
			"ip -br addr");
	else if (error == EADDRINUSE && !at->is_running)
		find_closed(at, port,
			checkup_command(at,
				SAY(cli, "another program listens at %s", "chương trình khác đang chiếm %s"), where),
			SAY(cli, "See which one, and end it or take another port",
				"Xem chương trình nào, rồi tắt nó hoặc đổi cổng"),
			checkup_command(at, "ss -ltnp 'sport = :%u'", (unsigned int)port->listen.port));
	else if (error == 0 && at->is_running)
		find_closed(at, port,
			checkup_command(at, SAY(cli, "nobody listens at %s", "không ai nghe ở %s"), where),
			SAY(cli, "Restart hoadond, so that it reads the configuration",
				"Khởi động lại hoadond để đọc cấu hình"),
			RESTART);
}

/* The kernel names each device port of the box here. */
static bool has_device_port(const struct cli *cli)
{
	char path[4200];
	snprintf(path, sizeof(path), "%s/sys/class/udc", cli->root);
	DIR *folder = opendir(path);
	bool has_one = false;
	for (struct dirent *entry; folder && !has_one && (entry = readdir(folder));)
		has_one = entry->d_name[0] != '.';
	if (folder)
		closedir(folder);
	return has_one;
}

static void look_at_gadget(struct checkup *at, const struct config_port *port)
{
	const struct cli *cli = at->cli;
	const char *where = port->listen.where;
	if (!has_device_port(cli))
		find_closed(at, port,
			SAY(cli, "this box has no USB device port (/sys/class/udc is empty)",
				"hộp này không có cổng USB device (/sys/class/udc trống)"),
			SAY(cli, "Let the till print to a TCP port, a serial line or a file: [port] listen",
				"Cho máy tính tiền in tới cổng TCP, cổng nối tiếp hoặc tệp: [port] listen"),
			"hoadon help drivers");
	else if (!file_exists(where))
		find_closed(at, port, checkup_command(at, SAY(cli, "%s is not there", "không có %s"), where),
			SAY(cli, "Let it be made (as root)", "Tạo thiết bị (chạy với sudo)"),
			"systemctl enable --now hoadon-gadget");
}

/* "/dev/ttyUSB0,9600,8N1,none": the device alone. */
static void look_at_serial(struct checkup *at, const struct config_port *port, const struct config_address *line)
{
	const struct cli *cli = at->cli;
	const char *device = checkup_command(at, "%.*s", (int)strcspn(line->where, ","), line->where);
	if (!file_exists(device))
		find_closed(at, port, checkup_command(at, SAY(cli, "%s is not there", "không có %s"), device),
			SAY(cli, "Plug the serial line in, or correct its name in [port]",
				"Cắm lại dây nối tiếp, hoặc sửa tên trong [port]"),
			"ls -l /dev/serial/by-id");
}

static void look_at_line(struct checkup *at, const struct config_port *port)
{
	if (!port->listen.line)
		return;
	if (strcmp(port->listen.line, "tcp") == 0)
		look_at_tcp(at, port);
	else if (strcmp(port->listen.line, "gadget") == 0)
		look_at_gadget(at, port);
	else if (strcmp(port->listen.line, "serial") == 0)
		look_at_serial(at, port, &port->listen);
	if (port->printer.line && strcmp(port->printer.line, "serial") == 0)
		look_at_serial(at, port, &port->printer);
}

void check_ports(struct checkup *at)
{
	const struct config *config = &at->cli->config;
	for (size_t i = 0; i < config->port_count; i++)
		look_at_line(at, &config->ports[i]);
	if (at->is_running && config->port_count)
		look_at_standing(at);
	if (findings_worst(&at->findings, at->check) != FINDING_OK)
		return;
	if (!config->port_count)
		checkup_ok(at, FINDING_OK, "%s",
			SAY(at->cli, "no till prints to this box", "không có máy nào in tới hộp này"));
	else if (at->is_running)
		checkup_ok(at, FINDING_OK,
			SAY(at->cli, "%zu, and nothing stands still", "%zu cổng, không có gì đứng lại"),
			config->port_count);
	else
		checkup_ok(at, FINDING_OK,
			SAY(at->cli, "%zu; how their printers stand hoadond alone can say",
				"%zu cổng; máy in ra sao chỉ hoadond biết"),
			config->port_count);
}
