#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include <stdio.h>
#include <string.h>
#include <sys/stat.h>

#include "base/file.h"
#include "base/options.h"

static const struct option table[] = {
	{"seller", "tax_code", 0, OPTION_TEXT, 10, 14, NULL, NULL, "tax code", "mã số thuế"},
	{"seller", "name", 0, OPTION_TEXT, 0, 20, NULL, NULL, "name", "tên"},
	{"seller", "note", 0, OPTION_TEXT, 0, 0, NULL, "", "note", "ghi chú"},
	{"store", "folder", 0, OPTION_PATH, 0, 0, NULL, "/var/lib/hoadon", "folder", "thư mục"},
	{"web", "port", 0, OPTION_INT, 1, 65535, NULL, "8080", "port", "cổng"},
	{"web", "enabled", 0, OPTION_FLAG, 0, 0, NULL, "yes", "enabled", "bật"},
	{"web", "offset", 0, OPTION_INT, -5, 5, NULL, NULL, "offset", "độ lệch"},
	{"till", "printer", 1, OPTION_CHOICE, 0, 0, "usb|tcp|none", "none", "printer", "máy in"},
	{"till", "port", 1, OPTION_INT, 1, 65535, NULL, "9100", "port", "cổng"},
	{"authority", "password", 1, OPTION_SECRET, 0, 0, NULL, NULL, "password", "mật khẩu"},
	{0},
};

static char folder[] = "/tmp/options_test_XXXXXX";

static int enter_folder(void **state)
{
	(void)state;
	return mkdtemp(folder) && chdir(folder) == 0 && mkdir("conf.d", 0700) == 0 ? 0 : -1;
}

static int leave_folder(void **state)
{
	(void)state;
	unlink("hoadon.conf");
	return rmdir("conf.d") == 0 && chdir("/") == 0 ? rmdir(folder) : -1;
}

static void put(const char *path, const char *content)
{
	assert_int_equal(file_write(path, content, strlen(content), 0600, NULL), 0);
}

/* The set of hoadon.conf with @content, which must be good. */
static struct option_set *read_good(const char *content)
{
	BYTES_CLEANUP struct bytes problems = {.max = 10000};
	struct option_set *set = NULL;
	struct fault fault = {0};

	put("hoadon.conf", content);
	if (options_read(table, ".", &set, &problems, &fault) != 0)
		fail_msg("%s", fault.text);
	assert_int_equal(problems.len, 0);
	return set;
}

static void assert_problems(const char *content, const char *expected)
{
	BYTES_CLEANUP struct bytes problems = {.max = 10000};
	struct option_set *set = NULL;
	struct fault fault = {0};

	put("hoadon.conf", content);
	assert_int_equal(options_read(table, ".", &set, &problems, &fault), FAULT_CONFIG);
	assert_null(set);
	assert_string_equal((char *)problems.data, expected);
	/* the first one is the fault */
	assert_int_equal(fault.code, FAULT_CONFIG);
	assert_int_equal(strlen(fault.text), strcspn(expected, "\n"));
	assert_memory_equal(fault.text, expected, strlen(fault.text));
}

static void values_come_from_the_file_or_the_table(void **state)
{
	CLEANUP(options_freep)
	struct option_set *set =
		read_good("\xEF\xBB\xBF# comment\r\n; another\r\n\r\n[seller]\r\n  tax_code = 0100109106\r\n"
			  "name=Quán a = b; c # d  \r\n[web]\noffset = -5\nenabled = no");

	(void)state;
	assert_string_equal(options_text(set, "seller", "", "tax_code"), "0100109106");
	assert_string_equal(options_text(set, "seller", "", "name"), "Quán a = b; c # d");
	assert_string_equal(options_text(set, "seller", "", "note"), "");
	assert_string_equal(options_text(set, "store", "", "folder"), "/var/lib/hoadon");
	assert_int_equal(options_int(set, "web", "", "port"), 8080);
	assert_int_equal(options_int(set, "web", "", "enabled"), 0);
	assert_true(options_int(set, "web", "", "offset") == -5);
	assert_null(options_get(set, "web", "", "port"));
	assert_null(options_name(set, "till", 0));
}

