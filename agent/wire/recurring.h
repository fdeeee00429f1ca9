/* recurring: what the documents of one seller have in common, for whoever packs many of them. */
#ifndef HOADON_WIRE_RECURRING_H
#define HOADON_WIRE_RECURRING_H

#include "base/bytes.h"
#include "core/seller.h"
#include "wire/seal.h"

/**
 * recurring_text() - an invoice without number, lines and amounts and its Signature without value, appended to @out
 * @seller: with a tax code; the shop is that of the first till
 * @signer: subject and certificate, the rest is not read; certificate_len 0 = no key, no Signature
 *
 * Written by the functions that write real ones, so that it never drifts apart from them; it depends on its arguments alone.
 *
 * Return: 0, or FAULT_MEMORY. Thread: any.
 */
int recurring_text(const struct seller *seller, const struct seal_input *signer, struct bytes *out,
	struct fault *fault) MUST_CHECK;

/**
 * recurring_signer() - what signed @xml says of its signer, the content of its first X509Data, appended to @out; nothing when there is none
 *
 * No check: the text only has to look like what comes next from the same signer. Thread: any.
 */
void recurring_signer(const void *xml, size_t len, struct bytes *out);

#endif
