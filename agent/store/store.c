#include "store/store.h"

#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <string.h>
#include <sys/stat.h>
#include <time.h>

#include "base/digest.h"
#include "base/file.h"
#include "base/log.h"
#include "store/disk.h"
#include "store/embedded.h"
#include "store/ledger.h"
#include "store/run.h"

#define APPLICATION_ID	1213153604 /* "HOAD" */
#define BUSY_TIMEOUT_MS 10000
#define BUSY_PAUSE_US	200
#define WAL_MAX		((int64_t)16 << 20) /* of a handle without a shared disk */
#define WAL_FRAME_EXTRA 24		    /* bytes in front of each page, SQLite file format 4.1 */

/*
 * Page size: 4096 was the smallest per invoice of 4096 and 8192 (tests/unit/store/size_test.c). synchronous=FULL: with NORMAL
 * acknowledged sales were lost in simulated power cuts (signing 5). Checkpoints are ours (store_checkpoint_wal), since they
 * make the spikes.
 */
static const char settings_write[] = "PRAGMA page_size = 4096; PRAGMA journal_mode = WAL; PRAGMA synchronous = FULL; ";
static const char settings_all[] =
	"PRAGMA foreign_keys = ON; PRAGMA cell_size_check = ON; PRAGMA trusted_schema = OFF; "
	"PRAGMA mmap_size = 0; PRAGMA temp_store = MEMORY;";

static int exec(struct store *store, const char *sql, struct fault *fault)
{
	int rc = sqlite3_exec(store->db, sql, NULL, NULL, NULL);

	return rc == SQLITE_OK ? 0 : run_fail(store, rc, "a setting", fault);
}

/* Also used before statements are prepared. */
static int pragma_int(struct store *store, const char *sql, int64_t *ret, struct fault *fault)
{
	sqlite3_stmt *stmt = NULL;
	int rc = sqlite3_prepare_v2(store->db, sql, -1, &stmt, NULL);

	if (rc == SQLITE_OK)
		rc = sqlite3_step(stmt);
	if (rc == SQLITE_ROW)
		*ret = sqlite3_column_int64(stmt, 0);
	sqlite3_finalize(stmt);
	return rc == SQLITE_ROW ? 0 : run_fail(store, rc, sql, fault);
}

/*
 * A POSIX lock belongs to the process, so every handle of ours gets it and no other process does. The price: closing one of
 * our handles gives it up for all of them. Therefore store_begin() takes it again, which costs nothing while we have it, and
 * fails when another process came in between.
 */
static int take_lock(const struct store *store, struct fault *fault)
{
	struct flock lock = {.l_type = F_WRLCK, .l_whence = SEEK_SET};

	if (fcntl(store->lock_fd, F_SETLK, &lock) == 0)
		return 0;
	if (errno != EACCES && errno != EAGAIN)
		return FAULT(fault, FAULT_IO, "the lock of %s: %s", store->path, strerror(errno));
	if (fcntl(store->lock_fd, F_GETLK, &lock) == 0 && lock.l_type != F_UNLCK)
		return FAULT(fault, FAULT_BUSY, "process %d writes to %s; stop it first", (int)lock.l_pid, store->path);
	return FAULT(fault, FAULT_BUSY, "another process writes to %s; stop it first", store->path);
}

static int open_lock(struct store *store, const char *dir, struct fault *fault)
{
	char path[4096];

	if (snprintf(path, sizeof(path), "%s/current.lock", dir) >= (int)sizeof(path))
		return FAULT(fault, FAULT_CONFIG, "the store's folder has a name that is too long");
	store->lock_fd = open(path, O_RDWR | O_CREAT | O_CLOEXEC | O_NOFOLLOW, 0600);
	if (store->lock_fd < 0)
		return FAULT(fault, FAULT_IO, "%s: %s; check the rights of the folder", path, strerror(errno));
	return take_lock(store, fault);
}

