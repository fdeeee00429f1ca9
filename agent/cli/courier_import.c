#include <stdio.h>
#include <string.h>

#include "cli/commands.h"
#include "cli/courier.h"
#include "cli/daemon.h"
#include "cli/print.h"
#include "store/courier.h"

#define ITEM_ARENA ((size_t)32 << 20)

struct coming {
	struct cli *cli;
	const char *dir;
	struct store *store;
	struct manifest manifest;
	int64_t taken, known; /* answers that came now, and before */
	int64_t open;	      /* messages without a verdict of the authority */
	int64_t foreign;      /* not under a secret of this shop, or changed */
};

static void coming_done(struct coming *coming)
{
	store_close(coming->store);
}

/* 0; 1 = it is none of this shop's; < 0. */
static int open_answer(
	struct coming *coming, const char *name, struct arena *arena, struct parcel_answer *ret, struct fault *fault)
{
	char id[ENVELOPE_ID_MAX + 1];
	struct courier_export export;
	int64_t number;
	int result = parcel_answer_id(coming->dir, name, id, fault);
	if (result)
		return result;
	if (cli_number(id, &number))
		return 1;
	result = store_export_get(coming->store, number, &export, fault);
	return result ? result : parcel_answer_read(coming->dir, name, id, export.key, arena, ret, fault);
}

static int hand_in(struct coming *coming, const struct parcel_answer *answer, struct arena *arena, struct fault *fault)
{
	CLEANUP(answer_done) struct answer said = {0};
	CLEANUP(bytes_done) struct bytes body;
	const char *path = arena_printf(arena, "/api/v1/courier/answers?message=%s", answer->message_id);
	bytes_init(&body, answer->len);
	bytes_append(&body, answer->bytes, answer->len);
	if (!path)
		return FAULT(fault, FAULT_MEMORY, "no memory for an answer");
	int result = daemon_call(coming->cli, "POST", path, &body, &said, fault);
	if (result)
		return result;
	if (said.status / 100 != 2)
		return answer_refused(coming->cli, &said, CLI_FAILURE, fault);
	*(answer_is_true(&said, "is_new") ? &coming->taken : &coming->known) += 1;
	return 0;
}

static int import_item(struct coming *coming, const char *name, struct fault *fault)
{
	CLEANUP(arena_freep) struct arena *arena = arena_new(ITEM_ARENA);
	struct parcel_answer answer;
	if (!arena)
		return FAULT(fault, FAULT_MEMORY, "no memory for an answer");
	if (!parcel_answer_exists(coming->dir, name)) {
		coming->open++;
		return 0;
	}
	int result = open_answer(coming, name, arena, &answer, fault);
	if (result > 0) {
		coming->foreign++;
		return 0;
	}
	if (result < 0)
		return result;
	if (answer.outcome != PARCEL_VERDICT)
		coming->open++;
	if (answer.outcome == PARCEL_REFUSED)
		fprintf(stderr,
			SAY(coming->cli, "The provider did not take message %s: %s\n",
				"Nhà cung cấp không nhận thông điệp %s: %s\n"),
			answer.message_id, answer.text);
	return answer.len && answer.outcome != PARCEL_REFUSED ? hand_in(coming, &answer, arena, fault) : 0;
}

static int is_read(void *context, struct fault *fault)
{
	struct coming *coming = context;
	CLEANUP(arena_freep) struct arena *arena = arena_new(ITEM_ARENA);
	struct courier_answer next;
	if (!arena)
		return FAULT(fault, FAULT_MEMORY, "no memory for an answer");
	int result = store_answer_next(coming->store, arena, &next, fault);
	return result == STORE_NONE ? 0 : result < 0 ? result : 1;
}

static int print_result(const struct coming *coming, struct fault *fault)
{
	const struct cli *cli = coming->cli;
	if (cli->is_json) {
		CLEANUP(bytes_done) struct bytes out;
		bytes_init(&out, PRINT_JSON_MAX);
		json_begin(&out);
		json_member_int(&out, "new", coming->taken);
		json_member_int(&out, "known", coming->known);
		json_member_int(&out, "without_verdict", coming->open);
		json_member_int(&out, "foreign", coming->foreign);
		if (json_print(&out, fault) < 0)
			return FAULT_MEMORY;
	} else {
		printf(SAY(cli, "%lld answers taken, %lld known before, %lld messages without a verdict yet.\n",
			       "Đã nhận %lld trả lời, %lld đã có từ trước, %lld thông điệp chưa có kết quả.\n"),
			(long long)coming->taken, (long long)coming->known, (long long)coming->open);
	}
	if (coming->foreign)
		return cli_fail(cli, CLI_BROKEN,
			SAY(cli, "%lld answers are of another shop or were changed; nothing was taken of them",
				"%lld trả lời của cửa hàng khác hoặc bị thay đổi; đã bỏ qua"),
			(long long)coming->foreign);
	return coming->open ? CLI_FAILURE : CLI_OK;
}

int courier_import_run(struct cli *cli, struct fault *fault)
{
	CLEANUP(coming_done) struct coming coming = {.cli = cli, .dir = cli->words[0]};
	int result = courier_open(cli, coming.dir, &coming.manifest, fault);
	if (result == 0)
		result = cli_open_store(cli, &coming.store, fault);
	for (size_t i = 0; result == 0 && i < coming.manifest.count; i++)
		result = import_item(&coming, coming.manifest.items[i].name, fault);
	if (result)
		return result;
	result = courier_wait(COURIER_WAIT_MS, COURIER_PAUSE_MS, is_read, &coming, fault);
	if (result > 0)
		return cli_fail(cli, CLI_FAILURE,
			SAY(cli,
				"hoadond keeps the answers and has not read all of them yet; look again: hoadon queue "
				"list",
				"hoadond đã giữ các trả lời nhưng chưa đọc hết; hãy xem lại: hoadon queue list"));
	return result ? result : print_result(&coming, fault);
}
