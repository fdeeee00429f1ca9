/* print_inquiry: asking a printer how it stands, in its language, and what it answered. */
#ifndef HOADON_DRIVERS_PRINT_INQUIRY_H
#define HOADON_DRIVERS_PRINT_INQUIRY_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

/* X(NAME, "word", "English", "Vietnamese"): what a printer may say of itself; several hold at a time. */
#define PRINT_CONDITIONS(X)                                                                                            \
	X(OFFLINE, "offline", "it is offline", "máy in đang ngoại tuyến")                                              \
	X(COVER, "cover-open", "its cover is open", "nắp máy in đang mở")                                              \
	X(NO_PAPER, "no-paper", "it has no paper", "máy in hết giấy")                                                  \
	X(LOW_PAPER, "low-paper", "its paper is nearly used up", "sắp hết giấy")                                       \
	X(FAULTY, "error", "it has an error: see its lamps and its knife", "máy in báo lỗi: xem đèn báo và dao cắt")
enum print_condition {
#define X(name, word, en, vi) PRINT_IS_##name,
	PRINT_CONDITIONS(X)
#undef X
		PRINT_CONDITION_COUNT
};

struct print_inquiry {
	const char *dialect;
	const uint8_t *ask; /* commands that print nothing */
	size_t ask_len;
	size_t answer_len; /* bytes of the whole answer */
	/** says - whether the @len bytes of an answer say @condition; what is not an answer says nothing. */
	bool (*says)(const uint8_t *answer, size_t len, enum print_condition condition);
};

/** print_inquiry() - how a printer of @dialect is asked; NULL: it cannot be. Static. Thread: any. */
const struct print_inquiry *print_inquiry(const char *dialect);

#endif
