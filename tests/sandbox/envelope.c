#include "envelope.h"
#include "xml.h"

#include <stdlib.h>
#include <string.h>

#define SENDER "([VK]?[0-9]{10,14}|TCT)"

/* format 3: length at most 46, starts with MNGui, the rest 32 hex digits, lower case accepted */
static bool id_fits(const char *id, const char *sender)
{
	size_t prefix = strlen(sender);

	return prefix > 0 && strlen(id) == prefix + 32 && strlen(id) <= 46 && strncmp(id, sender, prefix) == 0 &&
	       strspn(id + prefix, "0123456789ABCDEFabcdef") == 32;
}

static int bad(struct reason *why, const char *tag)
{
	return reason_set(why, "S101", "Thiếu hoặc sai chỉ tiêu TDiep/TTChung/%s", tag);
}

/* Every field at most once, and nothing twice that could be read in two ways. */
static int check_once(const xmlNode *root, const xmlNode *head, struct reason *why)
{
	static const char *const tags[] = {
		"PBan", "MNGui", "MNNhan", "MLTDiep", "MTDiep", "MTDTChieu", "MST", "SLuong"};

	for (size_t i = 0; i < sizeof tags / sizeof tags[0]; i++) {
		if (xml_count(head, tags[i]) > 1)
			return bad(why, tags[i]);
	}
	if (xml_count(root, "TTChung") != 1 || xml_count(root, "DLieu") != 1 || xml_count(root, "CKSNNT") > 1)
		return reason_set(why, "S101", "TDiep phải có một TTChung, một DLieu và nhiều nhất một CKSNNT");
	return 0;
}

static int check_type(const struct envelope *e, const char *text, bool accept_216, struct reason *why)
{
	if (!str_match(text, "^-?[0-9]{1,3}$"))
		return bad(why, "MLTDiep");
	if (e->type == 206 || (e->type == 216 && accept_216))
		return 0;
	if (e->type == 100 || e->type == 300 || e->type == 303 || e->type == 216)
		return reason_set(why, "S103", "Loại thông điệp %d chưa được bộ mô phỏng hỗ trợ", e->type);
	return reason_set(why, "S103", "Loại thông điệp %d không được hỗ trợ", e->type);
}

int envelope_read(const xmlDoc *doc, bool accept_216, struct envelope *e, struct reason *why)
{
	const xmlNode *root = xmlDocGetRootElement((xmlDoc *)(void *)doc), *head = xml_child(root, "TTChung");
	char type[8], count[16];

	*e = (struct envelope){.count = -1};
	bool has_version = xml_copy(head, "PBan", e->version, sizeof e->version);
	bool has_sender = xml_copy(head, "MNGui", e->sender, sizeof e->sender);
	bool has_receiver = xml_copy(head, "MNNhan", e->receiver, sizeof e->receiver);
	bool has_type = xml_copy(head, "MLTDiep", type, sizeof type);
	bool has_id = xml_copy(head, "MTDiep", e->id, sizeof e->id) && id_fits(e->id, e->sender);
	bool has_tax_code = xml_copy(head, "MST", e->tax_code, sizeof e->tax_code);
	bool has_count = xml_copy(head, "SLuong", count, sizeof count) && str_digits(count, 7);
	e->type = has_type ? atoi(type) : 0;
	e->count = has_count ? atoi(count) : -1;
	if (!has_id)
		e->id[0] = '\0';
	if (check_once(root, head, why) != 0)
		return 1;
	if (!has_version || strlen(e->version) > 6)
		return bad(why, "PBan");
	if (!has_sender || !str_match(e->sender, "^" SENDER "$"))
		return bad(why, "MNGui");
	if (!has_receiver || strcmp(e->receiver, "TCT") != 0)
		return bad(why, "MNNhan");
	if (!has_id)
		return bad(why, "MTDiep");
	if (check_type(e, type, accept_216, why) != 0)
		return 1;
	if (!has_tax_code || !str_match(e->tax_code, "^([0-9]{10}(-[0-9]{3})?|[0-9]{12})$"))
		return bad(why, "MST");
	return has_count ? 0 : bad(why, "SLuong");
}

/* The text of the first <tag>…</tag> within the first 4 KiB. */
static void scan_tag(const char *body, size_t len, const char *tag, char *out, size_t size)
{
	char opening[32];

	out[0] = '\0';
	str_printf(opening, sizeof opening, "<%s>", tag);
	const char *from = memmem(body, len, opening, strlen(opening));
	if (!from)
		return;
	from += strlen(opening);
	const char *to = memchr(from, '<', len - (size_t)(from - body));
	if (!to || (size_t)(to - from) >= size)
		return;
	str_printf(out, size, "%.*s", (int)(to - from), from);
	str_trim(out);
}

void envelope_scan(const char *body, size_t len, struct envelope *ret)
{
	*ret = (struct envelope){.count = -1};
	len = len < 4096 ? len : 4096;
	scan_tag(body, len, "MNGui", ret->sender, sizeof ret->sender);
	scan_tag(body, len, "MTDiep", ret->id, sizeof ret->id);
	scan_tag(body, len, "MST", ret->tax_code, sizeof ret->tax_code);
	if (!str_match(ret->sender, "^" SENDER "$"))
		ret->sender[0] = '\0';
	if (!id_fits(ret->id, ret->sender))
		ret->id[0] = '\0';
	if (!str_match(ret->tax_code, "^[0-9-]{10,14}$"))
		ret->tax_code[0] = '\0';
}
