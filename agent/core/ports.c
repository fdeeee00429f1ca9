#include "core/ports.h"

const char *ports_word(int standing)
{
	static const char *const words[] = {
#define X(name, word) word,
		PORTS_STANDINGS(X)
#undef X
	};
	return standing >= 0 && standing < PORTS_STANDING_COUNT ? words[standing] : "?";
}
