#include "agent.h"

#include <errno.h>
#include <pthread.h>
#include <signal.h>
#include <stdio.h>
#include <string.h>
#include <sys/epoll.h>
#include <sys/signalfd.h>
#include <sys/stat.h>

#include <systemd/sd-daemon.h>

#include "base/log.h"
#include "base/loop.h"
#include "disk_watch.h"
#include "drivers/drivers.h"
#include "folder.h"
#include "handle.h"
#include "keying.h"
#include "life.h"
#include "mirroring.h"
#include "rules_data.h"
#include "send/http.h"
#include "sending.h"
#include "store/law.h"
#include "store/messages.h"
#include "store/sales.h"
#include "store/seal.h"
#include "tap.h"
#include "telling.h"
#include "web/answer.h"
#include "web/web.h"
#include "wire/recurring.h"

#define PARKED_RETRY_MS 10000
#define WATCHDOG_MS	5000
#define KEY_LOOK_MS	1000
#define MIRROR_LOOK_MS	1000
#define DISK_LOOK_MS	1000
#define LOCK_LOOK_MS	1000
#define RECURRING_MAX	((size_t)64 << 10)
#define VERDICT_MESSAGE 204 /* MLTDiep of the answers that are signed */

struct agent {
	struct clock clock;
	const char *root; /* stands for "/" where the machine is looked at */
	struct arena *arena;
	struct option_set *options;
	struct config config;
	struct holiday holidays[512];
	struct calendar calendar;
	struct law_book law;
	struct keying *keying; /* NULL = no key is configured */
	struct ecsign_key *ledger_key;
	struct bytes recurring;	   /* what the store learns */
	enum problem_code refusal; /* of everything: then nothing but the doors is opened; PROBLEM_NONE = none */
	struct fault locked;	   /* refusal STORE_LOCKED: why */
	bool is_unlocked;	   /* and the key has come meanwhile */
	struct disk *disk;
	struct disk_watch disk_watch;
	struct store *main_store, *issuer_store;
	struct sending_settings sending_settings;
	struct sending *sending;
	struct telling *telling;
	struct mirroring *mirroring; /* NULL = no second medium is configured */
	struct issuer_settings issuer_settings;
	struct issuer *issuer;
	pthread_t issuer_thread;
	bool is_issuing;
	struct pulse issuer_pulse, sender_pulse;
	const char *stuck; /* who makes no progress, NULL = nobody */
	struct loop *loop;
	int signal_fd;
	struct answer_paper paper;
	struct web_settings web_settings;
	struct web *web;
	struct folder_settings folder_settings;
	struct folder *folder;
	struct tap_settings tap_settings;
	atomic_int ports; /* enum ports_standing */
	struct ports_row *port_rows;
	struct tap *tap;
};

/* ---- parts, in the order in which they are opened ---- */

static int read_config(struct agent *agent, const char *dir, struct fault *fault)
{
	CLEANUP(bytes_done) struct bytes problems;
	bytes_init(&problems, 64 << 10);
	int result = options_read(config_table, dir, &agent->options, &problems, fault);
	if (result < 0) {
		if (problems.len)
			fputs((const char *)problems.data, stderr);
		return result;
	}
	return config_make(agent->options, agent->arena, &agent->config, fault);
}

static void say_what_is_missing(const struct config *config)
{
	CLEANUP(bytes_done) struct bytes missing;
	bytes_init(&missing, 64 << 10);
	if (config_missing(config, &missing) && missing.data)
		log_event(LOG_LEVEL_WARNING, "config-incomplete", "hint=\"run hoadon config check\" missing=\"%.200s\"",
			(char *)missing.data);
}

static int read_calendar(struct agent *agent, struct fault *fault)
{
	long count = calendar_parse(rules_holidays, (size_t)(rules_holidays_end - rules_holidays), agent->holidays,
		ARRAY_LEN(agent->holidays));
	if (count < 0)
		return FAULT(fault, FAULT_BUG, "the built-in table of holidays is broken");
	agent->calendar = (struct calendar){.days = agent->holidays, .count = (size_t)count};
	agent->law.calendar = &agent->calendar;
	agent->config.seller.law = &agent->law;
	return 0;
}

/* The certificate of an authority that answered before; what cannot be read is no reason not to sell. */
static void add_authority(struct agent *agent)
{
	CLEANUP(bytes_done) struct bytes answer;
	struct fault fault = {0};
	bytes_init(&answer, HTTP_BODY_MAX);
	int result = store_verdict_last(agent->main_store, VERDICT_MESSAGE, &answer, &fault);
	if (result == 0)
		recurring_signer(answer.data, answer.len, &agent->recurring);
	else if (result < 0)
		log_fault("answer-not-read", &fault);
}

