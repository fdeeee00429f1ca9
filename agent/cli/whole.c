#include "cli/whole.h"

#include <stdio.h>
#include <unistd.h>

#include "send/pack.h"

#define MESSAGE_ARENA ((size_t)32 << 20)
#define SAY_EVERY     1000

void whole_progress(void *context, const char *what, int64_t done)
{
	(void)context;
	fprintf(stderr, "\r%s %lld\033[K", what, (long long)done);
}

void whole_clear(void)
{
	if (isatty(STDERR_FILENO))
		fputs("\r\033[K", stderr);
}

static int check_message(struct store *store, int64_t *id, struct fsck_watch *watch, struct fault *fault)
{
	CLEANUP(arena_freep) struct arena *arena = arena_new(MESSAGE_ARENA);
	BYTES_CLEANUP struct bytes bytes = {0};
	struct fault why = {0};
	struct message_row row;
	if (!arena)
		return FAULT(fault, FAULT_MEMORY, "no memory for a message");
	int result = store_message_after(store, *id, arena, &row, &why);
	if (result == 0) {
		*id = row.id;
		result = pack_rebuild(store, &row, &bytes, &why);
		if (result > 0)
			result = FAULT_FORMAT;
	} else if (result == FAULT_FORMAT) {
		*id += 1; /* its head does not unpack; the next one may */
	}
	if (result == FAULT_FORMAT)
		fsck_found(watch, FSCK_MESSAGE, *id, "message %lld: %s", (long long)*id, why.text);
	return result == FAULT_FORMAT ? 0 : result < 0 ? FAULT(fault, result, "%s", why.text) : result;
}

int whole_check(struct store *store, struct fsck_watch *watch, struct fault *fault)
{
	int64_t id = 0;
	int result = fsck_store(store, watch, fault);
	for (int64_t done = 1; result == 0; done++) {
		result = check_message(store, &id, watch, fault);
		if (watch->progress && done % SAY_EVERY == 0)
			watch->progress(watch->context, "message", done);
	}
	return result < 0 ? result : 0;
}
