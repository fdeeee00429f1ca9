#include "cli/outage_text.h"

#include "cli/print.h"

int outage_text_find(struct cli *cli, struct store *store, struct outage_row *ret, struct fault *fault)
{
	int64_t id;
	if (cli_number(cli->words[0], &id))
		return cli_usage(cli, "ID is a number of hoadon outage list", "ID là số trong hoadon outage list");
	int result = store_outage_get(store, id, cli->arena, ret, fault);
	if (result == STORE_NONE)
		return cli_fail(cli, CLI_FAILURE,
			SAY(cli, "there is no outage %lld; see hoadon outage list",
				"không có lần gián đoạn %lld; xem hoadon outage list"),
			(long long)id);
	return result;
}

void outage_text_notes(const struct cli *cli, const struct outage_row *row, const char *indent, struct bytes *out)
{
	for (size_t i = 0; i < row->note_count; i++) {
		const struct outage_note *note = &row->notes[i];
		const struct outage_said_kind *kind = outage_said_kind(note->said);
		char day[CLOCK_TEXT_MAX];
		day_text(note->said_on, day);
		bytes_printf(out, "%s%s %s: %s\n", indent, day, SAY(cli, kind->en, kind->vi), note->text);
	}
}
