/* Signing section 3: every case of the hostile corpus is refused by its rule, every good one accepted, each within 1 s. */
#include "../core/cases.h"
#include "testing.h"

#include <time.h>

#include "base/clock.h"
#include "wire/verify.h"

#define CASES_ALL      72 /* rows of expected.csv, by its INDEX: 62 refused, 10 accepted */
#define CASES_ACCEPTED 10
#define LIMIT_MS       1000
#ifdef __SANITIZE_ADDRESS__
#define LIMIT_FACTOR 5 /* the sanitizers cost about this much */
#else
#define LIMIT_FACTOR 1
#endif

struct fixture {
	struct bytes anchors;
	struct verify_settings settings;
};

/* Settings of INDEX.md. */
static int set_up(void **state)
{
	struct fixture *fixture = calloc(1, sizeof(*fixture));

	assert_non_null(fixture);
	bytes_init(&fixture->anchors, 1u << 20);
	read_data("hostile-xml/keys/ca.crt.pem", &fixture->anchors);
	fixture->settings =
		(struct verify_settings){.anchors_pem = (const char *)fixture->anchors.data, .tax_code = "9900000016"};
	assert_int_equal(clock_parse("2026-11-22T12:00:00+07:00", 25, &fixture->settings.now_ms), 0);
	*state = fixture;
	return 0;
}

static int tear_down(void **state)
{
	struct fixture *fixture = *state;

	bytes_done(&fixture->anchors);
	free(fixture);
	return 0;
}

static void repeat(struct bytes *out, const char *text, size_t count)
{
	for (size_t i = 0; i < count; i++)
		bytes_text(out, text);
}

/* The three that tools/gen_large.py makes. Their caps break before any signature is looked at, so no key is needed here. */
static void make_large(const char *name, struct bytes *out)
{
	BYTES_CLEANUP struct bytes good = {0};
	BYTES_CLEANUP struct bytes item = {0};

	bytes_init(&good, 1u << 20);
	bytes_init(&item, 16u << 20);
	if (strcmp(name, "x26-depth-100000.xml") == 0) {
		bytes_text(out, "<HDon>");
		repeat(out, "<a>", 100000);
		repeat(out, "</a>", 100000);
		bytes_text(out, "</HDon>");
		return;
	}
	read_data("hostile-xml/cases/g01-hdon.xml", &good);
	repeat(&item, "x", strcmp(name, "x25-text-10MB.xml") == 0 ? 10485760 : 102400);
	replace_first((const char *)good.data, "Cà phê sữa đá", (const char *)item.data, out);
}

static void read_case(const char *name, const char *note, struct bytes *out)
{
	char path[256];

	if (strstr(note, "gen_large.py")) {
		make_large(name, out);
		return;
	}
	snprintf(path, sizeof(path), "hostile-xml/cases/%s", name);
	read_data(path, out);
}

/* Whether one of the names in "a|b" was reported. */
static bool is_reported(const struct verify_report *report, const char *rules)
{
	for (int i = 0; i < report->rule_count; i++) {
		size_t len = strlen(report->rules[i]);

		for (const char *p = rules; p; p = strchr(p, '|') ? strchr(p, '|') + 1 : NULL)
			if (strncmp(p, report->rules[i], len) == 0 && (p[len] == '|' || p[len] == '\0'))
				return true;
	}
	return false;
}

/* Of this thread alone: a machine that stalls costs nothing. */
static int64_t now(void)
{
	struct timespec t;

	clock_gettime(CLOCK_THREAD_CPUTIME_ID, &t);
	return (int64_t)t.tv_sec * 1000 + t.tv_nsec / 1000000;
}

static void run_case(
	const struct fixture *fixture, const char *name, const char *verdict, const char *rules, const char *note)
{
	BYTES_CLEANUP struct bytes xml = {0};
	struct verify_report report;
	struct fault fault = {0};
	int64_t start;
	int err;

	bytes_init(&xml, 16u << 20);
	read_case(name, note, &xml);
	start = now();
	err = verify_document(xml.data, xml.len, &fixture->settings, &report, &fault);
	if (now() - start > (int64_t)LIMIT_MS * LIMIT_FACTOR)
		fail_msg("%s took %d ms", name, (int)(now() - start));
	if (strcmp(verdict, "accept") == 0) {
		if (err)
			fail_msg("%s is good, but %s: %s", name, report.rule_count ? report.rules[0] : "",
				report.details[0]);
		assert_int_equal(report.rule_count, 0);
		assert_true(report.is_chain_checked);
		return;
	}
	assert_int_equal(err, 1);
	if (!is_reported(&report, rules))
		fail_msg("%s: %s was not reported, but %s (%s)", name, rules,
			report.rule_count ? report.rules[0] : "nothing", report.details[0]);
	assert_true(report.rule_count > 0);
}

static void every_case_has_its_verdict_and_rule_within_a_second(void **state)
{
	struct cases cases = cases_open(TEST_DATA "/hostile-xml/expected.csv", "file,verdict,rule,note");
	int count = 0, accepted = 0;

	for (; cases_next(&cases, 4); count++) {
		run_case(*state, cases.field[0], cases.field[1], cases.field[2], cases.field[3]);
		accepted += strcmp(cases.field[1], "accept") == 0;
	}
	cases_close(&cases);
	print_message("%d hostile cases, %d of them good\n", count, accepted);
	assert_int_equal(count, CASES_ALL);
	assert_int_equal(accepted, CASES_ACCEPTED);
}

static void verify_case(const struct fixture *fixture, const char *name, const char *what, const char *with,
	struct verify_report *report)
{
	BYTES_CLEANUP struct bytes xml = {0};
	BYTES_CLEANUP struct bytes changed = {0};
	struct fault fault = {0};

