#include "shop.h"

#define RECORDS 30 /* begin, 9 records, key, checkpoint over 11; 10 records, checkpoint over 21; 9 records */

struct tampering {
	const char *name;
	const char *sql;
	int64_t seq;	  /* the first bad record that has to be named */
	bool is_in_tail;  /* behind the last checkpoint, so that the check at start sees it too */
	const char *text; /* part of the finding */
};

static const struct tampering tamperings[] = {
	{"event", "UPDATE ledger SET event = 'sent' WHERE seq = 5", 5, false, "changed"},
	{"wall", "UPDATE ledger SET wall = wall + 1 WHERE seq = 6", 6, false, "changed"},
	{"mono", "UPDATE ledger SET mono = mono + 1 WHERE seq = 7", 7, false, "changed"},
	{"trust", "UPDATE ledger SET trust = 1 WHERE seq = 8", 8, false, "changed"},
	{"boot", "UPDATE boot SET boot = 'x'", 1, true, "changed"},
	{"hash", "UPDATE ledger SET hash = zeroblob(32) WHERE seq = 9", 9, false, "changed"},
	{"hash of another length", "UPDATE ledger SET hash = x'00' WHERE seq = 9", 9, false, "changed"},
	{"payload", "UPDATE ledger SET payload = CAST(x'00' || '{\"n\":99}' AS BLOB) WHERE seq = 5", 5, false,
		"changed"},
	{"payload that does not unpack", "UPDATE ledger SET payload = x'7f' WHERE seq = 5", 5, false, "unpack"},
	{"deleted in the middle", "DELETE FROM ledger WHERE seq = 12", 12, false, "missing"},
	{"deleted the first", "DELETE FROM ledger WHERE seq = 1", 1, false, "missing"},
	{"deleted at the end", "DELETE FROM ledger WHERE seq >= 29", 29, true, "missing"},
	{"swapped",
		"UPDATE ledger SET seq = -1 WHERE seq = 5; UPDATE ledger SET seq = 5 WHERE seq = 6; "
		"UPDATE ledger SET seq = 6 WHERE seq = -1",
		5, false, "changed"},
	{"inserted behind the end",
		"INSERT INTO ledger SELECT 31, event, wall, mono, boot, trust, payload, hash FROM ledger WHERE seq = "
		"30",
		31, true, "changed"},
	{"another seller", "UPDATE identity SET seller = '9900000023'", 1, true, "changed"},
	{"another store", "UPDATE identity SET store = '00000000000000000000000000000000'", 1, true, ""},
	{"another epoch", "UPDATE epoch SET epoch = 2", 1, true, "changed"},
	{"event in the tail", "UPDATE ledger SET event = 'sent' WHERE seq = 25", 25, true, "changed"},
	{"cut with its end", "DELETE FROM ledger WHERE seq > 15; UPDATE ledger_tip SET seq = 15, edge = zeroblob(128)",
		16, true, "missing"},
	{"head of the end", "UPDATE ledger_tip SET head = zeroblob(32)", 30, true, "head"},
	{"tree of the end", "UPDATE ledger_tip SET edge = zeroblob(128)", 30, true, "tree"},
	{"tree of another length", "UPDATE ledger_tip SET edge = zeroblob(96)", 30, true, "end"},
	{"sequence of the end", "UPDATE ledger_tip SET seq = 31, edge = zeroblob(160)", 31, true, "missing"},
	{"root of a checkpoint", "UPDATE checkpoint SET root = zeroblob(32) WHERE size = 11", 11, false, "root"},
	{"head of a checkpoint", "UPDATE checkpoint SET head = zeroblob(32) WHERE size = 11", 11, false, "head"},
	{"time of a checkpoint", "UPDATE checkpoint SET wall = wall + 1 WHERE size = 11", 11, false, "signature"},
	{"signature of a checkpoint", "UPDATE checkpoint SET sig = zeroblob(64) WHERE size = 11", 11, false,
		"signature"},
	{"signature of the last", "UPDATE checkpoint SET sig = zeroblob(64) WHERE size = 21", 21, true, "signature"},
	{"size of a checkpoint", "UPDATE checkpoint SET size = 12 WHERE size = 11", 12, false, "root"},
	{"checkpoint of what is to come", "UPDATE checkpoint SET size = 99 WHERE size = 21", 31, true, ""},
	{"key nobody announced", "UPDATE ledger_key SET spki = zeroblob(91)", 11, true, ""},
	{"key that is gone", "PRAGMA foreign_keys = OFF; DELETE FROM ledger_key", 11, true, "key"},
};

