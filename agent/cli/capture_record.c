#include <inttypes.h>
#include <stdio.h>
#include <string.h>

#include "base/file.h"
#include "cli/commands.h"
#include "cli/print.h"
#include "cli/recording.h"
#include "cli/recording_mask.h"
#include "drivers/drivers.h"
#include "store/frames.h"

#define LOOK_BACK  CLI_LIMIT_MAX /* frames, the newest: of a sale from paper there are two */
#define PAPERS	   3
#define PAPERS_MAX 30

/* Frames of the last papers of a till, the newest first. */
struct papers {
	int64_t ids[PAPERS_MAX];
	int64_t wanted;
	size_t count;
	const char *dialect;
};

static int find(struct cli *cli, struct store *store, struct papers *papers, struct fault *fault)
{
	struct frame_row *frames;
	size_t count;
	int result = store_frame_list(store, -1, LOOK_BACK, cli->arena, &frames, &count, fault);

	for (size_t i = 0; result == 0 && i < count && (int64_t)papers->count < papers->wanted; i++) {
		if (strcmp(frames[i].till_id, cli->words[0]) != 0 || !driver_print_dialect(frames[i].dialect))
			continue;
		if (papers->dialect && strcmp(papers->dialect, frames[i].dialect) != 0)
			break;
		papers->dialect = frames[i].dialect;
		papers->ids[papers->count++] = frames[i].id;
	}
	if (result == 0 && papers->count == 0)
		return cli_fail(cli, CLI_FAILURE,
			SAY(cli,
				"till %s has printed nothing to this box lately; print a bill first, or see the tills: "
				"hoadon config show",
				"máy %s gần đây không in gì qua hộp này; hãy in một phiếu trước, hoặc xem các máy: "
				"hoadon config show"),
			cli->words[0]);
	return result;
}

/* The oldest first, as they came. */
static int gather(
	struct cli *cli, struct store *store, const struct papers *papers, struct bytes *out, struct fault *fault)
{
	for (size_t i = papers->count; i > 0; i--) {
		struct frame_row paper;
		int result = store_frame_get(store, papers->ids[i - 1], cli->arena, &paper, fault);

		if (result)
			return result == STORE_NONE
				       ? FAULT(fault, FAULT_BUSY, "a paper was removed meanwhile; try again")
				       : result;
		bytes_append(out, paper.bytes, paper.len);
	}
	return bytes_check(out, "the papers", fault);
}

static int answer(const struct cli *cli, const struct papers *papers, size_t bytes, size_t masked, struct fault *fault)
{
	const char *path = cli->words[1];
	BYTES_CLEANUP struct bytes out = {.max = PRINT_JSON_MAX};

	if (!cli->is_json) {
		printf(SAY(cli,
			       "%zu papers, %zu bytes; propose a profile of them: hoadon capture learn %s --dialect "
			       "%s\n",
			       "%zu phiếu, %zu byte; đề xuất hồ sơ quầy: hoadon capture learn %s --dialect %s\n"),
			papers->count, bytes, path, papers->dialect);
		if (cli_value(cli, "mask"))
			printf(SAY(cli,
				       "%zu lines were masked (customers, staff, phones, addresses, wishes); look at "
				       "it before it is given away: "
				       "hoadon capture show %s\n",
				       "đã che %zu dòng (khách, nhân viên, điện thoại, địa chỉ, ghi chú); hãy xem "
				       "trước khi đưa ra ngoài: "
				       "hoadon capture show %s\n"),
				masked, path);
		return CLI_OK;
	}
	json_begin(&out);
	json_member(&out, "file", path);
	json_member(&out, "dialect", papers->dialect);
	json_member_int(&out, "papers", (int64_t)papers->count);
	json_member_int(&out, "bytes", (int64_t)bytes);
	if (cli_value(cli, "mask"))
		json_member_int(&out, "masked_lines", (int64_t)masked);
	return json_print(&out, fault);
}

int capture_record_run(struct cli *cli, struct fault *fault)
{
	CLEANUP(store_closep) struct store *store = NULL;
	BYTES_CLEANUP struct bytes stream = {.max = RECORDING_MAX};
	struct papers papers = {.wanted = PAPERS};
	const char *count = cli_value(cli, "count");
	size_t masked = 0;
	int result;

	if (count && (cli_number(count, &papers.wanted) || papers.wanted > PAPERS_MAX))
		return cli_usage(cli, "--count is a number from 1 to 30", "--count là số từ 1 đến 30");
	if (file_exists(cli->words[1]))
		return cli_fail(cli, CLI_FAILURE, SAY(cli, "%s is there already", "%s đã có sẵn"), cli->words[1]);
	result = cli_open_store(cli, &store, fault);
	if (result == 0)
		result = find(cli, store, &papers, fault);
	if (result == 0)
		result = gather(cli, store, &papers, &stream, fault);
	if (result == 0 && cli_value(cli, "mask"))
		result = recording_mask(driver_print_dialect(papers.dialect), &stream, &masked, fault);
	if (result == 0)
		result = file_write(cli->words[1], stream.data, stream.len, 0600, fault);
	return result ? result : answer(cli, &papers, stream.len, masked, fault);
}
