/* What every document of a seller repeats is in the text that the store learns, byte for byte. */
#include "testing.h"
#include "bills.h"
#include "pki.h"

#include "wire/invoice_xml.h"
#include "wire/recurring.h"

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

static struct seal_input signer_of(const struct pki *pki)
{
	return (struct seal_input){
		.subject = pki->facts.subject, .certificate = pki->der.data, .certificate_len = pki->der.len};
}

/* The part of @xml from @open to @close stands in @text; its length. */
static size_t check_part(const struct bytes *text, const struct bytes *xml, const char *open, const char *close)
{
	const char *from = strstr((const char *)xml->data, open);
	const char *end = from ? strstr(from, close) : NULL;
	size_t len;

	if (!end)
		fail_msg("no %s … %s", open, close);
	len = (size_t)(end - from) + strlen(close);
	assert_non_null(memmem(text->data, text->len, from, len));
	return len;
}

/* Two signers of different names: the text is of the one that is given, in the words of the Signature that seal.c writes. */
static void the_certificate_stands_as_in_a_signature(void **state)
{
	const struct pki *pki = *state;
	const struct seal_input signer = signer_of(pki), none = {0};
	struct bytes text = {.max = 1 << 16}, bare = {.max = 1 << 16}, signature = {.max = 1 << 16};
	const uint8_t digest[DIGEST_LEN] = {7};
	struct fault fault = {0};
	struct bill bill;

	bill_vat(&bill);
	pki_seal(pki, "_1C26MVD-1213", digest, "NBan-_1C26MVD-1213", &signature);
	assert_int_equal(recurring_text(&bill.seller, &signer, &text, &fault), 0);
	assert_true(check_part(&text, &signature, "</SignatureValue><KeyInfo>", "</KeyInfo><Object Id=\"") >
		    pki->der.len * 4 / 3);
	assert_non_null(strstr((char *)text.data, "Công ty TNHH Quán Ví Dụ &amp; con"));
	/* without a key nothing of a Signature, and the rest is the same */
	assert_int_equal(recurring_text(&bill.seller, &none, &bare, &fault), 0);
	assert_null(strstr((char *)bare.data, "Signature"));
	assert_memory_equal(bare.data, text.data, bare.len);
	bytes_done(&text);
	bytes_done(&bare);
	bytes_done(&signature);
}

static void check_seller(const struct bill *bill)
{
	const struct seal_input none = {0};
	struct bytes text = {.max = 1 << 16}, again = {.max = 1 << 16}, xml = {.max = 1 << 16};
	struct invoice_spans spans;
	struct fault fault = {0};

	assert_int_equal(invoice_xml(&bill->invoice, &xml, &spans, &fault), 0);
	assert_int_equal(recurring_text(&bill->seller, &none, &text, &fault), 0);
	assert_true(check_part(&text, &xml, "<MSTTCGP>", "</NBan><NMua>") > 100);
	/* each start of the program learns the same, or the store would fill with dictionaries */
	assert_int_equal(recurring_text(&bill->seller, &none, &again, &fault), 0);
	assert_string_equal(text.data, again.data);
	bytes_done(&text);
	bytes_done(&again);
	bytes_done(&xml);
}

static void the_seller_stands_as_in_an_invoice(void **state)
{
	struct bill bill;

	(void)state;
	bill_vat(&bill);
	check_seller(&bill);
	/* with the shop of its till */
	bill_household(&bill);
	bill.seller.tills = &bill.till;
	bill.seller.till_count = 1;
	check_seller(&bill);
}

static void what_is_not_set_up_yet_is_left_out(void **state)
{
	const struct seller seller = {.tax_code = "9900000016", .profile = profile_find("2.1.0")};
	const struct seal_input none = {0};
	struct bytes text = {.max = 1 << 16};
	struct fault fault = {0};

	(void)state;
	assert_int_equal(recurring_text(&seller, &none, &text, &fault), 0);
	assert_non_null(strstr((char *)text.data, "<NBan><MST>9900000016</MST></NBan>"));
	bytes_done(&text);
}

static void a_text_that_does_not_fit_is_a_fault(void **state)
{
	const struct pki *pki = *state;
	const struct seal_input signer = signer_of(pki);
	struct bytes text = {.max = 2000};
	struct fault fault = {0};
	struct bill bill;

	bill_vat(&bill);
	assert_int_equal(recurring_text(&bill.seller, &signer, &text, &fault), FAULT_MEMORY);
	bytes_done(&text);
}

/* recurring_signer() of @xml, as it stands: not NUL-terminated. */
static void check_signer(const char *xml, const char *expected)
{
	struct bytes out = {.max = 1 << 16};
	size_t len = strlen(xml);
	char *exact = malloc(len + 1);

	assert_non_null(exact);
	memcpy(exact + 1, xml, len);
	recurring_signer(exact + 1, len, &out);
	assert_string_equal(out.len ? (char *)out.data : "", expected);
	bytes_done(&out);
	free(exact);
}

static void the_signer_of_an_answer_is_taken_as_it_stands(void **state)
{
	struct bytes large = {.max = 1 << 16};

	(void)state;
	check_signer("<a><X509Data><b>1</b></X509Data><X509Data>2</X509Data></a>", "<b>1</b></");
	check_signer("<ds:X509Data><ds:b>1</ds:b></ds:X509Data>", "<ds:b>1</ds:b></ds:");
	check_signer("", "");
	check_signer("<a/>", "");
	check_signer("<X509Data>", "");
	check_signer("<X509Data>cut</X509Dat", "");
	/* nobody's certificate: it would push out the words that are of use */
	bytes_text(&large, "<X509Data>");
	while (large.len < 20000)
		bytes_text(&large, "0123456789");
	bytes_text(&large, "</X509Data>");
	check_signer((char *)large.data, "");
	bytes_done(&large);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(the_certificate_stands_as_in_a_signature),
		cmocka_unit_test(the_seller_stands_as_in_an_invoice),
		cmocka_unit_test(what_is_not_set_up_yet_is_left_out),
		cmocka_unit_test(a_text_that_does_not_fit_is_a_fault),
		cmocka_unit_test(the_signer_of_an_answer_is_taken_as_it_stands),
	};

	return cmocka_run_group_tests_name("recurring", tests, set_up, tear_down);
}