/* What invoices, messages and answers will repeat; without a tax code there will be none. */
static int write_recurring(struct agent *agent, struct fault *fault)
{
	const struct key *key = keying_key(agent->keying);
	struct seal_input signer = {0};
	keying_wait(agent->keying);
	if (key_is_open(key))
		signer = (struct seal_input){
			.subject = key->certificate.subject,
			.certificate = key->certificate.der.data,
			.certificate_len = key->certificate.der.len,
		};
	bytes_init(&agent->recurring, RECURRING_MAX);
	if (!agent->config.seller.tax_code)
		return 0;
	add_authority(agent);
	return recurring_text(&agent->config.seller, &signer, &agent->recurring, fault);
}

static int open_stores(struct agent *agent, struct fault *fault)
{
	const struct bytes *recurring = &agent->recurring;
	const char *dir = agent->config.store_dir;
	struct machine machine;
	char path[4096];
	int result = store_law_load(agent->main_store, &agent->law, agent->arena, fault);
	if (result == 0)
		result = write_recurring(agent, fault);
	if (result == 0)
		result = store_learn(agent->main_store, recurring->data, recurring->len, fault);
	if (result == 0)
		result = handle_open_again(&agent->config, &agent->clock, agent->disk, &agent->issuer_store, fault);
	if (result == 0)
		result = store_learn(agent->issuer_store, recurring->data, recurring->len, fault);
	if (result == 0)
		result = machine_read(agent->root, dir, &machine, fault);
	if (result == 0)
		result = life_start(agent->main_store, agent->options, &machine, fault);
	if (result == 0 && agent->config.mirror_dir)
		result = mirroring_start(&agent->config, &agent->clock, &agent->mirroring, fault);
	snprintf(path, sizeof(path), "%s/ledger.key", dir);
	if (result == 0)
		result = ecsign_load_or_make(path, &agent->ledger_key, fault);
	/* Before the first sale, so that none is sealed with a key that stands nowhere else. */
	if (result == 0 && agent->keying)
		keying_look(agent->keying, agent->main_store);
	return result;
}

static void wake_sender(void *context, size_t issued)
{
	struct agent *agent = context;
	sending_wake(agent->sending, issued);
}

static void *issuer_main(void *context)
{
	struct agent *agent = context;
	pthread_setname_np(pthread_self(), "issuer");
	issuer_run(agent->issuer);
	return NULL;
}

static int start_threads(struct agent *agent, struct fault *fault)
{
	const struct key *key = keying_key(agent->keying);
	agent->sending_settings = (struct sending_settings){.config = &agent->config,
		.clock = &agent->clock,
		.key = key,
		.disk = agent->disk,
		.recurring = &agent->recurring,
		.pulse = &agent->sender_pulse};
	agent->issuer_settings = (struct issuer_settings){
		.config = &agent->config,
		.clock = &agent->clock,
		.calendar = &agent->calendar,
		.key = key,
		.ledger_key = agent->ledger_key,
		.pulse = &agent->issuer_pulse,
		.committed = wake_sender,
		.context = agent,
	};
	int result = sending_start(&agent->sending_settings, &agent->sending, fault);
	if (result == 0)
		result = issuer_new(&agent->issuer_settings, agent->issuer_store, &agent->issuer, fault);
	if (result < 0)
		return result;
	if (pthread_create(&agent->issuer_thread, NULL, issuer_main, agent))
		return FAULT(fault, FAULT_MEMORY, "the issuer's thread does not start");
	agent->is_issuing = true;
	return telling_start(&agent->config, &agent->clock, agent->disk, &agent->ports, &agent->telling, fault);
}

/* ---- the main loop ---- */

static int on_signal(void *context, uint32_t events, struct fault *fault)
{
	(void)events;
	(void)fault;
	struct agent *agent = context;
	struct signalfd_siginfo info;
	if (read(agent->signal_fd, &info, sizeof(info)) == sizeof(info))
		loop_stop(agent->loop);
	return 0;
}

