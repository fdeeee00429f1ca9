/* fault: one sentence about what went wrong with us, for the operator. */
#ifndef HOADON_BASE_FAULT_H
#define HOADON_BASE_FAULT_H

#include "base/cleanup.h"

/* Failures about us: negative, forwarded unchanged, never switched upon (house convention "Errors"). */
enum fault_code {
	FAULT_BUG = -1,	    /* a state that cannot be */
	FAULT_MEMORY = -2,  /* allocation refused, or a stated maximum reached */
	FAULT_IO = -3,	    /* file, disk, terminal */
	FAULT_STORE = -4,   /* the database refused */
	FAULT_CRYPTO = -5,  /* a cryptographic library refused */
	FAULT_CONFIG = -6,  /* configuration is missing or wrong */
	FAULT_NETWORK = -7, /* a connection failed */
	FAULT_FORMAT = -8,  /* bytes that should have been ours are not as we write them */
	FAULT_BUSY = -9,    /* somebody else holds what we need */
};

struct fault {
	int code;	   /* enum fault_code; 0 = nothing happened */
	const char *where; /* static text: the function that failed */
	char text[300];	   /* UTF-8, one sentence with the next step */
};

/**
 * fault_set() - record a failure; the first one wins, so that the cause is not hidden by its effects
 * @fault:  may be NULL
 * @code:   enum fault_code
 * @where:  static text, usually __func__
 * @format: printf format of the sentence
 *
 * Return: @code, so that callers can write `return fault_set(...)`.
 * Thread: any.
 */
int fault_set(struct fault *fault, int code, const char *where, const char *format, ...)
	__attribute__((format(printf, 4, 5)));

#define FAULT(fault, code, ...) fault_set((fault), (code), __func__, __VA_ARGS__)

#endif
