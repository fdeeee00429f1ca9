#include "cli/sale_answer.h"

#include <errno.h>
#include <stdio.h>
#include <string.h>
#include <unistd.h>

#include "base/file.h"
#include "cli/print.h"
#include "wire/qr.h"

#define QR_PICTURE_MAX (64u << 10)

static int read_stdin(struct bytes *ret, struct fault *fault)
{
	char part[16384];
	for (ssize_t n; (n = read(STDIN_FILENO, part, sizeof(part))) != 0;) {
		if (n < 0 && errno != EINTR)
			return FAULT(fault, FAULT_IO, "stdin cannot be read: %s", strerror(errno));
		if (n > 0)
			bytes_append(ret, part, (size_t)n);
	}
	return bytes_check(ret, "the sale on stdin", fault);
}

int sale_answer_read(const char *path, struct bytes *ret, struct fault *fault)
{
	return strcmp(path, "-") == 0 ? read_stdin(ret, fault) : file_read(path, ret, fault);
}

static int print_qr(const struct cli *cli, const char *text, struct fault *fault)
{
	if (!*text)
		return 0;
	if (!isatty(STDOUT_FILENO)) {
		print_field(SAY(cli, "QR text", "Chuỗi QR"), text);
		return 0;
	}
	CLEANUP(bytes_done) struct bytes picture;
	bytes_init(&picture, QR_PICTURE_MAX);
	int result = qr_print_text(text, &picture, fault);
	if (result == 0)
		fwrite(picture.data, 1, picture.len, stdout);
	return result;
}

static int print_invoice(const struct cli *cli, const struct answer *answer, struct fault *fault)
{
	char total[PRINT_NUMBER_MAX], paid[PRINT_NUMBER_MAX + 8];
	number_group(answer_text(answer, "invoice.total"), total);
	snprintf(paid, sizeof(paid), "%s đ", total);
	printf(SAY(cli, "Invoice issued: %s number %s\n", "Đã lập hóa đơn: %s số %s\n"),
		answer_text(answer, "invoice.symbol"), answer_text(answer, "invoice.number"));
	if (*answer_text(answer, "reissues.number")) {
		char refused[PRINT_NUMBER_MAX];
		snprintf(refused, sizeof(refused), "%s/%s", answer_text(answer, "reissues.symbol"),
			answer_text(answer, "reissues.number"));
		print_field(SAY(cli, "In the place of", "Thay chỗ hóa đơn"), refused);
	}
	print_field(SAY(cli, "Tax code (MCCQT)", "Mã CQT"), answer_text(answer, "invoice.code"));
	print_field(SAY(cli, "Total", "Tổng thanh toán"), paid);
	print_field(SAY(cli, "Issued at", "Thời điểm lập"), answer_text(answer, "invoice.issued_at"));
	print_field(SAY(cli, "Ledger", "Sổ đối soát"), answer_text(answer, "ledger.tail"));
	if (answer_is_true(answer, "replay"))
		fputs(SAY(cli, "This sale was handed in before; it is the same invoice.\n",
			      "Giao dịch này đã gửi trước đó; vẫn là hóa đơn ấy.\n"),
			stderr);
	return print_qr(cli, answer_text(answer, "invoice.qr"), fault);
}

static void print_kept(const struct cli *cli, const struct answer *answer)
{
	const char *id = answer_text(answer, "sale.id"), *state = answer_text(answer, "sale.state");
	bool is_parked = strcmp(state, "parked") == 0;
	printf(SAY(cli, "Sale %s kept, no invoice: %s\n", "Đã lưu giao dịch %s, chưa có hóa đơn: %s\n"), id,
		state_text(cli, state));
	if (*answer_text(answer, "problem.code"))
		answer_say_problem(cli, answer, "problem");
	if (is_parked)
		fprintf(stderr,
			SAY(cli,
				"  Look: hoadon sale show %s\n  Issue: hoadon sale issue %s\n"
				"  Ignore: hoadon sale ignore %s --reason \"…\"\n",
				"  Xem: hoadon sale show %s\n  Lập hóa đơn: hoadon sale issue %s\n"
				"  Bỏ qua: hoadon sale ignore %s --reason \"…\"\n"),
			id, id, id);
}

int sale_answer_print(const struct cli *cli, const struct answer *answer, struct fault *fault)
{
	if (cli->is_json)
		return answer_print_json(answer, fault);
	if (*answer_text(answer, "invoice.number"))
		return print_invoice(cli, answer, fault);
	print_kept(cli, answer);
	return 0;
}