static int on_wal(void *context, sqlite3 *db, const char *name, int frames)
{
	struct store *store = context;
	int page_size = 4096;

	(void)db, (void)name;
	store->wal_bytes = (int64_t)frames * (page_size + WAL_FRAME_EXTRA);
	return SQLITE_OK;
}

void run_watch_wal(struct store *store)
{
	char limit[60];

	sqlite3_wal_hook(store->db, on_wal, store);
	snprintf(limit, sizeof(limit), "PRAGMA journal_size_limit = %lld", (long long)store->wal_max);
	/* Fails without memory only: the file then keeps what it has. */
	sqlite3_exec(store->db, limit, NULL, NULL, NULL);
}

/*
 * Another handle of ours writes, which lasts about one fdatasync. SQLite's own handler sleeps 1, 2, 5, 10, 15, 20, 25 ms …, and a till
 * would wait for most of that in vain.
 */
static int on_busy(void *context, int count)
{
	struct timespec pause = {.tv_nsec = BUSY_PAUSE_US * 1000L};

	(void)context;
	nanosleep(&pause, NULL);
	return count < BUSY_TIMEOUT_MS * 1000 / BUSY_PAUSE_US;
}

static int open_database(struct store *store, int flags, struct fault *fault)
{
	int rc = sqlite3_open_v2(store->path, &store->db, flags | SQLITE_OPEN_NOMUTEX | SQLITE_OPEN_EXRESCODE, NULL);

	if (!store->db)
		return FAULT(fault, FAULT_MEMORY, "no memory to open %s", store->path);
	if (rc != SQLITE_OK)
		return run_fail(store, rc, "open", fault);
	sqlite3_busy_handler(store->db, on_busy, NULL);
	sqlite3_db_config(store->db, SQLITE_DBCONFIG_DEFENSIVE, 1, NULL);
	sqlite3_db_config(store->db, SQLITE_DBCONFIG_DQS_DML, 0, NULL);
	sqlite3_db_config(store->db, SQLITE_DBCONFIG_DQS_DDL, 0, NULL);
	return exec(store, settings_all, fault);
}

/*
 * A WAL database cannot be read without its -shm file. When that is missing because nobody has it open, and may not be made by
 * a read-only connection, it is opened for writing but told never to write.
 */
static int open_to_read(struct store *store, struct fault *fault)
{
	struct fault first = {0};
	int64_t version;

	if (!file_exists(store->path))
		return FAULT(fault, FAULT_IO, "there is no store at %s; it is made by the first start of hoadond",
			store->path);
	if (open_database(store, SQLITE_OPEN_READONLY, &first) == 0 &&
		pragma_int(store, "PRAGMA user_version", &version, &first) == 0)
		return 0;
	if (first.code != FAULT_IO)
		return FAULT(fault, first.code, "%s", first.text);
	sqlite3_close(store->db);
	store->db = NULL;
	if (open_database(store, SQLITE_OPEN_READWRITE, fault) < 0)
		return FAULT_IO;
	/* Who only reads leaves the WAL as it is: a mirror goes on from it. */
	sqlite3_db_config(store->db, SQLITE_DBCONFIG_NO_CKPT_ON_CLOSE, 1, NULL);
	return exec(store, "PRAGMA query_only = ON", fault);
}

int64_t run_newest_schema(void)
{
	int64_t version = 0;

	while (embedded_migrations[version])
		version++;
	return version;
}

