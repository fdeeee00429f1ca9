/* line: the contracts of lines of bytes: what tills print to (line sources), and the printers behind. See drivers/README.md. */
#ifndef HOADON_CAPTURE_LINE_H
#define HOADON_CAPTURE_LINE_H

#include <stdbool.h>

#include "base/loop.h"

#define LINE_PEER_MAX 64
#define LINE_WAIT     1 /* condition: nothing now; ask again when the descriptor is ready */
#define LINE_GONE     2 /* condition: the device went; it is to be opened again */

struct printer_line { /* to a printer that is being reached, or was */
	int fd;	      /* -1 = none */
	void *own;    /* the driver's; NULL when it keeps nothing */
};

/* X(NAME, "word"): how a printer takes what is written. */
#define PRINTER_STANDINGS(X)                                                                                           \
	X(TAKES, "takes")                                                                                              \
	X(WAITS, "waits") /* takes nothing, and does not say why */                                                    \
	X(NO_PAPER, "no-paper")                                                                                        \
	X(OFFLINE, "offline") /* switched to local by a button, or its cover is open */                                \
	X(ERROR, "error")                                                                                              \
	X(BUSY, "busy") /* another program has it */                                                                   \
	X(GONE, "gone") /* unplugged, or broken: nothing goes to it any more */
enum printer_standing {
#define X(name, word) PRINTER_##name,
	PRINTER_STANDINGS(X)
#undef X
		PRINTER_STANDING_COUNT
};

/*
 * Both move bytes and know nothing of them. Descriptors do not block, are closed on exec and hang on the main loop; bytes go by read() and
 * write(), where short is normal. Opening begins and never waits.
 */
struct line_source_ops {
	const char *name;    /* row of drivers/drivers.c; of its frames */
	const char *summary; /* one line for `hoadon help drivers` */
	bool is_single;	     /* one till at a time: its bytes wait in the line until accept() */
	bool has_end; /* a till says when it is over, with is_single as its door is then; else an idle while is its end, the end of the line a break */
	bool can_tell; /* close() tells a till that not everything was printed; else nobody can, and it is read to its end */
	/** open - @ret_fd is readable when a till is there. 0 or < 0. */
	int (*open)(const char *where, int *ret_fd, struct fault *fault);
	/**
	 * accept - the next till: its bytes come and go by @ret_fd; @peer is who it is, NUL-terminated, "" where the line itself says so.
	 * 0, LINE_WAIT, LINE_GONE, or < 0.
	 */
	int (*accept)(int fd, int *ret_fd, char peer[LINE_PEER_MAX], struct fault *fault);
	/** close - @fd of accept(), or of open(). @is_broken: the till has to notice that not everything was printed. */
	void (*close)(int fd, bool is_broken);
	/**
	 * attend - once a second while @fd of open() is open: the till may ask how the printer behind stands, @standing, PRINTER_GONE when it
	 * is not reached. 0 when bytes of a till wait, LINE_WAIT, or LINE_GONE. NULL: the line has nothing to say, and shows by itself that it went.
	 */
	int (*attend)(int fd, enum printer_standing standing);
};

struct printer_ops {
	const char *name;    /* row of drivers/drivers.c */
	const char *summary; /* one line for `hoadon help drivers` */
	bool is_single;	     /* takes one till at a time and has no row for those who wait */
	/** open - begin to reach the printer; the descriptor is writable when that is decided. What the driver needs hangs on @loop until close(). 0 or < 0. */
	int (*open)(const char *where, struct loop *loop, struct printer_line *ret, struct fault *fault);
	/** status - whether it was reached: 0; LINE_WAIT; < 0 it was not, and why. */
	int (*status)(int fd, struct fault *fault);
	/**
	 * end - nothing more will be written; what was goes on to the paper. The descriptor reads its end when the printer has all.
	 * NULL: the line knows no such end, and has_all() is asked again and again.
	 */
	void (*end)(int fd);
	/** has_all - whether the printer has taken all that was written, as far as the line can tell; also of a line that broke. */
	bool (*has_all)(int fd);
	/** close - at once; what was not sent by then is never printed. */
	void (*close)(struct printer_line *line);
	/** standing - how it takes what is written, some seconds after it stopped. NULL: the line cannot tell. */
	enum printer_standing (*standing)(const struct printer_line *line);
	/** is_mute - whether what it says does not come back by the line. NULL: it does. */
	bool (*is_mute)(const struct printer_line *line);
};

#endif
