#include "cli/passphrase.h"

#include <stdio.h>

#include "base/file.h"
#include "base/text.h"

#define FILE_MAX 4096

int passphrase_read(struct cli *cli, const char **ret, struct fault *fault)
{
	CLEANUP(bytes_done) struct bytes bytes;
	bytes_init(&bytes, FILE_MAX);
	const char *path = cli_value(cli, "passphrase");
	int result = file_read(path, &bytes, fault);
	if (result)
		return result;
	if (text_clean(cli->arena, bytes.data ? (const char *)bytes.data : "", bytes.len, 0, ret))
		return cli_fail(
			cli, CLI_FAILURE, SAY(cli, "%s is not a text in UTF-8", "%s không phải văn bản UTF-8"), path);
	return 0;
}

void backup_json(const struct backup_head *head, struct bytes *out)
{
	char hex[DIGEST_HEX_LEN + 1];
	hex_format(head->ledger.hash, DIGEST_LEN, hex);
	json_member(out, "store", head->store);
	json_member(out, "seller", head->seller);
	json_member_int(out, "epoch", head->epoch);
	json_time(out, "made_at", head->made_at);
	json_member_int(out, "records", head->ledger.seq);
	json_member(out, "head", hex);
	json_member(out, "tail", head->ledger.tail);
}

void backup_print(const struct cli *cli, const struct backup_head *head)
{
	char time[CLOCK_TEXT_MAX], records[32];
	time_text(head->made_at, time);
	snprintf(records, sizeof(records), "%lld", (long long)head->ledger.seq);
	print_field(SAY(cli, "Made at", "Thời điểm"), time);
	print_field(SAY(cli, "Seller", "Người bán"), head->seller);
	print_field(SAY(cli, "Store", "Kho"), head->store);
	print_field(SAY(cli, "Records", "Bản ghi"), records);
	print_field(SAY(cli, "Ledger tail", "Đuôi sổ"), head->ledger.tail);
}
