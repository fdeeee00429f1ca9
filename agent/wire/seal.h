/* seal: XMLDSig over canonical bytes, without a tree (format 7). */
#ifndef HOADON_WIRE_SEAL_H
#define HOADON_WIRE_SEAL_H

#include <stddef.h>
#include <stdint.h>

#include "base/bytes.h"
#include "base/digest.h"

/*
 * Two steps, so that any key (file, token, remote) fits between them: prepare gives the SHA-256 of the canonical SignedInfo, which
 * the key signs; finish writes the Signature element.
 */
struct seal_input {
	const char *data_id;	    /* Id of the signed element */
	const uint8_t *data_digest; /* SHA-256 of its canonical bytes */
	const char *signature_id;   /* Id of Signature; the Object's is "Obj-" + it */
	int64_t signed_at;	    /* ms UTC, written local without zone */
	const char *subject;	    /* X509SubjectName */
	const void *certificate;    /* DER */
	size_t certificate_len;
};

/** seal_prepare() - SHA-256 of the canonical SignedInfo. 0 or FAULT_MEMORY. Source: format 7.1, 7.2, 7.4. */
int seal_prepare(const struct seal_input *input, uint8_t ret_digest[DIGEST_LEN], struct fault *fault) MUST_CHECK;
/** seal_finish() - the canonical <Signature>…</Signature> appended to @out. 0 or FAULT_MEMORY. */
int seal_finish(const struct seal_input *input, const uint8_t *signature, size_t signature_len, struct bytes *out,
	struct fault *fault) MUST_CHECK;

#endif
