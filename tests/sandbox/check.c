#include "check.h"
#include "answer.h"
#include "check_invoice.h"
#include "clock.h"
#include "xml.h"

#include <stdlib.h>
#include <string.h>
#include <strings.h>

/* One message under check. */
struct work {
	struct sandbox *sb;
	struct knobs knobs;
	struct registry registry;
	struct seller seller;
	bool seller_known;
	struct message message;
	struct fired fired;
	struct notes notes;
	xmlDoc *doc;
	xmlNode *root;
	struct invoice *invoices;
	xmlNode **nodes;
	int count;
	int kind; /* LTBao */
	struct reason whole;
};

static void work_done(struct work *w)
{
	message_done(&w->message);
	registry_done(&w->registry);
	text_done(&w->notes.lines);
	xmlFreeDoc(w->doc);
	free(w->invoices);
	free(w->nodes);
}

static int work_load(struct work *w, const char *id)
{
	struct reason why;

	if (books_message_get(w->sb->books, id, &w->message) != 0 || registry_load(w->sb->dir, &w->registry) != 0)
		return -1;
	w->knobs = settings_knobs(&w->sb->settings);
	if (w->message.cleared == (int64_t)settings_cleared(&w->sb->settings))
		fired_parse(&w->fired, w->message.faults);
	w->seller_known = registry_seller(&w->registry, w->message.tax_code, &w->seller);
	w->doc = xml_parse(w->message.body.data, w->message.body.len, &why);
	if (!w->doc)
		return -1;
	w->root = xmlDocGetRootElement(w->doc);
	w->invoices = calloc((size_t)w->message.invoices + 1, sizeof *w->invoices);
	w->nodes = calloc((size_t)w->message.invoices + 1, sizeof(xmlNode *));
	if (!w->invoices || !w->nodes)
		return -1;
	for (xmlNode *n = xml_path(w->root, "DLieu/HDon"); n && w->count < w->message.invoices; n = xml_next(n)) {
		w->nodes[w->count] = n;
		invoice_read(n, &w->invoices[w->count++]);
	}
	return 0;
}

/* format 12.1 step 7 */
static int check_signature(struct work *w, struct reason *why)
{
	struct signer signer;
	xmlNode *place = xml_child(w->root, "CKSNNT"), *data = xml_child(w->root, "DLieu");

	if (seal_check_document(w->doc, why) != 0 ||
		seal_check(w->sb->seal, place, data, w->message.tax_code, &signer, why) != 0)
		return 1;
	if (w->seller_known && !seller_has_serial(&w->seller, signer.serial))
		return reason_set(why, "S203", "Chứng thư số %s chưa đăng ký với cơ quan thuế", signer.serial);
	if (llabs(signer.signing_ms - w->message.received_ms) > 24 * 3600 * 1000LL)
		notes_add(&w->notes, "SigningTime is more than a day away from the time of receipt");
	return 0;
}

/* format 12.1 step 8; the form is a matter of each invoice (S408 is LTBao 7 in format 12.3) */
static int check_seller(struct work *w, struct reason *why)
{
	const struct seller *s = &w->seller;

	if (!w->seller_known)
		return reason_set(
			why, "S301", "Mã số thuế %s chưa đăng ký sử dụng hóa đơn điện tử", w->message.tax_code);
	const char *status = knobs_seller_status(&w->knobs, s->tax_code);
	if (status ? strcmp(status, "active") != 0 : !s->active)
		return reason_set(why, "S303", "Người bán %s đã ngừng sử dụng hóa đơn điện tử", s->tax_code);
	if (w->message.type == 216 ? !s->uncoded : !s->coded)
		return reason_set(
			why, "S302", "Người bán chưa đăng ký hình thức hóa đơn của thông điệp %d", w->message.type);
	const xmlNode *head = xml_child(w->root, "TTChung");
	char sender[16];
	xml_copy(head, "MNGui", sender, sizeof sender);
	if (strcmp(sender + (sender[0] == 'V'), s->tvan) != 0)
		return reason_set(why, "S304", "Tổ chức truyền nhận %s chưa đăng ký cho người bán", sender);
	return 0;
}

