#include <openssl/err.h>
#include <openssl/evp.h>
#include <openssl/rsa.h>
#include <openssl/x509_vfy.h>
#include <openssl/x509v3.h>
#include <openssl/bn.h>
#include <stdio.h>
#include <string.h>

#include "wire/certificate.h"
#include "wire/verify_parts.h"

#define RSA_BITS_MIN	 2048
#define RSA_EXPONENT_MIN 65537
#define CHAIN_LEVEL	 2 /* OpenSSL security level: 112 bits, no SHA-1 within the chain */

DEFINE_CLEANUP(BIGNUM *, BN_free)
DEFINE_CLEANUP(X509_STORE_CTX *, X509_STORE_CTX_free)

static void check_key(struct verifying *v, X509 *cert)
{
	EVP_PKEY *key = X509_get0_pubkey(cert);
	CLEANUP(BN_freep) BIGNUM *exponent = NULL;

	if (!key || !EVP_PKEY_is_a(key, "RSA") || EVP_PKEY_get_bits(key) < RSA_BITS_MIN) {
		verify_fail(v->report, "key.weak", "the signer's key is not RSA of at least %d bits", RSA_BITS_MIN);
		return;
	}
	if (!EVP_PKEY_get_bn_param(key, "e", &exponent) || BN_is_negative(exponent) || !BN_is_odd(exponent) ||
		(BN_num_bits(exponent) <= 32 && BN_get_word(exponent) < RSA_EXPONENT_MIN))
		verify_fail(v->report, "key.weak", "the RSA exponent is below %d", RSA_EXPONENT_MIN);
}

/* The signer's own dates have a rule of their own (cert.validity), so they do not break the chain. */
static int on_chain_step(int is_good, X509_STORE_CTX *ctx)
{
	int error = X509_STORE_CTX_get_error(ctx);

	if (!is_good && X509_STORE_CTX_get_error_depth(ctx) == 0 &&
		(error == X509_V_ERR_CERT_HAS_EXPIRED || error == X509_V_ERR_CERT_NOT_YET_VALID))
		return 1;
	return is_good;
}

static int check_chain(struct verifying *v, X509 *cert, int64_t at_ms, struct fault *fault)
{
	CLEANUP(X509_STORE_CTX_freep) X509_STORE_CTX *ctx = NULL;
	X509_VERIFY_PARAM *param;
	int error;

	if (!v->anchors)
		return 0;
	ctx = X509_STORE_CTX_new();
	if (!ctx || X509_STORE_CTX_init(ctx, v->anchors, cert, NULL) != 1)
		return FAULT(fault, FAULT_MEMORY, "no memory to check a certificate's chain");
	param = X509_STORE_CTX_get0_param(ctx);
	X509_VERIFY_PARAM_set_time(param, (time_t)(at_ms / 1000));
	X509_VERIFY_PARAM_set_auth_level(param, CHAIN_LEVEL);
	/* The anchor may be an issuing authority whose own root is not configured. */
	X509_VERIFY_PARAM_set_flags(param, X509_V_FLAG_PARTIAL_CHAIN);
	X509_STORE_CTX_set_verify_cb(ctx, on_chain_step);
	if (X509_verify_cert(ctx) != 1) {
		error = X509_STORE_CTX_get_error(ctx);
		verify_fail(v->report, "cert.chain", "no path to an anchor: %s", X509_verify_cert_error_string(error));
	}
	ERR_clear_error();
	return 0;
}

static void check_dates(struct verifying *v, const struct certificate_facts *facts, int64_t signed_at)
{
	int64_t at = signed_at ? signed_at : v->settings->now_ms;

	if (at < facts->not_before || at > facts->not_after)
		verify_fail(v->report, "cert.validity", "the certificate was not valid at the time of signing");
	if (signed_at && signed_at < facts->not_before)
		verify_fail(v->report, "time.bounds", "the signing time is before the certificate");
}

static void check_tax_code(struct verifying *v, const struct verify_place *place, const struct certificate_facts *facts)
{
	const char *expected = v->settings->tax_code;

	if (!place->seller)
		return;
	if (facts->tax_code[0] == '\0')
		verify_fail(v->report, "cert.taxcode", "the certificate does not name exactly one tax code");
	else if (strcmp(facts->tax_code, place->seller) != 0)
		verify_fail(v->report, "cert.taxcode", "the certificate is of %s, the signed data of %s",
			facts->tax_code, place->seller);
	if (expected && strcmp(expected, place->seller) != 0)
		verify_fail(v->report, "cert.taxcode", "the signed data is of %s, expected was %s", place->seller,
			expected);
}

static void report_facts(struct verify_report *report, const struct certificate_facts *facts)
{
	memcpy(report->signer_subject, facts->subject, sizeof(report->signer_subject));
	memcpy(report->signer_tax_code, facts->tax_code, sizeof(report->signer_tax_code));
	memcpy(report->signer_serial, facts->serial_hex, sizeof(report->signer_serial));
}

int verify_certificate(
	struct verifying *v, const struct verify_place *place, X509 *cert, int64_t signed_at, struct fault *fault)
{
	struct certificate_facts facts;

	certificate_read(cert, &facts);
	if (place->is_main)
		report_facts(v->report, &facts);
	check_key(v, cert);
	check_dates(v, &facts, signed_at);
	if (!(X509_get_key_usage(cert) & (KU_DIGITAL_SIGNATURE | KU_NON_REPUDIATION)))
		verify_fail(v->report, "cert.usage", "the certificate is not for signatures");
	check_tax_code(v, place, &facts);
	return check_chain(v, cert, signed_at ? signed_at : v->settings->now_ms, fault);
}
