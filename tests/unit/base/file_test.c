#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include <dirent.h>
#include <stdio.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "base/file.h"

static char folder[] = "/tmp/file_test_XXXXXX";

static int enter_folder(void **state)
{
	(void)state;
	return mkdtemp(folder) && chdir(folder) == 0 ? 0 : -1;
}

static int leave_folder(void **state)
{
	(void)state;
	return chdir("/") == 0 ? rmdir(folder) : -1;
}

static int count_entries(const char *path)
{
	DIR *dir = opendir(path);
	int count = 0;

	assert_non_null(dir);
	while (readdir(dir))
		count++;
	closedir(dir);
	return count - 2;
}

static void assert_content(const char *path, const char *content)
{
	BYTES_CLEANUP struct bytes bytes = {.max = 1000};

	assert_int_equal(file_read(path, &bytes, NULL), 0);
	assert_string_equal((char *)bytes.data, content);
}

static void what_is_written_is_read(void **state)
{
	struct stat status;

	(void)state;
	assert_int_equal(file_write("a", "hoá đơn", 10, 0640, NULL), 0);
	assert_content("a", "hoá đơn");
	assert_int_equal(stat("a", &status), 0);
	assert_int_equal(status.st_mode & 07777, 0640);
	assert_int_equal(file_write("a", "", 0, 0600, NULL), 0);
	assert_content("a", "");
	assert_int_equal(count_entries("."), 1);
	assert_int_equal(file_remove("a", NULL), 0);
}

static void the_mode_does_not_depend_on_the_umask(void **state)
{
	mode_t old = umask(0077);
	struct stat status;

	(void)state;
	assert_int_equal(file_write("a", "x", 1, 0644, NULL), 0);
	umask(old);
	assert_int_equal(stat("a", &status), 0);
	assert_int_equal(status.st_mode & 07777, 0644);
	assert_int_equal(file_remove("a", NULL), 0);
}

static void reading_appends_and_stops_at_the_cap(void **state)
{
	BYTES_CLEANUP struct bytes exact = {.max = 6};
	BYTES_CLEANUP struct bytes small = {.max = 4};
	struct fault fault = {0};

	(void)state;
	assert_int_equal(file_write("a", "12345", 5, 0600, NULL), 0);
	bytes_char(&exact, '0');
	assert_int_equal(file_read("a", &exact, NULL), 0);
	assert_string_equal((char *)exact.data, "012345");
	assert_int_equal(file_read("a", &small, &fault), FAULT_MEMORY);
	assert_non_null(strstr(fault.text, "a "));
	assert_int_equal(file_remove("a", NULL), 0);
}

static void a_large_file_goes_round(void **state)
{
	BYTES_CLEANUP struct bytes in = {.max = 1 << 20};
	BYTES_CLEANUP struct bytes out = {.max = 1 << 20};

	(void)state;
	for (int i = 0; i < 30000; i++)
		bytes_printf(&in, "%d,", i);
	assert_int_equal(file_write("a", in.data, in.len, 0600, NULL), 0);
	assert_int_equal(file_read("a", &out, NULL), 0);
	assert_int_equal(out.len, in.len);
	assert_memory_equal(out.data, in.data, in.len);
	assert_int_equal(file_remove("a", NULL), 0);
}

static void only_regular_files_are_read(void **state)
{
	BYTES_CLEANUP struct bytes bytes = {.max = 100};

	(void)state;
	assert_int_equal(file_read("missing", &bytes, NULL), FAULT_IO);
	assert_int_equal(file_read(".", &bytes, NULL), FAULT_IO);
	assert_int_equal(file_read("/dev/zero", &bytes, NULL), FAULT_IO);
	assert_int_equal(mkfifo("fifo", 0600), 0);
	assert_int_equal(file_read("fifo", &bytes, NULL), FAULT_IO);
	assert_int_equal(file_remove("fifo", NULL), 0);
	assert_int_equal(bytes.len, 0);
}

static void a_failed_write_leaves_no_trace(void **state)
{
	struct fault fault = {0};

	(void)state;
	assert_int_equal(mkdir("d", 0700), 0);
	assert_int_equal(file_write("d", "x", 1, 0600, &fault), FAULT_IO);
	assert_int_equal(count_entries("."), 1);
	assert_int_equal(file_write("missing/a", "x", 1, 0600, NULL), FAULT_IO);
	assert_int_equal(rmdir("d"), 0);
}

