#include "wire/qr.h"

#include <inttypes.h>
#include <qrencode.h>
#include <stdio.h>
#include <string.h>

#include "base/clock.h"
#include "base/decimal.h"
#include "core/symbols.h"
#include "core/taxcode.h"

#define QR_GUID	     "A000000775" /* format 8: the short one; 32 hex digits could overflow id 99 */
#define QR_QUIET     4		  /* modules of white around the picture (ISO/IEC 18004) */
#define QR_SCALE_MAX 64
#define QR_DOTS_MIN  3 /* of a module on paper: 0.375 mm, and 0.5 mm */
#define QR_DOTS_MAX  4
#define QR_FIELD_MAX 99

/* Polynomial 0x1021 for eight bits at a time. */
/* clang-format off */
static const uint16_t crc_bytes[256] = {
	0x0000, 0x1021, 0x2042, 0x3063, 0x4084, 0x50A5, 0x60C6, 0x70E7,
	0x8108, 0x9129, 0xA14A, 0xB16B, 0xC18C, 0xD1AD, 0xE1CE, 0xF1EF,
	0x1231, 0x0210, 0x3273, 0x2252, 0x52B5, 0x4294, 0x72F7, 0x62D6,
	0x9339, 0x8318, 0xB37B, 0xA35A, 0xD3BD, 0xC39C, 0xF3FF, 0xE3DE,
	0x2462, 0x3443, 0x0420, 0x1401, 0x64E6, 0x74C7, 0x44A4, 0x5485,
	0xA56A, 0xB54B, 0x8528, 0x9509, 0xE5EE, 0xF5CF, 0xC5AC, 0xD58D,
	0x3653, 0x2672, 0x1611, 0x0630, 0x76D7, 0x66F6, 0x5695, 0x46B4,
	0xB75B, 0xA77A, 0x9719, 0x8738, 0xF7DF, 0xE7FE, 0xD79D, 0xC7BC,
	0x48C4, 0x58E5, 0x6886, 0x78A7, 0x0840, 0x1861, 0x2802, 0x3823,
	0xC9CC, 0xD9ED, 0xE98E, 0xF9AF, 0x8948, 0x9969, 0xA90A, 0xB92B,
	0x5AF5, 0x4AD4, 0x7AB7, 0x6A96, 0x1A71, 0x0A50, 0x3A33, 0x2A12,
	0xDBFD, 0xCBDC, 0xFBBF, 0xEB9E, 0x9B79, 0x8B58, 0xBB3B, 0xAB1A,
	0x6CA6, 0x7C87, 0x4CE4, 0x5CC5, 0x2C22, 0x3C03, 0x0C60, 0x1C41,
	0xEDAE, 0xFD8F, 0xCDEC, 0xDDCD, 0xAD2A, 0xBD0B, 0x8D68, 0x9D49,
	0x7E97, 0x6EB6, 0x5ED5, 0x4EF4, 0x3E13, 0x2E32, 0x1E51, 0x0E70,
	0xFF9F, 0xEFBE, 0xDFDD, 0xCFFC, 0xBF1B, 0xAF3A, 0x9F59, 0x8F78,
	0x9188, 0x81A9, 0xB1CA, 0xA1EB, 0xD10C, 0xC12D, 0xF14E, 0xE16F,
	0x1080, 0x00A1, 0x30C2, 0x20E3, 0x5004, 0x4025, 0x7046, 0x6067,
	0x83B9, 0x9398, 0xA3FB, 0xB3DA, 0xC33D, 0xD31C, 0xE37F, 0xF35E,
	0x02B1, 0x1290, 0x22F3, 0x32D2, 0x4235, 0x5214, 0x6277, 0x7256,
	0xB5EA, 0xA5CB, 0x95A8, 0x8589, 0xF56E, 0xE54F, 0xD52C, 0xC50D,
	0x34E2, 0x24C3, 0x14A0, 0x0481, 0x7466, 0x6447, 0x5424, 0x4405,
	0xA7DB, 0xB7FA, 0x8799, 0x97B8, 0xE75F, 0xF77E, 0xC71D, 0xD73C,
	0x26D3, 0x36F2, 0x0691, 0x16B0, 0x6657, 0x7676, 0x4615, 0x5634,
	0xD94C, 0xC96D, 0xF90E, 0xE92F, 0x99C8, 0x89E9, 0xB98A, 0xA9AB,
	0x5844, 0x4865, 0x7806, 0x6827, 0x18C0, 0x08E1, 0x3882, 0x28A3,
	0xCB7D, 0xDB5C, 0xEB3F, 0xFB1E, 0x8BF9, 0x9BD8, 0xABBB, 0xBB9A,
	0x4A75, 0x5A54, 0x6A37, 0x7A16, 0x0AF1, 0x1AD0, 0x2AB3, 0x3A92,
	0xFD2E, 0xED0F, 0xDD6C, 0xCD4D, 0xBDAA, 0xAD8B, 0x9DE8, 0x8DC9,
	0x7C26, 0x6C07, 0x5C64, 0x4C45, 0x3CA2, 0x2C83, 0x1CE0, 0x0CC1,
	0xEF1F, 0xFF3E, 0xCF5D, 0xDF7C, 0xAF9B, 0xBFBA, 0x8FD9, 0x9FF8,
	0x6E17, 0x7E36, 0x4E55, 0x5E74, 0x2E93, 0x3EB2, 0x0ED1, 0x1EF0,
};
/* clang-format on */

