/* law_text: packs of law in words, and what one changes. */
#ifndef HOADON_CLI_LAW_TEXT_H
#define HOADON_CLI_LAW_TEXT_H

#include "base/bytes.h"
#include "cli/cli.h"
#include "core/law.h"

#define LAW_DAY_MAX CLOCK_TEXT_MAX

/** law_text_book() - the packs of @store in the arena. 0 or < 0. */
int law_text_book(struct cli *cli, struct store *store, struct law_book *ret, struct fault *fault) MUST_CHECK;
/** law_text_day() - "31/12/2026" for people, "2026-12-31" in JSON. */
const char *law_text_day(const struct cli *cli, int32_t day, char out[LAW_DAY_MAX]);
/** law_text_changes() - each row that only one of both packs has, printed, or with --json as items of an array in @out. Return: how many. */
int law_text_changes(const struct cli *cli, const struct law *before, const struct law *after, struct bytes *out);
/** law_text_classes() - the rate of each class of @after on @day, beside that of @before where it differs; as law_text_changes(). */
void law_text_classes(
	const struct cli *cli, const struct law *before, const struct law *after, int32_t day, struct bytes *out);
/** law_text_profile() - the version of the data format for invoices issued on @day as this shop is set, beside that of @before where the law changes it; with --json as members of @out. */
void law_text_profile(
	const struct cli *cli, const struct law *before, const struct law *after, int32_t day, struct bytes *out);

#endif
