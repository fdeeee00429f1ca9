#include <stdio.h>

#include "cli/commands.h"
#include "cli/law_text.h"
#include "cli/print.h"

static void print_packs(const struct cli *cli, const struct law *law, const struct law *used)
{
	char day[LAW_DAY_MAX];
	for (; law; law = law->older) {
		printf("%c ", law == used ? '*' : ' ');
		printf(SAY(cli, "pack %lld, from %s: %s\n", "gói %lld, từ %s: %s\n"), (long long)law->version,
			law_text_day(cli, law->applies_on, day), law->source);
	}
}

static void write_packs(const struct cli *cli, const struct law *law, const struct law *used, struct bytes *out)
{
	char day[LAW_DAY_MAX];
	json_key(out, "packs");
	bytes_char(out, '[');
	for (; law; law = law->older) {
		json_item(out);
		bytes_char(out, '{');
		json_member_int(out, "version", law->version);
		json_member(out, "applies_on", law_text_day(cli, law->applies_on, day));
		json_member(out, "source", law->source);
		json_member_flag(out, "holds", law == used);
		json_member_flag(out, "is_builtin", !law->older);
		bytes_char(out, '}');
	}
	bytes_char(out, ']');
}

static int print_law_json(const struct cli *cli, const struct law_book *book, int32_t day, struct fault *fault)
{
	static const struct law nothing = {.version = 0};
	const struct law *used = law_on(book, day);
	CLEANUP(bytes_done) struct bytes out;
	char text[LAW_DAY_MAX];
	bytes_init(&out, PRINT_JSON_MAX);
	json_begin(&out);
	json_member(&out, "at", law_text_day(cli, day, text));
	write_packs(cli, law_newest(book), used, &out);
	json_key(&out, "rows");
	bytes_char(&out, '[');
	law_text_changes(cli, &nothing, used, &out);
	bytes_char(&out, ']');
	json_key(&out, "classes");
	bytes_char(&out, '[');
	law_text_classes(cli, used, used, day, &out);
	bytes_char(&out, ']');
	law_text_profile(cli, used, used, day, &out);
	return json_print(&out, fault);
}

int law_show_run(struct cli *cli, struct fault *fault)
{
	CLEANUP(store_closep) struct store *store = NULL;
	struct law_book book;
	int32_t day;
	int result = cli_day(cli, clock_day(clock_now_ms(&cli->clock)), &day);
	if (result == 0)
		result = cli_open_store(cli, &store, fault);
	if (result == 0)
		result = law_text_book(cli, store, &book, fault);
	if (result)
		return result;
	if (cli->is_json)
		return print_law_json(cli, &book, day, fault);
	print_packs(cli, law_newest(&book), law_on(&book, day));
	law_text_classes(cli, law_on(&book, day), law_on(&book, day), day, NULL);
	law_text_profile(cli, law_on(&book, day), law_on(&book, day), day, NULL);
	return CLI_OK;
}
