#include "telling.h"

#include <pthread.h>
#include <stdatomic.h>
#include <string.h>
#include <time.h>

#include "base/file.h"
#include "base/log.h"
#include "dayend.h"
#include "handle.h"
#include "send/fleet.h"
#include "send/http.h"
#include "send/mail.h"
#include "send/tell.h"
#include "store/store.h"

#define LOOK_EVERY_MS 5000
#define TEST_LOOK_MS  50
#define WEBHOOK_MAX   65536 /* of its answer, which nobody reads */

struct telling {
	const struct clock *clock;
	struct store *store;
	struct tell_settings settings;
	struct teller *teller;
	struct http_settings http_settings;
	struct http *http;
	struct mail_settings mail;
	struct bytes password;
	struct fleet *fleet;
	struct dayend dayend;
	pthread_t thread;
	bool is_running;
	atomic_bool is_ending;
	pthread_mutex_t lock;
	pthread_cond_t ended;
};

static int tell_webhook(void *context, const struct notice *notice, struct fault *fault)
{
	struct telling *telling = context;
	struct http_response response = {0};
	const struct http_request request = {
		.method = "POST",
		.url = telling->settings.config->webhook_url,
		.content_type = "application/json",
		.body = notice->json,
		.len = strlen(notice->json),
	};
	bytes_init(&response.body, WEBHOOK_MAX);
	int result = http_call(telling->http, &request, &response, fault);
	bytes_done(&response.body);
	if (result == 0 && (response.status < 200 || response.status > 299)) {
		fault_set(fault, FAULT_NETWORK, "tell_webhook", "it answers HTTP %d", response.status);
		return 1;
	}
	return result;
}

static int tell_mail(void *context, const struct notice *notice, struct fault *fault)
{
	struct telling *telling = context;
	const char *file = telling->settings.config->mail_password_file;
	bytes_clear(&telling->password);
	if (file && file_read_secret(file, &telling->password, fault) < 0)
		return 1;
	telling->mail.password = (const char *)telling->password.data;
	return mail_send(&telling->mail, notice->subject, notice->text, clock_now_ms(telling->clock), fault);
}

static void nap(struct telling *telling)
{
	int64_t ms = telling->clock->test_file ? TEST_LOOK_MS : LOOK_EVERY_MS;
	struct timespec end = clock_wait_end(ms);
	pthread_mutex_lock(&telling->lock);
	while (!atomic_load(&telling->is_ending))
		if (pthread_cond_timedwait(&telling->ended, &telling->lock, &end))
			break;
	pthread_mutex_unlock(&telling->lock);
}

static void *telling_main(void *context)
{
	struct telling *telling = context;
	pthread_setname_np(pthread_self(), "telling");
	while (!atomic_load(&telling->is_ending)) {
		struct fault fault = {0};
		int result = store_heal(telling->store, &fault);
		if (result == 0)
			result = teller_step(telling->teller, &fault);
		if (result >= 0)
			result = fleet_step(telling->fleet, &fault);
		if (result >= 0)
			result = dayend_step(&telling->dayend, telling->store, &fault);
		if (result < 0 && store_disk_state(telling->store) != DISK_FAILING)
			log_fault("telling-failed", &fault);
		nap(telling);
	}
	return NULL;
}

static void add_channel(struct telling *telling, const char *name,
	int (*tell)(void *context, const struct notice *notice, struct fault *fault))
{
	telling->settings.channels[telling->settings.channel_count++] = (struct tell_channel){name, tell, telling};
}

static int open_channels(struct telling *telling, struct fault *fault)
{
	const struct config *config = telling->settings.config;
	telling->http_settings = (struct http_settings){.ca_file = config->alarm_ca_file,
		.connect_timeout_ms = config->connect_timeout_ms,
		.total_timeout_ms = config->total_timeout_ms};
	if (config->webhook_url) {
		int result = http_new(&telling->http_settings, &telling->http, fault);
		if (result < 0)
			return result;
		add_channel(telling, "webhook", tell_webhook);
	}
	if (!config->mail_url)
		return 0;
	bytes_init(&telling->password, 4096);
	telling->mail = (struct mail_settings){.url = config->mail_url,
		.from = config->mail_from,
		.to = config->mail_to,
		.user = config->mail_user,
		.ca_file = config->alarm_ca_file,
		.connect_timeout_ms = config->connect_timeout_ms,
		.total_timeout_ms = config->total_timeout_ms,
		.is_ending = &telling->is_ending};
	add_channel(telling, "mail", tell_mail);
	return 0;
}

static int start(struct telling *telling, struct disk *disk, const atomic_int *ports, struct fault *fault)
{
	const struct config *config = telling->settings.config;
	int result = open_channels(telling, fault);
	if (result == 0)
		result = handle_open_again(config, telling->clock, disk, &telling->store, fault);
	if (result < 0)
		return result;
	result = fleet_new(config, telling->store, ports, &telling->fleet, fault);
	if (result < 0)
		return result;
	dayend_init(&telling->dayend, config, telling->clock);
	telling->teller = teller_new(&telling->settings, telling->store);
	if (!telling->teller || pthread_create(&telling->thread, NULL, telling_main, telling))
		return FAULT(fault, FAULT_MEMORY, "the thread that tells of tasks does not start");
	telling->is_running = true;
	return 0;
}

int telling_start(const struct config *config, const struct clock *clock, struct disk *disk, const atomic_int *ports,
	struct telling **ret, struct fault *fault)
{
	struct telling *telling = calloc(1, sizeof(*telling));
	pthread_condattr_t attr;
	if (!telling)
		return FAULT(fault, FAULT_MEMORY, "no memory to tell of tasks");
	telling->clock = clock;
	telling->settings = (struct tell_settings){.config = config, .clock = clock};
	pthread_mutex_init(&telling->lock, NULL);
	pthread_condattr_init(&attr);
	pthread_condattr_setclock(&attr, CLOCK_MONOTONIC);
	pthread_cond_init(&telling->ended, &attr);
	pthread_condattr_destroy(&attr);
	int result = start(telling, disk, ports, fault);
	if (result < 0)
		telling_stop(telling);
	else
		*ret = telling;
	return result;
}

void telling_stop(struct telling *telling)
{
	if (!telling)
		return;
	pthread_mutex_lock(&telling->lock);
	atomic_store(&telling->is_ending, true);
	pthread_cond_signal(&telling->ended);
	pthread_mutex_unlock(&telling->lock);
	if (telling->http)
		http_interrupt(telling->http);
	fleet_interrupt(telling->fleet);
	if (telling->is_running)
		pthread_join(telling->thread, NULL);
	teller_free(telling->teller);
	fleet_free(telling->fleet);
	store_close(telling->store);
	http_free(telling->http);
	bytes_done(&telling->password);
	pthread_cond_destroy(&telling->ended);
	pthread_mutex_destroy(&telling->lock);
	free(telling);
}
