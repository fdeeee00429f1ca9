/* guard_doors: who may come in by the TCP door, asked with real requests. Most tests here kill a patch of tests/mutants. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include <arpa/inet.h>
#include <cmocka.h>
#include <sys/socket.h>
#include <sys/un.h>
#include <unistd.h>

#include "base/digest.h"
#include "capture/print.h"
#include "store/sales.h"
#include "store/tokens.h"
#include "web/answer.h"
#include "web/web.h"
#include "../seller.h"

#define NOW   INT64_C(1795327200000) /* 2026-11-22T13:00:00+07:00 */
#define TOKEN "one-till"
#define TURNS 100 /* of the loop, 10 ms each, until an answer must be there */

/* A dialect whose bytes are the name of a till, which sold one beer; with "!" behind it a deposit, which is parked. */
struct bill {
	char till[8];
};

static int bill_feed(void *state, const void *bytes, size_t len, size_t max, struct problem *problem)
{
	struct bill *bill = state;

	(void)max;
	if (len >= sizeof(bill->till))
		return problem_set(problem, PROBLEM_BODY_SIZE, "%s", "");
	memcpy(bill->till, bytes, len);
	return 0;
}

static int bill_flush(void *state, struct arena *arena, struct sale *ret, struct problem *problem)
{
	struct sale_line *line = ARENA_ARRAY(arena, struct sale_line, 1);
	char *till = ((struct bill *)state)->till;
	bool is_deposit = strchr(till, '!') != NULL;

	(void)problem;
	assert_non_null(line);
	till[strcspn(till, "!")] = '\0';
	*line = (struct sale_line){.kind = LINE_GOODS,
		.name = "Bia lon 330 ml",
		.qty = {1, 0},
		.unit_price = {20000, 0},
		.amount = 20000,
		.rate = VAT_10};
	*ret = (struct sale){.till_id = arena_printf(arena, "%s", till),
		.bill_no = "HD1",
		.kind = is_deposit ? SALE_KIND_DEPOSIT : SALE_KIND_SALE,
		.sold_at = NOW,
		.business_day = clock_day(NOW),
		.is_vat_included = true,
		.lines = line,
		.line_count = 1,
		.total = 20000};
	return 0;
}

static const struct dialect_ops bill_dialect = {.name = "json",
	.summary = "bills of one beer",
	.feed = bill_feed,
	.flush = bill_flush,
	.state_size = sizeof(struct bill)};

static int write_lines(
	const struct print_annex *annex, const struct print_state *state, struct bytes *out, struct fault *fault)
{
	(void)state;
	for (size_t i = 0; i < annex->line_count; i++)
		bytes_text(out, annex->lines[i]);
	return bytes_check(out, "a receipt", fault);
}

static const struct print_dialect_ops printer = {.name = "plain", .compose = write_lines};
static const struct answer_paper paper = {.dialect = &printer};

struct shop {
	char dir[64], clock_file[96], socket[96], port_file[96];
	struct clock clock;
	struct till tills[2];
	struct config config;
	struct calendar calendar;
	struct ecsign_key *ledger_key;
	struct issuer_settings issuer_settings;
	struct web_settings settings;
	const struct dialect_ops *dialects[2];
	struct store *store;
	struct issuer *issuer;
	struct loop *loop;
	struct web *web;
	int fd, port;
	char answer[8192];
	size_t answer_len;
	struct fault fault;
};

