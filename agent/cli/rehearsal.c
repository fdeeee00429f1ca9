#include "cli/rehearsal.h"

#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "base/ecsign.h"
#include "base/file.h"
#include "capture/intake.h"
#include "drivers/drivers.h"
#include "issue/issue.h"
#include "store/copy.h"
#include "store/invoices.h"

#define TEMP	"/var/tmp/hoadon-rehearsal-XXXXXX" /* on a disk: a store does not always fit into memory */
#define LOOK_MS 50
#define ASK_MS	200

static int set_clock(struct rehearsal *rehearsal, int64_t now_ms, struct fault *fault)
{
	char text[32];
	int len = snprintf(text, sizeof(text), "=%lld\n", (long long)now_ms);
	snprintf(rehearsal->clock_file, sizeof(rehearsal->clock_file), "%s/clock", rehearsal->dir);
	rehearsal->clock.test_file = rehearsal->clock_file;
	return file_write(rehearsal->clock_file, text, (size_t)len, 0600, fault);
}

static int make_dir(struct rehearsal *rehearsal, struct fault *fault)
{
	strcpy(rehearsal->dir, TEMP);
	if (mkdtemp(rehearsal->dir))
		return 0;
	rehearsal->dir[0] = '\0';
	return FAULT(fault, FAULT_IO, "no folder for a rehearsal in /var/tmp: %s", strerror(errno));
}

int rehearsal_begin(struct cli *cli, int64_t now_ms, struct rehearsal *ret, struct fault *fault)
{
	CLEANUP(store_closep) struct store *store = NULL;
	int result = cli_open_store(cli, &store, fault);
	if (result == 0)
		result = make_dir(ret, fault);
	if (result == 0)
		result = set_clock(ret, now_ms, fault);
	return result ? result : store_copy(store, ret->dir, fault);
}

int rehearsal_new(const struct cli *cli, struct rehearsal *ret, struct fault *fault)
{
	ret->clock = cli->clock;
	return make_dir(ret, fault);
}

void rehearsal_done(struct rehearsal *rehearsal)
{
	static const char *const names[] = {
		"current.db", "current.db-wal", "current.db-shm", "current.lock", "ledger.key", "clock"};
	char path[128];
	for (size_t i = 0; i < rehearsal->count; i++)
		slot_free(rehearsal->bills[i]);
	for (size_t i = 0; rehearsal->dir[0] && i < ARRAY_LEN(names); i++) {
		snprintf(path, sizeof(path), "%s/%s", rehearsal->dir, names[i]);
		(void)!file_remove(path, NULL);
	}
	if (rehearsal->dir[0])
		rmdir(rehearsal->dir);
}

static void nobody_waits(struct slot *slot)
{
	(void)slot;
}

/* As a till says it. */
static const char *bill_text(
	const struct cli *cli, struct slot *slot, size_t number, int64_t sold_at, enum vat_rate rate)
{
	char sold[CLOCK_TEXT_MAX];
	bool has_rate = cli->config.seller.form == 1;
	clock_format_local(sold_at, sold);
	return arena_printf(slot->arena,
		"{\"till_id\":\"%s\",\"bill_no\":\"REHEARSAL-%zu\",\"kind\":\"sale\",\"sold_at\":\"%s\",\"lines\":[{"
		"\"name\":\"Cơm "
		"gà\",\"unit\":\"suất\",\"qty\":\"1\",\"unit_price\":\"110000\",\"amount\":\"110000\"%s%s%s}],"
		"\"total\":\"110000\",\"payments\":[{\"method\":\"cash\",\"amount\":\"110000\"}]}",
		cli->config.seller.tills[0].id, number, sold, has_rate ? ",\"vat_rate\":\"" : "",
		has_rate ? vat_text(rate) : "", has_rate ? "\"" : "");
}

int rehearsal_add(struct cli *cli, struct rehearsal *rehearsal, int64_t sold_at, enum vat_rate rate, int64_t now_ms,
	struct fault *fault)
{
	struct slot *slot = slot_new();
	if (!slot)
		return FAULT(fault, FAULT_MEMORY, "no memory for a bill");
	rehearsal->bills[rehearsal->count++] = slot;
	slot->wish = SLOT_SALE;
	slot->source = "rehearsal";
	slot->received_at = now_ms;
	slot->done = nobody_waits;
	slot->frame = bill_text(cli, slot, rehearsal->count, sold_at, rate);
	if (!slot->frame)
		return FAULT(fault, FAULT_MEMORY, "no memory for a bill");
	slot->frame_len = strlen(slot->frame);
	return intake_read(slot, &dialect_json, &cli->config.seller, slot->frame_len, fault);
}

