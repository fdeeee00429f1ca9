/* The profile language: what is refused and where, limits, wrapped names, scales; hostile text in every field of a receipt. */
#include "receipts.h"

#define SMALL                                                                                                          \
	"[accept]\ntitle = ^hoa don$\n[items]\nstop = ^tong\nname = (?<v>.+)\n"                                        \
	"row1 = ^(?<name>\\S.*?)\\s+(?<qty>\\d+)\\s+(?<price>[\\d.,]+)\\s+(?<amount>[\\d.,]+)$\n[totals]\ntotal = "    \
	"^tong\n"

static struct profile *profile_of(const char *ini, struct bytes *problems)
{
	BYTES_CLEANUP struct bytes file = {.max = PROFILE_FILE_MAX + 10};
	struct profile *profile = NULL;
	struct fault fault = {0};
	int result;

	bytes_text(&file, ini);
	result = profile_new("p.ini", &file, &profile, problems, &fault);
	assert_int_equal(result < 0, profile == NULL);
	assert_int_equal(result < 0, fault.text[0] != '\0');
	return profile;
}

static void a_wrong_profile_is_refused_with_line_and_sentence(void **state)
{
	static const char *const cases[][2] = {
		{"[totals]\nsubtotl = ^cong\n", "p.ini:2: unknown setting \"subtotl\"; did you mean \"subtotal\"?\n"},
		{"[item]\n", "p.ini:1: unknown section \"item\"; did you mean \"items\"?\n"},
		{SMALL "sum = (unclosed\n", "p.ini:9: sum: missing closing parenthesis, at letter 10\n"},
		{SMALL "sum = (?<vallue>x)\n", "p.ini:9: sum: a group has an unknown name; known are v name qty unit "
					       "price amount code rate d m y H M S\n"},
		{SMALL "sum = a\\Cb\n", "p.ini:9: sum: using \\C is disabled by the application, at letter 4\n"},
		{SMALL "[items]\nrow2 = ^(?<name>.*)$\n", "p.ini:10: row2: needs the groups qty and amount\n"},
		{SMALL "[profile]\nscale = 0\n", "p.ini:10: scale = 0: must be a whole number from 1 to 1000000\n"},
		{SMALL "[profile]\nencoding = ascii\n",
			"p.ini:10: encoding = ascii: must be one of auto|utf-8|tcvn|cp1258|viscii|cp437|cp850|"
			"cp852|cp1252|pages\n"},
		{SMALL "[items]\nwrap = up\n", "p.ini:10: wrap = up: must be one of none|above|below\n"},
		{"[accept]\ntitle = x\n", "p.ini:1: [items] stop is missing\n"},
		{SMALL "sum = ((((((((((((((((((((((a))))))))))))))))))))))\n",
			"p.ini:9: sum: parentheses are too deeply nested"},
		{SMALL "sum = (?:(?:(?:a{99}){99}){99})\n", "p.ini:9: sum: regular expression is too large"},
	};

	(void)state;
	for (size_t i = 0; i < ARRAY_LEN(cases); i++) {
		BYTES_CLEANUP struct bytes problems = {.max = 4096};
		CLEANUP(profile_freep) struct profile *profile = profile_of(cases[i][0], &problems);

		assert_null(profile);
		if (strncmp((char *)problems.data, cases[i][1], strlen(cases[i][1])) != 0)
			assert_string_equal((char *)problems.data, cases[i][1]);
	}
}

static void an_oversized_profile_is_refused(void **state)
{
	BYTES_CLEANUP struct bytes problems = {.max = 4096};
	CLEANUP(freep) char *large = calloc(1, PROFILE_FILE_MAX + 2);
	CLEANUP(freep) char *wide = NULL;

	(void)state;
	memset(large, '\n', PROFILE_FILE_MAX + 1);
	assert_null(profile_of(large, &problems));
	assert_string_equal((char *)problems.data, "p.ini:1: a profile has at most 65536 bytes\n");
	bytes_clear(&problems);
	assert_true(asprintf(&wide, SMALL "sum = %01001d\n", 0) > 0);
	assert_null(profile_of(wide, &problems));
	assert_non_null(strstr((char *)problems.data, "must have 1 to 1000 characters, not 1001"));
}

