#include "shop.h"

static char *export(struct shop *shop, struct store *store, size_t *ret_len)
{
	char *text = NULL;
	int64_t records = 0;
	FILE *out = open_memstream(&text, ret_len);

	assert_non_null(out);
	must(shop, ledger_export(store, out, &records, &shop->fault));
	fclose(out);
	assert_true(records > 0);
	return text;
}

static struct ledger_summary verify(struct shop *shop)
{
	struct ledger_finding finding = {0};
	struct ledger_summary summary = {0};
	size_t len = 0;
	char *text = export(shop, shop->store, &len);
	int result = ledger_verify_export(text, len, &finding, &summary, &shop->fault);

	if (result != 0)
		fail_msg("line %d, record %d: %s", (int)finding.line, (int)finding.seq, finding.text);
	free(text);
	return summary;
}

static void a_new_ledger_begins_with_begin(void **state)
{
	struct shop *shop = *state;
	struct ledger_head head;
	size_t len = 0;
	char *text = export(shop, shop->store, &len);
	char first[120];

	snprintf(first, sizeof(first), "{\"payload\":{\"schema\":%d,\"version\":\"" HOADON_VERSION "\"},\"record\":{",
		shop_schema());
	must(shop, ledger_head_get(shop->store, &head, &shop->fault));
	assert_int_equal(head.seq, 1);
	assert_int_equal(strlen(head.tail), LEDGER_TAIL_LEN);
	assert_non_null(strstr(text, first));
	assert_non_null(strstr(text, "\"event\":\"begin\""));
	assert_non_null(strstr(text, "\"seller\":\"" SHOP_SELLER "\""));
	/* the clock of the test, and its trust (base/clock.h) */
	assert_non_null(strstr(text, "\"trust\":2,\"wall\":1795327200000}}\n"));
	free(text);
}

static void records_chain_and_the_export_verifies(void **state)
{
	struct shop *shop = *state;
	struct ledger_summary summary;
	struct ledger_head head, read;

	for (int i = 0; i < 20; i++)
		head = shop_record(shop, i);
	assert_int_equal(head.seq, 21);
	must(shop, ledger_head_get(shop->store, &read, &shop->fault));
	assert_memory_equal(read.hash, head.hash, DIGEST_LEN);
	assert_string_equal(read.tail, head.tail);
	summary = verify(shop);
	assert_int_equal(summary.records, 21);
	assert_string_equal(summary.tail, head.tail);
	assert_string_equal(summary.store, store_id(shop->store));
	shop_reopen(shop);
	must(shop, ledger_head_get(shop->store, &read, &shop->fault));
	assert_memory_equal(read.hash, head.hash, DIGEST_LEN);
}

static void many_records_of_one_transaction_are_one_tip(void **state)
{
	struct shop *shop = *state;
	struct ledger_head head, read;

	shop_begin(shop);
	for (int i = 0; i < 33; i++) {
		struct ledger_payload payload;

		ledger_payload_init(&payload);
		ledger_payload_int(&payload, "n", i);
		must(shop, ledger_append(shop->store, LEDGER_ISSUED, &payload, &head, &shop->fault));
		must(shop, ledger_head_get(shop->store, &read, &shop->fault));
		assert_memory_equal(read.hash, head.hash, DIGEST_LEN);
		assert_int_equal(head.seq, i + 2);
	}
	shop_commit(shop);
	assert_int_equal(verify(shop).records, 34);
	must(shop, ledger_head_at(shop->store, 34, &read, &shop->fault));
	assert_memory_equal(read.hash, head.hash, DIGEST_LEN);
	assert_string_equal(read.tail, head.tail);
	assert_int_equal(ledger_head_at(shop->store, 35, &read, &shop->fault), STORE_NONE);
}

/* What one handle cached must not survive its transaction: another handle appends in between. */
static void two_handles_append_in_turns(void **state)
{
	struct shop *shop = *state;
	struct store *first = shop->store;
	struct store *second = shop_open_another(shop, STORE_WRITE);

	for (int i = 0; i < 6; i++) {
		shop->store = i % 2 ? second : first;
		assert_int_equal(shop_record(shop, i).seq, i + 2);
	}
	shop->store = first;
	store_close(second);
	assert_int_equal(verify(shop).records, 7);
}

