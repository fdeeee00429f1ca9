#include "rules_data.h"

/* The assembler reads the file: no generator, no copy. */
__asm__(".section .rodata\n"
	".global rules_holidays\n"
	".global rules_holidays_end\n"
	"rules_holidays:\n"
	".incbin \"" RULES_DIR "/holidays.csv\"\n"
	"rules_holidays_end:\n"
	".byte 0\n"
	".previous\n");
