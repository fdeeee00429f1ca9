#include "wire/certificate.h"

#include <ctype.h>
#include <stdbool.h>
#include <stdio.h>
#include <string.h>
#include <time.h>

#include <openssl/bio.h>
#include <openssl/bn.h>
#include <openssl/err.h>
#include <openssl/objects.h>

DEFINE_CLEANUP(BIO *, BIO_free_all)
DEFINE_CLEANUP(BIGNUM *, BN_free)

static void read_subject(const X509 *cert, char *out, size_t room)
{
	CLEANUP(BIO_free_allp) BIO *text = BIO_new(BIO_s_mem());
	const char *data = NULL;
	long len;

	out[0] = '\0';
	/* Without ESC_MSB Vietnamese names stay readable; the text is UTF-8. */
	if (!text || X509_NAME_print_ex(text, X509_get_subject_name(cert), 0,
			     XN_FLAG_RFC2253 & ~(unsigned long)ASN1_STRFLGS_ESC_MSB) < 0)
		return;
	len = BIO_get_mem_data(text, &data);
	if (len > 0 && (size_t)len < room)
		snprintf(out, room, "%.*s", (int)len, data);
}

static void read_serial(const X509 *cert, char *out, size_t room)
{
	CLEANUP(BN_freep) BIGNUM *number = ASN1_INTEGER_to_BN(X509_get0_serialNumber(cert), NULL);
	char *hex = number ? BN_bn2hex(number) : NULL;

	snprintf(out, room, "%s", hex ? hex : "");
	for (char *p = out; *p; p++)
		*p = (char)tolower((unsigned char)*p);
	OPENSSL_free(hex);
}

static int64_t read_time(const ASN1_TIME *time)
{
	struct tm tm = {0};

	return ASN1_TIME_to_tm(time, &tm) == 1 ? (int64_t)timegm(&tm) * 1000 : 0;
}

/* How many UID values begin with @prefix, the rest of the last one in @out; one that is no code at all counts as two. */
static int find_uid(const X509 *cert, const char *prefix, char out[16])
{
	const X509_NAME *name = X509_get_subject_name(cert);
	size_t skip = strlen(prefix);
	int found = 0;

	for (int at = -1; (at = X509_NAME_get_index_by_NID(name, NID_userId, at)) >= 0;) {
		const ASN1_STRING *value = X509_NAME_ENTRY_get_data(X509_NAME_get_entry(name, at));
		unsigned char *text = NULL;
		int len = ASN1_STRING_to_UTF8(&text, value);

		if (len >= (int)skip && memcmp(text, prefix, skip) == 0) {
			size_t rest = (size_t)len - skip;
			bool is_code = rest > 0 && rest < 16 && strspn((char *)text + skip, "0123456789-") == rest;

			found += is_code ? 1 : 2;
			if (is_code)
				snprintf(out, 16, "%.*s", (int)rest, (char *)text + skip);
		}
		OPENSSL_free(text);
	}
	return found;
}

static void read_tax_code(const X509 *cert, char out[16])
{
	int found = find_uid(cert, "MST:", out);

	/* The personal number of a household's owner is its tax code (format 7.5 rule 3, inferred). */
	if (found == 0)
		found = find_uid(cert, "CCCD:", out);
	if (found != 1)
		out[0] = '\0';
}

void certificate_read(const X509 *cert, struct certificate_facts *ret)
{
	memset(ret, 0, sizeof(*ret));
	read_subject(cert, ret->subject, sizeof(ret->subject));
	read_serial(cert, ret->serial_hex, sizeof(ret->serial_hex));
	read_tax_code(cert, ret->tax_code);
	ret->not_before = read_time(X509_get0_notBefore(cert));
	ret->not_after = read_time(X509_get0_notAfter(cert));
	ERR_clear_error();
}
