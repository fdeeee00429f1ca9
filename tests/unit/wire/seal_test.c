/* Format 7: what we sign is canonical, verifies, and stops verifying when anything in it is changed. */
#include "testing.h"
#include "bills.h"
#include "pki.h"

#include "wire/invoice_xml.h"
#include "wire/message.h"
#include "wire/verify.h"

static const struct message_head head = {.pban = "2.1.0",
	.sender = "V9900000023",
	.receiver = "TCT",
	.type = 206,
	.id = "V99000000239C41D07A5E8B4F2FA6D3180B7E52C9F4",
	.tax_code = "9900000016",
	.count = 2,
	.dlieu_prefix = "_"};

static int set_up(void **state)
{
	struct pki *pki = calloc(1, sizeof(*pki));

	assert_non_null(pki);
	pki_init(pki, "Công ty TNHH Quán Ví Dụ & con", "MST:9900000016");
	*state = pki;
	return 0;
}

static int tear_down(void **state)
{
	pki_done(*state);
	free(*state);
	return 0;
}

/* One HDon, with the seller's own signature inside when @is_signed. */
static void write_invoice(const struct pki *pki, int number, bool is_signed, struct bytes *out)
{
	BYTES_CLEANUP struct bytes hdon = {0};
	struct invoice_spans spans;
	struct fault fault = {0};
	uint8_t digest[DIGEST_LEN];
	char id[32];
	struct bill bill;

	bill_vat(&bill);
	bill.invoice.number = number;
	bytes_init(&hdon, 1u << 20);
	assert_int_equal(invoice_xml(&bill.invoice, &hdon, &spans, &fault), 0);
	bytes_append(out, hdon.data, spans.seal_at);
	if (is_signed) {
		digest_sha256(hdon.data + spans.data_start, spans.data_end - spans.data_start, digest);
		snprintf(id, sizeof(id), "NBan-%d", number);
		pki_seal(pki, spans.data_id, digest, id, out);
	}
	bytes_append(out, hdon.data + spans.seal_at, hdon.len - spans.seal_at);
}

static void write_message(const struct pki *pki, bool is_each_signed, struct bytes *out)
{
	struct message_digest *digest = message_digest_new(&head);
	BYTES_CLEANUP struct bytes signature = {0};
	uint8_t value[DIGEST_LEN];
	char id[MESSAGE_DATA_ID_MAX];

	assert_non_null(digest);
	bytes_init(&signature, 1u << 16);
	message_write_head(&head, out);
	for (int number = 1; number <= 2; number++) {
		size_t start = out->len;

		write_invoice(pki, number, is_each_signed, out);
		message_digest_add(digest, out->data + start, out->len - start);
	}
	message_digest_end(digest, value);
	message_data_id(&head, id);
	pki_seal(pki, id, value, "CKSNNT-9C41D07A", &signature);
	message_write_tail(signature.data, signature.len, out);
	assert_false(out->failed);
}

static int verify(const struct pki *pki, const void *xml, size_t len, struct verify_report *report)
{
	struct verify_settings settings = {.anchors_pem = (const char *)pki->anchors.data, .tax_code = "9900000016"};
	struct fault fault = {0};

	assert_int_equal(clock_parse("2026-11-22T12:00:00+07:00", 25, &settings.now_ms), 0);
	return verify_document(xml, len, &settings, report, &fault);
}

static void assert_good(const struct pki *pki, const struct bytes *xml, const char *kind)
{
	struct verify_report report;

	if (verify(pki, xml->data, xml->len, &report) != 0)
		fail_msg("%s: %s", report.rules[0], report.details[0]);
	assert_string_equal(report.kind, kind);
	assert_int_equal(report.warnings, 0);
}

static void assert_canonical(const struct bytes *xml)
{
	xmlDocPtr doc = xmlReadMemory((char *)xml->data, (int)xml->len, NULL, NULL, XML_PARSE_NONET);
	xmlChar *canonical = NULL;
	int len;

	assert_non_null(doc);
	len = xmlC14NDocDumpMemory(doc, NULL, XML_C14N_1_0, NULL, 0, &canonical);
	assert_int_equal(len, xml->len);
	assert_memory_equal(canonical, xml->data, xml->len);
	xmlFree(canonical);
	xmlFreeDoc(doc);
}

static void a_signed_invoice_is_canonical_and_verifies(void **state)
{
	BYTES_CLEANUP struct bytes xml = {0};

	bytes_init(&xml, 1u << 20);
	write_invoice(*state, 1213, true, &xml);
	assert_canonical(&xml);
	assert_good(*state, &xml, "invoice");
}

static void a_signed_message_is_canonical_and_verifies(void **state)
{
	BYTES_CLEANUP struct bytes xml = {0};

	bytes_init(&xml, 1u << 20);
	write_message(*state, false, &xml);
	assert_canonical(&xml);
	assert_good(*state, &xml, "message");
}

