#include <stdio.h>

#include "cli/commands.h"
#include "cli/print.h"

int version_run(struct cli *cli, struct fault *fault)
{
	if (!cli->is_json) {
		puts("hoadon " HOADON_VERSION);
		return CLI_OK;
	}
	CLEANUP(bytes_done) struct bytes out;
	bytes_init(&out, PRINT_JSON_MAX);
	json_begin(&out);
	json_member(&out, "name", "hoadon");
	json_member(&out, "version", HOADON_VERSION);
	return json_print(&out, fault);
}
