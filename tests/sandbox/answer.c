#include "answer.h"
#include "clock.h"
#include "sigshape.h"

#include <openssl/rand.h>
#include <stdlib.h>
#include <string.h>

static const char declaration[] = "<?xml version=\"1.0\" encoding=\"UTF-8\"?>\n";

/* 32 upper-case hex of a UUID v4 (format 3, MTDiep) */
static void uuid_hex(char out[33])
{
	unsigned char b[16];

	if (RAND_bytes(b, sizeof b) != 1)
		abort();
	b[6] = (b[6] & 0x0F) | 0x40;
	b[8] = (b[8] & 0x3F) | 0x80;
	for (int i = 0; i < 16; i++)
		str_printf(out + 2 * i, 3, "%02X", b[i]);
}

/* TTChung up to MTDTChieu; the 204 adds MST and SLuong itself. */
static void add_head(struct text *out, const char *profile, const char *receiver, int type, const char *answered)
{
	char hex[33];

	uuid_hex(hex);
	text_adds(out, declaration);
	text_adds(out, "<TDiep><TTChung>");
	text_add_tag(out, "PBan", profile);
	text_add_tag(out, "MNGui", "TCT");
	text_add_tag(out, "MNNhan", receiver);
	text_addf(out, "<MLTDiep>%d</MLTDiep><MTDiep>TCT%s</MTDiep>", type, hex);
	text_add_tag(out, "MTDTChieu", answered);
}

void answer_technical(const char *profile, int type, const struct envelope *e, int64_t now_ms, const struct reason *why,
	struct text *out)
{
	char at[CLOCK_TEXT], described[256 * 4];

	clock_local_text(now_ms, at);
	add_head(out, profile, e->sender, type, e->id);
	text_adds(out, "</TTChung><DLieu><TBao>");
	text_add_tag(out, "MTDiep", e->id[0] ? e->id : NULL);
	text_add_tag(out, "MNGui", e->sender[0] ? e->sender : NULL);
	text_add_tag(out, "NNhan", at);
	text_addf(out, "<TTTNhan>%d</TTTNhan>", why != NULL);
	if (why) {
		str_copy(described, sizeof described, why->text);
		text_adds(out, "<DSLDo><LDo>");
		text_add_tag(out, "MLoi", why->code);
		text_add_tag(out, "MTa", utf8_cut(described, 255)); /* format 11.1 */
		text_adds(out, "</LDo></DSLDo>");
	}
	text_adds(out, "</TBao></DLieu></TDiep>");
}

/* The signature still to be made: format 7.1 to 7.4, without Transforms as the authority writes it. */
static void add_template(struct text *out, const char *data_id, int64_t now_ms)
{
	static const char reference[] =
		"<Reference URI=\"#%s%s\"><DigestMethod "
		"Algorithm=\"http://www.w3.org/2001/04/xmlenc#sha256\"/><DigestValue/></Reference>";
	char hex[33], at[CLOCK_TEXT];

	uuid_hex(hex);
	clock_local_text(now_ms, at);
	text_addf(out, "<DSCKS><CQT><Signature xmlns=\"%s\" Id=\"Tct-%s\"><SignedInfo>", NS_DS, hex);
	text_adds(out, "<CanonicalizationMethod Algorithm=\"http://www.w3.org/TR/2001/REC-xml-c14n-20010315\"/>"
		       "<SignatureMethod Algorithm=\"http://www.w3.org/2001/04/xmldsig-more#rsa-sha256\"/>");
	text_addf(out, reference, "", data_id);
	text_addf(out, reference, "SigningTime-", hex);
	text_adds(out,
		"</SignedInfo><SignatureValue/><KeyInfo><X509Data><X509SubjectName/><X509Certificate/></X509Data>"
		"</KeyInfo>");
	text_addf(out,
		"<Object Id=\"SigningTime-%s\"><SignatureProperties><SignatureProperty Target=\"signatureProperties\">"
		"<SigningTime>%s</SigningTime></SignatureProperty></SignatureProperties></Object></Signature></CQT></"
		"DSCKS>"
		"</TBao></DLieu></TDiep>",
		hex, at);
}

/* LDo of format 11.5; MTLoi is at most 255 characters. */
static void add_reason(struct text *out, const char *code, const char *text, const char *remedy)
{
	char cut[255 * 4 + 1];

	str_copy(cut, sizeof cut, text);
	text_adds(out, "<LDo>");
	text_add_tag(out, "MLoi", code);
	text_add_tag(out, "MTLoi", utf8_cut(cut, 255));
	text_add_tag(out, "HDXLy", remedy);
	text_adds(out, "</LDo>");
}

static void add_block(struct text *out, const struct notice *n)
{
	char line[600];

	if (n->kind == 9) {
		text_adds(out, "<KHLKhac><DSLDo>");
		add_reason(out, n->whole->code, n->whole->text, "Kiểm tra lại thông điệp và gửi lại");
		text_adds(out, "</DSLDo></KHLKhac>");
	}
	if (n->kind != 7)
		return;
	text_adds(out, "<LHDMTTien><DSLDo>");
	for (int i = 0; i < n->count; i++) {
		const struct invoice *v = &n->invoices[i];
		if (!v->refusal.code[0])
			continue;
		/* the real shape: form;serial;number;text (format 11.5) */
		str_printf(
			line, sizeof line, "%s;%s;%lld;%s", v->form, v->serial, (long long)v->number, v->refusal.text);
		add_reason(out, v->refusal.code, line, "Kiểm tra lại định dạng dữ liệu");
	}
	text_adds(out, "</DSLDo></LHDMTTien>");
}

