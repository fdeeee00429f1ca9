/* Format 11 and 12.4: what the authority's messages say, and which of them may be believed. */
#include "testing.h"
#include "bills.h"
#include "pki.h"

#include "wire/answer.h"

struct fixture {
	struct pki pki;
	struct arena *arena;
	struct verify_settings settings;
	struct verdict verdict;
	const char *rule;
};

static int set_up(void **state)
{
	struct fixture *fixture = calloc(1, sizeof(*fixture));

	assert_non_null(fixture);
	/* Format 7.6: the simulator never uses the authority's name without this suffix. */
	pki_init(&fixture->pki, "CỤC THUẾ (MÔ PHỎNG)", NULL);
	fixture->arena = arena_new(1u << 20);
	assert_non_null(fixture->arena);
	fixture->settings.anchors_pem = (const char *)fixture->pki.anchors.data;
	fixture->settings.tax_code = "0000000000"; /* ignored, by contract */
	assert_int_equal(clock_parse("2026-11-23T12:00:00+07:00", 25, &fixture->settings.now_ms), 0);
	*state = fixture;
	return 0;
}

static int tear_down(void **state)
{
	struct fixture *fixture = *state;

	pki_done(&fixture->pki);
	arena_free(fixture->arena);
	free(fixture);
	return 0;
}

static int read_text(struct fixture *fixture, const char *text)
{
	struct fault fault = {0};

	fixture->rule = NULL;
	return answer_read(
		text, strlen(text), &fixture->settings, fixture->arena, &fixture->verdict, &fixture->rule, &fault);
}

static void read_sample(struct fixture *fixture, const char *name)
{
	int len;
	char *text = sample_canonical(name, &len);

	assert_int_equal(read_text(fixture, text), 0);
	xmlFree(text);
}

/* The sample with the authority's signature over DLTBao, after replacing @what by @with. */
static void sign_sample(
	const struct fixture *fixture, const char *name, const char *what, const char *with, struct bytes *out)
{
	BYTES_CLEANUP struct bytes text = {0};
	int len;
	char *canonical = sample_canonical(name, &len);

	bytes_init(&text, 1u << 20);
	bytes_init(out, 1u << 20);
	replace_first(canonical, what, with, &text);
	xmlFree(canonical);
	pki_seal_notice(&fixture->pki, (char *)text.data, out);
}

static void read_signed(struct fixture *fixture, const char *name, const char *what, const char *with)
{
	BYTES_CLEANUP struct bytes xml = {0};

	sign_sample(fixture, name, what, with, &xml);
	assert_int_equal(read_text(fixture, (char *)xml.data), 0);
}

static void a_999_without_error_is_received(void **state)
{
	struct fixture *f = *state;

	read_sample(f, "999-ok.xml");
	assert_int_equal(f->verdict.kind, VERDICT_RECEIVED);
	assert_int_equal(f->verdict.message_type, 999);
	/* MTDTChieu of the sample: the message 206-vat-mixed-rates.xml. */
	assert_string_equal(f->verdict.about, "V990000002362F746B484E64CEB95BD447E7184D454");
	assert_int_equal(f->verdict.reason_count, 0);
	assert_false(f->verdict.is_signed);
}

static void a_999_with_error_refuses_all_and_says_why(void **state)
{
	struct fixture *f = *state;

	read_sample(f, "999-error.xml");
	assert_int_equal(f->verdict.kind, VERDICT_ALL_REFUSED);
	assert_int_equal(f->verdict.reason_count, 1);
	assert_string_equal(f->verdict.reasons[0].code, "S104");
	assert_string_equal(f->verdict.reasons[0].text, "SLuong khác số hóa đơn trong DLieu");
	assert_null(f->verdict.reasons[0].advice);
	assert_false(f->verdict.reasons[0].has_invoice);
	assert_string_equal(f->verdict.id, "TCT8C3F846CC6A942D383F84C485E5C4176");
}

static void an_unreadable_message_is_refused_without_a_name(void **state)
{
	struct fixture *f = *state;

	read_sample(f, "minus1-unreadable.xml");
	assert_int_equal(f->verdict.kind, VERDICT_ALL_REFUSED);
	assert_int_equal(f->verdict.message_type, -1);
	/* Format 11.2: MTDTChieu and MTDiep may be missing. */
	assert_string_equal(f->verdict.about, "");
	assert_string_equal(f->verdict.reasons[0].code, "S001");
}

static void reasons_directly_under_tbao_are_read_too(void **state)
{
	struct fixture *f = *state;

	/* Format 11.2. */
	assert_int_equal(
		read_text(f, "<TDiep><TTChung><MLTDiep>-2</MLTDiep><MTDiep>TCT1</MTDiep></TTChung><DLieu><TBao>"
			     "<MLoi>S004</MLoi><MTLoi>x</MTLoi></TBao></DLieu></TDiep>"),
		0);
	assert_int_equal(f->verdict.kind, VERDICT_ALL_REFUSED);
	assert_int_equal(f->verdict.reason_count, 1);
	assert_string_equal(f->verdict.reasons[0].code, "S004");
}

