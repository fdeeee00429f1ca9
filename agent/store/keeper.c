#include "store/keeper.h"

#include <errno.h>
#include <fcntl.h>
#include <pthread.h>
#include <stdio.h>
#include <string.h>

#include "store/run.h"

#define INDEX_TRIES  100
#define PAGE_SIZE_AT 16
#define INDEX_PAGE   32768 /* bytes of one mapping of the WAL-index ("WAL-mode File Format" 2.2) */

struct keeper {
	pthread_mutex_t lock; /* of all below: keeper_guard() comes from another thread */
	struct store *holder; /* its read transaction keeps the WAL */
	struct store *other;
	bool is_held;
	int wal_fd;
	char *wal_path;
};

/* BEGIN alone reads nothing and holds nothing. */
static int hold(struct store *store, struct fault *fault)
{
	QUERY_CLEANUP struct query query = query_new(store, STATEMENT_IDENTITY_GET);
	int result = store_begin_read(store, fault);

	return result ? result : query_row(&query, fault);
}

static sqlite3_file *file_of(const struct store *store)
{
	sqlite3_file *file = NULL;

	sqlite3_file_control(store->db, "main", SQLITE_FCNTL_FILE_POINTER, &file);
	return file;
}

static int64_t bytes_of(const struct wal_head *head)
{
	return (int64_t)head->frames * (head->page_size + WAL_FRAME_HEAD_LEN);
}

/* The index of a WAL that was never written does not know the size yet; the database does (file format 1.3.2: 1 stands for 65,536). */
static int add_page_size(sqlite3_file *file, struct wal_head *head, struct fault *fault)
{
	uint8_t bytes[2];

	if (head->page_size)
		return 0;
	if (file->pMethods->xRead(file, bytes, sizeof(bytes), PAGE_SIZE_AT) != SQLITE_OK)
		return FAULT(fault, FAULT_IO, "the head of the database cannot be read");
	head->page_size = (uint32_t)bytes[0] << 8 | bytes[1];
	head->page_size = head->page_size == 1 ? 65536 : head->page_size;
	return 0;
}

/* By SQLite's own mapping: a second descriptor of the -shm or the database would, when closed, give up SQLite's locks on them. */
static int read_head(const struct store *store, struct wal_head *ret, struct fault *fault)
{
	sqlite3_file *file = file_of(store);
	volatile void *index = NULL;

	if (!file || file->pMethods->xShmMap(file, 0, INDEX_PAGE, 0, &index) != SQLITE_OK || !index)
		return FAULT(fault, FAULT_STORE, "the index of the WAL cannot be read");
	for (int i = 0; i < INDEX_TRIES; i++)
		if (wal_head_read(index, ret) == 0)
			return add_page_size(file, ret, fault);
	return FAULT(fault, FAULT_BUSY, "the index of the WAL is being written");
}

static int hold_again(struct keeper *keeper, bool *ret_was_let_go, struct fault *fault)
{
	int result;

	*ret_was_let_go = !keeper->is_held;
	if (keeper->is_held)
		return 0;
	result = hold(keeper->holder, fault);
	keeper->is_held = result == 0;
	if (result)
		store_rollback(keeper->holder);
	return result;
}

int keeper_head(struct keeper *keeper, struct wal_head *ret, bool *ret_was_let_go, struct fault *fault)
{
	int result;

	pthread_mutex_lock(&keeper->lock);
	result = hold_again(keeper, ret_was_let_go, fault);
	if (!result)
		result = read_head(keeper->holder, ret, fault);
	pthread_mutex_unlock(&keeper->lock);
	return result;
}

static void checkpoint(const struct store *store)
{
	sqlite3_wal_checkpoint_v2(store->db, NULL, SQLITE_CHECKPOINT_PASSIVE, NULL, NULL);
}

/*
 * Under load there is always a frame behind the one that is held, and the WAL would grow for ever. With the writers' lock nothing comes
 * behind: the rest is read, all is moved into the database, and the next writer resets the WAL. The bulk is moved before that, so that
 * writers wait for the rest only.
 */
static int turn_wal(struct keeper *keeper, struct wal_place *place, size_t most, struct bytes *ret,
	struct keeper_news *news, struct fault *fault)
{
	struct wal_head *head = &news->head;
	int result;

	checkpoint(keeper->other);
	result = store_begin(keeper->other, fault);
	if (!result)
		result = read_head(keeper->other, head, fault);
	if (!result)
		result = wal_read(keeper->wal_fd, head, place, most, ret, fault);
	if (!result && place->frame == head->frames) {
		news->is_turned = true;
		store_rollback(keeper->holder);
		checkpoint(keeper->holder);
		result = hold(keeper->holder, fault);
		keeper->is_held = result == 0;
	}
	store_rollback(keeper->other);
	return result;
}

int keeper_read(struct keeper *keeper, struct wal_place *place, size_t most, int64_t turn, struct bytes *ret,
	struct keeper_news *ret_news, struct fault *fault)
{
	struct wal_head *head = &ret_news->head;
	int result;

	ret_news->is_turned = false;
	pthread_mutex_lock(&keeper->lock);
	result = read_head(keeper->holder, head, fault);
	if (!result)
		result = wal_read(keeper->wal_fd, head, place, most, ret, fault);
	if (!result && place->frame == head->frames && bytes_of(head) > turn)
		result = turn_wal(keeper, place, most, ret, ret_news, fault);
	pthread_mutex_unlock(&keeper->lock);
	return result;
}

