#include "send/pack.h"

#include <stdio.h>
#include <string.h>

#include "base/log.h"
#include "store/invoices.h"
#include "store/ledger.h"
#include "wire/invoice_xml.h"
#include "wire/message.h"
#include "wire/seal.h"

#define INVOICES_MAX	1000		   /* format 3.1 */
#define ROWS_ARENA	((size_t)4 << 20)  /* 1,000 rows without xml */
#define INVOICE_ARENA	((size_t)16 << 20) /* one invoice */
#define SIGNATURE_FIXED 6144		   /* of a Signature element: all but certificate and subject */
#define HEAD_MAX	4096
#define CUTOFF_LEAD_MS	60000 /* what waits is packed so long before the cut-off: it is sent before it */

/* A message that is made but not stored. */
struct packed {
	struct message_row row;
	char message_id[MESSAGE_ID_MAX + 1];
	struct bytes head, signature;
	const int64_t *ids; /* borrowed */
	size_t count;
	int form;
	char serial[SERIAL_LEN + 1];
	int32_t first, last;	       /* numbers */
	const struct profile *profile; /* of all its invoices, and of the envelope */
	int64_t damaged;	       /* the invoice whose bytes could not be read; 0 = none */
	size_t alike; /* the first so many are of one version, the next one is of another; 0 = all are */
};

static void packed_init(struct packed *packed)
{
	memset(packed, 0, sizeof(*packed));
	bytes_init(&packed->head, HEAD_MAX);
	bytes_init(&packed->signature, 64 << 10);
}

static void packed_done(struct packed *packed)
{
	bytes_done(&packed->head);
	bytes_done(&packed->signature);
}

/* The two digests of a message: of what is signed, and of the whole. */
struct digests {
	struct message_digest *data;
	struct digest *whole;
};

static void digests_done(struct digests *digests)
{
	uint8_t unused[DIGEST_LEN];

	if (digests->data)
		message_digest_end(digests->data, unused);
	digest_free(digests->whole);
}

/* An invoice with its bytes, and the version they are written in. */
static int read_invoice(struct store *store, struct packed *packed, int64_t id, struct arena *arena,
	struct invoice_row *ret, const struct profile **ret_profile, struct fault *fault)
{
	int result = store_invoice_get(store, id, arena, ret, fault);

	if (result == FAULT_MEMORY)
		return result;
	if (result == 0)
		*ret_profile = invoice_xml_profile(ret->xml, ret->xml_len);
	if (result == 0 && *ret_profile)
		return 0;
	packed->damaged = id;
	if (result < 0)
		return result;
	return FAULT(fault, FAULT_FORMAT, "invoice %lld is %s", (long long)id,
		result ? "not there" : "of a version that this program lacks");
}

/* Invoice @i into both digests; its number into @packed. */
static int add_invoice(
	struct store *store, struct packed *packed, size_t i, struct digests *digests, struct fault *fault)
{
	CLEANUP(arena_freep) struct arena *arena = arena_new(INVOICE_ARENA);
	const struct profile *profile;
	struct invoice_row row;
	int result;

	if (!arena)
		return FAULT(fault, FAULT_MEMORY, "no memory for an invoice");
	result = read_invoice(store, packed, packed->ids[i], arena, &row, &profile, fault);
	if (result)
		return result;
	if (profile != packed->profile) {
		packed->alike = i;
		return FAULT(fault, FAULT_FORMAT, "invoice %lld is of another version than the first of its message",
			(long long)row.id);
	}
	message_digest_add(digests->data, row.xml, row.xml_len);
	digest_add(digests->whole, row.xml, row.xml_len);
	packed->row.bytes += (int64_t)row.xml_len;
	if (!packed->row.deadline || row.deadline < packed->row.deadline)
		packed->row.deadline = row.deadline;
	packed->last = row.number;
	return 0;
}

