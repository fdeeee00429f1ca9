#include "wire/answer.h"

#include <stdlib.h>
#include <string.h>

#include "wire/xml_read.h"

#define TEXT_MAX 2048 /* MTLoi has 255 characters by the table; longer ones are cut */

DEFINE_CLEANUP(xmlDocPtr, xmlFreeDoc)

/* One answer while it is read. */
struct reading {
	xmlNodePtr common; /* TTChung */
	xmlNodePtr notice; /* DLieu/TBao */
	xmlNodePtr data;   /* DLieu/TBao/DLTBao of a 204; NULL in a 999 */
	struct arena *arena;
	struct verdict *verdict;
	size_t room; /* of reasons */
	bool failed; /* no memory */
};

/* The text of an element that fits @room; "" when it is missing, empty or longer. */
static bool read_value(xmlNodePtr parent, const char *name, char *out, size_t room)
{
	char text[TEXT_MAX];

	out[0] = '\0';
	if (!xml_value(xml_child(parent, name), text, sizeof(text)) || text[0] == '\0' || strlen(text) >= room)
		return false;
	memcpy(out, text, strlen(text) + 1);
	return true;
}

/* An integer of at most @max digits; "-" allowed. */
static bool parse_int(const char *text, size_t len, size_t max, int *ret)
{
	bool is_negative = len > 0 && text[0] == '-';
	int value = 0;

	if (len <= (size_t)is_negative || len - is_negative > max)
		return false;
	for (size_t i = is_negative; i < len; i++) {
		if (text[i] < '0' || text[i] > '9')
			return false;
		value = value * 10 + (text[i] - '0');
	}
	*ret = is_negative ? -value : value;
	return true;
}

static bool read_int(xmlNodePtr parent, const char *name, size_t max_digits, int *ret)
{
	char text[16];

	return read_value(parent, name, text, sizeof(text)) && parse_int(text, strlen(text), max_digits, ret);
}

static const char *keep(struct reading *r, const char *text)
{
	char *copy = arena_strdup(r->arena, text);

	r->failed = r->failed || !copy;
	return copy ? copy : "";
}

static void name_invoice(struct verdict_reason *reason, int form, const char *serial, size_t serial_len, int number)
{
	if (form < 1 || form > 9 || serial_len != SERIAL_LEN || number < 1 || number > NUMBER_LAST)
		return;
	reason->has_invoice = true;
	reason->form = form;
	reason->number = number;
	memcpy(reason->serial, serial, SERIAL_LEN);
	reason->serial[SERIAL_LEN] = '\0';
}

/* LTBao 7: `form;serial;number;description` (format 11.5). The description, or @text itself when it names no invoice. */
static const char *split_reason(const char *text, struct verdict_reason *reason)
{
	const char *serial = strchr(text, ';');
	const char *number = serial ? strchr(serial + 1, ';') : NULL;
	const char *rest = number ? strchr(number + 1, ';') : NULL;
	int form_value;
	int number_value;

	if (!rest || !parse_int(text, (size_t)(serial - text), 1, &form_value) ||
		!parse_int(number + 1, (size_t)(rest - number - 1), 8, &number_value))
		return text;
	name_invoice(reason, form_value, serial + 1, (size_t)(number - serial - 1), number_value);
	if (!reason->has_invoice)
		return text;
	rest++;
	return rest + strspn(rest, " \t\r\n");
}

/* LTBao 3 names the invoice beside its reasons: DSHDon/HDon{KHMSHDon, KHHDon, SHDon, DSLDo/LDo}. */
static void name_from_list(xmlNodePtr reason_node, struct verdict_reason *reason)
{
	xmlNodePtr node = reason_node->parent ? reason_node->parent->parent : NULL;
	char serial[SERIAL_LEN + 1];
	int form, number;

	if (!node || !read_int(node, "KHMSHDon", 1, &form) || !read_int(node, "SHDon", 8, &number) ||
		!read_value(node, "KHHDon", serial, sizeof(serial)))
		return;
	name_invoice(reason, form, serial, strlen(serial), number);
}

