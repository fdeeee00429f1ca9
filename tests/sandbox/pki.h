/* pki: the simulator's own CA, made by init, and the check of a signer's certificate */
#ifndef SANDBOX_PKI_H
#define SANDBOX_PKI_H

#include "text.h"

#include <openssl/types.h>
#include <stdint.h>

/** struct identity - a key and its certificate while init works */
struct identity {
	EVP_PKEY *key;
	X509 *certificate;
};

/** struct subject - what a new certificate says */
struct subject {
	const char *common_name, *organisation; /* UTF-8; organisation may be NULL */
	const char *user_id;			/* "MST:<tax code>" (OID 0.9.2342.19200300.100.1.1) or NULL */
	const char *key_usage;			/* OpenSSL syntax */
	const char *extended_usage, *alt_names; /* or NULL */
	bool is_ca, elliptic;			/* elliptic: P-256 instead of RSA-2048 */
	int days;				/* validity; 0 = 731, two years and a day */
};

/**
 * pki_issue() - make a key and a certificate
 * @issuer: the CA, or NULL for self-signed
 * @from_ms: start of validity
 * Return: 0; -1 (logged).
 */
int pki_issue(const struct subject *subject, const struct identity *issuer, int64_t from_ms, struct identity *ret);

/** pki_identity_done() - free */
void pki_identity_done(struct identity *id);

/** pki_save() - write DIR/NAME.crt.pem (0644) and, when @with_key, DIR/NAME.key.pem (0600); 0 or -1 (logged) */
int pki_save(const struct identity *id, const char *dir, const char *name, bool with_key);

/** pki_save_p12() - write DIR/NAME.p12 (PBES2) with the chain to @issuer; 0 or -1 (logged) */
int pki_save_p12(const struct identity *id, const struct identity *issuer, const char *dir, const char *name,
	const char *password);

/** pki_serial() - serial number as lower-case hex */
void pki_serial(const X509 *certificate, char *out, size_t size);

/** pki_trust_load() - a store holding DIR/ca.crt.pem; NULL (logged) on failure */
X509_STORE *pki_trust_load(const char *dir);

/**
 * pki_check_signer() - format 12.1 step 7: chain, validity, strength, usage and tax code of a signer
 * @der:        the certificate of the signature
 * @signing_ms: SigningTime
 * @tax_code:   MST the certificate must carry
 * Return: 0; 1 with @why S203, S204 or S205; @ret_serial is set whenever the certificate could be read.
 */
int pki_check_signer(X509_STORE *trust, const unsigned char *der, size_t len, int64_t signing_ms, const char *tax_code,
	char ret_serial[64], struct reason *why);

#endif
