#include "store/backup.h"

#include <stdio.h>
#include <string.h>
#include <unistd.h>

#include "base/text.h"
#include "cli/commands.h"
#include "cli/look.h"
#include "cli/passphrase.h"
#include "cli/whole.h"

static int print_json(const struct cli *cli, const struct backup_head *head, struct fault *fault)
{
	CLEANUP(bytes_done) struct bytes out;
	bytes_init(&out, PRINT_JSON_MAX);
	json_begin(&out);
	json_member(&out, "file", cli->words[0]);
	backup_json(head, &out);
	return json_print(&out, fault);
}

static void print_human(const struct cli *cli, const struct backup_head *head)
{
	printf(SAY(cli, "Backup written: %s\n", "Đã sao lưu: %s\n"), cli->words[0]);
	backup_print(cli, head);
	fputs(SAY(cli, "Without the passphrase nobody can read it, you neither: keep it on paper in another place.\n",
		      "Không có cụm mật khẩu thì không ai đọc được, kể cả bạn: hãy ghi ra giấy, cất nơi khác.\n"),
		stderr);
}

/* 0, or an exit code after saying why it cannot be. */
static int check_wish(const struct cli *cli, const char *passphrase)
{
	if (text_points(passphrase) < PASSPHRASE_POINTS_MIN)
		return cli_fail(cli, CLI_FAILURE,
			SAY(cli, "the passphrase is too short: take five words or more, %d characters in all",
				"cụm mật khẩu quá ngắn: hãy dùng ít nhất năm từ, tổng cộng %d ký tự"),
			PASSPHRASE_POINTS_MIN);
	if (file_exists(cli->words[0]))
		return cli_fail(cli, CLI_FAILURE,
			SAY(cli, "%s exists and is not written over; choose another name",
				"%s đã có và không bị ghi đè; hãy chọn tên khác"),
			cli->words[0]);
	return 0;
}

int backup_run(struct cli *cli, struct fault *fault)
{
	CLEANUP(store_closep) struct store *store = NULL;
	struct backup_watch watch = {0};
	struct backup_head head;
	const char *passphrase = "";
	const char *detail = arena_printf(cli->arena, "backup %s", cli->words[0]);
	if (!detail)
		return FAULT(fault, FAULT_MEMORY, "no memory");
	int result = passphrase_read(cli, &passphrase, fault);
	if (result == 0)
		result = check_wish(cli, passphrase);
	if (result == 0)
		result = cli_open_store(cli, &store, fault);
	/* Recorded first, so that no copy leaves without a trace and the copy holds its own record. */
	if (result == 0)
		result = look_export(cli, detail, fault);
	if (result)
		return result;
	if (isatty(STDERR_FILENO))
		watch.progress = whole_progress;
	result = backup_write(store, cli->words[0], passphrase, strlen(passphrase), &watch, &head, fault);
	whole_clear();
	if (result)
		return result;
	if (cli->is_json)
		return print_json(cli, &head, fault);
	print_human(cli, &head);
	return CLI_OK;
}
