#include "life.h"

#include <string.h>

#include "base/digest.h"
#include "base/log.h"
#include "store/days.h"
#include "store/ledger.h"

#define META_RUNNING "running"
#define META_CONFIG  "config"

static int append_empty(struct store *store, enum ledger_event event, struct fault *fault)
{
	struct ledger_payload payload;
	ledger_payload_init(&payload);
	ledger_payload_text(&payload, "version", HOADON_VERSION);
	return ledger_append(store, event, &payload, NULL, fault);
}

static int append_crash(struct store *store, struct fault *fault)
{
	struct ledger_payload payload;
	int64_t alive = 0;
	int result = store_alive_get(store, &alive, fault);
	if (result < 0)
		return result;
	ledger_payload_init(&payload);
	ledger_payload_int(&payload, "alive_at", alive);
	ledger_payload_text(&payload, "version", HOADON_VERSION);
	return ledger_append(store, LEDGER_CRASH_FOUND, &payload, NULL, fault);
}

/* Every setting but secrets, as one digest: the ledger says that the configuration changed, not to what. */
static void digest_config(const struct option_set *options, uint8_t out[DIGEST_LEN])
{
	CLEANUP(digest_freep) struct digest *digest = digest_new();
	memset(out, 0, DIGEST_LEN);
	if (!digest)
		return;
	for (const struct option *option = config_table; option->section; option++) {
		if (option->type == OPTION_SECRET)
			continue;
		const char *name = "";
		for (size_t i = 0; name && (!option->is_named || (name = options_name(options, option->section, i)));
			i++) {
			const char *value = options_text(options, option->section, name, option->key);
			digest_add(digest, name, strlen(name) + 1);
			digest_add(digest, value ? value : "", value ? strlen(value) + 1 : 1);
			if (!option->is_named)
				break;
		}
	}
	digest_end(digest, out);
}

static int note_config(struct store *store, const struct option_set *options, struct fault *fault)
{
	CLEANUP(bytes_done) struct bytes before;
	bytes_init(&before, 256);
	uint8_t now[DIGEST_LEN];
	digest_config(options, now);
	int result = store_meta_get(store, META_CONFIG, &before, fault);
	if (result < 0)
		return result;
	if (result == 0 && before.len == DIGEST_LEN && digest_equal(before.data, now, DIGEST_LEN))
		return 0;
	struct ledger_payload payload;
	ledger_payload_init(&payload);
	ledger_payload_hex(&payload, "sha256", now, DIGEST_LEN);
	result = ledger_append(store, LEDGER_CONFIG_CHANGE, &payload, NULL, fault);
	return result ? result : store_meta_put(store, META_CONFIG, now, DIGEST_LEN, fault);
}

/* A copy begins to differ from its original with the first number it takes, so it is noticed before that (law R-CODE-5). */
static int check_machine(struct store *store, const struct machine *machine, struct fault *fault)
{
	struct hold hold;
	bool is_same = true;
	int result = store_hold_get(store, &hold, fault);
	if (result == 0 && hold.kind <= HOLD_MACHINE)
		result = store_machine_check(store, machine, &is_same, fault);
	if (result == 0 && !is_same)
		result = store_hold_put(store, HOLD_MACHINE, "another machine or disk than before", fault);
	else if (result == 0 && hold.kind == HOLD_MACHINE)
		result = store_hold_end(store, fault);
	if (result == 0)
		result = store_hold_get(store, &hold, fault);
	if (result == 0 && hold.kind != HOLD_NONE)
		log_event(LOG_LEVEL_WARNING, "numbering-held", "why=%s hint=\"hoadon status\"", hold_word(hold.kind));
	return result;
}

static int write_start(
	struct store *store, const struct option_set *options, const struct machine *machine, struct fault *fault)
{
	CLEANUP(bytes_done) struct bytes running;
	bytes_init(&running, 16);
	int result = store_meta_get(store, META_RUNNING, &running, fault);
	if (result == 0 && running.len && running.data[0] == '1') {
		log_event(LOG_LEVEL_WARNING, "crash-found", "store=%s", store_id(store));
		result = append_crash(store, fault);
	}
	if (result >= 0)
		result = append_empty(store, LEDGER_START, fault);
	if (result == 0)
		result = note_config(store, options, fault);
	if (result == 0)
		result = check_machine(store, machine, fault);
	return result ? result : store_meta_put(store, META_RUNNING, "1", 1, fault);
}

int life_start(
	struct store *store, const struct option_set *options, const struct machine *machine, struct fault *fault)
{
	struct ledger_finding finding;
	int result = ledger_check_tail(store, &finding, fault);
	if (result == 1)
		return FAULT(fault, FAULT_FORMAT,
			"the ledger is broken at record %lld: %s; keep the store as it is and call support",
			(long long)finding.seq, finding.text);
	if (result < 0 || store_begin(store, fault) < 0)
		return fault && fault->code ? fault->code : FAULT_STORE;
	return store_end(store, write_start(store, options, machine, fault), fault);
}

int life_stop(struct store *store, struct fault *fault)
{
	if (store_begin(store, fault) < 0)
		return FAULT_STORE;
	int result = append_empty(store, LEDGER_STOP, fault);
	if (result == 0)
		result = store_meta_put(store, META_RUNNING, "0", 1, fault);
	return store_end(store, result, fault);
}
