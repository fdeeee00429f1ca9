#include "drivers/print_inquiry.h"

#include <string.h>

#include "base/cleanup.h"

#define FIXED_MASK 0x93 /* bits that say: this is an answer to DLE EOT */
#define FIXED_BITS 0x12

/* DLE EOT 1 to 4: printer, cause of being offline, cause of an error, paper. Source: capture section 2, "Status replies". */
static const uint8_t escpos_ask[] = {0x10, 4, 1, 0x10, 4, 2, 0x10, 4, 3, 0x10, 4, 4};

static const struct escpos_bit {
	enum print_condition condition;
	size_t answer; /* of the four */
	uint8_t bits;
} escpos_bits[] = {
	{PRINT_IS_OFFLINE, 0, 0x08},
	{PRINT_IS_COVER, 1, 0x04},
	{PRINT_IS_NO_PAPER, 1, 0x20},
	{PRINT_IS_NO_PAPER, 3, 0x60},
	{PRINT_IS_LOW_PAPER, 3, 0x0c},
	{PRINT_IS_FAULTY, 1, 0x40},
	{PRINT_IS_FAULTY, 2, 0x68},
};

static bool escpos_says(const uint8_t *answer, size_t len, enum print_condition condition)
{
	for (size_t i = 0; i < ARRAY_LEN(escpos_bits); i++) {
		const struct escpos_bit *bit = &escpos_bits[i];

		if (bit->condition == condition && bit->answer < len &&
			(answer[bit->answer] & FIXED_MASK) == FIXED_BITS && (answer[bit->answer] & bit->bits))
			return true;
	}
	return false;
}

static const struct print_inquiry inquiries[] = {
	{"escpos", escpos_ask, sizeof(escpos_ask), 4, escpos_says},
};

const struct print_inquiry *print_inquiry(const char *dialect)
{
	for (size_t i = 0; i < ARRAY_LEN(inquiries); i++)
		if (strcmp(inquiries[i].dialect, dialect) == 0)
			return &inquiries[i];
	return NULL;
}
