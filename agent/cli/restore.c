#include "store/restore.h"

#include <stdio.h>
#include <string.h>
#include <unistd.h>

#include "cli/commands.h"
#include "cli/passphrase.h"
#include "cli/store_key.h"
#include "cli/whole.h"

struct target {
	const char *dir;  /* where the store shall be */
	const char *room; /* beside it: unpacked and checked there, then renamed */
	bool is_drill;
};

struct check {
	struct fsck_watch watch;
	bool is_fatal; /* something was found that no store can do without */
};

/* The rest is a person's to look at, in the store that is restored. */
static bool is_fatal(enum fsck_kind kind)
{
	return kind == FSCK_FILE || kind == FSCK_REFERENCE || kind == FSCK_LEDGER;
}

static void on_found(void *context, const struct fsck_finding *finding)
{
	struct check *check = context;
	whole_clear();
	fprintf(stderr, "! %s: %s\n", fsck_word(finding->kind), finding->text);
	check->is_fatal |= is_fatal(finding->kind);
}

static int say_damaged(const struct cli *cli, const char *why)
{
	whole_clear();
	return cli_fail(cli, CLI_BROKEN,
		SAY(cli, "%s is not a whole backup: %s. Take an older one.",
			"%s không phải bản sao lưu nguyên vẹn: %s. Hãy dùng bản cũ hơn."),
		cli->words[0], why);
}

static int choose_target(struct cli *cli, struct target *target, struct fault *fault)
{
	const char *dir = cli->word_count > 1 ? cli->words[1] : cli->is_configured ? cli->config.store_dir : NULL;
	if (!dir)
		return cli_usage(cli, "there is no configuration, so DIR is needed", "chưa có cấu hình nên cần DIR");
	size_t len = strlen(dir);
	while (len > 1 && dir[len - 1] == '/')
		len--;
	target->is_drill = cli_value(cli, "verify") != NULL;
	target->dir = arena_printf(cli->arena, "%.*s", (int)len, dir);
	target->room = arena_printf(cli->arena, "%.*s.restoring", (int)len, dir);
	if (!target->dir || !target->room)
		return FAULT(fault, FAULT_MEMORY, "no memory for a path");
	if (!target->is_drill && !file_is_free(target->dir))
		return cli_fail(cli, CLI_FAILURE,
			SAY(cli,
				"%s is not empty and stays as it is; name a new folder, or move the old store away "
				"first",
				"%s không trống và được giữ nguyên; hãy chỉ thư mục mới hoặc chuyển kho cũ đi trước"),
			target->dir);
	return 0;
}

static int unlock(struct cli *cli, struct restore *restore, struct fault *fault)
{
	const char *passphrase = "";
	int result = passphrase_read(cli, &passphrase, fault);
	if (result == 0)
		result = restore_unlock(restore, passphrase, strlen(passphrase), fault);
	if (result == RESTORE_WRONG_KEY)
		return cli_fail(cli, CLI_FAILURE,
			SAY(cli,
				"the passphrase in %s is not that of this backup (or the first lines of the backup "
				"were changed)",
				"cụm mật khẩu trong %s không phải của bản sao lưu này (hoặc đầu tệp sao lưu đã bị thay "
				"đổi)"),
			cli_value(cli, "passphrase"));
	return result;
}

/* What was unpacked opens as a store, is the one the head speaks of, and agrees with itself. */
static int check_store(struct restore *restore, struct store *store, struct check *check, struct fault *fault)
{
	int result = restore_check(restore, store, fault);
	if (result == 0)
		result = whole_check(store, &check->watch, fault);
	whole_clear();
	if (result == 0 && check->is_fatal)
		return FAULT(fault, FAULT_FORMAT, "what it holds is broken");
	return result;
}

