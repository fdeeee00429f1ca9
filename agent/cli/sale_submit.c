#include <stdio.h>

#include "cli/commands.h"
#include "cli/sale_answer.h"

/* What hoadond's status means here; everything else is a failure about us. */
static int exit_of(int status)
{
	static const struct {
		int status, exit;
	} table[] = {
		{200, CLI_OK},
		{201, CLI_OK},
		{202, CLI_PARKED},
		{400, CLI_REFUSED},
		{409, CLI_REFUSED},
		{413, CLI_REFUSED},
		{422, CLI_REFUSED},
	};
	for (size_t i = 0; i < ARRAY_LEN(table); i++)
		if (table[i].status == status)
			return table[i].exit;
	return CLI_FAILURE;
}

int sale_submit_run(struct cli *cli, struct fault *fault)
{
	const char *path = cli->words[0];
	CLEANUP(bytes_done) struct bytes body;
	CLEANUP(answer_done) struct answer answer = {0};
	bytes_init(&body, (size_t)cli->config.bulk_body_max);
	int result = sale_answer_read(path, &body, fault);
	if (result == 0)
		result = daemon_call(cli, "POST", "/api/v1/sales", &body, &answer, fault);
	if (result)
		return result;
	int exit = exit_of(answer.status);
	if (exit != CLI_OK && exit != CLI_PARKED)
		return answer_refused(cli, &answer, exit, fault);
	result = sale_answer_print(cli, &answer, fault);
	return result < 0 ? result : exit;
}