#define must(shop, call)                                                                                               \
	do {                                                                                                           \
		if ((call) != 0)                                                                                       \
			fail_msg("%s: %s", #call, (shop)->fault.text);                                                 \
	} while (0)

static void name_files(struct shop *shop)
{
	FILE *file;

	strcpy(shop->dir, "/tmp/hoadon-web-XXXXXX");
	assert_non_null(mkdtemp(shop->dir));
	snprintf(shop->clock_file, sizeof(shop->clock_file), "%s/clock", shop->dir);
	snprintf(shop->socket, sizeof(shop->socket), "%s/api.sock", shop->dir);
	snprintf(shop->port_file, sizeof(shop->port_file), "%s/api.port", shop->dir);
	file = fopen(shop->clock_file, "w");
	assert_non_null(file);
	fprintf(file, "=%lld\n", (long long)NOW);
	fclose(file);
	shop->clock.test_file = shop->clock_file;
}

static void configure(struct shop *shop)
{
	shop->tills[0].id = "T01";
	shop->tills[1].id = "T02";
	shop->config.seller = seller_with(shop->tills, ARRAY_LEN(shop->tills));
	shop->config.socket_path = shop->socket;
	shop->config.port = -1;
	shop->config.port_file = shop->port_file;
	shop->config.body_max = shop->config.bulk_body_max = 4096;
	shop->config.checkpoint_every_ms = 60000;
	shop->config.lang = "vi";
}

static void add_token(struct shop *shop, const char *token, const char *tills)
{
	const struct token_row row = {.name = "till", .tills = tills, .scopes = TOKEN_SALE, .made_at = NOW};
	uint8_t hash[DIGEST_LEN];
	int64_t id;

	digest_sha256(token, strlen(token), hash);
	must(shop, store_begin(shop->store, &shop->fault));
	must(shop, store_token_add(shop->store, &row, hash, &id, &shop->fault));
	must(shop, store_commit(shop->store, &shop->fault));
}

static int on_turn(void *context, uint32_t events, struct fault *fault)
{
	(void)events;
	(void)fault;
	loop_stop(context);
	return 0;
}

static void open_doors(struct shop *shop)
{
	char path[96];
	FILE *file;

	snprintf(path, sizeof(path), "%s/ledger.key", shop->dir);
	must(shop, ecsign_load_or_make(path, &shop->ledger_key, &shop->fault));
	shop->issuer_settings = (struct issuer_settings){.config = &shop->config,
		.clock = &shop->clock,
		.calendar = &shop->calendar,
		.ledger_key = shop->ledger_key};
	must(shop, issuer_new(&shop->issuer_settings, shop->store, &shop->issuer, &shop->fault));
	shop->dialects[0] = &bill_dialect;
	shop->settings = (struct web_settings){.config = &shop->config,
		.clock = &shop->clock,
		.issuer = shop->issuer,
		.store = shop->store,
		.dialects = shop->dialects,
		.json = &bill_dialect,
		.paper = &paper,
		.inherited_local = -1,
		.inherited_tcp = -1};
	must(shop, loop_new(&shop->loop, &shop->fault));
	must(shop, loop_every(shop->loop, 10, on_turn, shop->loop, &shop->fault));
	must(shop, web_new(&shop->settings, shop->loop, &shop->web, &shop->fault));
	file = fopen(shop->port_file, "r");
	assert_non_null(file);
	assert_int_equal(fscanf(file, "%d", &shop->port), 1);
	fclose(file);
}

static int set_up(void **state)
{
	struct shop *shop = calloc(1, sizeof(*shop));

	assert_non_null(shop);
	shop->fd = -1;
	name_files(shop);
	configure(shop);
	must(shop, store_open(shop->dir, STORE_WRITE, &shop->clock, "9900000016", &shop->store, &shop->fault));
	add_token(shop, TOKEN, "T01");
	open_doors(shop);
	*state = shop;
	return 0;
}

static void turn(struct shop *shop)
{
	must(shop, loop_run(shop->loop, &shop->fault));
}

static int tear_down(void **state)
{
	struct shop *shop = *state;
	char command[96];

	/* a request that a mutant let through still waits for its invoice */
	issuer_stop(shop->issuer);
	issuer_run(shop->issuer);
	turn(shop);
	if (shop->fd >= 0)
		close(shop->fd);
	web_quiesce(shop->web);
	web_drain(shop->web);
	web_free(shop->web);
	loop_free(shop->loop);
	issuer_free(shop->issuer);
	store_close(shop->store);
	ecsign_free(shop->ledger_key);
	snprintf(command, sizeof(command), "rm -rf %s", shop->dir);
	assert_int_equal(system(command), 0);
	free(shop);
	return 0;
}

static void connect_to(struct shop *shop, int family, const void *address, socklen_t len)
{
	if (shop->fd >= 0)
		close(shop->fd);
	shop->answer_len = 0;
	shop->answer[0] = '\0';
	shop->fd = socket(family, SOCK_STREAM, 0);
	assert_int_equal(connect(shop->fd, address, len), 0);
}

static void send_request(struct shop *shop, const char *method, const char *path, const char *headers, const char *body)
{
	char text[1024];
	int len = snprintf(text, sizeof(text),
		"%s %s HTTP/1.1\r\n%sContent-Type: application/json\r\nContent-Length: %zu\r\n\r\n%s", method, path,
		headers, strlen(body), body);

	assert_int_equal(send(shop->fd, text, (size_t)len, 0), len);
}

/* One request by the TCP door on a connection of its own. @headers: whole lines. */
static void ask(struct shop *shop, const char *method, const char *path, const char *headers, const char *body)
{
	struct sockaddr_in address = {.sin_family = AF_INET,
		.sin_port = htons((uint16_t)shop->port),
		.sin_addr.s_addr = htonl(INADDR_LOOPBACK)};

	connect_to(shop, AF_INET, &address, sizeof(address));
	send_request(shop, method, path, headers, body);
}

/* One request by the unix socket, where we are the administrator because the process runs under our name. */
static void ask_as_admin(struct shop *shop, const char *path, const char *body)
{
	struct sockaddr_un address = {.sun_family = AF_UNIX};

	snprintf(address.sun_path, sizeof(address.sun_path), "%s", shop->socket);
	connect_to(shop, AF_UNIX, &address, sizeof(address));
	send_request(shop, "POST", path, "Host: localhost\r\n", body);
}

/* The status of the answer, 0 when none comes in time. */
static int hear(struct shop *shop)
{
	for (int i = 0; i < TURNS && !strstr(shop->answer, "\r\n\r\n"); i++) {
		ssize_t n;

		turn(shop);
		n = recv(shop->fd, shop->answer + shop->answer_len, sizeof(shop->answer) - shop->answer_len - 1,
			MSG_DONTWAIT);
		if (n > 0)
			shop->answer_len += (size_t)n;
		shop->answer[shop->answer_len] = '\0';
	}
	return shop->answer_len > 12 ? atoi(shop->answer + 9) : 0;
}

static int sell(struct shop *shop, const char *headers, const char *till)
{
	ask(shop, "POST", "/api/v1/sales", headers, till);
	return hear(shop);
}

#define HOST "Host: 127.0.0.1\r\n"
#define AUTH "Authorization: Bearer " TOKEN "\r\n"

static int64_t sales_in(struct shop *shop)
{
	struct sale_counts counts = {0};

	must(shop, store_sale_count(shop->store, &counts, &shop->fault));
	return counts.received + counts.issued + counts.parked + counts.ignored;
}

/* As sell(), with the issuer at work; only once, since its queue is closed then. */
static int sell_and_issue(struct shop *shop, const char *till)
{
	ask(shop, "POST", "/api/v1/sales", HOST AUTH, till);
	for (int i = 0; i < 10; i++)
		turn(shop);
	issuer_stop(shop->issuer);
	issuer_run(shop->issuer);
	return hear(shop);
}

static void a_till_sells_with_its_token(void **state)
{
	struct shop *shop = *state;

	assert_int_equal(sell_and_issue(shop, "T01"), 201);
	assert_int_equal(sales_in(shop), 1);
}

/* house 8.10: a token is bound to its tills. */
static void a_token_speaks_for_its_tills_only(void **state)
{
	struct shop *shop = *state;

	assert_int_equal(sell(shop, HOST AUTH, "T02"), 403);
	assert_non_null(strstr(shop->answer, "\"auth.till\""));
	/* neither a till whose name begins like one of ours, nor an empty one */
	assert_int_equal(sell(shop, HOST AUTH, "T0"), 403);
	ask(shop, "GET", "/api/v1/sales/T02/HD1", HOST AUTH, "");
	assert_int_equal(hear(shop), 403);
	assert_int_equal(sales_in(shop), 0);
}

static void without_a_valid_token_nothing_is_taken(void **state)
{
	struct shop *shop = *state;

	assert_int_equal(sell(shop, HOST, "T01"), 401);
	assert_int_equal(sell(shop, HOST "Authorization: Bearer one-til\r\n", "T01"), 401);
	assert_int_equal(sell(shop, HOST "Authorization: Basic " TOKEN "\r\n", "T01"), 401);
	assert_int_equal(sales_in(shop), 0);
}

/* A name that somebody bound to 127.0.0.1 must not let his web page in. */
static void another_host_name_is_refused(void **state)
{
	struct shop *shop = *state;

	assert_int_equal(sell(shop, "Host: shop.example\r\n" AUTH, "T01"), 421);
	assert_int_equal(sell(shop, "Host: localhost.shop.example\r\n" AUTH, "T01"), 421);
	assert_int_equal(sell(shop, "Host: 127.0.0.1.shop.example:80\r\n" AUTH, "T01"), 421);
	ask(shop, "GET", "/health/live", "Host: shop.example\r\n", "");
	assert_int_equal(hear(shop), 421);
	ask(shop, "GET", "/health/live", "Host: LOCALHOST:8089\r\n", "");
	assert_int_equal(hear(shop), 200);
	assert_int_equal(sales_in(shop), 0);
}

/* A browser tells whose page sends a request. */
static void another_web_site_is_refused(void **state)
{
	struct shop *shop = *state;

	assert_int_equal(sell(shop, HOST AUTH "Origin: https://shop.example\r\n", "T01"), 403);
	assert_non_null(strstr(shop->answer, "\"cross_site\""));
	assert_int_equal(sell(shop, HOST AUTH "Origin: null\r\n", "T01"), 403);
	assert_int_equal(sell(shop, HOST AUTH "Sec-Fetch-Site: cross-site\r\n", "T01"), 403);
	assert_int_equal(sell(shop, HOST AUTH "Sec-Fetch-Site: same-site\r\n", "T01"), 403);
	assert_int_equal(sales_in(shop), 0);
}

/* What a till may do does not make it an administrator. */
static void a_token_does_only_what_its_scopes_say(void **state)
{
	struct shop *shop = *state;

	ask(shop, "POST", "/api/v1/tokens", HOST AUTH, "{\"name\":\"x\",\"tills\":[\"T02\"]}");
	assert_int_equal(hear(shop), 403);
	assert_non_null(strstr(shop->answer, "\"auth.scope\""));
	ask(shop, "GET", "/api/v1/tokens", HOST AUTH, "");
	assert_int_equal(hear(shop), 403);
	ask(shop, "POST", "/api/v1/parked/1/issue", HOST AUTH, "{}");
	assert_int_equal(hear(shop), 403);
}

/* A sale that gets no invoice needs a person's sentence in the books. */
static void nobody_ignores_a_sale_without_a_reason(void **state)
{
	static const char *const bodies[] = {
		"{}", "{\"reason\":\"\"}", "{\"reason\":null}", "{\"reason\":1}", "{\"note\":\"x\"}"};
	struct shop *shop = *state;

	assert_int_equal(sell_and_issue(shop, "T01!"), 202);
	for (size_t i = 0; i < ARRAY_LEN(bodies); i++) {
		ask_as_admin(shop, "/api/v1/parked/1/ignore", bodies[i]);
		assert_int_equal(hear(shop), 422);
	}
}

#define TEST(name) cmocka_unit_test_setup_teardown(name, set_up, tear_down)

int main(void)
{
	const struct CMUnitTest tests[] = {
		TEST(a_till_sells_with_its_token),
		TEST(a_token_speaks_for_its_tills_only),
		TEST(without_a_valid_token_nothing_is_taken),
		TEST(another_host_name_is_refused),
		TEST(another_web_site_is_refused),
		TEST(a_token_does_only_what_its_scopes_say),
		TEST(nobody_ignores_a_sale_without_a_reason),
	};

	return cmocka_run_group_tests_name("guard_doors", tests, NULL, NULL);
}
