/* hoadond: arguments, then agent_run(). */
#include <getopt.h>
#include <stdio.h>
#include <string.h>

#include "agent.h"
#include "base/log.h"

static const char help[] = "hoadond - turns the sales of cash registers into signed e-invoices and sends them\n"
			   "\n"
			   "Example: hoadond --config /etc/hoadon-agent\n"
			   "\n"
			   "  --config DIR       folder of hoadon.conf and conf.d (default /etc/hoadon-agent)\n"
			   "  --log LEVEL        error, warning, info (default) or debug\n"
			   "  --test-clock FILE  tests only: the time is what FILE says\n"
			   "  --test-root DIR    tests only: the machine is what DIR/etc, DIR/sys and DIR/run say\n"
			   "  --version, --help\n"
			   "\n"
			   "Exit: 0 in order, 1 failed, 75 the store's key came, start again, 78 the configuration is "
			   "wrong, 79 the store is of a newer "
			   "version, nothing was taken\n";

static int level_of(const char *word)
{
	static const struct {
		const char *word;
		int level;
	} levels[] = {{"error", LOG_LEVEL_ERROR}, {"warning", LOG_LEVEL_WARNING}, {"info", LOG_LEVEL_INFO},
		{"debug", LOG_LEVEL_DEBUG}};
	for (size_t i = 0; i < ARRAY_LEN(levels); i++)
		if (!strcmp(levels[i].word, word))
			return levels[i].level;
	return -1;
}

/* -1 = go on, else the exit code. */
static int read_options(int argc, char **argv, struct agent_options *options)
{
	static const struct option longs[] = {
		{"config", required_argument, NULL, 'c'},
		{"log", required_argument, NULL, 'l'},
		{"test-clock", required_argument, NULL, 't'},
		{"test-root", required_argument, NULL, 'r'},
		{"version", no_argument, NULL, 'v'},
		{"help", no_argument, NULL, 'h'},
		{0},
	};
	int c;
	while ((c = getopt_long(argc, argv, "c:h", longs, NULL)) != -1) {
		if (c == 'c') {
			options->config_dir = optarg;
		} else if (c == 't') {
			options->clock_file = optarg;
		} else if (c == 'r') {
			options->root = optarg;
		} else if (c == 'l' && level_of(optarg) >= 0) {
			log_set_level(level_of(optarg));
		} else if (c == 'v' || c == 'h') {
			fputs(c == 'v' ? "hoadond " HOADON_VERSION "\n" : help, stdout);
			return 0;
		} else {
			fputs("hoadond: see hoadond --help\n", stderr);
			return 2;
		}
	}
	if (optind == argc)
		return -1;
	fprintf(stderr, "hoadond: %s is not expected; see hoadond --help\n", argv[optind]);
	return 2;
}

int main(int argc, char **argv)
{
	struct agent_options options = {.config_dir = "/etc/hoadon-agent"};
	struct fault fault = {0};
	int code = read_options(argc, argv, &options);
	if (code >= 0)
		return code;
	int result = agent_run(&options, &fault);
	if (result < 0)
		log_fault("stopped", &fault);
	if (result == FAULT_CONFIG)
		return EXIT_CONFIG;
	if (result == AGENT_NEWER)
		return EXIT_NEWER;
	if (result == AGENT_AGAIN)
		return EXIT_AGAIN;
	return result < 0 ? 1 : 0;
}
