#include "core/neighbour.h"

#include <arpa/inet.h>
#include <stdio.h>
#include <string.h>

#include "base/digest.h"

#define CARD_LEN    6
#define ETHERNET    1 /* hardware type; Wi-Fi is the same */
#define IS_COMPLETE 2 /* flag: the address was answered for */

bool neighbour_read(const char *text, size_t len, uint64_t *ret)
{
	char hex[2 * CARD_LEN + 1];
	uint8_t card[CARD_LEN];
	uint64_t value = 0;

	if (len != 3 * CARD_LEN - 1)
		return false;
	for (size_t i = 0; i < CARD_LEN; i++) {
		if (i > 0 && text[3 * i - 1] != ':')
			return false;
		memcpy(hex + 2 * i, text + 3 * i, 2);
	}
	hex[2 * CARD_LEN] = '\0';
	if (hex_parse(hex, card, sizeof(card)))
		return false;
	for (size_t i = 0; i < CARD_LEN; i++)
		value = value << 8 | card[i];
	*ret = value;
	return value != 0;
}

uint64_t neighbour_find(const char *table, uint32_t ip)
{
	uint64_t found = 0;

	for (const char *line = table; line; line = strchr(line, '\n')) {
		char address[INET_ADDRSTRLEN], card[3 * CARD_LEN];
		unsigned int type, flags;
		struct in_addr row;
		uint64_t value;

		line += *line == '\n';
		if (sscanf(line, "%15s 0x%x 0x%x %17s", address, &type, &flags, card) != 4 || type != ETHERNET ||
			!(flags & IS_COMPLETE) || inet_pton(AF_INET, address, &row) != 1 || ntohl(row.s_addr) != ip ||
			!neighbour_read(card, strlen(card), &value))
			continue;
		if (found && found != value)
			return 0;
		found = value;
	}
	return found;
}
