#include "check_invoice.h"
#include "clock.h"
#include "fields.h"
#include "number.h"
#include "xml.h"

#include <openssl/evp.h>
#include <stdlib.h>
#include <string.h>

static int64_t whole(const xmlNode *node, const char *tag)
{
	char text[XML_VALUE];
	struct number n;

	return xml_get(node, tag, text) && number_parse(text, &n) ? number_whole(n) : 0;
}

/* SHA-256 of the canonical bytes; empty when C14N refuses (a relative namespace, which the signature check refuses). */
static void digest(xmlNode *node, char out[65])
{
	CLEANUP(text_done) struct text bytes = {0};
	unsigned char hash[EVP_MAX_MD_SIZE];
	unsigned len = 0;

	if (xml_canonical(node, &bytes) != 0 || !EVP_Digest(bytes.data, bytes.len, hash, &len, EVP_sha256(), NULL))
		return;
	for (unsigned i = 0; i < len; i++)
		str_printf(out + 2 * i, 3, "%02x", hash[i]);
}

static bool is_number(const char *text)
{
	return str_digits(text, 8) && text[0] != '0'; /* 1 to 99,999,999 without leading zeros (format 2.5) */
}

void invoice_read(xmlNode *node, struct invoice *ret)
{
	const xmlNode *head = xml_path(node, "DLHDon/TTChung"), *totals = xml_path(node, "DLHDon/NDHDon/TToan");
	char number_text[16];

	*ret = (struct invoice){0};
	xml_copy(head, "KHMSHDon", ret->form, sizeof ret->form);
	xml_copy(head, "KHHDon", ret->serial, sizeof ret->serial);
	xml_copy(head, "NLap", ret->date, sizeof ret->date);
	xml_copy(node, "MCCQT", ret->code, sizeof ret->code);
	if (xml_copy(head, "SHDon", number_text, sizeof number_text) && is_number(number_text))
		ret->number = atoll(number_text);
	ret->total = whole(totals, "TgTTTBSo");
	ret->net = strcmp(ret->form, "1") == 0 ? whole(totals, "TgTCThue") : ret->total;
	ret->vat = strcmp(ret->form, "1") == 0 ? whole(totals, "TgTThue") : 0;
	const xmlNode *signer = xml_path(node, "DSCKS/NBan");
	ret->is_signed = xml_count(signer, NULL) > 0;
	digest(node, ret->sha256);
}

/* format 2.5: serial [CK]yy[type][2 letters]; C for 206, K for 216; M; year of NLap */
static int check_symbol(const struct rules *r, const struct invoice *i, struct reason *why)
{
	if (!str_match(i->form, "^[1-9]$"))
		return reason_set(why, "S402", "KHMSHDon sai: %s", i->form);
	if (!str_match(i->serial, "^[CK][0-9]{2}[TDLMNBGHXF][A-Z0-9]{2}$") || i->serial[3] != 'M')
		return reason_set(why, "S402", "KHHDon không phải ký hiệu máy tính tiền: %s", i->serial);
	if (i->serial[0] != (r->type == 206 ? 'C' : 'K'))
		return reason_set(why, "S402", "KHHDon %s không dùng cho thông điệp %d", i->serial, r->type);
	if (strncmp(i->serial + 1, i->date + 2, 2) != 0)
		return reason_set(why, "S402", "Năm trong KHHDon %s khác năm của NLap %s", i->serial, i->date);
	if (i->number == 0)
		return reason_set(why, "S402", "SHDon phải từ 1 đến 99999999, không có số 0 ở đầu");
	return 0;
}

/* format 12.1 step 9 and 5 item 5: not in the future; within date_window_days working days */
static int check_date(const struct rules *r, const struct invoice *i, struct notes *notes, struct reason *why)
{
	int day;

	if (!clock_parse_date(i->date, &day))
		return reason_set(why, "S403", "NLap sai: %s", i->date);
	if (day > r->today)
		return reason_set(why, "S403", "NLap %s sau ngày nhận", i->date);
	int late = clock_working_days(day, r->today);
	if (late <= r->knobs->date_window_days)
		return 0;
	if (r->knobs->strict_dates)
		return reason_set(why, "S403", "NLap %s quá thời hạn gửi", i->date);
	notes_add(notes, "%s;%s;%lld: NLap lies %d working days back", i->form, i->serial, (long long)i->number, late);
	return 0;
}

/* format 2.6: M, form, year of NLap, the seller's own 5 characters, 11 digits; none in 216 */
static int check_code(const struct rules *r, const xmlNode *node, const struct invoice *i, struct reason *why)
{
	char code[XML_VALUE], prefix[24];
	bool has_code = xml_get(node, "MCCQT", code);

	if (r->type == 216)
		return has_code ? reason_set(why, "S404", "Hóa đơn không có mã không được có MCCQT") : 0;
	if (!has_code)
		return reason_set(why, "S404", "Thiếu MCCQT");
	if (!str_match(code, "^M[1-9]-[0-9]{2}-[A-Z0-9]{5}-[0-9]{11}$"))
		return reason_set(why, "S404", "MCCQT sai cấu trúc: %.40s", code);
	str_printf(prefix, sizeof prefix, "M%s-%.2s-%s-", i->form, i->date + 2, r->seller->key);
	if (strncmp(code, prefix, strlen(prefix)) != 0)
		return reason_set(why, "S404", "MCCQT không bắt đầu bằng %s", prefix);
	return 0;
}

