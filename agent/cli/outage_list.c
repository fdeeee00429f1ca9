#include <stdio.h>

#include "cli/commands.h"
#include "cli/outage_text.h"
#include "cli/print.h"

static void print_head(const struct cli *cli)
{
	print_cell(SAY(cli, "ID", "ID"), -4);
	print_cell(SAY(cli, "BEGAN", "BẮT ĐẦU"), 19);
	print_cell(SAY(cli, "ENDED", "KẾT THÚC"), 19);
	print_cell(SAY(cli, "PART", "BỘ PHẬN"), 16);
	puts(SAY(cli, "CAUSE", "NGUYÊN NHÂN"));
}

static void print_row(const struct cli *cli, const void *item)
{
	const struct outage_row *row = item;
	const struct outage_kind *kind = outage_kind(row->cause);
	CLEANUP(bytes_done) struct bytes notes;
	char begun[CLOCK_TEXT_MAX], ended[CLOCK_TEXT_MAX];
	time_text(row->begun_at, begun);
	time_text(row->ended_at, ended);
	print_cell_int(row->id, 4);
	print_cell(begun, 19);
	print_cell(row->ended_at ? ended : SAY(cli, "goes on", "chưa hết"), 19);
	print_cell(row->part, 16);
	printf("%s: %s\n", SAY(cli, kind->en, kind->vi), row->last_text);
	bytes_init(&notes, PRINT_JSON_MAX);
	outage_text_notes(cli, row, "     ", &notes);
	if (notes.len)
		fwrite(notes.data, 1, notes.len, stdout);
}

static void write_notes(const struct outage_row *row, struct bytes *out)
{
	char day[CLOCK_TEXT_MAX];
	json_key(out, "notes");
	bytes_char(out, '[');
	for (size_t i = 0; i < row->note_count; i++) {
		json_item(out);
		bytes_char(out, '{');
		json_member(out, "kind", outage_said_kind(row->notes[i].said)->word);
		clock_format_day(row->notes[i].said_on, day);
		json_member(out, "said_on", day);
		json_time(out, "noted_at", row->notes[i].noted_at);
		json_member(out, "text", row->notes[i].text);
		bytes_char(out, '}');
	}
	bytes_char(out, ']');
}

static void write_row(const void *item, struct bytes *out)
{
	const struct outage_row *row = item;
	bytes_char(out, '{');
	json_id(out, "id", row->id);
	json_member(out, "part", row->part);
	json_member(out, "cause", outage_kind(row->cause)->word);
	json_member(out, "rule", outage_kind(row->cause)->rule);
	json_member_flag(out, "is_own_fault", outage_kind(row->cause)->is_own);
	json_time(out, "begun_at", row->begun_at);
	json_time(out, "ended_at", row->ended_at);
	json_time(out, "deadline", row->deadline);
	json_member_int(out, "failures", row->failures);
	json_member_int(out, "status", row->status);
	json_member(out, "first", row->first_text);
	json_member(out, "last", row->last_text);
	write_notes(row, out);
	bytes_char(out, '}');
}

int outage_list_run(struct cli *cli, struct fault *fault)
{
	static const struct list list = {"outages", sizeof(struct outage_row), print_head, print_row, write_row,
		"There was no outage.\n", "Chưa có lần gián đoạn nào.\n"};
	CLEANUP(store_closep) struct store *store = NULL;
	struct outage_row *rows = NULL;
	size_t count = 0;
	int64_t limit;
	if (cli_limit(cli, &limit))
		return CLI_USAGE;
	int result = cli_open_store(cli, &store, fault);
	if (result == 0)
		result = store_outage_list(store, limit, cli->arena, &rows, &count, fault);
	return result ? result : print_list(cli, &list, rows, count, limit, fault);
}
