/* Format 3: the envelope is that of the samples, and the streamed digest is that of the canonical DLieu. */
#include "testing.h"
#include "bills.h"

#include "wire/invoice_xml.h"
#include "wire/message.h"

/* TTChung of 206-vat-inclusive-prices.xml. */
static const struct message_head head = {.pban = "2.1.0",
	.sender = "V9900000023",
	.receiver = "TCT",
	.type = 206,
	.id = "V99000000239C41D07A5E8B4F2FA6D3180B7E52C9F4",
	.tax_code = "9900000016",
	.count = 1,
	.dlieu_prefix = "_"};

static void write_message(struct bytes *out, size_t *ret_start, size_t *ret_end)
{
	struct invoice_spans spans;
	struct fault fault = {0};
	struct bill bill;

	bill_vat(&bill);
	bytes_init(out, 1u << 20);
	message_write_head(&head, out);
	*ret_start = out->len;
	assert_int_equal(invoice_xml(&bill.invoice, out, &spans, &fault), 0);
	*ret_end = out->len;
	message_write_tail("", 0, out);
	assert_false(out->failed);
}

static void a_message_is_byte_for_byte_that_of_the_sample(void **state)
{
	BYTES_CLEANUP struct bytes out = {0};
	size_t start, end;
	int len;
	char *canonical = sample_canonical("206-vat-inclusive-prices.xml", &len);

	(void)state;
	write_message(&out, &start, &end);
	assert_int_equal(out.len, len);
	assert_string_equal((char *)out.data, canonical);
	xmlFree(canonical);
}

static void the_data_id_follows_the_profile(void **state)
{
	struct message_head other = head;
	char id[MESSAGE_DATA_ID_MAX];

	(void)state;
	message_data_id(&head, id);
	assert_string_equal(id, "_9C41D07A5E8B4F2FA6D3180B7E52C9F4");
	/* Format 1.2, row dlieu_id of 2.1.1. */
	other.dlieu_prefix = "DLieu-";
	message_data_id(&other, id);
	assert_string_equal(id, "DLieu-9C41D07A5E8B4F2FA6D3180B7E52C9F4");
}

static void the_streamed_digest_is_that_of_the_canonical_dlieu(void **state)
{
	BYTES_CLEANUP struct bytes out = {0};
	struct message_digest *digest = message_digest_new(&head);
	uint8_t streamed[DIGEST_LEN], whole[DIGEST_LEN];
	size_t start, end;
	const char *from, *to;

	(void)state;
	assert_non_null(digest);
	write_message(&out, &start, &end);
	message_digest_add(digest, out.data + start, end - start);
	message_digest_end(digest, streamed);
	from = strstr((char *)out.data, "<DLieu ");
	to = strstr((char *)out.data, "</DLieu><CKSNNT>") + strlen("</DLieu>");
	digest_sha256(from, (size_t)(to - from), whole);
	assert_memory_equal(streamed, whole, DIGEST_LEN);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(a_message_is_byte_for_byte_that_of_the_sample),
		cmocka_unit_test(the_data_id_follows_the_profile),
		cmocka_unit_test(the_streamed_digest_is_that_of_the_canonical_dlieu),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