/* An own signature of an invoice is checked in a document of its own, where only this HDon exists. */
static int check_own_signature(struct work *w, int at, struct reason *why)
{
	struct signer signer;

	if (!w->invoices[at].is_signed)
		return 0;
	CLEANUP(xml_doc_done) xmlDoc *doc = xml_subtree(w->nodes[at]);
	if (!doc)
		return reason_set(why, "S201", "Không đọc được chữ ký của hóa đơn");
	xmlNode *root = xmlDocGetRootElement(doc);
	if (seal_check_document(doc, why) != 0 ||
		seal_check(w->sb->seal, xml_path(root, "DSCKS/NBan"), xml_child(root, "DLHDon"), w->message.tax_code,
			&signer, why) != 0)
		return 1;
	if (!seller_has_serial(&w->seller, signer.serial))
		return reason_set(why, "S203", "Chứng thư số %s chưa đăng ký với cơ quan thuế", signer.serial);
	return 0;
}

/* A violation of the XSD belongs to the invoice around the node, else to the whole message. */
static void on_schema_fault(void *context, const xmlNode *node, const char *sentence)
{
	struct work *w = context;
	char path[200];
	struct reason *target = &w->whole;

	xml_where(node, path, sizeof path);
	if (w->knobs.check_xsd != CHECK_REFUSE) {
		notes_add(&w->notes, "XSD: %s %s", sentence, path);
		return;
	}
	for (const xmlNode *up = node; up; up = up->parent) {
		for (int i = 0; i < w->count; i++) {
			if (w->nodes[i] == up)
				target = &w->invoices[i].refusal;
		}
	}
	if (target->code[0])
		return;
	reason_set(target, target == &w->whole ? "S101" : "S401", "XSD: %.150s %s", sentence, path);
}

static void check_schema(struct work *w)
{
	struct sandbox *sb = w->sb;

	if (w->knobs.check_xsd == CHECK_OFF)
		return;
	if (strcmp(sb->schema_profile, w->knobs.profile) != 0) {
		schema_free(sb->schema);
		sb->schema = schema_load(sb->schemas, w->knobs.profile, "206");
		str_copy(sb->schema_profile, sizeof sb->schema_profile, w->knobs.profile);
	}
	if (!sb->schema || w->message.type != 206) {
		notes_add(&w->notes, "no XSD for message %d, profile %s", w->message.type, w->knobs.profile);
		return;
	}
	schema_check(sb->schema, w->doc, on_schema_fault, w);
}

/* True when a comma-separated list of the script language names n. */
static bool listed(const char *list, int64_t n)
{
	for (const char *c = list; *c; c += *c == ',') {
		char *end;
		if (strtoll(c, &end, 10) == n)
			return true;
		c = end;
	}
	return false;
}

/* Two invoices of one identity in one packet: LTBao 7 names identities, so both are refused. */
static void check_twins(struct work *w)
{
	for (int i = 0; i < w->count; i++) {
		struct invoice *a = &w->invoices[i];
		for (int j = 0; j < w->count && !a->refusal.code[0]; j++) {
			const struct invoice *b = &w->invoices[j];
			if (i != j && a->number == b->number && strcmp(a->serial, b->serial) == 0 &&
				strcmp(a->form, b->form) == 0)
				reason_set(&a->refusal, "20609",
					"Bộ MST, ký hiệu mẫu số, ký hiệu và số hóa đơn không duy nhất");
		}
	}
}

static void check_same_serial(struct work *w)
{
	for (int i = 1; i < w->count; i++) {
		if (strcmp(w->invoices[i].serial, w->invoices[0].serial) != 0 ||
			strcmp(w->invoices[i].form, w->invoices[0].form) != 0) {
			notes_add(&w->notes, "one packet holds several forms or serials (format 5 item 1)");
			return;
		}
	}
}

