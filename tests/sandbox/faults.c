#include "faults.h"

#include <cjson/cJSON.h>
#include <stdlib.h>
#include <string.h>

struct kind_row {
	const char *name;
	enum stage stage;
	const char
		*arg; /* pattern of the argument; NULL: none; a trailing "?" in the pattern allows it to be missing */
	const char *help;
};

#define STATUS "^[345][0-9][0-9]$"
#define CODE   "^[A-Za-z0-9-]{1,10}$"
#define NUMBER "^[0-9]{1,9}$"
#define MAYBE  "^([0-9]{1,9})?$"

static const struct kind_row kinds[FAULT_KINDS] = {
	[FAULT_DROP_BEFORE] = {"drop-before", STAGE_SUBMIT, NULL, "close the connection, nothing stored"},
	[FAULT_DROP_AFTER] = {"drop-after", STAGE_SUBMIT, NULL, "store, then close without an answer"},
	[FAULT_DELAY] = {"delay", STAGE_SUBMIT, NUMBER, "MS: wait before anything else"},
	[FAULT_STATUS] = {"status", STAGE_SUBMIT, STATUS, "CODE: this HTTP status, nothing stored"},
	[FAULT_STATUS_AFTER] = {"status-after", STAGE_SUBMIT, STATUS, "CODE: store, then this HTTP status"},
	[FAULT_GARBAGE] = {"garbage", STAGE_SUBMIT, NULL, "store, then a body that is not XML"},
	[FAULT_GARBAGE_BEFORE] = {"garbage-before", STAGE_SUBMIT, NULL, "a body that is not XML, nothing stored"},
	[FAULT_REFUSE_999] = {"refuse-999", STAGE_MESSAGE, CODE, "CODE: 999 TTTNhan 1 with this code"},
	[FAULT_204_AT_ONCE] = {"204-at-once", STAGE_MESSAGE, NULL, "the POST answers the 204 instead of the 999"},
	[FAULT_REFUSE_INVOICE] = {"refuse-invoice", STAGE_MESSAGE, NUMBER, "N: the N-th invoice gets S401"},
	[FAULT_REFUSE_NUMBER] = {"refuse-number", STAGE_MESSAGE, NUMBER,
		"NUM: the invoice of this number gets S401 (for ever)"},
	[FAULT_REFUSE_MESSAGE] = {"refuse-message", STAGE_MESSAGE, CODE, "CODE: 204 LTBao 9 with this code"},
	[FAULT_POISON_NUMBER] = {"poison-number", STAGE_MESSAGE, NUMBER,
		"NUM: 204 LTBao 9 with S999 for a message that holds the invoice of this number (for ever)"},
	[FAULT_OTHER_MESSAGE] = {"other-message", STAGE_MESSAGE, MAYBE,
		"[N]: the (first N) answers name another MTDiep"},
	[FAULT_UNSIGNED_ANSWER] = {"unsigned-answer", STAGE_MESSAGE, MAYBE, "[N]: the (first N) 204 have no signature"},
	[FAULT_FORGED_ANSWER] = {"forged-answer", STAGE_MESSAGE, MAYBE, "[N]: the (first N) 204 have one byte changed"},
	[FAULT_LOSE_204] = {"lose-204", STAGE_MESSAGE, MAYBE, "[N]: the (first N) queries stay 202"},
	[FAULT_TWICE] = {"twice", STAGE_MESSAGE, NULL, "later queries get the 204 again under other numbers"},
	[FAULT_QUERY_DROP] = {"query-drop", STAGE_QUERY, NULL, "close the connection"},
	[FAULT_QUERY_STATUS] = {"query-status", STAGE_QUERY, STATUS, "CODE: this HTTP status"},
	[FAULT_QUERY_NOT_FOUND] = {"query-not-found", STAGE_QUERY, NULL, "404 with X-Message-State: not_found"},
	[FAULT_QUERY_CANNOT_ASK] = {"query-cannot-ask", STAGE_QUERY, NULL, "501 with X-Message-State: cannot_ask"},
	[FAULT_QUERY_GARBAGE] = {"query-garbage", STAGE_QUERY, NULL, "200 with a body that is not XML"},
	[FAULT_SLOW_ANSWER] = {"slow-answer", STAGE_QUERY, NUMBER, "BYTES_PER_S: the body trickles"},
};

