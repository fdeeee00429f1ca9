/* certificate: what we read from a signer's X.509 certificate. */
#ifndef HOADON_WIRE_CERTIFICATE_H
#define HOADON_WIRE_CERTIFICATE_H

#include <stdint.h>

#include <openssl/x509.h>

#include "base/cleanup.h"

struct certificate_facts {
	char subject[512]; /* RFC 4514 text in UTF-8 for X509SubjectName; "" when it cannot be written */
	char tax_code
		[16]; /* of the one UID "MST:…", else of the one UID "CCCD:…"; "" when absent, repeated or not one whole value */
	char serial_hex[64];	       /* lower-case (law R-REG-2) */
	int64_t not_before, not_after; /* ms UTC */
};

/**
 * certificate_read() - subject, tax code, serial and validity of @cert
 * @ret: always set
 *
 * Thread: any. Source: format 7.5 rule 3 (OID 0.9.2342.19200300.100.1.1); signing section 3 rule 7.
 */
void certificate_read(const X509 *cert, struct certificate_facts *ret);

#endif
