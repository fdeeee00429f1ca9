/* line: tries the way to the tax authority layer by layer, and says whose fault it is when it ends. Nothing is sent. */
#ifndef HOADON_SEND_LINE_H
#define HOADON_SEND_LINE_H

#include "base/clock.h"
#include "core/outage.h"
#include "send/authority.h"
#include "send/http.h"

enum line_layer { LINE_NAME, LINE_CONNECTION, LINE_TLS, LINE_TVAN, LINE_AUTHORITY, LINE_LAYER_COUNT };
enum line_state { LINE_UNTRIED, LINE_WELL, LINE_BROKEN };

enum line_finding {
	LINE_FINE,
	LINE_NO_NETWORK,
	LINE_NO_NAME,
	LINE_NO_CONNECTION,
	LINE_NO_TLS,
	LINE_CERT_EARLY,   /* or the clock of this machine is behind */
	LINE_CERT_EXPIRED, /* or the clock of this machine is ahead */
	LINE_CERT_STRANGER,
	LINE_CERT_OTHER_NAME,
	LINE_NO_CA_FILE,
	LINE_SILENT,	  /* a secure connection, and no answer */
	LINE_REFUSES,	  /* 401, 403: user or password */
	LINE_NOT_THERE,	  /* another 4xx, or an answer of no T-VAN: the address */
	LINE_BUSY,	  /* 408, 425, 429, 503 */
	LINE_TVAN_BROKEN, /* another 5xx */
	LINE_NO_VERDICT,  /* the message asked about waits for the authority for too long */
	LINE_NOT_SIGNED,  /* an answer that the authority did not sign, as far as anchors_pem tell */
	LINE_FINDING_COUNT
};

struct line_finding_row {
	const char *word;	 /* "no-name", as JSON has it */
	enum line_layer layer;	 /* where it ends */
	enum outage_cause cause; /* whose fault it would be; OUTAGE_NONE = ours: a setting or the clock */
	const char *en, *vi;	 /* a sentence with the next step */
};

struct line_settings { /* borrowed during the call */
	const struct authority_ops *ops;
	struct http_settings http;
	const char *url, *user, *password;
	const struct clock *clock;
	const char *message_id,
		*ref;		 /* a message that was sent, to be asked about; NULL = the authority is not tried */
	int64_t sent_at;	 /* of that message, ms UTC */
	const char *anchors_pem; /* whom the authority's signature must chain to */
};

struct line_report {
	struct {
		enum line_state state;
		int64_t ms; /* it took, also to fail; 0 when untried */
	} steps[LINE_LAYER_COUNT];
	enum line_finding finding;
	int status;	  /* HTTP; 0 = no answer came */
	bool has_date;	  /* the answer said what time it is */
	int64_t ahead_ms; /* so much this machine's clock is ahead of it; < 0 behind */
	char text[200];	  /* what happened, in technical words */
};

/**
 * line_try() - one question over the route, which changes nothing there
 * @ret: overwritten
 *
 * Asks about a message, or about one that nobody sent: that the route does not know it proves name, connection, TLS, address, user and password.
 * Return: 0, also when the line is broken; < 0 failure about us. Thread: any, one http at a time.
 * Source: operations "network by layer"; causes as law R-OUT-1 to R-OUT-5.
 */
int line_try(const struct line_settings *settings, struct line_report *ret, struct fault *fault) MUST_CHECK;
/** line_finding_row() - the row of @finding; static. */
const struct line_finding_row *line_finding_row(enum line_finding finding);
/** line_layer_word() - "name", "connection", "tls", "tvan", "authority"; static. */
const char *line_layer_word(enum line_layer layer);
/** line_layer_text() - the same for people, in Vietnamese or English; static. */
const char *line_layer_text(enum line_layer layer, bool is_vi);

#endif
