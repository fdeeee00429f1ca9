#include <stdlib.h>
#include <string.h>

#include "base/json_write.h"
#include "core/law.h"
#include "store/outages.h"
#include "store/time.h"
#include "web/body.h"

#define TEXT_MAX 2000 /* code points of a note */

/* What the body says; false when it is no note, or of a day that cannot be. */
static bool read_note(
	const struct request *request, const struct outage_row *outage, struct arena *arena, struct outage_note *ret)
{
	CLEANUP(body_freep) struct cJSON *body = body_read(request);
	const char *kind = body_text(body, "kind", arena);
	const char *day = body_text(body, "said_on", arena);
	ret->said = kind ? outage_said_find(kind) : SAID_NOTHING;
	ret->text = body_long_text(body, "text", TEXT_MAX, arena);
	ret->noted_at = store_time_now(request->web->settings->store, NULL);
	return ret->said != SAID_NOTHING && ret->text && day && !clock_parse_day(day, strlen(day), &ret->said_on) &&
	       ret->said_on <= clock_day(ret->noted_at) &&
	       (ret->said != SAID_BACK || ret->said_on >= clock_day(outage->begun_at));
}

static int keep(struct request *request, struct outage_row *outage, const struct outage_note *note, struct fault *fault)
{
	struct store *store = request->web->settings->store;
	const struct law_book *law = request->web->settings->config->seller.law;
	int64_t deadline =
		note->said == SAID_BACK ? outage_deadline(outage->cause, true, law, clock_day_ms(note->said_on)) : 0;
	int result = store_begin(store, fault);
	if (result)
		return result;
	outage->deadline = deadline ? deadline : outage->deadline;
	return store_end(store, store_outage_note(store, outage, note, deadline, fault), fault);
}

static void write_answer(const struct outage_row *outage, struct bytes *out)
{
	char deadline[CLOCK_TEXT_MAX];
	clock_format_local(outage->deadline, deadline);
	bytes_char(out, '{');
	json_member(out, "deadline", outage->deadline ? deadline : NULL);
	bytes_char(out, '}');
}

int web_note_outage(struct request *request, const char *rest, struct fault *fault)
{
	CLEANUP(arena_freep) struct arena *arena = arena_new(1 << 20);
	struct outage_row outage;
	struct outage_note note;
	char *verb;
	int64_t id = strtoll(rest, &verb, 10);
	if (!arena)
		return FAULT(fault, FAULT_MEMORY, "no memory for a note");
	int result = strcmp(verb, "/notes")
			     ? STORE_NONE
			     : store_outage_get(request->web->settings->store, id, arena, &outage, fault);
	if (result == STORE_NONE)
		api_refuse(request, PROBLEM_NOT_FOUND);
	if (result)
		return result < 0 ? result : 0;
	if (!read_note(request, &outage, arena, &note)) {
		api_refuse(request, PROBLEM_OUTAGE_NOTE);
		return 0;
	}
	result = keep(request, &outage, &note, fault);
	if (result)
		return result;
	write_answer(&outage, &request->answer);
	request->status = 201;
	request->type = HEADER_JSON;
	return 0;
}