void answer_notice(const struct notice *n, struct text *out)
{
	char hex[33], id[48], at[CLOCK_TEXT], so[32], date[11];
	const char *answered =
		n->type == 216
			? "Thông điệp chuyển dữ liệu hóa đơn điện tử không có mã khởi tạo từ máy tính tiền đến CQT"
			: "Thông điệp chuyển dữ liệu hóa đơn điện tử có mã khởi tạo từ máy tính tiền đến CQT";

	uuid_hex(hex);
	clock_local_text(n->now_ms, at);
	str_printf(id, sizeof id, "Id-%s", hex);
	str_printf(so, sizeof so, "%.2s%010lld", at + 2, (long long)n->number); /* 12 digits, year first */
	str_printf(date, sizeof date, "%.10s", at);
	add_head(out, n->profile, n->sender, 204, n->id);
	text_add_tag(out, "MST", n->tax_code);
	text_addf(out, "<SLuong>%d</SLuong></TTChung><DLieu><TBao><DLTBao Id=\"%s\">", n->count, id);
	text_add_tag(out, "PBan", n->profile);
	text_add_tag(out, "MSo", "01/TB-KTDL");
	text_add_tag(out, "Ten", "Thông báo về việc kết quả kiểm tra dữ liệu hóa đơn điện tử");
	text_add_tag(out, "So", so);
	text_add_tag(out, "DDanh", "Hà Nội");
	text_add_tag(out, "NTBao", date);
	text_add_tag(out, "MST", n->tax_code);
	text_add_tag(out, "TNNT", n->name);
	text_add_tag(out, "TGGui", n->received_at);
	text_addf(out, "<LTBao>%d</LTBao>", n->kind);
	text_add_tag(out, "CCu", answered);
	text_add_tag(out, "MGDDTu", n->id);
	text_addf(out, "<SLuong>%d</SLuong>", n->count);
	add_block(out, n);
	text_adds(out, "</DLTBao>");
	add_template(out, id, n->now_ms);
}

/* Replace the content of the first <tag>…</tag> at or after the text "from". */
static void replace(struct text *t, const char *from, const char *tag, const char *value)
{
	CLEANUP(text_done) struct text copy = {0};
	char opening[32];

	str_printf(opening, sizeof opening, "<%s>", tag);
	const char *start = strstr(t->data, from), *at = start ? strstr(start, opening) : NULL;
	const char *end = at ? strchr(at + 1, '<') : NULL;
	if (!end)
		return;
	text_add(&copy, t->data, (size_t)(at - t->data) + strlen(opening));
	text_adds(&copy, value);
	text_adds(&copy, end);
	struct text old = *t;
	*t = copy;
	copy = old;
}

/* Cut everything from DSCKS on and put a fresh template there. */
static void renew_template(struct text *t, int64_t now_ms)
{
	char id[48] = "";
	const char *at = strstr(t->data, "<DLTBao Id=\"");
	char *tail = strstr(t->data, "<DSCKS>");

	if (!at || !tail)
		return;
	str_printf(id, sizeof id, "%.*s", (int)strcspn(at + 12, "\""), at + 12);
	t->len = (size_t)(tail - t->data);
	add_template(t, id, now_ms);
}

void answer_renumber(struct text *message, int64_t now_ms, int64_t number)
{
	char hex[33], id[40], at[CLOCK_TEXT], so[32];

	uuid_hex(hex);
	clock_local_text(now_ms, at);
	str_printf(id, sizeof id, "TCT%s", hex);
	str_printf(so, sizeof so, "%.2s%010lld", at + 2, (long long)number);
	replace(message, "<TTChung>", "MTDiep", id);
	replace(message, "<DLTBao", "So", so);
	renew_template(message, now_ms);
}

void answer_redirect(struct text *message, int64_t now_ms)
{
	char hex[33], id[MTDIEP_SIZE] = "";
	const char *old = strstr(message->data, "<MGDDTu>");

	uuid_hex(hex);
	if (old) {
		size_t len = strcspn(old + 8, "<");
		str_printf(id, sizeof id, "%.*s%s", (int)(len > 32 ? len - 32 : 0), old + 8, hex);
	}
	replace(message, "<TTChung>", "MTDTChieu", id);
	replace(message, "<DLTBao", "MGDDTu", id);
	renew_template(message, now_ms);
}

void answer_strip(struct text *message)
{
	char *at = strstr(message->data, "<DSCKS>");

	if (!at)
		return;
	message->len = (size_t)(at - message->data);
	text_adds(message, "<DSCKS><CQT/></DSCKS></TBao></DLieu></TDiep>");
}

void answer_forge(struct text *message)
{
	char *kind = strstr(message->data, "<LTBao>"), *number = strstr(message->data, "</So>");

	if (kind && kind[7] != '2')
		kind[7] = '2';
	else if (number)
		number[-1] = number[-1] == '9' ? '8' : number[-1] + 1;
}
