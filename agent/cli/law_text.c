#include "cli/law_text.h"

#include <stdio.h>
#include <string.h>

#include "cli/print.h"
#include "store/law.h"

int law_text_book(struct cli *cli, struct store *store, struct law_book *ret, struct fault *fault)
{
	*ret = (struct law_book){.calendar = NULL};
	return store_law_load(store, ret, cli->arena, fault);
}

const char *law_text_day(const struct cli *cli, int32_t day, char out[LAW_DAY_MAX])
{
	if (day == 0 || day == LAW_ALWAYS)
		strcpy(out, "…");
	else if (cli->is_json)
		clock_format_day(day, out);
	else
		day_text(day, out);
	return out;
}

/* ---- row @i of a pack in words; false behind the last ---- */

#define ROW_MAX (3 * LAW_TEXT_MAX + 64)

typedef bool row_fn(const struct cli *cli, const struct law *law, size_t i, char out[ROW_MAX]);

static bool rate_row(const struct cli *cli, const struct law *law, size_t i, char out[ROW_MAX])
{
	char from[LAW_DAY_MAX], to[LAW_DAY_MAX];
	if (i >= law->rate_count)
		return false;
	snprintf(out, ROW_MAX, "%s: %s – %s", vat_tag(law->rates[i].rate), law_text_day(cli, law->rates[i].from, from),
		law_text_day(cli, law->rates[i].to, to));
	return true;
}

/* All rates of the class, since their order counts. */
static bool class_row(const struct cli *cli, const struct law *law, size_t i, char out[ROW_MAX])
{
	(void)cli;
	if (i >= law->class_count)
		return false;
	int len = snprintf(out, ROW_MAX, "%s:", law->classes[i].item_class);
	for (size_t j = 0; j < law->class_count && len < ROW_MAX; j++)
		if (strcmp(law->classes[j].item_class, law->classes[i].item_class) == 0)
			len += snprintf(out + len, (size_t)(ROW_MAX - len), " %s", vat_tag(law->classes[j].rate));
	return true;
}

static bool holiday_row(const struct cli *cli, const struct law *law, size_t i, char out[ROW_MAX])
{
	char day[LAW_DAY_MAX];
	if (i >= law->calendar.count)
		return false;
	const struct holiday *row = &law->calendar.days[i];
	snprintf(out, ROW_MAX, "%s: %s", law_text_day(cli, row->day, day),
		row->is_work ? SAY(cli, "working day", "làm việc") : SAY(cli, "day off", "nghỉ"));
	return true;
}

static bool profile_row(const struct cli *cli, const struct law *law, size_t i, char out[ROW_MAX])
{
	(void)cli;
	if (i || !law->profile)
		return false;
	snprintf(out, ROW_MAX, "%s", law->profile);
	return true;
}

static bool text_row(const struct cli *cli, const struct law *law, size_t i, char out[ROW_MAX])
{
	(void)cli;
	if (i >= law->text_count)
		return false;
	snprintf(out, ROW_MAX, "%s: %s / %s", law->texts[i].code, law->texts[i].vi, law->texts[i].en);
	return true;
}

static const struct part {
	const char *word, *en, *vi;
	row_fn *row;
} parts[] = {
	{"rate", "rate", "thuế suất", rate_row},
	{"class", "class", "nhóm hàng", class_row},
	{"holiday", "calendar", "lịch nghỉ", holiday_row},
	{"profile", "data format", "phiên bản dữ liệu", profile_row},
	{"text", "text", "lời giải thích", text_row},
};

/* ---- changes ---- */

static bool has_row(const struct cli *cli, const struct law *law, row_fn *row, const char *wanted, size_t end)
{
	char text[ROW_MAX];
	for (size_t i = 0; i < end && row(cli, law, i, text); i++)
		if (strcmp(text, wanted) == 0)
			return true;
	return false;
}

