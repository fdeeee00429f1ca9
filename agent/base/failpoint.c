#include "base/failpoint.h"

#ifdef HOADON_FAILPOINTS

#include <fcntl.h>
#include <pthread.h>
#include <signal.h>
#include <stdatomic.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "base/cleanup.h"

#define FAILPOINT_ARMED_MAX 16
#define FAILPOINT_NAMES_MAX 512
#define FAILPOINT_NAME_MAX  64

enum failpoint_action { FAILPOINT_KILL, FAILPOINT_FAIL, FAILPOINT_HANG, FAILPOINT_ACTION_COUNT };

static const char *const action_words[FAILPOINT_ACTION_COUNT] = {"kill", "fail", "hang"};

struct armed {
	char name[FAILPOINT_NAME_MAX]; /* "store.commit.before" */
	unsigned long count;
	enum failpoint_action action;
	atomic_ulong visits;
};

struct failpoints {
	pthread_once_t once;
	struct armed armed[FAILPOINT_ARMED_MAX];
	size_t armed_count;
	int log_fd; /* -1 = no log */
	pthread_mutex_t lock;
	char seen[FAILPOINT_NAMES_MAX][FAILPOINT_NAME_MAX]; /* under lock */
	size_t seen_count;
};

static struct failpoints *all(void)
{
	static struct failpoints failpoints = {
		.once = PTHREAD_ONCE_INIT, .log_fd = -1, .lock = PTHREAD_MUTEX_INITIALIZER};

	return &failpoints;
}

/* A misspelt order would make a crash test pass without a crash. */
static void refuse(const char *order)
{
	fprintf(stderr, "HOADON_FAILPOINT: %s is not NAME:COUNT:kill|fail|hang\n", order);
	abort();
}

static void arm(struct failpoints *failpoints, char *order)
{
	char *count = strchr(order, ':');
	char *action = count ? strchr(count + 1, ':') : NULL;
	struct armed *armed = &failpoints->armed[failpoints->armed_count];

	if (!action || failpoints->armed_count == FAILPOINT_ARMED_MAX || count - order >= FAILPOINT_NAME_MAX)
		refuse(order);
	*count++ = '\0';
	*action++ = '\0';
	snprintf(armed->name, sizeof(armed->name), "%s", order);
	armed->count = strtoul(count, NULL, 10);
	while (armed->action < FAILPOINT_ACTION_COUNT && strcmp(action, action_words[armed->action]) != 0)
		armed->action++;
	if (armed->count == 0 || armed->action == FAILPOINT_ACTION_COUNT)
		refuse(order);
	failpoints->armed_count++;
}

static void read_environment(void)
{
	const char *orders = getenv("HOADON_FAILPOINT");
	const char *log = getenv("HOADON_FAILPOINT_LOG");
	CLEANUP(freep) char *copy = orders ? strdup(orders) : NULL;
	char *rest = NULL;

	for (char *order = copy ? strtok_r(copy, ",", &rest) : NULL; order; order = strtok_r(NULL, ",", &rest))
		arm(all(), order);
	if (log)
		all()->log_fd = open(log, O_WRONLY | O_CREAT | O_APPEND | O_CLOEXEC, 0644);
}

static void log_first_visit(struct failpoints *failpoints, const char *name)
{
	size_t i = 0;

	pthread_mutex_lock(&failpoints->lock);
	while (i < failpoints->seen_count && strcmp(failpoints->seen[i], name) != 0)
		i++;
	if (i == failpoints->seen_count && i < FAILPOINT_NAMES_MAX) {
		snprintf(failpoints->seen[i], FAILPOINT_NAME_MAX, "%s", name);
		failpoints->seen_count++;
		dprintf(failpoints->log_fd, "%s\n", name);
	}
	pthread_mutex_unlock(&failpoints->lock);
}

int failpoint(const char *name, const char *phase)
{
	struct failpoints *failpoints = all();
	char full[FAILPOINT_NAME_MAX];
	int result = 0;

	pthread_once(&failpoints->once, read_environment);
	snprintf(full, sizeof(full), "%s.%s", name, phase);
	if (failpoints->log_fd >= 0)
		log_first_visit(failpoints, full);
	for (size_t i = 0; i < failpoints->armed_count; i++) {
		struct armed *armed = &failpoints->armed[i];

		if (strcmp(armed->name, full) != 0 || atomic_fetch_add(&armed->visits, 1) + 1 != armed->count)
			continue;
		if (armed->action == FAILPOINT_KILL)
			kill(getpid(), SIGKILL);
		while (armed->action == FAILPOINT_HANG)
			pause();
		result = 1;
	}
	return result;
}

#else

/* ISO C wants at least one declaration in a file. */
typedef int failpoint_is_absent;

#endif
