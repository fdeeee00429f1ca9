#include "store/disk.h"

#include <pthread.h>
#include <stdatomic.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "base/file.h"

#define PIECES	  8 /* of the reserve; less room than one is a full disk: that is noticed before a write fails */
#define WAL_SHARE 2 /* what a checkpoint of such a WAL adds to the database has the other half */

struct disk {
	char *reserve; /* path */
	int64_t bytes;
	_Atomic int64_t held; /* bytes of the reserve; changed under lock */
	atomic_int failing;   /* handles to be opened anew */
	pthread_mutex_t lock;
	int failures; /* under lock, as the next */
	char why[DISK_WHY_MAX];
};

const char *disk_word(enum disk_state state)
{
	static const char *const words[] = {
#define X(name, word) [DISK_##name] = word,
		DISK_STATES(X)
#undef X
	};

	return (unsigned int)state < DISK_STATE_COUNT ? words[state] : "";
}

static bool is_short(const struct disk *disk, int64_t room)
{
	return room >= 0 && room < disk->bytes / PIECES;
}

int disk_open(const char *dir, int64_t bytes, struct disk **ret, struct fault *fault)
{
	struct disk *disk = calloc(1, sizeof(*disk));
	int64_t held;

	if (!disk || asprintf(&disk->reserve, "%s/reserve", dir) < 0) {
		free(disk);
		return FAULT(fault, FAULT_MEMORY, "no memory for the reserve");
	}
	pthread_mutex_init(&disk->lock, NULL);
	disk->bytes = bytes;
	if (file_make_dir(dir, 0700, fault) < 0) {
		disk_free(disk);
		return FAULT_IO;
	}
	/* Not whole when pieces were given up, or when a killed process was making it; too large when the setting was changed. */
	held = file_size(disk->reserve);
	atomic_store(&disk->held, held < 0 ? 0 : held < bytes ? held : bytes);
	if (is_short(disk, file_room(disk->reserve)))
		disk_note_full(disk);
	disk_look(disk);
	*ret = disk;
	return 0;
}

void disk_free(struct disk *disk)
{
	if (!disk)
		return;
	pthread_mutex_destroy(&disk->lock);
	free(disk->reserve);
	free(disk);
}

static void take_reserve(struct disk *disk)
{
	pthread_mutex_lock(&disk->lock);
	atomic_store(&disk->held, file_reserve(disk->reserve, disk->bytes, NULL) == 0 ? disk->bytes : 0);
	pthread_mutex_unlock(&disk->lock);
}

void disk_look(struct disk *disk)
{
	int64_t room = file_room(disk->reserve);
	int64_t held = atomic_load(&disk->held);

	if (room < 0)
		return;
	/* Only the first piece is given up for that: the others wait for a write of ours, whoever fills the disk must not get them. */
	if (held >= disk->bytes && is_short(disk, room))
		disk_note_full(disk);
	/* Twice: what is free afterwards must last for a while, else selling would go on and off. */
	else if (held < disk->bytes && room + held >= 2 * disk->bytes)
		take_reserve(disk);
}

int64_t disk_wal_max(int64_t reserve)
{
	return reserve / WAL_SHARE;
}

enum disk_state disk_state(const struct disk *disk)
{
	if (!disk)
		return DISK_OK;
	if (atomic_load(&disk->failing) > 0)
		return DISK_FAILING;
	return atomic_load(&disk->held) >= disk->bytes ? DISK_OK : DISK_FULL;
}

int disk_failures(struct disk *disk, char why[DISK_WHY_MAX])
{
	int failures;

	pthread_mutex_lock(&disk->lock);
	memcpy(why, disk->why, DISK_WHY_MAX);
	failures = disk->failures;
	pthread_mutex_unlock(&disk->lock);
	return failures;
}

void disk_note_full(struct disk *disk)
{
	int64_t left;

	if (!disk)
		return;
	pthread_mutex_lock(&disk->lock);
	left = atomic_load(&disk->held) - disk->bytes / PIECES;
	if ((left > 0 ? truncate(disk->reserve, left) : file_remove(disk->reserve, NULL)) == 0)
		atomic_store(&disk->held, left > 0 ? left : 0);
	pthread_mutex_unlock(&disk->lock);
}

int64_t disk_bytes(const struct disk *disk)
{
	return disk->bytes;
}

void disk_note_failing(struct disk *disk, const char *why)
{
	pthread_mutex_lock(&disk->lock);
	disk->failures++;
	snprintf(disk->why, sizeof(disk->why), "%s", why);
	pthread_mutex_unlock(&disk->lock);
	atomic_fetch_add(&disk->failing, 1);
}

void disk_note_healed(struct disk *disk)
{
	atomic_fetch_sub(&disk->failing, 1);
}
