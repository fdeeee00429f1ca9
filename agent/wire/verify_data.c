#include <stdlib.h>
#include <string.h>

#include "base/clock.h"
#include "wire/verify_parts.h"
#include "wire/xml_read.h"

#define VALUE_MAX 128

static bool is_digit(char c)
{
	return c >= '0' && c <= '9';
}

static size_t digits(const char *text)
{
	size_t n = 0;

	while (is_digit(text[n]))
		n++;
	return n;
}

/* -?digits[.digits], ASCII, at most 21 digits, 6 of them decimals (format 2.2); trailing zeros are accepted. */
static bool is_number(const char *text)
{
	const char *p = text + (text[0] == '-');
	size_t whole = digits(p);
	size_t decimals = 0;

	p += whole;
	if (*p == '.') {
		decimals = digits(p + 1);
		if (decimals == 0)
			return false;
		p += 1 + decimals;
	}
	return *p == '\0' && whole > 0 && decimals <= 6 && whole + decimals <= 21;
}

/* 10 digits, 10-3 or 12 (format 2.2). */
static bool is_tax_code(const char *text)
{
	size_t n = digits(text);

	if (n == 10 && text[10] == '-')
		return digits(text + 11) == 3 && text[14] == '\0';
	return (n == 10 || n == 12) && text[n] == '\0';
}

static void check_number(struct verifying *v, xmlNodePtr parent, const char *name)
{
	char text[VALUE_MAX];

	for (xmlNodePtr n = xml_first(parent, name); n; n = xml_next(n, name)) {
		bool is_text = xml_value(n, text, sizeof(text));

		if (!is_text || (text[0] != '\0' && !is_number(text)))
			verify_fail(v->report, "data.amount", "%s is \"%s\", not a number", name, text);
	}
}

static void check_numbers(struct verifying *v, xmlNodePtr parent, const char *const *names, size_t count)
{
	for (size_t i = 0; i < count; i++)
		check_number(v, parent, names[i]);
}

static void check_amounts(struct verifying *v, xmlNodePtr body)
{
	static const char *const of_line[] = {"SLuong", "DGia", "TLCKhau", "STCKhau", "ThTien"};
	static const char *const of_rate[] = {"ThTien", "TThue"};
	static const char *const of_total[] = {"TgTCThue", "TGTKCThue", "TgTThue", "TTCKTMai", "TGTKhac", "TgTTTBSo"};
	xmlNodePtr lines = xml_first(body, "DSHHDVu");
	xmlNodePtr total = xml_first(body, "TToan");
	xmlNodePtr rates = xml_first(total, "THTTLTSuat");
	xmlNodePtr fees = xml_first(total, "DSLPhi");

	for (xmlNodePtr n = xml_first(lines, "HHDVu"); n; n = xml_next(n, "HHDVu"))
		check_numbers(v, n, of_line, ARRAY_LEN(of_line));
	for (xmlNodePtr n = xml_first(rates, "LTSuat"); n; n = xml_next(n, "LTSuat"))
		check_numbers(v, n, of_rate, ARRAY_LEN(of_rate));
	for (xmlNodePtr n = xml_first(fees, "LPhi"); n; n = xml_next(n, "LPhi"))
		check_number(v, n, "TPhi");
	check_numbers(v, total, of_total, ARRAY_LEN(of_total));
}

/* Parts that are read by their only place: a second one could be read instead of the first. */
static void check_single(struct verifying *v, xmlNodePtr parent, const char *name)
{
	if (xml_first(parent, name) && !xml_child(parent, name))
		verify_fail(v->report, "xml.schema", "more than one %s", name);
}

void verify_invoice_data(struct verifying *v, xmlNodePtr dlhdon, char ret_seller[16])
{
	xmlNodePtr body = xml_child(dlhdon, "NDHDon");
	char text[VALUE_MAX];
	int32_t day;

	check_single(v, dlhdon, "TTChung");
	check_single(v, dlhdon, "NDHDon");
	check_single(v, body, "NBan");
	check_single(v, body, "DSHHDVu");
	check_single(v, body, "TToan");
	check_single(v, xml_child(body, "TToan"), "TgTTTBSo");
	if (!xml_value(xml_path(dlhdon, "TTChung/NLap"), text, sizeof(text)) ||
		clock_parse_day(text, strlen(text), &day) != 0)
		verify_fail(v->report, "data.date", "NLap is not a date YYYY-MM-DD");
	if (!xml_value(xml_path(body, "NBan/MST"), text, sizeof(text)) || !is_tax_code(text)) {
		verify_fail(v->report, "data.taxcode", "NBan/MST is not a tax code");
		text[0] = '\0';
	}
	memcpy(ret_seller, text, strlen(text) + 1);
	check_amounts(v, body);
}

