/* Law as data: R-NY-5, R-VAT-2, R-VAT-3, R-SEND-4; schemas/law/README.md. */
#include "cases.h"

#include "core/law.h"
#include "core/seller.h"

struct fixture {
	struct arena *arena;
	char *text; /* tests/data/law/2027.json */
	size_t len;
	struct law law;
	struct problem problem;
};

static char *slurp(const char *path, size_t *ret_len)
{
	FILE *file = fopen(path, "rb");
	char *text = calloc(1, LAW_BYTES_MAX + 1);

	assert_non_null(file);
	assert_non_null(text);
	*ret_len = fread(text, 1, LAW_BYTES_MAX, file);
	fclose(file);
	return text;
}

static int open_fixture(void **state)
{
	struct fixture *f = calloc(1, sizeof(*f));

	assert_non_null(f);
	f->arena = arena_new(4 << 20);
	assert_non_null(f->arena);
	f->text = slurp(TEST_DATA "/law/2027.json", &f->len);
	assert_int_equal(law_read(f->text, f->len, f->arena, &f->law, &f->problem), 0);
	*state = f;
	return 0;
}

static int close_fixture(void **state)
{
	struct fixture *f = *state;

	arena_free(f->arena);
	free(f->text);
	free(f);
	return 0;
}

static void eight_percent_holds_from_july_2025_to_the_end_of_2026(void **state)
{
	(void)state;
	/* Law R-VAT-2: Resolution 204/2025/QH15. */
	assert_false(law_holds(&law_builtin, VAT_8, 20250630));
	assert_true(law_holds(&law_builtin, VAT_8, 20250701));
	assert_true(law_holds(&law_builtin, VAT_8, 20261231));
	assert_false(law_holds(&law_builtin, VAT_8, 20270101));
	assert_false(law_holds(&law_builtin, VAT_COUNT, 20261122));
	for (int rate = VAT_NONE; rate < VAT_COUNT; rate++) {
		if (rate != VAT_8)
			assert_true(law_holds(&law_builtin, (enum vat_rate)rate, 20270101));
	}
}

static void a_class_has_the_rate_of_the_day_of_the_sale(void **state)
{
	/* Law R-NY-5, rows ny01 and ny02 of new-year.csv: reduced is 8 on 31 December 2026 and 10 a day later. */
	static const struct {
		const char *item_class;
		enum vat_rate in_2026, in_2027;
	} classes[] = {
		{"reduced", VAT_8, VAT_10},
		{"excise", VAT_10, VAT_10},
		{"essential5", VAT_5, VAT_5},
		{"export0", VAT_0, VAT_0},
		{"exempt", VAT_KCT, VAT_KCT},
	};
	enum vat_rate rate;

	(void)state;
	for (size_t i = 0; i < ARRAY_LEN(classes); i++) {
		assert_int_equal(law_rate_of_class(&law_builtin, classes[i].item_class, 20261231, &rate), 0);
		assert_int_equal(rate, classes[i].in_2026);
		assert_int_equal(law_rate_of_class(&law_builtin, classes[i].item_class, 20270101, &rate), 0);
		assert_int_equal(rate, classes[i].in_2027);
	}
	assert_int_equal(law_rate_of_class(&law_builtin, "luxury", 20261231, &rate), 1);
	assert_int_equal(law_rate_of_class(&law_builtin, "", 20261231, &rate), 1);
}

/* Two readers, one in the build and one in the program, of one format. */
static void the_built_in_pack_is_the_file(void **state)
{
	struct fixture *f = *state;
	size_t len;
	char *text = slurp(SCHEMAS_DIR "/law/builtin.json", &len);
	struct law law;

	assert_int_equal(law_read(text, len, f->arena, &law, &f->problem), 0);
	free(text);
	assert_int_equal(law.version, law_builtin.version);
	assert_int_equal(law.applies_on, law_builtin.applies_on);
	assert_string_equal(law.source, law_builtin.source);
	assert_string_equal(law.profile, law_builtin.profile);
	assert_int_equal(law.rate_count, law_builtin.rate_count);
	for (size_t i = 0; i < law.rate_count; i++) {
		assert_int_equal(law.rates[i].rate, law_builtin.rates[i].rate);
		assert_int_equal(law.rates[i].from, law_builtin.rates[i].from);
		assert_int_equal(law.rates[i].to, law_builtin.rates[i].to);
	}
	assert_int_equal(law.class_count, law_builtin.class_count);
	for (size_t i = 0; i < law.class_count; i++) {
		assert_string_equal(law.classes[i].item_class, law_builtin.classes[i].item_class);
		assert_int_equal(law.classes[i].rate, law_builtin.classes[i].rate);
	}
	assert_int_equal(law.text_count, law_builtin.text_count);
	for (size_t i = 0; i < law.text_count; i++) {
		assert_string_equal(law.texts[i].code, law_builtin.texts[i].code);
		assert_string_equal(law.texts[i].en, law_builtin.texts[i].en);
		assert_string_equal(law.texts[i].vi, law_builtin.texts[i].vi);
	}
	assert_int_equal(law.calendar.count, 0);
	assert_null(law_builtin.older);
}

