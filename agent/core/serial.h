/* serial: what "/dev/ttyS0,9600,8N1,rtscts" says of a serial line. Pure. */
#ifndef HOADON_CORE_SERIAL_H
#define HOADON_CORE_SERIAL_H

#include <stdbool.h>
#include <termios.h>

#define SERIAL_DEVICE_MAX 100

enum serial_flow {
	SERIAL_FLOW_NONE,
	SERIAL_FLOW_RTSCTS,  /* by the wires RTS and CTS */
	SERIAL_FLOW_XONXOFF, /* by the bytes XON and XOFF: they are no part of what is printed */
};

struct serial_line {
	char device[SERIAL_DEVICE_MAX]; /* path, NUL-terminated */
	speed_t speed;
	int data_bits; /* 7 | 8 */
	char parity;   /* 'N' none | 'E' even | 'O' odd */
	int stop_bits; /* 1 | 2 */
	enum serial_flow flow;
	bool is_framed; /* the till sends blocks (capture/framing) */
};

/**
 * serial_read() - what @text says: DEVICE[,BAUD[,BITS[,FLOW[,stx]]]]
 * @text: DEVICE a path; BAUD 1200 .. 230400 (9600 where it is left out); BITS like 8N1 (left out: 8N1) or 7E1; FLOW none (left out), rtscts or xonxoff; stx: it sends blocks
 * @ret:  set on true only
 *
 * Return: whether it says that.
 * Thread: any.
 * Source: what tills and receipt printers are set to by switches: 9600 8N1 mostly.
 */
bool serial_read(const char *text, struct serial_line *ret);

#endif
