#include "pki.h"
#include "clock.h"

#include <errno.h>
#include <openssl/bn.h>
#include <openssl/core_names.h>
#include <openssl/err.h>
#include <openssl/evp.h>
#include <openssl/param_build.h>
#include <openssl/pem.h>
#include <openssl/pkcs12.h>
#include <openssl/rand.h>
#include <openssl/rsa.h>
#include <openssl/x509v3.h>
#include <stdlib.h>
#include <string.h>
#include <strings.h>
#include <sys/stat.h>

static int failed(const char *what)
{
	char text[160];

	ERR_error_string_n(ERR_get_error(), text, sizeof text);
	ERR_clear_error();
	log_event("pki-failed what=%s error=\"%s\"", what, text);
	return -1;
}

static int add_name(X509_NAME *name, const char *field, const char *value)
{
	if (!value)
		return 1;
	return X509_NAME_add_entry_by_txt(name, field, MBSTRING_UTF8, (const unsigned char *)value, -1, -1, 0);
}

static int add_extension(X509 *cert, X509 *issuer, int nid, const char *value)
{
	X509V3_CTX ctx;

	if (!value)
		return 1;
	X509V3_set_ctx(&ctx, issuer, cert, NULL, NULL, 0);
	X509_EXTENSION *extension = X509V3_EXT_conf_nid(NULL, &ctx, nid, value);
	if (!extension)
		return 0;
	int ok = X509_add_ext(cert, extension, -1);
	X509_EXTENSION_free(extension);
	return ok;
}

static int set_serial(X509 *cert)
{
	unsigned char random[16];

	if (RAND_bytes(random, sizeof random) != 1)
		return 0;
	random[0] = (random[0] & 0x3F) | 0x40;
	BIGNUM *number = BN_bin2bn(random, sizeof random, NULL);
	int ok = number && BN_to_ASN1_INTEGER(number, X509_get_serialNumber(cert)) != NULL;
	BN_free(number);
	return ok;
}

static int fill(const struct subject *s, X509 *cert, X509 *issuer, int64_t from_ms)
{
	X509_NAME *name = X509_get_subject_name(cert);
	time_t from = (time_t)(from_ms / 1000);

	return X509_set_version(cert, X509_VERSION_3) && set_serial(cert) && add_name(name, "C", "VN") &&
	       add_name(name, "O", s->organisation) && add_name(name, "CN", s->common_name) &&
	       add_name(name, "UID", s->user_id) && X509_set_issuer_name(cert, X509_get_subject_name(issuer)) &&
	       ASN1_TIME_set(X509_getm_notBefore(cert), from) &&
	       ASN1_TIME_adj(X509_getm_notAfter(cert), from, s->days ? s->days : 731, 0) &&
	       add_extension(
		       cert, issuer, NID_basic_constraints, s->is_ca ? "critical,CA:TRUE" : "critical,CA:FALSE") &&
	       add_extension(cert, issuer, NID_key_usage, s->key_usage) &&
	       add_extension(cert, issuer, NID_ext_key_usage, s->extended_usage) &&
	       add_extension(cert, issuer, NID_subject_alt_name, s->alt_names) &&
	       add_extension(cert, issuer, NID_subject_key_identifier, "hash");
}

static int find_prime(BIGNUM *prime)
{
	do {
		if (!BN_generate_prime_ex(prime, 1024, 0, NULL, NULL, NULL))
			return 0;
	} while (BN_mod_word(prime, RSA_F4) == 1);
	return 1;
}

