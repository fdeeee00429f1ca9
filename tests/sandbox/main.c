/* hoadon-sandbox: the tax authority and a T-VAN, simulated for tests */
#include "check.h"
#include "http.h"
#include "init.h"

#include <getopt.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>
#include <unistd.h>

#ifndef HOADON_VERSION
#define HOADON_VERSION "0.1.0"
#endif
#ifndef SANDBOX_SCHEMAS
#define SANDBOX_SCHEMAS "schemas/authority"
#endif

#define LIST_MAX 64

enum option_id {
	DIR_ = 256,
	SELLER,
	TVAN,
	PROVIDER,
	PASSWORD,
	CLOCK,
	LISTEN,
	PORT,
	READY,
	SET,
	SCRIPT,
	USER,
	SCHEMAS,
	JSON,
	HELP,
	VERSION
};

static const struct option options[] = {
	{"dir", required_argument, NULL, DIR_},
	{"seller", required_argument, NULL, SELLER},
	{"tvan", required_argument, NULL, TVAN},
	{"provider", required_argument, NULL, PROVIDER},
	{"password", required_argument, NULL, PASSWORD},
	{"clock", required_argument, NULL, CLOCK},
	{"listen", required_argument, NULL, LISTEN},
	{"port", required_argument, NULL, PORT},
	{"ready-file", required_argument, NULL, READY},
	{"set", required_argument, NULL, SET},
	{"script", required_argument, NULL, SCRIPT},
	{"user", required_argument, NULL, USER},
	{"schemas", required_argument, NULL, SCHEMAS},
	{"json", no_argument, NULL, JSON},
	{"help", no_argument, NULL, HELP},
	{"version", no_argument, NULL, VERSION},
	{0},
};

struct list {
	const char *items[LIST_MAX];
	size_t count;
};

struct arguments {
	const char *command, *dir, *password, *clock, *listen, *ready, *script, *user, *schemas;
	unsigned port;
	bool json;
	struct list sellers, tvans, providers, sets;
};

static const char usage[] =
	"hoadon-sandbox: tax authority and T-VAN simulator for cash-register e-invoices\n"
	"\n"
	"hoadon-sandbox init --dir DIR [--seller MST:NAME:KEY5:FORMS]... [--tvan MST]... [--provider MST]...\n"
	"                    [--password PW] [--clock FILE]\n"
	"  makes DIR with CA, TLS and authority certificates, seller-MST.p12 (password \"sandbox\") and registry.json\n"
	"  hoadon-sandbox init --dir /tmp/sb --seller '9900000016:Công ty TNHH Quán Ví Dụ:VD7K2:1,2'\n"
	"\n"
	"hoadon-sandbox run --dir DIR [--listen 127.0.0.1] [--port N] [--ready-file FILE] [--set KNOB=VALUE]...\n"
	"                   [--script FILE] [--clock FILE] [--user tvan] [--password sandbox] [--schemas DIR]\n"
	"  serves https://localhost:PORT/tvan/v1 until SIGTERM; FILE gets the port once it listens\n"
	"  hoadon-sandbox run --dir /tmp/sb --port 0 --ready-file /tmp/sb/port --set answer_delay_ms=0..2000\n"
	"\n"
	"hoadon-sandbox books --dir DIR [--json]\n"
	"  prints what the authority has received; the tables of DIR/books.db may be read with sqlite3\n"
	"  hoadon-sandbox books --dir /tmp/sb --json\n"
	"\n"
	"clock file: \"=MS\" frozen Unix milliseconds, \"+MS\" or \"-MS\" added to the real clock; read on every use\n"
	"\n"
	"/control takes lines: set KNOB VALUE | fault KIND [ARG] [times N] [after K] | clear   (GET shows them)\n"
	"  curl --cacert /tmp/sb/ca.crt.pem -u tvan:sandbox https://localhost:PORT/control -d 'fault drop-after times "
	"2'\n";