struct world {
	struct profile *profile;
	struct arena *arena;
	struct reading reading;
	char text[4000];
};

static void read_with(struct world *world, const char *ini, const char *receipt)
{
	BYTES_CLEANUP struct bytes problems = {.max = 4096};

	*world = (struct world){
		.profile = ini ? profile_of(ini, &problems) : default_profile(), .arena = arena_new(ARENA_MAX)};
	assert_non_null(world->profile);
	snprintf(world->text, sizeof(world->text), "%s", receipt);
	read_receipt(world->profile, world->arena, world->text, NULL, &world->reading);
}

static void world_done(struct world *world)
{
	profile_free(world->profile);
	arena_free(world->arena);
}
#define WORLD CLEANUP(world_done) struct world world

static void a_pattern_that_would_hang_stops_and_parks(void **state)
{
	WORLD;

	(void)state;
	read_with(&world, SMALL "discount = ^(?:a+)+(?:a+)+(?:a+)+(?:a+)+$\n",
		"HOA DON\nA 1 5.000 5.000\nTONG "
		"5.000\naaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaab\n");
	assert_int_equal(world.reading.review, REVIEW_LIMIT);
	assert_int_equal(world.reading.review_line, 4);
	assert_int_equal(world.reading.total, 5000);
}

static void names_wrap_as_the_profile_says(void **state)
{
	static const char receipt[] = "HOA DON\nCà phê  1  5.000  5.000\nsữa đá\nTrà  1  5.000  5.000\nTONG 10.000\n";
	WORLD;

	(void)state;
	read_with(&world, SMALL "[items]\nwrap = below\n", receipt);
	assert_int_equal(world.reading.review, REVIEW_NONE);
	assert_int_equal(world.reading.line_count, 2);
	assert_string_equal(world.reading.lines[0].name, "Cà phê sữa đá");
	assert_string_equal(world.reading.lines[1].name, "Trà");
	world_done(&world);
	read_with(&world, SMALL, receipt);
	assert_int_equal(world.reading.review, REVIEW_ROW);
	assert_int_equal(world.reading.review_line, 3);
	world_done(&world);
	read_with(&world,
		SMALL "[items]\nwrap = above\nstart = ^ten\nrow2 = ^\\s+(?<qty>\\d+) x (?<price>[\\d.]+) "
		      "(?<amount>[\\d.]+)$\n",
		"HOA DON\nTEN\nCà phê\nsữa đá\n 2 x 5.000 10.000\nTONG 10.000\n");
	assert_int_equal(world.reading.review, REVIEW_NONE);
	assert_string_equal(world.reading.lines[0].name, "Cà phê sữa đá");
	assert_int_equal(world.reading.lines[0].amount, 10000);
}

/* @count times @sign where a till draws a line. */
static enum reading_review drawn_with(const char *sign, int count)
{
	char receipt[1000];
	char line[200] = "";
	WORLD;

	for (int i = 0; i < count; i++)
		strcat(line, sign);
	snprintf(receipt, sizeof(receipt), "HOA DON\n  %s\nTrà  1  5.000  5.000\n%s\nTONG 5.000\n", line, line);
	read_with(&world, SMALL, receipt);
	if (world.reading.review == REVIEW_NONE)
		assert_string_equal(world.reading.lines[0].name, "Trà");
	return world.reading.review;
}

static void a_line_is_drawn_with_any_sign(void **state)
{
	(void)state;
	assert_int_equal(drawn_with("-", 24), REVIEW_NONE);
	assert_int_equal(drawn_with("─", 24), REVIEW_NONE);
	assert_int_equal(drawn_with("•", 24), REVIEW_NONE);
	assert_int_equal(drawn_with("ò", 8), REVIEW_NONE);
	assert_int_equal(drawn_with("ò", 7), REVIEW_ROW); /* may be a name */
	assert_int_equal(drawn_with("ờò", 8), REVIEW_ROW);
	assert_int_equal(drawn_with("a", 24), REVIEW_ROW);
	assert_int_equal(drawn_with("7", 24), REVIEW_ROW);
}

