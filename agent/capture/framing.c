#include "capture/framing.h"

#include <string.h>

#define STX	   0x02
#define ETX	   0x03
#define EOT	   0x04
#define ENQ	   0x05
#define ACK	   0x06
#define NAK	   0x15
#define HEAD	   3 /* STX and length */
#define TAIL	   2 /* ETX and LRC */
#define DIGIT_MAX  9
#define DIGIT_TEN  10
#define DIGIT_BITS 4
#define DIGIT_MASK 15
#define HUNDRED	   100

static void answer(struct bytes *answers, uint8_t word)
{
	bytes_append(answers, &word, 1);
}

static void refuse(struct framing *framing, struct bytes *answers)
{
	answer(answers, NAK);
	framing->len = 0;
	framing->is_lost = false;
	framing->is_torn = ++framing->refused >= FRAMING_TRIES || framing->is_torn;
}

/* Two digits; -1: they are none. */
static int digits(uint8_t byte)
{
	int high = byte >> DIGIT_BITS, low = byte & DIGIT_MASK;

	return high > DIGIT_MAX || low > DIGIT_MAX ? -1 : high * DIGIT_TEN + low;
}

static bool is_right(const struct framing *framing)
{
	uint8_t lrc = 0;

	for (size_t i = 1; i < framing->len; i++)
		lrc ^= framing->block[i];
	return lrc == 0;
}

static void between(struct framing *framing, uint8_t byte, struct bytes *answers)
{
	if (byte == STX)
		framing->block[framing->len++] = byte;
	else if (byte == ENQ)
		answer(answers, ACK);
	else if (byte == EOT)
		framing->is_torn = framing_ends_torn(framing);
	else
		framing->is_lost = true;
}

static void inside(struct framing *framing, uint8_t byte, struct bytes *data, struct bytes *answers)
{
	framing->block[framing->len++] = byte;
	if (framing->len < HEAD)
		return;
	int high = digits(framing->block[1]), low = digits(framing->block[2]);
	size_t size = high < 0 || low < 0 ? 0 : (size_t)(high * HUNDRED + low);
	bool has_end = framing->len >= HEAD + size + 1;

	if (high < 0 || low < 0 || (has_end && framing->block[HEAD + size] != ETX)) {
		framing->is_lost = true; /* where it ends nobody knows */
	} else if (framing->len == HEAD + size + TAIL) {
		if (!is_right(framing)) {
			refuse(framing, answers);
			return;
		}
		bytes_append(data, framing->block + HEAD, size);
		answer(answers, ACK);
		framing->len = 0;
		framing->refused = 0;
	}
}

void framing_feed(struct framing *framing, const uint8_t *bytes, size_t len, struct bytes *data, struct bytes *answers)
{
	for (size_t i = 0; i < len && !framing->is_lost; i++)
		if (framing->len == 0)
			between(framing, bytes[i], answers);
		else
			inside(framing, bytes[i], data, answers);
}

bool framing_is_open(const struct framing *framing)
{
	return framing->len > 0 || framing->is_lost;
}

void framing_silent(struct framing *framing, struct bytes *answers)
{
	if (framing_is_open(framing))
		refuse(framing, answers);
}

bool framing_ends_torn(const struct framing *framing)
{
	return framing->is_torn || framing->refused > 0 || framing_is_open(framing);
}