static int check_version(struct store *store, int64_t *ret_version, struct fault *fault)
{
	int64_t application = 0;
	int64_t tables = 0;
	int result = pragma_int(store, "PRAGMA user_version", ret_version, fault);

	if (!result)
		result = pragma_int(store, "PRAGMA application_id", &application, fault);
	if (!result)
		result = pragma_int(store, "SELECT count(*) FROM sqlite_schema", &tables, fault);
	if (result)
		return result;
	if (application != APPLICATION_ID && (tables > 0 || store->mode == STORE_READ))
		return FAULT(fault, FAULT_FORMAT, "%s is a database of another program", store->path);
	if (*ret_version > run_newest_schema())
		return FAULT(fault, FAULT_FORMAT,
			"%s has schema %lld, this program knows %lld; install the newer version again", store->path,
			(long long)*ret_version, (long long)run_newest_schema());
	if (*ret_version < run_newest_schema() && store->mode == STORE_READ)
		return FAULT(fault, FAULT_FORMAT,
			"%s has the older schema %lld; start hoadond once, it brings it up to date", store->path,
			(long long)*ret_version);
	return 0;
}

static int open_to_write(struct store *store, struct fault *fault)
{
	int64_t is_wal = 0;
	int64_t version;
	int result = open_database(store, SQLITE_OPEN_READWRITE | SQLITE_OPEN_CREATE, fault);

	if (result < 0)
		return result;
	/* What is not ours to write is left as it is, its WAL too. */
	sqlite3_db_config(store->db, SQLITE_DBCONFIG_NO_CKPT_ON_CLOSE, 1, NULL);
	result = check_version(store, &version, fault);
	if (result < 0)
		return result;
	sqlite3_db_config(store->db, SQLITE_DBCONFIG_NO_CKPT_ON_CLOSE, 0, NULL);
	run_watch_wal(store);
	result = exec(store, settings_write, fault);
	if (!result)
		result = pragma_int(store, "SELECT journal_mode = 'wal' FROM pragma_journal_mode", &is_wal, fault);
	if (result < 0)
		return result;
	if (!is_wal)
		return FAULT(fault, FAULT_IO, "%s lies on a file system without shared memory; move it to a local disk",
			store->path);
	if (sqlite3_db_readonly(store->db, "main"))
		return FAULT(
			fault, FAULT_IO, "%s lies on a read-only disk; look for the reason with dmesg", store->path);
	if (chmod(store->path, 0600) != 0)
		return FAULT(fault, FAULT_IO, "%s: %s", store->path, strerror(errno));
	return 0;
}

/* All steps and the new version are one transaction, which the caller commits. */
static int migrate(struct store *store, int64_t version, struct fault *fault)
{
	char mark[80];
	int result = 0;

	while (!result && embedded_migrations[version])
		result = run_migration(store, embedded_migrations[version++], fault);
	if (result)
		return result;
	snprintf(mark, sizeof(mark), "PRAGMA user_version = %lld; PRAGMA application_id = %d;", (long long)version,
		APPLICATION_ID);
	return run_migration(store, mark, fault);
}

static int add_epoch(struct store *store, int64_t epoch, const char *reason, struct fault *fault)
{
	QUERY_CLEANUP struct query query = query_new(store, STATEMENT_EPOCH_ADD);

	bind_int(&query, epoch);
	bind_int(&query, 1);
	bind_int(&query, clock_now_ms(store->clock));
	bind_text(&query, reason);
	return query_do(&query, fault);
}

static int add_identity(struct store *store, const char *seller, struct fault *fault)
{
	QUERY_CLEANUP struct query query = query_new(store, STATEMENT_IDENTITY_ADD);
	uint8_t id[16];

	digest_random(id, sizeof(id));
	hex_format(id, sizeof(id), store->id);
	digest_random(store->secret, sizeof(store->secret));
	snprintf(store->seller, sizeof(store->seller), "%s", seller);
	store->epoch = 1;
	bind_text(&query, store->id);
	bind_text(&query, store->seller);
	bind_blob(&query, store->secret, sizeof(store->secret));
	bind_int(&query, clock_now_ms(store->clock));
	return query_do(&query, fault);
}

/* The first record of a ledger. */
static int append_begin(struct store *store, struct fault *fault)
{
	struct ledger_payload payload;

	ledger_payload_init(&payload);
	ledger_payload_int(&payload, "schema", run_newest_schema());
	ledger_payload_text(&payload, "version", HOADON_VERSION);
	return ledger_append(store, LEDGER_BEGIN, &payload, NULL, fault);
}

