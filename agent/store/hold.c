#include "store/hold.h"

#include <stdio.h>
#include <string.h>

#include "base/digest.h"
#include "store/ledger.h"
#include "store/run.h"

#define META_HOLD    "hold"
#define META_MACHINE "machine"
#define HOLD_MAX     512

const char *hold_word(enum hold_kind kind)
{
	static const char *const words[] = {
#define X(name, word) [HOLD_##name] = word,
		HOLD_KINDS(X)
#undef X
	};

	return (unsigned int)kind < HOLD_KIND_COUNT ? words[kind] : "";
}

/* ---- hold: "word LF detail" ---- */

static enum hold_kind find_kind(const char *word, size_t len)
{
	for (int i = HOLD_NONE; i < HOLD_KIND_COUNT; i++)
		if (strlen(hold_word(i)) == len && memcmp(hold_word(i), word, len) == 0)
			return (enum hold_kind)i;
	return HOLD_BEHIND;
}

int store_hold_get(struct store *store, struct hold *ret, struct fault *fault)
{
	CLEANUP(bytes_done) struct bytes value = {.max = HOLD_MAX};
	int result = store_meta_get(store, META_HOLD, &value, fault);
	const char *text = value.data ? (const char *)value.data : "";
	size_t len = strcspn(text, "\n");

	if (result < 0)
		return result;
	*ret = (struct hold){.kind = result == STORE_NONE ? HOLD_NONE : find_kind(text, len)};
	snprintf(ret->detail, sizeof(ret->detail), "%s", text[len] ? text + len + 1 : "");
	return 0;
}

static int put_hold(struct store *store, enum hold_kind kind, const char *detail, struct fault *fault)
{
	char value[HOLD_MAX];
	int len = snprintf(value, sizeof(value), "%s\n%.*s", hold_word(kind), HOLD_DETAIL_MAX - 1, detail);

	return store_meta_put(store, META_HOLD, value, (size_t)len, fault);
}

static int record_hold(struct store *store, enum hold_kind kind, const char *detail, struct fault *fault)
{
	struct ledger_payload payload;

	ledger_payload_init(&payload);
	ledger_payload_text(&payload, "detail", detail);
	ledger_payload_text(&payload, "why", hold_word(kind));
	return ledger_append(store, LEDGER_HOLD, &payload, NULL, fault);
}

int store_hold_put(struct store *store, enum hold_kind kind, const char *detail, struct fault *fault)
{
	struct hold before;
	int result = store_hold_get(store, &before, fault);

	if (result || before.kind >= kind)
		return result;
	result = put_hold(store, kind, detail, fault);
	return result ? result : record_hold(store, kind, detail, fault);
}

int store_hold_end(struct store *store, struct fault *fault)
{
	struct hold before;
	int result = store_hold_get(store, &before, fault);

	if (result || before.kind == HOLD_NONE)
		return result;
	result = put_hold(store, HOLD_NONE, "", fault);
	return result ? result : record_hold(store, HOLD_NONE, "", fault);
}

/* ---- machine ---- */

struct binding {
	uint8_t facts[MACHINE_FACT_COUNT][DIGEST_LEN]; /* zeros = not known */
};

static bool is_known(const uint8_t fact[DIGEST_LEN])
{
	static const uint8_t zeros[DIGEST_LEN];

	return memcmp(fact, zeros, DIGEST_LEN) != 0;
}

static void make_binding(const struct store *store, const struct machine *machine, struct binding *ret)
{
	char text[MACHINE_TEXT_MAX + 32];

	memset(ret, 0, sizeof(*ret));
	for (int i = 0; i < MACHINE_FACT_COUNT; i++) {
		int len = snprintf(text, sizeof(text), "machine/%s/%s", machine_word(i), machine->facts[i]);

		if (machine->facts[i][0])
			digest_hmac(store->secret, sizeof(store->secret), text, (size_t)len, ret->facts[i]);
	}
}

static bool differs(const struct binding *a, const struct binding *b, int fact)
{
	return is_known(a->facts[fact]) && is_known(b->facts[fact]) &&
	       memcmp(a->facts[fact], b->facts[fact], DIGEST_LEN) != 0;
}

/* The rule that store_machine_check() states. */
static bool is_same_machine(const struct binding *bound, const struct binding *now)
{
	int known = 0;
	int same = 0;

	for (int i = 0; i < MACHINE_FACT_COUNT; i++) {
		known += is_known(bound->facts[i]);
		same += is_known(bound->facts[i]) && memcmp(bound->facts[i], now->facts[i], DIGEST_LEN) == 0;
	}
	return !differs(bound, now, MACHINE_DISK) && same >= (known < 2 ? known : 2);
}

/* What cannot be told now keeps what was known of it. */
static bool take_over(struct binding *bound, const struct binding *now)
{
	bool is_changed = false;

	for (int i = 0; i < MACHINE_FACT_COUNT; i++) {
		if (!is_known(now->facts[i]) || memcmp(bound->facts[i], now->facts[i], DIGEST_LEN) == 0)
			continue;
		memcpy(bound->facts[i], now->facts[i], DIGEST_LEN);
		is_changed = true;
	}
	return is_changed;
}

static int put_binding(struct store *store, const struct binding *binding, struct fault *fault)
{
	char known[64] = "";
	struct ledger_payload payload;
	int result = store_meta_put(store, META_MACHINE, binding, sizeof(*binding), fault);

	for (int i = 0; i < MACHINE_FACT_COUNT; i++)
		if (is_known(binding->facts[i]))
			snprintf(known + strlen(known), sizeof(known) - strlen(known), "%s%s", known[0] ? "," : "",
				machine_word(i));
	if (result)
		return result;
	ledger_payload_init(&payload);
	ledger_payload_text(&payload, "known", known);
	return ledger_append(store, LEDGER_MACHINE, &payload, NULL, fault);
}

static int get_binding(struct store *store, struct binding *ret, struct fault *fault)
{
	CLEANUP(bytes_done) struct bytes value = {.max = HOLD_MAX};
	int result = store_meta_get(store, META_MACHINE, &value, fault);

	memset(ret, 0, sizeof(*ret));
	if (result == 0 && value.len == sizeof(*ret))
		memcpy(ret, value.data, sizeof(*ret));
	return result < 0 ? result : 0;
}

int store_machine_check(struct store *store, const struct machine *machine, bool *ret_is_same, struct fault *fault)
{
	struct binding bound;
	struct binding now;
	int result = get_binding(store, &bound, fault);

	make_binding(store, machine, &now);
	if (result)
		return result;
	*ret_is_same = is_same_machine(&bound, &now);
	return *ret_is_same && take_over(&bound, &now) ? put_binding(store, &bound, fault) : 0;
}

int store_machine_is_same(struct store *store, const struct machine *machine, bool *ret_is_same, struct fault *fault)
{
	struct binding bound;
	struct binding now;
	int result = get_binding(store, &bound, fault);

	make_binding(store, machine, &now);
	if (!result)
		*ret_is_same = is_same_machine(&bound, &now);
	return result;
}

int store_machine_bind(struct store *store, const struct machine *machine, struct fault *fault)
{
	struct binding now;

	make_binding(store, machine, &now);
	return put_binding(store, &now, fault);
}
