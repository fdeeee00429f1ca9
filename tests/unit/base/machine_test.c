#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <sys/sysmacros.h>

#include <cmocka.h>

#include "base/file.h"
#include "base/machine.h"

struct root {
	char dir[64];
	unsigned int major, minor; /* of the disk that dir lies on */
	struct machine machine;
};

static int setup(void **state)
{
	struct root *root = calloc(1, sizeof(*root));
	struct stat info;

	assert_non_null(root);
	strcpy(root->dir, "/tmp/hoadon-machine-XXXXXX");
	assert_non_null(mkdtemp(root->dir));
	assert_int_equal(stat(root->dir, &info), 0);
	root->major = major(info.st_dev);
	root->minor = minor(info.st_dev);
	*state = root;
	return 0;
}

static int teardown(void **state)
{
	struct root *root = *state;
	char command[96];

	snprintf(command, sizeof(command), "rm -rf %s", root->dir);
	assert_int_equal(system(command), 0);
	free(root);
	return 0;
}

static void put(struct root *root, const char *path, const char *text)
{
	char whole[256];
	char folder[256];

	snprintf(whole, sizeof(whole), "%s%s", root->dir, path);
	snprintf(folder, sizeof(folder), "%.*s", (int)(strrchr(whole, '/') - whole), whole);
	assert_int_equal(file_make_dir(folder, 0700, NULL), 0);
	assert_int_equal(file_write(whole, text, strlen(text), 0600, NULL), 0);
}

static const struct machine *look(struct root *root)
{
	assert_int_equal(machine_read(root->dir, root->dir, &root->machine, NULL), 0);
	return &root->machine;
}

static void put_disk(struct root *root, const char *text)
{
	char path[64];

	snprintf(path, sizeof(path), "/run/udev/data/b%u:%u", root->major, root->minor);
	put(root, path, text);
}

static void a_machine_that_tells_nothing_has_no_facts(void **state)
{
	const struct machine *machine = look(*state);

	for (int i = 0; i < MACHINE_FACT_COUNT; i++)
		assert_string_equal(machine->facts[i], "");
	assert_int_equal(machine_read("", "/nonexistent/folder", &(struct machine){0}, NULL), FAULT_IO);
}

static void system_board_and_disk_are_read(void **state)
{
	struct root *root = *state;

	put(root, "/etc/machine-id", "0123456789abcdef0123456789abcdef\n");
	put(root, "/sys/class/dmi/id/board_serial", "/5X2Q1/CN12963/ \n");
	put_disk(root, "I:12345\nE:ID_MODEL=Disk\nE:ID_SERIAL=Disk_S2R6NX0H\nE:ID_FS_UUID=aa-bb\n");
	assert_string_equal(look(root)->facts[MACHINE_SYSTEM], "0123456789abcdef0123456789abcdef");
	assert_string_equal(root->machine.facts[MACHINE_BOARD], "/5X2Q1/CN12963/");
	assert_string_equal(root->machine.facts[MACHINE_DISK], "Disk_S2R6NX0H");
}

/* What stands on thousands of boards tells none of them apart; the next place is looked at. */
static void a_filler_is_no_serial(void **state)
{
	struct root *root = *state;

	put(root, "/sys/class/dmi/id/board_serial", "To be filled by O.E.M.\n");
	assert_string_equal(look(root)->facts[MACHINE_BOARD], "");
	put(root, "/proc/device-tree/serial-number", "10000000a1b2c3d4");
	assert_string_equal(look(root)->facts[MACHINE_BOARD], "10000000a1b2c3d4");
}

/* A copy carries the file system's id along, so that it must never stand for the disk. */
static void the_id_of_a_file_system_is_not_the_disk(void **state)
{
	struct root *root = *state;

	put_disk(root, "I:1\nE:ID_FS_UUID=5f0c1a3e\nE:ID_SERIAL_SHORT=77\n");
	assert_string_equal(look(root)->facts[MACHINE_DISK], "");
}

/* An encrypted volume lies on a partition, which tells the serial. */
static void the_disk_below_a_volume_counts(void **state)
{
	struct root *root = *state;
	char path[128];

	put_disk(root, "I:1\nE:DM_UUID=CRYPT-LUKS2-1\n");
	snprintf(path, sizeof(path), "/sys/dev/block/%u:%u/slaves/sda3/dev", root->major, root->minor);
	put(root, path, "8:3\n");
	put(root, "/run/udev/data/b8:3", "I:1\nE:ID_SERIAL=Disk_BELOW\n");
	assert_string_equal(look(root)->facts[MACHINE_DISK], "Disk_BELOW");
}

static void facts_have_words(void **state)
{
	(void)state;
	assert_string_equal(machine_word(MACHINE_SYSTEM), "system");
	assert_string_equal(machine_word(MACHINE_DISK), "disk");
	assert_null(machine_word(MACHINE_FACT_COUNT));
	assert_null(machine_word(-1));
}

#define TEST(name) cmocka_unit_test_setup_teardown(name, setup, teardown)

int main(void)
{
	const struct CMUnitTest tests[] = {
		TEST(a_machine_that_tells_nothing_has_no_facts),
		TEST(system_board_and_disk_are_read),
		TEST(a_filler_is_no_serial),
		TEST(the_id_of_a_file_system_is_not_the_disk),
		TEST(the_disk_below_a_volume_counts),
		cmocka_unit_test(facts_have_words),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
