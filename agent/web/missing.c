#include <stdlib.h>
#include <string.h>

#include "base/json_write.h"
#include "store/days.h"
#include "web/body.h"

#define REASON_MAX 500 /* code points */

static bool read_kind(const char *word, enum missing_kind *ret)
{
	for (int i = 0; word && i < MISSING_KIND_COUNT; i++)
		if (missing_is_judged(i) && strcmp(missing_word(i), word) == 0) {
			*ret = (enum missing_kind)i;
			return true;
		}
	return false;
}

/* An item as `hoadon sale missing --json` gives it; false when the body is none. */
static bool read_item(const struct request *request, struct arena *arena, struct missing *ret, const char **ret_reason)
{
	CLEANUP(body_freep) struct cJSON *body = body_read(request);
	const char *from = body_text(body, "from_ms", arena), *count = body_text(body, "count", arena);
	*ret = (struct missing){.till_id = body_text(body, "till_id", arena),
		.first = body_text(body, "first", arena),
		.last = body_text(body, "last", arena),
		.from = from ? strtoll(from, NULL, 10) : 0,
		.count = count ? strtoll(count, NULL, 10) : 0};
	*ret_reason = body_long_text(body, "reason", REASON_MAX, arena);
	return read_kind(body_text(body, "kind", arena), &ret->kind) && ret->till_id && count;
}

static int keep(struct store *store, int32_t day, const struct missing *row, const char *reason, struct fault *fault)
{
	int result = store_begin(store, fault);
	return result ? result : store_end(store, store_day_settle(store, day, row, reason, fault), fault);
}

int web_settle_missing(struct request *request, const char *rest, struct fault *fault)
{
	CLEANUP(arena_freep) struct arena *arena = arena_new(1 << 20);
	struct missing row;
	const char *reason;
	char item[MISSING_ITEM_LEN + 1];
	int32_t day;
	if (!arena)
		return FAULT(fault, FAULT_MEMORY, "no memory for a reason");
	bool is_item = clock_parse_day(rest, strlen(rest), &day) == 0 && read_item(request, arena, &row, &reason);
	if (!is_item || !reason) {
		api_refuse(request, is_item ? PROBLEM_REASON_REQUIRED : PROBLEM_NOT_FOUND);
		return 0;
	}
	int result = keep(request->web->settings->store, day, &row, reason, fault);
	if (result)
		return result;
	bytes_char(&request->answer, '{');
	json_member(&request->answer, "item", missing_item(&row, day, item));
	bytes_char(&request->answer, '}');
	request->status = 201;
	request->type = HEADER_JSON;
	return 0;
}