static int help(void)
{
	CLEANUP(text_done) struct text t = {0};

	text_adds(&t, usage);
	text_adds(&t, "\nknobs:\n");
	knobs_help(&t);
	text_adds(&t, "\nfaults:\n");
	faults_help(&t);
	fputs(t.data, stdout);
	return 0;
}

static bool add(struct list *l, const char *item)
{
	if (l->count == LIST_MAX)
		return false;
	l->items[l->count++] = item;
	return true;
}

/* One option; false when it is wrong. */
static bool take(struct arguments *a, int option)
{
	const char **slot = NULL;

	switch (option) {
	case DIR_:
		slot = &a->dir;
		break;
	case PASSWORD:
		slot = &a->password;
		break;
	case CLOCK:
		slot = &a->clock;
		break;
	case LISTEN:
		slot = &a->listen;
		break;
	case READY:
		slot = &a->ready;
		break;
	case SCRIPT:
		slot = &a->script;
		break;
	case USER:
		slot = &a->user;
		break;
	case SCHEMAS:
		slot = &a->schemas;
		break;
	case SELLER:
		return add(&a->sellers, optarg);
	case TVAN:
		return add(&a->tvans, optarg);
	case PROVIDER:
		return add(&a->providers, optarg);
	case SET:
		return add(&a->sets, optarg);
	case PORT:
		a->port = (unsigned)atoi(optarg);
		return str_digits(optarg, 5) && a->port <= 65535;
	case JSON:
		a->json = true;
		return true;
	default:
		return false;
	}
	*slot = optarg;
	return true;
}

void sandbox_wake(struct sandbox *sb)
{
	pthread_mutex_lock(&sb->wake_lock);
	sb->woken = true;
	pthread_cond_signal(&sb->wake);
	pthread_mutex_unlock(&sb->wake_lock);
}

void sandbox_sleep(struct sandbox *sb, int64_t ms)
{
	while (ms > 0 && !sb->stop) {
		int64_t part = ms < 50 ? ms : 50;
		struct timespec nap = {.tv_nsec = part * 1000000};
		nanosleep(&nap, NULL);
		ms -= part;
	}
}

/* Knobs of the command line, then the script. */
static int configure(struct sandbox *sb, const struct arguments *a)
{
	CLEANUP(text_done) struct text script = {0};
	struct reason why;

	for (size_t i = 0; i < a->sets.count; i++) {
		char name[128];
		const char *equals = strchr(a->sets.items[i], '=');
		str_printf(name, sizeof name, "%.*s", (int)(equals ? equals - a->sets.items[i] : 0), a->sets.items[i]);
		if (!equals || settings_set(&sb->settings, name, equals + 1, &why) != 0) {
			log_event("run-failed what=set given=\"%s\" error=\"%s\"", a->sets.items[i],
				equals ? why.text : "no =");
			return -1;
		}
	}
	if (!a->script)
		return 0;
	if (file_read(a->script, 1u << 20, &script) != 0 || settings_script(&sb->settings, script.data, &why) != 0) {
		log_event(
			"run-failed what=script path=%s error=\"%s\"", a->script, script.len ? why.text : "unreadable");
		return -1;
	}
	return 0;
}

static int announce(const struct arguments *a, unsigned port)
{
	char line[16];

	str_printf(line, sizeof line, "%u\n", port);
	if (a->ready && file_write(a->ready, 0644, line, strlen(line)) != 0) {
		log_event("run-failed what=ready-file path=%s", a->ready);
		return -1;
	}
	log_event("listening url=https://localhost:%u/tvan/v1", port);
	return 0;
}