static void a_shop_that_prints_thousands_says_so(void **state)
{
	WORLD;

	(void)state;
	read_with(&world, SMALL "[profile]\nscale = 1000\n", "HOA DON\nTrà  2  12,5  25\nTONG 25\n");
	assert_int_equal(world.reading.review, REVIEW_NONE);
	assert_int_equal(world.reading.total, 25000);
	assert_int_equal(world.reading.lines[0].unit_price.units, 12500);
}

static void endless_paper_is_for_a_person(void **state)
{
	CLEANUP(arena_freep) struct arena *arena = arena_new(ARENA_MAX);
	CLEANUP(profile_freep) struct profile *profile = default_profile();
	CLEANUP(freep) char *text = calloc(1, 2 * PROFILE_LINES_MAX + 10);
	struct reading reading;

	(void)state;
	for (size_t i = 0; i < PROFILE_LINES_MAX + 1; i++)
		memcpy(text + 2 * i, "a\n", 2);
	read_receipt(profile, arena, text, NULL, &reading);
	assert_int_equal(reading.review, REVIEW_SIZE);
}

static void letters_that_are_not_sure_are_for_a_person(void **state)
{
	static const struct page_line lines[] = {
		{.text = "HOA DON"}, {.text = "Trà 1 5.000 5.000"}, {.text = "TONG 5.000"}};
	struct page page = {.lines = lines, .line_count = 3};
	struct reading reading;
	WORLD;

	(void)state;
	read_with(&world, SMALL, "HOA DON\nTr\xEF\xBF\xBD 1 5.000 5.000\nTONG 5.000\n");
	assert_int_equal(world.reading.review, REVIEW_LETTERS);
	assert_int_equal(world.reading.review_line, 2);
	assert_int_equal(profile_read(world.profile, &page, world.arena, &reading, NULL), 0);
	assert_int_equal(reading.review, REVIEW_NONE);
	page.is_unsure = true;
	assert_int_equal(profile_read(world.profile, &page, world.arena, &reading, NULL), 0);
	assert_int_equal(reading.review, REVIEW_LETTERS);
}

/* %s: where the hostile text is printed. The true total is 93,000 in two lines. */
static const char *const fields[] = {
	"%s\nHÓA ĐƠN BÁN HÀNG\nHD: A1   22/11/2026 12:35\n---\nTên hàng SL Đ.giá TT\nTrà      2  29.000  58.000\nBánh  "
	"   1  35.000  35.000\n"
	"---\nTổng cộng   93.000\n",
	"QUÁN\nHÓA ĐƠN BÁN HÀNG\nHD: A1   22/11/2026 12:35\nKhách hàng: %s\n---\nTên hàng SL Đ.giá TT\nTrà      2  "
	"29.000  58.000\n"
	"Bánh     1  35.000  35.000\n---\nTổng cộng   93.000\n",
	"QUÁN\nHÓA ĐƠN BÁN HÀNG\nHD: A1   22/11/2026 12:35\nThu ngân: %s\n---\nTên hàng SL Đ.giá TT\nTrà      2  "
	"29.000  58.000\n"
	"Bánh     1  35.000  35.000\n---\nTổng cộng   93.000\n",
	"QUÁN\nHÓA ĐƠN BÁN HÀNG\nHD: A1   22/11/2026 12:35\nBàn %s\n---\nTên hàng SL Đ.giá TT\nTrà      2  29.000  "
	"58.000\n"
	"Bánh     1  35.000  35.000\n---\nTổng cộng   93.000\n",
	"QUÁN\nHÓA ĐƠN BÁN HÀNG\nHD: A1   22/11/2026 12:35\n---\nTên hàng SL Đ.giá TT\n%s      2  29.000  58.000\n"
	"Bánh     1  35.000  35.000\n---\nTổng cộng   93.000\n",
	"QUÁN\nHÓA ĐƠN BÁN HÀNG\nHD: A1   22/11/2026 12:35\n---\nTên hàng SL Đ.giá TT\n%s\n  2 ly x 29.000  58.000\n"
	"Bánh\n  1 x 35.000  35.000\n---\nTổng cộng   93.000\n",
	"QUÁN\nHÓA ĐƠN BÁN HÀNG\nHD: A1   22/11/2026 12:35\n---\nTên hàng SL Đ.giá TT\nTrà      2  29.000  58.000\n  + "
	"%s\n"
	"Bánh     1  35.000  35.000\n---\nTổng cộng   93.000\n",
	"QUÁN\nHÓA ĐƠN BÁN HÀNG\nHD: A1   22/11/2026 12:35\n---\nTên hàng SL Đ.giá TT\nTrà      2  29.000  58.000\n"
	"Bánh     1  35.000  35.000\n---\nTổng cộng   93.000\n%s\n",
};

