#include "capture/port.h"

#include <stdlib.h>
#include <string.h>

#include "base/arena.h"
#include "base/digest.h"
#include "base/text.h"
#include "capture/bill.h"
#include "capture/head.h"
#include "capture/letters.h"

#define OUT_MAX	     ((size_t)64 << 20)
#define LARGE	     4096
#define PICTURE_ROWS 200 /* of dots, where no letter is printed: a receipt that is a picture, and no logo */

struct stream {
	struct stream *next;
	struct port *port;
	uint32_t id;
	void *state; /* of the printer language */
	struct head *head;
	uint64_t fed, seen; /* offsets: behind what came; as last told */
	uint64_t begun;	    /* behind the last receipt */
	uint64_t cut, cut_length;
	int64_t received_at;
	bool is_broken, is_too_long;
	int result; /* of telling a receipt */
	struct fault fault;
};

struct port {
	const struct print_dialect_ops *const *dialects;
	void (*tell)(void *context, struct bytes *out);
	void *context;
	struct bytes out;

	const struct print_dialect_ops *dialect;
	int dots;
	char till_id[LINK_TEXT_MAX + 1];
	struct bill_till till;
	struct letters_port letters_port;
	struct bytes ini, csv, dictionary; /* until they are read */
	struct letters *letters;
	struct profile *profile;
	struct catalogue *catalogue;
	struct arena *glyph_room; /* NULL: pictures are not read */
	struct glyphs glyphs;
	bool is_started;
	struct stream *streams;
	size_t stream_count;
};

struct port *port_new(
	const struct print_dialect_ops *const *dialects, void (*tell)(void *context, struct bytes *out), void *context)
{
	struct port *port = calloc(1, sizeof(*port));

	if (!port)
		return NULL;
	port->dialects = dialects;
	port->tell = tell;
	port->context = context;
	bytes_init(&port->out, OUT_MAX);
	bytes_init(&port->ini, PROFILE_FILE_MAX);
	bytes_init(&port->csv, CATALOGUE_BYTES_MAX);
	bytes_init(&port->dictionary, GLYPHS_FILE_MAX);
	return port;
}

static void hear_nothing(void *context, const struct print_event *event)
{
	(void)context;
	(void)event;
}

static void stream_free(struct stream *stream)
{
	struct print_sink sink = {hear_nothing, NULL};

	if (stream->state)
		(void)!stream->port->dialect->flush(stream->state, &sink);
	free(stream->state);
	head_free(stream->head);
	free(stream);
}
DEFINE_CLEANUP(struct stream *, stream_free)

void port_free(struct port *port)
{
	if (!port)
		return;
	while (port->streams) {
		struct stream *stream = port->streams;

		port->streams = stream->next;
		stream_free(stream);
	}
	letters_free(port->letters);
	profile_free(port->profile);
	catalogue_free(port->catalogue);
	arena_free(port->glyph_room);
	bytes_done(&port->out);
	bytes_done(&port->ini);
	bytes_done(&port->csv);
	bytes_done(&port->dictionary);
	free(port);
}

/* ---- a receipt ---- */

/* Nothing but dots, and no logo. */
static bool is_picture(const struct paper *paper)
{
	return !paper->is_printed && paper->raster_rows > PICTURE_ROWS;
}

static bool is_read_by_glyphs(const struct port *port, const struct paper *paper)
{
	return port->glyph_room && is_picture(paper);
}

/* Why what was read of @paper is not all that stands on it; false: it is. */
static bool is_unread(const struct stream *stream, const struct paper *paper, struct problem *problem)
{
	const char *why = stream->is_too_long				   ? "too many bytes"
			  : paper->is_cut_short				   ? "too long"
			  : is_picture(paper) && !stream->port->glyph_room ? "a picture"
			  : paper->unread > 0				   ? "commands that are not known"
									   : NULL;

	if (stream->is_broken && !paper->has_cut)
		problem_set(problem, PROBLEM_PAPER_PARTIAL, "%s", "");
	else if (why)
		problem_set(problem, PROBLEM_PAPER_UNREAD, "%s", "");
	else
		return false;
	if (why)
		problem_add(problem, "%s", why);
	return true;
}

