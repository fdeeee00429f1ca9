#include "receive.h"
#include "answer.h"
#include "check.h"
#include "clock.h"
#include "registry.h"
#include "xml.h"

#include <stdlib.h>
#include <string.h>

static const char garbage[] = "<html><body>Bad gateway <br> this is not a message";

/* One message on its way in. */
struct arrival {
	struct sandbox *sb;
	struct knobs knobs;
	struct envelope envelope;
	struct message message;
	struct fired fired; /* faults bound to the message */
	int64_t now_ms;
};

static void set_status(struct reply *r, int status)
{
	r->status = status;
	r->is_xml = false;
	r->body.len = 0;
	text_addf(&r->body, "status %d on request\n", status);
	if (status == 429 || status == 503)
		r->retry_after_s = 1;
}

static void set_garbage(struct reply *r)
{
	r->status = 200;
	r->is_xml = true;
	r->body.len = 0;
	text_adds(&r->body, garbage);
}

static void set_message(struct reply *r, const struct text *message)
{
	r->status = 200;
	r->is_xml = true;
	r->body.len = 0;
	text_add(&r->body, message->data ? message->data : "", message->len);
}

/* Refuse with 999 TTTNhan 1 or -1; kept for queries when the MTDiep is readable and was not taken before. */
static void refuse(struct arrival *a, int type, const struct reason *why, struct reply *ret)
{
	struct message *m = &a->message;

	text_done(&m->answer999);
	answer_technical(a->knobs.profile, type, &a->envelope, a->now_ms, why, &m->answer999);
	set_message(ret, &m->answer999);
	m->type = type == -1 ? -1 : a->envelope.type;
	str_copy(m->state, sizeof m->state, "refused");
	str_copy(m->error, sizeof m->error, why->code);
	if (m->id[0] && strcmp(why->code, "S106") != 0)
		books_message_add(a->sb->books, m);
	log_event("refused mtdiep=%s type=%d error=%s", m->id, type, why->code);
}

/* format 12.1 step 5: DLieu holds HDon only, SLuong = count ≥ 1, limits of format 3.1 */
static int check_data(struct arrival *a, const xmlNode *root, struct reason *why)
{
	const xmlNode *data = xml_child(root, "DLieu");
	int all = xml_count(data, NULL), invoices = xml_count(data, "HDon");

	if (all != invoices)
		return reason_set(why, "S105", "DLieu của thông điệp %d chỉ được chứa HDon", a->envelope.type);
	a->message.invoices = invoices;
	if (invoices < 1 || invoices != a->envelope.count)
		return reason_set(why, "S104", "SLuong khác số hóa đơn trong DLieu");
	if (invoices > a->knobs.max_invoices)
		return reason_set(
			why, "S107", "Quá %lld hóa đơn trong một thông điệp", (long long)a->knobs.max_invoices);
	return 0;
}

/* format 12.1 step 4 */
static int check_sender(const struct arrival *a, struct reason *why)
{
	struct registry registry;
	const char *sender = a->envelope.sender;

	if (registry_load(a->sb->dir, &registry) != 0)
		return reason_set(why, "S102", "Không đọc được danh sách tổ chức truyền nhận");
	bool known = sender[0] == 'V' && registry_knows(&registry, "tvans", sender + 1);
	registry_done(&registry);
	return known ? 0 : reason_set(why, "S102", "Không có tổ chức truyền nhận %s", sender);
}

/* format 12.1 step 3; with repeat_mtdiep=same-answer the first 999 is given again for the same bytes */
static bool answer_repeat(struct arrival *a, struct reply *ret)
{
	CLEANUP(message_done) struct message old = {0};
	struct reason why;

	if (books_message_get(a->sb->books, a->envelope.id, &old) != 0 || old.type == -1)
		return false;
	bool same =
		old.body.len == a->message.body.len && memcmp(old.body.data, a->message.body.data, old.body.len) == 0;
	if (a->knobs.repeat_mtdiep && same) {
		set_message(ret, &old.answer999);
		return true;
	}
	reason_set(&why, "S106", "MTDiep %s đã được nhận", a->envelope.id);
	refuse(a, 999, &why, ret);
	return true;
}

