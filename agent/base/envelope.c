#include "base/envelope.h"

#include <limits.h>
#include <string.h>

#include <openssl/bio.h>
#include <openssl/cms.h>
#include <openssl/crypto.h>
#include <openssl/ec.h>
#include <openssl/err.h>
#include <openssl/pem.h>
#include <openssl/x509.h>

#include "base/crypto.h"
#include "base/digest.h"
#include "base/file.h"

#define SERIAL_BITS  64
#define DER_SEQUENCE 0x30

DEFINE_CLEANUP(EVP_PKEY *, EVP_PKEY_free)
DEFINE_CLEANUP(X509 *, X509_free)
DEFINE_CLEANUP(BIO *, BIO_free_all)
DEFINE_CLEANUP(BIGNUM *, BN_free)
DEFINE_CLEANUP(CMS_ContentInfo *, CMS_ContentInfo_free)

static BIO *reader(const void *bytes, size_t len)
{
	return len <= INT_MAX ? BIO_new_mem_buf(len ? bytes : "", (int)len) : NULL;
}

static int take(BIO *from, struct bytes *out, const char *what, struct fault *fault)
{
	char *data = NULL;
	long len = BIO_get_mem_data(from, &data);

	if (len > 0)
		bytes_append(out, data, (size_t)len);
	return bytes_check(out, what, fault);
}

/* ---- keys ---- */

/* A key that is used until the machine is given away has no well-defined end (RFC 5280, 4.1.2.5). */
static X509 *certify(EVP_PKEY *pkey, const char *name)
{
	CLEANUP(X509_freep) X509 *certificate = X509_new();
	BIGNUM *serial = BN_new();
	X509_NAME *subject = certificate ? X509_get_subject_name(certificate) : NULL;
	bool is_made =
		subject && serial && BN_rand(serial, SERIAL_BITS, BN_RAND_TOP_ONE, BN_RAND_BOTTOM_ANY) == 1 &&
		BN_to_ASN1_INTEGER(serial, X509_get_serialNumber(certificate)) &&
		X509_set_version(certificate, X509_VERSION_3) == 1 &&
		ASN1_TIME_set_string(X509_getm_notBefore(certificate), "20260101000000Z") == 1 &&
		ASN1_TIME_set_string(X509_getm_notAfter(certificate), "99991231235959Z") == 1 &&
		X509_NAME_add_entry_by_txt(subject, "CN", MBSTRING_UTF8, (const unsigned char *)name, -1, -1, 0) == 1 &&
		X509_set_issuer_name(certificate, subject) == 1 && X509_set_pubkey(certificate, pkey) == 1 &&
		X509_sign(certificate, pkey, EVP_sha256()) > 0;
	X509 *made = is_made ? certificate : NULL;

	BN_free(serial);
	if (is_made)
		certificate = NULL;
	return made;
}

int envelope_make_key(const char *path, const char *name, struct fault *fault)
{
	CLEANUP(EVP_PKEY_freep) EVP_PKEY *pkey = NULL;
	CLEANUP(X509_freep) X509 *certificate = NULL;
	CLEANUP(BIO_free_allp) BIO *bio = NULL;
	char *pem = NULL;
	long len;

	if (file_exists(path))
		return 0;
	pkey = EVP_EC_gen("P-256");
	certificate = pkey ? certify(pkey, name) : NULL;
	bio = BIO_new(BIO_s_secmem());
	if (!certificate || !bio || PEM_write_bio_PrivateKey(bio, pkey, NULL, NULL, 0, NULL, NULL) != 1 ||
		PEM_write_bio_X509(bio, certificate) != 1)
		return crypto_fault(fault, "a key for envelopes cannot be made");
	len = BIO_get_mem_data(bio, &pem);
	return len > 0 ? file_write(path, pem, (size_t)len, 0600, fault)
		       : crypto_fault(fault, "a key for envelopes cannot be written");
}

static X509 *read_certificate(const struct bytes *text)
{
	CLEANUP(BIO_free_allp) BIO *bio = reader(text->data, text->len);

	if (bio && text->len > 0 && text->data[0] == DER_SEQUENCE)
		return d2i_X509_bio(bio, NULL);
	return bio ? PEM_read_bio_X509(bio, NULL, crypto_no_passphrase, NULL) : NULL;
}

