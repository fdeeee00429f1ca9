#include "base/machine.h"

#include <dirent.h>
#include <errno.h>
#include <stdio.h>
#include <string.h>
#include <sys/stat.h>
#include <sys/sysmacros.h>

#include "base/bytes.h"
#include "base/file.h"

#define FILE_MAX_BYTES	65536
#define SLAVES_DEPTH	4 /* encryption on a volume on a RAID on a disk */
#define DEVICE_TEXT_MAX 32

const char *machine_word(int fact)
{
	static const char *const words[MACHINE_FACT_COUNT] = {"system", "board", "disk"};

	return fact >= 0 && fact < MACHINE_FACT_COUNT ? words[fact] : NULL;
}

/* The whole of a small file; false when it cannot be read. */
static bool read_small(const char *root, const char *path, struct bytes *out)
{
	CLEANUP(freep) char *whole = NULL;

	bytes_init(out, FILE_MAX_BYTES);
	if (asprintf(&whole, "%s%s", root, path) < 0) {
		whole = NULL;
		return false;
	}
	return file_read(whole, out, NULL) == 0 && out->len > 0;
}

/* The first line of @path, without blanks at its end. */
static void read_line(const char *root, const char *path, char out[MACHINE_TEXT_MAX])
{
	BYTES_CLEANUP struct bytes text;
	size_t len;

	if (!read_small(root, path, &text))
		return;
	len = strcspn((const char *)text.data, "\n");
	while (len > 0 && ((const char *)text.data)[len - 1] == ' ')
		len--;
	snprintf(out, MACHINE_TEXT_MAX, "%.*s", (int)len, (const char *)text.data);
}

/* What makers leave in the field when they did not fill it tells nothing. */
static bool is_filler(const char *text)
{
	static const char *const fillers[] = {"None", "Default string", "To be filled by O.E.M.", "Not Specified",
		"Not Applicable", "0", "System Serial Number", "Base Board Serial Number"};

	for (size_t i = 0; i < ARRAY_LEN(fillers); i++)
		if (strcmp(text, fillers[i]) == 0)
			return true;
	return false;
}

static void read_board(const char *root, char out[MACHINE_TEXT_MAX])
{
	static const char *const paths[] = {
		"/sys/class/dmi/id/board_serial", "/sys/class/dmi/id/product_uuid", "/proc/device-tree/serial-number"};

	for (size_t i = 0; i < ARRAY_LEN(paths) && !out[0]; i++) {
		read_line(root, paths[i], out);
		if (is_filler(out))
			out[0] = '\0';
	}
}

/* The line "E:ID_SERIAL=…" of udev's data about device @device ("8:1"). */
static void read_disk_serial(const char *root, const char *device, char out[MACHINE_TEXT_MAX])
{
	static const char key[] = "\nE:ID_SERIAL=";
	BYTES_CLEANUP struct bytes text;
	char path[64];
	const char *at;

	snprintf(path, sizeof(path), "/run/udev/data/b%s", device);
	if (!read_small(root, path, &text))
		return;
	at = strstr((const char *)text.data, key);
	if (!at)
		return;
	at += sizeof(key) - 1;
	snprintf(out, MACHINE_TEXT_MAX, "%.*s", (int)strcspn(at, "\n"), at);
}

/* The device that volume @device lies on; "" when it lies on none. */
static void find_slave(const char *root, const char *device, char out[DEVICE_TEXT_MAX])
{
	char path[1024];
	char line[MACHINE_TEXT_MAX] = "";
	struct dirent *entry;
	DIR *dir;

	out[0] = '\0';
	snprintf(path, sizeof(path), "%s/sys/dev/block/%s/slaves", root, device);
	dir = opendir(path);
	while (dir && !line[0] && (entry = readdir(dir))) {
		if (entry->d_name[0] == '.')
			continue;
		snprintf(path, sizeof(path), "/sys/dev/block/%s/slaves/%s/dev", device, entry->d_name);
		read_line(root, path, line);
	}
	if (dir)
		closedir(dir);
	snprintf(out, DEVICE_TEXT_MAX, "%.*s", DEVICE_TEXT_MAX - 1, line);
}

static void read_disk(const char *root, dev_t device, char out[MACHINE_TEXT_MAX])
{
	char name[DEVICE_TEXT_MAX];
	char below[DEVICE_TEXT_MAX];

	snprintf(name, sizeof(name), "%u:%u", major(device), minor(device));
	for (int depth = 0; depth < SLAVES_DEPTH && name[0] && !out[0]; depth++) {
		read_disk_serial(root, name, out);
		find_slave(root, name, below);
		memcpy(name, below, sizeof(name));
	}
}

int machine_read(const char *root, const char *dir, struct machine *ret, struct fault *fault)
{
	struct machine machine = {0};
	struct stat info;

	if (stat(dir, &info) != 0)
		return FAULT(fault, FAULT_IO, "%s: %s", dir, strerror(errno));
	read_line(root, "/etc/machine-id", machine.facts[MACHINE_SYSTEM]);
	read_board(root, machine.facts[MACHINE_BOARD]);
	read_disk(root, info.st_dev, machine.facts[MACHINE_DISK]);
	*ret = machine;
	return 0;
}