static void a_pack_holds_from_its_first_day(void **state)
{
	struct fixture *f = *state;
	struct law_book book = {.calendar = NULL};
	struct law urgent = f->law;

	assert_ptr_equal(law_on(NULL, 20270101), &law_builtin);
	assert_ptr_equal(law_on(&book, 20270101), &law_builtin);
	law_add(&book, &f->law);
	assert_ptr_equal(law_newest(&book), &f->law);
	assert_ptr_equal(law_on(&book, 20261231), &law_builtin);
	assert_ptr_equal(law_on(&book, 20270101), &f->law);
	assert_ptr_equal(law_on(&book, 20100101), &law_builtin);
	assert_true(law_holds(law_on(&book, 20270101), VAT_8, 20270101));
	assert_true(law_holds(law_on(&book, 20271231), VAT_8, 20271231));
	assert_false(law_holds(law_on(&book, 20280101), VAT_8, 20280101));
	/* A higher version wins from its day on, also when that comes before the day of the other. */
	urgent.version = 3;
	urgent.applies_on = 20261201;
	law_add(&book, &urgent);
	assert_ptr_equal(law_on(&book, 20261130), &law_builtin);
	assert_ptr_equal(law_on(&book, 20261201), &urgent);
	assert_ptr_equal(law_on(&book, 20270101), &urgent);
}

static void days_of_a_pack_are_stronger_than_the_table(void **state)
{
	struct fixture *f = *state;
	static const struct holiday day = {.day = 20270101};
	const struct calendar builtin = {.days = &day, .count = 1};
	struct law_book book = {.calendar = &builtin};
	const struct calendar *calendar;

	assert_ptr_equal(law_calendar(NULL, &builtin, 20270101), &builtin);
	law_add(&book, &f->law);
	assert_ptr_equal(law_calendar(&book, &builtin, 20261231), &builtin);
	calendar = law_calendar(&book, &builtin, 20270101);
	assert_false(calendar_is_working_day(calendar, 20270101)); /* of the table */
	assert_true(calendar_is_working_day(calendar, 20270102));  /* a Saturday that is worked */
	assert_false(calendar_is_working_day(calendar, 20270103)); /* a Sunday */
	assert_false(calendar_is_working_day(calendar, 20270104)); /* a Monday off */
	assert_true(calendar_is_working_day(calendar, 20270105));
}

/* Format 1.2. */
static void the_version_is_that_of_the_day_of_issue_unless_it_is_fixed(void **state)
{
	struct fixture *f = *state;
	struct law_book book = {.calendar = NULL};
	struct seller seller = {.law = &book};

	assert_string_equal(f->law.profile, "2.1.0"); /* a pack from before versions were in it */
	f->law.profile = "2.1.1";
	assert_string_equal(seller_profile(&seller, 20270101)->pban, "2.1.0");
	law_add(&book, &f->law);
	assert_string_equal(seller_profile(&seller, 20261231)->pban, "2.1.0");
	assert_string_equal(seller_profile(&seller, 20270101)->pban, "2.1.1");
	seller.profile = profile_find("2.1.0");
	assert_string_equal(seller_profile(&seller, 20270101)->pban, "2.1.0");
	seller = (struct seller){.law = NULL};
	assert_string_equal(seller_profile(&seller, 20270101)->pban, "2.1.0");
}

static void a_pack_names_a_version_that_this_program_knows(void **state)
{
	struct fixture *f = *state;
	struct law law;
	char *at = strstr(f->text, "\"rates\"");
	char *text = malloc(f->len + 40);

	assert_non_null(at);
	assert_non_null(text);
	for (int i = 0; i < 2; i++) {
		sprintf(text, "%.*s\"profile\": \"2.1.%d\",%s", (int)(at - f->text), f->text, i + 1, at);
		assert_int_equal(law_read(text, strlen(text), f->arena, &law, &f->problem), i ? PROBLEM_LAW_FORMAT : 0);
	}
	assert_string_equal(law.profile, "2.1.1");
	assert_non_null(strstr(f->problem.extra, "profile"));
	free(text);
}