/* Every element the format names, in order of strcmp. Source: format 3, 5, 9, 10, 11. */
/* clang-format off */
static const char *const known[] = {
	"BKSPTVChuyen", "BSLThu", "BTHop", "CBTHop", "CCCDan", "CCKSKhac", "CCu", "CDDu", "CDLQTCTN", "CDLTTDCQT",
	"CDanh", "CKSNNT", "CMTMTTien", "CMa", "CQT", "CQTQLy", "CQXLTSCong", "CTS", "CTu", "DCDDKDoanh",
	"DCDVNUNLHDon", "DCLHe", "DCNGHang", "DCNNT", "DCTDTu", "DChi", "DDanh", "DDen", "DDi", "DGia", "DKTH",
	"DLHDon", "DLQRCode", "DLTBao", "DLTKhai", "DLieu", "DNgay", "DSBTHop", "DSCKS", "DSCTSSDung", "DSCTu",
	"DSHDon", "DSHHDVu", "DSLDKCNhan", "DSLDKTNhan", "DSLDTTChung", "DSLDo", "DSLHDon", "DSLMHang", "DSLPhi",
	"DTDDPLuat", "DTLHe", "DVHTPT", "DVTTe", "DVTinh", "Fax", "GChu", "GTinh", "HDBHDTQGia", "HDBHTHBLai",
	"HDBHang", "HDBTSCong", "HDCTTChinh", "HDDCKPTQuan", "HDGTGT", "HDGTGTTHBLai", "HDKhac", "HDTMai", "HDXLy",
	"HDon", "HHDVu", "HTDKy", "HTGDLHDDT", "HTHDon", "HTTToan", "HThuc", "HVTNMHang", "KCMTMTTien", "KCMa",
	"KDChinh", "KDLieu", "KHCTu", "KHHDCLQuan", "KHHDon", "KHLKhac", "KHMSCTu", "KHMSHDCLQuan", "KHMSHDon",
	"LADCTDT", "LADHDDT", "LBTHKXDau", "LBTHXDau", "LCMa", "LDDCTThe", "LDNCLe", "LDTTChung", "LDau", "LDo",
	"LHDCLQuan", "LHDKMa", "LHDMTTien", "LHDSDung", "LHHDTrung", "LPhi", "LTBao", "LTSuat", "Lan", "Loai",
	"MCCQT", "MCHang", "MCQT", "MCQTCap", "MCQTQLy", "MDDKDoanh", "MDDNGHang", "MDVQHNSach", "MDich", "MGDDTu",
	"MHHDVu", "MHSo", "MHang", "MKHang", "MLTDiep", "MLoi", "MNGui", "MNNhan", "MQTNDDPLuat", "MST", "MSTCLQuan",
	"MSTDVHTPT", "MSTDVNUNLHDon", "MSTNGHang", "MSTTCGP", "MSTTCTN", "MSo", "MTDTChieu", "MTDiep", "MTLoi", "MTa",
	"MTinh", "MXa", "NBKCLQuan", "NBKe", "NBan", "NDHDon", "NDTKhai", "NLHDCLQuan", "NLHe", "NLap", "NMua", "NNT",
	"NNTDBKKhan", "NNTKTDNUBND", "NNhan", "NSDDPLuat", "NTBCCQT", "NTBNNT", "NTBao", "Ngay", "PBan", "PThuc",
	"QTDDPLuat", "QTich", "SBKCLQuan", "SBKe", "SBTHDLieu", "SCTu", "SDThoai", "SHChieu", "SHDCLQuan", "SHDon",
	"SKhung", "SLuong", "SMay", "STBao", "STCKhau", "STKNHang", "STT", "STTThe", "Seri", "So", "TBao", "TCGP",
	"TCHDon", "TCHang", "TCQT", "TCQTCTren", "TCTBao", "TCTN", "TChat", "TDDKDoanh", "TDVHTPT", "TDVNUNLHDon",
	"TDiep", "TGGui", "TGNhan", "TGTKCThue", "TGTKhac", "TGia", "THDon", "THHDVu", "THTTLTSuat", "THan", "THop",
	"TKhai", "TLCKhau", "TLHDon", "TLPhi", "TNDDPLuat", "TNGHang", "TNHang", "TNMua", "TNNT", "TNSDung", "TNgay",
	"TPhi", "TSuat", "TTCGP", "TTCKTMai", "TTCQT", "TTCTN", "TTChuc", "TTChung", "TTDKTH", "TTDVHTPT",
	"TTHDLQuan", "TTHHDTrung", "TTKhac", "TTKhai", "TTTCGP", "TTTCTN", "TTTNCCQT", "TTTNSDung", "TTTNhan",
	"TTXNCQT", "TThue", "TTin", "TTinh", "TToan", "TTruong", "TXa", "Ten", "TgTCThue", "TgTTTBChu", "TgTTTBSo",
	"TgTThue", "ThTien", "Website",
};
/* clang-format on */

static int compare(const void *a, const void *b)
{
	return strcmp(a, *(const char *const *)b);
}

bool verify_is_known(const char *name)
{
	return bsearch(name, known, ARRAY_LEN(known), sizeof(known[0]), compare) != NULL;
}
