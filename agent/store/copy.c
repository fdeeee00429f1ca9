#include "store/copy.h"

#include <stdio.h>
#include <unistd.h>

#include "store/run.h"

static int copy_pages(struct store *store, sqlite3 *target, struct fault *fault)
{
	sqlite3_backup *backup = sqlite3_backup_init(target, "main", store->db, "main");

	if (!backup)
		return FAULT(fault, FAULT_STORE, "the store cannot be copied: %s", sqlite3_errmsg(target));
	int rc = sqlite3_backup_step(backup, -1);
	sqlite3_backup_finish(backup);
	if (rc != SQLITE_DONE)
		return FAULT(fault, FAULT_STORE, "the store cannot be copied: %s", sqlite3_errstr(rc));
	return 0;
}

int store_copy(struct store *store, const char *dir, struct fault *fault)
{
	sqlite3 *target = NULL;
	char path[4096];
	int result;

	snprintf(path, sizeof(path), "%s/current.db", dir);
	if (access(path, F_OK) == 0)
		return FAULT(fault, FAULT_STORE, "%s is there already", path);
	if (sqlite3_open_v2(path, &target, SQLITE_OPEN_READWRITE | SQLITE_OPEN_CREATE, NULL) != SQLITE_OK)
		result = FAULT(fault, FAULT_STORE, "%s cannot be made", path);
	else
		result = copy_pages(store, target, fault);
	sqlite3_close(target);
	return result;
}