static int make_identity(struct store *store, const char *seller, struct fault *fault)
{
	int result;

	if (!run_is_inside(store))
		return FAULT(fault, FAULT_FORMAT, "%s has lost its identity; restore a backup", store->path);
	if (!seller || strlen(seller) >= sizeof(store->seller))
		return FAULT(fault, FAULT_CONFIG, "a new store needs the seller's tax code");
	result = add_identity(store, seller, fault);
	if (!result)
		result = add_epoch(store, store->epoch, "new", fault);
	if (!result)
		result = append_begin(store, fault);
	return result;
}

static void copy_column(struct query *query, char *out, size_t room)
{
	size_t len;
	const void *text = column_blob(query, &len);

	snprintf(out, room, "%.*s", (int)len, text ? (const char *)text : "");
}

/* 0, STORE_NONE in a store that is just being made, < 0. */
static int read_identity(struct store *store, const char *seller, struct fault *fault)
{
	QUERY_CLEANUP struct query query = query_new(store, STATEMENT_IDENTITY_GET);
	const void *secret;
	size_t len;
	int result = query_row(&query, fault);

	if (result)
		return result;
	copy_column(&query, store->id, sizeof(store->id));
	copy_column(&query, store->seller, sizeof(store->seller));
	secret = column_blob(&query, &len);
	if (len != sizeof(store->secret))
		return FAULT(fault, FAULT_FORMAT, "%s has lost its secret; restore a backup", store->path);
	memcpy(store->secret, secret, len);
	store->epoch = column_int(&query);
	if (seller && strcmp(seller, store->seller) != 0)
		return FAULT(fault, FAULT_CONFIG,
			"%s belongs to seller %s, the configuration names %s; give the other seller a folder of its "
			"own",
			store->path, store->seller, seller);
	return 0;
}

/* What the store was stands in front of this record, in the same transaction. */
static int append_upgrade(struct store *store, int64_t from, struct fault *fault)
{
	struct ledger_payload payload;

	log_event(
		LOG_LEVEL_INFO, "store-upgrade", "from=%lld to=%lld", (long long)from, (long long)run_newest_schema());
	ledger_payload_init(&payload);
	ledger_payload_int(&payload, "from", from);
	ledger_payload_int(&payload, "to", run_newest_schema());
	ledger_payload_text(&payload, "version", HOADON_VERSION);
	return ledger_append(store, LEDGER_UPGRADE, &payload, NULL, fault);
}

/*
 * One transaction in the WAL: until its COMMIT is synced every byte of the store is where it was. So the store is its own backup meanwhile,
 * and behind it the second medium is one (schemas/store/MIRROR.md); a copy here would need its size again and keep the tills waiting.
 */
static int bring_up(struct store *store, const char *seller, struct fault *fault)
{
	int64_t version = 0;
	int result = check_version(store, &version, fault);

	if (result)
		return result;
	if (version < run_newest_schema()) {
		result = run_migration(store, "BEGIN IMMEDIATE", fault);
		/* Another thread of ours may have been faster. */
		if (!result)
			result = check_version(store, &version, fault);
		if (!result && version < run_newest_schema())
			result = migrate(store, version, fault);
		if (!result)
			result = run_check(store, fault);
	}
	if (!result)
		result = read_identity(store, seller, fault);
	if (result == STORE_NONE)
		result = make_identity(store, seller, fault);
	else if (!result && version < run_newest_schema()) {
		store->was_upgraded = true;
		result = append_upgrade(store, version, fault);
	}
	if (!result && run_is_inside(store))
		result = store_commit(store, fault);
	if (!result && store->mode == STORE_WRITE)
		result = store_learn(store, NULL, 0, fault);
	return result;
}