static EVP_PKEY *read_private(const struct bytes *pem)
{
	CLEANUP(BIO_free_allp) BIO *bio = reader(pem->data, pem->len);

	return bio ? PEM_read_bio_PrivateKey(bio, NULL, crypto_no_passphrase, NULL) : NULL;
}

int envelope_certificate(const struct bytes *pem, struct bytes *ret, struct fault *fault)
{
	CLEANUP(X509_freep) X509 *certificate = read_certificate(pem);
	CLEANUP(BIO_free_allp) BIO *bio = BIO_new(BIO_s_mem());

	if (!certificate || !bio || PEM_write_bio_X509(bio, certificate) != 1)
		return crypto_fault(fault, "there is no certificate (PEM)");
	return take(bio, ret, "a certificate", fault);
}

/* ---- seal ---- */

static int finish(CMS_ContentInfo *cms, BIO *in, struct bytes *out, struct fault *fault)
{
	CLEANUP(BIO_free_allp) BIO *der = BIO_new(BIO_s_mem());

	if (!der || CMS_final(cms, in, NULL, CMS_BINARY) != 1 || i2d_CMS_bio(der, cms) != 1)
		return crypto_fault(fault, "an envelope cannot be sealed");
	return take(der, out, "an envelope", fault);
}

int envelope_seal_to(
	const struct bytes *certificate, const void *bytes, size_t len, struct bytes *out, struct fault *fault)
{
	CLEANUP(X509_freep) X509 *holder = read_certificate(certificate);
	CLEANUP(BIO_free_allp) BIO *in = reader(bytes, len);
	CLEANUP(CMS_ContentInfo_freep) CMS_ContentInfo *cms = NULL;

	if (!holder)
		return crypto_fault(fault, "there is no certificate to seal an envelope to");
	cms = in ? CMS_encrypt(NULL, in, EVP_aes_256_gcm(), CMS_BINARY | CMS_PARTIAL) : NULL;
	if (!cms || !CMS_add1_recipient_cert(cms, holder, 0))
		return crypto_fault(fault, "an envelope cannot be sealed to this certificate");
	return finish(cms, in, out, fault);
}

/* The library owns and wipes both copies. */
static bool add_secret(CMS_ContentInfo *cms, const uint8_t *key, const char *id)
{
	uint8_t *own_key = OPENSSL_memdup(key, ENVELOPE_KEY_LEN);
	uint8_t *own_id = OPENSSL_memdup(id, strlen(id));

	if (own_key && own_id &&
		CMS_add0_recipient_key(cms, NID_undef, own_key, ENVELOPE_KEY_LEN, own_id, strlen(id), NULL, NULL, NULL))
		return true;
	OPENSSL_clear_free(own_key, ENVELOPE_KEY_LEN);
	OPENSSL_free(own_id);
	return false;
}

int envelope_seal_under(const uint8_t key[ENVELOPE_KEY_LEN], const char *id, const void *bytes, size_t len,
	struct bytes *out, struct fault *fault)
{
	CLEANUP(BIO_free_allp) BIO *in = reader(bytes, len);
	CLEANUP(CMS_ContentInfo_freep)
	CMS_ContentInfo *cms = in ? CMS_encrypt(NULL, in, EVP_aes_256_gcm(), CMS_BINARY | CMS_PARTIAL) : NULL;

	if (!cms || !*id || strlen(id) > ENVELOPE_ID_MAX || !add_secret(cms, key, id))
		return crypto_fault(fault, "an envelope cannot be sealed under a secret");
	return finish(cms, in, out, fault);
}

/* ---- open ---- */

/* Only ours: another kind of CMS vouches for nothing, or for somebody else's reason. */
static CMS_ContentInfo *read_cms(const void *der, size_t len)
{
	CLEANUP(BIO_free_allp) BIO *bio = reader(der, len);
	CMS_ContentInfo *cms = bio ? d2i_CMS_bio(bio, NULL) : NULL;

	if (cms && OBJ_obj2nid(CMS_get0_type(cms)) == NID_id_smime_ct_authEnvelopedData)
		return cms;
	CMS_ContentInfo_free(cms);
	return NULL;
}

/* The plain bytes leave only when the tag, which comes last, was right. */
static int decrypt(CMS_ContentInfo *cms, EVP_PKEY *pkey, X509 *certificate, struct bytes *out, struct fault *fault)
{
	CLEANUP(BIO_free_allp) BIO *plain = BIO_new(BIO_s_mem());
	bool is_ours = plain && CMS_decrypt(cms, pkey, certificate, NULL, plain, CMS_BINARY) == 1;

	ERR_clear_error();
	if (!plain)
		return FAULT(fault, FAULT_MEMORY, "no memory to open an envelope");
	return is_ours ? take(plain, out, "what is in an envelope", fault) : 1;
}

