#include <stdio.h>
#include <string.h>

#include "base/file.h"
#include "cli/commands.h"
#include "cli/courier.h"
#include "cli/daemon.h"
#include "cli/print.h"
#include "send/pack.h"
#include "store/courier.h"
#include "store/invoices.h"

#define SECRET_MAX 4096

struct leaving {
	struct cli *cli;
	const char *dir;
	struct store *store;
	struct courier_export export;
	struct bytes to; /* certificate of the machine that delivers */
	struct manifest manifest;
	int64_t messages, invoices, written;
	int64_t unpacked; /* invoices that stay behind: nobody could sign a message of them */
};

static void leaving_done(struct leaving *leaving)
{
	store_close(leaving->store);
	bytes_done(&leaving->to);
}

static int read_certificate(struct leaving *leaving, struct fault *fault)
{
	const struct cli *cli = leaving->cli;
	const char *path = cli_value(cli, "to");
	CLEANUP(bytes_done) struct bytes pem;
	bytes_init(&pem, ENVELOPE_PEM_MAX);
	path = path ? path : cli->config.courier_to;
	if (!path)
		return cli_fail(cli, CLI_CONFIG,
			SAY(cli,
				"nobody says which machine delivers: make its certificate there (hoadon courier key "
				"FILE) and "
				"name it with --to FILE or courier.to",
				"chưa rõ máy nào sẽ gửi: trên máy đó chạy hoadon courier key TỆP, rồi nêu tệp bằng "
				"--to hoặc "
				"courier.to"));
	int result = file_read(path, &pem, fault);
	return result ? result : envelope_certificate(&pem, &leaving->to, fault);
}

static int wish(struct leaving *leaving, struct fault *fault)
{
	CLEANUP(answer_done) struct answer answer = {0};
	CLEANUP(bytes_done) struct bytes body;
	bytes_init(&body, 16);
	bytes_text(&body, "{}");
	int result = daemon_call(leaving->cli, "POST", "/api/v1/courier/exports", &body, &answer, fault);
	if (result)
		return result;
	if (answer.status / 100 != 2)
		return answer_refused(leaving->cli, &answer, CLI_FAILURE, fault);
	if (cli_number(answer_text(&answer, "id"), &leaving->export.id))
		return FAULT(
			fault, FAULT_FORMAT, "hoadond did not say the id of the export; is it of the same version?");
	return cli_open_store(leaving->cli, &leaving->store, fault);
}

static int is_handed_over(void *context, struct fault *fault)
{
	struct leaving *leaving = context;
	int result = store_export_get(leaving->store, leaving->export.id, &leaving->export, fault);
	return result ? result : leaving->export.done_at == 0;
}

static const struct config_authority *find_route(const struct cli *cli, const char *name)
{
	for (size_t i = 0; i < cli->config.authority_count; i++)
		if (!strcmp(cli->config.authorities[i].name, name))
			return &cli->config.authorities[i];
	return NULL;
}

/* The secrets of its route, and its bytes, into an envelope. */
static int put(struct leaving *leaving, const struct message_row *row, const struct config_authority *route,
	struct parcel_item *item, struct fault *fault)
{
	CLEANUP(bytes_done) struct bytes password;
	CLEANUP(bytes_done) struct bytes ca;
	CLEANUP(bytes_done) struct bytes bytes = {0};
	bytes_init(&password, SECRET_MAX);
	bytes_init(&ca, ENVELOPE_PEM_MAX);
	int result = pack_rebuild(leaving->store, row, &bytes, fault);
	if (result > 0)
		return FAULT_FORMAT; /* it said so */
	if (result == 0 && route->password_file)
		result = file_read_secret(route->password_file, &password, fault);
	if (result == 0)
		result = file_read(route->ca_file, &ca, fault);
	if (result)
		return result;
	struct parcel_message message = {
		.message_id = row->message_id,
		.invoices = row->count,
		.may_submit = row->state != MESSAGE_SENT,
		.was_sent = row->attempts > 1,
		.driver = route->driver,
		.url = route->url,
		.user = route->user,
		.password = password.data ? (const char *)password.data : "",
		.ca = (const char *)ca.data,
		.export = arena_printf(leaving->cli->arena, "%lld", (long long)leaving->export.id),
		.bytes = bytes.data,
		.len = bytes.len,
	};
	memcpy(message.key, leaving->export.key, sizeof(message.key));
	if (!message.export)
		return FAULT(fault, FAULT_MEMORY, "no memory for a message");
	result = parcel_message_write(leaving->dir, item->name, &message, &leaving->to, item->digest, fault);
	explicit_bzero(message.key, sizeof(message.key));
	leaving->written += result == 0;
	return result;
}

