#include "core/verdict.h"

#include <string.h>

/*
 * Format 12.3 and 12.4. The S codes are the sandbox's; the real list was not found in public, so an unknown code counts
 * as content.
 */
static const char *const codes_about_us[] = {
	"-2",	/* signing data unusable */
	"S004", /* the same, as MLoi */
	"S102", /* unknown sender */
	"S103", /* a kind of message this route does not take: every half would meet it again */
	"S201", /* signature missing or of a bad profile */
	"S202", /* digest or signature value wrong */
	"S203", /* certificate not registered */
	"S204", /* certificate not valid at the time of signing */
	"S205", /* certificate of another taxpayer */
	"S301", /* seller unknown */
	"S302", /* kind of invoice not registered */
	"S303", /* seller stopped */
	"S304", /* transmitter not registered for this seller */
};

bool verdict_is_about_us(const char *code)
{
	for (size_t i = 0; i < ARRAY_LEN(codes_about_us); i++) {
		if (strcmp(codes_about_us[i], code) == 0)
			return true;
	}
	return false;
}
