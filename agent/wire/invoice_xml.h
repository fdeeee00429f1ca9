/* invoice_xml: invoice → canonical bytes of HDon. */
#ifndef HOADON_WIRE_INVOICE_XML_H
#define HOADON_WIRE_INVOICE_XML_H

#include "base/bytes.h"
#include "core/invoice.h"

/* Where the parts of a written HDon are: offsets into the buffer, for sealing without parsing. */
struct invoice_spans {
	size_t data_start, data_end; /* <DLHDon …>…</DLHDon>: what a seller's signature digests */
	size_t seal_at;		     /* inside <DSCKS><NBan>, where Signature goes */
	char data_id[48];	     /* DLHDon/@Id: _ + symbol - number, for example _1C26MAA-1206 */
};

/**
 * invoice_xml() - the whole <HDon>…</HDon> of a bound invoice, canonical, unsigned, appended to @out
 * @ret_spans: offsets counted from the start of @out->data
 *
 * Return: 0, or FAULT_MEMORY. Thread: any. Source: format 5.1 (order of the table), profile switches of 1.2.
 */
int invoice_xml(const struct invoice *invoice, struct bytes *out, struct invoice_spans *ret_spans,
	struct fault *fault) MUST_CHECK;
/** invoice_xml_profile() - the version in which the bytes of an issued HDon are written (PBan); NULL when this program lacks it. Thread: any. */
const struct profile *invoice_xml_profile(const void *xml, size_t len);

#endif