static struct verdict_reason *new_reason(struct reading *r)
{
	struct verdict *verdict = r->verdict;
	struct verdict_reason *grown;

	if (verdict->reason_count == r->room) {
		r->room = r->room ? r->room * 2 : 8;
		grown = ARENA_ARRAY(r->arena, struct verdict_reason, r->room);
		if (!grown) {
			r->failed = true;
			return NULL;
		}
		if (verdict->reason_count > 0)
			memcpy(grown, verdict->reasons, verdict->reason_count * sizeof(*grown));
		verdict->reasons = grown;
	}
	return &verdict->reasons[verdict->reason_count++];
}

/* LDo, or the element that holds MLoi itself (format 11.2). */
static void take_reason(struct reading *r, xmlNodePtr node)
{
	struct verdict_reason *reason = new_reason(r);
	char text[TEXT_MAX];

	if (!reason)
		return;
	xml_value(xml_child(node, "MLoi"), reason->code, sizeof(reason->code));
	if (!xml_value(xml_child(node, "MTLoi"), text, sizeof(text)))
		xml_value(xml_child(node, "MTa"), text, sizeof(text));
	if (r->verdict->notice == 7)
		reason->text = keep(r, split_reason(text, reason));
	else
		reason->text = keep(r, text);
	if (!reason->has_invoice)
		name_from_list(node, reason);
	if (xml_value(xml_child(node, "HDXLy"), text, sizeof(text)) && text[0] != '\0')
		reason->advice = keep(r, text);
}

/* Every LDo below @node, whatever block holds it; the reader caps the depth. */
static void take_reasons(struct reading *r, xmlNodePtr node)
{
	for (xmlNodePtr n = xml_first(node, NULL); n && !r->failed; n = xml_next(n, NULL)) {
		if (strcmp((const char *)n->name, "LDo") == 0)
			take_reason(r, n);
		else
			take_reasons(r, n);
	}
}

static enum verdict_kind kind_of_technical(struct reading *r)
{
	int result;

	if (r->verdict->message_type < 0)
		return VERDICT_ALL_REFUSED;
	if (!read_int(r->notice, "TTTNhan", 1, &result))
		return VERDICT_UNCLEAR;
	if (result == 0)
		return r->verdict->reason_count == 0 ? VERDICT_RECEIVED : VERDICT_UNCLEAR;
	return result == 1 ? VERDICT_ALL_REFUSED : VERDICT_UNCLEAR;
}

/* An answer that contradicts itself is nobody's acceptance. */
static enum verdict_kind kind_of_check(const struct verdict *verdict)
{
	switch (verdict->notice) {
	case 2:
		return verdict->reason_count == 0 ? VERDICT_ALL_ACCEPTED : VERDICT_UNCLEAR;
	case 3:
	case 7:
		return verdict->reason_count > 0 ? VERDICT_SOME_REFUSED : VERDICT_UNCLEAR;
	case 9:
		return VERDICT_ALL_REFUSED;
	default:
		return VERDICT_UNCLEAR;
	}
}

static const char *last_hex(const char *id)
{
	const char *hex = message_id_hex(id);

	return hex ? hex : id;
}

/*
 * Which message is answered: MTDTChieu, else MGDDTu, else TBao/MTDiep. Only MGDDTu is signed, so an old 204 under a new
 * envelope must not pass: where both are given, their 32 hex are the same (the prefix is the T-VAN's, format 3).
 */