/* 0, > 0 the receipt is too long for text, or < 0. */
static int read_paper(
	struct port *port, struct arena *arena, const struct paper *paper, struct reading *ret, struct fault *fault)
{
	bool is_dots = is_read_by_glyphs(port, paper);
	struct page page;
	int result = is_dots ? glyphs_read_paper(&port->glyphs, arena, paper, &page, fault)
			     : letters_read(port->letters, arena, paper, &port->letters_port, &page, fault);

	if (result == 0)
		result = profile_read(port->profile, &page, arena, ret, fault);
	if (result == 0 && !is_dots && !page.is_unsure && page.encoding != PAGE_ASCII)
		port->letters_port.before = page.encoding;
	return result;
}

static int make_sale(struct stream *stream, struct arena *arena, const struct paper *paper, struct sale *ret,
	bool *ret_is_undated, struct problem *problem)
{
	struct port *port = stream->port;
	struct reading reading = {.kind = READING_SALE};
	int result = read_paper(port, arena, paper, &reading, &stream->fault);

	port->till.received_at = stream->received_at;
	if (result < 0)
		return result;
	*ret_is_undated = !reading.sold_at.has_date;
	if (result > 0)
		problem_set(problem, PROBLEM_PAPER_UNREAD, "%s", "");
	else if (!is_unread(stream, paper, problem))
		result = bill_sale(arena, &reading, port->catalogue, &port->till, ret, problem);
	if (result == 0 && problem->code != PROBLEM_NONE)
		result = (int)problem->code;
	return result > 0 ? bill_unread(arena, &reading, &port->till, problem, ret) : result;
}

/* Letters that were cut in the middle are left out: hoadond wants whole ones. */
static void trim(char *text)
{
	size_t len = strlen(text);

	while (!text_is_utf8(text, len))
		text[--len] = '\0';
}

static int tell_receipt(struct stream *stream, struct arena *arena, const struct paper *paper)
{
	BYTES_CLEANUP struct bytes json = {.max = LINK_SALE_MAX};
	struct problem problem = {.code = PROBLEM_NONE};
	struct sale sale;
	bool is_undated = false;
	int result = make_sale(stream, arena, paper, &sale, &is_undated, &problem);

	if (result < 0)
		return FAULT(&stream->fault, result, "no memory for a receipt");
	sale_write(&sale, &json);
	trim(problem.extra);
	link_put_receipt(&stream->port->out, stream->id,
		&(struct link_receipt){.from = paper->offset,
			.to = paper->end,
			.sale = (const char *)json.data,
			.sale_len = json.len,
			.problem = problem.code,
			.detail = problem.extra,
			.is_picture = is_read_by_glyphs(stream->port, paper),
			.is_undated = is_undated,
			.is_partial = problem.code == PROBLEM_PAPER_PARTIAL});
	return bytes_check(&json, "a sale", &stream->fault);
}

/* A cut that was taken for something else until now was let through: its receipt comes too late for an annex. */
static void tell_cut(struct stream *stream, const struct paper *paper)
{
	bool is_read = paper->is_printed || is_read_by_glyphs(stream->port, paper);
	struct print_state state;

	if (!paper->has_cut || !is_read || stream->cut < stream->seen)
		return;
	head_state(stream->head, &state);
	link_put_cut(&stream->port->out, stream->id, stream->cut, stream->cut_length, &state);
	stream->port->tell(stream->port->context, &stream->port->out);
}

static void on_receipt(void *context, struct arena *arena, const struct paper *paper)
{
	struct stream *stream = context;

	tell_cut(stream, paper);
	stream->begun = paper->end;
	if (stream->result == 0 && (paper->is_printed || is_picture(paper)))
		stream->result = tell_receipt(stream, arena, paper);
	arena_free(arena);
}

static void tell_asked(struct stream *stream, const struct print_event *event)
{
	link_put(&stream->port->out, &(struct link_message){LINK_ASKED, stream->id, event->offset + event->length, 0,
					     event->command, event->length});
	stream->port->tell(stream->port->context, &stream->port->out);
}

static void on_event(void *context, const struct print_event *event)
{
	struct stream *stream = context;

	if (event->kind == PRINT_CUT) {
		stream->cut = event->offset;
		stream->cut_length = event->length;
	}
	if (event->kind == PRINT_STATUS && event->length > 0 && event->length <= LINK_ASKED_MAX)
		tell_asked(stream, event);
	head_event(stream->head, event);
}

