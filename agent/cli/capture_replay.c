#include <errno.h>
#include <inttypes.h>
#include <poll.h>
#include <stdio.h>
#include <string.h>
#include <unistd.h>

#include "base/file.h"
#include "cli/commands.h"
#include "cli/daemon.h"
#include "cli/print.h"
#include "cli/recording.h"
#include "drivers/drivers.h"

#define PATIENCE_MS 10000 /* without any progress; then hoadond is asked whether it lives */
#define ANSWERS_MAX 4096
#define PORT_AWAY   1 /* condition: hoadond is not there, or no longer the one that was printed to, whatever that took */

/* While hoadond lives it is the printer that takes nothing: a till waits for it. */
static int wait_for(const struct cli *cli, int fd, short events, struct fault *fault)
{
	struct pollfd poll_fd = {.fd = fd, .events = events};
	int ready;

	while ((ready = poll(&poll_fd, 1, PATIENCE_MS)) == 0 && daemon_process(cli))
		fprintf(stderr, SAY(cli, "the printer takes nothing, waiting for it; see: hoadon status\n",
					"máy in không nhận, đang chờ; xem: hoadon status\n"));
	if (ready < 0 && errno != EINTR)
		return FAULT(fault, FAULT_IO, "the port cannot be waited for: %s", strerror(errno));
	return ready == 0 ? FAULT(fault, FAULT_IO, "hoadond does nothing any more: systemctl status hoadond") : 0;
}

/* What the printer answers is for the till; that nothing of it is left unread keeps the line open. 0, 1 at the end, < 0. */
static int hear(int fd, struct fault *fault)
{
	char answers[ANSWERS_MAX];
	ssize_t n = read(fd, answers, sizeof(answers));

	if (n < 0 && errno != EAGAIN && errno != EINTR)
		return FAULT(fault, FAULT_IO, "the port broke off: %s", strerror(errno));
	return n == 0;
}

static int print(const struct cli *cli, int fd, const struct bytes *stream, struct fault *fault)
{
	size_t at = 0;
	int result = 0;

	while (result == 0 && at < stream->len) {
		ssize_t n;

		result = wait_for(cli, fd, POLLOUT | POLLIN, fault);
		n = result == 0 ? write(fd, stream->data + at, stream->len - at) : 0;
		if (n < 0 && errno != EAGAIN && errno != EINTR)
			return FAULT(fault, FAULT_IO, "the port broke off behind %zu bytes: %s", at, strerror(errno));
		at += n > 0 ? (size_t)n : 0;
		if (result == 0 && hear(fd, fault))
			return FAULT(fault, FAULT_IO, "the port broke off behind %zu bytes", at);
	}
	return result;
}

/* Prints @stream and waits until the printer has all, as a till does. */
static int print_all(
	const struct cli *cli, const struct config_port *port, const struct bytes *stream, struct fault *fault)
{
	struct printer_line line = {.fd = -1};
	const char *where = port->listen.where;
	struct fault why = {0};
	int64_t process = daemon_process(cli);
	int result = process ? printer_tcp.open(where, NULL, &line, &why)
			     : FAULT(&why, FAULT_NETWORK, "hoadond does not answer");
	CLEANUP(closep) int fd = line.fd;

	if (result == 0)
		result = wait_for(cli, fd, POLLOUT, &why);
	if (result == 0)
		result = printer_tcp.status(fd, &why);
	if (result) {
		(void)FAULT(fault, FAULT_NETWORK,
			"port %s at %s cannot be reached, is hoadond running? (hoadon status): %.150s", port->name,
			where, why.text);
		return PORT_AWAY;
	}
	result = print(cli, fd, stream, fault);
	printer_tcp.end(fd);
	for (int heard = 0; result == 0 && heard == 0;) {
		result = wait_for(cli, fd, POLLIN, fault);
		heard = result == 0 ? hear(fd, fault) : 0;
		result = heard < 0 ? heard : result;
	}
	/* The kernel ends the lines of a process that was killed as if it had said so itself. */
	if (daemon_process(cli) == process)
		return result;
	if (result == 0)
		(void)FAULT(fault, FAULT_NETWORK, "hoadond went while it printed: systemctl status hoadond");
	return PORT_AWAY;
}

int capture_replay_run(struct cli *cli, struct fault *fault)
{
	BYTES_CLEANUP struct bytes stream = {.max = RECORDING_MAX};
	BYTES_CLEANUP struct bytes out = {.max = PRINT_JSON_MAX};
	const struct config_port *port = config_port(&cli->config, cli_value(cli, "port"));
	int result = 0;

	if (!port)
		return cli_usage(cli, "there is no such [port NAME]: hoadon config show",
			"không có [port TÊN] này: hoadon config show");
	if (!port->listen.port)
		return cli_usage(cli, "only a port that listens at ADDRESS:PORT can be printed to",
			"chỉ in được tới cổng có listen = ĐỊA_CHỈ:CỔNG");
	for (int i = 0; result == 0 && i < cli->word_count; i++)
		result = file_read(cli->words[i], &stream, fault);
	if (result == 0)
		result = print_all(cli, port, &stream, fault);
	if (result == PORT_AWAY)
		return cli_fail(cli, CLI_NOT_RUNNING, "%s", fault->text);
	if (result)
		return result;
	if (!cli->is_json) {
		printf(SAY(cli, "%zu bytes were printed to port %s; what became of them: hoadon sale list\n",
			       "đã in %zu byte tới cổng %s; xem kết quả: hoadon sale list\n"),
			stream.len, port->name);
		return CLI_OK;
	}
	json_begin(&out);
	json_member(&out, "port", port->name);
	json_member_int(&out, "bytes", (int64_t)stream.len);
	return json_print(&out, fault);
}
