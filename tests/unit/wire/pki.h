/* pki: a throwaway authority and a signer, made at test time; each test program includes this once, after testing.h. */
#ifndef HOADON_TESTS_WIRE_PKI_H
#define HOADON_TESTS_WIRE_PKI_H

#include <openssl/evp.h>
#include <openssl/pem.h>
#include <openssl/rsa.h>
#include <openssl/x509v3.h>

#include "base/clock.h"
#include "wire/certificate.h"
#include "wire/seal.h"

struct pki {
	EVP_PKEY *ca_key, *key;
	X509 *ca, *cert;
	struct bytes anchors; /* PEM of the authority */
	struct bytes der;     /* of the signer */
	struct certificate_facts facts;
};

static inline void pki_extend(X509 *cert, int nid, const char *value)
{
	X509_EXTENSION *extension = X509V3_EXT_nconf_nid(NULL, NULL, nid, value);

	assert_non_null(extension);
	assert_int_equal(X509_add_ext(cert, extension, -1), 1);
	X509_EXTENSION_free(extension);
}

/* Valid from 2026-01-01 to 2029-01-01, as the certificates of the hostile corpus. */
static inline X509 *pki_certify(EVP_PKEY *key, const char *name, const char *uid, X509 *issuer, EVP_PKEY *issuer_key)
{
	X509 *cert = X509_new();
	X509_NAME *subject = X509_get_subject_name(cert);

	X509_set_version(cert, X509_VERSION_3);
	ASN1_INTEGER_set(X509_get_serialNumber(cert), issuer ? 0x1A2B3C : 1);
	ASN1_TIME_set_string(X509_getm_notBefore(cert), "20260101000000Z");
	ASN1_TIME_set_string(X509_getm_notAfter(cert), "20290101000000Z");
	X509_set_pubkey(cert, key);
	X509_NAME_add_entry_by_txt(subject, "CN", MBSTRING_UTF8, (const unsigned char *)name, -1, -1, 0);
	if (uid)
		X509_NAME_add_entry_by_txt(subject, "UID", MBSTRING_UTF8, (const unsigned char *)uid, -1, -1, 0);
	X509_set_issuer_name(cert, X509_get_subject_name(issuer ? issuer : cert));
	pki_extend(cert, NID_basic_constraints, issuer ? "critical,CA:FALSE" : "critical,CA:TRUE");
	pki_extend(cert, NID_key_usage, issuer ? "critical,digitalSignature,nonRepudiation" : "critical,keyCertSign");
	assert_true(X509_sign(cert, issuer_key, EVP_sha256()) > 0);
	return cert;
}

/** pki_init() - an authority, and a signer called @name whose UID is @uid (NULL = none). */
static inline void pki_init(struct pki *pki, const char *name, const char *uid)
{
	BIO *bio = BIO_new(BIO_s_mem());
	unsigned char *der = NULL;
	char *text;
	long len;

	pki->ca_key = EVP_RSA_gen(2048);
	pki->key = EVP_RSA_gen(2048);
	pki->ca = pki_certify(pki->ca_key, "CA THỬ (MÔ PHỎNG)", NULL, NULL, pki->ca_key);
	pki->cert = pki_certify(pki->key, name, uid, pki->ca, pki->ca_key);
	bytes_init(&pki->anchors, 1u << 16);
	bytes_init(&pki->der, 1u << 16);
	PEM_write_bio_X509(bio, pki->ca);
	len = BIO_get_mem_data(bio, &text);
	bytes_append(&pki->anchors, text, (size_t)len);
	BIO_free(bio);
	len = i2d_X509(pki->cert, &der);
	bytes_append(&pki->der, der, (size_t)len);
	OPENSSL_free(der);
	certificate_read(pki->cert, &pki->facts);
}

static inline void pki_done(struct pki *pki)
{
	bytes_done(&pki->anchors);
	bytes_done(&pki->der);
	X509_free(pki->ca);
	X509_free(pki->cert);
	EVP_PKEY_free(pki->ca_key);
	EVP_PKEY_free(pki->key);
}

/** pki_seal() - the Signature over @digest of the element @data_id, by seal_prepare(), the key and seal_finish(). */
static inline void pki_seal(const struct pki *pki, const char *data_id, const uint8_t digest[DIGEST_LEN],
	const char *signature_id, struct bytes *out)
{
	struct seal_input input = {.data_id = data_id,
		.data_digest = digest,
		.signature_id = signature_id,
		.subject = pki->facts.subject,
		.certificate = pki->der.data,
		.certificate_len = pki->der.len};
	EVP_PKEY_CTX *ctx = EVP_PKEY_CTX_new(pki->key, NULL);
	uint8_t info[DIGEST_LEN], value[512];
	size_t len = sizeof(value);
	struct fault fault = {0};

	assert_int_equal(clock_parse("2026-11-22T10:11:12+07:00", 25, &input.signed_at), 0);
	assert_int_equal(seal_prepare(&input, info, &fault), 0);
	assert_int_equal(EVP_PKEY_sign_init(ctx), 1);
	assert_int_equal(EVP_PKEY_CTX_set_rsa_padding(ctx, RSA_PKCS1_PADDING), 1);
	assert_int_equal(EVP_PKEY_CTX_set_signature_md(ctx, EVP_sha256()), 1);
	assert_int_equal(EVP_PKEY_sign(ctx, value, &len, info, DIGEST_LEN), 1);
	EVP_PKEY_CTX_free(ctx);
	assert_int_equal(seal_finish(&input, value, len, out, &fault), 0);
}

/** pki_seal_notice() - canonical TDiep @text of a 204 with the signature over its DLTBao, appended to @out. */
static inline void pki_seal_notice(const struct pki *pki, const char *text, struct bytes *out)
{
	BYTES_CLEANUP struct bytes signature = {0};
	const char *start = strstr(text, "<DLTBao Id=\""), *end = strstr(text, "</DLTBao>") + strlen("</DLTBao>");
	const char *place = strstr(text, "</CQT>"), *id = start + strlen("<DLTBao Id=\"");
	uint8_t digest[DIGEST_LEN];
	char data_id[64] = "";

	bytes_init(&signature, 1u << 20);
	memcpy(data_id, id, strcspn(id, "\""));
	digest_sha256(start, (size_t)(end - start), digest);
	pki_seal(pki, data_id, digest, "Tct-1", &signature);
	bytes_append(out, text, (size_t)(place - text));
	bytes_append(out, signature.data, signature.len);
	bytes_text(out, place);
}

#endif
