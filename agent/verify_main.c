/* hoadon-verify: the officers' tool. Checks signed documents and ledger exports without the daemon, its store or its keys. */
#include <getopt.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "base/bytes.h"
#include "base/clock.h"
#include "base/file.h"
#include "base/json_write.h"
#include "core/ledger_verify.h"
#include "wire/verify.h"

#define FILE_MAX    ((size_t)1 << 30)
#define ANCHORS_MAX ((size_t)1 << 20)

enum result { RESULT_GOOD = 0, RESULT_FAILURE = 1, RESULT_USAGE = 2, RESULT_UNCHECKED = 3, RESULT_BROKEN = 6 };

/* What a broken rule means, for people. */
static const struct rule_text {
	const char *rule, *en, *vi;
} rule_texts[] = {
	{"alg.c14n", "another canonical form than the profile's", "phương pháp chuẩn hóa ngoài quy định"},
	{"alg.digest", "another digest than SHA-256", "thuật toán băm không phải SHA-256"},
	{"alg.signature", "another signature algorithm than RSA-SHA256", "thuật toán ký không phải RSA-SHA256"},
	{"cert.chain", "the certificate leads to no trusted authority", "chứng thư không dẫn về nơi cấp được tin cậy"},
	{"cert.taxcode", "the signer is not the seller", "người ký không phải người bán"},
	{"cert.usage", "the certificate is not for signatures", "chứng thư không dùng để ký"},
	{"cert.validity", "the certificate was not valid when it was used",
		"chứng thư không còn hoặc chưa có hiệu lực khi ký"},
	{"data.amount", "an amount is not a number", "số tiền không đúng dạng số"},
	{"data.date", "the date of the invoice is no date", "ngày lập không đúng dạng"},
	{"data.taxcode", "a tax code is wrong", "mã số thuế sai"},
	{"id.duplicate", "two elements have the same Id", "hai phần tử trùng Id"},
	{"key.source", "not exactly one signer certificate", "không có đúng một chứng thư người ký"},
	{"key.weak", "the key is too weak", "khóa ký quá yếu"},
	{"ref.digest", "the data was changed after it was signed", "dữ liệu bị sửa sau khi ký"},
	{"ref.set", "the signature does not cover exactly data and time",
		"chữ ký không bao đúng dữ liệu và thời điểm ký"},
	{"ref.target", "the signature covers something else", "chữ ký trỏ tới phần khác"},
	{"ref.transform", "the signature covers a transformed document", "chữ ký dùng phép biến đổi không cho phép"},
	{"ref.uri", "the signature points outside the document", "chữ ký trỏ ra ngoài tài liệu"},
	{"sig.count", "more than one signature", "có nhiều hơn một chữ ký"},
	{"sig.missing", "no signature at its place", "thiếu chữ ký"},
	{"sig.place", "a signature at a foreign place", "chữ ký đặt sai chỗ"},
	{"sig.shape", "unexpected parts in the signature", "chữ ký có phần lạ"},
	{"sig.value", "the signature is not of this certificate", "chữ ký không do chứng thư này tạo ra"},
	{"time.bounds", "the signing time is impossible", "thời điểm ký không hợp lý"},
	{"time.missing", "no signed signing time", "thiếu thời điểm ký"},
	{"xml.attrs", "too many attributes", "quá nhiều thuộc tính"},
	{"xml.cdata", "a CDATA section", "có CDATA"},
	{"xml.char", "a character that XML forbids", "có ký tự XML không cho phép"},
	{"xml.comment", "a comment", "có chú thích"},
	{"xml.depth", "elements are nested too deeply", "lồng nhau quá sâu"},
	{"xml.doctype", "a DOCTYPE", "có DOCTYPE"},
	{"xml.encoding", "not UTF-8", "không phải UTF-8"},
	{"xml.namespace", "a foreign namespace", "không gian tên lạ"},
	{"xml.pi", "a processing instruction", "có chỉ thị xử lý"},
	{"xml.schema", "an element twice or at a foreign place", "phần tử bị lặp hoặc sai chỗ"},
	{"xml.size", "the document is too large", "tài liệu quá lớn"},
	{"xml.text", "a text is too long", "nội dung quá dài"},
	{"xml.wellformed", "not well-formed XML", "XML không đúng cú pháp"},
};

