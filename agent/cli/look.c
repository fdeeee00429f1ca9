#include "cli/look.h"

#include "base/json_write.h"
#include "store/ledger.h"

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

/* Without hoadond nobody else writes the store, so that the export itself can be recorded here. */
static int record_alone(struct cli *cli, const char *detail, struct fault *fault)
{
	CLEANUP(store_closep) struct store *store = NULL;
	int result =
		store_open(cli->config.store_dir, STORE_WRITE, &cli->clock, cli->config.seller.tax_code, &store, fault);
	if (result == 0)
		result = store_begin(store, fault);
	if (result)
		return result;
	struct ledger_payload payload;
	ledger_payload_init(&payload);
	ledger_payload_text(&payload, "detail", detail);
	ledger_payload_text(&payload, "what", "export");
	result = ledger_append(store, LEDGER_EXPORT, &payload, NULL, fault);
	return result == 0 ? store_commit(store, fault) : result;
}

int look_export(struct cli *cli, const char *detail, struct fault *fault)
{
	return daemon_is_running(cli) ? look_record(cli, "export", detail, fault) : record_alone(cli, detail, fault);
}