static void a_value_knows_where_it_came_from(void **state)
{
	CLEANUP(options_freep) struct option_set *set = read_good("# 1\n\n[web]\n\nport = 1\n");
	const struct option_value *value = options_get(set, "web", "", "port");

	(void)state;
	assert_string_equal(value->file, "./hoadon.conf");
	assert_int_equal(value->line, 5);
	assert_string_equal(value->value, "1");
	assert_string_equal(value->name, "");
	assert_ptr_equal(value->option, &table[4]);
}

static void unset_values_without_default_are_null(void **state)
{
	CLEANUP(options_freep) struct option_set *set = read_good("");

	(void)state;
	assert_null(options_text(set, "seller", "", "tax_code"));
	assert_int_equal(options_int(set, "web", "", "offset"), 0);
	assert_int_equal(options_int(set, "web", "", "enabled"), 1);
}

static void named_sections_repeat(void **state)
{
	CLEANUP(options_freep)
	struct option_set *set = read_good(
		"[till T01]\nprinter = usb\n[till  Quầy 2 ]\n[till T01]\nport = 9101\n[authority x]\npassword = p\n");

	(void)state;
	assert_string_equal(options_name(set, "till", 0), "T01");
	assert_string_equal(options_name(set, "till", 1), "Quầy 2");
	assert_null(options_name(set, "till", 2));
	assert_string_equal(options_name(set, "authority", 0), "x");
	assert_string_equal(options_text(set, "till", "T01", "printer"), "usb");
	assert_int_equal(options_int(set, "till", "T01", "port"), 9101);
	assert_string_equal(options_text(set, "till", "Quầy 2", "printer"), "none");
	assert_int_equal(options_int(set, "till", "Quầy 2", "port"), 9100);
}

static void later_files_win_in_order_of_name(void **state)
{
	CLEANUP(options_freep) struct option_set *set = NULL;

	(void)state;
	put("conf.d/20.conf", "[web]\nport = 20\n[till T02]\n");
	put("conf.d/10.conf", "[web]\nport = 10\noffset = 1\n[till T01]\n");
	put("conf.d/.90.conf", "[web]\nport = 90\n");
	put("conf.d/95.conf~", "[web]\nport = 95\n");
	set = read_good("[web]\nport = 1\nport = 2\n[till T03]\n");
	assert_int_equal(options_int(set, "web", "", "port"), 20);
	assert_int_equal(options_int(set, "web", "", "offset"), 1);
	assert_string_equal(options_get(set, "web", "", "port")->file, "./conf.d/20.conf");
	assert_int_equal(options_get(set, "web", "", "port")->line, 2);
	assert_string_equal(options_name(set, "till", 0), "T03");
	assert_string_equal(options_name(set, "till", 1), "T01");
	assert_string_equal(options_name(set, "till", 2), "T02");
	unlink("conf.d/10.conf");
	unlink("conf.d/20.conf");
	unlink("conf.d/.90.conf");
	unlink("conf.d/95.conf~");
}

static void a_draft_stands_where_it_will_be_written(void **state)
{
	BYTES_CLEANUP struct bytes problems = {.max = 1000}, content = {.max = 1000};
	CLEANUP(options_freep) struct option_set *set = NULL;
	CLEANUP(options_freep) struct option_set *alone = NULL;
	struct options_draft draft = {"50.conf", "FILE", &content};

	(void)state;
	put("hoadon.conf", "[web]\nport = 1\n[seller]\nname = a\n");
	put("conf.d/10.conf", "[web]\nport = 10\nenabled = no\n");
	put("conf.d/50.conf", "[web]\noffset = 5\nport = 50\n");
	put("conf.d/90.conf", "[seller]\nnote = last\n");
	bytes_text(&content, "[web]\nport = 7\n[seller]\nnote = draft\n");
	assert_int_equal(options_read_draft(table, ".", &draft, &set, &problems, NULL), 0);
	assert_int_equal(options_int(set, "web", "", "port"), 7);
	assert_string_equal(options_get(set, "web", "", "port")->file, "FILE");
	assert_null(options_get(set, "web", "", "offset"));
	assert_int_equal(options_int(set, "web", "", "enabled"), 0);
	assert_string_equal(options_text(set, "seller", "", "note"), "last");
	assert_string_equal(options_text(set, "seller", "", "name"), "a");
	draft.name = NULL;
	assert_int_equal(options_read_draft(table, NULL, &draft, &alone, &problems, NULL), 0);
	assert_int_equal(options_int(alone, "web", "", "enabled"), 1);
	assert_string_equal(options_text(alone, "seller", "", "note"), "draft");
	unlink("conf.d/10.conf");
	unlink("conf.d/50.conf");
	unlink("conf.d/90.conf");
}