static bool read_about(struct reading *r)
{
	char signed_about[MESSAGE_ID_MAX + 1];
	char *about = r->verdict->about;

	read_value(r->data, "MGDDTu", signed_about, sizeof(signed_about));
	read_value(r->common, "MTDTChieu", about, MESSAGE_ID_MAX + 1);
	if (about[0] != '\0')
		return signed_about[0] == '\0' || strcasecmp(last_hex(about), last_hex(signed_about)) == 0;
	memcpy(about, signed_about, sizeof(signed_about));
	if (about[0] == '\0')
		read_value(r->notice, "MTDiep", about, MESSAGE_ID_MAX + 1);
	return true;
}

static void read_body(struct reading *r)
{
	struct verdict *verdict = r->verdict;
	bool is_consistent = read_about(r);
	xmlNodePtr body = r->data ? r->data : r->notice;

	if (!read_value(r->data, "MST", verdict->tax_code, sizeof(verdict->tax_code)))
		read_value(r->common, "MST", verdict->tax_code, sizeof(verdict->tax_code));
	if (verdict->message_type == 204)
		read_int(r->data, "LTBao", 1, &verdict->notice);
	take_reasons(r, body);
	if (verdict->message_type != 204 && xml_first(r->notice, "MLoi"))
		take_reason(r, r->notice);
	if (verdict->message_type == 204)
		verdict->kind = kind_of_check(verdict);
	else if (verdict->message_type == 999 || verdict->message_type < 0)
		verdict->kind = kind_of_technical(r);
	else
		verdict->kind = VERDICT_UNCLEAR;
	if (!is_consistent)
		verdict->kind = VERDICT_UNCLEAR;
}

/* What makes the envelope unreadable; NULL = nothing. */
static const char *read_envelope(xmlDocPtr doc, struct reading *r)
{
	xmlNodePtr root = xmlDocGetRootElement(doc);

	if (strcmp((const char *)root->name, "TDiep") != 0)
		return "answer.root";
	r->common = xml_child(root, "TTChung");
	r->notice = xml_path(root, "DLieu/TBao");
	r->data = xml_child(r->notice, "DLTBao");
	if (!read_int(r->common, "MLTDiep", 3, &r->verdict->message_type))
		return "answer.type";
	if (!read_value(r->common, "MTDiep", r->verdict->id, sizeof(r->verdict->id)))
		return "answer.message_id";
	if (!r->notice || (r->verdict->message_type == 204 && !r->data))
		return "answer.body";
	return NULL;
}

static int check_signature(const void *bytes, size_t len, const struct verify_settings *settings,
	struct verdict *verdict, struct fault *fault)
{
	struct verify_settings notice = *settings;
	struct verify_report report;
	int err;

	notice.kind = VERIFY_NOTICE;
	notice.tax_code = NULL;
	err = verify_document(bytes, len, &notice, &report, fault);
	if (err < 0)
		return err;
	verdict->is_signed = err == 0 && report.is_chain_checked;
	verdict->signed_at = verdict->is_signed ? report.signed_at : 0;
	return 0;
}

int answer_read(const void *bytes, size_t len, const struct verify_settings *settings, struct arena *arena,
	struct verdict *ret, const char **ret_rule, struct fault *fault)
{
	CLEANUP(xmlFreeDocp) xmlDocPtr doc = NULL;
	struct xml_limits limits = xml_limits_default;
	struct verdict verdict = {0};
	struct reading reading = {.arena = arena, .verdict = &verdict};
	int err;

	if (settings->max_bytes > 0)
		limits.bytes = settings->max_bytes;
	err = xml_read(bytes, len, &limits, &doc, ret_rule);
	if (err < 0)
		return FAULT(fault, err, "no memory to read an answer of %zu bytes", len);
	if (err > 0)
		return 1;
	*ret_rule = read_envelope(doc, &reading);
	if (*ret_rule)
		return 1;
	read_body(&reading);
	if (reading.failed)
		return FAULT(fault, FAULT_MEMORY, "no memory for the reasons of an answer");
	if (verdict.message_type == 204) {
		err = check_signature(bytes, len, settings, &verdict, fault);
		if (err)
			return err;
	}
	*ret = verdict;
	return 0;
}