static void a_code_has_its_text_and_no_other(void **state)
{
	struct fixture *f = *state;

	assert_string_equal(law_text(&f->law, "S407: sums", 4)->en, "The totals do not add up.");
	assert_null(law_text(&f->law, "S40", 3));
	assert_null(law_text(&f->law, "S4077", 5));
	assert_null(law_text(&law_builtin, "S407", 4));
}

/* The pack with the first @from replaced by @to. */
static void assert_refused(struct fixture *f, const char *from, const char *to, const char *what)
{
	char *at = strstr(f->text, from);
	char *text = malloc(f->len + strlen(to) + 1);
	struct law untouched = {.version = -1};

	assert_non_null(at);
	assert_non_null(text);
	sprintf(text, "%.*s%s%s", (int)(at - f->text), f->text, to, at + strlen(from));
	f->problem = (struct problem){0};
	if (law_read(text, strlen(text), f->arena, &untouched, &f->problem) != PROBLEM_LAW_FORMAT)
		fail_msg("%s instead of %s was read", to, from);
	if (!strstr(f->problem.extra, what))
		fail_msg("%s instead of %s: \"%s\" does not name %s", to, from, f->problem.extra, what);
	assert_int_equal(untouched.version, -1);
	free(text);
}

static void what_is_not_as_the_schema_says_is_refused(void **state)
{
	static const struct {
		const char *from, *to, *what;
	} cases[] = {
		{"{", "{{", "JSON"},
		{"\"applies_on\": \"2027-01-01\",", "", "applies_on"},
		{"2027-01-01", "2027-02-30", "applies_on"},
		{"2027-01-01", "", "applies_on"},
		{"\"applies_on\"", "\"applies\"", "applies_on"},
		{"\"rate\": \"8\"", "\"rate\": \"7\"", "rate"},
		{"\"rate\": \"8\"", "\"rate\": 8", "rate"},
		{"\"class\": \"reduced\"", "\"class\": \"\"", "class"},
		{"\"class\": \"reduced\"", "\"class\": \"re\\u0064uced\"", "class"},
		{"{\"class\": \"reduced\", \"rate\": \"8\"}", "{\"rate\": \"8\", \"class\": \"reduced\"}", "class"},
		{"{\"class\": \"reduced\", \"rate\": \"8\"}", "{\"class\": \"reduced\"}", "rate"},
		{"\"kind\": \"work\"", "\"kind\": \"open\"", "kind"},
		{"2027-01-04", "2027-01-02", "holidays"},
		{"2027-12-31", "2025-06-30", "to"},
		{"\"version\": 2", "\"version\": 0", "version"},
		{"\"version\": 2", "\"version\": \"2\"", "version"},
		{"\"version\": 2", "\"version\": -2", "version"},
		{"\"version\": 2", "\"version\": 2.5", "end"},
		{"\"version\": 2", "\"version\": 99999999999999999999", "version"},
		{"\"version\": 2", "\"version\": 2, \"words\": \"x\"", "end"},
	};
	struct fixture *f = *state;
	struct law law;

	for (size_t i = 0; i < ARRAY_LEN(cases); i++)
		assert_refused(f, cases[i].from, cases[i].to, cases[i].what);
	assert_int_equal(law_read("", 0, f->arena, &law, &f->problem), PROBLEM_LAW_FORMAT);
	/* No byte may be missing. */
	while (f->len > 0 && f->text[f->len - 1] != '}')
		f->len--;
	for (size_t len = 0; len < f->len; len++)
		assert_int_equal(law_read(f->text, len, f->arena, &law, &f->problem), PROBLEM_LAW_FORMAT);
}