static void a_rolled_back_record_never_was(void **state)
{
	struct shop *shop = *state;
	struct ledger_payload payload;
	struct ledger_head before, head;

	must(shop, ledger_head_get(shop->store, &before, &shop->fault));
	shop_begin(shop);
	ledger_payload_init(&payload);
	must(shop, ledger_append(shop->store, LEDGER_STOP, &payload, &head, &shop->fault));
	store_rollback(shop->store);
	must(shop, ledger_head_get(shop->store, &head, &shop->fault));
	assert_int_equal(head.seq, before.seq);
	assert_memory_equal(head.hash, before.hash, DIGEST_LEN);
	assert_int_equal(shop_record(shop, 1).seq, before.seq + 1);
	verify(shop);
}

static void a_record_outside_a_transaction_is_our_bug(void **state)
{
	struct shop *shop = *state;
	struct ledger_payload payload;

	ledger_payload_init(&payload);
	assert_int_equal(ledger_append(shop->store, LEDGER_STOP, &payload, NULL, &shop->fault), FAULT_BUG);
	assert_int_equal(shop_number(shop, "SELECT count(*) FROM ledger"), 1);
}

static void a_payload_escapes_what_the_format_says_and_nothing_else(void **state)
{
	struct shop *shop = *state;
	struct ledger_payload payload;
	size_t len = 0;
	char *text;

	shop_begin(shop);
	ledger_payload_init(&payload);
	ledger_payload_hex(&payload, "a", "\x00\xff", 2);
	ledger_payload_int(&payload, "b", INT64_MIN);
	ledger_payload_text(&payload, "c", "Phở \"to\" a\\b/c\n\x1f\x7f");
	ledger_payload_text(&payload, "d", "");
	must(shop, ledger_append(shop->store, LEDGER_LOOK, &payload, NULL, &shop->fault));
	ledger_payload_init(&payload);
	must(shop, ledger_append(shop->store, LEDGER_STOP, &payload, NULL, &shop->fault));
	shop_commit(shop);
	text = export(shop, shop->store, &len);
	/* FORMAT.md section 1 */
	assert_non_null(strstr(text, "{\"payload\":{\"a\":\"00ff\",\"b\":-9223372036854775808,\"c\":\"Phở \\\"to\\\" "
				     "a\\\\b/c\\u000a\\u001f\x7f\",\"d\":\"\"},"));
	assert_non_null(strstr(text, "{\"payload\":{},"));
	free(text);
	verify(shop);
}

static void a_payload_that_is_too_long_is_refused(void **state)
{
	struct shop *shop = *state;
	struct ledger_payload payload;
	char *text = calloc(1, 70000);

	assert_non_null(text);
	memset(text, 'x', 69999);
	shop_begin(shop);
	ledger_payload_init(&payload);
	ledger_payload_text(&payload, "a", text);
	assert_int_equal(ledger_append(shop->store, LEDGER_LOOK, &payload, NULL, &shop->fault), FAULT_MEMORY);
	store_rollback(shop->store);
	free(text);
	verify(shop);
}

/* FORMAT.md section 7: SHA-256(salt ‖ digest), opened by giving the salt of the record. */
static void a_commitment_opens_with_the_salt_of_its_record(void **state)
{
	struct shop *shop = *state;
	struct ledger_payload payload;
	uint8_t digest[DIGEST_LEN] = {5}, salt[16], other[16], commitment[DIGEST_LEN];
	struct ledger_head head;
	char hex[DIGEST_HEX_LEN + 1];
	size_t len = 0;
	char *text;

	shop_begin(shop);
	ledger_payload_init(&payload);
	ledger_payload_commit(shop->store, &payload, "sale", digest);
	must(shop, ledger_append(shop->store, LEDGER_ISSUED, &payload, &head, &shop->fault));
	shop_commit(shop);
	must(shop, ledger_salt(shop->store, head.seq, salt, &shop->fault));
	must(shop, ledger_salt(shop->store, head.seq + 1, other, &shop->fault));
	assert_memory_not_equal(salt, other, sizeof(salt));
	ledger_commit(salt, digest, commitment);
	hex_format(commitment, sizeof(commitment), hex);
	text = export(shop, shop->store, &len);
	assert_non_null(strstr(text, hex));
	free(text);
	assert_int_equal(ledger_salt(shop->store, 0, salt, &shop->fault), FAULT_BUG);
}