/* Serials C… travel as 206, K… as 216 (format 5, rule 2). */
static int message_type(const char *serial)
{
	return serial[0] == 'K' ? 216 : 206;
}

static struct message_head head_of(const struct sender *sender, const struct packed *packed)
{
	const struct seller *seller = &sender->settings->config->seller;

	return (struct message_head){
		.pban = packed->profile->pban,
		.sender = seller->sender,
		.receiver = "TCT",
		.type = message_type(packed->serial),
		.id = packed->message_id,
		.tax_code = seller->tax_code,
		.count = (int)packed->count,
		.dlieu_prefix = packed->profile->dlieu_prefix,
	};
}

/* Head and invoices into @digests. */
static int digest_message(struct sender *sender, struct packed *packed, const struct message_head *head,
	struct digests *digests, struct fault *fault)
{
	int result;

	message_write_head(head, &packed->head);
	result = bytes_check(&packed->head, "a message's head", fault);
	if (result)
		return result;
	digests->data = message_digest_new(head);
	digests->whole = digest_new();
	if (!digests->data || !digests->whole)
		return FAULT(fault, FAULT_MEMORY, "no memory for a message");
	digest_add(digests->whole, packed->head.data, packed->head.len);
	packed->row.bytes = (int64_t)packed->head.len;
	for (size_t i = 0; !result && i < packed->count; i++)
		result = add_invoice(sender->store, packed, i, digests, fault);
	return result;
}

/* The key may need a person: 1 and a pause instead of a failure, what is issued stays issued (law R-CON-1). */
static int sign_later(struct sender *sender, int64_t now, const struct fault *why)
{
	int64_t pause = sender->sign_pause_ms * 2;

	if (pause < sender->settings->config->retry_first_ms)
		pause = sender->settings->config->retry_first_ms;
	if (pause > SENDER_PAUSE_MAX_MS)
		pause = SENDER_PAUSE_MAX_MS;
	sender->sign_pause_ms = pause;
	sender->pack_again_at = now + pause;
	if (why->code)
		log_fault("message-not-signed", why);
	return 1;
}

/* The Signature over DLieu. 0; 1 = the key is not at hand; < 0. */
static int sign(struct sender *sender, struct packed *packed, const char *data_id,
	const uint8_t data_digest[DIGEST_LEN], int64_t now, struct fault *fault)
{
	const struct send_signer *signer = sender->settings->signer;
	char signature_id[64];
	uint8_t digest[DIGEST_LEN];
	uint8_t value[512];
	size_t len = 0;
	struct fault why = {0};
	const struct seal_input input = {
		.data_id = data_id,
		.data_digest = data_digest,
		.signature_id = signature_id,
		.signed_at = now,
		.subject = signer->subject,
		.certificate = signer->certificate,
		.certificate_len = signer->certificate_len,
	};

	snprintf(signature_id, sizeof(signature_id), "CKSNNT-%s", message_id_hex(packed->message_id));
	if (seal_prepare(&input, digest, fault) < 0)
		return FAULT_MEMORY;
	if (signer->sign(signer->context, digest, value, &len, &why))
		return sign_later(sender, now, &why);
	sender->sign_pause_ms = 0;
	return seal_finish(&input, value, len, &packed->signature, fault);
}

static int end_whole(struct packed *packed, struct digest *whole, struct fault *fault)
{
	BYTES_CLEANUP struct bytes tail;
	int result;

	bytes_init(&tail, packed->signature.len + 256);
	message_write_tail(packed->signature.data, packed->signature.len, &tail);
	result = bytes_check(&tail, "a message's tail", fault);
	if (result)
		return result;
	digest_add(whole, tail.data, tail.len);
	digest_end(whole, packed->row.digest);
	packed->row.bytes += (int64_t)tail.len;
	return 0;
}

