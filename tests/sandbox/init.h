/* init: "hoadon-sandbox init", a new directory with CA, certificates and registry */
#ifndef SANDBOX_INIT_H
#define SANDBOX_INIT_H

#include <stddef.h>

/** struct init_options - command line of init; lists are borrowed */
struct init_options {
	const char *dir, *password, *clock_file;
	const char *const *sellers; /* MST:NAME:KEY5:FORMS */
	const char *const *tvans, *const *providers;
	size_t seller_count, tvan_count, provider_count;
};

/** init_run() - carry it out; exit status (0, or 1 after a message) */
int init_run(const struct init_options *o);

#endif
