#include <stdio.h>
#include <string.h>

#include "cli/commands.h"
#include "cli/daemon.h"
#include "cli/outage_text.h"
#include "cli/print.h"

#define BODY_MAX 65536

/* The one thing that is noted, and its kind; SAID_NOTHING when it is none or several. */
static enum outage_said find_said(const struct cli *cli, const char **ret_text)
{
	enum outage_said said = SAID_NOTHING;
	int count = 0;
	for (int i = SAID_NOTHING + 1; i < OUTAGE_SAID_COUNT; i++) {
		const char *text = i == SAID_WORDS ? cli->words[1] : cli_value(cli, outage_said_kind(i)->word);
		if (!text)
			continue;
		said = (enum outage_said)i;
		*ret_text = text;
		count++;
	}
	return count == 1 ? said : SAID_NOTHING;
}

static int write_body(struct cli *cli, struct bytes *out, struct fault *fault)
{
	const char *text = NULL;
	enum outage_said said = find_said(cli, &text);
	char day_iso[CLOCK_TEXT_MAX];
	int32_t day;
	if (said == SAID_NOTHING)
		return cli_usage(cli, "give one of TEXT, --ticket, --announcement and --back",
			"cần đúng một trong: TEXT, --ticket, --announcement, --back");
	if (outage_said_kind(said)->is_official && !cli_value(cli, "at"))
		return cli_usage(cli, "--at names the day of the announcement", "--at cho biết ngày thông báo");
	if (cli_day(cli, clock_day(clock_now_ms(&cli->clock)), &day))
		return CLI_USAGE;
	clock_format_day(day, day_iso);
	bytes_char(out, '{');
	json_member(out, "kind", outage_said_kind(said)->word);
	json_member(out, "said_on", day_iso);
	json_member(out, "text", text);
	bytes_char(out, '}');
	return bytes_check(out, "the note", fault);
}

static int hand_in(struct cli *cli, int64_t id, const struct bytes *body, struct answer *ret, struct fault *fault)
{
	char path[64];
	snprintf(path, sizeof(path), "/api/v1/outages/%lld/notes", (long long)id);
	int result = daemon_call(cli, "POST", path, body, ret, fault);
	if (result)
		return result;
	return ret->status / 100 == 2 ? 0 : answer_refused(cli, ret, CLI_FAILURE, fault);
}

int outage_note_run(struct cli *cli, struct fault *fault)
{
	CLEANUP(store_closep) struct store *store = NULL;
	CLEANUP(bytes_done) struct bytes body;
	CLEANUP(answer_done) struct answer answer = {0};
	struct outage_row row = {0};
	int64_t deadline;
	bytes_init(&body, BODY_MAX);
	int result = write_body(cli, &body, fault);
	if (result == 0)
		result = cli_open_store(cli, &store, fault);
	if (result == 0)
		result = outage_text_find(cli, store, &row, fault);
	if (result == 0)
		result = hand_in(cli, row.id, &body, &answer, fault);
	if (result)
		return result;
	if (cli->is_json)
		return answer_print_json(&answer, fault);
	printf(SAY(cli, "Noted on outage %lld, and in the ledger.\n",
		       "Đã ghi vào hồ sơ lần gián đoạn %lld và sổ đối soát.\n"),
		(long long)row.id);
	const char *text = answer_text(&answer, "deadline");
	char until[CLOCK_TEXT_MAX];
	if (clock_parse(text, strlen(text), &deadline) == 0) {
		time_text(deadline, until);
		printf(SAY(cli, "What it delayed is to be sent until %s.\n", "Hạn gửi những gì bị chậm: %s.\n"), until);
	}
	return CLI_OK;
}