static void hostile_text_changes_no_amount(void **state)
{
	static const char *const payloads[] = {"\x1B@", "\x1Dk", "]", "[totals]", "=", "total = .*", "\x1B", "a\tb",
		"a\x7F"
		"b",
		"\xC2\x9B"
		"1m",
		"\xE2\x80\xAE"
		"0",
		"TỔNG CỘNG 0", "TỔNG CỘNG", "Tổng cộng 1.000", "HÓA ĐƠN BÁN HÀNG", "HÓA ĐƠN TẠM TÍNH", "PHIẾU BẾP",
		"IN LẠI", "x\nTỔNG CỘNG 0", "x\nTổng cộng   1.000\n", "x\nTrà   1   1.000   1.000", "Chiết khấu 93.000",
		"x\nGiảm giá  -93.000", "Tiền mặt 0", "VAT 8% 7.440", "2 x 29.000  58.000", "HD: A2", "Khách hàng: B",
		"%n%s", "\\E(", "'; --", "x\n[accept]\ntitle=.*", "\xF0\x9F\x8D\x9C", "\xFF\xFE", "e\xCC\x81\xCC\x81"};
	CLEANUP(profile_freep) struct profile *profile = default_profile();
	size_t sales = 0;

	(void)state;
	for (size_t i = 0; i < ARRAY_LEN(fields) * ARRAY_LEN(payloads); i++) {
		CLEANUP(arena_freep) struct arena *arena = arena_new(ARENA_MAX);
		const char *field = fields[i / ARRAY_LEN(payloads)];
		const char *hole = strstr(field, "%s");
		struct reading reading;
		char text[1000];

		snprintf(text, sizeof(text), "%.*s%s%s", (int)(hole - field), field, payloads[i % ARRAY_LEN(payloads)],
			hole + 2);
		read_receipt(profile, arena, text, NULL, &reading);
		if (reading.review != REVIEW_NONE || reading.kind != READING_SALE)
			continue;
		sales++;
		assert_int_equal(reading.total, 93000);
		assert_int_equal(reading.line_count, 2);
		assert_int_equal(reading.lines[0].amount, 58000);
		assert_int_equal(reading.lines[1].amount, 35000);
		assert_string_equal(reading.bill_no, "A1");
	}
	/* Most of it is text like any other, and the receipt a sale like any other. */
	assert_true(sales > ARRAY_LEN(fields) * ARRAY_LEN(payloads) / 3);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(a_wrong_profile_is_refused_with_line_and_sentence),
		cmocka_unit_test(an_oversized_profile_is_refused),
		cmocka_unit_test(a_pattern_that_would_hang_stops_and_parks),
		cmocka_unit_test(names_wrap_as_the_profile_says),
		cmocka_unit_test(a_line_is_drawn_with_any_sign),
		cmocka_unit_test(a_shop_that_prints_thousands_says_so),
		cmocka_unit_test(endless_paper_is_for_a_person),
		cmocka_unit_test(letters_that_are_not_sure_are_for_a_person),
		cmocka_unit_test(hostile_text_changes_no_amount),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