static void a_signed_204_of_kind_2_accepts_all(void **state)
{
	struct fixture *f = *state;

	read_signed(f, "204-ltbao2-accepted.xml", "<TDiep>", "<TDiep>");
	assert_int_equal(f->verdict.kind, VERDICT_ALL_ACCEPTED);
	assert_int_equal(f->verdict.notice, 2);
	assert_true(f->verdict.is_signed);
	assert_true(f->verdict.signed_at == INT64_C(1795317072000)); /* 2026-11-22T10:11:12+07:00, pki.h */
	assert_string_equal(f->verdict.tax_code, "9900000016");
	assert_string_equal(f->verdict.about, "V990000002362F746B484E64CEB95BD447E7184D454");
}

static void an_unsigned_204_is_not_believed(void **state)
{
	struct fixture *f = *state;

	read_sample(f, "204-ltbao2-accepted.xml");
	assert_int_equal(f->verdict.kind, VERDICT_ALL_ACCEPTED);
	assert_false(f->verdict.is_signed);
	assert_true(f->verdict.signed_at == 0);
}

static void a_204_changed_after_signing_is_not_believed(void **state)
{
	BYTES_CLEANUP struct bytes xml = {0};
	BYTES_CLEANUP struct bytes forged = {0};
	struct fixture *f = *state;

	sign_sample(f, "204-ltbao9-packet-refused.xml", "<TDiep>", "<TDiep>", &xml);
	bytes_init(&forged, 1u << 20);
	replace_first((char *)xml.data, "<LTBao>9", "<LTBao>7", &forged);
	assert_int_equal(read_text(f, (char *)forged.data), 0);
	assert_false(f->verdict.is_signed);
	assert_int_equal(read_text(f, (char *)xml.data), 0);
	assert_true(f->verdict.is_signed);
	assert_int_equal(f->verdict.kind, VERDICT_ALL_REFUSED);
	assert_string_equal(f->verdict.reasons[0].code, "S203");
	assert_string_equal(f->verdict.reasons[0].advice, "Gửi tờ khai 01/ĐKTĐ-HĐĐT để thêm chứng thư số");
}

static void without_anchors_no_204_is_believed(void **state)
{
	struct fixture f = *(struct fixture *)*state;

	f.settings.anchors_pem = NULL;
	read_signed(&f, "204-ltbao2-accepted.xml", "<TDiep>", "<TDiep>");
	assert_false(f.verdict.is_signed);
}

static void kind_7_names_the_refused_invoice(void **state)
{
	struct fixture *f = *state;

	read_signed(f, "204-ltbao7-one-refused.xml", "<TDiep>", "<TDiep>");
	assert_int_equal(f->verdict.kind, VERDICT_SOME_REFUSED);
	assert_true(f->verdict.is_signed);
	assert_int_equal(f->verdict.reason_count, 1);
	assert_true(f->verdict.reasons[0].has_invoice);
	assert_int_equal(f->verdict.reasons[0].form, 2);
	assert_string_equal(f->verdict.reasons[0].serial, "C26MHK");
	assert_int_equal(f->verdict.reasons[0].number, 42);
	assert_string_equal(f->verdict.reasons[0].code, "20609");
	assert_string_equal(f->verdict.reasons[0].text, "Bộ MST, ký hiệu mẫu số, ký hiệu và số hóa đơn không duy nhất");
}

static void only_the_first_three_semicolons_split(void **state)
{
	struct fixture *f = *state;

	read_signed(f, "204-ltbao7-one-refused.xml", "2;C26MHK;42;", "2;C26MHK;42;a;b;\n");
	assert_true(f->verdict.reasons[0].has_invoice);
	assert_memory_equal(f->verdict.reasons[0].text, "a;b;", 4);
}

static void a_reason_without_a_readable_invoice_names_none(void **state)
{
	static const char *const texts[] = {"2;C26MHK;", "2;C26MHK;x;", "0;C26MHK;42;", "2;C26M;42;", "2;C26MHK;0;",
		"22;C26MHK;42;", "2;C26MHK;123456789;"};
	struct fixture *f = *state;

	for (size_t i = 0; i < ARRAY_LEN(texts); i++) {
		read_signed(f, "204-ltbao7-one-refused.xml", "2;C26MHK;42;", texts[i]);
		assert_int_equal(f->verdict.kind, VERDICT_SOME_REFUSED);
		assert_false(f->verdict.reasons[0].has_invoice);
		assert_memory_equal(f->verdict.reasons[0].text, texts[i], strlen(texts[i]));
	}
}

static void kind_3_names_invoices_in_a_list(void **state)
{
	struct fixture *f = *state;

	/* Format 11.5, LTBao 3. */
	assert_int_equal(
		read_text(f,
			"<TDiep><TTChung><MLTDiep>204</MLTDiep><MTDiep>TCT1</MTDiep></TTChung><DLieu><TBao><DLTBao>"
			"<LTBao>3</LTBao><MGDDTu>V1</MGDDTu><LHDKMa><DSHDon><HDon><KHMSHDon>1</KHMSHDon>"
			"<KHHDon>K26MVD</KHHDon><SHDon>7</SHDon><DSLDo><LDo><MLoi>1</MLoi><MTLoi>t</MTLoi></LDo>"
			"</DSLDo></HDon></DSHDon></LHDKMa></DLTBao></TBao></DLieu></TDiep>"),
		0);
	assert_int_equal(f->verdict.kind, VERDICT_SOME_REFUSED);
	assert_true(f->verdict.reasons[0].has_invoice);
	assert_string_equal(f->verdict.reasons[0].serial, "K26MVD");
	assert_int_equal(f->verdict.reasons[0].number, 7);
	assert_string_equal(f->verdict.about, "V1");
}

