#include <stdio.h>

#include "base/json_write.h"
#include "cli/commands.h"
#include "cli/daemon.h"
#include "cli/print.h"

int clock_confirm_run(struct cli *cli, struct fault *fault)
{
	CLEANUP(bytes_done) struct bytes body;
	CLEANUP(answer_done) struct answer answer = {0};
	char now[CLOCK_TEXT_MAX];
	bytes_init(&body, 16384);
	bytes_char(&body, '{');
	json_member(&body, "reason", cli_value(cli, "reason"));
	bytes_char(&body, '}');
	if (body.failed)
		return cli_usage(cli, "the reason is too long", "lý do quá dài");
	int result = daemon_call(cli, "POST", "/api/v1/clock", &body, &answer, fault);
	if (result)
		return result;
	if (answer.status / 100 != 2)
		return answer_refused(cli, &answer, CLI_FAILURE, fault);
	if (cli->is_json)
		return answer_print_json(&answer, fault);
	time_text(clock_now_ms(&cli->clock), now);
	printf(SAY(cli, "The machine's clock is believed: %s. What waits for it is issued within 10 seconds.\n",
		       "Đã tin đồng hồ máy: %s. Giao dịch đang chờ giờ sẽ được lập hóa đơn trong 10 giây.\n"),
		now);
	return CLI_OK;
}