bool keeper_is_at(struct keeper *keeper, const struct wal_head *head, const struct wal_place *place)
{
	return wal_is_at(keeper->wal_fd, head, place);
}

/* The old transaction ends after the new one has begun, so there is no moment without. */
static int hand_over(struct keeper *keeper, struct fault *fault)
{
	struct store *next = keeper->other;
	int result = hold(next, fault);

	if (result) {
		store_rollback(next);
		return result;
	}
	store_rollback(keeper->holder);
	keeper->other = keeper->holder;
	keeper->holder = next;
	return 0;
}

int keeper_advance(struct keeper *keeper, struct fault *fault)
{
	int result;

	pthread_mutex_lock(&keeper->lock);
	result = keeper->is_held ? hand_over(keeper, fault) : 0;
	pthread_mutex_unlock(&keeper->lock);
	return result;
}

int keeper_file_size(struct keeper *keeper, int64_t *ret, struct fault *fault)
{
	sqlite3_int64 size = 0;
	sqlite3_file *file;
	int rc;

	pthread_mutex_lock(&keeper->lock);
	file = file_of(keeper->holder);
	rc = file->pMethods->xFileSize(file, &size);
	pthread_mutex_unlock(&keeper->lock);
	*ret = size;
	return rc == SQLITE_OK ? 0 : FAULT(fault, FAULT_IO, "the size of %s cannot be read", keeper->holder->path);
}

int keeper_file_read(struct keeper *keeper, int64_t offset, size_t len, struct bytes *ret, struct fault *fault)
{
	sqlite3_file *file;
	int rc;

	bytes_clear(ret);
	if (!bytes_reserve(ret, len))
		return FAULT(fault, FAULT_MEMORY, "no memory to copy the store");
	pthread_mutex_lock(&keeper->lock);
	file = file_of(keeper->holder);
	rc = file->pMethods->xRead(file, ret->data, (int)len, offset);
	pthread_mutex_unlock(&keeper->lock);
	ret->len = len;
	return rc == SQLITE_OK ? 0 : FAULT(fault, FAULT_IO, "%s cannot be read (%d)", keeper->holder->path, rc);
}

bool keeper_guard(struct keeper *keeper, int64_t max)
{
	struct wal_head head;
	bool is_let_go;

	if (pthread_mutex_trylock(&keeper->lock) != 0)
		return false;
	is_let_go = keeper->is_held && read_head(keeper->holder, &head, NULL) == 0 && bytes_of(&head) > max;
	if (is_let_go) {
		store_rollback(keeper->holder);
		keeper->is_held = false;
	}
	pthread_mutex_unlock(&keeper->lock);
	return is_let_go;
}

int keeper_hold_get(struct keeper *keeper, struct hold *ret, struct fault *fault)
{
	int result;

	pthread_mutex_lock(&keeper->lock);
	result = store_hold_get(keeper->holder, ret, fault);
	pthread_mutex_unlock(&keeper->lock);
	return result;
}

const char *keeper_store_id(const struct keeper *keeper)
{
	return store_id(keeper->holder);
}

static int open_all(
	struct keeper *keeper, const char *dir, const struct clock *clock, const char *seller, struct fault *fault)
{
	bool was_let_go;
	int result = store_open(dir, STORE_WRITE, clock, seller, &keeper->holder, fault);

	if (!result)
		result = store_open(dir, STORE_WRITE, clock, seller, &keeper->other, fault);
	if (result)
		return result;
	/* The last handle to close would empty the WAL, and the next start could not tell that nothing came in between. */
	sqlite3_db_config(keeper->holder->db, SQLITE_DBCONFIG_NO_CKPT_ON_CLOSE, 1, NULL);
	sqlite3_db_config(keeper->other->db, SQLITE_DBCONFIG_NO_CKPT_ON_CLOSE, 1, NULL);
	result = hold_again(keeper, &was_let_go, fault);
	if (result)
		return result;
	keeper->wal_fd = open(keeper->wal_path, O_RDONLY | O_CLOEXEC);
	return keeper->wal_fd >= 0 ? 0 : FAULT(fault, FAULT_IO, "%s: %s", keeper->wal_path, strerror(errno));
}

int keeper_new(
	const char *store_dir, const struct clock *clock, const char *seller, struct keeper **ret, struct fault *fault)
{
	CLEANUP(keeper_freep) struct keeper *keeper = calloc(1, sizeof(*keeper));
	int result;

	if (!keeper)
		return FAULT(fault, FAULT_MEMORY, "no memory to keep the WAL");
	keeper->wal_fd = -1;
	pthread_mutex_init(&keeper->lock, NULL);
	if (asprintf(&keeper->wal_path, "%s/current.db-wal", store_dir) < 0) {
		keeper->wal_path = NULL;
		return FAULT(fault, FAULT_MEMORY, "no memory to keep the WAL");
	}
	result = open_all(keeper, store_dir, clock, seller, fault);
	if (result)
		return result;
	*ret = keeper;
	keeper = NULL;
	return 0;
}

void keeper_free(struct keeper *keeper)
{
	if (!keeper)
		return;
	if (keeper->wal_fd >= 0)
		close(keeper->wal_fd);
	store_close(keeper->other);
	store_close(keeper->holder);
	free(keeper->wal_path);
	pthread_mutex_destroy(&keeper->lock);
	free(keeper);
}