static void a_link_is_replaced_not_followed(void **state)
{
	struct stat status;

	(void)state;
	assert_int_equal(file_write("target", "old", 3, 0600, NULL), 0);
	assert_int_equal(symlink("target", "link"), 0);
	assert_int_equal(file_write("link", "new", 3, 0600, NULL), 0);
	assert_content("target", "old");
	assert_content("link", "new");
	assert_int_equal(lstat("link", &status), 0);
	assert_true(S_ISREG(status.st_mode));
	assert_int_equal(file_remove("link", NULL), 0);
	assert_int_equal(file_remove("target", NULL), 0);
}

static void a_file_moves_between_folders(void **state)
{
	(void)state;
	assert_int_equal(file_make_dir("in", 0700, NULL), 0);
	assert_int_equal(file_make_dir("done", 0700, NULL), 0);
	assert_int_equal(file_write("in/a", "x", 1, 0600, NULL), 0);
	assert_int_equal(file_move("in/a", "done/b", NULL), 0);
	assert_false(file_exists("in/a"));
	assert_content("done/b", "x");
	assert_int_equal(file_move("in/a", "done/b", NULL), FAULT_IO);
	assert_int_equal(file_remove("done/b", NULL), 0);
	assert_int_equal(rmdir("in"), 0);
	assert_int_equal(rmdir("done"), 0);
}

static void removing_nothing_is_no_failure(void **state)
{
	struct fault fault = {0};

	(void)state;
	assert_int_equal(file_remove("missing", &fault), 0);
	assert_int_equal(mkdir("d", 0700), 0);
	assert_int_equal(file_remove("d", &fault), FAULT_IO);
	assert_int_equal(rmdir("d"), 0);
}

static void folders_are_made_with_their_parents(void **state)
{
	struct stat status;

	(void)state;
	assert_int_equal(file_make_dir("x/y//z/", 0700, NULL), 0);
	assert_int_equal(stat("x/y/z", &status), 0);
	assert_int_equal(status.st_mode & 07777, 0700);
	assert_int_equal(file_make_dir("x/y/z", 0700, NULL), 0);
	assert_int_equal(file_make_dir("/", 0700, NULL), 0);
	assert_int_equal(file_write("x/f", "", 0, 0600, NULL), 0);
	assert_int_equal(file_make_dir("x/f", 0700, NULL), FAULT_IO);
	assert_int_equal(file_make_dir("x/f/g", 0700, NULL), FAULT_IO);
	assert_int_equal(file_make_dir("", 0700, NULL), FAULT_IO);
	assert_int_equal(file_remove("x/f", NULL), 0);
	assert_int_equal(rmdir("x/y/z") + rmdir("x/y") + rmdir("x"), 0);
}

static void existence_is_seen(void **state)
{
	(void)state;
	assert_true(file_exists("/"));
	assert_false(file_exists("missing"));
}

static void a_change_is_seen_also_of_the_same_size(void **state)
{
	int64_t first, second;

	(void)state;
	assert_int_equal(file_changed_at("c"), 0);
	assert_int_equal(file_write("c", "one", 3, 0600, NULL), 0);
	first = file_changed_at("c");
	assert_true(first > INT64_C(1000000000000000000));
	usleep(20000); /* the disk's clock has steps */
	assert_int_equal(file_write("c", "two", 3, 0600, NULL), 0);
	second = file_changed_at("c");
	assert_true(second > first);
	assert_int_equal(file_changed_at("c"), second);
	assert_int_equal(file_remove("c", NULL), 0);
}

static void a_part_has_its_name_when_it_is_whole(void **state)
{
	struct file_part part = {0};
	struct file_part other = {0};
	struct stat status;

	(void)state;
	assert_int_equal(file_part_open("p", &part, NULL), 0);
	assert_int_equal(file_part_write(&part, "one ", 4, NULL), 0);
	assert_false(file_exists("p"));
	assert_int_equal(file_part_open("p", &other, NULL), FAULT_BUSY);
	assert_int_equal(file_part_write(&part, "two", 3, NULL), 0);
	assert_int_equal(file_part_keep(&part, NULL), 0);
	file_part_done(&part);
	assert_content("p", "one two");
	assert_int_equal(stat("p", &status), 0);
	assert_int_equal(status.st_mode & 07777, 0600);
	assert_int_equal(count_entries("."), 1);
	assert_int_equal(file_remove("p", NULL), 0);
}

