#include <stdio.h>

#include "base/file.h"
#include "cli/commands.h"
#include "cli/print.h"
#include "store/frames.h"
#include "store/sales.h"

static int load(struct cli *cli, struct store *store, int64_t sale_id, struct frame_row *ret, struct fault *fault)
{
	struct sale_row sale;
	int64_t frame_id;
	int result = store_sale_get(store, sale_id, cli->arena, &sale, fault);
	if (result == 0)
		result = store_frame_origin(store, sale.frame_id, &frame_id, fault);
	if (result == 0)
		result = store_frame_get(store, frame_id, cli->arena, ret, fault);
	if (result == STORE_NONE)
		return cli_fail(cli, CLI_FAILURE, "%s",
			SAY(cli, "there is no sale of this ID that was read from paper; all sales: hoadon sale list",
				"không có giao dịch nào mang ID này được đọc từ phiếu in; xem: hoadon sale list"));
	return result;
}

int capture_save_run(struct cli *cli, struct fault *fault)
{
	CLEANUP(store_closep) struct store *store = NULL;
	struct frame_row paper = {0};
	const char *path = cli->words[1];
	int64_t id;
	if (cli_number(cli->words[0], &id))
		return cli_usage(
			cli, "give the sale's ID: hoadon sale list", "hãy cho ID của giao dịch: hoadon sale list");
	if (file_exists(path))
		return cli_fail(cli, CLI_FAILURE, SAY(cli, "%s is there already", "%s đã có sẵn"), path);
	int result = cli_open_store(cli, &store, fault);
	if (result == 0)
		result = load(cli, store, id, &paper, fault);
	if (result == 0)
		result = file_write(path, paper.bytes, paper.len, 0600, fault);
	if (result)
		return result;
	if (!cli->is_json) {
		printf(SAY(cli, "%zu bytes; see them with: hoadon capture show %s --dialect %s\n",
			       "%zu byte; xem bằng: hoadon capture show %s --dialect %s\n"),
			paper.len, path, paper.dialect);
		return CLI_OK;
	}
	CLEANUP(bytes_done) struct bytes out;
	bytes_init(&out, PRINT_JSON_MAX);
	json_begin(&out);
	json_member(&out, "file", path);
	json_member(&out, "dialect", paper.dialect);
	json_member_int(&out, "bytes", (int64_t)paper.len);
	return json_print(&out, fault);
}