/* RSA of 2048 bits from two random primes. EVP_RSA_gen() also proves where its primes come from (FIPS 186-4) and takes three times as long. */
static EVP_PKEY *make_rsa(void)
{
	BN_CTX *bn = BN_CTX_new();
	OSSL_PARAM_BLD *build = OSSL_PARAM_BLD_new();
	EVP_PKEY_CTX *ctx = EVP_PKEY_CTX_new_from_name(NULL, "RSA", NULL);
	OSSL_PARAM *params = NULL;
	EVP_PKEY *key = NULL;

	BN_CTX_start(bn);
	BIGNUM *p = BN_CTX_get(bn), *q = BN_CTX_get(bn), *n = BN_CTX_get(bn), *e = BN_CTX_get(bn), *d = BN_CTX_get(bn);
	BIGNUM *p1 = BN_CTX_get(bn), *q1 = BN_CTX_get(bn), *phi = BN_CTX_get(bn), *inverse = BN_CTX_get(bn);
	if (inverse && build && ctx && BN_set_word(e, RSA_F4) && find_prime(p) && find_prime(q) &&
		BN_mul(n, p, q, bn) && BN_sub(p1, p, BN_value_one()) && BN_sub(q1, q, BN_value_one()) &&
		BN_mul(phi, p1, q1, bn) && BN_mod_inverse(d, e, phi, bn) && BN_mod(p1, d, p1, bn) &&
		BN_mod(q1, d, q1, bn) && BN_mod_inverse(inverse, q, p, bn) &&
		OSSL_PARAM_BLD_push_BN(build, OSSL_PKEY_PARAM_RSA_N, n) &&
		OSSL_PARAM_BLD_push_BN(build, OSSL_PKEY_PARAM_RSA_E, e) &&
		OSSL_PARAM_BLD_push_BN(build, OSSL_PKEY_PARAM_RSA_D, d) &&
		OSSL_PARAM_BLD_push_BN(build, OSSL_PKEY_PARAM_RSA_FACTOR1, p) &&
		OSSL_PARAM_BLD_push_BN(build, OSSL_PKEY_PARAM_RSA_FACTOR2, q) &&
		OSSL_PARAM_BLD_push_BN(build, OSSL_PKEY_PARAM_RSA_EXPONENT1, p1) &&
		OSSL_PARAM_BLD_push_BN(build, OSSL_PKEY_PARAM_RSA_EXPONENT2, q1) &&
		OSSL_PARAM_BLD_push_BN(build, OSSL_PKEY_PARAM_RSA_COEFFICIENT1, inverse) &&
		(params = OSSL_PARAM_BLD_to_param(build)) && EVP_PKEY_fromdata_init(ctx) == 1)
		EVP_PKEY_fromdata(ctx, &key, EVP_PKEY_KEYPAIR, params);
	OSSL_PARAM_free(params);
	OSSL_PARAM_BLD_free(build);
	EVP_PKEY_CTX_free(ctx);
	BN_CTX_end(bn);
	BN_CTX_free(bn);
	return key;
}

int pki_issue(const struct subject *subject, const struct identity *issuer, int64_t from_ms, struct identity *ret)
{
	struct identity id = {0};

	id.key = subject->elliptic ? EVP_EC_gen("P-256") : make_rsa();
	id.certificate = X509_new();
	if (!id.key || !id.certificate || !X509_set_pubkey(id.certificate, id.key)) {
		pki_identity_done(&id);
		return failed("key");
	}
	X509 *issued_by = issuer ? issuer->certificate : id.certificate;
	if (!fill(subject, id.certificate, issued_by, from_ms) ||
		!add_extension(id.certificate, issued_by, NID_authority_key_identifier, issuer ? "keyid" : NULL) ||
		!X509_sign(id.certificate, issuer ? issuer->key : id.key, EVP_sha256())) {
		pki_identity_done(&id);
		return failed("certificate");
	}
	*ret = id;
	return 0;
}

void pki_identity_done(struct identity *id)
{
	EVP_PKEY_free(id->key);
	X509_free(id->certificate);
	*id = (struct identity){0};
}

/* Write what a memory BIO holds to DIR/NAME+SUFFIX. */
static int save_bio(BIO *bio, const char *dir, const char *name, const char *suffix, unsigned mode)
{
	char path[4096], *data;
	long len = BIO_get_mem_data(bio, &data);

	if (!str_printf(path, sizeof path, "%s/%s%s", dir, name, suffix) ||
		file_write(path, mode, data, (size_t)len) != 0) {
		log_event("pki-failed what=write path=%s error=%d", path, errno);
		return -1;
	}
	return 0;
}

int pki_save(const struct identity *id, const char *dir, const char *name, bool with_key)
{
	BIO *crt = BIO_new(BIO_s_mem()), *key = BIO_new(BIO_s_mem());
	int rc = -1;

	if (!crt || !key || !PEM_write_bio_X509(crt, id->certificate) ||
		!PEM_write_bio_PKCS8PrivateKey(key, id->key, NULL, NULL, 0, NULL, NULL))
		failed("pem");
	else
		rc = save_bio(crt, dir, name, ".crt.pem", 0644);
	if (rc == 0 && with_key)
		rc = save_bio(key, dir, name, ".key.pem", 0600);
	BIO_free(crt);
	BIO_free(key);
	return rc;
}

int pki_save_p12(const struct identity *id, const struct identity *issuer, const char *dir, const char *name,
	const char *password)
{
	STACK_OF(X509) *chain = sk_X509_new_null();
	BIO *bio = BIO_new(BIO_s_mem());
	int rc = -1;

	if (chain)
		sk_X509_push(chain, issuer->certificate);
	/* zeros: the defaults of OpenSSL 3, PBES2 with AES-256-CBC and a SHA-256 MAC */
	PKCS12 *p12 = PKCS12_create(password, name, id->key, id->certificate, chain, 0, 0, 0, 0, 0);
	if (!p12 || !bio || !i2d_PKCS12_bio(bio, p12))
		failed("pkcs12");
	else
		rc = save_bio(bio, dir, name, ".p12", 0600);
	PKCS12_free(p12);
	sk_X509_free(chain);
	BIO_free(bio);
	return rc;
}

