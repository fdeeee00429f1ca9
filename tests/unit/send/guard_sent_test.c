/* guard_sent: what the store says while a message is on the wire. Kills patches of tests/mutants. */
#include "world.h"

/* The store as another program saw it from within a call of the route. */
struct watch {
	struct world *world;
	int64_t sent, was_unknown, recorded;
};

static int watch_submit(const struct authority_env *env, const char *message_id, const void *bytes, size_t len,
	struct authority_answer *ret, struct fault *fault)
{
	struct watch *watch = (struct watch *)(void *)env->http;
	const struct authority_env inner = {.http = (struct http *)(void *)&watch->world->doors[0]};

	watch->sent =
		shop_number(watch->world->shop, "SELECT count(*) FROM message WHERE state = 'sent' AND attempts = 1");
	watch->was_unknown = shop_number(watch->world->shop, "SELECT count(*) FROM message WHERE was_unknown = 1");
	watch->recorded = shop_number(watch->world->shop, "SELECT count(*) FROM ledger WHERE event = 'sent'");
	return fake_submit(&inner, message_id, bytes, len, ret, fault);
}

static int watch_query(const struct authority_env *env, const char *message_id, const char *ref,
	struct authority_answer *ret, struct fault *fault)
{
	struct watch *watch = (struct watch *)(void *)env->http;
	const struct authority_env inner = {.http = (struct http *)(void *)&watch->world->doors[0]};

	return fake_query(&inner, message_id, ref, ret, fault);
}

static const struct authority_ops watch_ops = {
	.name = "watch",
	.summary = "looks into the store",
	.capabilities = {.takes_envelope = true},
	.submit = watch_submit,
	.query = watch_query,
};

/*
 * House section 2, step 12: a process that dies during the call must find a message whose outcome is unknown, or it would send
 * it a second time without asking.
 */
static void sent_is_committed_before_the_first_byte_leaves(void **state)
{
	struct world *world = *state;
	struct watch watch = {.world = world};

	world->routes[0].ops = &watch_ops;
	world->routes[0].env.http = (struct http *)(void *)&watch;
	world_issue(world, 1, 2);
	world_run(world, HOUR);
	assert_int_equal(world->submits, 1);
	assert_int_equal(watch.sent, 1);
	assert_int_equal(watch.was_unknown, 1);
	assert_int_equal(watch.recorded, 1);
	/* the answer says that it arrived: nothing about it is unknown any more */
	assert_int_equal(shop_number(world->shop, "SELECT count(*) FROM message WHERE was_unknown = 1"), 0);
	assert_int_equal(world_invoices(world, "accepted"), 2);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		WORLD_TEST(sent_is_committed_before_the_first_byte_leaves),
	};

	return cmocka_run_group_tests_name("guard_sent", tests, world_group_setup, world_group_teardown);
}
