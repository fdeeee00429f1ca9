/* tap_parts: what the files of the tap share. For agent/tap*.c only; all of it on the main loop, but for what says otherwise. */
#ifndef HOADON_TAP_PARTS_H
#define HOADON_TAP_PARTS_H

#include <pthread.h>

#include "capture/framing.h"
#include "capture/hold.h"
#include "capture/line.h"
#include "capture/print.h"
#include "core/receipt.h"
#include "reader.h"
#include "store/paper.h"
#include "tap.h"

#define TAP_TILLS_MAX	4 /* of one port at a time; further ones wait at the door */
#define TAP_JOBS_MAX	256
#define TAP_JOBS_BYTES	((size_t)32 << 20) /* of receipts that are not kept yet */
#define TAP_SLIPS_MAX	32		   /* of one port that wait; the oldest goes first */
#define TAP_WAITING_MAX ((size_t)64 << 10) /* bytes of a till that wait; beyond, it is not read */
#define TAP_RECEIPT_MAX ((size_t)1 << 20)  /* bytes of a receipt that are kept: its last ones */
#define TAP_REPLIES_MAX ((size_t)4 << 10)  /* of a printer that its till has not taken */
#define TAP_REACH_MS	10000		   /* longest time until a printer is reached */
#define TAP_LINGER_MS	10000		   /* longest time until a printer that got all says so */
#define TAP_DRAIN_MS	50		   /* how often a printer that never says so is looked at */
#define TAP_GONE_MS	10000		   /* longest pause until a device that went is opened again */
#define TAP_UNKNOWN_MAX 2		   /* tills of one port at a time that are not known: the others find room */
#define TAP_UNKNOWN_MS	60000		   /* longest silence of a till that is not known */
#define TAP_UNKNOWN_PAPERS                                                                                             \
	20 /* of one port that are kept an hour and come from tills that are not known (house: bounded) */

/* What is printed of an invoice. */
struct code {
	struct code *next;
	int64_t invoice_id;
	bool is_replay;	   /* of a bill that was printed before, whose code is on paper or on a slip */
	struct bytes slip; /* commands of the printer's language */
};

struct tap {
	const struct tap_settings *settings;
	struct loop *loop;
	struct tap_port *ports;
	size_t port_count;
	uint32_t last_stream;
	int timer_fd, event_fd;
	int64_t tick_ms; /* monotonic: for which the timer is set; HOLD_NEVER = it is not */
	pthread_mutex_t lock;
	struct slot *finished; /* by the issuer, newest first; guarded by lock */
	struct job *jobs;      /* receipts under way to the issuer and back, oldest first */
	size_t job_count;
	int64_t not_kept; /* receipts without room, not counted yet */
	bool is_closing;
	int64_t until_ms; /* monotonic: of closing */
};

struct pause {	       /* grows while something fails */
	int64_t at_ms; /* monotonic: not before */
	int64_t ms;
};

struct again { /* a kept frame that is read again */
	int64_t id, received_at;
	bool is_known;	  /* its till is */
	bool has_receipt; /* something was found in it */
	bool is_short;	  /* not all that was found has room */
};

struct tap_port {
	struct tap *tap;
	const struct config_port *config;
	struct ports_row *row; /* what is told of it */
	const struct line_source_ops *source;
	const struct printer_ops *printer; /* NULL = none */
	const struct print_dialect_ops *language;
	struct print_state state; /* of the printer, as far as is known: what went to it says so */
	int listen_fd;		  /* -1: not open */
	bool is_door_open;
	bool is_told;		 /* the log says that it cannot be opened */
	struct pause listening;	 /* while it cannot be opened */
	struct pause letting_in; /* while the printer is away and the till cannot be told */
	struct bytes profile, catalogue, glyphs;
	struct reader_settings reader_settings;
	struct reader *reader;
	int64_t read_ms;		/* monotonic: when the reader was ready last */
	bool is_printer_away;		/* when it was to be reached last */
	enum printer_standing standing; /* of the printer, while somebody prints */
	struct tap_till *tills;
	size_t till_count;
	/* kept frames that are read again */
	bool is_behind;	       /* there may be some */
	uint32_t again_stream; /* 0 = none now */
	struct again again;
	int64_t killer; /* frame that the reader died of once */
	/* tills that are not known */
	int64_t hour; /* of the clock that never goes back */
	int hour_papers;
	/* late slips */
	struct code *slips;
	size_t slip_count;
	struct printer_line slip_line;
	bool is_slip_asked; /* it is being recorded */
	bool is_slip_told;  /* recorded: from here on it is never printed again */
	size_t slip_gone;
	struct pause slip;     /* while the printer is away; of a slip under way: when to look at it */
	int64_t slip_until_ms; /* monotonic: the printer has it by then */
};