/* The envelope says the version of its invoices. */
static int find_profile(struct store *store, struct packed *packed, struct fault *fault)
{
	CLEANUP(arena_freep) struct arena *arena = arena_new(INVOICE_ARENA);
	struct invoice_row row;

	if (!arena)
		return FAULT(fault, FAULT_MEMORY, "no memory for an invoice");
	return read_invoice(store, packed, packed->ids[0], arena, &row, &packed->profile, fault);
}

/* A signed message of @packed->ids, outside any transaction: a token may take its time. 0; 1 later; < 0. */
static int make(struct sender *sender, struct packed *packed, int64_t now, struct fault *fault)
{
	CLEANUP(digests_done) struct digests digests = {0};
	uint8_t data_digest[DIGEST_LEN];
	char data_id[MESSAGE_DATA_ID_MAX];
	int result;

	if (message_id_make(sender->settings->config->seller.sender, packed->message_id))
		return FAULT(fault, FAULT_CONFIG, "the sender's code is too long for a message id (format 3)");
	result = find_profile(sender->store, packed, fault);
	if (result)
		return result;
	const struct message_head head = head_of(sender, packed);
	result = digest_message(sender, packed, &head, &digests, fault);
	if (result)
		return result;
	message_digest_end(digests.data, data_digest);
	digests.data = NULL;
	message_data_id(&head, data_id);
	result = sign(sender, packed, data_id, data_digest, now, fault);
	if (!result)
		result = end_whole(packed, digests.whole, fault);
	packed->row.message_id = packed->message_id;
	packed->row.type = head.type;
	packed->row.head = (const char *)packed->head.data;
	packed->row.signature = packed->signature.data;
	packed->row.signature_len = packed->signature.len;
	packed->row.count = (int64_t)packed->count;
	packed->row.made_at = now;
	packed->row.next_try_at = now;
	packed->row.last_text = "made";
	return result;
}

/* Inside a transaction. */
static int put(struct sender *sender, const struct packed *packed, int64_t *ret_id, struct fault *fault)
{
	struct ledger_payload payload;
	int result = store_message_add(sender->store, &packed->row, packed->ids, packed->count, ret_id, fault);

	if (result)
		return result;
	ledger_payload_init(&payload);
	ledger_payload_int(&payload, "count", packed->row.count);
	ledger_payload_hex(&payload, "digest", packed->row.digest, DIGEST_LEN);
	ledger_payload_int(&payload, "first", packed->first);
	ledger_payload_int(&payload, "form", packed->form);
	ledger_payload_int(&payload, "last", packed->last);
	ledger_payload_text(&payload, "message", packed->message_id);
	ledger_payload_text(&payload, "serial", packed->serial);
	return ledger_append(sender->store, LEDGER_MESSAGE_MADE, &payload, NULL, fault);
}

/* ---- what waits ---- */

static size_t smaller(size_t a, size_t b)
{
	return b > 0 && b < a ? b : a;
}

/* What is packed fits every route, so that any may take it over. */
static size_t most_invoices(const struct sender *sender)
{
	const struct sender_settings *settings = sender->settings;
	size_t most = smaller(INVOICES_MAX, (size_t)settings->config->max_invoices);

	for (size_t i = 0; i < settings->route_count; i++)
		most = smaller(most, settings->routes[i].ops->capabilities.max_invoices);
	return most;
}

/* Bytes left for invoices when head and signature are written (format 3.1). */
static size_t most_bytes(const struct sender *sender)
{
	const struct sender_settings *settings = sender->settings;
	const struct send_signer *signer = settings->signer;
	size_t most = settings->config->seller.max_message_bytes;
	size_t fixed = HEAD_MAX + SIGNATURE_FIXED + signer->certificate_len * 4 / 3 + strlen(signer->subject) * 6;

	for (size_t i = 0; i < settings->route_count; i++)
		most = smaller(most, settings->routes[i].ops->capabilities.max_bytes);
	return most > fixed ? most - fixed : 0;
}