static void a_part_that_is_given_up_leaves_nothing(void **state)
{
	struct file_part part = {0};

	(void)state;
	assert_int_equal(file_part_open("p", &part, NULL), 0);
	assert_int_equal(file_part_write(&part, "one", 3, NULL), 0);
	file_part_done(&part);
	file_part_done(&part);
	assert_int_equal(count_entries("."), 0);
	assert_int_equal(file_part_open("missing/p", &part, NULL), FAULT_IO);
}

/* As after a kill. */
static void a_part_takes_over_what_was_left(void **state)
{
	struct file_part part = {0};

	(void)state;
	assert_int_equal(file_write("p.part", "a longer text", 13, 0600, NULL), 0);
	assert_int_equal(file_part_open("p", &part, NULL), 0);
	assert_int_equal(file_part_write(&part, "one", 3, NULL), 0);
	assert_int_equal(file_part_keep(&part, NULL), 0);
	file_part_done(&part);
	assert_content("p", "one");
	assert_int_equal(count_entries("."), 1);
	assert_int_equal(file_remove("p", NULL), 0);
}

static void a_part_never_replaces_a_file(void **state)
{
	struct file_part part = {0};

	(void)state;
	assert_int_equal(file_part_open("p", &part, NULL), 0);
	assert_int_equal(file_write("p", "mine", 4, 0600, NULL), 0);
	assert_int_equal(file_part_keep(&part, NULL), FAULT_IO);
	file_part_done(&part);
	assert_content("p", "mine");
	assert_int_equal(count_entries("."), 1);
	assert_int_equal(file_remove("p", NULL), 0);
}

static void a_room_is_empty_and_for_one(void **state)
{
	struct fault fault = {0};
	int fd = -1;
	int other = -1;

	(void)state;
	assert_int_equal(file_make_dir("r", 0700, NULL), 0);
	assert_int_equal(file_write("r/left", "x", 1, 0600, NULL), 0);
	assert_false(file_is_free("r"));
	assert_int_equal(file_room_open("r", &fd, &fault), 0);
	assert_true(file_is_free("r"));
	assert_true(file_is_free("missing"));
	assert_int_equal(file_room_open("r", &other, NULL), FAULT_BUSY);
	assert_int_equal(file_write("r/new", "x", 1, 0600, NULL), 0);
	close(fd);
	assert_int_equal(file_room_remove("r", NULL), 0);
	assert_int_equal(file_room_remove("r", NULL), 0);
	assert_false(file_exists("r"));
	/* What is not ours is not taken away: files only. */
	assert_int_equal(file_make_dir("r/inner", 0700, NULL), 0);
	assert_int_equal(file_room_open("r", &fd, NULL), FAULT_IO);
	assert_int_equal(file_room_remove("r", NULL), FAULT_IO);
	assert_int_equal(rmdir("r/inner") + rmdir("r"), 0);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(what_is_written_is_read),
		cmocka_unit_test(the_mode_does_not_depend_on_the_umask),
		cmocka_unit_test(reading_appends_and_stops_at_the_cap),
		cmocka_unit_test(a_large_file_goes_round),
		cmocka_unit_test(only_regular_files_are_read),
		cmocka_unit_test(a_failed_write_leaves_no_trace),
		cmocka_unit_test(a_link_is_replaced_not_followed),
		cmocka_unit_test(a_file_moves_between_folders),
		cmocka_unit_test(removing_nothing_is_no_failure),
		cmocka_unit_test(folders_are_made_with_their_parents),
		cmocka_unit_test(existence_is_seen),
		cmocka_unit_test(a_change_is_seen_also_of_the_same_size),
		cmocka_unit_test(a_part_has_its_name_when_it_is_whole),
		cmocka_unit_test(a_part_that_is_given_up_leaves_nothing),
		cmocka_unit_test(a_part_takes_over_what_was_left),
		cmocka_unit_test(a_part_never_replaces_a_file),
		cmocka_unit_test(a_room_is_empty_and_for_one),
	};

	return cmocka_run_group_tests(tests, enter_folder, leave_folder);
}