static int open_files(struct store *store, const char *dir, struct fault *fault)
{
	int result;

	if (store->mode == STORE_READ)
		return open_to_read(store, fault);
	result = file_make_dir(dir, 0700, fault);
	if (!result)
		result = open_lock(store, dir, fault);
	if (!result)
		result = open_to_write(store, fault);
	return result;
}

static struct store *new_handle(const char *dir, enum store_mode mode, const struct clock *clock)
{
	struct store *store = calloc(1, sizeof(*store));

	if (!store)
		return NULL;
	store->mode = mode;
	store->clock = clock;
	store->lock_fd = -1;
	store->wal_max = WAL_MAX;
	if (asprintf(&store->path, "%s/current.db", dir) < 0) {
		free(store);
		return NULL;
	}
	return store;
}

int store_open(const char *dir, enum store_mode mode, const struct clock *clock, const char *seller, struct store **ret,
	struct fault *fault)
{
	CLEANUP(store_closep) struct store *store = new_handle(dir, mode, clock);
	int result;

	if (!store)
		return FAULT(fault, FAULT_MEMORY, "no memory to open the store");
	result = open_files(store, dir, fault);
	if (!result)
		result = blob_open(store, fault);
	if (!result)
		result = bring_up(store, seller, fault);
	if (result)
		return result;
	*ret = store;
	store = NULL;
	return 0;
}

int store_is_newer(const char *dir, bool *ret, struct fault *fault)
{
	CLEANUP(store_closep) struct store *store = new_handle(dir, STORE_READ, NULL);
	int64_t version = 0;
	int result = 0;

	if (!store)
		return FAULT(fault, FAULT_MEMORY, "no memory to open the store");
	if (file_exists(store->path))
		result = open_to_read(store, fault);
	if (!result && store->db)
		result = pragma_int(store, "PRAGMA user_version", &version, fault);
	if (!result)
		*ret = version > run_newest_schema();
	return result;
}

void store_close(struct store *store)
{
	if (!store)
		return;
	if (store->db)
		store_rollback(store);
	run_finalize(store);
	blob_close(store);
	sqlite3_close(store->db);
	if (store->lock_fd >= 0)
		close(store->lock_fd);
	explicit_bzero(store->secret, sizeof(store->secret));
	free(store->path);
	free(store);
}

/* What belongs to one transaction only. */
static void forget_pending(struct store *store)
{
	store->tip.is_read = false;
	store->tip.is_dirty = false;
	tally_forget(store);
}

int store_begin(struct store *store, struct fault *fault)
{
	int result = store_heal(store, fault);

	forget_pending(store);
	/* Behind the healing, which closes a descriptor of the lock. */
	if (!result && store->mode == STORE_WRITE)
		result = take_lock(store, fault);
	return result ? result : query_do_simple(store, STATEMENT_BEGIN, fault);
}

int store_begin_read(struct store *store, struct fault *fault)
{
	forget_pending(store);
	return query_do_simple(store, STATEMENT_BEGIN_READ, fault);
}

/* 0; 1 when others stood in its way; < 0, and the handle is opened anew: a sync that failed is not tried again on the same descriptor. */
static int checkpoint(struct store *store, int mode, int *ret_logged, int *ret_moved, struct fault *fault)
{
	int rc = sqlite3_wal_checkpoint_v2(store->db, NULL, mode, ret_logged, ret_moved);

	if (rc == SQLITE_OK)
		return 0;
	return (rc & 0xff) == SQLITE_BUSY ? 1 : run_fail(store, rc, "the checkpoint of the WAL", fault);
}

/*
 * Should the sender hang in a call, the WAL must not grow with it. Not by each commit: whoever keeps the WAL keeps it for a while, and each
 * attempt costs two syncs. Not at the first one: what a start finds may be what the second medium still has to read.
 */
