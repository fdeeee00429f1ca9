#include "shop.h"

#include <sys/wait.h>

#include "store/tokens.h"

#ifdef HOADON_FAILPOINTS

/* One sale issued and one message of it, in the two transactions of house section 2, as far as they are not there yet. */
static int issue(struct store *store, struct fault *fault)
{
	struct frame_row frame = {
		.source = "http", .dialect = "json", .till_id = "T01", .state = FRAME_DECODED, .bytes = "{}", .len = 2};
	struct sale_row sale = shop_sale_row(0, "B1");
	struct invoice_row invoice = {.form = 1,
		.serial = "C26MAA",
		.number = 1,
		.code = "M1-26-VD7K2-00100000001",
		.issued_at = SHOP_NOW,
		.xml = "<HDon></HDon>",
		.xml_len = 13,
		.refusal = ""};
	struct issue_place place = {
		.serial = "C26MAA", .last_number = 1, .last_issued_at = SHOP_NOW, .next_counter = INT64_C(100000002)};
	struct ledger_payload payload;
	int64_t id = 0;
	int result = store_block_lease(store, 1, fault);

	if (!result)
		result = store_frame_add(store, &frame, &sale.frame_id, fault);
	if (!result)
		result = store_sale_add(store, &sale, &id, fault);
	if (!result)
		result = store_sale_link(store, id, fault);
	if (!result)
		result = store_invoice_add(store, &invoice, id, INVOICE_ROLE_ISSUES, &id, fault);
	ledger_payload_init(&payload);
	if (!result)
		result = ledger_append(store, LEDGER_ISSUED, &payload, NULL, fault);
	else
		bytes_done(&payload.text);
	return result ? result : store_place_put(store, 1, &place, INT64_C(100000001), fault);
}

static int send(struct store *store, struct fault *fault)
{
	struct message_row message = shop_message_row("V1");
	struct task_row task = {.kind = "refused-invoice", .text = "x"};
	struct token_row token = {.name = "a", .tills = "*"};
	const uint8_t hash[32] = {1};
	const int64_t invoice = 1;
	int64_t id = 0;
	int result = store_message_add(store, &message, &invoice, 1, &message.id, fault);

	message.state = MESSAGE_SENT;
	if (!result)
		result = store_message_move(store, &message, MESSAGE_MADE, fault);
	if (!result)
		result = store_verdict_add(store, message.id, SHOP_NOW, 204, true, "", "<a/>", 4, fault);
	if (!result)
		result = store_invoice_conclude(store, 1, message.id, INVOICE_REFUSED, "x", fault);
	message.state = MESSAGE_REFUSED;
	if (!result)
		result = store_message_move(store, &message, MESSAGE_SENT, fault);
	if (!result)
		result = store_message_release(store, message.id, fault);
	if (!result)
		result = store_task_add(store, &task, fault);
	if (!result)
		result = store_token_add(store, &token, hash, &id, fault);
	if (!result)
		result = store_token_revoke(store, id, SHOP_NOW, fault);
	if (!result)
		result = store_meta_put(store, "k", "v", 1, fault);
	return result ? result : store_frame_trim_refused(store, 5, fault);
}

static int in_transaction(struct store *store, int (*fn)(struct store *, struct fault *), struct fault *fault)
{
	int result = store_begin(store, fault);

	if (!result)
		result = fn(store, fault);
	if (!result)
		return store_commit(store, fault);
	store_rollback(store);
	return result;
}

static int checkpoint(struct store *store, const char *dir, struct fault *fault)
{
	CLEANUP(ecsign_freep) struct ecsign_key *key = NULL;
	char path[96];
	int result;

	snprintf(path, sizeof(path), "%s/key", dir);
	result = ecsign_load_or_make(path, &key, fault);
	if (!result)
		result = store_begin(store, fault);
	if (!result)
		result = ledger_checkpoint(store, key, fault);
	if (!result)
		return store_commit(store, fault);
	store_rollback(store);
	return result;
}

static int run(struct shop *shop, struct fault *fault)
{
	CLEANUP(store_closep) struct store *store = NULL;
	struct invoice_counts invoices;
	struct message_counts messages;
	int result = store_open(shop->dir, STORE_WRITE, &shop->clock, SHOP_SELLER, &store, fault);

	if (!result)
		result = store_learn(store, "Quán Ví Dụ", strlen("Quán Ví Dụ"), fault);
	if (!result)
		result = store_invoice_count(store, &invoices, fault);
	if (!result && invoices.issued + invoices.refused == 0)
		result = in_transaction(store, issue, fault);
	if (!result)
		result = checkpoint(store, shop->dir, fault);
	if (!result)
		result = store_message_count(store, &messages, fault);
	if (!result && messages.refused == 0)
		result = in_transaction(store, send, fault);
	return result;
}

