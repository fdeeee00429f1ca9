#include "cli/daemon.h"

#include <errno.h>
#include <poll.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>
#include <sys/un.h>

#include "base/json_gate.h"
#include "cli/print.h"
#include "send/http.h"

#define ALIVE_MS 10000

void answer_done(struct answer *answer)
{
	cJSON_Delete(answer->json);
	answer->json = NULL;
}

static void response_done(struct http_response *response)
{
	bytes_done(&response->body);
}

/* 0 and @ret_fd, or errno of the connection. */
static int open_socket(const char *path, int *ret_fd)
{
	struct sockaddr_un address = {.sun_family = AF_UNIX};
	if (strlen(path) >= sizeof(address.sun_path))
		return ENAMETOOLONG;
	memcpy(address.sun_path, path, strlen(path) + 1);
	CLEANUP(closep) int fd = socket(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC, 0);
	if (fd < 0 || connect(fd, (struct sockaddr *)&address, sizeof(address)))
		return errno;
	*ret_fd = fd;
	fd = -1;
	return 0;
}

static int try_socket(const char *path)
{
	CLEANUP(closep) int fd = -1;
	return open_socket(path, &fd);
}

bool daemon_is_running(const struct cli *cli)
{
	int error = try_socket(cli->config.socket_path);
	return error == 0 || error == EACCES;
}

int64_t daemon_process(const struct cli *cli)
{
	static const char question[] = "GET /health/live HTTP/1.0\r\n\r\n", name[] = "\"pid\":";
	CLEANUP(closep) int fd = -1;
	char answer[2048] = "";
	size_t len = 0;
	int error = open_socket(cli->config.socket_path, &fd);
	if (error)
		return error == EACCES ? -1 : 0;
	if (send(fd, question, sizeof(question) - 1, MSG_NOSIGNAL) != (ssize_t)sizeof(question) - 1)
		return 0;
	struct pollfd poll_fd = {.fd = fd, .events = POLLIN};
	ssize_t n = 1;
	while (n > 0 && len < sizeof(answer) - 1 && poll(&poll_fd, 1, ALIVE_MS) == 1)
		if ((n = read(fd, answer + len, sizeof(answer) - 1 - len)) > 0)
			len += (size_t)n;
	const char *found = strstr(answer, name);
	return found ? strtoll(found + sizeof(name) - 1, NULL, 10) : 0;
}

static int say_unreachable(const struct cli *cli, int error)
{
	const char *path = cli->config.socket_path;
	if (error == EACCES)
		return cli_fail(cli, CLI_PERMISSION,
			SAY(cli, "the socket %s may not be used by this user; run the command with sudo",
				"người dùng này không được dùng %s; hãy chạy lệnh với sudo"),
			path);
	return cli_fail(cli, CLI_NOT_RUNNING,
		SAY(cli, "hoadond is not running (nobody answers at %s); start it: systemctl start hoadond",
			"hoadond không chạy (không ai trả lời ở %s); hãy khởi động: systemctl start hoadond"),
		path);
}

/* The strict gate stands in front of cJSON also here (house 8.11). */
static int parse_answer(const struct bytes *body, struct answer *ret, struct fault *fault)
{
	size_t start = 0;
	if (!body->len)
		return 0;
	const char *text = (const char *)body->data;
	if (json_gate(text, body->len, &json_limits_default, &start, NULL) == JSON_OK)
		ret->json = cJSON_ParseWithLength(text + start, body->len - start);
	if (!ret->json)
		return FAULT(fault, FAULT_FORMAT,
			"the answer of hoadond (HTTP %d) is not JSON; is it of the same version?", ret->status);
	return 0;
}

