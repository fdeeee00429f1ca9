/* world: a sender on a real store, a clock that tests move, and an authority in memory that lies on request. */
#ifndef HOADON_TESTS_SEND_WORLD_H
#define HOADON_TESTS_SEND_WORLD_H

#include "../wire/testing.h"
#include "../wire/pki.h"
#include "../store/shop.h"

#include "core/config.h"
#include "send/send.h"

#define WORLD_HELD_MAX	64
#define WORLD_STEPS_MAX 20000
#define MINUTE		INT64_C(60000)
#define HOUR		(60 * MINUTE)

/* A message as it reached the authority. */
struct held {
	char id[64];
	struct bytes bytes;
	bool is_stored; /* the authority took it */
	int door;	/* that it came through, when it was stored */
	int submits;
};

/* One T-VAN in front of the authority: it knows what came through it. */
struct door {
	struct world *world;
	int number;
	bool is_unreachable;	/* no connection comes about */
	bool falls_after_query; /* unreachable as soon as it answered a question */
	bool is_silent;		/* what is sent reaches nobody, and nobody answers */
	int lose_after;		/* so many submits in a row reach the authority and bring no answer */
	int status;		/* every call is answered so; 0 = not */
	int64_t retry_after_ms;
	int calls, submits;
};

struct world {
	struct pki *pki;
	struct shop *shop;
	struct config config;
	struct send_signer signer;
	struct door doors[2];
	struct send_route routes[2]; /* one is configured, but for tests of two */
	struct sender_settings settings;
	struct sender *sender;
	bool restarts; /* the sender is made anew, on a store opened anew, after every step */
	/* what the key and the authority do */
	bool key_is_away;
	int lose_before, lose_after; /* so many submits in a row reach nobody, or reach and bring no answer */
	int refuse_http;	     /* so many submits are answered by HTTP 401 */
	int pendings;		     /* so many questions are answered by "pending" */
	bool cannot_ask, is_down, answers_at_once;
	bool is_unsigned, repeats_whole_refusal;
	const char *about;    /* instead of the message's id */
	const char *tax_code; /* of the 204 */
	int32_t bad[16];      /* numbers that are refused */
	size_t bad_count;
	int32_t poison;	      /* number of an invoice; 0 = none */
	const char *bad_code; /* MLoi */
	const char *
		whole_code; /* a message with a bad number is refused whole (LTBao 9) for this; "*" prefix: every message is */
	bool snapshot_in_call; /* copies the store's folder while a submit is under way */
	/* what was seen */
	struct held held[WORLD_HELD_MAX];
	size_t held_count;
	int submits, queries, signatures;
};

/* ---- the authority ---- */

static inline void notice(struct world *world, const char *about, int kind, const char *block, struct bytes *out)
{
	BYTES_CLEANUP struct bytes data = {0};
	BYTES_CLEANUP struct bytes signature = {0};
	uint8_t digest[DIGEST_LEN];

	bytes_init(&data, 1 << 20);
	bytes_init(&signature, 1 << 20);
	bytes_printf(&data,
		"<DLTBao Id=\"Id-1\"><PBan>2.1.0</PBan><MSo>01/TB-KTDL</MSo><MST>%s</MST><LTBao>%d</LTBao>"
		"<MGDDTu>%s</MGDDTu>%s</DLTBao>",
		world->tax_code, kind, about, block);
	digest_sha256(data.data, data.len, digest);
	pki_seal(world->pki, "Id-1", digest, "Tct-1", &signature);
	bytes_printf(out,
		"<TDiep><TTChung><PBan>2.1.0</PBan><MNGui>TCT</MNGui><MNNhan>V9900000023</MNNhan>"
		"<MLTDiep>204</MLTDiep><MTDiep>TCT00112233445566778899AABBCCDDEEFF</MTDiep><MTDTChieu>%s</MTDTChieu>"
		"<MST>%s</MST><SLuong>1</SLuong></TTChung><DLieu><TBao>",
		about, world->tax_code);
	bytes_append(out, data.data, data.len);
	bytes_text(out, "<DSCKS><CQT>");
	if (!world->is_unsigned)
		bytes_append(out, signature.data, signature.len);
	bytes_text(out, "</CQT></DSCKS></TBao></DLieu></TDiep>");
}