uint16_t qr_crc16(const void *bytes, size_t len)
{
	const uint8_t *in = bytes;
	uint16_t crc = 0xFFFF;

	for (size_t i = 0; i < len; i++)
		crc = (uint16_t)(crc << 8 ^ crc_bytes[(crc >> 8) ^ in[i]]);
	return crc;
}

/* Text of a limited size under construction; is_full stays true once something did not fit. */
struct field {
	char text[QR_TEXT_MAX];
	size_t len;
	size_t max;
	bool is_full;
};

static void put(struct field *field, const char *text, size_t len)
{
	if (field->is_full || len > field->max - field->len) {
		field->is_full = true;
		return;
	}
	memcpy(field->text + field->len, text, len);
	field->len += len;
	field->text[field->len] = '\0';
}

/* id, two-digit length in bytes, value; an empty value is left out. */
static void put_value(struct field *field, const char *id, const char *value, size_t max)
{
	size_t len = strlen(value);
	char head[4] = {id[0], id[1], (char)('0' + len / 10 % 10), (char)('0' + len % 10)};

	if (len == 0)
		return;
	if (len > max)
		field->is_full = true;
	put(field, head, sizeof(head));
	put(field, value, len);
}

static void put_number(struct field *field, const char *id, int64_t value, size_t max)
{
	char text[DECIMAL_TEXT_MAX];

	int_format(value, text);
	put_value(field, id, text, max);
}

int qr_text(const struct invoice *invoice, char out[QR_TEXT_MAX])
{
	struct field part = {.max = QR_FIELD_MAX};
	struct field whole = {.max = QR_TEXT_MAX - 1};
	char tax_code[16];
	char crc[5];

	taxcode_plain(invoice->seller->tax_code, tax_code);
	put_value(&part, "00", QR_GUID, 32);
	put_value(&part, "01", tax_code, 13);
	put_number(&part, "02", invoice->seller->form, 1);
	put_value(&part, "03", invoice->serial, SERIAL_LEN);
	put_number(&part, "04", invoice->number, 8);
	put_number(&part, "05", invoice->issue_day, 8);
	put_number(&part, "06", invoice->total, 20);
	put_value(&whole, "00", "01", 2);
	put_value(&whole, "99", part.text, QR_FIELD_MAX);
	put(&whole, "6304", 4);
	snprintf(crc, sizeof(crc), "%04X", qr_crc16(whole.text, whole.len));
	put(&whole, crc, 4);
	if (part.is_full || whole.is_full)
		return 1;
	memcpy(out, whole.text, whole.len + 1);
	return 0;
}

/* The values of id 99, borrowed from the checked text. */
struct part {
	const char *value[7];
	size_t len[7];
};

static bool is_digit(char c)
{
	return c >= '0' && c <= '9';
}

static bool all_digits(const char *text, size_t len)
{
	for (size_t i = 0; i < len; i++)
		if (!is_digit(text[i]))
			return false;
	return len > 0;
}