static int watch_signals(struct agent *agent, struct fault *fault)
{
	sigset_t set;
	sigemptyset(&set);
	sigaddset(&set, SIGTERM);
	sigaddset(&set, SIGINT);
	signal(SIGPIPE, SIG_IGN);
	if (pthread_sigmask(SIG_BLOCK, &set, NULL))
		return FAULT(fault, FAULT_BUG, "signals cannot be blocked");
	agent->signal_fd = signalfd(-1, &set, SFD_CLOEXEC | SFD_NONBLOCK);
	if (agent->signal_fd < 0)
		return FAULT(fault, FAULT_IO, "signals cannot be read: %s", strerror(errno));
	return loop_watch(agent->loop, agent->signal_fd, EPOLLIN, on_signal, agent, fault);
}

static bool is_waiting_for_time(const struct sale_row *row)
{
	enum problem_code code = problem_find(row->reason);
	return code && problem_kind(code)->is_retryable;
}

/* Sales that waited for the clock or the setup and not for a person are tried again. */
static int retry_parked(void *context, uint32_t events, struct fault *fault)
{
	(void)events;
	(void)fault;
	struct agent *agent = context;
	struct fault own = {0};
	struct sale_row *rows;
	size_t count = 0;
	CLEANUP(arena_freep) struct arena *arena = arena_new(4 << 20);
	if (!arena || store_sale_list(agent->main_store, SALE_STATE_PARKED, 0, 100, arena, &rows, &count, &own) < 0)
		return 0;
	for (size_t i = count; i-- > 0;) {
		struct slot *slot = NULL;
		if (!is_waiting_for_time(&rows[i]) || web_load_parked(&agent->web_settings, rows[i].id, &slot, &own))
			continue;
		slot->done = slot_free;
		if (slot->problem.code || issuer_put(agent->issuer, slot))
			slot_free(slot);
	}
	return 0;
}

/* Fed by progress, not by being alive: when issuer or sender hangs, systemd ends the process and starts it again. */
static int on_watchdog(void *context, uint32_t events, struct fault *fault)
{
	(void)events;
	(void)fault;
	struct agent *agent = context;
	const struct config *config = &agent->config;
	const char *stuck = NULL;
	if (pulse_is_late(&agent->issuer_pulse, config->stuck_ms))
		stuck = "issuer";
	else if (pulse_is_late(&agent->sender_pulse, config->stuck_ms + config->total_timeout_ms))
		stuck = "sender";
	if (!stuck)
		sd_notify(0, "WATCHDOG=1");
	else if (!agent->stuck)
		log_event(LOG_LEVEL_ERROR, "stuck", "who=%s", stuck);
	agent->stuck = stuck;
	return 0;
}

/* A third of what systemd allows. */
static int64_t watchdog_ms(void)
{
	uint64_t allowed_us = 0;
	return sd_watchdog_enabled(0, &allowed_us) > 0 ? (int64_t)(allowed_us / 3000) + 1 : WATCHDOG_MS;
}

static int look_at_mirror(void *context, uint32_t events, struct fault *fault)
{
	(void)events;
	(void)fault;
	struct agent *agent = context;
	mirroring_look(agent->mirroring, agent->main_store);
	return 0;
}

static int look_at_key(void *context, uint32_t events, struct fault *fault)
{
	(void)events;
	(void)fault;
	struct agent *agent = context;
	keying_look(agent->keying, agent->main_store);
	return 0;
}

/* Sockets that systemd keeps listening while the agent is away. */
static void take_sockets(struct web_settings *settings)
{
	int count = sd_listen_fds(1);
	settings->inherited_local = settings->inherited_tcp = -1;
	for (int fd = SD_LISTEN_FDS_START; fd < SD_LISTEN_FDS_START + count; fd++) {
		if (sd_is_socket_unix(fd, SOCK_STREAM, 1, NULL, 0) > 0)
			settings->inherited_local = fd;
		else if (sd_is_socket_inet(fd, AF_INET, SOCK_STREAM, 1, 0) > 0)
			settings->inherited_tcp = fd;
	}
}

static int open_folder(struct agent *agent, struct fault *fault)
{
	agent->folder_settings = (struct folder_settings){
		.source = &source_spool,
		.dialect = &dialect_json,
		.where = agent->config.spool_dir,
		.config = &agent->config,
		.paper = &agent->paper,
		.store = agent->main_store,
		.issuer = agent->issuer,
	};
	return folder_new(&agent->folder_settings, agent->loop, &agent->folder, fault);
}

static int open_tap(struct agent *agent, struct fault *fault)
{
	agent->tap_settings = (struct tap_settings){
		.dialect = &dialect_json,
		.config = &agent->config,
		.store = agent->main_store,
		.issuer = agent->issuer,
		.standing = &agent->ports,
		.rows = agent->port_rows,
	};
	return tap_new(&agent->tap_settings, agent->loop, &agent->tap, fault);
}