int daemon_call(struct cli *cli, const char *method, const char *path, const struct bytes *body, struct answer *ret,
	struct fault *fault)
{
	int error = try_socket(cli->config.socket_path);
	if (error)
		return say_unreachable(cli, error);
	CLEANUP(response_done) struct http_response response = {0};
	int result = http_local_call(cli->config.socket_path, method, path, body ? body->data : NULL,
		body ? body->len : 0, &response, fault);
	if (result < 0)
		return result;
	if (result > 0)
		return FAULT(fault, FAULT_NETWORK, "hoadond gave no answer; look at its log: journalctl -u hoadond");
	ret->status = response.status;
	return parse_answer(&response.body, ret, fault);
}

static const cJSON *find(const struct answer *answer, const char *path)
{
	const cJSON *at = answer->json;
	while (at && *path) {
		char name[32];
		size_t len = strcspn(path, ".");
		snprintf(name, sizeof(name), "%.*s", (int)len, path);
		at = cJSON_GetObjectItemCaseSensitive(at, name);
		path += len + (path[len] == '.');
	}
	return at;
}

const char *answer_text(const struct answer *answer, const char *path)
{
	const char *text = cJSON_GetStringValue(find(answer, path));
	return text ? text : "";
}

int64_t answer_number(const struct answer *answer, const char *path, int64_t otherwise)
{
	const cJSON *number = find(answer, path);
	return cJSON_IsNumber(number) ? (int64_t)cJSON_GetNumberValue(number) : otherwise;
}

void daemon_ask(const struct cli *cli, const char *path, struct answer *ret)
{
	CLEANUP(response_done) struct http_response response = {0};
	if (http_local_call(cli->config.socket_path, "GET", path, NULL, 0, &response, NULL) == 0 &&
		parse_answer(&response.body, ret, NULL) == 0)
		ret->status = response.status;
}

bool answer_is_true(const struct answer *answer, const char *path)
{
	return cJSON_IsTrue(find(answer, path));
}

int answer_print_json(const struct answer *answer, struct fault *fault)
{
	CLEANUP(bytes_done) struct bytes out;
	bytes_init(&out, PRINT_JSON_MAX);
	json_begin(&out);
	json_member_int(&out, "status", answer->status);
	json_key(&out, "answer");
	char *text = answer->json ? cJSON_PrintUnformatted(answer->json) : NULL;
	if (answer->json && !text)
		return FAULT(fault, FAULT_MEMORY, "no memory for the answer");
	bytes_text(&out, text ? text : "null");
	cJSON_free(text);
	return json_print(&out, fault);
}

void answer_say_problem(const struct cli *cli, const struct answer *answer, const char *path)
{
	static const struct {
		const char *name, *en, *vi;
	} lines[] = {
		{"rule", "Rule", "Quy định"},
		{"field", "Field", "Trường dữ liệu"},
		{"code", "Code", "Mã lỗi"},
	};
	char name[64];
	snprintf(name, sizeof(name), "%s%s%s", path, *path ? "." : "", SAY(cli, "detail", "detail_vi"));
	const char *sentence = answer_text(answer, name);
	fprintf(stderr, "hoadon: %s\n", *sentence ? sentence : SAY(cli, "hoadond refused.", "hoadond từ chối."));
	for (size_t i = 0; i < ARRAY_LEN(lines); i++) {
		snprintf(name, sizeof(name), "%s%s%s", path, *path ? "." : "", lines[i].name);
		const char *text = answer_text(answer, name);
		if (*text)
			fprintf(stderr, "  %s: %s\n", SAY(cli, lines[i].en, lines[i].vi), text);
	}
}

int answer_refused(const struct cli *cli, const struct answer *answer, int exit, struct fault *fault)
{
	if (answer->status == 401 || answer->status == 403)
		exit = CLI_PERMISSION;
	answer_say_problem(cli, answer, "");
	if (answer_is_true(answer, "retryable"))
		fputs(SAY(cli, "  Nothing was taken; run the command again.\n", "  Chưa nhận gì; hãy chạy lại lệnh.\n"),
			stderr);
	int result = cli->is_json ? answer_print_json(answer, fault) : 0;
	return result < 0 ? result : exit;
}