static void texts_become_nfc_and_secrets_stay_as_they_are(void **state)
{
	CLEANUP(options_freep)
	struct option_set *set = read_good(
		"[seller]\nname = Pho\xCC\x89\n[authority a]\npassword = o\xCC\x89 ;#=x\n[till o\xCC\x89]\n[till ỏ]\n");

	(void)state;
	assert_string_equal(options_text(set, "seller", "", "name"), "Phỏ");
	assert_string_equal(options_text(set, "authority", "a", "password"), "o\xCC\x89 ;#=x");
	assert_string_equal(options_name(set, "till", 0), "ỏ");
	assert_null(options_name(set, "till", 1));
}

static void every_word_of_a_flag_is_known(void **state)
{
	static const char *const words[] = {"no", "yes", "false", "true", "0", "1"};

	(void)state;
	for (size_t i = 0; i < ARRAY_LEN(words); i++) {
		char content[40];
		CLEANUP(options_freep) struct option_set *set = NULL;

		snprintf(content, sizeof(content), "[web]\nenabled = %s\n", words[i]);
		set = read_good(content);
		assert_int_equal(options_int(set, "web", "", "enabled"), i % 2);
	}
}

static void unknown_names_get_a_hint(void **state)
{
	(void)state;
	assert_problems(
		"[sellr]\nname = x\nx = y\n", "./hoadon.conf:1: unknown section \"sellr\"; did you mean \"seller\"?\n");
	assert_problems("[zzzzzzzz]\n", "./hoadon.conf:1: unknown section \"zzzzzzzz\"\n");
	assert_problems("[seller]\ntaxcode = 0100109106\nqqqqqqq = 1\n",
		"./hoadon.conf:2: unknown setting \"taxcode\"; did you mean \"tax_code\"?\n"
		"./hoadon.conf:3: unknown setting \"qqqqqqq\"\n");
	assert_problems("[till T01]\nprnter = usb\n",
		"./hoadon.conf:2: unknown setting \"prnter\"; did you mean \"printer\"?\n");
}

static void wrong_values_are_explained(void **state)
{
	(void)state;
	assert_problems("[web]\nport = 0\nport = 65536\nport = 80a\nport =\nport = 99999999999999999999\nport = +1\n",
		"./hoadon.conf:2: port = 0: must be a whole number from 1 to 65535\n"
		"./hoadon.conf:3: port = 65536: must be a whole number from 1 to 65535\n"
		"./hoadon.conf:4: port = 80a: must be a whole number from 1 to 65535\n"
		"./hoadon.conf:5: port = : must be a whole number from 1 to 65535\n"
		"./hoadon.conf:6: port = 99999999999999999999: must be a whole number from 1 to 65535\n"
		"./hoadon.conf:7: port = +1: must be a whole number from 1 to 65535\n");
	assert_problems("[web]\nenabled = maybe\n", "./hoadon.conf:2: enabled = maybe: must be yes or no\n");
	assert_problems("[till a]\nprinter = us\nprinter = usb|tcp\n",
		"./hoadon.conf:2: printer = us: must be one of usb|tcp|none\n"
		"./hoadon.conf:3: printer = usb|tcp: must be one of usb|tcp|none\n");
	assert_problems("[seller]\ntax_code = 123\nname = ếếếếếếếếếếếếếếếếếếếếế\n",
		"./hoadon.conf:2: tax_code = 123: must have 10 to 14 characters, not 3\n"
		"./hoadon.conf:3: name = ếếếếếếếếếếếếếếếếếếếế...: must have 0 to 20 characters, not 21\n");
	assert_problems("[store]\nfolder =\n", "./hoadon.conf:2: folder = : must have 1 to 4095 characters, not 0\n");
}