/* One field at *@at of @text; the reason why not, or NULL. */
static const char *next_field(
	const char *text, size_t len, size_t *at, int *ret_id, const char **ret_value, size_t *ret_len)
{
	const char *p = text + *at;
	size_t value_len;

	if (len - *at < 4 || !all_digits(p, 4))
		return "TLV_BROKEN";
	value_len = (size_t)(p[2] - '0') * 10 + (size_t)(p[3] - '0');
	if (value_len == 0)
		return "TLV_ZERO_LENGTH";
	if (value_len > len - *at - 4)
		return "TLV_OVERRUN";
	*ret_id = (p[0] - '0') * 10 + (p[1] - '0');
	*ret_value = p + 4;
	*ret_len = value_len;
	*at += 4 + value_len;
	return NULL;
}

/* Reads all fields of id 99. */
static const char *read_part(const char *text, size_t len, struct part *part)
{
	const char *reason;
	const char *value;
	size_t value_len;
	size_t at = 0;
	int id;

	while (at < len) {
		reason = next_field(text, len, &at, &id, &value, &value_len);
		if (reason)
			return reason;
		if (id < (int)ARRAY_LEN(part->value)) {
			part->value[id] = value;
			part->len[id] = value_len;
		}
	}
	return NULL;
}

static bool is_serial(const struct part *part)
{
	char serial[SERIAL_LEN + 1] = "";

	if (part->len[3] != SERIAL_LEN)
		return false;
	memcpy(serial, part->value[3], SERIAL_LEN);
	/* What we write ends with letters; digits are only read (format 2.5). */
	return serial_is_valid(serial) && !is_digit(serial[4]) && !is_digit(serial[5]);
}

static bool is_day(const char *text, size_t len)
{
	int32_t day = 0;

	if (len != 8 || !all_digits(text, len))
		return false;
	for (size_t i = 0; i < len; i++)
		day = day * 10 + (text[i] - '0');
	return clock_day_is_valid(day);
}

static bool is_total(const char *text, size_t len)
{
	bool is_negative = text[0] == '-';
	const char *digits = text + is_negative;
	size_t count = len - is_negative;

	return len <= 20 && all_digits(digits, count) && (digits[0] != '0' || (count == 1 && !is_negative));
}

static const char *check_part(const struct part *part)
{
	static const char *const missing[] = {
		"MISSING_00", "MISSING_01", "MISSING_02", "MISSING_03", "MISSING_04", "MISSING_05", "MISSING_06"};
	size_t mst = part->len[1];

	for (size_t i = 0; i < ARRAY_LEN(missing); i++)
		if (!part->value[i])
			return missing[i];
	if (!all_digits(part->value[1], mst) || (mst != 10 && mst != 12 && mst != 13))
		return "MST";
	if (part->len[2] != 1 || part->value[2][0] < '1' || part->value[2][0] > '9')
		return "FORM";
	if (!is_serial(part))
		return "SERIAL";
	if (part->len[4] > 8 || !all_digits(part->value[4], part->len[4]) || part->value[4][0] == '0')
		return "NUMBER";
	if (!is_day(part->value[5], part->len[5]))
		return "DATE";
	if (!is_total(part->value[6], part->len[6]))
		return "TOTAL";
	/* A serial of another kind than M is nobody's cash register: nothing but the checksum is judged. */
	return part->value[3][3] == 'M' ? "OK" : "CRC_ONLY";
}

/* Header, place and value of the checksum. */
static const char *check_frame(const char *text, size_t len)
{
	char crc[5];

	if (len > QR_TEXT_MAX - 1)
		return "TOO_LONG";
	if (strncmp(text, "000201", 6) != 0)
		return "NO_HEADER";
	if (len < 14 || memcmp(text + len - 8, "6304", 4) != 0)
		return "NO_CRC";
	if (strspn(text + len - 4, "0123456789ABCDEF") != 4)
		return "CRC_FORMAT";
	snprintf(crc, sizeof(crc), "%04X", qr_crc16(text, len - 4));
	return memcmp(crc, text + len - 4, 4) == 0 ? NULL : "CRC_MISMATCH";
}

