#include "wire/recurring.h"

#include "wire/invoice_xml.h"

int recurring_text(const struct seller *seller, const struct seal_input *signer, struct bytes *out, struct fault *fault)
{
	static const uint8_t no_digest[DIGEST_LEN];
	const struct invoice blank = {.seller = seller, .till = seller->till_count ? seller->tills : NULL};
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