static int open_doors(struct agent *agent, struct fault *fault)
{
	agent->port_rows = ARENA_ARRAY(agent->arena, struct ports_row, agent->config.port_count + 1);
	if (!agent->port_rows)
		return FAULT(fault, FAULT_MEMORY, "no memory for the ports");
	agent->paper = (struct answer_paper){&dialect_escpos, agent->config.lookup_url, agent->config.receipt_charset};
	agent->web_settings = (struct web_settings){
		.config = &agent->config,
		.clock = &agent->clock,
		.refusal = agent->refusal,
		.issuer = agent->issuer,
		.store = agent->refusal ? NULL : agent->main_store,
		.disk = agent->disk,
		.key = keying_key(agent->keying),
		.routes = agent->sending ? sending_routes(agent->sending) : NULL,
		.stuck = &agent->stuck,
		.ports = &agent->ports,
		.port_rows = agent->port_rows,
		.dialects = driver_dialects,
		.json = &dialect_json,
		.paper = &agent->paper,
		.law = &agent->law,
		.law_arena = agent->arena,
		.mirror_state = agent->mirroring ? mirroring_state : NULL,
		.mirror = agent->mirroring,
	};
	take_sockets(&agent->web_settings);
	int result = web_new(&agent->web_settings, agent->loop, &agent->web, fault);
	if (result < 0 || agent->refusal)
		return result;
	if (agent->config.spool_dir)
		result = open_folder(agent, fault);
	return result == 0 && agent->config.port_count ? open_tap(agent, fault) : result;
}

static int work(struct agent *agent, struct fault *fault)
{
	int result = loop_every(agent->loop, PARKED_RETRY_MS, retry_parked, agent, fault);
	if (result == 0)
		result = loop_every(agent->loop, watchdog_ms(), on_watchdog, agent, fault);
	if (result == 0 && agent->keying)
		result = loop_every(agent->loop, KEY_LOOK_MS, look_at_key, agent, fault);
	if (result == 0 && agent->mirroring)
		result = loop_every(agent->loop, MIRROR_LOOK_MS, look_at_mirror, agent, fault);
	agent->disk_watch =
		(struct disk_watch){.disk = agent->disk, .clock = &agent->clock, .store = agent->main_store};
	if (result == 0)
		result = disk_watch_start(&agent->disk_watch, fault);
	if (result == 0)
		result = loop_every(agent->loop, DISK_LOOK_MS, disk_watch_tick, &agent->disk_watch, fault);
	if (result < 0)
		return result;
	log_event(LOG_LEVEL_INFO, "ready", "version=%s store=%s", HOADON_VERSION, store_id(agent->main_store));
	sd_notify(0, "READY=1");
	result = loop_run(agent->loop, fault);
	sd_notify(0, "STOPPING=1");
	return result;
}

/* The key came, be it with a medium or by a person: whoever starts us again finds all as it is. */
static int look_at_lock(void *context, uint32_t events, struct fault *fault)
{
	(void)events;
	(void)fault;
	struct agent *agent = context;
	const struct config *config = &agent->config;
	agent->is_unlocked = store_unlock(agent->main_store, config->store_key_file, config->seal_store, NULL) == 0;
	if (agent->is_unlocked)
		loop_stop(agent->loop);
	return 0;
}

/* What the log says of each refusal, and what is to be done; NULL = agent->locked knows. */
static const struct refusal {
	enum problem_code code;
	const char *event, *hint;
} refusals[] = {
	{PROBLEM_SETUP_MISSING, "not-set-up", "run hoadon setup"},
	{PROBLEM_STORE_NEWER, "store-newer", "install the newer version again"},
	{PROBLEM_STORE_LOCKED, "store-locked", NULL},
};