/* Step 6: store, answer 999 TTTNhan 0. */
static void accept(struct arrival *a, struct reply *ret)
{
	struct message *m = &a->message;
	int64_t least = a->knobs.answer_delay_min_ms, spread = a->knobs.answer_delay_max_ms - least;
	struct reason why;

	settings_fire(&a->sb->settings, STAGE_MESSAGE, &a->fired);
	if (a->fired.hit[FAULT_REFUSE_999]) {
		reason_set(&why, a->fired.arg[FAULT_REFUSE_999], "Từ chối theo kịch bản thử");
		refuse(a, 999, &why, ret);
		return;
	}
	m->type = a->envelope.type;
	m->due_ms = clock_real_ms() + least + (spread > 0 ? random() % (spread + 1) : 0);
	str_copy(m->state, sizeof m->state, "received");
	str_copy(m->faults, sizeof m->faults, a->fired.names);
	m->cleared = (int64_t)settings_cleared(&a->sb->settings);
	answer_technical(a->knobs.profile, 999, &a->envelope, a->now_ms, NULL, &m->answer999);
	int rc = books_message_add(a->sb->books, m);
	if (rc < 0) {
		set_status(ret, 500);
		return;
	}
	if (rc > 0) { /* the same MTDiep arrived on another connection meanwhile */
		answer_repeat(a, ret);
		return;
	}
	set_message(ret, &m->answer999);
	str_printf(ret->message_ref, sizeof ret->message_ref, "SB-%.20s", m->id + strlen(m->id) - 12);
	log_event("received mtdiep=%s type=%d bytes=%zu invoices=%d", m->id, m->type, m->body.len, m->invoices);
	CLEANUP(message_done) struct message now = {0};
	if (a->fired.hit[FAULT_204_AT_ONCE] && check_message(a->sb, m->id) == 0 &&
		books_message_get(a->sb->books, m->id, &now) == 0 && now.answer204.len > 0)
		set_message(ret, &now.answer204);
	sandbox_wake(a->sb);
}

static void arrive(struct arrival *a, const char *body, size_t len, struct reply *ret)
{
	CLEANUP(xml_doc_done) xmlDoc *doc = NULL;
	struct reason why;
	bool too_large = (int64_t)len > a->knobs.max_bytes;

	if (too_large)
		reason_set(&why, "S003", "Thông điệp lớn hơn %lld byte", (long long)a->knobs.max_bytes);
	else
		doc = xml_parse(body, len, &why);
	if (doc && !xml_is(xmlDocGetRootElement(doc), "TDiep")) {
		xml_doc_done(&doc);
		reason_set(&why, "S001", "Không đọc được thông điệp: phần tử gốc không phải TDiep");
	}
	if (!doc)
		envelope_scan(body, len, &a->envelope);
	if (!too_large)
		text_add(&a->message.body, body, len);
	int bad = doc ? envelope_read(doc, a->knobs.accept_216 != 0, &a->envelope, &why) : 1;
	str_copy(a->message.id, sizeof a->message.id, a->envelope.id);
	str_copy(a->message.tax_code, sizeof a->message.tax_code, a->envelope.tax_code);
	if (!doc)
		refuse(a, -1, &why, ret);
	else if (bad)
		refuse(a, 999, &why, ret);
	else if (answer_repeat(a, ret))
		return;
	else if (check_sender(a, &why) != 0 || check_data(a, xmlDocGetRootElement(doc), &why) != 0)
		refuse(a, 999, &why, ret);
	else
		accept(a, ret);
}

static bool submit_fault_before(struct sandbox *sb, const struct fired *f, struct reply *ret)
{
	if (f->hit[FAULT_DELAY])
		sandbox_sleep(sb, atoll(f->arg[FAULT_DELAY]));
	if (f->hit[FAULT_DROP_BEFORE])
		ret->status = 0;
	else if (f->hit[FAULT_STATUS])
		set_status(ret, atoi(f->arg[FAULT_STATUS]));
	else if (f->hit[FAULT_GARBAGE_BEFORE])
		set_garbage(ret);
	else
		return false;
	return true;
}

static void submit_fault_after(const struct fired *f, struct reply *ret)
{
	if (f->hit[FAULT_DROP_AFTER])
		ret->status = 0;
	else if (f->hit[FAULT_STATUS_AFTER])
		set_status(ret, atoi(f->arg[FAULT_STATUS_AFTER]));
	else if (f->hit[FAULT_GARBAGE])
		set_garbage(ret);
}

void receive_submit(struct sandbox *sb, const char *body, size_t len, struct reply *ret)
{
	struct arrival a = {.sb = sb, .knobs = settings_knobs(&sb->settings)};
	struct fired fired;

	if (a.knobs.offline) {
		str_copy(ret->fault, sizeof ret->fault, "offline");
		set_status(ret, 503);
		return;
	}
	settings_fire(&sb->settings, STAGE_SUBMIT, &fired);
	if (!submit_fault_before(sb, &fired, ret)) {
		a.now_ms = clock_now_ms(sb->clock_file);
		a.message.received_ms = a.now_ms;
		clock_local_text(a.now_ms, a.message.received_at);
		arrive(&a, body, len, ret);
		submit_fault_after(&fired, ret);
	}
	str_printf(ret->fault, sizeof ret->fault, "%s%s%s", fired.names, fired.names[0] && a.fired.names[0] ? " " : "",
		a.fired.names);
	message_done(&a.message);
}

