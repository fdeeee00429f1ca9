#include "keying.h"

#include <pthread.h>
#include <semaphore.h>
#include <stdio.h>
#include <string.h>
#include <time.h>

#include "base/digest.h"
#include "base/file.h"
#include "base/log.h"
#include "drivers/drivers.h"
#include "issue/wrap.h"
#include "store/invoices.h"

#define LOOK_EVERY_MS 5000
#define TEST_LOOK_MS  50
#define START_WAIT_MS 500
#define STOP_MS	      5000
#define PASSWORD_MAX  1024
#define TASK_PASSWORD "key-password"
#define TASK_UNFIT    "key-unfit"

struct keying {
	const struct config *config;
	const struct clock *clock;
	struct key key;
	pthread_t thread;
	sem_t tried, ending;
	char said[300]; /* the last reason in the log */
	/* What was refused, and with which standing; KEY_OPENING = nothing. */
	enum key_standing refused;
	uint8_t refused_password[DIGEST_LEN];
	int64_t refused_at;	/* the last change of the key's file */
	enum key_standing told; /* main's: its tasks are written */
};

/* Looks at the file before the driver does: a change in between is one more try, not one that is missed. */
static enum key_standing try_key(struct keying *keying, struct fault *fault)
{
	const struct config *config = keying->config;
	struct key *key = &keying->key;
	CLEANUP(bytes_done) struct bytes password;
	uint8_t digest[DIGEST_LEN];
	int64_t changed_at = file_changed_at(config->key_file);
	bytes_init(&password, PASSWORD_MAX);
	if (config->key_password_file && file_read_secret(config->key_password_file, &password, fault) < 0)
		return KEY_AWAY;
	digest_sha256(password.data ? (const char *)password.data : "", password.len, digest);
	if (keying->refused && keying->refused_at == changed_at &&
		digest_equal(keying->refused_password, digest, DIGEST_LEN))
		return keying->refused;
	if (keying->refused)
		atomic_store(&key->standing, KEY_OPENING);
	int result = key_open(key, config->key_file, password.data ? (const char *)password.data : NULL, fault);
	keying->refused = result == KEY_WRONG_PASSWORD ? KEY_PASSWORD : result == KEY_REFUSED ? KEY_UNFIT : KEY_OPENING;
	memcpy(keying->refused_password, digest, DIGEST_LEN);
	keying->refused_at = changed_at;
	return result == 0 ? KEY_OPEN : keying->refused ? keying->refused : KEY_AWAY;
}

/* Each reason is said once. */
static void say(struct keying *keying, enum key_standing standing, const struct fault *fault)
{
	if (standing == KEY_OPEN)
		log_event(LOG_LEVEL_INFO, "key-open", "serial=%s", keying->key.certificate.serial_hex);
	if (standing == KEY_OPEN || !fault->code || !strcmp(fault->text, keying->said))
		return;
	log_fault("key-not-open", fault);
	snprintf(keying->said, sizeof(keying->said), "%s", fault->text);
}

static void *keying_main(void *context)
{
	struct keying *keying = context;
	int64_t pause = keying->clock->test_file ? TEST_LOOK_MS : LOOK_EVERY_MS;
	pthread_setname_np(pthread_self(), "keying");
	for (;;) {
		struct fault fault = {0};
		struct timespec end;
		enum key_standing standing = try_key(keying, &fault);
		say(keying, standing, &fault);
		atomic_store(&keying->key.standing, standing);
		sem_post(&keying->tried);
		end = clock_wait_end(pause);
		if (standing == KEY_OPEN || !sem_clockwait(&keying->ending, CLOCK_MONOTONIC, &end))
			return NULL;
	}
}

static void free_all(struct keying *keying)
{
	if (key_is_open(&keying->key))
		key_close(&keying->key);
	sem_destroy(&keying->tried);
	sem_destroy(&keying->ending);
	free(keying);
}

int keying_start(const struct config *config, const struct clock *clock, struct keying **ret, struct fault *fault)
{
	const struct key_ops *ops = driver_key(config->key_driver);
	struct keying *keying = calloc(1, sizeof(*keying));
	if (!keying)
		return FAULT(fault, FAULT_MEMORY, "no memory for the key");
	keying->config = config;
	keying->clock = clock;
	keying->key.ops = ops;
	sem_init(&keying->tried, 0, 0);
	sem_init(&keying->ending, 0, 0);
	int result = 0;
	if (!ops)
		result = FAULT(fault, FAULT_CONFIG, "key.driver = %s is not built in; see hoadon help drivers",
			config->key_driver);
	else if (pthread_create(&keying->thread, NULL, keying_main, keying))
		result = FAULT(fault, FAULT_MEMORY, "the thread that opens the key does not start");
	if (result < 0) {
		free_all(keying);
		return result;
	}
	*ret = keying;
	return 0;
}

void keying_wait(struct keying *keying)
{
	struct timespec end = clock_wait_end(START_WAIT_MS);
	if (keying)
		(void)sem_clockwait(&keying->tried, CLOCK_MONOTONIC, &end);
}

const struct key *keying_key(const struct keying *keying)
{
	return keying ? &keying->key : NULL;
}

static int change_tasks(struct store *store, enum key_standing standing, int64_t now, struct fault *fault)
{
	const struct task_row task = {.kind = standing == KEY_PASSWORD ? TASK_PASSWORD : TASK_UNFIT, .made_at = now};
	int result = store_begin(store, fault);
	if (result)
		return result;
	result = standing == KEY_PASSWORD ? 0 : store_task_close_kind(store, TASK_PASSWORD, now, fault);
	if (result == 0 && standing != KEY_UNFIT)
		result = store_task_close_kind(store, TASK_UNFIT, now, fault);
	if (result == 0 && standing != KEY_OPEN)
		result = store_task_add(store, &task, fault);
	return store_end(store, result, fault);
}

/* A certificate that was renewed is another one, to which the store's key is wrapped again. */
static int keep_wrapped(struct keying *keying, struct store *store, struct fault *fault)
{
	int result = wrap_keep(store, &keying->key, keying->config->store_key_file, fault);
	if (result > 0)
		log_fault("store-key-not-wrapped", fault);
	return result < 0 ? result : 0;
}

/* A file that is away for a moment is about to be changed. */
void keying_look(struct keying *keying, struct store *store)
{
	struct fault fault = {0};
	enum key_standing standing = atomic_load(&keying->key.standing);
	if (standing == keying->told || standing == KEY_OPENING || standing == KEY_AWAY)
		return;
	if (change_tasks(store, standing, clock_now_ms(keying->clock), &fault) < 0)
		log_fault("key-task", &fault);
	else if (standing == KEY_OPEN && keep_wrapped(keying, store, &fault) < 0)
		log_fault("store-key-wrapping", &fault);
	else
		keying->told = standing;
}

void keying_stop(struct keying *keying)
{
	struct timespec end = clock_wait_end(STOP_MS);
	if (!keying)
		return;
	sem_post(&keying->ending);
	if (pthread_clockjoin_np(keying->thread, NULL, CLOCK_MONOTONIC, &end)) {
		/* The driver cannot be stopped; the process ends, and what it uses must stay until then. */
		log_event(LOG_LEVEL_WARNING, "key-hangs", "ms=%d", STOP_MS);
		return;
	}
	free_all(keying);
}
