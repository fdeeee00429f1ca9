/* receive: steps 1 to 6 of format 12.1 and the answers to queries, as the T-VAN route serves them */
#ifndef SANDBOX_RECEIVE_H
#define SANDBOX_RECEIVE_H

#include "sandbox.h"

/** struct reply - what the HTTP layer sends */
struct reply {
	int status; /* HTTP status; 0 = close the connection without an answer */
	struct text body;
	bool is_xml;
	const char *message_state; /* header X-Message-State, or NULL */
	char message_ref[32];	   /* header X-Message-Ref, or empty */
	int retry_after_s;	   /* header Retry-After; 0 = none */
	long bytes_per_s;	   /* trickle; 0 = at once */
	char fault[512];	   /* names of the faults that hit, for the request log */
};

/** receive_submit() - POST of a message, faults included; fills @ret */
void receive_submit(struct sandbox *sb, const char *body, size_t len, struct reply *ret);

/** receive_query() - GET of a message by MTDiep, faults included; fills @ret */
void receive_query(struct sandbox *sb, const char *id, struct reply *ret);

#endif