struct run {
	struct verify_settings settings;
	struct bytes anchors;
	bool is_json, is_vietnamese;
};

static const char *pick(const struct run *run, const char *en, const char *vi)
{
	return run->is_vietnamese ? vi : en;
}

static const char *explain(const struct run *run, const char *rule)
{
	for (size_t i = 0; i < ARRAY_LEN(rule_texts); i++)
		if (strcmp(rule_texts[i].rule, rule) == 0)
			return pick(run, rule_texts[i].en, rule_texts[i].vi);
	return rule;
}

static const char *result_word(enum result result)
{
	switch (result) {
	case RESULT_GOOD:
		return "good";
	case RESULT_UNCHECKED:
		return "chain-not-checked";
	case RESULT_BROKEN:
		return "broken";
	default:
		return "failure";
	}
}

static void print_signer(const struct run *run, const struct verify_report *report)
{
	char time[CLOCK_TEXT_MAX] = "-";

	if (report->signed_at)
		clock_format_local(report->signed_at, time);
	printf("  %s: %s\n", pick(run, "signer", "người ký"), report->signer_subject[0] ? report->signer_subject : "-");
	printf("  %s: %s   %s: %s\n", pick(run, "tax code", "mã số thuế"),
		report->signer_tax_code[0] ? report->signer_tax_code : "-",
		pick(run, "certificate serial", "số sê-ri chứng thư"),
		report->signer_serial[0] ? report->signer_serial : "-");
	printf("  %s: %s   %s: %d   %s: %d\n", pick(run, "signed at", "ký lúc"), time,
		pick(run, "invoices", "số hóa đơn"), report->invoices, pick(run, "warnings", "cảnh báo"),
		report->warnings);
}

static void print_document(
	const struct run *run, const char *file, enum result result, const struct verify_report *report)
{
	bool is_broken = result == RESULT_BROKEN;

	printf("%s: %s (%s)\n", file, is_broken ? pick(run, "BROKEN", "KHÔNG HỢP LỆ") : pick(run, "good", "hợp lệ"),
		report->kind[0] ? report->kind : "?");
	for (int i = 0; i < report->rule_count; i++)
		printf("  %s: %s [%s]\n", report->rules[i], explain(run, report->rules[i]), report->details[i]);
	print_signer(run, report);
	if (!report->is_chain_checked)
		printf("  cert.chain: %s\n",
			pick(run, "not checked (give --anchors)", "chưa kiểm tra (cần --anchors)"));
}

static void open_json(struct bytes *out, const char *file, enum result result)
{
	bytes_init(out, 1u << 20);
	bytes_char(out, '{');
	json_member(out, "file", file);
	json_member(out, "result", result_word(result));
}

static void print_json(struct bytes *out)
{
	bytes_char(out, '}');
	printf("%s\n", out->failed ? "{}" : (const char *)out->data);
}

static void print_document_json(const char *file, enum result result, const struct verify_report *report)
{
	BYTES_CLEANUP struct bytes out = {0};

	open_json(&out, file, result);
	json_member(&out, "kind", report->kind);
	json_key(&out, "rules");
	bytes_char(&out, '[');
	for (int i = 0; i < report->rule_count; i++) {
		bytes_text(&out, i > 0 ? ",{" : "{");
		json_member(&out, "rule", report->rules[i]);
		json_member(&out, "detail", report->details[i]);
		bytes_char(&out, '}');
	}
	bytes_char(&out, ']');
	json_member_flag(&out, "chain_checked", report->is_chain_checked);
	json_member(&out, "signer", report->signer_subject);
	json_member(&out, "tax_code", report->signer_tax_code);
	json_member(&out, "certificate_serial", report->signer_serial);
	json_member_int(&out, "signed_at_ms", report->signed_at);
	json_member_int(&out, "invoices", report->invoices);
	json_member_int(&out, "warnings", report->warnings);
	print_json(&out);
}