/* How many of @rows fit; one that is too large alone goes alone, so that it is refused and does not block the others. */
static size_t fit(const struct invoice_row *rows, size_t count, size_t room)
{
	size_t bytes = 0;

	for (size_t i = 0; i < count; i++) {
		bytes += rows[i].xml_len;
		if (bytes > room)
			return i ? i : 1;
	}
	return count;
}

/* 0; 1 the key is not at hand; < 0, with the damaged invoice or the number of those alike if that is why. */
static int pack_rows(struct sender *sender, const struct invoice_row *rows, size_t count, int64_t now,
	int64_t *ret_damaged, size_t *ret_alike, struct fault *fault)
{
	CLEANUP(packed_done) struct packed packed;
	int64_t ids[INVOICES_MAX];
	int64_t id = 0;
	int result;

	packed_init(&packed);
	for (size_t i = 0; i < count; i++)
		ids[i] = rows[i].id;
	packed.ids = ids;
	packed.count = count;
	packed.form = rows[0].form;
	packed.first = rows[0].number;
	snprintf(packed.serial, sizeof(packed.serial), "%s", rows[0].serial);
	result = make(sender, &packed, now, fault);
	*ret_damaged = packed.damaged;
	*ret_alike = packed.alike;
	if (!result)
		result = store_begin(sender->store, fault);
	return result ? result : sender_end(sender, put(sender, &packed, &id, fault), fault);
}

/* A person restores its bytes from a backup. */
static int report_damaged(
	struct sender *sender, int64_t invoice, const struct fault *why, int64_t now, struct fault *fault)
{
	const struct task_row task = {
		.kind = "invoice-damaged", .invoice_id = invoice, .text = why->text, .made_at = now};
	int result = store_begin(sender->store, fault);

	log_fault("invoice-damaged", why);
	return result ? result : sender_end(sender, store_task_add(sender->store, &task, fault), fault);
}

static size_t remove_row(struct invoice_row *rows, size_t count, int64_t id)
{
	size_t kept = 0;

	for (size_t i = 0; i < count; i++)
		if (rows[i].id != id)
			rows[kept++] = rows[i];
	return kept;
}

/* One invoice whose bytes are damaged stays behind and does not hold back the others (house section 5); one of another version goes with the next. */
static int pack_readable(
	struct sender *sender, struct invoice_row *rows, size_t count, int64_t now, struct fault *fault)
{
	int result = 0;

	while (count) {
		struct fault why = {0};
		int64_t damaged = 0;
		size_t alike = 0;

		result = pack_rows(sender, rows, count, now, &damaged, &alike, &why);
		if (result >= 0)
			return result;
		if (alike) {
			count = alike;
			continue;
		}
		if (!damaged)
			return FAULT(fault, result, "%s", why.text);
		result = report_damaged(sender, damaged, &why, now, fault);
		if (result)
			return result;
		count = remove_row(rows, count, damaged);
	}
	sender->pack_again_at = now + SENDER_PAUSE_MAX_MS;
	return 1;
}

static int64_t earlier(int64_t a, int64_t b)
{
	return a < b ? a : b;
}

/* The cut-off of the local day on which @ms lies. */
static int64_t cutoff_of(const struct sender *sender, int64_t ms)
{
	struct civil local = clock_local(ms);

	local.hour = (int)(sender->settings->config->cutoff_minute / 60);
	local.minute = (int)(sender->settings->config->cutoff_minute % 60);
	local.second = local.ms = 0;
	return clock_ms(local);
}

/* Until when @row may wait for others: all is out before the day's cut-off, what is issued after it waits for nothing (law R-SEND-1). */
static int64_t may_wait_until(const struct sender *sender, const struct invoice_row *row)
{
	int64_t last = cutoff_of(sender, row->issued_at) - CUTOFF_LEAD_MS;

	if (row->issued_at >= last)
		return row->issued_at;
	return earlier(row->issued_at + sender->settings->config->max_wait_ms, last);
}

