#include "wire/recurring.h"

#include <string.h>

#include "core/law.h"
#include "wire/invoice_xml.h"

#define SIGNER_MAX 16384 /* more than a chain of three certificates */

int recurring_text(const struct seller *seller, const struct seal_input *signer, struct bytes *out, struct fault *fault)
{
	static const uint8_t no_digest[DIGEST_LEN];
	const struct invoice blank = {.seller = seller,
		.till = seller->till_count ? seller->tills : NULL,
		.profile = seller_profile(seller, LAW_ALWAYS)};
	struct seal_input seal = *signer;
	struct invoice_spans spans;
	int err = invoice_xml(&blank, out, &spans, fault);

	if (err || !signer->certificate_len)
		return err;
	seal.data_id = seal.signature_id = spans.data_id;
	seal.data_digest = no_digest;
	seal.signed_at = 0;
	return seal_finish(&seal, NULL, 0, out, fault);
}

void recurring_signer(const void *xml, size_t len, struct bytes *out)
{
	static const char tag[] = "X509Data>"; /* behind any prefix, opening and closing */
	const size_t tag_len = sizeof(tag) - 1;
	const char *from = memmem(xml, len, tag, tag_len);
	const char *end;

	if (!from)
		return;
	from += tag_len;
	end = memmem(from, len - (size_t)(from - (const char *)xml), tag, tag_len);
	if (end && end - from <= SIGNER_MAX)
		bytes_append(out, from, (size_t)(end - from));
}
