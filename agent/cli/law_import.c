#include <stdio.h>

#include "base/digest.h"
#include "base/file.h"
#include "cli/commands.h"
#include "cli/daemon.h"
#include "cli/law_text.h"
#include "cli/print.h"

#define PEM_MAX 16384

struct rehearsal {
	struct bytes pack, signature;
	struct law law;
	struct law_book before, after;
	int32_t day; /* --at */
	bool is_new;
};

static void rehearsal_done(struct rehearsal *rehearsal)
{
	bytes_done(&rehearsal->pack);
	bytes_done(&rehearsal->signature);
}

static int refuse(const struct cli *cli, const struct problem *problem)
{
	return cli_fail(cli, CLI_FAILURE, "%s%s%s", problem_text(cli, problem_kind(problem->code)->code),
		problem->extra[0] ? " " : "", problem->extra);
}

/* FILE, FILE.sig and the publisher's key: 0; an exit code after saying why; < 0. */
static int read_pack(struct cli *cli, struct rehearsal *ret, struct fault *fault)
{
	CLEANUP(bytes_done) struct bytes pem;
	struct problem problem = {0};
	const char *path = cli->config.law_publisher;
	const char *signature = arena_printf(cli->arena, "%s.sig", cli->words[0]);
	bytes_init(&pem, PEM_MAX);
	int result = file_read(cli->words[0], &ret->pack, fault);
	if (result == 0)
		result = signature ? file_read(signature, &ret->signature, fault)
				   : FAULT(fault, FAULT_MEMORY, "no memory for a name");
	if (result == 0 && path)
		result = file_read(path, &pem, fault);
	if (result)
		return result;
	result = law_open((const char *)ret->pack.data, ret->pack.len, &ret->signature, path ? &pem : NULL, cli->arena,
		&ret->law, &problem);
	if (result < 0)
		return FAULT(fault, FAULT_MEMORY, "no memory for a pack of law");
	return result ? refuse(cli, &problem) : 0;
}

static int load(struct cli *cli, struct rehearsal *ret, struct fault *fault)
{
	CLEANUP(store_closep) struct store *store = NULL;
	int result = cli_day(cli, ret->law.applies_on, &ret->day);
	if (result == 0)
		result = cli_open_store(cli, &store, fault);
	if (result == 0)
		result = law_text_book(cli, store, &ret->before, fault);
	if (result)
		return result;
	ret->after.newest = law_newest(&ret->before);
	ret->is_new = ret->law.version > law_newest(&ret->before)->version;
	if (ret->is_new)
		law_add(&ret->after, &ret->law);
	return 0;
}

static int send_pack(struct cli *cli, struct rehearsal *rehearsal, struct fault *fault)
{
	CLEANUP(answer_done) struct answer answer = {0};
	char hex[2 * LAW_SIGNATURE_MAX + 1], path[sizeof(hex) + 40];
	hex_format(rehearsal->signature.data, rehearsal->signature.len, hex);
	snprintf(path, sizeof(path), "/api/v1/law?signature=%s", hex);
	int result = daemon_call(cli, "POST", path, &rehearsal->pack, &answer, fault);
	if (result)
		return result;
	if (answer.status / 100 != 2)
		return answer_refused(cli, &answer, CLI_FAILURE, fault);
	rehearsal->is_new = answer_is_true(&answer, "is_new");
	return 0;
}

static int print_result_json(const struct cli *cli, const struct rehearsal *rehearsal, struct fault *fault)
{
	const struct law *law = &rehearsal->law;
	CLEANUP(bytes_done) struct bytes out;
	char day[LAW_DAY_MAX];
	bytes_init(&out, PRINT_JSON_MAX);
	json_begin(&out);
	json_member_int(&out, "version", law->version);
	json_member(&out, "applies_on", law_text_day(cli, law->applies_on, day));
	json_member(&out, "source", law->source);
	json_member_flag(&out, "is_dry_run", cli_value(cli, "dry-run") != NULL);
	json_member_flag(&out, "is_new", rehearsal->is_new);
	json_key(&out, "changes");
	bytes_char(&out, '[');
	law_text_changes(cli, law_on(&rehearsal->before, law->applies_on), law, &out);
	bytes_char(&out, ']');
	json_member(&out, "at", law_text_day(cli, rehearsal->day, day));
	json_key(&out, "classes");
	bytes_char(&out, '[');
	law_text_classes(cli, law_on(&rehearsal->before, rehearsal->day), law_on(&rehearsal->after, rehearsal->day),
		rehearsal->day, &out);
	bytes_char(&out, ']');
	law_text_profile(cli, law_on(&rehearsal->before, rehearsal->day), law_on(&rehearsal->after, rehearsal->day),
		rehearsal->day, &out);
	return json_print(&out, fault);
}

static void print_result(const struct cli *cli, const struct rehearsal *rehearsal)
{
	const struct law *law = &rehearsal->law;
	char day[LAW_DAY_MAX];
	printf(SAY(cli, "Pack %lld, for sales from %s: %s\n", "Gói %lld, cho hàng bán từ %s: %s\n"),
		(long long)law->version, law_text_day(cli, law->applies_on, day), law->source);
	if (law_text_changes(cli, law_on(&rehearsal->before, law->applies_on), law, NULL) == 0)
		puts(SAY(cli, "It changes nothing.", "Không có gì thay đổi."));
	law_text_classes(cli, law_on(&rehearsal->before, rehearsal->day), law_on(&rehearsal->after, rehearsal->day),
		rehearsal->day, NULL);
	law_text_profile(cli, law_on(&rehearsal->before, rehearsal->day), law_on(&rehearsal->after, rehearsal->day),
		rehearsal->day, NULL);
	if (cli_value(cli, "dry-run"))
		puts(SAY(cli, "Rehearsed only: nothing was changed. Import it without --dry-run.",
			"Chỉ diễn tập: chưa thay đổi gì. Chạy lại không có --dry-run để áp dụng."));
	else if (rehearsal->is_new)
		puts(SAY(cli, "Imported and recorded in the ledger.", "Đã nhận và ghi vào sổ đối soát."));
	else
		puts(SAY(cli, "It was imported before; nothing was changed.",
			"Gói này đã nhận trước đó; không đổi gì."));
}

int law_import_run(struct cli *cli, struct fault *fault)
{
	CLEANUP(rehearsal_done) struct rehearsal rehearsal = {.is_new = false};
	bytes_init(&rehearsal.pack, LAW_BYTES_MAX);
	bytes_init(&rehearsal.signature, LAW_SIGNATURE_MAX);
	int result = read_pack(cli, &rehearsal, fault);
	if (result == 0)
		result = load(cli, &rehearsal, fault);
	if (result == 0 && !cli_value(cli, "dry-run"))
		result = send_pack(cli, &rehearsal, fault);
	if (result)
		return result;
	if (cli->is_json)
		return print_result_json(cli, &rehearsal, fault);
	print_result(cli, &rehearsal);
	return CLI_OK;
}
