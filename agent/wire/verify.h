/* verify: our own verifier of signed documents: fixed profiles, "see what is signed" (signing section 3). */
#ifndef HOADON_WIRE_VERIFY_H
#define HOADON_WIRE_VERIFY_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "base/arena.h"
#include "base/bytes.h"
#include "base/fault.h"

enum verify_kind {
	VERIFY_AUTO,	/* by the root and content of the document */
	VERIFY_MESSAGE, /* TDiep 206/216: one signature at /TDiep/CKSNNT over DLieu */
	VERIFY_INVOICE, /* HDon: one signature at /HDon/DSCKS/NBan over DLHDon */
	VERIFY_NOTICE,	/* TDiep 102, 204: /TDiep/DLieu/TBao/DSCKS/CQT over DLTBao; 103, 301, 302 also STBao */
};

struct verify_settings {
	enum verify_kind kind;
	const char *anchors_pem; /* NULL = cert.chain is not checked, said in the report */
	const char *tax_code;	 /* expected seller; NULL = only signer = seller in the signed data */
	int64_t now_ms;
	size_t max_bytes; /* 0 = 8 MiB; depth 64, text and attribute 64 KiB, 64 attributes are fixed */
};

#define VERIFY_RULES_MAX 24
struct verify_report {
	int rule_count;			     /* 0 = good */
	const char *rules[VERIFY_RULES_MAX]; /* names as in "sig.place" (static text), each once */
	char details[VERIFY_RULES_MAX][160];
	bool is_chain_checked;
	char signer_subject[512];
	char signer_tax_code[16];
	char signer_serial[64];
	int64_t signed_at; /* ms UTC, 0 = none */
	char kind[16];	   /* "message", "invoice", "notice" */
	int invoices;	   /* HDon in the signed data */
	int warnings;	   /* unknown elements and the like */
};

/**
 * verify_document() - check one signed document from outside
 * @xml: any bytes
 *
 * Every failed rule is reported by name; hostile input never crashes, hangs, opens a file or a connection.
 * Return: 0 good; 1 refused (see @report); FAULT_MEMORY. Thread: any.
 * Source: format 7, signing section 3.
 */
int verify_document(const void *xml, size_t len, const struct verify_settings *settings, struct verify_report *report,
	struct fault *fault) MUST_CHECK;

#endif