/* format 12.1 step 9, all that needs no books */
static void check_invoices(struct work *w)
{
	struct rules rules = {.knobs = &w->knobs,
		.registry = &w->registry,
		.seller = &w->seller,
		.type = w->message.type,
		.today = clock_local_day(w->message.received_ms)};

	for (int i = 0; i < w->count; i++) {
		struct invoice *v = &w->invoices[i];
		if ((w->fired.hit[FAULT_REFUSE_INVOICE] && listed(w->fired.arg[FAULT_REFUSE_INVOICE], i + 1)) ||
			(w->fired.hit[FAULT_REFUSE_NUMBER] && listed(w->fired.arg[FAULT_REFUSE_NUMBER], v->number)))
			reason_set(&v->refusal, "S401", "Từ chối theo kịch bản thử: /TDiep/DLieu/HDon[%d]", i + 1);
		else if (invoice_check(&rules, w->nodes[i], v, &w->notes, &v->refusal) == 0)
			check_own_signature(w, i, &v->refusal);
		if (w->fired.hit[FAULT_POISON_NUMBER] && listed(w->fired.arg[FAULT_POISON_NUMBER], v->number))
			reason_set(&w->whole, "S999", "Từ chối theo kịch bản thử");
	}
	check_schema(w);
	check_twins(w);
	check_same_serial(w);
}

/* Numbers of first submissions ascend (assumed; knob check_order). */
static int check_ascending(struct work *w, struct invoice *v)
{
	bool seen = false;
	int64_t highest = books_highest_number(w->sb->books, w->message.tax_code, v, &seen);

	if (w->knobs.check_order == CHECK_OFF || seen || highest < v->number)
		return 0;
	if (w->knobs.check_order == CHECK_REFUSE)
		return reason_set(&v->refusal, "S402", "SHDon %lld nhỏ hơn số đã gửi %lld", (long long)v->number,
			(long long)highest);
	notes_add(&w->notes, "%s;%s;%lld: a higher number, %lld, was submitted before", v->form, v->serial,
		(long long)v->number, (long long)highest);
	return 0;
}

/*
 * format 12.1 step 9, all that needs the books. Identity comes before code: a packet sent again under a new MTDiep must
 * hear 20609 (format 12.4), not S405.
 */
static int check_against_books(struct work *w, int at)
{
	struct invoice *v = &w->invoices[at], old;
	struct books *b = w->sb->books;

	int taken = books_identity_taken(b, w->message.tax_code, v);
	if (taken < 0)
		return -1;
	if (taken)
		return reason_set(&v->refusal, "20609", "Bộ MST, ký hiệu mẫu số, ký hiệu và số hóa đơn không duy nhất");
	taken = v->code[0] ? books_code_taken(b, v->code) : 0;
	if (taken < 0)
		return -1;
	if (taken)
		return reason_set(&v->refusal, "S405", "MCCQT %s đã được sử dụng", v->code);
	if (invoice_related(w->nodes[at], &old)) {
		taken = books_identity_taken(b, w->message.tax_code, &old);
		if (taken < 0)
			return -1;
		if (!taken)
			return reason_set(&v->refusal, "S406", "Không có hóa đơn liên quan %s;%s;%lld", old.form,
				old.serial, (long long)old.number);
	}
	return check_ascending(w, v);
}

static void write_warnings(struct work *w, const char *at)
{
	char *save, *line = w->notes.lines.data ? strtok_r(w->notes.lines.data, "\n", &save) : NULL;

	for (; line; line = strtok_r(NULL, "\n", &save)) {
		books_warning(w->sb->books, at, w->message.id, line);
		log_event("warning mtdiep=%s text=\"%s\"", w->message.id, line);
	}
}

/* Build and sign the answer; -2 instead of a 204 when the knob says so (format 11.2). */
static int make_answer(struct work *w, int64_t now_ms)
{
	struct message *m = &w->message;
	struct envelope e;
	struct reason ignored;

	envelope_read(w->doc, true, &e, &ignored);
	m->kind = w->kind;
	str_copy(m->state, sizeof m->state, "checked");
	str_copy(m->error, sizeof m->error, w->whole.code);
	bool bad_signature = strcmp(w->whole.code, "S201") == 0 || strcmp(w->whole.code, "S202") == 0;
	if (bad_signature && w->knobs.bad_signature_answer) {
		str_copy(w->whole.code, sizeof w->whole.code, "S004");
		str_copy(m->error, sizeof m->error, "S004");
		str_copy(m->state, sizeof m->state, "refused");
		m->kind = 0;
		text_done(&m->answer999);
		answer_technical(w->knobs.profile, -2, &e, now_ms, &w->whole, &m->answer999);
		return 0;
	}
	struct notice n = {.profile = w->knobs.profile,
		.sender = e.sender,
		.id = m->id,
		.tax_code = m->tax_code,
		.name = w->seller_known ? w->seller.name : m->tax_code,
		.received_at = m->received_at,
		.now_ms = now_ms,
		.number = books_next_number(w->sb->books),
		.type = m->type,
		.kind = w->kind,
		.count = w->count,
		.invoices = w->invoices,
		.whole = &w->whole};
	if (n.number < 0)
		return -1;
	answer_notice(&n, &m->answer204);
	return seal_sign(w->sb->seal, &m->answer204);
}