int rehearsal_run(struct cli *cli, struct rehearsal *rehearsal, const struct key *signer, struct fault *fault)
{
	CLEANUP(store_closep) struct store *store = NULL;
	CLEANUP(issuer_freep) struct issuer *issuer = NULL;
	CLEANUP(ecsign_freep) struct ecsign_key *key = NULL;
	const struct calendar calendar = {0}; /* deadlines are not looked at */
	char path[80];
	snprintf(path, sizeof(path), "%s/ledger.key", rehearsal->dir);
	int result = ecsign_load_or_make(path, &key, fault);
	if (result == 0)
		result = store_open(
			rehearsal->dir, STORE_WRITE, &rehearsal->clock, cli->config.seller.tax_code, &store, fault);
	const struct issuer_settings settings = {.config = &cli->config,
		.clock = &rehearsal->clock,
		.calendar = &calendar,
		.key = signer,
		.ledger_key = key};
	if (result == 0)
		result = issuer_new(&settings, store, &issuer, fault);
	for (size_t i = 0; result == 0 && i < rehearsal->count; i++)
		result = issuer_put(issuer, rehearsal->bills[i]);
	if (result)
		return result < 0 ? result : FAULT(fault, FAULT_BUG, "the issuer takes no bill");
	issuer_stop(issuer);
	issuer_run(issuer);
	return 0;
}

static bool is_over(const struct rehearsal_sent *sent, bool is_sending)
{
	return sent->message.id &&
	       (!is_sending || sent->message.state == MESSAGE_ANSWERED || sent->message.state == MESSAGE_REFUSED);
}

static int look(struct cli *cli, const struct rehearsal *rehearsal, struct store *store, struct rehearsal_sent *ret,
	struct fault *fault)
{
	struct invoice_row invoice;
	int result = store_message_after(store, 0, cli->arena, &ret->message, fault);
	if (result)
		return result;
	result = store_invoice_get(store, rehearsal->bills[0]->invoice_id, cli->arena, &invoice, fault);
	ret->state = invoice.state;
	return result;
}

static int drive(struct cli *cli, const struct rehearsal *rehearsal, struct sender *sender, struct store *store,
	bool is_sending, int64_t wait_ms, struct rehearsal_sent *ret, struct fault *fault)
{
	for (int64_t waited = 0; waited <= wait_ms; waited += LOOK_MS) {
		int64_t next;
		int result = 0;
		while (result == 0)
			result = sender_step(sender, &next, fault);
		if (result > 0)
			result = look(cli, rehearsal, store, ret, fault);
		if (result < 0 || is_over(ret, is_sending))
			return result;
		usleep(LOOK_MS * 1000);
	}
	return ret->message.id ? 0 : 1;
}

int rehearsal_send(struct cli *cli, struct rehearsal *rehearsal, const struct key *key, const struct send_route *route,
	int64_t wait_ms, struct rehearsal_sent *ret, struct fault *fault)
{
	CLEANUP(store_closep) struct store *store = NULL;
	CLEANUP(sender_freep) struct sender *sender = NULL;
	struct config config = cli->config;
	const struct send_signer signer = {.sign = key_sign_one,
		.context = (void *)key,
		.subject = key->certificate.subject,
		.certificate = key->certificate.der.data,
		.certificate_len = key->certificate.der.len};
	const struct sender_settings settings = {.config = &config,
		.clock = &rehearsal->clock,
		.signer = &signer,
		.routes = route,
		.route_count = route ? 1 : 0};
	*ret = (struct rehearsal_sent){.message = {.id = 0}};
	/* Nobody else comes, and somebody waits. */
	config.max_wait_ms = 0;
	config.query_pause_ms = ASK_MS;
	int result =
		store_open(rehearsal->dir, STORE_WRITE, &rehearsal->clock, cli->config.seller.tax_code, &store, fault);
	if (result == 0)
		result = sender_new(&settings, store, &sender, fault);
	return result ? result : drive(cli, rehearsal, sender, store, route, wait_ms, ret, fault);
}
