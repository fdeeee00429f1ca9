#include "shop.h"

#include "store/hold.h"

static struct machine machine_of(const char *system, const char *board, const char *disk)
{
	struct machine machine = {0};

	snprintf(machine.facts[MACHINE_SYSTEM], MACHINE_TEXT_MAX, "%s", system);
	snprintf(machine.facts[MACHINE_BOARD], MACHINE_TEXT_MAX, "%s", board);
	snprintf(machine.facts[MACHINE_DISK], MACHINE_TEXT_MAX, "%s", disk);
	return machine;
}

static bool is_same(struct shop *shop, const char *system, const char *board, const char *disk)
{
	const struct machine machine = machine_of(system, board, disk);
	bool same = false;

	shop_begin(shop);
	must(shop, store_machine_check(shop->store, &machine, &same, &shop->fault));
	shop_commit(shop);
	return same;
}

static void bind_to(struct shop *shop, const char *system, const char *board, const char *disk)
{
	const struct machine machine = machine_of(system, board, disk);

	shop_begin(shop);
	must(shop, store_machine_bind(shop->store, &machine, &shop->fault));
	shop_commit(shop);
}

static struct hold hold_of(struct shop *shop)
{
	struct hold hold = {0};

	must(shop, store_hold_get(shop->store, &hold, &shop->fault));
	return hold;
}

static void put(struct shop *shop, enum hold_kind kind, const char *detail)
{
	shop_begin(shop);
	must(shop, store_hold_put(shop->store, kind, detail, &shop->fault));
	shop_commit(shop);
}

static int64_t records(struct shop *shop, const char *event)
{
	char sql[96];

	snprintf(sql, sizeof(sql), "SELECT count(*) FROM ledger WHERE event = '%s'", event);
	return shop_number(shop, sql);
}

static void a_store_that_was_never_bound_takes_the_machine_it_is_on(void **state)
{
	struct shop *shop = *state;

	assert_true(is_same(shop, "sys", "board", "disk"));
	assert_true(is_same(shop, "sys", "board", "disk"));
	assert_int_equal(records(shop, "machine"), 1);
	assert_false(is_same(shop, "other", "other", "other"));
	assert_int_equal(records(shop, "machine"), 1);
}

/* Every copy lies on another disk, also one in the same machine. */
static void another_disk_is_another_machine(void **state)
{
	struct shop *shop = *state;

	bind_to(shop, "sys", "board", "disk");
	assert_false(is_same(shop, "sys", "board", "disk-2"));
	assert_false(is_same(shop, "sys", "", "disk-2"));
	assert_true(is_same(shop, "sys", "board", "disk"));
}

/* One after the other, so that a machine may change in the course of years. */
static void system_or_board_may_change_alone(void **state)
{
	struct shop *shop = *state;

	bind_to(shop, "sys", "board", "disk");
	assert_true(is_same(shop, "sys-2", "board", "disk"));
	assert_true(is_same(shop, "sys-2", "board-2", "disk"));
	assert_int_equal(records(shop, "machine"), 3);
	assert_false(is_same(shop, "sys", "board", "disk"));
}

/* A virtual machine that was copied has the same serial of its disk, and another board and system. */
static void the_disk_alone_is_not_enough(void **state)
{
	struct shop *shop = *state;

	bind_to(shop, "sys", "board", "disk");
	assert_false(is_same(shop, "sys-2", "board-2", "disk"));
	assert_false(is_same(shop, "sys-2", "", "disk"));
}

static void what_cannot_be_told_now_is_neither_forgotten_nor_believed(void **state)
{
	struct shop *shop = *state;

	bind_to(shop, "sys", "board", "disk");
	assert_true(is_same(shop, "sys", "board", ""));
	assert_true(is_same(shop, "sys", "", "disk"));
	assert_false(is_same(shop, "sys", "", ""));
	assert_false(is_same(shop, "", "", ""));
	/* The disk is still the one of the beginning. */
	assert_false(is_same(shop, "sys", "board", "disk-2"));
}

