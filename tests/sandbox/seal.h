/* seal: the only user of libxmlsec1; strict check of signatures (format 7) and signing of the authority's notices */
#ifndef SANDBOX_SEAL_H
#define SANDBOX_SEAL_H

#include "text.h"

#include <libxml/tree.h>
#include <openssl/types.h>
#include <stdint.h>

struct seal;

/** struct signer - what a good signature says about its maker */
struct signer {
	char serial[64]; /* certificate serial, hex, lower case */
	int64_t signing_ms;
};

/** seal_open() - start libxmlsec1 and load DIR/ca.crt.pem, cqt.crt.pem, cqt.key.pem; 0 or -1 (logged) */
int seal_open(const char *dir, struct seal **ret);

/** seal_close() - free and stop libxmlsec1 */
void seal_close(struct seal *s);

/**
 * seal_check_document() - rules about the whole document (format 7.2, 7.5): no comments, processing instructions,
 * CDATA or entity references, no namespaces and no Signature outside the places of format 7.3, every Id an NCName and
 * unique. Registers the Ids, so call it once per document and before seal_check().
 * Return: 0; 1 with @why S201.
 */
int seal_check_document(xmlDoc *doc, struct reason *why);

/**
 * seal_check() - one signature, strictly by format 7.1 to 7.4 and 7.6
 * @place:    element that holds the Signature (CKSNNT, DSCKS/NBan)
 * @data:     the element that must be signed
 * @tax_code: MST the certificate must carry
 * Return: 0; 1 with @why S201 to S205.
 * Thread: one at a time; the caller locks.
 */
int seal_check(struct seal *s, const xmlNode *place, xmlNode *data, const char *tax_code, struct signer *ret,
	struct reason *why);

/** seal_sign() - sign the message text in place: it holds one empty Signature template; 0 or -1 (logged); locked as above */
int seal_sign(struct seal *s, struct text *message);

#endif