struct held { /* a cut that ends a receipt and is held */
	uint64_t offset, end;
	struct print_state state;
	struct code *code; /* what was taken to be printed before it, NULL = nothing yet */
};

struct tap_till {
	struct tap_till *next;
	struct tap_port *port;
	uint32_t stream;
	int fd; /* -1: closed */
	struct printer_line printer;
	char peer[LINE_PEER_MAX];
	bool is_known;	    /* its bills become invoices */
	bool is_printed;    /* what it says goes to a printer */
	bool is_reached;    /* the printer is there */
	bool is_blocked;    /* the printer takes nothing now */
	int64_t blocked_ms; /* monotonic: since when it is */
	bool has_ended;	    /* the till said all */
	bool is_done;	    /* the printer was told so */
	bool is_torn;	    /* the till's line broke: its last receipt may be a part */
	struct hold *hold;
	struct framing framing; /* of a till that sends blocks */
	struct held held[HOLD_CUTS_MAX];
	size_t held_count;
	struct bytes replies; /* of the printer, for the till */
	struct bytes raw;     /* what came and belongs to no receipt yet; begins at raw_at of the stream */
	uint64_t raw_at, in;
	bool is_read; /* the reader tells of it */
	bool is_lost; /* the reader was away: raw was not read */
	bool is_idle; /* the reader was told of an idle while: raw before idle_at is over when it has answered */
	uint64_t idle_at;
	int64_t last_ms;  /* monotonic: of the last byte, in a block or not */
	int64_t until_ms; /* monotonic: of reaching or lingering */
	int64_t received_at, judged_ms;
};

/* ---- tap.c ---- */

/** tap_now_ms() - of a clock that never goes back. */
int64_t tap_now_ms(void);
/** tap_put_off() - @pause is longer than the last one, 1 s .. @longest_ms. */
void tap_put_off(struct pause *pause, int64_t longest_ms);
/** tap_arm() - the timer goes off at the earliest thing that is to be done. */
void tap_arm(struct tap *tap);
/** tap_till() - the till of @port with @stream; NULL. */
struct tap_till *tap_till(const struct tap_port *port, uint32_t stream);
/** tap_open_doors() - tills may come in where there is room for them and no slip is being printed. */
void tap_open_doors(struct tap *tap);
/** tap_is_full() - whether @port has no room, or its printer no time, for one more till. */
bool tap_is_full(const struct tap_port *port);
/** tap_door_again() - the door of @port, which is at its end, is another, and nobody finds it shut meanwhile. */
void tap_door_again(struct tap_port *port);
/** tap_has_tills() - whether a till is at the printer of @port, by whatever port. */
bool tap_has_tills(const struct tap_port *port);
/** tap_has_slip() - whether a slip that is recorded goes to the printer of @port, by whatever port. */
bool tap_has_slip(const struct tap_port *port);

/* ---- tap_till.c ---- */

/** till_open() - let the next till of @port in. LINE_WAIT, LINE_GONE, 0 or < 0. */
int till_open(struct tap_port *port, struct fault *fault) MUST_CHECK;
/** till_settle() - print what may go, see to its descriptors; frees a till that is over. */
void till_settle(struct tap_till *till);
/** till_gone() - the line of @till went, which it does not show by itself; frees a till that is over. */
void till_gone(struct tap_till *till);
/** till_tick() - what time brings; frees a till that is over. */
void till_tick(struct tap_till *till, int64_t now_ms);
/** till_next_ms() - when till_tick() wants to be called. */
int64_t till_next_ms(const struct tap_till *till);
/** till_answer() - @annex of @code comes before the cut that ends at @end; NULL: nothing. Whether it will; then @code was taken over. */
bool till_answer(struct tap_till *till, uint64_t end, const struct print_annex *annex, struct code *code);
/** till_seen() and siblings - what the reader tells; see struct reader_events. */
void till_seen(struct tap_till *till, uint64_t offset);
void till_cut(struct tap_till *till, uint64_t offset, uint64_t length, const struct print_state *state);
void till_ended(struct tap_till *till);
void till_unread(struct tap_till *till);
/** till_is_parted() - whether the connection of @till ended within a receipt with which the next one of its peer goes on. */
bool till_is_parted(const struct tap_till *till);
/** till_taken() - what came before @offset belongs to a receipt that was taken. */
void till_taken(struct tap_till *till, uint64_t offset);
/** till_is_quiet() - whether nothing of @till is under way. */
bool till_is_quiet(const struct tap_till *till);
/** till_cut_off() - close it now; frees it. */
void till_cut_off(struct tap_till *till);

