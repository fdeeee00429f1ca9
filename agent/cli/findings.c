#include "cli/findings.h"

#include <stdio.h>
#include <string.h>

#include "cli/print.h"

#define LEVEL_WIDTH 12

static const struct {
	const char *word, *en, *vi;
} levels[] = {
#define X(name, word, en, vi) [FINDING_##name] = {word, en, vi},
	FINDING_LEVELS(X)
#undef X
};

const char *finding_word(enum finding_level level)
{
	return levels[level].word;
}

void findings_add(struct findings *findings, const struct finding *finding)
{
	if (findings->count < FINDINGS_MAX)
		findings->rows[findings->count++] = *finding;
}

enum finding_level findings_worst(const struct findings *findings, const char *check)
{
	enum finding_level worst = FINDING_OK;
	for (size_t i = 0; i < findings->count; i++)
		if (findings->rows[i].level > worst && (!check || strcmp(findings->rows[i].check, check) == 0))
			worst = findings->rows[i].level;
	return worst;
}

size_t findings_count(const struct findings *findings, enum finding_level level)
{
	size_t count = 0;
	for (size_t i = 0; i < findings->count; i++)
		count += findings->rows[i].level == level;
	return count;
}

static void print_remedy(const struct finding *row)
{
	/* Some sentences name their command already. */
	bool is_named = !row->command || strstr(row->remedy, row->command);
	printf("  > %s%s%s\n", row->remedy, is_named ? "" : ": ", is_named ? "" : row->command);
}

void findings_print(const struct cli *cli, const struct findings *findings)
{
	for (size_t i = 0; i < findings->count; i++) {
		const struct finding *row = &findings->rows[i];
		print_cell(SAY(cli, levels[row->level].en, levels[row->level].vi), LEVEL_WIDTH);
		printf("%s: %s\n", row->title, row->text);
		if (row->remedy)
			print_remedy(row);
	}
}

void findings_write(const struct findings *findings, const char *key, struct bytes *out)
{
	json_key(out, key);
	bytes_char(out, '[');
	for (size_t i = 0; i < findings->count; i++) {
		const struct finding *row = &findings->rows[i];
		json_item(out);
		bytes_char(out, '{');
		json_member(out, "check", row->check);
		json_member(out, "level", finding_word(row->level));
		json_member(out, "found", row->text);
		json_member(out, "remedy", row->remedy);
		json_member(out, "command", row->command);
		bytes_char(out, '}');
	}
	bytes_char(out, ']');
}