static void tell_change(
	const struct cli *cli, const struct part *part, const char *text, bool is_added, struct bytes *out)
{
	if (!cli->is_json) {
		printf("%c %s %s\n", is_added ? '+' : '-', SAY(cli, part->en, part->vi), text);
		return;
	}
	json_item(out);
	bytes_char(out, '{');
	json_member(out, "kind", part->word);
	json_member(out, "change", is_added ? "added" : "removed");
	json_member(out, "text", text);
	bytes_char(out, '}');
}

/* The rows that @law has and @other lacks. */
static int tell_rows(const struct cli *cli, const struct part *part, const struct law *law, const struct law *other,
	bool is_added, struct bytes *out)
{
	char text[ROW_MAX];
	int count = 0;
	for (size_t i = 0; part->row(cli, law, i, text); i++) {
		if (has_row(cli, other, part->row, text, SIZE_MAX) || has_row(cli, law, part->row, text, i))
			continue;
		tell_change(cli, part, text, is_added, out);
		count++;
	}
	return count;
}

int law_text_changes(const struct cli *cli, const struct law *before, const struct law *after, struct bytes *out)
{
	int count = 0;
	for (size_t i = 0; i < ARRAY_LEN(parts); i++) {
		count += tell_rows(cli, &parts[i], before, after, false, out);
		count += tell_rows(cli, &parts[i], after, before, true, out);
	}
	return count;
}

/* ---- classes on a day ---- */

static const char *rate_on(const struct law *law, const char *item_class, int32_t day)
{
	enum vat_rate rate;
	return law_rate_of_class(law, item_class, day, &rate) == 0 ? vat_tag(rate) : NULL;
}

static void tell_class(
	const struct cli *cli, const char *item_class, const char *before, const char *after, struct bytes *out)
{
	bool is_same = before == after || (before && after && strcmp(before, after) == 0);
	const char *none = SAY(cli, "none", "không có");
	if (cli->is_json) {
		json_item(out);
		bytes_char(out, '{');
		json_member(out, "class", item_class);
		json_member(out, "rate", after);
		json_member(out, "before", before);
		bytes_char(out, '}');
		return;
	}
	printf("  %-12s %s", item_class, after ? after : none);
	if (!is_same)
		printf(SAY(cli, "   (now: %s)", "   (hiện nay: %s)"), before ? before : none);
	putchar('\n');
}

void law_text_classes(
	const struct cli *cli, const struct law *before, const struct law *after, int32_t day, struct bytes *out)
{
	char text[LAW_DAY_MAX];
	if (!cli->is_json)
		printf(SAY(cli, "Sales on %s:\n", "Bán ngày %s:\n"), law_text_day(cli, day, text));
	for (size_t i = 0; i < after->class_count; i++) {
		const char *item_class = after->classes[i].item_class;
		bool is_told = false;
		for (size_t j = 0; j < i; j++)
			is_told = is_told || strcmp(after->classes[j].item_class, item_class) == 0;
		if (!is_told)
			tell_class(cli, item_class, rate_on(before, item_class, day), rate_on(after, item_class, day),
				out);
	}
}

void law_text_profile(
	const struct cli *cli, const struct law *before, const struct law *after, int32_t day, struct bytes *out)
{
	const struct profile *fixed = cli->config.seller.profile;
	const char *profile = fixed ? fixed->pban : after->profile;
	char text[LAW_DAY_MAX];
	if (cli->is_json) {
		json_member(out, "profile", profile);
		json_member(out, "profile_of_law", after->profile);
		json_member(out, "profile_of_law_before", before->profile);
		return;
	}
	printf(SAY(cli, "Invoices issued on %s: data format %s", "Lập hóa đơn ngày %s: phiên bản dữ liệu %s"),
		law_text_day(cli, day, text), profile);
	if (fixed)
		printf(SAY(cli, "   (setting seller.profile; the law says %s)",
			       "   (theo tùy chọn seller.profile; gói luật: %s)"),
			after->profile);
	else if (strcmp(before->profile, after->profile) != 0)
		printf(SAY(cli, "   (now: %s)", "   (hiện nay: %s)"), before->profile);
	putchar('\n');
}
