#include <stdio.h>

#include "cli/commands.h"
#include "cli/sale_answer.h"

int task_reissue_run(struct cli *cli, struct fault *fault)
{
	CLEANUP(bytes_done) struct bytes body;
	CLEANUP(answer_done) struct answer answer = {0};
	char path[64];
	int64_t id;
	bytes_init(&body, (size_t)cli->config.bulk_body_max);
	if (cli_number(cli->words[0], &id))
		return cli_usage(
			cli, "ID is the number that `hoadon task list` shows", "ID là số mà `hoadon task list` hiện");
	int result = 0;
	if (cli->word_count > 1)
		result = sale_answer_read(cli->words[1], &body, fault);
	else
		bytes_text(&body, "{}");
	if (result)
		return result;
	snprintf(path, sizeof(path), "/api/v1/tasks/%lld/reissue", (long long)id);
	result = daemon_call(cli, "POST", path, &body, &answer, fault);
	if (result)
		return result;
	if (answer.status / 100 != 2)
		return answer_refused(cli, &answer, CLI_FAILURE, fault);
	result = sale_answer_print(cli, &answer, fault);
	/* 202: what stops the issue (clock, setup) still holds; the task stays open */
	return result < 0 ? result : answer.status == 202 ? CLI_FAILURE : CLI_OK;
}
