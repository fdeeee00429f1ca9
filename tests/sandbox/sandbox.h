/* sandbox: the one struct that is passed around; no other mutable state exists */
#ifndef SANDBOX_SANDBOX_H
#define SANDBOX_SANDBOX_H

#include "books.h"
#include "faults.h"
#include "schema.h"
#include "seal.h"

#include <pthread.h>
#include <stdatomic.h>

/** struct sandbox - a running simulator */
struct sandbox {
	char dir[1024], schemas[1024], clock_file[1024];
	char user[64], password[64]; /* HTTP Basic */
	struct settings settings;
	struct books *books; /* locks itself */

	pthread_mutex_t seal_lock; /* held around every use of seal and schema */
	struct seal *seal;
	struct schema *schema; /* of schema_profile; loaded on first use */
	char schema_profile[8];

	pthread_mutex_t wake_lock;
	pthread_cond_t wake; /* a message was stored */
	bool woken;
	atomic_bool stop;
};

/** sandbox_wake() - tell the checking thread that there is work */
void sandbox_wake(struct sandbox *sb);

/** sandbox_sleep() - wait @ms, less when the program stops */
void sandbox_sleep(struct sandbox *sb, int64_t ms);

#endif