/* How many of @rows go together: one that was issued after the cut-off goes alone, so that no other can be its culprit. */
static size_t fit_day(const struct sender *sender, const struct invoice_row *rows, size_t count)
{
	for (size_t i = 0; i < count; i++)
		if (rows[i].issued_at >= cutoff_of(sender, rows[i].issued_at))
			return i ? i : 1;
	return count;
}

int pack_waiting(struct sender *sender, int64_t now, int64_t *ret_next_ms, struct fault *fault)
{
	CLEANUP(arena_freep) struct arena *arena = arena_new(ROWS_ARENA);
	struct message_counts counts = {0};
	struct invoice_row *rows = NULL;
	size_t limit = most_invoices(sender);
	size_t count = 0;
	size_t fits;
	int result;

	if (!arena)
		return FAULT(fault, FAULT_MEMORY, "no memory for waiting invoices");
	result = store_invoice_waiting(sender->store, (int64_t)limit, arena, &rows, &count, fault);
	if (!result && count)
		result = store_message_count(sender->store, &counts, fault);
	if (result)
		return result;
	*ret_next_ms = INT64_MAX;
	if (!count)
		return 1;
	fits = fit(rows, fit_day(sender, rows, count), most_bytes(sender));
	*ret_next_ms = may_wait_until(sender, &rows[0]);
	if (fits == count && count < limit && now < *ret_next_ms && !sender->export_id) {
		int64_t last_at = rows[count - 1].issued_at;

		if (counts.made)
			return 1;
		if (now >= last_at && now < last_at + SEND_QUIET_MS) {
			*ret_next_ms = earlier(*ret_next_ms, last_at + SEND_QUIET_MS);
			return 1;
		}
	}
	result = pack_readable(sender, rows, fits, now, fault);
	if (result > 0)
		*ret_next_ms = sender->pack_again_at;
	return result;
}

/* ---- halves ---- */

struct members {
	int64_t ids[INVOICES_MAX];
	int32_t numbers[INVOICES_MAX];
	size_t count;
	int form;
	char serial[SERIAL_LEN + 2];
};

static int collect_issued(void *context, const struct message_invoice *invoice, struct fault *fault)
{
	struct members *members = context;

	if (invoice->state != INVOICE_ISSUED)
		return 0;
	if (members->count == INVOICES_MAX)
		return FAULT(fault, FAULT_BUG, "a message with more than %d invoices", INVOICES_MAX);
	members->ids[members->count] = invoice->id;
	members->numbers[members->count++] = invoice->number;
	members->form = invoice->form;
	snprintf(members->serial, sizeof(members->serial), "%.*s", SERIAL_LEN, invoice->serial);
	return 0;
}

static int make_half(struct sender *sender, const struct members *members, size_t from, size_t count, int64_t halving,
	struct packed *packed, int64_t now, struct fault *fault)
{
	packed->ids = members->ids + from;
	packed->count = count;
	packed->form = members->form;
	packed->first = members->numbers[from];
	packed->row.halving = halving;
	snprintf(packed->serial, sizeof(packed->serial), "%.*s", SERIAL_LEN, members->serial);
	return make(sender, packed, now, fault);
}

/* Both halves, and the memo without their parent. Inside a transaction. */
static int put_halves(
	struct sender *sender, const struct packed halves[2], const struct memo *memo, struct fault *fault)
{
	struct memo rest = *memo;
	int64_t ids[2] = {0};
	int result = 0;

	for (int i = 0; i < 2 && !result; i++)
		if (halves[i].count)
			result = put(sender, &halves[i], &ids[i], fault);
	memo_family_replace(&rest, memo->halve[0], ids[0], ids[1]);
	memo_halve_drop(&rest);
	return result < 0 ? result : memo_save(sender->store, &rest, fault);
}