static void a_commitment_outside_a_transaction_fails_the_record(void **state)
{
	struct shop *shop = *state;
	struct ledger_payload payload;
	const uint8_t digest[DIGEST_LEN] = {5};

	ledger_payload_init(&payload);
	ledger_payload_commit(shop->store, &payload, "sale", digest);
	assert_true(ledger_append(shop->store, LEDGER_ISSUED, &payload, NULL, &shop->fault) < 0);
}

static void checkpoint(struct shop *shop, struct ecsign_key *key)
{
	shop_begin(shop);
	must(shop, ledger_checkpoint(shop->store, key, &shop->fault));
	shop_commit(shop);
}

static void a_checkpoint_announces_its_key_first(void **state)
{
	struct shop *shop = *state;
	struct ecsign_key *key = shop_key(shop, "key1"), *next = shop_key(shop, "key2");
	struct ledger_summary summary;

	shop_record(shop, 1);
	checkpoint(shop, key);
	/* begin, record, key */
	assert_int_equal(shop_number(shop, "SELECT max(size) FROM checkpoint"), 3);
	checkpoint(shop, key);
	assert_int_equal(shop_number(shop, "SELECT count(*) FROM checkpoint"), 1);
	assert_int_equal(shop_number(shop, "SELECT count(*) FROM ledger"), 3);
	shop_record(shop, 2);
	checkpoint(shop, key);
	assert_int_equal(shop_number(shop, "SELECT max(size) FROM checkpoint"), 4);
	shop_record(shop, 3);
	checkpoint(shop, next);
	assert_int_equal(shop_number(shop, "SELECT max(size) FROM checkpoint"), 6);
	assert_int_equal(shop_number(shop, "SELECT count(*) FROM ledger WHERE event = 'key'"), 2);
	summary = verify(shop);
	assert_int_equal(summary.checkpoints, 3);
	assert_true(summary.has_checkpoint);
	ecsign_free(key);
	ecsign_free(next);
}

static void the_same_is_exported_by_a_reader(void **state)
{
	struct shop *shop = *state;
	struct ecsign_key *key = shop_key(shop, "key1");
	struct store *reader;
	size_t len = 0, other_len = 0;
	char *text, *other;

	shop_record(shop, 1);
	checkpoint(shop, key);
	reader = shop_open_another(shop, STORE_READ);
	text = export(shop, shop->store, &len);
	other = export(shop, reader, &other_len);
	assert_int_equal(len, other_len);
	assert_string_equal(text, other);
	free(text);
	free(other);
	store_close(reader);
	ecsign_free(key);
}

/* Records of a new epoch carry it; those before keep theirs. */
static void an_epoch_begins_with_its_record(void **state)
{
	struct shop *shop = *state;
	size_t len = 0;
	char *text;

	shop_record(shop, 1);
	shop_tamper(shop, "INSERT INTO epoch (epoch, from_seq, made_at, reason) VALUES (2, 3, 0, 'adopted')");
	shop_reopen(shop);
	shop_record(shop, 2);
	assert_int_equal(verify(shop).records, 3);
	text = export(shop, shop->store, &len);
	assert_non_null(strstr(text, "\"epoch\":2,"));
	free(text);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		SHOP_TEST(a_new_ledger_begins_with_begin),
		SHOP_TEST(records_chain_and_the_export_verifies),
		SHOP_TEST(many_records_of_one_transaction_are_one_tip),
		SHOP_TEST(two_handles_append_in_turns),
		SHOP_TEST(a_rolled_back_record_never_was),
		SHOP_TEST(a_record_outside_a_transaction_is_our_bug),
		SHOP_TEST(a_payload_escapes_what_the_format_says_and_nothing_else),
		SHOP_TEST(a_payload_that_is_too_long_is_refused),
		SHOP_TEST(a_commitment_opens_with_the_salt_of_its_record),
		SHOP_TEST(a_commitment_outside_a_transaction_fails_the_record),
		SHOP_TEST(a_checkpoint_announces_its_key_first),
		SHOP_TEST(the_same_is_exported_by_a_reader),
		SHOP_TEST(an_epoch_begins_with_its_record),
	};

	return cmocka_run_group_tests_name("ledger", tests, NULL, NULL);
}