/* Closed before it is renamed: SQLite then has nothing left beside the database. */
static int fill_room(struct cli *cli, struct restore *restore, const char *room, struct check *check,
	struct store_key *key, struct fault *fault)
{
	CLEANUP(store_closep) struct store *store = NULL;
	struct backup_watch unpack = {.progress = check->watch.progress};
	int result = restore_unpack(restore, room, &unpack, fault);
	if (result == 0)
		result = store_open(room, STORE_WRITE, &cli->clock, NULL, &store, fault);
	if (result == 0)
		result = store_key_unlock(cli, store, key, fault);
	if (result == STORE_LOCKED)
		return FAULT(fault, FAULT_CONFIG, "%s", key->why.text);
	if (result == 0)
		result = check_store(restore, store, check, fault);
	return result ? result : restore_mark(restore, store, fault);
}

static int restore_to(struct cli *cli, struct restore *restore, const struct target *target, struct check *check,
	struct store_key *key, struct fault *fault)
{
	CLEANUP(closep) int hold = -1;
	int result = file_room_open(target->room, &hold, fault);
	if (result)
		return result;
	result = fill_room(cli, restore, target->room, check, key, fault);
	if (result == 0 && !target->is_drill) {
		result = file_give(target->room, fault);
		if (result == 0)
			result = file_move(target->room, target->dir, fault);
		if (result == 0)
			store_key_put(cli, target->dir, key);
		if (result == 0)
			return 0;
	}
	/* Whatever went wrong first is what is told. */
	int removed = file_room_remove(target->room, fault);
	return result ? result : removed;
}

static int print_json(const struct cli *cli, const struct backup_head *head, const struct target *target,
	const struct store_key *key, int64_t findings, struct fault *fault)
{
	CLEANUP(bytes_done) struct bytes out;
	bytes_init(&out, PRINT_JSON_MAX);
	json_begin(&out);
	json_member(&out, "file", cli->words[0]);
	json_member(&out, "dir", target->is_drill ? NULL : target->dir);
	backup_json(head, &out);
	store_key_json(key, &out);
	json_member_int(&out, "findings", findings);
	return json_print(&out, fault);
}

static void print_human(const struct cli *cli, const struct backup_head *head, const struct target *target,
	const struct store_key *key, int64_t findings)
{
	if (target->is_drill)
		printf(SAY(cli, "The backup can be restored: %s\n", "Bản sao lưu khôi phục được: %s\n"), cli->words[0]);
	else
		printf(SAY(cli, "Restored: %s\n", "Đã khôi phục: %s\n"), target->dir);
	backup_print(cli, head);
	if (findings)
		printf(SAY(cli, "%lld findings, see above; in the restored store: hoadon fsck\n",
			       "%lld vấn đề, xem trên; trong kho đã khôi phục: hoadon fsck\n"),
			(long long)findings);
	if (!target->is_drill)
		store_key_print(cli, key);
	if (!target->is_drill)
		puts(SAY(cli,
			"It takes no number yet. Set a suffix and an issuer_prefix that were never used under "
			"[serial], "
			"then: hoadon adopt --reason TEXT",
			"Kho chưa cấp số. Hãy đặt suffix và issuer_prefix chưa từng dùng trong [serial], rồi chạy: "
			"hoadon adopt --reason LÝ-DO"));
}

int restore_run(struct cli *cli, struct fault *fault)
{
	CLEANUP(restore_closep) struct restore *restore = NULL;
	struct target target = {0};
	struct store_key key = {0};
	struct check check = {.watch = {.found = on_found, .context = &check}};
	if (isatty(STDERR_FILENO))
		check.watch.progress = whole_progress;
	int result = choose_target(cli, &target, fault);
	if (result == 0)
		result = restore_open(cli->words[0], &restore, fault);
	if (result == 0)
		result = unlock(cli, restore, fault);
	if (result == 0)
		result = restore_to(cli, restore, &target, &check, &key, fault);
	explicit_bzero(key.key, sizeof(key.key));
	if (result)
		return result == FAULT_FORMAT ? say_damaged(cli, fault->text) : result;
	if (cli->is_json)
		result = print_json(cli, restore_head(restore), &target, &key, check.watch.count, fault);
	else
		print_human(cli, restore_head(restore), &target, &key, check.watch.count);
	return result ? result : target.is_drill && check.watch.count ? CLI_BROKEN : CLI_OK;
}