static inline void technical(
	int type, const char *about, int result, const char *code, const char *text, struct bytes *out)
{
	bytes_printf(out,
		"<TDiep><TTChung><PBan>2.1.0</PBan><MNGui>TCT</MNGui><MNNhan>V9900000023</MNNhan><MLTDiep>%d</MLTDiep>"
		"<MTDiep>TCT00112233445566778899AABBCCDDEE00</MTDiep><MTDTChieu>%s</MTDTChieu></TTChung><DLieu><TBao>"
		"<MTDiep>%s</MTDiep><NNhan>2026-11-22T13:00:00</NNhan><TTTNhan>%d</TTTNhan>",
		type, about, about, result);
	if (result)
		bytes_printf(out, "<DSLDo><LDo><MLoi>%s</MLoi><MTa>%s</MTa></LDo></DSLDo>", code, text);
	bytes_text(out, "</TBao></DLieu></TDiep>");
}

static inline bool holds_number(const struct held *held, int32_t number)
{
	char text[64];

	snprintf(text, sizeof(text), "<SHDon>%d</SHDon>", (int)number);
	return memmem(held->bytes.data, held->bytes.len, text, strlen(text)) != NULL;
}

static inline void judge(struct world *world, const struct held *held, struct bytes *out)
{
	BYTES_CLEANUP struct bytes block = {0};
	const char *about = world->about ? world->about : held->id;
	bool is_all = world->whole_code && world->whole_code[0] == '*';
	int named = 0;

	bytes_init(&block, 1 << 20);
	bytes_text(&block, world->whole_code ? "<KHLKhac><DSLDo>" : "<LHDMTTien><DSLDo>");
	for (size_t i = 0; i < world->bad_count && !world->whole_code; i++)
		if (world->bad[i] > 90000000 || holds_number(held, world->bad[i])) {
			bytes_printf(&block,
				"<LDo><MLoi>%s</MLoi><MTLoi>1;C26MAA;%d;sai</MTLoi><HDXLy>sửa</HDXLy></LDo>",
				world->bad_code, (int)world->bad[i]);
			named++;
		}
	for (size_t i = 0; i < world->bad_count && world->whole_code && !named; i++)
		named += holds_number(held, world->bad[i]);
	if (world->whole_code && (named || is_all)) {
		bytes_printf(&block, "<LDo><MLoi>%s</MLoi><MTLoi>sai</MTLoi></LDo></DSLDo></KHLKhac>",
			world->whole_code + is_all);
		notice(world, about, 9, (const char *)block.data, out);
	} else if (named) {
		bytes_text(&block, "</DSLDo></LHDMTTien>");
		notice(world, about, 7, (const char *)block.data, out);
	} else {
		notice(world, about, 2, "", out);
	}
}

static inline struct held *find_held(struct world *world, const char *id)
{
	for (size_t i = 0; i < world->held_count; i++)
		if (!strcmp(world->held[i].id, id))
			return &world->held[i];
	return NULL;
}

static inline void take_snapshot(struct world *world)
{
	char command[256];

	snprintf(command, sizeof(command), "rm -rf %s.then && cp -a %s %s.then", world->shop->dir, world->shop->dir,
		world->shop->dir);
	assert_int_equal(system(command), 0);
}

/* A message that makes whoever reads it fall over. */
static inline bool is_poison(const struct world *world, const struct held *held)
{
	return world->poison && holds_number(held, world->poison);
}

static inline int fake_submit(const struct authority_env *env, const char *message_id, const void *bytes, size_t len,
	struct authority_answer *ret, struct fault *fault)
{
	struct door *door = (struct door *)(void *)env->http;
	struct world *world = door->world;
	struct held *held = find_held(world, message_id);
	bool is_repeated = held && held->is_stored;