/* format 5.1 item 1, 5.3 and the values of format 2.7 that lengths do not catch */
static int check_content(const struct rules *r, const xmlNode *node, struct notes *notes, struct reason *why)
{
	const xmlNode *data = xml_child(node, "DLHDon"), *head = xml_child(data, "TTChung");
	const xmlNode *related = xml_child(head, "TTHDLQuan");
	char value[XML_VALUE], tax_code[16];

	if (!xml_copy(xml_path(data, "NDHDon/NBan"), "MST", tax_code, sizeof tax_code) ||
		strcmp(tax_code, r->seller->tax_code) != 0)
		return reason_set(why, "S401", "MST người bán khác MST của thông điệp: HDon/DLHDon/NDHDon/NBan/MST");
	xml_get(head, "DVTTe", value);
	if (strcmp(value, "VND") != 0 && !xml_get(head, "TGia", value))
		return reason_set(why, "S401", "Thiếu tỷ giá: HDon/DLHDon/TTChung/TGia");
	if (xml_get(head, "MSTTCGP", value) && !registry_knows(r->registry, "providers", value))
		notes_add(notes, "solution provider %s is not registered", value);
	if (!related)
		return 0;
	xml_get(related, "TCHDon", value);
	if (!str_match(value, "^[12]$")) /* 3 and 4 only with 208/210 (format 1.2) */
		return reason_set(why, "S401", "Sai giá trị: HDon/DLHDon/TTChung/TTHDLQuan/TCHDon");
	static const char *const old[] = {"KHMSHDCLQuan", "KHHDCLQuan", "SHDCLQuan", "NLHDCLQuan"};
	for (size_t i = 0; i < sizeof old / sizeof old[0]; i++) {
		if (!xml_get(related, old[i], value))
			return reason_set(why, "S401", "Thiếu chỉ tiêu: HDon/DLHDon/TTChung/TTHDLQuan/%s", old[i]);
	}
	if (strcmp(r->knobs->profile, "2.1.1") == 0 &&
		!xml_get(related, "LDDCTThe", value)) /* rel_reason, format 1.2 */
		return reason_set(why, "S401", "Thiếu chỉ tiêu: HDon/DLHDon/TTChung/TTHDLQuan/LDDCTThe");
	return 0;
}

static int check_totals(
	const struct rules *r, const xmlNode *node, const struct invoice *i, struct notes *notes, struct reason *why)
{
	struct reason found;
	char currency[8];

	if (r->knobs->check_totals == CHECK_OFF)
		return 0;
	xml_copy(xml_path(node, "DLHDon/TTChung"), "DVTTe", currency, sizeof currency);
	if (strcmp(currency, "VND") != 0) {
		notes_add(notes, "currency %s: totals not checked", currency);
		return 0;
	}
	if (sums_check(xml_path(node, "DLHDon/NDHDon"), atoi(i->form), notes, &found) == 0)
		return 0;
	if (r->knobs->check_totals == CHECK_REFUSE) { /* format 2.3 rule 11 */
		*why = found;
		return 1;
	}
	notes_add(notes, "totals: %s", found.text);
	return 0;
}

int invoice_check(
	const struct rules *r, const xmlNode *node, const struct invoice *i, struct notes *notes, struct reason *why)
{
	int form = atoi(i->form);

	/* before the fields: what is mandatory depends on a form that is known */
	if (str_match(i->form, "^[1-9]$") && !(r->seller->forms & 1u << form))
		return reason_set(why, "S408", "Người bán không đăng ký mẫu số %s", i->form);
	if (fields_check(node, form, r->knobs->strict != 0, notes, why) != 0)
		return 1;
	if (check_content(r, node, notes, why) != 0 || check_symbol(r, i, why) != 0 ||
		check_date(r, i, notes, why) != 0)
		return 1;
	if (check_totals(r, node, i, notes, why) != 0)
		return 1;
	return check_code(r, node, i, why);
}

bool invoice_related(const xmlNode *node, struct invoice *ret)
{
	const xmlNode *related = xml_path(node, "DLHDon/TTChung/TTHDLQuan");
	char kind[8], number_text[16];

	*ret = (struct invoice){0};
	/* other kinds of old invoices (format 2.7 LHDCLQuan 2-4) are outside these books */
	if (!related || !xml_copy(related, "LHDCLQuan", kind, sizeof kind) || strcmp(kind, "1") != 0)
		return false;
	xml_copy(related, "KHMSHDCLQuan", ret->form, sizeof ret->form);
	xml_copy(related, "KHHDCLQuan", ret->serial, sizeof ret->serial);
	xml_copy(related, "NLHDCLQuan", ret->date, sizeof ret->date);
	if (xml_copy(related, "SHDCLQuan", number_text, sizeof number_text))
		ret->number = atoll(number_text);
	return true;
}
