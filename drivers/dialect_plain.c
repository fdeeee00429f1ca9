/*
 * dialect_plain: letters, line feeds and form feeds, as the driver "Generic / Text Only" of a Windows till sends them. The smallest
 * printer language there can be: copy it to begin another (drivers/README.md); with commands behind a prefix it goes on as dialect_escp does.
 */
#include "drivers/drivers.h"

#include "drivers/print_annex.h"
#include "drivers/print_stream.h"

/* Every byte that is no letter is a command of one byte. */
static size_t plain_length(const uint8_t *at, size_t have, bool is_end, int mode)
{
	(void)at;
	(void)have;
	(void)is_end;
	(void)mode;
	return 1;
}

static void plain_tell(struct print_event *event, int mode, const struct print_sink *sink)
{
	(void)mode;
	(void)sink;
	switch (event->command[0]) {
	case '\0':
		break;
	case '\t':
		event->kind = PRINT_TAB;
		break;
	case '\n':
		event->kind = PRINT_LINE_FEED;
		break;
	case '\r':
		event->kind = PRINT_RETURN;
		break;
	case '\f': /* the next sheet, or the end of a receipt */
		event->kind = PRINT_CUT;
		break;
	default:
		event->kind = PRINT_UNKNOWN;
	}
}

/* No command declares a length, so there is no garbage that could end. */
static bool plain_resumes(const uint8_t *at)
{
	(void)at;
	return true;
}

static const struct print_language plain = {PRINT_LOW_LETTERS, plain_length, plain_tell, plain_resumes, NULL};

PRINT_STREAM_CALLS(plain)

/* There are neither sizes to restore nor QR codes. */
static int plain_compose(
	const struct print_annex *annex, const struct print_state *state, struct bytes *out, struct fault *fault)
{
	(void)state;
	bytes_text(out, "\r\n");
	print_lines(out, annex, "\r\n");
	for (int i = 0; annex->end == PRINT_END_FEED && i < PRINT_FEED_LINES; i++)
		bytes_text(out, "\r\n");
	if (annex->end == PRINT_END_CUT)
		bytes_char(out, '\f');
	return bytes_check(out, "the annex", fault);
}

const struct print_dialect_ops dialect_plain = {
	.name = "plain",
	.summary = "text without commands: the Windows driver Generic / Text Only",
	.state_size = sizeof(struct print_stream),
	.feed = plain_feed,
	.compose = plain_compose,
	.undecided = plain_undecided,
	.flush = plain_flush,
};
