#include "store/law.h"

#include "base/digest.h"
#include "store/ledger.h"
#include "store/run.h"

static int record(struct store *store, const struct law *law, const uint8_t digest[DIGEST_LEN], struct fault *fault)
{
	struct ledger_payload payload;
	char day[CLOCK_TEXT_MAX];

	clock_format_day(law->applies_on, day);
	ledger_payload_init(&payload);
	ledger_payload_text(&payload, "applies_on", day);
	ledger_payload_hex(&payload, "sha256", digest, DIGEST_LEN);
	ledger_payload_int(&payload, "version", law->version);
	return ledger_append(store, LEDGER_LAW, &payload, NULL, fault);
}

/* The highest version there is, 0 = none, and whether the row of @digest is there. */
static int look_for(struct store *store, const uint8_t digest[DIGEST_LEN], int64_t *ret_last, bool *ret_is_there,
	struct fault *fault)
{
	QUERY_CLEANUP struct query query = query_new(store, STATEMENT_LAW_FIND);
	int result;

	bind_blob(&query, digest, DIGEST_LEN);
	result = query_row(&query, fault);
	if (result)
		return result < 0 ? result : FAULT(fault, FAULT_BUG, "a maximum without a row");
	*ret_last = column_int(&query);
	*ret_is_there = column_int(&query) != 0;
	return 0;
}

static int insert(struct store *store, const struct law_row *row, const uint8_t digest[DIGEST_LEN], struct fault *fault)
{
	QUERY_CLEANUP struct query query = query_new(store, STATEMENT_LAW_ADD);

	bind_int(&query, row->law->version);
	bind_int(&query, row->law->applies_on);
	bind_int(&query, row->imported_at);
	bind_blob(&query, digest, DIGEST_LEN);
	bind_blob(&query, row->pack, row->pack_len);
	bind_blob(&query, row->signature->data, row->signature->len);
	return query_do(&query, fault);
}

int store_law_add(struct store *store, const struct law_row *row, bool *ret_is_new, struct fault *fault)
{
	uint8_t digest[DIGEST_LEN];
	int64_t last = 0;
	bool is_there = false;
	int result;

	digest_sha256(row->pack, row->pack_len, digest);
	result = look_for(store, digest, &last, &is_there, fault);
	if (result)
		return result;
	*ret_is_new = !is_there;
	if (is_there)
		return 0;
	if (row->law->version <= last || row->law->version <= law_builtin.version)
		return STORE_CONFLICT;
	result = insert(store, row, digest, fault);
	return result ? result : record(store, row->law, digest, fault);
}

static int load_row(struct query *query, struct law_book *book, struct arena *arena, struct fault *fault)
{
	uint8_t stored[DIGEST_LEN], digest[DIGEST_LEN];
	struct law *law = ARENA_NEW(arena, struct law);
	struct problem problem = {0};
	int64_t version = column_int(query);
	const char *pack;
	size_t len;
	int result;

	column_digest(query, stored);
	pack = column_blob(query, &len);
	digest_sha256(pack, len, digest);
	if (!digest_equal(stored, digest, DIGEST_LEN))
		return FAULT(fault, FAULT_FORMAT, "pack %lld of the law was changed in the store; restore a backup",
			(long long)version);
	result = law ? law_read(pack, len, arena, law, &problem) : FAULT_MEMORY;
	if (result < 0)
		return FAULT(fault, FAULT_MEMORY, "no memory for pack %lld of the law", (long long)version);
	if (result > 0)
		return FAULT(fault, FAULT_FORMAT, "pack %lld of the law cannot be read: %s", (long long)version,
			problem.extra);
	law_add(book, law);
	return 0;
}

int store_law_load(struct store *store, struct law_book *book, struct arena *arena, struct fault *fault)
{
	QUERY_CLEANUP struct query query = query_new(store, STATEMENT_LAW_LIST);
	int result;

	while ((result = query_row(&query, fault)) == 0) {
		result = load_row(&query, book, arena, fault);
		if (result)
			return result;
	}
	return result < 0 ? result : 0;
}