static void wrong_lines_are_explained(void **state)
{
	(void)state;
	assert_problems("x = 1\n[web\nport = 1\n[web]\njust words\n= 1\n",
		"./hoadon.conf:1: this setting stands before the first [section]\n"
		"./hoadon.conf:2: a section ends with \"]\"\n"
		"./hoadon.conf:5: this is neither [section] nor key = value\n"
		"./hoadon.conf:6: this is neither [section] nor key = value\n");
	assert_problems("[till]\n[web x]\n[]\n",
		"./hoadon.conf:1: section [till] needs a name: [till NAME]\n"
		"./hoadon.conf:2: this section takes no name: write only the word in brackets\n"
		"./hoadon.conf:3: unknown section \"\"\n");
	assert_problems("[seller]\nname = \xFF\nname = a\x1B[1m\nname = a\u202E\n",
		"./hoadon.conf:2: this line is not UTF-8; save the file as UTF-8\n"
		"./hoadon.conf:3: this line holds control or direction characters; type it anew\n"
		"./hoadon.conf:4: this line holds control or direction characters; type it anew\n");
}

static void a_secret_is_never_repeated(void **state)
{
	(void)state;
	assert_problems(
		"[authority a]\npassword =\n", "./hoadon.conf:2: password: must have 1 to 4095 characters, not 0\n");
	assert_problems("[authority a]\nhunter2\npasword = hunter2\n",
		"./hoadon.conf:2: this is neither [section] nor key = value\n"
		"./hoadon.conf:3: unknown setting \"pasword\"; did you mean \"password\"?\n");
}

static void the_main_file_must_exist_and_parts_need_not(void **state)
{
	BYTES_CLEANUP struct bytes problems = {.max = 1000};
	struct option_set *set = NULL;
	struct fault fault = {0};

	(void)state;
	unlink("hoadon.conf");
	assert_int_equal(options_read(table, ".", &set, &problems, &fault), FAULT_IO);
	assert_null(set);
	assert_int_equal(rmdir("conf.d"), 0);
	options_free(read_good("[web]\n"));
	assert_int_equal(mkdir("conf.d", 0700), 0);
}

static void a_nul_and_an_endless_line_are_survived(void **state)
{
	static char line[200000] = "[seller]\nname = ";
	BYTES_CLEANUP struct bytes problems = {.max = 10000};
	struct option_set *set = NULL;

	(void)state;
	assert_int_equal(file_write("hoadon.conf", "[seller]\nname = a\0b\n", 20, 0600, NULL), 0);
	assert_int_equal(options_read(table, ".", &set, &problems, NULL), FAULT_CONFIG);
	memset(line + strlen(line), 'x', sizeof(line) - 100);
	assert_int_equal(file_write("hoadon.conf", line, strlen(line), 0600, NULL), 0);
	assert_int_equal(options_read(table, ".", &set, &problems, NULL), FAULT_CONFIG);
	assert_true(problems.len < 400);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(values_come_from_the_file_or_the_table),
		cmocka_unit_test(a_value_knows_where_it_came_from),
		cmocka_unit_test(unset_values_without_default_are_null),
		cmocka_unit_test(named_sections_repeat),
		cmocka_unit_test(later_files_win_in_order_of_name),
		cmocka_unit_test(a_draft_stands_where_it_will_be_written),
		cmocka_unit_test(texts_become_nfc_and_secrets_stay_as_they_are),
		cmocka_unit_test(every_word_of_a_flag_is_known),
		cmocka_unit_test(unknown_names_get_a_hint),
		cmocka_unit_test(wrong_values_are_explained),
		cmocka_unit_test(wrong_lines_are_explained),
		cmocka_unit_test(a_secret_is_never_repeated),
		cmocka_unit_test(the_main_file_must_exist_and_parts_need_not),
		cmocka_unit_test(a_nul_and_an_endless_line_are_survived),
	};

	return cmocka_run_group_tests(tests, enter_folder, leave_folder);
}