static void print_ledger(const struct run *run, const char *file, enum result result,
	const struct ledger_finding *finding, const struct ledger_summary *summary)
{
	bool is_broken = result == RESULT_BROKEN;

	printf("%s: %s (ledger)\n", file,
		is_broken ? pick(run, "BROKEN", "KHÔNG HỢP LỆ") : pick(run, "good", "hợp lệ"));
	if (is_broken)
		printf("  %s %lld, %s %lld: %s [%s: %s]\n", pick(run, "line", "dòng"), (long long)finding->line,
			pick(run, "record", "bản ghi"), (long long)finding->seq,
			ledger_reason_text(finding->reason, run->is_vietnamese), ledger_reason_word(finding->reason),
			finding->text);
	printf("  %s: %lld (%lld..%lld)   checkpoint: %lld\n", pick(run, "records", "bản ghi"),
		(long long)summary->records, (long long)summary->first_seq, (long long)summary->last_seq,
		(long long)summary->checkpoints);
	printf("  %s: %s   %s: %s\n", pick(run, "store", "kho"), summary->store, pick(run, "tail", "đuôi sổ"),
		summary->tail);
	if (summary->lost_key_seq)
		printf("  %s %lld: %s\n", pick(run, "record", "bản ghi"), (long long)summary->lost_key_seq,
			pick(run, "another key takes the place of a lost one; only the chain ties it to this ledger",
				"khóa khác thay khóa đã mất; chỉ chuỗi băm nối khóa mới với sổ này"));
	if (!summary->has_checkpoint)
		printf("  %s\n", pick(run, "no signed checkpoint: only the chain was checked",
					 "chưa có điểm ký: chỉ kiểm tra được chuỗi băm"));
}

static void print_ledger_json(const char *file, enum result result, const struct ledger_finding *finding,
	const struct ledger_summary *summary)
{
	BYTES_CLEANUP struct bytes out = {0};

	open_json(&out, file, result);
	json_member(&out, "kind", "ledger");
	if (result == RESULT_BROKEN) {
		json_member_int(&out, "line", finding->line);
		json_member_int(&out, "seq", finding->seq);
		json_member(&out, "reason", ledger_reason_word(finding->reason));
		json_member(&out, "detail", finding->text);
	}
	json_member_int(&out, "records", summary->records);
	json_member_int(&out, "checkpoints", summary->checkpoints);
	json_member_int(&out, "first_seq", summary->first_seq);
	json_member_int(&out, "last_seq", summary->last_seq);
	json_member(&out, "store", summary->store);
	json_member(&out, "tail", summary->tail);
	json_member_flag(&out, "has_checkpoint", summary->has_checkpoint);
	json_member_int(&out, "lost_key_seq", summary->lost_key_seq);
	print_json(&out);
}

static enum result fail(const char *file, const struct fault *fault)
{
	fprintf(stderr, "hoadon-verify: %s: %s\n", file, fault->text);
	return RESULT_FAILURE;
}

static enum result check_ledger(const struct run *run, const char *file, const struct bytes *content)
{
	struct ledger_finding finding = {0};
	struct ledger_summary summary = {0};
	struct fault fault = {0};
	enum result result;
	int err;

	err = ledger_verify_export((const char *)content->data, content->len, &finding, &summary, &fault);
	if (err < 0)
		return fail(file, &fault);
	result = err ? RESULT_BROKEN : RESULT_GOOD;
	if (run->is_json)
		print_ledger_json(file, result, &finding, &summary);
	else
		print_ledger(run, file, result, &finding, &summary);
	return result;
}

static enum result check_xml(const struct run *run, const char *file, const struct bytes *content)
{
	struct verify_report report;
	struct fault fault = {0};
	enum result result;
	int err;

	err = verify_document(content->data, content->len, &run->settings, &report, &fault);
	if (err < 0)
		return fail(file, &fault);
	result = err ? RESULT_BROKEN : report.is_chain_checked ? RESULT_GOOD : RESULT_UNCHECKED;
	if (run->is_json)
		print_document_json(file, result, &report);
	else
		print_document(run, file, result, &report);
	return result;
}

/* A ledger export is JSON Lines: its first character is "{", also where a byte order mark was put in front of it. */
static bool is_ledger(const struct bytes *content)
{
	const char *p = content->len > 0 ? (const char *)content->data : "";

	p += strncmp(p, "\xEF\xBB\xBF", 3) == 0 ? 3 : 0;
	return p[strspn(p, " \t\r\n")] == '{';
}