/* ---- streams ---- */

static struct stream **find(struct port *port, uint32_t id)
{
	struct stream **link = &port->streams;

	while (*link && (*link)->id != id)
		link = &(*link)->next;
	return link;
}

static int begin(struct port *port, uint32_t id, struct fault *fault)
{
	CLEANUP(stream_freep) struct stream *stream = calloc(1, sizeof(*stream));

	if (port->stream_count == LINK_STREAMS_MAX)
		return FAULT(fault, FAULT_FORMAT, "more than %d streams", LINK_STREAMS_MAX);
	if (!stream)
		return FAULT(fault, FAULT_MEMORY, "no memory for a stream");
	stream->port = port;
	stream->id = id;
	stream->state = calloc(1, port->dialect->state_size);
	stream->head = head_new(port->dots, on_receipt, stream);
	if (!stream->state || !stream->head)
		return FAULT(fault, FAULT_MEMORY, "no memory for a stream");
	stream->next = port->streams;
	port->streams = stream;
	port->stream_count++;
	stream = NULL;
	return 0;
}

/* The receipt ends without a cut. */
static int end_receipt(struct stream *stream, struct fault *fault)
{
	int result = head_end(stream->head);

	stream->begun = stream->fed;
	if (stream->result < 0)
		*fault = stream->fault;
	return stream->result < 0 ? stream->result : result < 0 ? FAULT(fault, result, "no memory for a receipt") : 0;
}

static int feed(struct port *port, const struct link_message *message, struct fault *fault)
{
	struct print_sink sink = {on_event, NULL};
	struct stream *stream = *find(port, message->stream);
	int result = 0;

	if (!stream && message->b == 0)
		result = begin(port, message->stream, fault);
	if (result < 0)
		return result;
	stream = *find(port, message->stream);
	if (!stream || message->b != stream->fed)
		return FAULT(fault, FAULT_FORMAT, "bytes of a stream that are not the next");
	sink.context = stream;
	stream->received_at = (int64_t)message->a;
	stream->fed += message->len;
	if (port->dialect->feed(stream->state, message->bytes, message->len, &sink) < 0)
		return FAULT(fault, FAULT_MEMORY, "no memory for a print stream");
	if (stream->fed - stream->begun > PORT_RECEIPT_MAX) {
		stream->is_too_long = true;
		result = end_receipt(stream, fault);
		stream->is_too_long = false;
	}
	if (stream->result < 0)
		*fault = stream->fault;
	stream->seen = stream->fed - port->dialect->undecided(stream->state);
	link_put(&port->out, &(struct link_message){LINK_SEEN, stream->id, stream->seen, 0, NULL, 0});
	return stream->result < 0 ? stream->result : result;
}

static int end(struct port *port, const struct link_message *message, struct fault *fault)
{
	struct stream **link = find(port, message->stream);
	struct stream *stream = *link;
	struct print_sink sink = {on_event, stream};
	int result = 0;

	if (!stream || message->b >= LINK_END_COUNT)
		return FAULT(fault, FAULT_FORMAT, "the end of a stream that did not begin");
	stream->received_at = (int64_t)message->a;
	stream->is_broken = message->b == LINK_BROKEN;
	if (message->b != LINK_IDLE && port->dialect->flush(stream->state, &sink) < 0)
		result = FAULT(fault, FAULT_MEMORY, "no memory for a print stream");
	if (result == 0)
		result = end_receipt(stream, fault);
	link_put(&port->out, &(struct link_message){LINK_ENDED, stream->id, 0, 0, NULL, 0});
	if (message->b == LINK_IDLE)
		return result;
	*link = stream->next;
	port->stream_count--;
	stream_free(stream);
	return result;
}

/* ---- settings ---- */

static bool keep(struct bytes *to, const struct link_message *message)
{
	bytes_clear(to);
	bytes_append(to, message->bytes, message->len);
	return !to->failed;
}

/* 0 or FAULT_FORMAT. */
static int set_dialect(struct port *port, const struct link_message *message, struct fault *fault)
{
	const char *name = message->bytes;

	for (size_t i = 0; port->dialects[i]; i++)
		if (strlen(port->dialects[i]->name) == message->len &&
			memcmp(port->dialects[i]->name, name, message->len) == 0)
			port->dialect = port->dialects[i];
	port->dots = (int)message->a;
	return port->dialect && message->a >= HEAD_LETTER_DOTS && message->a <= HEAD_DOTS_MAX
		       ? 0
		       : FAULT(fault, FAULT_FORMAT, "no such printer language or width");
}

