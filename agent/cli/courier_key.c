#include <stdio.h>

#include "base/file.h"
#include "cli/commands.h"
#include "cli/courier.h"
#include "cli/print.h"

const char *courier_key_path(const struct cli *cli)
{
	const char *path = cli_value(cli, "key");
	return path ? path : arena_printf(cli->arena, "%s/courier.pem", cli->config_dir);
}

int courier_key_run(struct cli *cli, struct fault *fault)
{
	CLEANUP(bytes_done) struct bytes pem;
	CLEANUP(bytes_done) struct bytes certificate;
	const char *path = courier_key_path(cli);
	bytes_init(&pem, ENVELOPE_PEM_MAX);
	bytes_init(&certificate, ENVELOPE_PEM_MAX);
	if (!path)
		return FAULT(fault, FAULT_MEMORY, "no memory");
	int result = envelope_make_key(path, "hoadon-agent courier", fault);
	if (result == 0)
		result = file_read(path, &pem, fault);
	if (result == 0)
		result = envelope_certificate(&pem, &certificate, fault);
	if (result == 0)
		result = file_write(cli->words[0], certificate.data, certificate.len, 0644, fault);
	if (result)
		return result;
	if (cli->is_json) {
		CLEANUP(bytes_done) struct bytes out;
		bytes_init(&out, PRINT_JSON_MAX);
		json_begin(&out);
		json_member(&out, "key", path);
		json_member(&out, "certificate", cli->words[0]);
		return json_print(&out, fault);
	}
	printf(SAY(cli,
		       "The certificate of this machine is in %s; take it to the shop: hoadon courier export DIR --to "
		       "FILE\n",
		       "Chứng thư của máy này ở %s; hãy mang đến cửa hàng: hoadon courier export THƯ-MỤC --to TỆP\n"),
		cli->words[0]);
	return CLI_OK;
}
