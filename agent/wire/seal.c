#include "wire/seal.h"

#include "base/clock.h"
#include "wire/xml_write.h"

#define XMLDSIG		 "http://www.w3.org/2000/09/xmldsig#"
#define SEAL_PART_MAX	 ((size_t)8192)
#define DIGEST_ALGORITHM "http://www.w3.org/2001/04/xmlenc#sha256"

/*
 * SignedInfo and Object inherit the namespace of Signature, so their canonical form declares it on themselves, while inside
 * Signature they are written without it (format 7.5 rule 1). One function writes both, so that they cannot drift apart.
 */
enum form { AS_DIGESTED, AS_WRITTEN };

static void open_part(struct bytes *out, const char *tag, enum form form)
{
	bytes_char(out, '<');
	bytes_text(out, tag);
	if (form == AS_DIGESTED)
		bytes_text(out, " xmlns=\"" XMLDSIG "\"");
}

/* Variant (a) of format 7.4: SignatureProperties stay in the xmldsig namespace. */
static void write_object(const struct seal_input *input, enum form form, struct bytes *out)
{
	char time[CLOCK_TEXT_MAX];

	clock_format_plain(input->signed_at, time);
	open_part(out, "Object", form);
	bytes_text(out, " Id=\"Obj-");
	xml_attr_text(out, input->signature_id);
	bytes_text(out, "\"><SignatureProperties><SignatureProperty Target=\"#");
	xml_attr_text(out, input->signature_id);
	bytes_text(out, "\"><SigningTime>");
	bytes_text(out, time);
	bytes_text(out, "</SigningTime></SignatureProperty></SignatureProperties></Object>");
}

static void write_digest(struct bytes *out, const uint8_t digest[DIGEST_LEN])
{
	bytes_text(out, "<DigestMethod Algorithm=\"" DIGEST_ALGORITHM "\"></DigestMethod><DigestValue>");
	bytes_base64(out, digest, DIGEST_LEN);
	bytes_text(out, "</DigestValue></Reference>");
}

/* Format 7.1: the enveloped transform on the data reference only, as real senders write it. */
static void write_signed_info(
	const struct seal_input *input, const uint8_t object_digest[DIGEST_LEN], enum form form, struct bytes *out)
{
	open_part(out, "SignedInfo", form);
	bytes_text(out, "><CanonicalizationMethod Algorithm=\"http://www.w3.org/TR/2001/REC-xml-c14n-20010315\">"
			"</CanonicalizationMethod>"
			"<SignatureMethod Algorithm=\"http://www.w3.org/2001/04/xmldsig-more#rsa-sha256\">"
			"</SignatureMethod><Reference URI=\"#");
	xml_attr_text(out, input->data_id);
	bytes_text(out,
		"\"><Transforms><Transform Algorithm=\"" XMLDSIG "enveloped-signature\"></Transform></Transforms>");
	write_digest(out, input->data_digest);
	bytes_text(out, "<Reference URI=\"#Obj-");
	xml_attr_text(out, input->signature_id);
	bytes_text(out, "\">");
	write_digest(out, object_digest);
	bytes_text(out, "</SignedInfo>");
}

static int digest_object(const struct seal_input *input, uint8_t out[DIGEST_LEN], struct fault *fault)
{
	BYTES_CLEANUP struct bytes object = {0};
	int err;

	bytes_init(&object, SEAL_PART_MAX);
	write_object(input, AS_DIGESTED, &object);
	err = bytes_check(&object, "a signature's Object", fault);
	if (err)
		return err;
	digest_sha256(object.data, object.len, out);
	return 0;
}

int seal_prepare(const struct seal_input *input, uint8_t ret_digest[DIGEST_LEN], struct fault *fault)
{
	BYTES_CLEANUP struct bytes info = {0};
	uint8_t object_digest[DIGEST_LEN];
	int err;

	err = digest_object(input, object_digest, fault);
	if (err)
		return err;
	bytes_init(&info, SEAL_PART_MAX);
	write_signed_info(input, object_digest, AS_DIGESTED, &info);
	err = bytes_check(&info, "SignedInfo", fault);
	if (err)
		return err;
	digest_sha256(info.data, info.len, ret_digest);
	return 0;
}

static void write_key_info(const struct seal_input *input, struct bytes *out)
{
	bytes_text(out, "<KeyInfo><X509Data>");
	xml_element(out, "X509SubjectName", input->subject);
	bytes_text(out, "<X509Certificate>");
	bytes_base64(out, input->certificate, input->certificate_len);
	bytes_text(out, "</X509Certificate></X509Data></KeyInfo>");
}

int seal_finish(const struct seal_input *input, const uint8_t *signature, size_t signature_len, struct bytes *out,
	struct fault *fault)
{
	uint8_t object_digest[DIGEST_LEN];
	int err;

	err = digest_object(input, object_digest, fault);
	if (err)
		return err;
	bytes_text(out, "<Signature xmlns=\"" XMLDSIG "\" Id=\"");
	xml_attr_text(out, input->signature_id);
	bytes_text(out, "\">");
	write_signed_info(input, object_digest, AS_WRITTEN, out);
	bytes_text(out, "<SignatureValue>");
	bytes_base64(out, signature, signature_len);
	bytes_text(out, "</SignatureValue>");
	write_key_info(input, out);
	write_object(input, AS_WRITTEN, out);
	bytes_text(out, "</Signature>");
	return bytes_check(out, "a signed document", fault);
}