/* It would stop every sale. */
static void a_pack_without_rates_is_refused(void **state)
{
	static const char pack[] = "{\"applies_on\":\"2027-01-01\",\"classes\":[%s],\"holidays\":[],\"rates\":[%s],"
				   "\"source\":\"x\",\"texts\":[],\"version\":2}";
	static const char class[] = "{\"class\":\"reduced\",\"rate\":\"8\"}";
	static const char rate[] = "{\"from\":\"\",\"rate\":\"8\",\"to\":\"\"}";
	struct fixture *f = *state;
	char text[400];
	struct law law;

	snprintf(text, sizeof(text), pack, class, "");
	assert_int_equal(law_read(text, strlen(text), f->arena, &law, &f->problem), PROBLEM_LAW_FORMAT);
	assert_non_null(strstr(f->problem.extra, "rates"));
	snprintf(text, sizeof(text), pack, "", rate);
	assert_int_equal(law_read(text, strlen(text), f->arena, &law, &f->problem), PROBLEM_LAW_FORMAT);
	assert_non_null(strstr(f->problem.extra, "classes"));
	snprintf(text, sizeof(text), pack, class, rate);
	assert_int_equal(law_read(text, strlen(text), f->arena, &law, &f->problem), 0);
	assert_true(law_holds(&law, VAT_8, 19700101) && law_holds(&law, VAT_8, 29991231));
	assert_false(law_holds(&law, VAT_10, 20270101));
}

static void run(const char *command)
{
	if (system(command) != 0)
		fail_msg("%s", command);
}

static void only_what_the_publisher_signed_is_law(void **state)
{
	struct fixture *f = *state;
	char dir[] = "/tmp/hoadon-law-XXXXXX", path[100], command[1000];
	struct bytes keys[2], signature = {.max = LAW_SIGNATURE_MAX}, empty = {.max = 1};
	size_t len;
	char *text;

	assert_non_null(mkdtemp(dir));
	for (int i = 0; i < 2; i++) {
		snprintf(command, sizeof(command),
			"cd %s && openssl ecparam -name prime256v1 -genkey -noout -out %d.key && "
			"openssl ec -in %d.key -pubout -out %d.pem 2>/dev/null",
			dir, i, i, i);
		run(command);
		snprintf(path, sizeof(path), "%s/%d.pem", dir, i);
		text = slurp(path, &len);
		bytes_init(&keys[i], 16384);
		bytes_append(&keys[i], text, len);
		free(text);
	}
	snprintf(command, sizeof(command), "openssl dgst -sha256 -sign %s/0.key -out %s/sig '%s/law/2027.json'", dir,
		dir, TEST_DATA);
	run(command);
	snprintf(path, sizeof(path), "%s/sig", dir);
	text = slurp(path, &len);
	bytes_append(&signature, text, len);
	free(text);
	snprintf(command, sizeof(command), "rm -r %s", dir);
	run(command);

	assert_int_equal(law_open(f->text, f->len, &signature, &keys[0], f->arena, &f->law, &f->problem), 0);
	assert_int_equal(f->law.version, 2);
	assert_int_equal(
		law_open(f->text, f->len, &signature, NULL, f->arena, &f->law, &f->problem), PROBLEM_LAW_PUBLISHER);
	assert_int_equal(
		law_open(f->text, f->len, &signature, &empty, f->arena, &f->law, &f->problem), PROBLEM_LAW_PUBLISHER);
	assert_int_equal(
		law_open(f->text, f->len, &signature, &keys[1], f->arena, &f->law, &f->problem), PROBLEM_LAW_SIGNATURE);
	assert_int_equal(
		law_open(f->text, f->len, &empty, &keys[0], f->arena, &f->law, &f->problem), PROBLEM_LAW_SIGNATURE);
	*strstr(f->text, "2027-12-31") = '3';
	assert_int_equal(
		law_open(f->text, f->len, &signature, &keys[0], f->arena, &f->law, &f->problem), PROBLEM_LAW_SIGNATURE);
	bytes_done(&signature);
	for (int i = 0; i < 2; i++)
		bytes_done(&keys[i]);
}

int main(void)
{
#define LAW_TEST(name) cmocka_unit_test_setup_teardown(name, open_fixture, close_fixture)
	static const struct CMUnitTest tests[] = {
		cmocka_unit_test(eight_percent_holds_from_july_2025_to_the_end_of_2026),
		cmocka_unit_test(a_class_has_the_rate_of_the_day_of_the_sale),
		LAW_TEST(the_built_in_pack_is_the_file),
		LAW_TEST(a_pack_holds_from_its_first_day),
		LAW_TEST(days_of_a_pack_are_stronger_than_the_table),
		LAW_TEST(the_version_is_that_of_the_day_of_issue_unless_it_is_fixed),
		LAW_TEST(a_pack_names_a_version_that_this_program_knows),
		LAW_TEST(a_code_has_its_text_and_no_other),
		LAW_TEST(what_is_not_as_the_schema_says_is_refused),
		LAW_TEST(a_pack_without_rates_is_refused),
		LAW_TEST(only_what_the_publisher_signed_is_law),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
