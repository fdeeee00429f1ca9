/*
 * read_samples DIR: each message sample, blanks and comment taken out as its README says, goes through the reader, the verifier
 * (which must miss nothing but the signatures the samples leave out) and, for answers, answer_read(). One line a file.
 */
#include <libxml/c14n.h>
#include <libxml/parser.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "wire/answer.h"
#include "wire/verify.h"

/* Expected: the samples' README. */
static const struct sample {
	const char *file;
	bool is_verifiable; /* has a kind and misses its signature, nothing else */
	bool is_answer;
	enum verdict_kind kind;
	int reasons;
} samples[] = {
	{"100-declaration.xml", false, false, 0, 0},
	{"102-not-received.xml", true, true, VERDICT_UNCLEAR, 1},
	{"102-received.xml", true, true, VERDICT_UNCLEAR, 0},
	{"103-accepted.xml", true, true, VERDICT_UNCLEAR, 0},
	{"103-refused.xml", true, true, VERDICT_UNCLEAR, 1},
	{"204-ltbao2-accepted.xml", true, true, VERDICT_ALL_ACCEPTED, 0},
	{"204-ltbao7-one-refused.xml", true, true, VERDICT_SOME_REFUSED, 1},
	{"204-ltbao9-packet-refused.xml", true, true, VERDICT_ALL_REFUSED, 1},
	{"206-adjustment-return.xml", true, false, 0, 0},
	{"206-household-three-sales.xml", true, false, 0, 0},
	{"206-replacement.xml", true, false, 0, 0},
	{"206-vat-inclusive-prices.xml", true, false, 0, 0},
	{"206-vat-mixed-rates.xml", true, false, 0, 0},
	{"216-vat-no-code.xml", true, false, 0, 0},
	{"301-accepted.xml", true, true, VERDICT_UNCLEAR, 0},
	{"301-refused.xml", true, true, VERDICT_UNCLEAR, 2},
	{"302-review.xml", true, true, VERDICT_UNCLEAR, 1},
	{"303-notice-04ss.xml", true, false, 0, 0},
	{"999-error.xml", false, true, VERDICT_ALL_REFUSED, 1},
	{"999-ok.xml", false, true, VERDICT_RECEIVED, 0},
	{"minus1-unreadable.xml", false, true, VERDICT_ALL_REFUSED, 1},
};

static const struct verify_settings settings = {.now_ms = INT64_C(1795317072000)};

static const char *check_document(const struct sample *sample, const xmlChar *xml, int len)
{
	struct verify_report report;
	struct fault fault = {0};

	if (verify_document(xml, (size_t)len, &settings, &report, &fault) != 1)
		return "an unsigned document is not refused";
	if (!sample->is_verifiable)
		return NULL;
	if (report.warnings > 0)
		return "an element of the format is unknown to the verifier";
	return report.rule_count == 1 && strcmp(report.rules[0], "sig.missing") == 0 ? NULL : report.details[0];
}

static const char *check_answer(const struct sample *sample, const xmlChar *xml, int len)
{
	CLEANUP(arena_freep) struct arena *arena = arena_new(1u << 20);
	struct verdict verdict;
	struct fault fault = {0};
	const char *rule = NULL;

	if (!sample->is_answer)
		return NULL;
	if (!arena || answer_read(xml, (size_t)len, &settings, arena, &verdict, &rule, &fault) != 0)
		return "the answer cannot be read";
	if (verdict.kind != sample->kind || verdict.reason_count != (size_t)sample->reasons)
		return "another verdict";
	return verdict.is_signed ? "an unsigned answer is called signed" : NULL;
}

static const char *check_sample(const char *dir, const struct sample *sample)
{
	char path[512];
	xmlDocPtr doc;
	xmlChar *xml = NULL;
	const char *problem;
	int len;

	snprintf(path, sizeof(path), "%s/%s", dir, sample->file);
	doc = xmlReadFile(path, NULL, XML_PARSE_NOBLANKS | XML_PARSE_NONET);
	if (!doc)
		return "cannot be parsed";
	len = xmlC14NDocDumpMemory(doc, NULL, XML_C14N_1_0, NULL, 0, &xml);
	xmlFreeDoc(doc);
	problem = check_document(sample, xml, len);
	if (!problem)
		problem = check_answer(sample, xml, len);
	printf("%s read %s%s%s\n", problem ? "FAIL" : "ok", sample->file, problem ? ": " : "", problem ? problem : "");
	xmlFree(xml);
	return problem ? "differs" : NULL; /* what it said may have stood in this frame */
}

int main(int argc, char **argv)
{
	int bad = argc != 2;

	for (size_t i = 0; argc == 2 && i < ARRAY_LEN(samples); i++)
		bad += check_sample(argv[1], &samples[i]) != NULL;
	return bad > 0;
}