/* ---- tap_ask.c ---- */

/** till_asked() - the till asks how its printer stands; where that does not answer by itself, the box does. */
void till_asked(struct tap_till *till, const uint8_t *command, size_t len);

/* ---- tap_peer.c ---- */

/** peer_is_known() - whether bills of @peer (LINE_PEER_MAX; empty: nobody else is at this line) become invoices at @port. */
bool peer_is_known(const struct tap_port *port, const char *peer);
/** peer_is_crowded() - whether as many tills that are not known are at @port as leave room for those that are. */
bool peer_is_crowded(const struct tap_port *port);
/** peer_parted() - the till of @peer whose receipt its next connection goes on with; NULL. */
struct tap_till *peer_parted(const struct tap_port *port, const char *peer);

/* ---- tap_job.c ---- */

/** job_receipt() - @receipt of @till is kept, then issued. */
void job_receipt(struct tap_till *till, const struct link_receipt *receipt);
/** job_unread() - what came of @till and nobody has read is kept, to be read later; @is_torn: its end may be a part. Without room it stays. */
void job_unread(struct tap_till *till, bool is_torn);
/** job_count() - @n more of @what are counted; of PAPER_LATE_SLIPS, slip_told() says when. Whether there is room. */
bool job_count(struct tap_port *port, enum paper_count what, int64_t n);
/** job_again() - @receipt, which was found in the kept frame @again, is issued when all of the frame was found. Whether there is room. */
bool job_again(struct tap_port *port, const struct again *again, const struct link_receipt *receipt);
/** job_drop() - forget what was found in kept frame @id and was not handed over. */
void job_drop(struct tap *tap, int64_t id);
/** job_drain() - take what the issuer has finished. */
void job_drain(struct tap *tap);
/** job_retry() - hand over what the issuer could not take. */
void job_retry(struct tap *tap);
/** job_is_late() - whether a receipt of @port waits for the issuer for longer than @patience_ms. */
bool job_is_late(const struct tap_port *port, int64_t patience_ms);
/** job_has_frame() - whether kept frame @id is under way. */
bool job_has_frame(const struct tap *tap, int64_t id);
/** job_free_all() - forget them; what was kept is taken up at the next start. */
void job_free_all(struct tap *tap);

/* ---- tap_order.c ---- */

/** order_check() - the sale in @slot, which was read from a picture at @port, has a problem unless its number follows. 0 or < 0. */
int order_check(struct tap_port *port, struct slot *slot, struct fault *fault) MUST_CHECK;

/* ---- tap_again.c ---- */

/** again_look() - give the reader the next frame that was kept and never read. */
void again_look(struct tap_port *port);
/** again_receipt() and siblings - what the reader tells of it; see struct reader_events. */
void again_receipt(struct tap_port *port, const struct link_receipt *receipt);
void again_ended(struct tap_port *port);
void again_gone(struct tap_port *port);

/* ---- tap_slip.c ---- */

/** code_annex() - what @receipt and @slot say, in the letters and dots of @port; borrows all three. */
struct print_annex code_annex(
	const struct tap_port *port, const struct slot *slot, const struct receipt *receipt, enum print_end end);
/** code_new() - what a slip of @port says of the invoice in @slot; NULL without memory. */
struct code *code_new(const struct tap_port *port, const struct slot *slot);
/** slip_add() - @code (taken over) is printed on a slip of its own when no till is at @port. */
void slip_add(struct tap_port *port, struct code *code);
/** slip_tick() - begin, or give up. */
void slip_tick(struct tap_port *port, int64_t now_ms);
/** slip_told() - the slip that was asked for is recorded: it is printed. */
void slip_told(struct tap_port *port);
/** slip_next_ms() - when slip_tick() wants to be called. */
int64_t slip_next_ms(const struct tap_port *port);
/** slip_free_all() - close and forget. */
void slip_free_all(struct tap_port *port);
/** code_free() - NULL is allowed. */
void code_free(struct code *code);
DEFINE_CLEANUP(struct code *, code_free)

#endif
