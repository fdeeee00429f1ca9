/*
 * make_signed P12 PASSWORD DIR: writes what outside tools check: DIR/message.xml (three invoices, message signature only),
 * DIR/message-each.xml (each invoice signed too), DIR/invoice.xml, DIR/qr.pbm and DIR/qr.txt.
 */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "base/clock.h"
#include "base/file.h"
#include "core/invoice.h"
#include "core/words.h"
#include "issue/key.h"
#include "wire/invoice_xml.h"
#include "wire/message.h"
#include "wire/qr.h"
#include "wire/seal.h"

#define INVOICES 3

extern const struct key_ops key_pkcs12;

struct work {
	void *key;
	struct key_certificate certificate;
	struct seller seller;
	struct fault fault;
};

static void check(struct work *work, int err)
{
	if (err == 0)
		return;
	fprintf(stderr, "make_signed: %s\n", work->fault.text);
	exit(1);
}

static void seal(struct work *work, const char *data_id, const uint8_t data_digest[DIGEST_LEN], const char *id,
	struct bytes *out)
{
	struct clock clock = {0};
	struct seal_input input = {.data_id = data_id,
		.data_digest = data_digest,
		.signature_id = id,
		.signed_at = clock_now_ms(&clock),
		.subject = work->certificate.subject,
		.certificate = work->certificate.der.data,
		.certificate_len = work->certificate.der.len};
	uint8_t digest[1][32];
	uint8_t value[1][KEY_SIGNATURE_MAX];
	size_t len;

	check(work, seal_prepare(&input, digest[0], &work->fault));
	check(work, key_pkcs12.sign(work->key, (const uint8_t(*)[32])digest, 1, value, &len, &work->fault));
	check(work, seal_finish(&input, value[0], len, out, &work->fault));
}

static void fill(struct work *work, int number, struct invoice_line lines[2], struct invoice *invoice)
{
	int64_t net = INT64_C(100000) * number, vat = INT64_C(8000) * number;

	lines[0] = (struct invoice_line){LINE_GOODS, 1, "PHO01", "Phở bò <tái> & nạm \"đặc biệt\" 🍜", "Tô", {number, 0},
		{50000, 0}, 0, INT64_C(50000) * number, VAT_8};
	lines[1] = (struct invoice_line){LINE_GOODS, 2, NULL, "Cà phê sữa đá\r\n\tít đường ]]>", "Ly", {number, 0},
		{50000, 0}, 0, INT64_C(50000) * number, VAT_8};
	*invoice = (struct invoice){.seller = &work->seller,
		.lines = lines,
		.line_count = 2,
		.payment = "Tiền mặt/Chuyển khoản",
		.buyer = {.name = "Bán cho người tiêu dùng"},
		.groups = {[VAT_8] = {true, net, vat, 0}},
		.net = net,
		.vat = vat,
		.total = net + vat};
	check(work, words_of_amount(invoice->total, WORDS_NORTH, false, false, invoice->words));
	check(work, invoice_bind(invoice, number, 1200 + number, INT64_C(1795317072000)));
}

static void write_invoice(struct work *work, int number, bool is_signed, struct bytes *out)
{
	BYTES_CLEANUP struct bytes hdon = {0};
	struct invoice_line lines[2];
	struct invoice invoice;
	struct invoice_spans spans;
	uint8_t digest[DIGEST_LEN];
	char id[32];

	fill(work, number, lines, &invoice);
	bytes_init(&hdon, 1u << 20);
	check(work, invoice_xml(&invoice, &hdon, &spans, &work->fault));
	digest_sha256(hdon.data + spans.data_start, spans.data_end - spans.data_start, digest);
	snprintf(id, sizeof(id), "NBan-%d", number);
	bytes_append(out, hdon.data, spans.seal_at);
	if (is_signed)
		seal(work, spans.data_id, digest, id, out);
	bytes_append(out, hdon.data + spans.seal_at, hdon.len - spans.seal_at);
}

static void save(struct work *work, const char *dir, const char *name, const struct bytes *content)
{
	char path[512];

	check(work, bytes_check(content, name, &work->fault));
	snprintf(path, sizeof(path), "%s/%s", dir, name);
	check(work, file_write(path, content->data, content->len, 0644, &work->fault));
}

static void make_message(struct work *work, bool is_each_signed, const char *dir, const char *name)
{
	BYTES_CLEANUP struct bytes xml = {0};
	BYTES_CLEANUP struct bytes signature = {0};
	struct message_head head = {.pban = "2.1.0",
		.sender = "V9900000023",
		.receiver = "TCT",
		.type = 206,
		.id = "V9900000023B61E6BA536824DD6B80469B84B2D451C",
		.tax_code = "9900000016",
		.count = INVOICES,
		.dlieu_prefix = "_"};
	struct message_digest *digest = message_digest_new(&head);
	uint8_t value[DIGEST_LEN];
	char id[MESSAGE_DATA_ID_MAX];

	if (!digest)
		exit(1);
	bytes_init(&xml, 1u << 20);
	bytes_init(&signature, 1u << 20);
	message_write_head(&head, &xml);
	for (int number = 1; number <= INVOICES; number++) {
		size_t start = xml.len;

		write_invoice(work, number, is_each_signed, &xml);
		message_digest_add(digest, xml.data + start, xml.len - start);
	}
	message_digest_end(digest, value);
	message_data_id(&head, id);
	seal(work, id, value, "CKSNNT-B61E6BA5", &signature);
	message_write_tail(signature.data, signature.len, &xml);
	save(work, dir, name, &xml);
}

static void make_qr(struct work *work, const char *dir)
{
	BYTES_CLEANUP struct bytes picture = {0};
	BYTES_CLEANUP struct bytes text = {0};
	struct invoice_line lines[2];
	struct invoice invoice;
	char qr[QR_TEXT_MAX];

	fill(work, 99999, lines, &invoice);
	check(work, qr_text(&invoice, qr));
	bytes_init(&picture, 1u << 20);
	bytes_init(&text, 1u << 20);
	check(work, qr_print_pbm(qr, 4, &picture, &work->fault));
	bytes_text(&text, qr);
	bytes_char(&text, '\n');
	save(work, dir, "qr.pbm", &picture);
	save(work, dir, "qr.txt", &text);
}

int main(int argc, char **argv)
{
	struct work work = {.seller = {.tax_code = "9900000016",
				    .name = "Công ty TNHH Quán Ví Dụ & <con>",
				    .address = "Số 1 Phố Ví Dụ",
				    .form = 1,
				    .code_flag = 'C',
				    .suffix = "VD",
				    .key = "VD7K2",
				    .provider_tax_code = "9900000030",
				    .profile = profile_find("2.1.0")}};
	BYTES_CLEANUP struct bytes invoice = {0};

	if (argc != 4) {
		fprintf(stderr, "make_signed P12 PASSWORD DIR\n");
		return 2;
	}
	check(&work, key_pkcs12.open(argv[1], argv[2], &work.key, &work.fault));
	check(&work, key_pkcs12.certificate(work.key, &work.certificate, &work.fault));
	make_message(&work, false, argv[3], "message.xml");
	make_message(&work, true, argv[3], "message-each.xml");
	bytes_init(&invoice, 1u << 20);
	write_invoice(&work, 7, true, &invoice);
	save(&work, argv[3], "invoice.xml", &invoice);
	make_qr(&work, argv[3]);
	bytes_done(&work.certificate.der);
	key_pkcs12.close(work.key);
	return 0;
}
