/* faults: misbehaviour on request, the script language and the state behind /control */
#ifndef SANDBOX_FAULTS_H
#define SANDBOX_FAULTS_H

#include "knobs.h"

#include <pthread.h>

/** enum stage - what a kind of fault is matched against */
enum stage {
	STAGE_SUBMIT,  /* every POST of a message */
	STAGE_MESSAGE, /* every message that passed steps 1 to 5 of format 12.1; bound to it, kept in the books */
	STAGE_QUERY,   /* every GET of a message */
};

enum kind {
	FAULT_DROP_BEFORE,
	FAULT_DROP_AFTER,
	FAULT_DELAY,
	FAULT_STATUS,
	FAULT_STATUS_AFTER,
	FAULT_GARBAGE,
	FAULT_GARBAGE_BEFORE,
	FAULT_REFUSE_999,
	FAULT_204_AT_ONCE,
	FAULT_REFUSE_INVOICE,
	FAULT_REFUSE_NUMBER,
	FAULT_REFUSE_MESSAGE,
	FAULT_POISON_NUMBER,
	FAULT_OTHER_MESSAGE,
	FAULT_UNSIGNED_ANSWER,
	FAULT_FORGED_ANSWER,
	FAULT_LOSE_204,
	FAULT_TWICE,
	FAULT_QUERY_DROP,
	FAULT_QUERY_STATUS,
	FAULT_QUERY_NOT_FOUND,
	FAULT_QUERY_CANNOT_ASK,
	FAULT_QUERY_GARBAGE,
	FAULT_SLOW_ANSWER,
	FAULT_KINDS
};

#define FAULTS_MAX 128

/** struct fault - one queued fault */
struct fault {
	enum kind kind;
	char arg[32];
	long long times; /* matches left; 0 = for ever */
	long long after; /* matches to let pass first */
};

/** struct settings - knobs and faults; every access through the functions below, which lock */
struct settings {
	pthread_mutex_t lock;
	struct knobs knobs;
	struct fault faults[FAULTS_MAX];
	size_t count;
	unsigned long cleared; /* how often "clear" was said: faults bound to messages before do not count any more */
};

/** struct fired - the faults that hit one request */
struct fired {
	bool hit[FAULT_KINDS];
	char arg[FAULT_KINDS]
		[128]; /* several numbers of refuse-invoice, refuse-number and poison-number are separated by commas */
	char names[512]; /* for the request log: "kind=arg kind ..." */
};

/** settings_init() - defaults, no faults */
void settings_init(struct settings *s);

/** settings_knobs() - a copy of the current knobs */
struct knobs settings_knobs(struct settings *s);

/** settings_cleared() - the current value of the "clear" counter */
unsigned long settings_cleared(struct settings *s);

/** settings_set() - set one knob; 0, or 1 with @why set */
int settings_set(struct settings *s, const char *name, const char *value, struct reason *why);

/**
 * settings_script() - carry out lines of the script language
 *   set KNOB VALUE | fault KIND [ARG] [times N] [after K] | clear | # comment
 * Return: 0; 1 with @why set (line number in its text): lines before the bad one have been carried out.
 */
int settings_script(struct settings *s, const char *lines, struct reason *why);

/** settings_fire() - count one match of @stage and tell which faults hit it */
void settings_fire(struct settings *s, enum stage stage, struct fired *ret);

/** settings_json() - knobs and queued faults as JSON text appended to @out */
void settings_json(struct settings *s, struct text *out);

/** fired_parse() - rebuild a fired set from its names */
void fired_parse(struct fired *f, const char *names);

/** faults_help() - one line per kind */
void faults_help(struct text *out);

#endif