/* Without a readable board a copied disk still differs; with one fact only, that one decides. */
static void fewer_facts_leave_less_room(void **state)
{
	struct shop *shop = *state;

	bind_to(shop, "sys", "", "disk");
	assert_false(is_same(shop, "sys", "", "disk-2"));
	assert_false(is_same(shop, "sys-2", "", "disk"));
	assert_true(is_same(shop, "sys", "", "disk"));
	bind_to(shop, "sys", "", "");
	assert_false(is_same(shop, "sys-2", "", ""));
	assert_true(is_same(shop, "sys", "", ""));
}

/* What comes to be readable later is bound too. */
static void a_new_fact_is_added(void **state)
{
	struct shop *shop = *state;

	bind_to(shop, "sys", "", "");
	assert_true(is_same(shop, "sys", "board", "disk"));
	assert_false(is_same(shop, "sys", "board", "disk-2"));
}

static void no_fact_stands_in_the_file(void **state)
{
	struct shop *shop = *state;

	bind_to(shop, "SYSTEM-FACT", "BOARD-FACT", "DISK-FACT");
	assert_int_equal(shop_number(shop, "SELECT count(*) FROM meta WHERE instr(value, 'FACT') > 0"), 0);
	assert_int_equal(shop_number(shop, "SELECT length(value) FROM meta WHERE key = 'machine'"), 96);
}

static void a_hold_survives_and_is_in_the_ledger(void **state)
{
	struct shop *shop = *state;

	assert_int_equal(hold_of(shop).kind, HOLD_NONE);
	put(shop, HOLD_MACHINE, "seen");
	shop_reopen(shop);
	assert_int_equal(hold_of(shop).kind, HOLD_MACHINE);
	assert_string_equal(hold_of(shop).detail, "seen");
	assert_int_equal(records(shop, "hold"), 1);
}

/* A machine that is the right one again does not make an old copy a good one. */
static void a_stronger_hold_stays(void **state)
{
	struct shop *shop = *state;

	put(shop, HOLD_BEHIND, "1C26MAA/74");
	put(shop, HOLD_MACHINE, "x");
	put(shop, HOLD_BEHIND, "1C26MAA/75");
	assert_int_equal(hold_of(shop).kind, HOLD_BEHIND);
	assert_string_equal(hold_of(shop).detail, "1C26MAA/74");
	assert_int_equal(records(shop, "hold"), 1);
}

static void an_ended_hold_is_in_the_ledger(void **state)
{
	struct shop *shop = *state;

	put(shop, HOLD_MACHINE, "x");
	for (int i = 0; i < 2; i++) {
		shop_begin(shop);
		must(shop, store_hold_end(shop->store, &shop->fault));
		shop_commit(shop);
	}
	assert_int_equal(hold_of(shop).kind, HOLD_NONE);
	assert_int_equal(records(shop, "hold"), 2);
}

/* A later version may hold for a reason that we do not know. */
static void an_unknown_word_holds(void **state)
{
	struct shop *shop = *state;

	shop_begin(shop);
	must(shop, store_meta_put(shop->store, "hold", "later\nx", 7, &shop->fault));
	shop_commit(shop);
	assert_int_equal(hold_of(shop).kind, HOLD_BEHIND);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		SHOP_TEST(a_store_that_was_never_bound_takes_the_machine_it_is_on),
		SHOP_TEST(another_disk_is_another_machine),
		SHOP_TEST(system_or_board_may_change_alone),
		SHOP_TEST(the_disk_alone_is_not_enough),
		SHOP_TEST(what_cannot_be_told_now_is_neither_forgotten_nor_believed),
		SHOP_TEST(fewer_facts_leave_less_room),
		SHOP_TEST(a_new_fact_is_added),
		SHOP_TEST(no_fact_stands_in_the_file),
		SHOP_TEST(a_hold_survives_and_is_in_the_ledger),
		SHOP_TEST(a_stronger_hold_stays),
		SHOP_TEST(an_ended_hold_is_in_the_ledger),
		SHOP_TEST(an_unknown_word_holds),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