void pki_serial(const X509 *certificate, char *out, size_t size)
{
	BIGNUM *number = ASN1_INTEGER_to_BN(X509_get0_serialNumber(certificate), NULL);
	char *hex = number ? BN_bn2hex(number) : NULL;

	str_copy(out, size, hex ? hex : "");
	for (char *c = out; *c; c++)
		*c = *c >= 'A' && *c <= 'F' ? (char)(*c + 32) : *c;
	OPENSSL_free(hex);
	BN_free(number);
}

X509_STORE *pki_trust_load(const char *dir)
{
	char path[4096];
	X509_STORE *store = X509_STORE_new();

	str_printf(path, sizeof path, "%s/ca.crt.pem", dir);
	if (!store || !X509_STORE_load_file(store, path)) {
		X509_STORE_free(store);
		failed("trust");
		return NULL;
	}
	return store;
}

/* Chain to our CA at the signing time: S203 (not from a known CA) or S204 (not valid at that time). */
static int check_chain(X509_STORE *trust, X509 *cert, int64_t signing_ms, struct reason *why)
{
	X509_STORE_CTX *ctx = X509_STORE_CTX_new();

	if (!ctx || !X509_STORE_CTX_init(ctx, trust, cert, NULL)) {
		X509_STORE_CTX_free(ctx);
		return reason_set(why, "S203", "Không kiểm tra được chứng thư số");
	}
	X509_STORE_CTX_set_time(ctx, 0, (time_t)(signing_ms / 1000));
	int ok = X509_verify_cert(ctx);
	int error = X509_STORE_CTX_get_error(ctx);
	X509_STORE_CTX_free(ctx);
	ERR_clear_error();
	if (ok == 1)
		return 0;
	if (error == X509_V_ERR_CERT_HAS_EXPIRED || error == X509_V_ERR_CERT_NOT_YET_VALID)
		return reason_set(why, "S204", "Chứng thư số không có hiệu lực tại thời điểm ký");
	return reason_set(why, "S203", "Chứng thư số không do tổ chức được công nhận cấp: %s",
		X509_verify_cert_error_string(error));
}

/* Exactly one UID with "MST:", and it is the tax code (format 7.5 item 3). */
static int check_tax_code(X509 *cert, const char *tax_code, struct reason *why)
{
	X509_NAME *name = X509_get_subject_name(cert);
	int found = 0, equal = 0;
	char wanted[32];

	str_printf(wanted, sizeof wanted, "MST:%s", tax_code);
	for (int at = -1; (at = X509_NAME_get_index_by_NID(name, NID_userId, at)) >= 0;) {
		unsigned char *utf8 = NULL;
		int len = ASN1_STRING_to_UTF8(&utf8, X509_NAME_ENTRY_get_data(X509_NAME_get_entry(name, at)));
		if (len >= 4 && memcmp(utf8, "MST:", 4) == 0) {
			found++;
			equal += (size_t)len == strlen(wanted) && memcmp(utf8, wanted, (size_t)len) == 0;
		}
		OPENSSL_free(utf8);
	}
	if (found == 1 && equal == 1)
		return 0;
	return reason_set(why, "S205", "Chứng thư số không phải của mã số thuế %s", tax_code);
}

/* RSA of 2048 bits or more with a sound exponent (format 7.1), allowed to sign. */
static int check_key(X509 *cert, struct reason *why)
{
	EVP_PKEY *key = X509_get0_pubkey(cert);
	BIGNUM *exponent = NULL;
	bool strong = key && EVP_PKEY_is_a(key, "RSA") && EVP_PKEY_get_bits(key) >= 2048 &&
		      EVP_PKEY_get_bn_param(key, "e", &exponent) && BN_get_word(exponent) >= 65537;

	BN_free(exponent);
	if (!strong)
		return reason_set(why, "S201", "Khóa ký phải là RSA từ 2048 bit");
	uint32_t usage = X509_get_key_usage(cert);
	if (!(usage & (KU_DIGITAL_SIGNATURE | KU_NON_REPUDIATION)))
		return reason_set(why, "S203", "Chứng thư số không dùng để ký");
	return 0;
}

int pki_check_signer(X509_STORE *trust, const unsigned char *der, size_t len, int64_t signing_ms, const char *tax_code,
	char ret_serial[64], struct reason *why)
{
	const unsigned char *at = der;
	X509 *cert = d2i_X509(NULL, &at, (long)len);

	ret_serial[0] = '\0';
	if (!cert || at != der + len) {
		X509_free(cert);
		ERR_clear_error();
		return reason_set(why, "S201", "Không đọc được X509Certificate");
	}
	pki_serial(cert, ret_serial, 64);
	int rc = check_key(cert, why);
	if (rc == 0)
		rc = check_chain(trust, cert, signing_ms, why);
	if (rc == 0)
		rc = check_tax_code(cert, tax_code, why);
	X509_free(cert);
	return rc;
}
