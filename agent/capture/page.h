/* page: one receipt as it reads: its letters in UTF-8, line by line. Made from a paper (capture/letters). */
#ifndef HOADON_CAPTURE_PAGE_H
#define HOADON_CAPTURE_PAGE_H

#include <stdbool.h>
#include <stddef.h>

/* X(NAME, "word of a profile", what iconv calls it; NULL: not by iconv). Of equal evidence the first that reads the same wins. */
#define PAGE_ENCODINGS(X)                                                                                              \
	X(ASCII, "ascii", "ASCII")                                                                                     \
	X(UTF8, "utf-8", NULL)                                                                                         \
	X(TCVN, "tcvn", "TCVN5712-1")                                                                                  \
	X(CP1258, "cp1258", "CP1258")                                                                                  \
	X(VISCII, "viscii", "VISCII")                                                                                  \
	X(CP437, "cp437", "IBM437")                                                                                    \
	X(CP850, "cp850", "IBM850")                                                                                    \
	X(CP852, "cp852", "IBM852")                                                                                    \
	X(CP1252, "cp1252", "CP1252")                                                                                  \
	X(PAGES, "pages", NULL) /* each run as the page announced before it says */
enum page_encoding {
#define X(name, word, charset) PAGE_##name,
	PAGE_ENCODINGS(X)
#undef X
		PAGE_ENCODING_COUNT
};

struct page_line {
	const char *text; /* NFC, without control characters; its columns are kept by spaces */
};

/* In the arena of the receipt. */
struct page {
	enum page_encoding encoding;
	int margin;	/* good - 2 bad words more than the best other reading that differs; see letters_read() */
	bool is_unsure; /* another encoding may be meant: never a sale before a person looked */
	const struct page_line *lines;
	size_t line_count;     /* as many as the paper has */
	const char *const *qr; /* UTF-8; what is none is not told */
	size_t qr_count;
	int columns; /* letters of normal width across the paper */
};

#endif