static void fill(struct shop *shop, int n)
{
	for (int i = 0; i < n; i++)
		shop_record(shop, i);
}

static void checkpoint(struct shop *shop, struct ecsign_key *key)
{
	shop_begin(shop);
	must(shop, ledger_checkpoint(shop->store, key, &shop->fault));
	shop_commit(shop);
}

static void make_ledger(struct shop *shop)
{
	struct ecsign_key *key = shop_key(shop, "key");

	fill(shop, 9);
	checkpoint(shop, key);
	fill(shop, 10);
	checkpoint(shop, key);
	fill(shop, 9);
	ecsign_free(key);
}

static void a_whole_ledger_is_found_whole(void **state)
{
	struct shop *shop = *state;
	struct ledger_finding finding = {0};
	struct ledger_summary summary = {0};
	struct ledger_head head;

	make_ledger(shop);
	must(shop, ledger_check(shop->store, &finding, &summary, NULL, &shop->fault));
	must(shop, ledger_check_tail(shop->store, &finding, &shop->fault));
	must(shop, ledger_head_get(shop->store, &head, &shop->fault));
	assert_int_equal(summary.records, RECORDS);
	assert_int_equal(summary.first_seq, 1);
	assert_int_equal(summary.last_seq, RECORDS);
	assert_int_equal(summary.checkpoints, 2);
	assert_true(summary.has_checkpoint);
	assert_string_equal(summary.store, store_id(shop->store));
	assert_string_equal(summary.tail, head.tail);
}

static void a_ledger_without_checkpoint_is_found_whole(void **state)
{
	struct shop *shop = *state;
	struct ledger_finding finding = {0};
	struct ledger_summary summary = {0};

	must(shop, ledger_check_tail(shop->store, &finding, &shop->fault));
	fill(shop, 5);
	must(shop, ledger_check(shop->store, &finding, &summary, NULL, &shop->fault));
	must(shop, ledger_check_tail(shop->store, &finding, &shop->fault));
	assert_int_equal(summary.records, 6);
	assert_false(summary.has_checkpoint);
}

static void a_checkpoint_over_everything_leaves_an_empty_tail(void **state)
{
	struct shop *shop = *state;
	struct ecsign_key *key = shop_key(shop, "key");
	struct ledger_finding finding = {0};

	fill(shop, 5);
	checkpoint(shop, key);
	must(shop, ledger_check_tail(shop->store, &finding, &shop->fault));
	ecsign_free(key);
}

static void check_tampering(const struct tampering *tampering)
{
	struct ledger_finding finding = {0};
	struct ledger_summary summary = {0};
	struct shop *shop = NULL;
	struct store *reader = NULL;
	void *state = NULL;
	int result;

	shop_setup(&state);
	shop = state;
	make_ledger(shop);
	shop_close(shop);
	shop_tamper(shop, tampering->sql);
	reader = shop_open_another(shop, STORE_READ);
	result = ledger_check(reader, &finding, &summary, NULL, &shop->fault);
	if (result != 1 || finding.seq != tampering->seq || !strstr(finding.text, tampering->text))
		fail_msg("%s: %d, record %d, not %d: %s %s", tampering->name, result, (int)finding.seq,
			(int)tampering->seq, finding.text, shop->fault.text);
	finding = (struct ledger_finding){0};
	result = ledger_check_tail(reader, &finding, &shop->fault);
	if (result != (tampering->is_in_tail ? 1 : 0))
		fail_msg("tail, %s: %d, record %d: %s %s", tampering->name, result, (int)finding.seq, finding.text,
			shop->fault.text);
	store_close(reader);
	shop_teardown(&state);
}