	(void)fault;
	door->calls++;
	snprintf(ret->text, sizeof(ret->text), "fake");
	if (door->is_unreachable)
		return SUBMIT_UNSENT;
	world->submits++;
	door->submits++;
	if (!held) {
		assert_true(world->held_count < WORLD_HELD_MAX);
		held = &world->held[world->held_count++];
		snprintf(held->id, sizeof(held->id), "%s", message_id);
		bytes_init(&held->bytes, 4 << 20);
		bytes_append(&held->bytes, bytes, len);
	}
	held->submits++;
	/* House 8.5: the same id is always the same bytes. */
	assert_int_equal(held->bytes.len, len);
	assert_memory_equal(held->bytes.data, bytes, len);
	if (world->snapshot_in_call)
		take_snapshot(world);
	if (door->status) {
		ret->http_status = door->status;
		ret->retry_after_ms = door->retry_after_ms ? door->retry_after_ms : -1;
		return door->status < 500 && door->status != 429 ? SUBMIT_REFUSED : SUBMIT_UNKNOWN;
	}
	if (is_poison(world, held))
		return SUBMIT_UNKNOWN;
	if (door->is_silent || world->is_down || (world->lose_before > 0 && world->lose_before--))
		return SUBMIT_UNKNOWN;
	if (world->refuse_http > 0 && world->refuse_http--) {
		ret->http_status = 401;
		return SUBMIT_REFUSED;
	}
	if (!is_repeated)
		held->door = door->number;
	held->is_stored = true;
	if ((world->lose_after > 0 && world->lose_after--) || (door->lose_after > 0 && door->lose_after--))
		return SUBMIT_UNKNOWN;
	ret->http_status = 200;
	if (is_repeated)
		technical(999, message_id, 1, "S106", "repeated", &ret->raw);
	else if (world->answers_at_once)
		judge(world, held, &ret->raw);
	else
		technical(999, message_id, 0, "", "", &ret->raw);
	return SUBMIT_TAKEN;
}

static inline int fake_query(const struct authority_env *env, const char *message_id, const char *ref,
	struct authority_answer *ret, struct fault *fault)
{
	struct door *door = (struct door *)(void *)env->http;
	struct world *world = door->world;
	struct held *held = find_held(world, message_id);

	(void)ref;
	(void)fault;
	door->calls++;
	world->queries++;
	ret->http_status = door->status;
	if (door->is_unreachable || door->is_silent || door->status || world->is_down)
		return QUERY_UNKNOWN;
	ret->http_status = 200;
	door->is_unreachable = door->falls_after_query;
	if (world->cannot_ask)
		return QUERY_CANNOT_ASK;
	if (!held || !held->is_stored || held->door != door->number)
		return QUERY_NOT_FOUND;
	if (world->pendings > 0 && world->pendings--)
		return QUERY_PENDING;
	judge(world, held, &ret->raw);
	return QUERY_VERDICT;
}

static const struct authority_ops fake_ops = {
	.name = "fake",
	.summary = "in memory",
	.capabilities = {.takes_envelope = true},
	.submit = fake_submit,
	.query = fake_query,
};

static inline int fake_sign(void *context, const uint8_t digest[32], uint8_t *sig, size_t *ret_len, struct fault *fault)
{
	struct world *world = context;

	(void)fault;
	if (world->key_is_away)
		return 1;
	world->signatures++;
	memset(sig, 7, 256);
	memcpy(sig, digest, 32);
	*ret_len = 256;
	return 0;
}

/* ---- the world ---- */

static inline void world_open_sender(struct world *world)
{
	must(world->shop, sender_new(&world->settings, world->shop->store, &world->sender, &world->shop->fault));
}

static inline void world_restart(struct world *world)
{
	sender_free(world->sender);
	world->sender = NULL;
	shop_reopen(world->shop);
	world_open_sender(world);
}

/* The power fails while the call under way waits: the store is as it was then. */
static inline void world_cut_power(struct world *world)
{
	char command[640];

	sender_free(world->sender);
	world->sender = NULL;
	shop_close(world->shop);
	snprintf(command, sizeof(command), "cp -a %s/clock %s.then/clock; rm -rf %s && mv %s.then %s", world->shop->dir,
		world->shop->dir, world->shop->dir, world->shop->dir, world->shop->dir);
	assert_int_equal(system(command), 0);
	world->shop->store = shop_open_another(world->shop, STORE_WRITE);
	world_open_sender(world);
}

static inline int64_t world_now(struct world *world)
{
	return clock_now_ms(&world->shop->clock);
}

static inline int world_step(struct world *world, int64_t *ret_next)
{
	int result = sender_step(world->sender, ret_next, &world->shop->fault);

	if (result < 0)
		fail_msg("sender_step = %d: %s", result, world->shop->fault.text);
	if (world->restarts)
		world_restart(world);
	return result;
}