static void an_old_204_under_a_new_envelope_is_unclear(void **state)
{
	struct fixture *f = *state;

	/* MTDTChieu is not signed; MGDDTu is, and names another message. */
	read_signed(f, "204-ltbao2-accepted.xml", "<MTDTChieu>V990000002362F746B4", "<MTDTChieu>V990000002300000000");
	assert_int_equal(f->verdict.kind, VERDICT_UNCLEAR);
	/* Another prefix of the same 32 hex is the T-VAN's doing (format 12.4). */
	read_signed(f, "204-ltbao2-accepted.xml", "<MTDTChieu>V9900000023", "<MTDTChieu>9900000030");
	assert_int_equal(f->verdict.kind, VERDICT_ALL_ACCEPTED);
}

static void an_answer_that_contradicts_itself_is_unclear(void **state)
{
	struct fixture *f = *state;

	read_signed(f, "204-ltbao7-one-refused.xml", "<LTBao>7", "<LTBao>2");
	assert_int_equal(f->verdict.kind, VERDICT_UNCLEAR);
	read_signed(f, "204-ltbao2-accepted.xml", "<LTBao>2", "<LTBao>7");
	assert_int_equal(f->verdict.kind, VERDICT_UNCLEAR);
	read_signed(f, "204-ltbao2-accepted.xml", "<LTBao>2", "<LTBao>8");
	assert_int_equal(f->verdict.kind, VERDICT_UNCLEAR);
}

static void another_message_type_is_for_a_person(void **state)
{
	struct fixture *f = *state;

	read_sample(f, "103-accepted.xml");
	assert_int_equal(f->verdict.kind, VERDICT_UNCLEAR);
	assert_int_equal(f->verdict.message_type, 103);
}

static void what_is_no_answer_has_a_rule_and_leaves_the_verdict(void **state)
{
	static const struct {
		const char *xml, *rule;
	} cases[] = {
		{"", "xml.wellformed"},
		{"<html></html>", "answer.root"},
		{"<!DOCTYPE TDiep><TDiep/>", "xml.doctype"},
		{"<TDiep></TDiep>", "answer.type"},
		{"<TDiep><TTChung><MLTDiep>99x</MLTDiep></TTChung></TDiep>", "answer.type"},
		{"<TDiep><TTChung><MLTDiep>999</MLTDiep></TTChung></TDiep>", "answer.message_id"},
		{"<TDiep><TTChung><MLTDiep>999</MLTDiep><MTDiep>T</MTDiep></TTChung></TDiep>", "answer.body"},
		{"<TDiep><TTChung><MLTDiep>204</MLTDiep><MTDiep>T</MTDiep></TTChung><DLieu><TBao></TBao></DLieu></"
		 "TDiep>",
			"answer.body"},
		{"<TDiep><TTChung><MLTDiep>999</MLTDiep><MLTDiep>204</MLTDiep><MTDiep>T</MTDiep></TTChung></TDiep>",
			"answer.type"},
	};
	struct fixture *f = *state;

	for (size_t i = 0; i < ARRAY_LEN(cases); i++) {
		f->verdict.notice = 77;
		assert_int_equal(read_text(f, cases[i].xml), 1);
		assert_string_equal(f->rule, cases[i].rule);
		assert_int_equal(f->verdict.notice, 77);
	}
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(a_999_without_error_is_received),
		cmocka_unit_test(a_999_with_error_refuses_all_and_says_why),
		cmocka_unit_test(an_unreadable_message_is_refused_without_a_name),
		cmocka_unit_test(reasons_directly_under_tbao_are_read_too),
		cmocka_unit_test(a_signed_204_of_kind_2_accepts_all),
		cmocka_unit_test(an_unsigned_204_is_not_believed),
		cmocka_unit_test(a_204_changed_after_signing_is_not_believed),
		cmocka_unit_test(without_anchors_no_204_is_believed),
		cmocka_unit_test(kind_7_names_the_refused_invoice),
		cmocka_unit_test(only_the_first_three_semicolons_split),
		cmocka_unit_test(a_reason_without_a_readable_invoice_names_none),
		cmocka_unit_test(kind_3_names_invoices_in_a_list),
		cmocka_unit_test(an_old_204_under_a_new_envelope_is_unclear),
		cmocka_unit_test(an_answer_that_contradicts_itself_is_unclear),
		cmocka_unit_test(another_message_type_is_for_a_person),
		cmocka_unit_test(what_is_no_answer_has_a_rule_and_leaves_the_verdict),
	};

	return cmocka_run_group_tests(tests, set_up, tear_down);
}
