#include "capture/ticket.h"

#include <string.h>

#include "base/cleanup.h"
#include "capture/letters.h"

#define SALE_ARENA_MAX ((size_t)64 << 20)

static int set_names(const struct sale *sale, struct arena *arena, struct missing_ticket *ticket)
{
	const char **names = ARENA_ARRAY(arena, const char *, sale->line_count + 1);

	if (!names)
		return FAULT_MEMORY;
	for (size_t i = 0; i < sale->line_count; i++) {
		names[i] = page_key(arena, sale->lines[i].name);
		if (!names[i])
			return FAULT_MEMORY;
	}
	ticket->names = names;
	ticket->name_count = sale->line_count;
	return 0;
}

int ticket_read(const struct dialect_ops *dialect, const void *bytes, size_t len, struct arena *arena,
	struct missing_ticket *ret)
{
	CLEANUP(arena_freep) struct arena *own = arena_new(SALE_ARENA_MAX);
	void *state = own ? arena_alloc(own, dialect->state_size) : NULL;
	struct missing_ticket ticket = {0};
	struct problem problem = {0};
	struct sale sale = {0};

	if (!state)
		return FAULT_MEMORY;
	int fed = dialect->feed(state, bytes, len, len, &problem);
	int read = dialect->flush(state, own, &sale, &problem);
	if (fed < 0 || read < 0)
		return FAULT_MEMORY;
	if (fed || read)
		return 1;
	ticket.is_kitchen = sale.ext && strcmp(sale.ext, TICKET_KITCHEN) == 0;
	if (sale.order_ref && !(ticket.table = page_key(arena, sale.order_ref)))
		return FAULT_MEMORY;
	if (set_names(&sale, arena, &ticket) < 0)
		return FAULT_MEMORY;
	*ret = ticket;
	return 0;
}