/* Step while there is work; the clock jumps to where the sender wants it, for @span_ms in all. */
static inline void world_run(struct world *world, int64_t span_ms)
{
	int64_t end = world_now(world) + span_ms;
	int64_t next = 0;

	for (int i = 0; i < WORLD_STEPS_MAX; i++) {
		if (world_step(world, &next) == 0)
			continue;
		if (next > end)
			break;
		/* A sender that asks for a time that is past would spin. */
		assert_true(next > world_now(world));
		shop_set_clock(world->shop, next);
	}
	shop_set_clock(world->shop, end);
}

static inline int world_setup(void **state)
{
	struct world *world = calloc(1, sizeof(*world));
	void *shop = NULL;

	assert_non_null(world);
	world->pki = *state;
	shop_setup(&shop);
	world->shop = shop;
	world->tax_code = SHOP_SELLER;
	world->config = (struct config){
		.seller = {.tax_code = SHOP_SELLER,
			.sender = "V9900000023",
			.form = 1,
			.code_flag = 'C',
			.profile = profile_find("2.1.0"),
			.max_message_bytes = 2000000},
		.max_invoices = 200,
		.max_wait_ms = 5000,
		.retry_first_ms = 2000,
		.retry_last_ms = 15 * MINUTE,
		.query_pause_ms = 2000,
		.cannot_ask_pause_ms = 15 * MINUTE,
		.cutoff_minute = 23 * 60 + 55,
	};
	world->signer = (struct send_signer){.sign = fake_sign,
		.context = world,
		.subject = world->pki->facts.subject,
		.certificate = world->pki->der.data,
		.certificate_len = world->pki->der.len};
	for (int i = 0; i < 2; i++) {
		world->doors[i] = (struct door){.world = world, .number = i};
		world->routes[i] = (struct send_route){.name = i ? "second" : "main",
			.ops = &fake_ops,
			.env = {.http = (struct http *)(void *)&world->doors[i]},
			.anchors_pem = (const char *)world->pki->anchors.data};
	}
	world->settings = (struct sender_settings){.config = &world->config,
		.clock = &world->shop->clock,
		.signer = &world->signer,
		.routes = world->routes,
		.route_count = 1};
	world_open_sender(world);
	*state = world;
	return 0;
}

static inline int world_teardown(void **state)
{
	struct world *world = *state;
	void *shop = world->shop;

	sender_free(world->sender);
	for (size_t i = 0; i < world->held_count; i++)
		bytes_done(&world->held[i].bytes);
	shop_teardown(&shop);
	free(world);
	return 0;
}

/* Invoices @first .. @last wait. */
static inline void world_issue(struct world *world, int32_t first, int32_t last)
{
	shop_begin(world->shop);
	for (int32_t number = first; number <= last; number++)
		shop_invoice(world->shop, number);
	shop_commit(world->shop);
}

static inline void world_bad(struct world *world, int32_t number, const char *code)
{
	world->bad[world->bad_count++] = number;
	world->bad_code = code;
}

static inline const char *world_state(struct world *world, int32_t number)
{
	struct invoice_row row = {0};

	must(world->shop, store_invoice_by_number(world->shop->store, 1, "C26MAA", number, world->shop->arena, &row,
				  &world->shop->fault));
	return invoice_state_word(row.state);
}

static inline int64_t world_invoices(struct world *world, const char *state)
{
	char sql[128];

	snprintf(sql, sizeof(sql), "SELECT count(*) FROM invoice WHERE state = '%s'", state);
	return shop_number(world->shop, sql);
}

static inline int64_t world_messages(struct world *world, const char *state)
{
	char sql[128];

	snprintf(sql, sizeof(sql), "SELECT count(*) FROM message WHERE state = '%s'", state);
	return shop_number(world->shop, sql);
}

static inline int64_t world_tasks(struct world *world, const char *kind)
{
	char sql[128];

	snprintf(sql, sizeof(sql), "SELECT count(*) FROM task WHERE closed_at = 0 AND kind = '%s'", kind);
	return shop_number(world->shop, sql);
}

static inline int world_group_setup(void **state)
{
	struct pki *pki = calloc(1, sizeof(*pki));

	assert_non_null(pki);
	pki_init(pki, "CỤC THUẾ (MÔ PHỎNG)", NULL);
	*state = pki;
	return 0;
}

static inline int world_group_teardown(void **state)
{
	pki_done(*state);
	free(*state);
	return 0;
}

#define WORLD_TEST(name) cmocka_unit_test_setup_teardown(name, world_setup, world_teardown)

#endif
