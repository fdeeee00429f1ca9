#include "core/slot.h"

struct slot *slot_new(void)
{
	struct slot *slot = calloc(1, sizeof(*slot));
	if (!slot)
		return NULL;
	slot->arena = arena_new(SLOT_ARENA_MAX);
	if (!slot->arena) {
		free(slot);
		return NULL;
	}
	bytes_init(&slot->xml, SLOT_XML_MAX);
	return slot;
}

void slot_free(struct slot *slot)
{
	if (!slot)
		return;
	bytes_done(&slot->xml);
	arena_free(slot->arena);
	free(slot);
}