static const char *check_fields(const char *text, size_t len)
{
	struct part part = {0};
	const char *reason;
	const char *value;
	size_t value_len;
	size_t at = 0;
	int parts = 0;
	int id;

	while (at < len) {
		reason = next_field(text, len, &at, &id, &value, &value_len);
		if (!reason && id == 99 && ++parts == 1)
			reason = read_part(value, value_len, &part);
		if (reason)
			return reason;
	}
	return parts == 1 ? check_part(&part) : "NO_INVOICE_PART";
}

const char *qr_check(const char *text, bool *is_crc_only)
{
	size_t len = strlen(text);
	const char *reason = check_frame(text, len);

	if (!reason)
		reason = check_fields(text, len);
	*is_crc_only = strcmp(reason, "CRC_ONLY") == 0;
	return reason;
}

DEFINE_CLEANUP(QRcode *, QRcode_free)

static int make_picture(const char *text, QRcode **ret, struct fault *fault)
{
	*ret = QRcode_encodeString8bit(text, 0, QR_ECLEVEL_M);
	if (*ret)
		return 0;
	return FAULT(fault, FAULT_FORMAT, "the QR text of %zu bytes does not fit into a QR code", strlen(text));
}

/* Dark or not, with the quiet zone; @x and @y count from its corner. */
static bool is_dark(const QRcode *qr, int x, int y)
{
	x -= QR_QUIET;
	y -= QR_QUIET;
	return x >= 0 && y >= 0 && x < qr->width && y < qr->width && (qr->data[y * qr->width + x] & 1);
}

int qr_print_text(const char *text, struct bytes *out, struct fault *fault)
{
	/* Light modules are drawn: terminals are dark, and a code needs its light border. */
	static const char *const blocks[4] = {" ", "▄", "▀", "█"};
	CLEANUP(QRcode_freep) QRcode *qr = NULL;
	int err = make_picture(text, &qr, fault);
	int size;

	if (err)
		return err;
	size = qr->width + 2 * QR_QUIET;
	for (int y = 0; y < size; y += 2) {
		for (int x = 0; x < size; x++)
			bytes_text(out, blocks[2 * !is_dark(qr, x, y) + !is_dark(qr, x, y + 1)]);
		bytes_char(out, '\n');
	}
	return bytes_check(out, "a QR code as text", fault);
}

static void print_row(const QRcode *qr, int y, int scale, struct bytes *out)
{
	int dots = (qr->width + 2 * QR_QUIET) * scale;

	for (int i = 0; i < dots; i += 8) {
		uint8_t byte = 0;

		for (int bit = 0; bit < 8 && i + bit < dots; bit++)
			if (is_dark(qr, (i + bit) / scale, y))
				byte |= (uint8_t)(0x80 >> bit);
		bytes_append(out, &byte, 1);
	}
}

int qr_print_pbm(const char *text, int scale, struct bytes *out, struct fault *fault)
{
	CLEANUP(QRcode_freep) QRcode *qr = NULL;
	int err = make_picture(text, &qr, fault);
	int size;

	if (err)
		return err;
	if (scale < 1 || scale > QR_SCALE_MAX)
		return FAULT(fault, FAULT_BUG, "a QR code has 1 to %d dots a module, not %d", QR_SCALE_MAX, scale);
	size = (qr->width + 2 * QR_QUIET) * scale;
	bytes_printf(out, "P4\n%d %d\n", size, size);
	for (int y = 0; y < size; y++)
		print_row(qr, y / scale, scale, out);
	return bytes_check(out, "a QR code as a picture", fault);
}

int qr_raster(const char *text, int width, struct bytes *out, int *ret_size, struct fault *fault)
{
	CLEANUP(QRcode_freep) QRcode *qr = NULL;
	int err = make_picture(text, &qr, fault);
	int scale = QR_DOTS_MAX;
	int modules;

	if (err)
		return err;
	modules = qr->width + 2 * QR_QUIET;
	while (scale > QR_DOTS_MIN && modules * scale > width)
		scale--;
	if (modules * scale > width)
		return FAULT(
			fault, FAULT_FORMAT, "a QR code of %d modules is wider than paper of %d dots", modules, width);
	for (int y = 0; y < modules * scale; y++)
		print_row(qr, y / scale, scale, out);
	*ret_size = modules * scale;
	return bytes_check(out, "a QR code for a printer", fault);
}
