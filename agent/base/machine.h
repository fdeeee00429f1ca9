/* machine: what tells one computer from another: system, board and disk. Read only; nothing of it is ever written or sent. */
#ifndef HOADON_BASE_MACHINE_H
#define HOADON_BASE_MACHINE_H

#include "base/fault.h"

#define MACHINE_TEXT_MAX 256

enum machine_fact {
	MACHINE_SYSTEM, /* machine-id: made when the system was installed; an image of the disk carries it along */
	MACHINE_BOARD,	/* serial of the mainboard or the single-board computer */
	MACHINE_DISK, /* serial of the disk that a folder lies on; never the id of a file system, which a copy carries along */
	MACHINE_FACT_COUNT,
};

struct machine {
	char facts[MACHINE_FACT_COUNT][MACHINE_TEXT_MAX]; /* "" = cannot be told here */
};

/** machine_word() - "system", "board", "disk". Thread: any. */
const char *machine_word(int fact);

/**
 * machine_read() - the facts of this computer
 * @root: folder that stands for "/", "" = the real one; tests make another
 * @dir:  existing folder whose disk counts
 *
 * What may not be read (a board's serial needs root on PCs) is "".
 * Return: 0, or FAULT_IO when @dir is not there. Thread: any.
 * Source: machine-id(5); /sys/class/dmi/id and /proc/device-tree of Linux; udev's data base, which libudev reads as well.
 */
int machine_read(const char *root, const char *dir, struct machine *ret, struct fault *fault) MUST_CHECK;

#endif