/* Does a fault of the form KIND [N] still hold on the at-th query (from 0)? */
static bool lasts(const struct fired *f, enum kind kind, int at)
{
	return f->hit[kind] && (f->arg[kind][0] == '\0' || atoi(f->arg[kind]) == 0 || at < atoi(f->arg[kind]));
}

static int sign_again(struct sandbox *sb, struct text *message)
{
	pthread_mutex_lock(&sb->seal_lock);
	int rc = seal_sign(sb->seal, message);
	pthread_mutex_unlock(&sb->seal_lock);
	return rc;
}

/* The stored 204, bent by the faults that are bound to its message. */
static void give_notice(struct sandbox *sb, struct message *m, const struct fired *f, int at, struct reply *ret)
{
	int64_t now_ms = clock_now_ms(sb->clock_file);
	struct text *notice = &m->answer204;
	int rc = 0;

	if (lasts(f, FAULT_OTHER_MESSAGE, at)) {
		answer_redirect(notice, now_ms);
		rc = sign_again(sb, notice);
	} else if (f->hit[FAULT_TWICE] && at > 0) {
		answer_renumber(notice, now_ms, books_next_number(sb->books));
		rc = sign_again(sb, notice);
	}
	if (lasts(f, FAULT_UNSIGNED_ANSWER, at))
		answer_strip(notice);
	if (lasts(f, FAULT_FORGED_ANSWER, at))
		answer_forge(notice);
	if (rc != 0)
		set_status(ret, 500);
	else
		set_message(ret, notice);
}

static void state(struct reply *r, int status, const char *name)
{
	r->status = status;
	r->body.len = 0;
	r->message_state = name;
	if (name)
		text_addf(&r->body, "%s\n", name);
}

static bool query_fault(const struct fired *f, struct reply *ret)
{
	if (f->hit[FAULT_QUERY_DROP])
		ret->status = 0;
	else if (f->hit[FAULT_QUERY_STATUS])
		set_status(ret, atoi(f->arg[FAULT_QUERY_STATUS]));
	else if (f->hit[FAULT_QUERY_NOT_FOUND])
		state(ret, 404, "not_found");
	else if (f->hit[FAULT_QUERY_CANNOT_ASK])
		state(ret, 501, "cannot_ask");
	else if (f->hit[FAULT_QUERY_GARBAGE])
		set_garbage(ret);
	else
		return false;
	return true;
}

static void answer_query(struct sandbox *sb, const char *id, struct reply *ret)
{
	CLEANUP(message_done) struct message m = {0};
	struct fired bound = {0};

	int rc = books_message_get(sb->books, id, &m);
	if (rc < 0) {
		set_status(ret, 500);
		return;
	}
	if (rc > 0) {
		state(ret, 404, "not_found");
		return;
	}
	if (m.cleared == (int64_t)settings_cleared(&sb->settings))
		fired_parse(&bound, m.faults);
	if (strcmp(m.state, "refused") == 0) {
		set_message(ret, &m.answer999);
		return;
	}
	if (strcmp(m.state, "received") == 0) {
		state(ret, 202, NULL);
		return;
	}
	int at = books_message_queried(sb->books, id);
	if (lasts(&bound, FAULT_LOSE_204, at))
		state(ret, 202, NULL);
	else
		give_notice(sb, &m, &bound, at, ret);
}

void receive_query(struct sandbox *sb, const char *id, struct reply *ret)
{
	struct knobs knobs = settings_knobs(&sb->settings);
	struct fired fired;

	if (knobs.offline) {
		str_copy(ret->fault, sizeof ret->fault, "offline");
		set_status(ret, 503);
		return;
	}
	settings_fire(&sb->settings, STAGE_QUERY, &fired);
	str_copy(ret->fault, sizeof ret->fault, fired.names);
	if (fired.hit[FAULT_SLOW_ANSWER])
		ret->bytes_per_s = atol(fired.arg[FAULT_SLOW_ANSWER]);
	if (query_fault(&fired, ret))
		return;
	if (knobs.cannot_ask)
		state(ret, 501, "cannot_ask");
	else
		answer_query(sb, id, ret);
}