static enum result check_file(const struct run *run, const char *file)
{
	BYTES_CLEANUP struct bytes content = {0};
	struct fault fault = {0};

	bytes_init(&content, FILE_MAX);
	if (file_read(file, &content, &fault) != 0)
		return fail(file, &fault);
	return is_ledger(&content) ? check_ledger(run, file, &content) : check_xml(run, file, &content);
}

static void print_help(FILE *out)
{
	fputs("hoadon-verify: check signed invoices, messages, notices of the authority, and ledger exports\n"
	      "\n"
	      "  hoadon-verify [--anchors PEM] [--tax-code MST] [--json] [--lang vi|en] FILE...\n"
	      "\n"
	      "  --anchors PEM   certificates of the authorities a signer must lead to; without it the chain is not "
	      "checked\n"
	      "  --tax-code MST  the seller must be this one\n"
	      "  --json          one JSON object for each file\n"
	      "  --lang vi|en    language of the sentences (default vi)\n"
	      "\n"
	      "Example: hoadon-verify --anchors ca.pem --tax-code 9900000016 message.xml ledger.jsonl\n"
	      "\n"
	      "Exit: 0 all good; 3 good, but no anchors: the chain was not checked; 6 something is broken; 2 usage; 1 "
	      "failure\n",
		out);
}

static const struct option long_options[] = {
	{"anchors", required_argument, NULL, 'a'},
	{"tax-code", required_argument, NULL, 't'},
	{"json", no_argument, NULL, 'j'},
	{"lang", required_argument, NULL, 'l'},
	{"help", no_argument, NULL, 'h'},
	{"version", no_argument, NULL, 'V'},
	{NULL, 0, NULL, 0},
};

static bool set_language(struct run *run, const char *word)
{
	run->is_vietnamese = strcmp(word, "vi") == 0;
	return run->is_vietnamese || strcmp(word, "en") == 0;
}

static int read_anchors(struct run *run, const char *path)
{
	struct fault fault = {0};

	bytes_clear(&run->anchors);
	if (file_read(path, &run->anchors, &fault) != 0) {
		fail(path, &fault);
		return RESULT_FAILURE;
	}
	if (run->anchors.len > 0)
		run->settings.anchors_pem = (const char *)run->anchors.data;
	return RESULT_GOOD;
}

/* -1 = go on; else the exit code. */
static int read_arguments(struct run *run, int argc, char **argv)
{
	for (int c; (c = getopt_long(argc, argv, "h", long_options, NULL)) != -1;) {
		switch (c) {
		case 'a':
			if (read_anchors(run, optarg) != RESULT_GOOD)
				return RESULT_FAILURE;
			break;
		case 't':
			run->settings.tax_code = optarg;
			break;
		case 'j':
			run->is_json = true;
			break;
		case 'l':
			if (set_language(run, optarg))
				break;
			fprintf(stderr, "hoadon-verify: --lang is vi or en, not %s\n", optarg);
			return RESULT_USAGE;
		case 'h':
			print_help(stdout);
			return RESULT_GOOD;
		case 'V':
			puts("hoadon-verify " HOADON_VERSION);
			return RESULT_GOOD;
		default:
			return RESULT_USAGE;
		}
	}
	if (optind < argc)
		return -1;
	print_help(stderr);
	return RESULT_USAGE;
}

static enum result worse(enum result a, enum result b)
{
	static const int rank[] = {
		[RESULT_GOOD] = 0, [RESULT_UNCHECKED] = 1, [RESULT_BROKEN] = 2, [RESULT_FAILURE] = 3};

	return rank[a] >= rank[b] ? a : b;
}

int main(int argc, char **argv)
{
	struct run run = {.is_vietnamese = true};
	struct clock clock = {0};
	enum result result = RESULT_GOOD;
	int code;

	bytes_init(&run.anchors, ANCHORS_MAX);
	run.settings.now_ms = clock_now_ms(&clock);
	code = read_arguments(&run, argc, argv);
	for (int i = optind; code < 0 && i < argc; i++)
		result = worse(result, check_file(&run, argv[i]));
	bytes_done(&run.anchors);
	return code < 0 ? (int)result : code;
}