static int set_till(struct port *port, const struct link_message *message, struct fault *fault)
{
	memcpy(port->till_id, message->bytes, message->len);
	port->till_id[message->len] = '\0';
	port->till = (struct bill_till){.till_id = port->till_id,
		.is_vat_included = message->a & LINK_VAT_INCLUDED,
		.has_rates = message->a & LINK_HAS_RATES};
	return message->len > 0 ? 0 : FAULT(fault, FAULT_FORMAT, "no till");
}

static int open_glyphs(struct port *port, struct fault *fault)
{
	port->glyph_room = arena_new(GLYPHS_ROOM);
	return port->glyph_room ? glyphs_read(port->glyph_room, &port->dictionary, &port->glyphs, fault)
				: FAULT(fault, FAULT_MEMORY, "no memory for glyphs");
}

static int no_order(const void *one, const void *two)
{
	(void)one;
	(void)two;
	return 0;
}

static int open_all(struct port *port, struct fault *fault)
{
	BYTES_CLEANUP struct bytes problems = {.max = LINK_TEXT_MAX};
	uint8_t digest[DIGEST_LEN], large[LARGE] = {0};
	int result = letters_new(&port->letters, fault);

	if (result == 0)
		result = profile_new("profile", &port->ini, &port->profile, &problems, fault);
	if (result == 0)
		port->letters_port.wanted = profile_encoding(port->profile);
	if (result == 0 && port->till.has_rates)
		result = catalogue_read(port->csv.data, port->csv.len, &port->catalogue, fault);
	if (result == 0 && port->dictionary.len > 0)
		result = open_glyphs(port, fault);
	digest_sha256("", 0, digest);		  /* libcrypto reads its settings with the first */
	qsort(large, sizeof(large), 1, no_order); /* glibc asks how much memory there is with the first large array */
	bytes_done(&port->ini);
	bytes_done(&port->csv);
	bytes_done(&port->dictionary);
	return result;
}

static int start(struct port *port, struct fault *fault)
{
	struct fault why = {0};
	int result;

	if (!port->dialect || !port->till.till_id)
		return FAULT(fault, FAULT_FORMAT, "a start without settings");
	result = open_all(port, &why);
	port->is_started = result == 0;
	trim(why.text);
	link_put(&port->out, &(struct link_message){result == 0 ? LINK_READY : LINK_WRONG, 0, 0, 0, why.text,
				     result == 0 ? 0 : strlen(why.text)});
	return result == 0 ? 0 : FAULT(fault, result, "%s", why.text);
}

static int set(struct port *port, const struct link_message *message, struct fault *fault)
{
	switch (message->kind) {
	case LINK_DIALECT:
		return set_dialect(port, message, fault);
	case LINK_TILL:
		return set_till(port, message, fault);
	case LINK_PROFILE:
		return keep(&port->ini, message) ? 0 : FAULT(fault, FAULT_MEMORY, "no memory for a profile");
	case LINK_CATALOGUE:
		return keep(&port->csv, message) ? 0 : FAULT(fault, FAULT_MEMORY, "no memory for a catalogue");
	case LINK_GLYPHS:
		return keep(&port->dictionary, message) ? 0 : FAULT(fault, FAULT_MEMORY, "no memory for glyphs");
	case LINK_START:
		return start(port, fault);
	default:
		return FAULT(fault, FAULT_FORMAT, "bytes before the settings");
	}
}

int port_take(struct port *port, const struct link_message *message, struct fault *fault)
{
	int result;

	if (!port->is_started)
		result = set(port, message, fault);
	else if (message->kind == LINK_FEED)
		result = feed(port, message, fault);
	else if (message->kind == LINK_END)
		result = end(port, message, fault);
	else
		result = FAULT(fault, FAULT_FORMAT, "settings behind the start");
	if (result == 0)
		result = bytes_check(&port->out, "what is to be told", fault);
	if ((result == 0 || result == FAULT_CONFIG) && port->out.len > 0)
		port->tell(port->context, &port->out);
	return result;
}
