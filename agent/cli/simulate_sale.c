#include <stdio.h>

#include "cli/checkup.h"
#include "cli/commands.h"
#include "cli/print.h"
#include "cli/sale_rehearsal.h"

static bool is_ready(const struct checkup *at, const struct sale_rehearsal *sale)
{
	return sale_rehearsal_is_good(sale) && findings_worst(&at->findings, NULL) < FINDING_WRONG;
}

static void print_human(const struct checkup *at, const struct sale_rehearsal *sale, bool is_sending)
{
	const struct cli *cli = at->cli;
	puts(is_sending ? SAY(cli,
				  "One sale of 110.000 đ, rehearsed on a store that is thrown away and sent to a "
				  "sandbox on "
				  "this machine:",
				  "Diễn tập một lần bán 110.000 đ trên kho tạm, gửi tới cơ quan thuế mô phỏng trên máy "
				  "này:")
			: SAY(cli, "One sale of 110.000 đ, rehearsed on a store that is thrown away; nothing was sent:",
				  "Diễn tập một lần bán 110.000 đ trên kho tạm; không gửi gì đi:"));
	sale_rehearsal_print(cli, sale);
	findings_print(cli, &at->findings);
	puts(is_ready(at, sale)
			? SAY(cli, "READY.", "SẴN SÀNG.")
			: SAY(cli, "NOT READY: do what stands behind >", "CHƯA SẴN SÀNG: làm các việc sau dấu >"));
}

static int print_json(const struct checkup *at, const struct sale_rehearsal *sale, struct fault *fault)
{
	CLEANUP(bytes_done) struct bytes out;
	bytes_init(&out, PRINT_JSON_MAX);
	json_begin(&out);
	json_member_flag(&out, "is_ready", is_ready(at, sale));
	sale_rehearsal_write(sale, &out);
	findings_write(&at->findings, "findings", &out);
	return json_print(&out, fault);
}

int simulate_sale_run(struct cli *cli, struct fault *fault)
{
	CLEANUP(checkup_done) struct checkup at = {.cli = cli};
	CLEANUP(sale_rehearsal_done) struct sale_rehearsal sale = {.why = NULL};
	bool is_sending = cli_value(cli, "send") != NULL;
	int result = 0;
	checkup_before_sale(&at, true);
	/* What is missing is named by the findings; without it there is nothing to issue. */
	if (findings_worst(&at.findings, "settings") < FINDING_WRONG)
		result = sale_rehearse(cli, key_is_open(&at.key) ? &at.key : NULL, is_sending, &sale, fault);
	if (result)
		return result;
	if (!cli->is_json)
		print_human(&at, &sale, is_sending);
	else if (print_json(&at, &sale, fault) < 0)
		return FAULT_MEMORY;
	return is_ready(&at, &sale) ? CLI_OK : CLI_FAILURE;
}