int envelope_open_with(const struct bytes *pem, const void *der, size_t len, struct bytes *out, struct fault *fault)
{
	CLEANUP(EVP_PKEY_freep) EVP_PKEY *pkey = read_private(pem);
	CLEANUP(X509_freep) X509 *certificate = read_certificate(pem);

	if (!pkey || !certificate)
		return crypto_fault(fault, "there is no private key with its certificate (PEM) to open an envelope");
	return envelope_open_as(pkey, certificate, der, len, out, fault);
}

int envelope_open_as(
	EVP_PKEY *pkey, X509 *certificate, const void *der, size_t len, struct bytes *out, struct fault *fault)
{
	CLEANUP(CMS_ContentInfo_freep) CMS_ContentInfo *cms = read_cms(der, len);

	ERR_clear_error();
	return cms ? decrypt(cms, pkey, certificate, out, fault) : 1;
}

static CMS_RecipientInfo *only_recipient(CMS_ContentInfo *cms, int kind)
{
	STACK_OF(CMS_RecipientInfo) *recipients = cms ? CMS_get0_RecipientInfos(cms) : NULL;
	CMS_RecipientInfo *only =
		sk_CMS_RecipientInfo_num(recipients) == 1 ? sk_CMS_RecipientInfo_value(recipients, 0) : NULL;

	return only && CMS_RecipientInfo_type(only) == kind ? only : NULL;
}

int envelope_serial(const void *der, size_t len, char ret[ENVELOPE_SERIAL_MAX])
{
	CLEANUP(CMS_ContentInfo_freep) CMS_ContentInfo *cms = read_cms(der, len);
	CMS_RecipientInfo *only = only_recipient(cms, CMS_RECIPINFO_TRANS);
	ASN1_INTEGER *serial = NULL;
	bool is_named = only && CMS_RecipientInfo_ktri_get0_signer_id(only, NULL, NULL, &serial) == 1 && serial;
	CLEANUP(BN_freep) BIGNUM *number = is_named ? ASN1_INTEGER_to_BN(serial, NULL) : NULL;
	uint8_t bytes[ENVELOPE_SERIAL_MAX / 2 - 1];

	ERR_clear_error();
	if (!number || BN_is_zero(number) || BN_num_bytes(number) > (int)sizeof(bytes))
		return 1;
	hex_format(bytes, (size_t)BN_bn2bin(number, bytes), ret);
	return 0;
}

int envelope_id(const void *der, size_t len, char ret[ENVELOPE_ID_MAX + 1])
{
	CLEANUP(CMS_ContentInfo_freep) CMS_ContentInfo *cms = read_cms(der, len);
	CMS_RecipientInfo *only = only_recipient(cms, CMS_RECIPINFO_KEK);
	ASN1_OCTET_STRING *id = NULL;
	bool is_named = only && CMS_RecipientInfo_kekri_get0_id(only, NULL, &id, NULL, NULL, NULL) == 1 && id &&
			ASN1_STRING_length(id) <= ENVELOPE_ID_MAX;

	ERR_clear_error();
	if (!is_named)
		return 1;
	memcpy(ret, ASN1_STRING_get0_data(id), (size_t)ASN1_STRING_length(id));
	ret[ASN1_STRING_length(id)] = 0;
	return 0;
}

int envelope_open_under(const uint8_t key[ENVELOPE_KEY_LEN], const char *id, const void *der, size_t len,
	struct bytes *out, struct fault *fault)
{
	CLEANUP(CMS_ContentInfo_freep) CMS_ContentInfo *cms = read_cms(der, len);
	uint8_t copy[ENVELOPE_KEY_LEN];
	bool is_set;

	memcpy(copy, key, sizeof(copy));
	/* It reads both; without an id it would take any secret's envelope. */
	is_set = cms && CMS_decrypt_set1_key(
				cms, copy, sizeof(copy), (const unsigned char *)id, (ossl_ssize_t)strlen(id)) == 1;
	OPENSSL_cleanse(copy, sizeof(copy));
	ERR_clear_error();
	return is_set ? decrypt(cms, NULL, NULL, out, fault) : 1;
}