/* An end would be answered with a start again and again; so does this one stay, and says why. */
static int refuse_all(struct agent *agent, struct fault *fault)
{
	const struct refusal *refusal = refusals;
	while (refusal->code != agent->refusal)
		refusal++;
	int result = loop_every(agent->loop, watchdog_ms(), on_watchdog, agent, fault);
	if (result == 0 && refusal->code == PROBLEM_STORE_LOCKED)
		result = loop_every(agent->loop, LOCK_LOOK_MS, look_at_lock, agent, fault);
	if (result < 0)
		return result;
	log_event(LOG_LEVEL_ERROR, refusal->event, "version=%s path=\"%s\" hint=\"%s\"", HOADON_VERSION,
		agent->config.store_dir, refusal->hint ? refusal->hint : agent->locked.text);
	sd_notifyf(0, "READY=1\nSTATUS=%s", problem_kind(agent->refusal)->detail);
	result = loop_run(agent->loop, fault);
	sd_notify(0, "STOPPING=1");
	if (result == 0 && agent->is_unlocked)
		return AGENT_AGAIN;
	return result || refusal->code != PROBLEM_STORE_NEWER ? result : AGENT_NEWER;
}

/* Doors first, so that nobody is told a sale is taken that is not; then the issuer finishes; then everybody is answered. */
static void close_agent(struct agent *agent)
{
	struct fault fault = {0};
	if (agent->web)
		web_quiesce(agent->web);
	if (agent->tap)
		tap_quiesce(agent->tap);
	if (agent->is_issuing) {
		issuer_stop(agent->issuer);
		pthread_join(agent->issuer_thread, NULL);
	}
	if (agent->folder)
		folder_drain(agent->folder);
	if (agent->tap)
		tap_drain(agent->tap);
	if (agent->web)
		web_drain(agent->web);
	sending_stop(agent->sending);
	telling_stop(agent->telling);
	if (agent->is_issuing && life_stop(agent->main_store, &fault) < 0)
		log_fault("stop-not-recorded", &fault);
	tap_free(agent->tap);
	folder_free(agent->folder);
	web_free(agent->web);
	issuer_free(agent->issuer);
	store_close(agent->issuer_store);
	store_close(agent->main_store);
	mirroring_stop(agent->mirroring);
	disk_free(agent->disk);
	ecsign_free(agent->ledger_key);
	bytes_done(&agent->recurring);
	keying_stop(agent->keying);
	loop_free(agent->loop);
	if (agent->signal_fd >= 0)
		close(agent->signal_fd);
	options_free(agent->options);
	arena_free(agent->arena);
}

static int open_agent(struct agent *agent, const struct agent_options *options, struct fault *fault)
{
	int result = read_config(agent, options->config_dir, fault);
	if (result < 0)
		return result;
	bool is_set_up = agent->config.seller.tax_code;
	if (is_set_up)
		say_what_is_missing(&agent->config);
	else
		agent->refusal = PROBLEM_SETUP_MISSING;
	result = read_calendar(agent, fault);
	if (result == 0)
		result = loop_new(&agent->loop, fault);
	if (result == 0)
		result = watch_signals(agent, fault);
	/* First: on a full disk even who reads a store needs room, for the index of its WAL. */
	if (result == 0 && is_set_up)
		result = disk_open(agent->config.store_dir, agent->config.reserve_bytes, &agent->disk, fault);
	bool is_newer = false;
	if (result == 0 && is_set_up)
		result = store_is_newer(agent->config.store_dir, &is_newer, fault);
	if (result < 0)
		return result;
	if (is_newer)
		agent->refusal = PROBLEM_STORE_NEWER;
	if (!agent->refusal)
		result = handle_open(&agent->config, &agent->clock, agent->disk, &agent->main_store, &agent->locked);
	if (result < 0)
		return FAULT(fault, result, "%s", agent->locked.text);
	if (result == STORE_LOCKED)
		agent->refusal = PROBLEM_STORE_LOCKED;
	if (agent->refusal)
		return open_doors(agent, fault);
	if (agent->config.key_file)
		result = keying_start(&agent->config, &agent->clock, &agent->keying, fault);
	if (result == 0)
		result = open_stores(agent, fault);
	if (result == 0)
		result = start_threads(agent, fault);
	return result == 0 ? open_doors(agent, fault) : result;
}

int agent_run(const struct agent_options *options, struct fault *fault)
{
	struct agent *agent = calloc(1, sizeof(*agent));
	if (!agent)
		return FAULT(fault, FAULT_MEMORY, "no memory to start");
	agent->signal_fd = -1;
	agent->clock.test_file = options->clock_file;
	agent->root = options->root ? options->root : "";
	agent->arena = arena_new(16 << 20);
	umask(0027);
	int result =
		agent->arena ? open_agent(agent, options, fault) : FAULT(fault, FAULT_MEMORY, "no memory to start");
	if (result == 0)
		result = agent->refusal ? refuse_all(agent, fault) : work(agent, fault);
	close_agent(agent);
	free(agent);
	return result;
}