/* One transaction: the verdict of every invoice, the answer, the warnings. */
static int settle(struct work *w)
{
	int64_t now_ms = clock_now_ms(w->sb->clock_file);
	char at[CLOCK_TEXT];
	int rc = 0, refused = 0;

	if (books_begin(w->sb->books) != 0)
		return -1;
	for (int i = 0; i < w->count && rc == 0; i++) {
		struct invoice *v = &w->invoices[i];
		if (w->kind == 9)
			v->refusal = w->whole;
		else if (!v->refusal.code[0])
			rc = check_against_books(w, i) < 0 ? -1 : 0;
		refused += v->refusal.code[0] != '\0';
		if (rc == 0)
			rc = books_invoice_add(w->sb->books, &w->message, v);
	}
	if (w->kind != 9)
		w->kind = refused ? 7 : 2;
	if (rc == 0)
		rc = make_answer(w, now_ms);
	if (rc == 0)
		rc = books_message_settle(w->sb->books, &w->message);
	clock_local_text(now_ms, at);
	if (rc == 0)
		write_warnings(w, at);
	if (books_end(w->sb->books, rc == 0) != 0)
		rc = -1;
	log_event("checked mtdiep=%s ltbao=%d invoices=%d refused=%d error=%s rc=%d", w->message.id, w->kind, w->count,
		refused, w->message.error, rc);
	return rc;
}

static int check_locked(struct sandbox *sb, const char *id)
{
	CLEANUP(work_done) struct work w = {.sb = sb};

	if (work_load(&w, id) != 0) {
		log_event("check-failed mtdiep=%s", id);
		return -1;
	}
	if (strcmp(w.message.state, "received") != 0)
		return 0;
	if (w.fired.hit[FAULT_REFUSE_MESSAGE])
		reason_set(&w.whole, w.fired.arg[FAULT_REFUSE_MESSAGE], "Từ chối theo kịch bản thử");
	else if (check_signature(&w, &w.whole) == 0 && check_seller(&w, &w.whole) == 0)
		check_invoices(&w);
	w.kind = w.whole.code[0] ? 9 : 0;
	return settle(&w);
}

int check_message(struct sandbox *sb, const char *id)
{
	pthread_mutex_lock(&sb->seal_lock);
	int rc = check_locked(sb, id);
	pthread_mutex_unlock(&sb->seal_lock);
	return rc;
}

/* Wait for work, at most until the next message is due. */
static void wait_for_work(struct sandbox *sb, int64_t due_ms)
{
	int64_t now = clock_real_ms(), until = now + 500;

	if (due_ms >= 0 && due_ms < until)
		until = due_ms;
	struct timespec deadline = {.tv_sec = until / 1000, .tv_nsec = until % 1000 * 1000000};
	pthread_mutex_lock(&sb->wake_lock);
	while (!sb->woken && !sb->stop && pthread_cond_timedwait(&sb->wake, &sb->wake_lock, &deadline) == 0)
		;
	sb->woken = false;
	pthread_mutex_unlock(&sb->wake_lock);
}

void *check_thread(void *sandbox)
{
	struct sandbox *sb = sandbox;
	char id[MTDIEP_SIZE];
	int64_t due_ms;

	while (!sb->stop) {
		if (books_next_due(sb->books, clock_real_ms(), id, &due_ms) != 0)
			wait_for_work(sb, due_ms);
		else if (check_message(sb, id) != 0)
			sandbox_sleep(sb, 1000); /* disk full or registry broken: try again, never lose a message */
	}
	return NULL;
}
