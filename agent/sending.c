#include "sending.h"

#include <errno.h>
#include <pthread.h>
#include <stdatomic.h>
#include <stdio.h>
#include <string.h>
#include <time.h>
#include <unistd.h>

#include "base/file.h"
#include "base/log.h"
#include "drivers/drivers.h"
#include "handle.h"
#include "send/http.h"
#include "store/disk.h"
#include "store/time.h"

#define NAP_MS	       1000 /* longest sleep: a test clock or a changed clock is noticed */
#define TEST_NAP_MS    20
#define AFTER_FAULT_MS 1000

struct route_state { /* what a route borrows */
	struct http_settings http_settings;
	struct http *http;
	struct bytes password, anchors;
	char unready[300];
};

struct sending {
	const struct sending_settings *settings;
	struct send_signer signer;
	struct send_route routes[SEND_ROUTES_MAX];
	struct route_state states[SEND_ROUTES_MAX];
	size_t route_count;
	struct sender_settings sender_settings;
	struct store *store;
	struct sender *sender;
	pthread_t thread;
	bool is_running;
	atomic_bool is_ending;
	atomic_int standing; /* enum routes_standing */
	pthread_mutex_t lock;
	pthread_cond_t woken;
	size_t news;	   /* invoices issued since the last look; guarded by lock, as is the next */
	bool is_gathering; /* the nap is short, so that news wait for each other */
};

static int open_route(struct sending *sending, const struct config_authority *authority, struct fault *fault)
{
	const struct config *config = sending->settings->config;
	struct route_state *state = &sending->states[sending->route_count];
	struct send_route *route = &sending->routes[sending->route_count++];
	bytes_init(&state->password, 4096);
	bytes_init(&state->anchors, 1 << 20);
	route->name = authority->name;
	route->ops = driver_authority(authority->driver);
	if (!route->ops)
		return FAULT(fault, FAULT_CONFIG, "authority.%s.driver = %s is not built in; see hoadon help drivers",
			authority->name, authority->driver);
	state->http_settings = (struct http_settings){
		.ca_file = authority->ca_file,
		.connect_timeout_ms = config->connect_timeout_ms,
		.total_timeout_ms = config->total_timeout_ms,
		.slowest_bytes_per_s = config->slowest_bytes_per_s,
		.pulse = sending->settings->pulse,
	};
	if (http_new(&state->http_settings, &state->http, fault) < 0)
		return FAULT_NETWORK;
	route->env = (struct authority_env){
		.call = http_call,
		.http = state->http,
		.url = authority->url,
		.user = authority->user,
	};
	return 0;
}

static int read_once(const char *path, int (*read)(const char *path, struct bytes *ret, struct fault *fault),
	struct bytes *in, const char **ret, struct fault *fault)
{
	if (!path || *ret)
		return 0;
	bytes_clear(in); /* of the half that an earlier attempt read */
	int result = read(path, in, fault);
	if (result == 0 && !in->len)
		result = FAULT(fault, FAULT_IO, "%s is empty", path);
	if (result == 0)
		*ret = (const char *)in->data;
	return result;
}

/* libcurl reads the last one by itself, whenever it connects. */
static int read_files(const struct config_authority *authority, struct route_state *state, struct send_route *route,
	struct fault *fault)
{
	int result =
		read_once(authority->password_file, file_read_secret, &state->password, &route->env.password, fault);
	if (result == 0)
		result = read_once(authority->anchors_file, file_read, &state->anchors, &route->anchors_pem, fault);
	if (result == 0 && authority->ca_file && access(authority->ca_file, R_OK) != 0)
		result = FAULT(fault, FAULT_IO, "%s: %s", authority->ca_file, strerror(errno));
	return result;
}

/* What cannot be read is no reason not to sell: the route is left alone until it can. Each reason is said once. */
static void ready_routes(struct sending *sending)
{
	for (size_t i = 0; i < sending->route_count; i++) {
		struct route_state *state = &sending->states[i];
		struct send_route *route = &sending->routes[i];
		struct fault fault = {0};
		if (read_files(&sending->settings->config->authorities[i], state, route, &fault) == 0) {
			if (route->unready)
				log_event(LOG_LEVEL_INFO, "route-ready", "route=%s", route->name);
			route->unready = NULL;
			continue;
		}
		if (!route->unready || strcmp(state->unready, fault.text) != 0)
			log_fault("route-not-ready", &fault);
		snprintf(state->unready, sizeof(state->unready), "%s", fault.text);
		route->unready = state->unready;
	}
}

/* A look costs a read of all that waits: a full message is worth one, a short nap is slept to its end. */
static bool has_reason(const struct sending *sending)
{
	size_t enough = sending->is_gathering ? (size_t)sending->settings->config->max_invoices : 1;
	return sending->news >= enough || atomic_load(&sending->is_ending);
}