void settings_init(struct settings *s)
{
	*s = (struct settings){0};
	pthread_mutex_init(&s->lock, NULL);
	knobs_defaults(&s->knobs);
}

struct knobs settings_knobs(struct settings *s)
{
	pthread_mutex_lock(&s->lock);
	struct knobs copy = s->knobs;
	pthread_mutex_unlock(&s->lock);
	return copy;
}

unsigned long settings_cleared(struct settings *s)
{
	pthread_mutex_lock(&s->lock);
	unsigned long cleared = s->cleared;
	pthread_mutex_unlock(&s->lock);
	return cleared;
}

int settings_set(struct settings *s, const char *name, const char *value, struct reason *why)
{
	pthread_mutex_lock(&s->lock);
	int rc = knobs_set(&s->knobs, name, value, why);
	pthread_mutex_unlock(&s->lock);
	return rc;
}

static const struct kind_row *kind_named(const char *name, enum kind *ret)
{
	for (int i = 0; i < FAULT_KINDS; i++) {
		if (strcmp(kinds[i].name, name) == 0) {
			*ret = (enum kind)i;
			return &kinds[i];
		}
	}
	return NULL;
}

/* fault KIND [ARG] [times N] [after K]; save is strtok_r's. */
static int add_fault(struct settings *s, char **save, struct reason *why)
{
	const char *name = strtok_r(NULL, " \t\r", save);
	struct fault f = {.times = 1};
	bool timed = false;

	const struct kind_row *row = name ? kind_named(name, &f.kind) : NULL;
	if (!row)
		return reason_set(why, "script", "no kind of fault is called '%s'", name ? name : "");
	for (const char *word; (word = strtok_r(NULL, " \t\r", save));) {
		bool times = strcmp(word, "times") == 0;
		if (times || strcmp(word, "after") == 0) {
			const char *count = strtok_r(NULL, " \t\r", save);
			if (!count || !str_digits(count, 9))
				return reason_set(why, "script", "%s needs a number", word);
			*(times ? &f.times : &f.after) = atoll(count);
			timed |= times;
		} else if (f.arg[0] || !str_copy(f.arg, sizeof f.arg, word)) {
			return reason_set(why, "script", "unexpected '%s'", word);
		}
	}
	if (row->arg ? !str_match(f.arg, row->arg) : f.arg[0] != '\0')
		return reason_set(why, "script", "%s: wrong argument '%s'", row->name, f.arg);
	if ((f.kind == FAULT_REFUSE_NUMBER || f.kind == FAULT_POISON_NUMBER) && !timed)
		f.times = 0;
	if (s->count == FAULTS_MAX)
		return reason_set(why, "script", "more than %d faults", FAULTS_MAX);
	s->faults[s->count++] = f;
	return 0;
}

static int one_line(struct settings *s, char *line, struct reason *why)
{
	char *save, *verb = strtok_r(line, " \t\r", &save);

	if (!verb || verb[0] == '#')
		return 0;
	if (strcmp(verb, "clear") == 0) {
		s->count = 0;
		s->cleared++;
		return 0;
	}
	if (strcmp(verb, "fault") == 0)
		return add_fault(s, &save, why);
	if (strcmp(verb, "set") == 0) {
		const char *name = strtok_r(NULL, " \t\r", &save), *value = strtok_r(NULL, " \t\r", &save);
		if (!name || !value)
			return reason_set(why, "script", "set needs a name and a value");
		return knobs_set(&s->knobs, name, value, why);
	}
	return reason_set(why, "script", "set, fault or clear expected, not '%s'", verb);
}