static bool is_whole(struct shop *shop)
{
	CLEANUP(store_closep) struct store *store = NULL;
	struct ledger_finding finding = {0};
	struct ledger_summary summary = {0};

	return store_open(shop->dir, STORE_READ, &shop->clock, NULL, &store, NULL) == 0 &&
	       ledger_check(store, &finding, &summary, NULL, NULL) == 0 && summary.records == 3 &&
	       shop_number(shop, "SELECT count(*) FROM invoice") == 1 &&
	       shop_number(shop, "SELECT last_number FROM place") == 1 &&
	       shop_number(shop, "SELECT next FROM block") == INT64_C(100000002) &&
	       shop_number(shop, "SELECT count(*) FROM message WHERE state = 'refused'") == 1 &&
	       shop_number(shop, "SELECT sum(n) FROM tally WHERE name LIKE 'invoice.%'") == 1 &&
	       shop_number(shop, "SELECT count(*) FROM pragma_integrity_check WHERE integrity_check <> 'ok'") == 0 &&
	       shop_number(shop, "SELECT count(*) FROM pragma_foreign_key_check") == 0;
}

enum outcome { UNTOUCHED = 0, FAILED_AND_MENDED = 1, BROKEN = 2 };

/* In a child of its own, since the failpoints read their orders once in a process. */
static int try_order(const char *order)
{
	struct shop shop = {.dir = "/tmp/hoadon-fail-XXXXXX"};
	struct fault fault = {0};
	char command[96];
	int first, status = 0;
	pid_t child = fork();

	if (child == 0) {
		setenv("HOADON_FAILPOINT", order, 1);
		if (!mkdtemp(shop.dir))
			_exit(BROKEN);
		first = run(&shop, &fault);
		if (first > 0 || (first < 0 && fault.code == 0) || (first < 0 && run(&shop, &fault) != 0) ||
			/* the check itself may be what the order meets first */
			(!is_whole(&shop) && !is_whole(&shop))) {
			fprintf(stderr, "%s: %d %s\n", order, first, fault.text);
			_exit(BROKEN);
		}
		snprintf(command, sizeof(command), "rm -rf %s", shop.dir);
		_exit(system(command) == 0 ? (first < 0 ? FAILED_AND_MENDED : UNTOUCHED) : BROKEN);
	}
	assert_int_equal(waitpid(child, &status, 0), child);
	assert_true(WIFEXITED(status));
	return WEXITSTATUS(status);
}

/* One place of the log of a run without orders: only the store's are ours to try. */
static int try_place(char *name)
{
	char order[96];
	int outcome;

	name[strcspn(name, "\n")] = '\0';
	if (strncmp(name, "store.", 6) != 0)
		return 0;
	snprintf(order, sizeof(order), "%s:1:fail", name);
	outcome = try_order(order);
	if (outcome == BROKEN)
		fail_msg("%s", order);
	return outcome == FAILED_AND_MENDED;
}

/* Whatever statement fails, the transaction is undone, the fault says why, and the same work done again is whole. */
static void a_failure_of_any_statement_is_told_undone_and_mended(void **state)
{
	char path[] = "/tmp/hoadon-log-XXXXXX", name[80];
	int fd = mkstemp(path), failed = 0;
	FILE *log = fdopen(fd, "r");

	(void)state;
	assert_non_null(log);
	setenv("HOADON_FAILPOINT_LOG", path, 1);
	assert_int_equal(try_order("store.nothing.before:1:fail"), UNTOUCHED);
	unsetenv("HOADON_FAILPOINT_LOG");
	while (fgets(name, sizeof(name), log))
		failed += try_place(name);
	fclose(log);
	unlink(path);
	print_message("%d failures were mended\n", failed);
	/* about 55 statements, before and after; those of the check itself and what is undone or committed do not count */
	assert_true(failed > 90);
}

static void a_failed_commit_leaves_nothing_of_the_transaction(void **state)
{
	(void)state;
	/* the store, the words of the program, what it learned, the invoice, the checkpoint, the message */
	assert_int_equal(try_order("store.commit.before:1:fail"), FAILED_AND_MENDED);
	assert_int_equal(try_order("store.commit.before:2:fail"), FAILED_AND_MENDED);
	assert_int_equal(try_order("store.commit.before:3:fail"), FAILED_AND_MENDED);
	assert_int_equal(try_order("store.commit.before:4:fail"), FAILED_AND_MENDED);
	assert_int_equal(try_order("store.commit.before:5:fail"), FAILED_AND_MENDED);
	assert_int_equal(try_order("store.commit.before:6:fail"), FAILED_AND_MENDED);
	assert_int_equal(try_order("store.commit.before:7:fail"), UNTOUCHED);
	/* what is committed cannot be told as failed */
	assert_int_equal(try_order("store.commit.after:4:fail"), UNTOUCHED);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(a_failed_commit_leaves_nothing_of_the_transaction),
		cmocka_unit_test(a_failure_of_any_statement_is_told_undone_and_mended),
	};

	return cmocka_run_group_tests_name("failpoints", tests, NULL, NULL);
}

#else

static void failpoints_are_not_in_this_build(void **state)
{
	(void)state;
	skip();
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(failpoints_are_not_in_this_build),
	};

	return cmocka_run_group_tests_name("failpoints", tests, NULL, NULL);
}

#endif