static int put_unless_there(struct leaving *leaving, const struct message_row *row, struct fault *fault)
{
	struct parcel_item item = {.invoices = row->count};
	parcel_name(row->digest, item.name);
	leaving->messages++;
	leaving->invoices += row->count;
	const struct parcel_item *there = manifest_find(&leaving->manifest, item.name);
	if (there && parcel_is_whole(leaving->dir, there))
		return 0;
	const struct config_authority *route = find_route(leaving->cli, row->route);
	if (!route)
		return FAULT(fault, FAULT_CONFIG,
			"message %s went over the route %s, which is not configured: put its section [authority %s] "
			"back",
			row->message_id, row->route, row->route);
	int result = put(leaving, row, route, &item, fault);
	return result ? result : manifest_put(&leaving->manifest, leaving->cli->arena, &item, fault);
}

/* The manifest comes last: a file that it does not name is written again next time. */
static int put_all(struct leaving *leaving, struct fault *fault)
{
	struct invoice_counts counts;
	int64_t last = 0;
	int result = manifest_read(leaving->dir, leaving->cli->arena, &leaving->manifest, fault);
	while (result == 0) {
		CLEANUP(arena_freep) struct arena *arena = arena_new(ENVELOPE_PEM_MAX + (8u << 20));
		struct message_row row;
		if (!arena)
			return FAULT(fault, FAULT_MEMORY, "no memory for a message");
		result = store_message_open_after(leaving->store, last, true, arena, &row, fault);
		if (result)
			break;
		last = row.id;
		result = put_unless_there(leaving, &row, fault);
	}
	if (result == STORE_NONE)
		result = manifest_write(leaving->dir, &leaving->manifest, fault);
	if (result == 0)
		result = store_invoice_count(leaving->store, &counts, fault);
	if (result == 0)
		leaving->unpacked = counts.waiting;
	return result;
}

static int print_result(const struct leaving *leaving, struct fault *fault)
{
	const struct cli *cli = leaving->cli;
	if (cli->is_json) {
		CLEANUP(bytes_done) struct bytes out;
		bytes_init(&out, PRINT_JSON_MAX);
		json_begin(&out);
		json_member(&out, "folder", leaving->dir);
		json_member_int(&out, "messages", leaving->messages);
		json_member_int(&out, "invoices", leaving->invoices);
		json_member_int(&out, "written", leaving->written);
		json_member_int(&out, "invoices_without_message", leaving->unpacked);
		if (json_print(&out, fault) < 0)
			return FAULT_MEMORY;
	} else if (!leaving->messages) {
		puts(SAY(cli, "Nothing waits to be sent.", "Không có gì chờ gửi."));
	} else {
		printf(SAY(cli,
			       "%lld messages with %lld invoices are in %s (%lld written now). On a machine with a "
			       "line: hoadon courier send %s\n",
			       "%lld thông điệp gồm %lld hóa đơn ở %s (%lld mới ghi). Trên máy có mạng hãy chạy: "
			       "hoadon courier send %s\n"),
			(long long)leaving->messages, (long long)leaving->invoices, leaving->dir,
			(long long)leaving->written, leaving->dir);
	}
	if (!leaving->unpacked)
		return CLI_OK;
	return cli_fail(cli, CLI_FAILURE,
		SAY(cli,
			"%lld invoices stay here: no message of them could be signed; is the seller's key at hand? "
			"hoadon status",
			"còn %lld hóa đơn ở lại: chưa ký được thông điệp; chữ ký số có sẵn không? hoadon status"),
		(long long)leaving->unpacked);
}

int courier_export_run(struct cli *cli, struct fault *fault)
{
	CLEANUP(leaving_done) struct leaving leaving = {.cli = cli, .dir = cli->words[0]};
	bytes_init(&leaving.to, ENVELOPE_PEM_MAX);
	if (!file_exists(leaving.dir))
		return cli_fail(cli, CLI_FAILURE,
			SAY(cli, "there is no folder %s; is the stick plugged in?",
				"không có thư mục %s; đã cắm USB chưa?"),
			leaving.dir);
	int result = read_certificate(&leaving, fault);
	if (result == 0)
		result = wish(&leaving, fault);
	if (result)
		return result;
	result = courier_wait(COURIER_WAIT_MS, COURIER_PAUSE_MS, is_handed_over, &leaving, fault);
	if (result > 0)
		return cli_fail(cli, CLI_FAILURE,
			SAY(cli, "hoadond has not handed the messages over yet; run the command again in a minute",
				"hoadond chưa giao xong thông điệp; hãy chạy lại lệnh sau một phút"));
	if (result == 0)
		result = put_all(&leaving, fault);
	return result ? result : print_result(&leaving, fault);
}