static int make_halves(struct sender *sender, const struct members *members, int64_t halving, struct packed halves[2],
	int64_t now, struct fault *fault)
{
	size_t first = (members->count + 1) / 2;
	int result = 0;

	if (members->count)
		result = make_half(sender, members, 0, first, halving, &halves[0], now, fault);
	if (!result && members->count > first)
		result = make_half(sender, members, first, members->count - first, halving, &halves[1], now, fault);
	return result;
}

static int load_members(
	struct sender *sender, int64_t id, struct members *members, int64_t *ret_halving, struct fault *fault)
{
	CLEANUP(arena_freep) struct arena *arena = arena_new(INVOICE_ARENA);
	struct message_row row;
	int result;

	if (!arena)
		return FAULT(fault, FAULT_MEMORY, "no memory for a message");
	result = store_message_get(sender->store, id, arena, &row, fault);
	if (result)
		return result < 0 ? result : FAULT(fault, FAULT_BUG, "message %lld is not there", (long long)id);
	*ret_halving = row.halving + 1;
	return store_message_each(sender->store, id, collect_issued, members, fault);
}

/* Its invoices wait: they are packed anew, without those that cannot be read. */
static int give_up_halving(struct sender *sender, const struct memo *memo, const struct fault *why, struct fault *fault)
{
	const struct packed none[2] = {0};
	int result = store_begin(sender->store, fault);

	log_fault("not-halved", why);
	return result ? result : sender_end(sender, put_halves(sender, none, memo, fault), fault);
}

int pack_halves(struct sender *sender, const struct memo *memo, int64_t now, int64_t *ret_next_ms, struct fault *fault)
{
	CLEANUP(arena_freep) struct arena *arena = arena_new(2 * sizeof(struct members));
	struct members *members = arena ? ARENA_NEW(arena, struct members) : NULL;
	struct packed halves[2];
	struct fault why = {0};
	int64_t halving = 0;
	int result;

	if (!members)
		return FAULT(fault, FAULT_MEMORY, "no memory to halve a message");
	packed_init(&halves[0]);
	packed_init(&halves[1]);
	result = load_members(sender, memo->halve[0], members, &halving, &why);
	if (!result)
		result = make_halves(sender, members, halving, halves, now, &why);
	if (result < 0)
		result = give_up_halving(sender, memo, &why, fault);
	else if (result > 0)
		*ret_next_ms = sender->pack_again_at;
	else if ((result = store_begin(sender->store, fault)) == 0)
		result = sender_end(sender, put_halves(sender, halves, memo, fault), fault);
	packed_done(&halves[0]);
	packed_done(&halves[1]);
	return result;
}

/* ---- a stored message's bytes ---- */

static int append_xml(void *context, const struct message_invoice *invoice, struct fault *fault)
{
	(void)fault;
	bytes_append(context, invoice->xml, invoice->xml_len);
	return 0;
}

int pack_rebuild(struct store *store, const struct message_row *row, struct bytes *out, struct fault *fault)
{
	uint8_t digest[DIGEST_LEN];
	int result;

	bytes_init(out, (size_t)row->bytes);
	if (!bytes_reserve(out, (size_t)row->bytes))
		return FAULT(fault, FAULT_MEMORY, "no memory for a message of %lld bytes", (long long)row->bytes);
	bytes_text(out, row->head);
	result = store_message_each(store, row->id, append_xml, out, fault);
	if (result == FAULT_MEMORY)
		return result;
	/* Whatever else keeps an invoice's bytes from being read keeps the message from being sent. */
	if (result < 0)
		return 1;
	message_write_tail(row->signature, row->signature_len, out);
	digest_sha256(out->data, out->len, digest);
	if (!out->failed && out->len == (size_t)row->bytes && digest_equal(digest, row->digest, DIGEST_LEN))
		return 0;
	fault_set(fault, FAULT_FORMAT, __func__,
		"message %s is not what was signed; it is not sent, restore the store from a backup", row->message_id);
	return 1;
}