int settings_script(struct settings *s, const char *lines, struct reason *why)
{
	char line[512];
	int rc = 0;

	pthread_mutex_lock(&s->lock);
	for (int number = 1; *lines && rc == 0; number++) {
		size_t len = strcspn(lines, "\n");
		struct reason inner = {0};
		str_printf(line, sizeof line, "%.*s", (int)(len < sizeof line ? len : sizeof line), lines);
		rc = len < sizeof line ? one_line(s, line, &inner) : reason_set(&inner, "script", "line too long");
		if (rc)
			reason_set(why, "script", "line %d: %s", number, inner.text);
		lines += len + (lines[len] == '\n');
	}
	pthread_mutex_unlock(&s->lock);
	return rc;
}

static void fired_add(struct fired *f, enum kind kind, const char *arg)
{
	char one[64];
	size_t had = strlen(f->arg[kind]);

	f->hit[kind] = true;
	str_printf(f->arg[kind] + had, sizeof f->arg[kind] - had, "%s%s", had ? "," : "", arg);
	str_printf(one, sizeof one, "%s%s%s%s", f->names[0] ? " " : "", kinds[kind].name, *arg ? "=" : "", arg);
	size_t used = strlen(f->names);
	str_copy(f->names + used, sizeof f->names - used, one);
}

void settings_fire(struct settings *s, enum stage stage, struct fired *ret)
{
	size_t kept = 0;

	*ret = (struct fired){0};
	pthread_mutex_lock(&s->lock);
	for (size_t i = 0; i < s->count; i++) {
		struct fault *f = &s->faults[i];
		bool spent = false;
		bool listed = f->kind == FAULT_REFUSE_NUMBER || f->kind == FAULT_REFUSE_INVOICE ||
			      f->kind == FAULT_POISON_NUMBER;
		if (kinds[f->kind].stage == stage && (listed || !ret->hit[f->kind])) {
			if (f->after > 0) {
				f->after--;
			} else {
				fired_add(ret, f->kind, f->arg);
				spent = f->times == 1;
				f->times -= f->times > 0;
			}
		}
		if (!spent)
			s->faults[kept++] = *f;
	}
	s->count = kept;
	pthread_mutex_unlock(&s->lock);
}

void settings_json(struct settings *s, struct text *out)
{
	cJSON *all = cJSON_CreateObject(), *list = cJSON_CreateArray();

	pthread_mutex_lock(&s->lock);
	cJSON_AddItemToObject(all, "knobs", knobs_json(&s->knobs));
	for (size_t i = 0; i < s->count; i++) {
		const struct fault *f = &s->faults[i];
		cJSON *one = cJSON_CreateObject();
		cJSON_AddStringToObject(one, "kind", kinds[f->kind].name);
		cJSON_AddStringToObject(one, "arg", f->arg);
		cJSON_AddNumberToObject(one, "times", (double)f->times);
		cJSON_AddNumberToObject(one, "after", (double)f->after);
		cJSON_AddItemToArray(list, one);
	}
	pthread_mutex_unlock(&s->lock);
	cJSON_AddItemToObject(all, "faults", list);
	char *printed = cJSON_Print(all);
	text_adds(out, printed ? printed : "{}");
	text_adds(out, "\n");
	cJSON_free(printed);
	cJSON_Delete(all);
}

void fired_parse(struct fired *f, const char *names)
{
	char copy[sizeof f->names], *save;

	*f = (struct fired){0};
	str_copy(copy, sizeof copy, names);
	for (char *word = strtok_r(copy, " ", &save); word; word = strtok_r(NULL, " ", &save)) {
		char *equals = strchr(word, '=');
		enum kind kind;
		if (equals)
			*equals = '\0';
		if (kind_named(word, &kind))
			fired_add(f, kind, equals ? equals + 1 : "");
	}
}

void faults_help(struct text *out)
{
	for (int i = 0; i < FAULT_KINDS; i++)
		text_addf(out, "  %s %s\n", kinds[i].name, kinds[i].help);
}
