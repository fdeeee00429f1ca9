/* answer: the messages of the authority: 999, -1, -2 (format 11.1, 11.2) and 204 (format 11.5) */
#ifndef SANDBOX_ANSWER_H
#define SANDBOX_ANSWER_H

#include "envelope.h"

/** struct notice - what a 204 says; strings are borrowed */
struct notice {
	const char *profile;
	const char *sender, *id, *tax_code; /* MNGui, MTDiep, MST of the packet */
	const char *name;		    /* TNNT */
	const char *received_at;	    /* TGGui */
	int64_t now_ms, number;		    /* date and running number of the notice */
	int type, kind, count;		    /* MLTDiep of the packet, LTBao, SLuong */
	const struct invoice *invoices;	    /* kind 7: all of the packet; the refused ones are listed */
	const struct reason *whole;	    /* kind 9: why */
};

/**
 * answer_technical() - append a 999, -1 or -2
 * @type: 999, -1 or -2
 * @why:  NULL: received without error (TTTNhan 0)
 */
void answer_technical(const char *profile, int type, const struct envelope *e, int64_t now_ms, const struct reason *why,
	struct text *out);

/** answer_notice() - append a 204 with an empty signature template at DSCKS/CQT */
void answer_notice(const struct notice *n, struct text *out);

/** answer_renumber() - turn a signed 204 into an unsigned copy with another MTDiep and So, template renewed */
void answer_renumber(struct text *message, int64_t now_ms, int64_t number);

/** answer_redirect() - turn a signed 204 into one for another message (MTDTChieu, MGDDTu), template renewed */
void answer_redirect(struct text *message, int64_t now_ms);

/** answer_strip() - remove the signature of a 204 */
void answer_strip(struct text *message);

/** answer_forge() - change one byte inside DLTBao of a signed 204: LTBao 7 and 9 become 2, else the number changes */
void answer_forge(struct text *message);

#endif