static void each_tampering_names_the_first_bad_record(void **state)
{
	size_t count = 0;

	(void)state;
	for (; count < ARRAY_LEN(tamperings); count++)
		check_tampering(&tamperings[count]);
	assert_int_equal(count, 32);
}

/* Who changes a record and all hashes behind it is caught by the signature over them. */
static void a_rewritten_chain_is_caught_by_the_checkpoint(void **state)
{
	struct shop *shop = *state;
	struct ledger_finding finding = {0};
	struct ledger_summary summary = {0};
	struct ecsign_key *key = shop_key(shop, "key");

	fill(shop, 3);
	checkpoint(shop, key);
	shop_close(shop);
	/* a ledger made anew, with other words, by the program itself */
	shop_tamper(shop,
		"CREATE TABLE kept AS SELECT * FROM checkpoint; DELETE FROM checkpoint; "
		"DELETE FROM ledger WHERE seq > 1; UPDATE ledger_tip SET seq = 1, head = (SELECT hash FROM ledger), "
		"edge = zeroblob(32)");
	shop->store = shop_open_another(shop, STORE_WRITE);
	for (int i = 0; i < 4; i++)
		shop_record(shop, 100 + i);
	shop_close(shop);
	shop_tamper(shop, "INSERT INTO checkpoint SELECT * FROM kept; DROP TABLE kept");
	shop->store = shop_open_another(shop, STORE_WRITE);
	assert_int_equal(ledger_check(shop->store, &finding, &summary, NULL, &shop->fault), 1);
	assert_int_equal(finding.seq, 5);
	ecsign_free(key);
}

static int exported_verdict(struct shop *shop, struct ledger_finding *finding)
{
	struct ledger_summary summary = {0};
	char *text = NULL;
	size_t len = 0;
	FILE *out = open_memstream(&text, &len);
	int result;

	must(shop, ledger_export(shop->store, out, NULL, &shop->fault));
	fclose(out);
	result = ledger_verify_export(text, len, finding, &summary, &shop->fault);
	free(text);
	return result;
}

/* The file that an officer gets says the same about the same record. */
static void the_export_of_a_changed_ledger_names_the_same_record(void **state)
{
	static const int same[] = {0, 1, 2, 3, 7, 9, 17, 24, 26};
	int compared = 0;

	(void)state;
	for (size_t i = 0; i < ARRAY_LEN(same); i++) {
		const struct tampering *tampering = &tamperings[same[i]];
		struct ledger_finding finding = {0};
		struct shop *shop = NULL;
		void *own = NULL;
		int result;

		shop_setup(&own);
		shop = own;
		make_ledger(shop);
		shop_close(shop);
		shop_tamper(shop, tampering->sql);
		shop->store = shop_open_another(shop, STORE_WRITE);
		result = exported_verdict(shop, &finding);
		if (result != 1 || finding.seq != tampering->seq)
			fail_msg("%s: %d, record %d, not %d: %s", tampering->name, result, (int)finding.seq,
				(int)tampering->seq, finding.text);
		compared++;
		shop_teardown(&own);
	}
	assert_int_equal(compared, 9);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		SHOP_TEST(a_whole_ledger_is_found_whole),
		SHOP_TEST(a_ledger_without_checkpoint_is_found_whole),
		SHOP_TEST(a_checkpoint_over_everything_leaves_an_empty_tail),
		cmocka_unit_test(each_tampering_names_the_first_bad_record),
		SHOP_TEST(a_rewritten_chain_is_caught_by_the_checkpoint),
		cmocka_unit_test(the_export_of_a_changed_ledger_names_the_same_record),
	};

	return cmocka_run_group_tests_name("ledger_check", tests, NULL, NULL);
}