static void nap(struct sending *sending, int64_t until)
{
	int64_t ms = until - store_time_now(sending->store, NULL);
	int64_t most = sending->settings->clock->test_file ? TEST_NAP_MS : NAP_MS;
	if (ms > most)
		ms = most;
	if (ms < 1)
		ms = 1;
	struct timespec end = clock_wait_end(ms);
	pthread_mutex_lock(&sending->lock);
	sending->is_gathering = ms <= SEND_QUIET_MS;
	while (!has_reason(sending))
		if (pthread_cond_timedwait(&sending->woken, &sending->lock, &end))
			break;
	sending->news = 0;
	pthread_mutex_unlock(&sending->lock);
}

/* A key that was not at hand at the start is taken when it is. */
static void take_key(struct sending *sending)
{
	const struct key *key = sending->settings->key;
	sending->sender_settings.unsigned_text = key_sentence(key);
	if (sending->sender_settings.signer || !key_is_open(key))
		return;
	sending->signer = (struct send_signer){
		.sign = key_sign_one,
		.context = (void *)key,
		.subject = key->certificate.subject,
		.certificate = key->certificate.der.data,
		.certificate_len = key->certificate.der.len,
	};
	sending->sender_settings.signer = &sending->signer;
}

static void *sender_main(void *context)
{
	struct sending *sending = context;
	int64_t wal_max = disk_wal_max(sending->settings->config->reserve_bytes);
	pthread_setname_np(pthread_self(), "sender");
	while (!atomic_load(&sending->is_ending)) {
		struct fault fault = {0};
		int64_t next = INT64_MAX;
		pulse_beat(sending->settings->pulse);
		take_key(sending);
		ready_routes(sending);
		int result = store_heal(sending->store, &fault);
		if (result == 0)
			result = store_checkpoint_wal(sending->store, wal_max, &fault);
		if (result == 0)
			result = sender_step(sending->sender, &next, &fault);
		atomic_store(&sending->standing, sender_routes(sending->sender));
		if (result == 0)
			continue;
		if (result < 0) {
			sender_failed(sending->sender, &fault);
			if (store_disk_state(sending->store) != DISK_FAILING)
				log_fault("send-failed", &fault);
			next = store_time_now(sending->store, NULL) + AFTER_FAULT_MS;
		}
		nap(sending, next);
	}
	return NULL;
}

static int start(struct sending *sending, struct fault *fault)
{
	const struct sending_settings *settings = sending->settings;
	const struct config *config = settings->config;
	for (size_t i = 0; i < config->authority_count && i < SEND_ROUTES_MAX; i++)
		if (open_route(sending, &config->authorities[i], fault) < 0)
			return fault && fault->code ? fault->code : FAULT_CONFIG;
	ready_routes(sending);
	sending->sender_settings = (struct sender_settings){
		.config = config,
		.clock = settings->clock,
		.routes = sending->routes,
		.route_count = sending->route_count,
	};
	int result = handle_open_again(config, settings->clock, settings->disk, &sending->store, fault);
	if (result == 0)
		result = store_learn(sending->store, settings->recurring->data, settings->recurring->len, fault);
	if (result == 0)
		result = sender_new(&sending->sender_settings, sending->store, &sending->sender, fault);
	if (result < 0)
		return result;
	if (pthread_create(&sending->thread, NULL, sender_main, sending))
		return FAULT(fault, FAULT_MEMORY, "the sender's thread does not start");
	sending->is_running = true;
	return 0;
}

int sending_start(const struct sending_settings *settings, struct sending **ret, struct fault *fault)
{
	struct sending *sending = calloc(1, sizeof(*sending));
	pthread_condattr_t attr;
	if (!sending)
		return FAULT(fault, FAULT_MEMORY, "no memory for the sender");
	sending->settings = settings;
	pthread_mutex_init(&sending->lock, NULL);
	pthread_condattr_init(&attr);
	pthread_condattr_setclock(&attr, CLOCK_MONOTONIC);
	pthread_cond_init(&sending->woken, &attr);
	pthread_condattr_destroy(&attr);
	int result = start(sending, fault);
	if (result < 0)
		sending_stop(sending);
	else
		*ret = sending;
	return result;
}

void sending_wake(struct sending *sending, size_t issued)
{
	pthread_mutex_lock(&sending->lock);
	sending->news += issued;
	if (has_reason(sending))
		pthread_cond_signal(&sending->woken);
	pthread_mutex_unlock(&sending->lock);
}

const atomic_int *sending_routes(const struct sending *sending)
{
	return &sending->standing;
}

void sending_stop(struct sending *sending)
{
	if (!sending)
		return;
	atomic_store(&sending->is_ending, true);
	for (size_t i = 0; i < sending->route_count; i++)
		if (sending->states[i].http)
			http_interrupt(sending->states[i].http);
	sending_wake(sending, 0);
	if (sending->is_running)
		pthread_join(sending->thread, NULL);
	sender_free(sending->sender);
	store_close(sending->store);
	for (size_t i = 0; i < sending->route_count; i++) {
		http_free(sending->states[i].http);
		bytes_done(&sending->states[i].password);
		bytes_done(&sending->states[i].anchors);
	}
	pthread_cond_destroy(&sending->woken);
	pthread_mutex_destroy(&sending->lock);
	free(sending);
}