	bytes_init(&xml, 1u << 20);
	bytes_init(&changed, 1u << 20);
	read_data(name, &xml);
	replace_first((const char *)xml.data, what, with, &changed);
	assert_true(verify_document(changed.data, changed.len, &fixture->settings, report, &fault) >= 0);
}

static void every_broken_rule_is_reported_not_only_the_first(void **state)
{
	struct verify_report report;

	/* s30 has a time in the future; changing its amount breaks a digest too (INDEX: report every failed rule by name). */
	verify_case(*state, "hostile-xml/cases/s30-time-in-future.xml", "<TgTTTBSo>907200", "<TgTTTBSo>9", &report);
	assert_int_equal(report.rule_count, 2);
	assert_true(is_reported(&report, "ref.digest"));
	assert_true(is_reported(&report, "time.bounds"));
}

static void the_facts_are_those_of_the_certificate(void **state)
{
	struct verify_report report;

	verify_case(*state, "hostile-xml/cases/g02-tdiep-batch.xml", "<TDiep>", "<TDiep>", &report);
	assert_int_equal(report.rule_count, 0);
	/* xmlkit.py: UID=MST:9900000016, TIME 2026-11-22T10:11:12 local, one HDon in the DLieu. */
	assert_string_equal(report.signer_tax_code, "9900000016");
	assert_true(report.signed_at == INT64_C(1795317072000));
	assert_int_equal(report.invoices, 1);
	assert_string_equal(report.kind, "message");
	assert_non_null(strstr(report.signer_subject, "CN=CONG TY TNHH THU NGHIEM"));
	assert_true(strlen(report.signer_serial) > 8);
}

static void without_anchors_everything_else_is_checked(void **state)
{
	struct fixture fixture = *(struct fixture *)*state;
	struct verify_report report;

	fixture.settings.anchors_pem = NULL;
	verify_case(&fixture, "hostile-xml/cases/s18-self-signed-lookalike.xml", "<HDon>", "<HDon>", &report);
	assert_false(report.is_chain_checked);
	assert_int_equal(report.rule_count, 0);
	verify_case(&fixture, "hostile-xml/cases/s01-amount-changed.xml", "<HDon>", "<HDon>", &report);
	assert_int_equal(report.rule_count, 1);
	assert_string_equal(report.rules[0], "ref.digest");
}

static void another_seller_than_expected_is_refused(void **state)
{
	struct fixture fixture = *(struct fixture *)*state;
	struct verify_report report;

	fixture.settings.tax_code = "9900000048";
	verify_case(&fixture, "hostile-xml/cases/g01-hdon.xml", "<HDon>", "<HDon>", &report);
	assert_int_equal(report.rule_count, 1);
	assert_string_equal(report.rules[0], "cert.taxcode");
}

static void an_envelope_of_somebody_else_is_refused(void **state)
{
	struct verify_report report;

	/* TTChung is never signed (format 3); the signed invoices decide. */
	verify_case(*state, "hostile-xml/cases/g02-tdiep-batch.xml", "<MST>9900000016", "<MST>9900000055", &report);
	assert_int_equal(report.rule_count, 1);
	assert_string_equal(report.rules[0], "data.taxcode");
}

static void anchors_without_a_certificate_are_our_failure(void **state)
{
	struct fixture fixture = *(struct fixture *)*state;
	struct verify_report report;
	struct fault fault = {0};

	fixture.settings.anchors_pem = "no certificate";
	assert_int_equal(verify_document("<HDon></HDon>", 13, &fixture.settings, &report, &fault), FAULT_CONFIG);
	assert_non_null(strstr(fault.text, "trust anchors"));
}

static void an_unknown_element_is_a_warning_outside_what_is_signed(void **state)
{
	struct verify_report report;

	verify_case(*state, "hostile-xml/cases/g01-hdon.xml", "</HDon>", "<MoiLa>1</MoiLa></HDon>", &report);
	assert_int_equal(report.rule_count, 0);
	assert_int_equal(report.warnings, 1);
	verify_case(*state, "hostile-xml/cases/g01-hdon.xml", "<HDon>", "<HDon>", &report);
	assert_int_equal(report.warnings, 0);
}

static void every_prefix_of_a_good_message_is_refused_without_a_crash(void **state)
{
	const struct fixture *fixture = *state;
	BYTES_CLEANUP struct bytes xml = {0};
	struct verify_report report;
	struct fault fault = {0};
	size_t refused = 0, whole;

	bytes_init(&xml, 1u << 20);
	read_data("hostile-xml/cases/g01-hdon.xml", &xml);
	whole = xml.len;
	for (size_t len = 0; len < whole; len += 7)
		refused += verify_document(xml.data, len, &fixture->settings, &report, &fault) == 1;
	assert_int_equal(refused, (whole + 6) / 7);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(every_case_has_its_verdict_and_rule_within_a_second),
		cmocka_unit_test(every_broken_rule_is_reported_not_only_the_first),
		cmocka_unit_test(the_facts_are_those_of_the_certificate),
		cmocka_unit_test(without_anchors_everything_else_is_checked),
		cmocka_unit_test(another_seller_than_expected_is_refused),
		cmocka_unit_test(an_envelope_of_somebody_else_is_refused),
		cmocka_unit_test(anchors_without_a_certificate_are_our_failure),
		cmocka_unit_test(an_unknown_element_is_a_warning_outside_what_is_signed),
		cmocka_unit_test(every_prefix_of_a_good_message_is_refused_without_a_crash),
	};

	return cmocka_run_group_tests(tests, set_up, tear_down);
}
