/* Tills that write to a file. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>
#include <errno.h>
#include <fcntl.h>
#include <poll.h>
#include <sys/stat.h>

#include "drivers/drivers.h"

struct place {
	char dir[40], path[60];
};

static int set_up(void **state)
{
	struct place *place = calloc(1, sizeof(*place));

	strcpy(place->dir, "/tmp/line-fifo-XXXXXX");
	assert_non_null(mkdtemp(place->dir));
	snprintf(place->path, sizeof(place->path), "%s/bar.prn", place->dir);
	*state = place;
	return 0;
}

static int tear_down(void **state)
{
	struct place *place = *state;

	unlink(place->path);
	rmdir(place->dir);
	free(place);
	return 0;
}

static void a_writer_is_let_in_and_its_end_is_heard(void **state)
{
	struct place *place = *state;
	struct fault fault = {0};
	struct stat info;
	char peer[LINE_PEER_MAX] = "?", bytes[8];
	int door = -1, again = -1, till = -1;

	assert_true(source_fifo.is_single && source_fifo.has_end && !source_fifo.can_tell);
	umask(027);
	assert_int_equal(source_fifo.open(place->path, &door, &fault), 0);
	assert_true(stat(place->path, &info) == 0 && S_ISFIFO(info.st_mode) && (info.st_mode & 0777) == 0660);
	assert_int_equal(source_fifo.accept(door, &till, peer, &fault), LINE_WAIT);
	int writer = open(place->path, O_WRONLY | O_NONBLOCK);
	assert_true(writer >= 0);
	assert_int_equal(source_fifo.accept(door, &till, peer, &fault), LINE_WAIT);
	assert_int_equal(write(writer, "paper", 5), 5);
	assert_int_equal(source_fifo.accept(door, &till, peer, &fault), 0);
	assert_string_equal(peer, "");
	assert_int_equal(read(till, bytes, sizeof(bytes)), 5);
	assert_int_equal(read(till, bytes, sizeof(bytes)), -1);
	assert_int_equal(errno, EAGAIN);
	close(writer);
	assert_int_equal(read(till, bytes, sizeof(bytes)), 0); /* the end */
	/* The next writer finds a reader while the door is made anew, and the new door waits. */
	source_fifo.close(till, true);
	assert_int_equal(source_fifo.open(place->path, &again, &fault), 0);
	source_fifo.close(door, false);
	assert_int_equal(source_fifo.accept(again, &till, peer, &fault), LINE_WAIT);
	writer = open(place->path, O_WRONLY | O_NONBLOCK);
	assert_true(writer >= 0);
	assert_int_equal(write(writer, "more", 4), 4);
	close(writer);
	assert_int_equal(source_fifo.accept(again, &till, peer, &fault), 0);
	assert_int_equal(read(till, bytes, sizeof(bytes)), 4);
	source_fifo.close(till, false);
	source_fifo.close(again, false);
}

static void a_receipt_of_any_length_waits_for_nobody(void **state)
{
	static uint8_t paper[900000];
	struct place *place = *state;
	struct fault fault = {0};
	int door = -1;

	assert_int_equal(source_fifo.open(place->path, &door, &fault), 0);
	int writer = open(place->path, O_WRONLY | O_NONBLOCK);
	assert_int_equal(write(writer, paper, sizeof(paper)), sizeof(paper));
	close(writer);
	source_fifo.close(door, false);
}

static void what_is_no_fifo_is_left_alone(void **state)
{
	struct place *place = *state;
	struct fault fault = {0};
	int door = -1;

	close(open(place->path, O_WRONLY | O_CREAT | O_CLOEXEC, 0600));
	assert_int_equal(source_fifo.open(place->path, &door, &fault), FAULT_CONFIG);
	assert_non_null(strstr(fault.text, "is no FIFO"));
	fault = (struct fault){0};
	assert_int_equal(source_fifo.open("/no/such/folder/bar.prn", &door, &fault), FAULT_IO);
	assert_int_equal(door, -1);
}

#define FIFO_TEST(name) cmocka_unit_test_setup_teardown(name, set_up, tear_down)

int main(void)
{
	const struct CMUnitTest tests[] = {
		FIFO_TEST(a_writer_is_let_in_and_its_end_is_heard),
		FIFO_TEST(a_receipt_of_any_length_waits_for_nobody),
		FIFO_TEST(what_is_no_fifo_is_left_alone),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
