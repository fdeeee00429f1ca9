/* heal: a handle whose disk failed is opened anew; prototypes in disk.h. */
#include <string.h>

#include "store/disk.h"
#include "store/ledger.h"
#include "store/run.h"

#define HEAL_PAUSE_MS 1000

void store_share_disk(struct store *store, struct disk *disk)
{
	store->disk = disk;
	if (disk)
		store->wal_max = disk_wal_max(disk_bytes(disk));
	run_watch_wal(store);
}

enum disk_state store_disk_state(const struct store *store)
{
	return disk_state(store->disk);
}

enum disk_state store_disk_why(const struct store *store, char why[DISK_WHY_MAX])
{
	why[0] = 0;
	if (store->disk)
		(void)disk_failures(store->disk, why);
	return disk_state(store->disk);
}

/*
 * A full disk fails too, but its descriptors are good; memory that is short says nothing about the disk. A place that cannot be read is the
 * affair of whoever needs it: it is no reason to stop the shop.
 */
static bool is_disk_failure(int rc)
{
	int kind = rc & 0xff;

	return rc != SQLITE_IOERR_NOMEM && rc != SQLITE_IOERR_READ && rc != SQLITE_IOERR_SHORT_READ &&
	       (kind == SQLITE_IOERR || kind == SQLITE_READONLY || kind == SQLITE_CANTOPEN);
}

void heal_note(struct store *store, int rc, const char *why)
{
	if (!store->disk)
		return;
	if (store->is_full) {
		disk_note_full(store->disk);
	} else if (is_disk_failure(rc) && !store->must_heal) {
		store->must_heal = true;
		store->heal_at = clock_mono_ms(NULL) + HEAL_PAUSE_MS;
		disk_note_failing(store->disk, why);
	}
}

/* The first COMMIT on the new descriptors. */
static int prove(struct store *fresh, struct fault *fault)
{
	struct ledger_payload payload;
	int result = store_begin(fresh, fault);

	if (result)
		return result;
	ledger_payload_init(&payload);
	ledger_payload_text(&payload, "state", "reopened");
	result = ledger_append(fresh, LEDGER_DISK, &payload, NULL, fault);
	return store_end(fresh, result, fault);
}

static int open_anew(struct store *store, struct store **ret, struct fault *fault)
{
	CLEANUP(freep) char *dir = strndup(store->path, (size_t)(strrchr(store->path, '/') - store->path));
	CLEANUP(store_closep) struct store *fresh = NULL;
	struct ledger_finding finding = {0};
	int result;

	if (!dir)
		return FAULT(fault, FAULT_MEMORY, "no memory for a path");
	result = store_open(dir, STORE_WRITE, store->clock, store->seller, &fresh, fault);
	if (!result)
		result = ledger_check_tail(fresh, &finding, fault);
	if (result > 0)
		return FAULT(fault, FAULT_FORMAT,
			"the disk failed and the ledger is broken at record %lld: %s; nothing is taken",
			(long long)finding.seq, finding.text);
	if (!result)
		result = prove(fresh, fault);
	if (result)
		return result;
	*ret = fresh;
	fresh = NULL;
	return 0;
}

/* What @store has learned to pack with is no matter of the disk, so it stays. */
static void change_places(struct store *store, struct store *fresh)
{
	sqlite3 *db = store->db;
	sqlite3_stmt *statements[STATEMENT_COUNT];

	memcpy(statements, store->statements, sizeof(statements));
	memcpy(store->statements, fresh->statements, sizeof(statements));
	memcpy(fresh->statements, statements, sizeof(statements));
	store->db = fresh->db;
	fresh->db = db;
	run_watch_wal(store);
}

int store_heal(struct store *store, struct fault *fault)
{
	CLEANUP(store_closep) struct store *fresh = NULL;
	int64_t now = clock_mono_ms(NULL);
	int result;

	if (!store->must_heal)
		return 0;
	if (now < store->heal_at)
		return FAULT(fault, FAULT_IO, "the disk under %s failed; it is tried again every second", store->path);
	store->heal_at = now + HEAL_PAUSE_MS;
	result = open_anew(store, &fresh, fault);
	if (result)
		return result;
	change_places(store, fresh);
	store->must_heal = false;
	disk_note_healed(store->disk);
	return 0;
}