static void bound_wal(struct store *store)
{
	if (!store->wal_moved || store->wal_bytes < store->wal_moved)
		store->wal_moved = store->wal_bytes;
	if (store->wal_bytes <= store->wal_max * 3 / 2 || store->wal_bytes < store->wal_moved + store->wal_max / 4)
		return;
	store->wal_moved = store->wal_bytes;
	(void)!checkpoint(store, SQLITE_CHECKPOINT_PASSIVE, NULL, NULL, NULL);
}

int store_commit(struct store *store, struct fault *fault)
{
	int result = run_is_inside(store) ? tally_flush(store, fault)
					  : FAULT(fault, FAULT_STORE, "the transaction was undone before its end");

	if (!result)
		result = ledger_flush(store, fault);
	if (!result)
		result = query_do_simple(store, STATEMENT_COMMIT, fault);
	if (result) {
		store_rollback(store);
		return result;
	}
	store->tip.is_read = false;
	bound_wal(store);
	return 0;
}

void store_rollback(struct store *store)
{
	forget_pending(store);
	if (!run_is_inside(store))
		return;
	/* Undoing cannot be made to fail: what the test asked for is done, then it is undone all the same. */
	if (store->statements[STATEMENT_ROLLBACK] && query_do_simple(store, STATEMENT_ROLLBACK, NULL) == 0)
		return;
	sqlite3_exec(store->db, "ROLLBACK", NULL, NULL, NULL);
}

int store_end(struct store *store, int result, struct fault *fault)
{
	if (!result)
		return store_commit(store, fault);
	store_rollback(store);
	return result;
}

bool store_is_full(const struct store *store)
{
	return store->is_full;
}

const char *store_id(const struct store *store)
{
	return store->id;
}

const char *store_seller(const struct store *store)
{
	return store->seller;
}

int64_t store_epoch(const struct store *store)
{
	return store->epoch;
}

/* Lets the WAL begin anew: @mode TRUNCATE also empties the file. Never waits for a reader that needs it. */
static int end_wal(struct store *store, int mode, struct fault *fault)
{
	int result;

	sqlite3_busy_timeout(store->db, 0);
	result = checkpoint(store, mode, NULL, NULL, fault);
	sqlite3_busy_handler(store->db, on_busy, NULL);
	return result;
}

int store_checkpoint_wal(struct store *store, int64_t bytes, struct fault *fault)
{
	CLEANUP(freep) char *path = NULL;
	struct stat info;
	int logged = 0;
	int moved = 0;
	bool is_emptied;
	int result;

	if (asprintf(&path, "%s-wal", store->path) < 0)
		return FAULT(fault, FAULT_MEMORY, "no memory for a file name");
	if (stat(path, &info) != 0 || info.st_size <= bytes)
		return 0;
	result = checkpoint(store, SQLITE_CHECKPOINT_PASSIVE, &logged, &moved, fault);
	/* On a full disk what the file has it keeps: whoever fills the disk would take it. */
	is_emptied = logged == moved && store_disk_state(store) != DISK_FULL;
	/* What was written meanwhile is little, so for that the writers may wait: else a WAL in use would never end. */
	if (result == 0)
		result = end_wal(store, is_emptied ? SQLITE_CHECKPOINT_TRUNCATE : SQLITE_CHECKPOINT_RESTART, fault);
	return result < 0 ? result : 0;
}

int store_meta_get(struct store *store, const char *key, struct bytes *ret, struct fault *fault)
{
	QUERY_CLEANUP struct query query = query_new(store, STATEMENT_META_GET);
	const void *value;
	size_t len;
	int result;

	bind_text(&query, key);
	result = query_row(&query, fault);
	if (result)
		return result;
	value = column_blob(&query, &len);
	bytes_append(ret, value, len);
	return bytes_check(ret, key, fault);
}

int store_meta_put(struct store *store, const char *key, const void *value, size_t len, struct fault *fault)
{
	QUERY_CLEANUP struct query query = query_new(store, STATEMENT_META_PUT);

	bind_text(&query, key);
	bind_blob(&query, value, len);
	return query_do(&query, fault);
}
