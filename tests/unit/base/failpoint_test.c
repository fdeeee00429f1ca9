#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include <signal.h>
#include <stdio.h>
#include <string.h>
#include <sys/stat.h>
#include <sys/wait.h>

#include "base/failpoint.h"
#include "base/file.h"

#ifdef HOADON_FAILPOINTS

static char folder[] = "/tmp/failpoint_test_XXXXXX";

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

/* The parent never visits a point: its children would inherit the orders that it read. */
static void put(const char *path, const char *content)
{
	FILE *file = fopen(path, "w");

	assert_non_null(file);
	fputs(content, file);
	fclose(file);
}

static void assert_content(const char *path, const char *expected)
{
	FILE *file = fopen(path, "r");
	char content[1000];
	size_t len;

	assert_non_null(file);
	len = fread(content, 1, sizeof(content) - 1, file);
	fclose(file);
	content[len] = '\0';
	assert_string_equal(content, expected);
}

/* How a child that runs @body under @order ends: its exit code, or 1000 + the signal. The orders are read once a process. */
static int run(const char *order, int (*body)(void))
{
	pid_t child = fork();
	int status = 0;

	assert_true(child >= 0);
	if (child == 0) {
		setenv("HOADON_FAILPOINT", order, 1);
		setenv("HOADON_FAILPOINT_LOG", "log", 1);
		_exit(body());
	}
	assert_int_equal(waitpid(child, &status, 0), child);
	return WIFEXITED(status) ? WEXITSTATUS(status) : 1000 + WTERMSIG(status);
}

/* The visits of five that fail, as bits. */
static int visit_five(void)
{
	int failed = 0;

	for (int i = 0; i < 5; i++)
		failed |= FAILPOINT("test.step", "before") << i;
	return failed;
}

static void a_point_fails_at_its_visit_only(void **state)
{
	(void)state;
	assert_int_equal(run("test.step.before:3:fail", visit_five), 4);
	assert_int_equal(run("test.step.after:1:fail", visit_five), 0);
	assert_int_equal(run("test.step.before:1:fail,test.step.before:5:fail", visit_five), 17);
	assert_int_equal(run("", visit_five), 0);
	unlink("log");
}

static void a_point_kills(void **state)
{
	(void)state;
	assert_int_equal(run("test.step.before:2:kill", visit_five), 1000 + SIGKILL);
	assert_int_equal(run("test.step.before:6:kill", visit_five), 0);
	unlink("log");
}

/* The abort's core and message are expected here. */
static void a_misspelt_order_stops_the_test(void **state)
{
	static const char *const orders[] = {
		"test.step.before", "test.step.before:1", "test.step.before:0:kill", "test.step.before:1:explode"};

	(void)state;
	for (size_t i = 0; i < ARRAY_LEN(orders); i++)
		assert_int_equal(run(orders[i], visit_five), 1000 + SIGABRT);
	unlink("log");
}

static int write_file(void)
{
	struct fault fault = {0};
	int result = file_write("a", "new", 3, 0600, &fault);

	return result == 0 ? 0 : result == FAULT_IO && fault.code == FAULT_IO ? 1 : 2;
}

static void first_visits_are_logged_once(void **state)
{
	(void)state;
	assert_int_equal(run("", write_file), 0);
	assert_content("log", "file.write.before\nfile.write.after\nfile.sync.before\nfile.sync.after\n"
			      "file.rename.before\nfile.rename.after\nfile.sync_dir.before\n"
			      "file.sync_dir.after\n");
	unlink("log");
	unlink("a");
}

/* Whatever step of a write fails or is the last of the process: the file is the old or the new one, whole. */
static void a_file_is_old_or_new_at_every_point(void **state)
{
	static const char *const points[] = {"file.write.before", "file.write.after", "file.sync.before",
		"file.sync.after", "file.rename.before", "file.rename.after", "file.sync_dir.before",
		"file.sync_dir.after"};

	(void)state;
	for (size_t i = 0; i < ARRAY_LEN(points); i++) {
		const char *expected = i < 5 ? "old" : "new";
		char order[64];

		put("a", "old");
		snprintf(order, sizeof(order), "%s:1:fail", points[i]);
		assert_int_equal(run(order, write_file), 1);
		assert_content("a", expected);
		/* no temporary file is left behind by a failure */
		unlink("log");
		unlink("a");
		rmdir(folder);
		assert_int_equal(mkdir(folder, 0700) + chdir(folder), 0);
		put("a", "old");
		snprintf(order, sizeof(order), "%s:1:kill", points[i]);
		assert_int_equal(run(order, write_file), 1000 + SIGKILL);
		assert_content("a", expected);
		assert_int_equal(system("rm -f log a .a.*.tmp"), 0);
	}
}

static int use_other_calls(void)
{
	BYTES_CLEANUP struct bytes bytes = {.max = 10};
	int failed = 0;

	failed |= (file_read("a", &bytes, NULL) < 0) << 0;
	failed |= (file_move("a", "b", NULL) < 0) << 1;
	failed |= (file_remove("a", NULL) < 0) << 2;
	failed |= (file_make_dir("d", 0700, NULL) < 0) << 3;
	return failed;
}

static void every_call_has_its_points(void **state)
{
	static const char *const orders[] = {"file.read.before:1:fail", "file.rename.before:1:fail",
		"file.remove.before:1:fail", "file.make_dir.before:1:fail"};

	(void)state;
	for (int i = 0; i < 4; i++) {
		put("a", "x");
		assert_int_equal(run(orders[i], use_other_calls), 1 << i);
		assert_int_equal(system("rm -rf log a b d"), 0);
	}
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(a_point_fails_at_its_visit_only),
		cmocka_unit_test(a_point_kills),
		cmocka_unit_test(a_misspelt_order_stops_the_test),
		cmocka_unit_test(first_visits_are_logged_once),
		cmocka_unit_test(a_file_is_old_or_new_at_every_point),
		cmocka_unit_test(every_call_has_its_points),
	};

	return cmocka_run_group_tests(tests, enter_folder, leave_folder);
}

#else

static void a_product_build_has_no_failpoints(void **state)
{
	(void)state;
	assert_int_equal(FAILPOINT("test.step", "before"), 0);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(a_product_build_has_no_failpoints),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}

#endif