/* Serve until a signal; the signals are blocked in all threads and waited for here. */
static int serve(struct sandbox *sb, const struct arguments *a)
{
	sigset_t signals;
	struct http *http = NULL;
	unsigned port = 0;
	pthread_t checker;
	int signal_number = 0;

	sigemptyset(&signals);
	sigaddset(&signals, SIGTERM);
	sigaddset(&signals, SIGINT);
	pthread_sigmask(SIG_BLOCK, &signals, NULL);
	signal(SIGPIPE, SIG_IGN);
	if (pthread_create(&checker, NULL, check_thread, sb) != 0)
		return -1;
	int rc = http_start(sb, a->listen, a->port, &http, &port);
	if (rc == 0)
		rc = announce(a, port);
	if (rc == 0)
		sigwait(&signals, &signal_number);
	sb->stop = true;
	sandbox_wake(sb);
	http_stop(http);
	pthread_join(checker, NULL);
	log_event("stopped signal=%d", signal_number);
	return rc;
}

static int run(const struct arguments *a)
{
	static struct sandbox sb; /* large, lives as long as the program */

	str_copy(sb.dir, sizeof sb.dir, a->dir);
	str_copy(sb.schemas, sizeof sb.schemas, a->schemas);
	str_copy(sb.clock_file, sizeof sb.clock_file, a->clock);
	str_copy(sb.user, sizeof sb.user, a->user);
	str_copy(sb.password, sizeof sb.password, a->password);
	srandom((unsigned)time(NULL) ^ (unsigned)getpid());
	settings_init(&sb.settings);
	pthread_mutex_init(&sb.seal_lock, NULL);
	pthread_mutex_init(&sb.wake_lock, NULL);
	pthread_cond_init(&sb.wake, NULL);
	int rc = configure(&sb, a);
	if (rc == 0)
		rc = seal_open(sb.dir, &sb.seal);
	if (rc == 0)
		rc = books_open(sb.dir, &sb.books);
	if (rc == 0)
		rc = serve(&sb, a);
	books_close(sb.books);
	schema_free(sb.schema);
	seal_close(sb.seal);
	return rc == 0 ? 0 : 1;
}

static int init(struct arguments *a)
{
	if (a->sellers.count == 0)
		add(&a->sellers, "9900000016:Công ty TNHH Quán Ví Dụ:VD7K2:1,2");
	if (a->tvans.count == 0)
		add(&a->tvans, "9900000023");
	if (a->providers.count == 0)
		add(&a->providers, "9900000030");
	struct init_options o = {.dir = a->dir,
		.password = a->password,
		.clock_file = a->clock,
		.sellers = a->sellers.items,
		.seller_count = a->sellers.count,
		.tvans = a->tvans.items,
		.tvan_count = a->tvans.count,
		.providers = a->providers.items,
		.provider_count = a->providers.count};
	return init_run(&o);
}

static int print_books(const struct arguments *a)
{
	struct books *b = NULL;

	if (books_open(a->dir, &b) != 0)
		return 1;
	int rc = books_print(b, a->json);
	books_close(b);
	return rc == 0 ? 0 : 1;
}

int main(int argc, char **argv)
{
	struct arguments a = {
		.listen = "127.0.0.1", .user = "tvan", .password = "sandbox", .clock = "", .schemas = SANDBOX_SCHEMAS};

	for (int option; (option = getopt_long(argc, argv, "", options, NULL)) != -1;) {
		if (option == HELP)
			return help();
		if (option == VERSION)
			return puts("hoadon-sandbox " HOADON_VERSION) < 0;
		if (!take(&a, option)) {
			fputs("wrong option or value; hoadon-sandbox --help\n", stderr);
			return 2;
		}
	}
	a.command = optind < argc ? argv[optind] : "";
	if (!a.dir || optind + 1 != argc) {
		fputs("a command (init, run, books) and --dir are needed; hoadon-sandbox --help\n", stderr);
		return 2;
	}
	if (strcmp(a.command, "init") == 0)
		return init(&a);
	if (strcmp(a.command, "run") == 0)
		return run(&a);
	if (strcmp(a.command, "books") == 0)
		return print_books(&a);
	fputs("unknown command; hoadon-sandbox --help\n", stderr);
	return 2;
}
