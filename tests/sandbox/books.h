/* books: the memory of the simulator (DIR/books.db, SQLite WAL); tests read its tables with SQL */
#ifndef SANDBOX_BOOKS_H
#define SANDBOX_BOOKS_H

#include "text.h"

#include <stdint.h>

#define MTDIEP_SIZE 48 /* 46 characters (format 3) and the NUL */

struct books;
struct notes;

/** struct message - one row of table message */
struct message {
	char id[MTDIEP_SIZE]; /* MTDiep; upper and lower case are the same message */
	int type;	      /* MLTDiep */
	char tax_code[16];    /* MST */
	char received_at[20]; /* local dateTime */
	int64_t received_ms;  /* test clock */
	int invoices;
	char state[12]; /* received, checked, refused */
	int kind;	/* LTBao; 0 = none */
	char error[16];
	struct text body, answer999, answer204;
	int64_t due_ms;	  /* real clock: when the 204 is made */
	char faults[512]; /* faults bound to this message */
	int64_t cleared;  /* value of the "clear" counter when they were bound */
	int64_t row;	  /* order of arrival */
};

/** struct invoice - one row of table invoice: one invoice in one message */
struct invoice {
	char form[4], serial[8]; /* KHMSHDon, KHHDon */
	int64_t number;		 /* SHDon */
	char code[36], date[12]; /* MCCQT, NLap */
	int64_t net, vat, total; /* TgTCThue, TgTThue, TgTTTBSo in whole đồng */
	char sha256[65];	 /* of the canonical HDon */
	bool is_signed;		 /* carries its own NBan signature */
	struct reason refusal;	 /* code empty: accepted */
};

/** books_open() - open or create DIR/books.db; 0 or -1 (logged) */
int books_open(const char *dir, struct books **ret);

/** books_close() - close; NULL is allowed */
void books_close(struct books *b);

/** message_done() - free the buffers of a row */
void message_done(struct message *m);

/** books_message_add() - insert; 0; 1 when the MTDiep is taken (an earlier -1 with the same MTDiep is replaced); -1 */
int books_message_add(struct books *b, const struct message *m);

/** books_message_get() - 0; 1 when unknown; -1 */
int books_message_get(struct books *b, const char *id, struct message *ret);

/** books_message_queried() - count one query; returns how many there were before, -1 on failure */
int books_message_queried(struct books *b, const char *id);

/** books_next_due() - oldest message to check now: 0 and @ret_id; 1 when none, then @ret_due is the next time or -1 */
int books_next_due(struct books *b, int64_t now_ms, char ret_id[MTDIEP_SIZE], int64_t *ret_due);

/** books_next_number() - next number of a notice (So), counted over restarts; -1 on failure */
int64_t books_next_number(struct books *b);

/** books_begin() - lock the books and start a transaction; every begin ends with books_end(); 0 or -1 */
int books_begin(struct books *b);

/** books_end() - commit (or roll back when not @keep) and unlock; 0 or -1 */
int books_end(struct books *b, bool keep);

/** books_identity_taken() - 1 when an accepted invoice has this identity, else 0; -1 */
int books_identity_taken(struct books *b, const char *tax_code, const struct invoice *i);

/** books_code_taken() - 1 when an accepted invoice bears this code (MCCQT), else 0; -1 */
int books_code_taken(struct books *b, const char *code);

/** books_highest_number() - highest number ever submitted in the serial, 0 when none; -1; *@ret_seen: this one was */
int64_t books_highest_number(struct books *b, const char *tax_code, const struct invoice *i, bool *ret_seen);

/** books_invoice_add() - insert one row; 0 or -1 */
int books_invoice_add(struct books *b, const struct message *m, const struct invoice *i);

/** books_message_settle() - store state, kind, error and answers of a checked message; 0 or -1 */
int books_message_settle(struct books *b, const struct message *m);

/** books_request() - log one HTTP request */
void books_request(
	struct books *b, const char *at, const char *method, const char *path, const char *fault, int status);

/** books_warning() - log one warning about a message */
void books_warning(struct books *b, const char *at, const char *id, const char *text);

/** books_print() - counts of messages, invoices, requests and warnings on standard output; 0 or -1 */
int books_print(struct books *b, bool as_json);

#endif
