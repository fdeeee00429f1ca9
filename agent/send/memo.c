#include "send/memo.h"

#include <inttypes.h>
#include <string.h>

#define MEMO_KEY       "send"
#define MEMO_BYTES_MAX 16384

/* The next decimal number of @text, which moves on; false at ";" and at the end. */
static bool next_number(const char **text, int64_t *ret)
{
	char *end;
	int64_t value = strtoimax(*text, &end, 10);

	if (end == *text)
		return false;
	*text = end;
	*ret = value;
	return true;
}

/* "; refused member …"; @text moves on only behind a whole one. */
static bool read_family(const char **text, struct memo *memo)
{
	struct memo_family family = {0};
	const char *at = *text;
	int64_t id;

	if (*at++ != ';' || !next_number(&at, &family.refused) || memo->family_count == MEMO_FAMILY_MAX)
		return false;
	while (next_number(&at, &id))
		if (family.count < MEMO_MEMBERS_MAX)
			family.members[family.count++] = id;
	memo->families[memo->family_count++] = family;
	*text = at;
	return true;
}

int memo_load(struct store *store, struct memo *ret, struct fault *fault)
{
	BYTES_CLEANUP struct bytes stored;
	const char *text;
	int64_t id;
	int result;

	bytes_init(&stored, MEMO_BYTES_MAX);
	memset(ret, 0, sizeof(*ret));
	result = store_meta_get(store, MEMO_KEY, &stored, fault);
	if (result)
		return result < 0 ? result : 0;
	text = stored.data ? (const char *)stored.data : "";
	if (!next_number(&text, &ret->paused_until) || !next_number(&text, &ret->alone))
		return FAULT(fault, FAULT_FORMAT, "the sender's memo in the store is broken");
	while (next_number(&text, &id))
		memo_halve_add(ret, id);
	while (read_family(&text, ret))
		;
	return *text ? FAULT(fault, FAULT_FORMAT, "the sender's memo in the store is broken") : 0;
}

int memo_save(struct store *store, const struct memo *memo, struct fault *fault)
{
	BYTES_CLEANUP struct bytes text;
	int result;

	bytes_init(&text, MEMO_BYTES_MAX);
	bytes_printf(&text, "%" PRId64 " %" PRId64, memo->paused_until, memo->alone);
	for (size_t i = 0; i < memo->halve_count; i++)
		bytes_printf(&text, " %" PRId64, memo->halve[i]);
	for (size_t i = 0; i < memo->family_count; i++) {
		const struct memo_family *family = &memo->families[i];

		bytes_printf(&text, ";%" PRId64, family->refused);
		for (size_t j = 0; j < family->count; j++)
			bytes_printf(&text, " %" PRId64, family->members[j]);
	}
	result = bytes_check(&text, "the sender's memo", fault);
	return result ? result : store_meta_put(store, MEMO_KEY, text.data, text.len, fault);
}

void memo_halve_add(struct memo *memo, int64_t id)
{
	if (memo->halve_count < MEMO_HALVE_MAX)
		memo->halve[memo->halve_count++] = id;
}

void memo_halve_drop(struct memo *memo)
{
	if (!memo->halve_count)
		return;
	memo->halve_count--;
	memmove(memo->halve, memo->halve + 1, memo->halve_count * sizeof(memo->halve[0]));
}

struct memo_family *memo_family_find(struct memo *memo, int64_t id)
{
	for (size_t i = 0; i < memo->family_count; i++)
		for (size_t j = 0; j < memo->families[i].count; j++)
			if (memo->families[i].members[j] == id)
				return &memo->families[i];
	return NULL;
}

struct memo_family *memo_family_add(struct memo *memo, int64_t id)
{
	struct memo_family *family;

	if (memo->family_count == MEMO_FAMILY_MAX)
		return NULL;
	family = &memo->families[memo->family_count++];
	*family = (struct memo_family){.members = {id}, .count = 1};
	return family;
}

void memo_family_replace(struct memo *memo, int64_t id, int64_t first, int64_t second)
{
	struct memo_family *family = memo_family_find(memo, id);

	if (!family)
		return;
	for (size_t i = 0; i < family->count; i++)
		if (family->members[i] == id)
			family->members[i] = family->members[--family->count];
	if (first && family->count < MEMO_MEMBERS_MAX)
		family->members[family->count++] = first;
	if (second && family->count < MEMO_MEMBERS_MAX)
		family->members[family->count++] = second;
}

void memo_family_hold(struct memo_family *family, int64_t id)
{
	for (size_t i = 0; i < family->count; i++)
		if (family->members[i] == id)
			family->members[i] = -id;
}

bool memo_family_is_over(const struct memo_family *family)
{
	for (size_t i = 0; i < family->count; i++)
		if (family->members[i] > 0)
			return false;
	return true;
}

void memo_family_drop(struct memo *memo, struct memo_family *family)
{
	*family = memo->families[--memo->family_count];
}
