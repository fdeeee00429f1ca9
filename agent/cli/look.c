#include "cli/look.h"

#include "base/json_write.h"

#define BODY_MAX 8192

int look_record(struct cli *cli, const char *event, const char *detail, struct fault *fault)
{
	CLEANUP(bytes_done) struct bytes body;
	CLEANUP(answer_done) struct answer answer = {0};
	bytes_init(&body, BODY_MAX);
	bytes_char(&body, '{');
	json_member(&body, "event", event);
	json_member(&body, "detail", detail);
	bytes_char(&body, '}');
	int result = bytes_check(&body, "the record of this look", fault);
	if (result == 0)
		result = daemon_call(cli, "POST", "/api/v1/audit/records", &body, &answer, fault);
	if (result)
		return result;
	return answer.status / 100 == 2 ? 0 : answer_refused(cli, &answer, CLI_FAILURE, fault);
}
