#include <stdio.h>
#include <string.h>

#include "base/json_write.h"
#include "cli/commands.h"
#include "cli/sale_answer.h"

#define BODY_MAX 16384

static int post_decision(
	struct cli *cli, const char *verb, const struct bytes *body, struct answer *ret, struct fault *fault)
{
	char path[64];
	int64_t id;
	if (cli_number(cli->words[0], &id))
		return cli_usage(
			cli, "ID is the number that `hoadon sale list` shows", "ID là số mà `hoadon sale list` hiện");
	snprintf(path, sizeof(path), "/api/v1/parked/%lld/%s", (long long)id, verb);
	return daemon_call(cli, "POST", path, body, ret, fault);
}

int sale_issue_run(struct cli *cli, struct fault *fault)
{
	CLEANUP(bytes_done) struct bytes body;
	CLEANUP(answer_done) struct answer answer = {0};
	bytes_init(&body, BODY_MAX);
	bytes_text(&body, "{}");
	int result = post_decision(cli, "issue", &body, &answer, fault);
	if (result)
		return result;
	if (answer.status / 100 != 2)
		return answer_refused(cli, &answer, CLI_FAILURE, fault);
	result = sale_answer_print(cli, &answer, fault);
	/* 202: what parked the sale still holds, so there is no invoice yet */
	return result < 0 ? result : answer.status == 202 ? CLI_FAILURE : CLI_OK;
}

int sale_ignore_run(struct cli *cli, struct fault *fault)
{
	CLEANUP(bytes_done) struct bytes body;
	CLEANUP(answer_done) struct answer answer = {0};
	bytes_init(&body, BODY_MAX);
	bytes_char(&body, '{');
	json_member(&body, "reason", cli_value(cli, "reason"));
	bytes_char(&body, '}');
	if (body.failed)
		return cli_usage(cli, "the reason is too long", "lý do quá dài");
	int result = post_decision(cli, "ignore", &body, &answer, fault);
	if (result)
		return result;
	if (answer.status / 100 != 2)
		return answer_refused(cli, &answer, CLI_FAILURE, fault);
	if (cli->is_json)
		result = answer_print_json(&answer, fault);
	if (result < 0)
		return result;
	if (strcmp(answer_text(&answer, "sale.state"), "ignored") != 0) {
		answer_say_problem(cli, &answer, "problem");
		return CLI_FAILURE;
	}
	if (!cli->is_json)
		printf(SAY(cli, "Sale %s is ignored: kept, never invoiced.\n",
			       "Đã bỏ qua giao dịch %s: vẫn lưu, không lập hóa đơn.\n"),
			cli->words[0]);
	return CLI_OK;
}