static void a_message_of_signed_invoices_verifies_with_all_its_signatures(void **state)
{
	BYTES_CLEANUP struct bytes xml = {0};
	struct verify_report report;

	bytes_init(&xml, 1u << 20);
	write_message(*state, true, &xml);
	assert_canonical(&xml);
	assert_good(*state, &xml, "message");
	assert_int_equal(verify(*state, xml.data, xml.len, &report), 0);
	assert_int_equal(report.invoices, 2);
	assert_string_equal(report.signer_serial, "1a2b3c");
}

static void every_changed_part_breaks_its_rule(void **state)
{
	static const struct {
		const char *what, *with, *rule;
	} changes[] = {
		{"<TgTTTBSo>300000", "<TgTTTBSo>300001", "ref.digest"},
		{"<SHDon>2<", "<SHDon>3<", "ref.digest"},
		{"<MCCQT>M1", "<MCCQT>M2", "ref.digest"},
		{"T10:11:12</SigningTime>", "T10:11:13</SigningTime>", "ref.digest"},
		{"#enveloped-signature", "#base64", "ref.transform"},
		{"</CKSNNT>", "<Signature xmlns=\"http://www.w3.org/2000/09/xmldsig#\"></Signature></CKSNNT>",
			"sig.count"},
		{"<TDiep>", "<TDiep xmlns:x=\"urn:x\">", "xml.namespace"},
		{"<SignatureValue>", "<SignatureValue>AAAA", "sig.value"},
		{"<MST>9900000016</MST><SLuong>", "<MST>9900000055</MST><SLuong>", "data.taxcode"},
	};
	BYTES_CLEANUP struct bytes xml = {0};

	bytes_init(&xml, 1u << 20);
	write_message(*state, false, &xml);
	for (size_t i = 0; i < ARRAY_LEN(changes); i++) {
		BYTES_CLEANUP struct bytes changed = {0};
		struct verify_report report;
		bool found = false;

		bytes_init(&changed, 1u << 20);
		replace_first((char *)xml.data, changes[i].what, changes[i].with, &changed);
		assert_int_equal(verify(*state, changed.data, changed.len, &report), 1);
		for (int r = 0; r < report.rule_count; r++)
			found = found || strcmp(report.rules[r], changes[i].rule) == 0;
		if (!found)
			fail_msg("%s did not give %s but %s", changes[i].with, changes[i].rule, report.rules[0]);
	}
}

static void a_bad_signature_of_one_invoice_refuses_the_message(void **state)
{
	struct pki other = {0};
	BYTES_CLEANUP struct bytes xml = {0};
	BYTES_CLEANUP struct bytes invoice = {0};
	BYTES_CLEANUP struct bytes signature = {0};
	struct message_digest *digest = message_digest_new(&head);
	struct verify_report report;
	uint8_t value[DIGEST_LEN];
	char id[MESSAGE_DATA_ID_MAX];

	assert_non_null(digest);
	bytes_init(&xml, 1u << 20);
	bytes_init(&invoice, 1u << 20);
	bytes_init(&signature, 1u << 20);
	/* The message is the seller's, one invoice in it is signed by a stranger. */
	pki_init(&other, "Công ty TNHH Quán Ví Dụ & con", "MST:9900000016");
	write_invoice(&other, 7, true, &invoice);
	message_digest_add(digest, invoice.data, invoice.len);
	message_digest_end(digest, value);
	message_data_id(&head, id);
	pki_seal(*state, id, value, "CKSNNT-1", &signature);
	message_write_head(&head, &xml);
	bytes_append(&xml, invoice.data, invoice.len);
	message_write_tail(signature.data, signature.len, &xml);
	assert_int_equal(verify(*state, xml.data, xml.len, &report), 1);
	assert_int_equal(report.rule_count, 1);
	assert_string_equal(report.rules[0], "cert.chain");
	pki_done(&other);
}

static void one_second_makes_another_signature(void **state)
{
	const struct pki *pki = *state;
	uint8_t data[DIGEST_LEN] = {1}, first[DIGEST_LEN], second[DIGEST_LEN];
	struct seal_input input = {.data_id = "_1",
		.data_digest = data,
		.signature_id = "S-1",
		.subject = pki->facts.subject,
		.certificate = pki->der.data,
		.certificate_len = pki->der.len};
	struct fault fault = {0};

	assert_int_equal(seal_prepare(&input, first, &fault), 0);
	input.signed_at = 999; /* SigningTime has whole seconds (format 7.4) */
	assert_int_equal(seal_prepare(&input, second, &fault), 0);
	assert_memory_equal(first, second, DIGEST_LEN);
	input.signed_at = 1000;
	assert_int_equal(seal_prepare(&input, second, &fault), 0);
	assert_memory_not_equal(first, second, DIGEST_LEN);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(a_signed_invoice_is_canonical_and_verifies),
		cmocka_unit_test(a_signed_message_is_canonical_and_verifies),
		cmocka_unit_test(a_message_of_signed_invoices_verifies_with_all_its_signatures),
		cmocka_unit_test(every_changed_part_breaks_its_rule),
		cmocka_unit_test(a_bad_signature_of_one_invoice_refuses_the_message),
		cmocka_unit_test(one_second_makes_another_signature),
	};

	return cmocka_run_group_tests(tests, set_up, tear_down);
}
