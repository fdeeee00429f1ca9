#include "cli/sandbox.h"

#include <errno.h>
#include <ftw.h>
#include <stdio.h>
#include <string.h>
#include <unistd.h>

#include "base/file.h"
#include "cli/program.h"

#define PROGRAM	 "hoadon-sandbox"
#define TEMP	 "/var/tmp/hoadon-sandbox-XXXXXX"
#define USER	 "tvan"
#define PASSWORD "sandbox"     /* also of the key that it makes */
#define SENDER	 "V9900000023" /* the T-VAN that it plays */
#define START_MS 20000
#define LOOK_MS	 50
#define ARGS_MAX 20

bool sandbox_is_there(void)
{
	char path[4096];
	return program_beside(PROGRAM, path) == 0;
}

static int make(struct cli *cli, const struct sandbox *sandbox, const char *program, struct fault *fault)
{
	const struct seller *seller = &cli->config.seller;
	const char *clock = cli->clock.test_file;
	const char *known =
		arena_printf(cli->arena, "%s:%s:%s:%d", seller->tax_code, seller->name, seller->key, seller->form);
	const char *args[] = {program, "init", "--dir", sandbox->dir, "--seller", known, "--provider",
		seller->provider_tax_code, clock ? "--clock" : NULL, clock, NULL};
	if (!known)
		return FAULT(fault, FAULT_MEMORY, "no memory for a rehearsal");
	int result = program_run(args, NULL, NULL, fault);
	return result <= 0 ? result : FAULT(fault, FAULT_IO, PROGRAM " makes no authority (exit %d)", result);
}

/* The port once it listens; 0 = not yet. */
static int read_port(const char *path)
{
	CLEANUP(bytes_done) struct bytes text;
	bytes_init(&text, 32);
	return file_exists(path) && file_read(path, &text, NULL) == 0 && text.len ? atoi((const char *)text.data) : 0;
}

static int serve(struct cli *cli, struct sandbox *sandbox, const char *program, int *ret_port, struct fault *fault)
{
	const char *clock = cli->clock.test_file;
	const char *ready = arena_printf(cli->arena, "%s/port", sandbox->dir);
	const char *profile = arena_printf(cli->arena, "profile=%s",
		seller_profile(&cli->config.seller, clock_day(clock_now_ms(&cli->clock)))->pban);
	const char *args[] = {program, "run", "--dir", sandbox->dir, "--port", "0", "--ready-file", ready, "--set",
		profile, clock ? "--clock" : NULL, clock, NULL};
	if (!ready || !profile)
		return FAULT(fault, FAULT_MEMORY, "no memory for a rehearsal");
	int result = program_start(args, &sandbox->pid, fault);
	for (int waited = 0; result == 0 && waited < START_MS; waited += LOOK_MS) {
		*ret_port = read_port(ready);
		if (*ret_port)
			return 0;
		usleep(LOOK_MS * 1000);
	}
	return result ? result : FAULT(fault, FAULT_NETWORK, PROGRAM " does not listen after %d s", START_MS / 1000);
}

static int set_config(struct cli *cli, struct sandbox *sandbox, int port, struct config *config, struct fault *fault)
{
	struct arena *arena = cli->arena;
	const char *ca = arena_printf(arena, "%s/ca.crt.pem", sandbox->dir);
	const char *password = arena_printf(arena, "%s/password", sandbox->dir);
	sandbox->route = (struct config_authority){.name = "sandbox",
		.driver = "tdiep",
		.url = arena_printf(arena, "https://localhost:%d/tvan/v1", port),
		.ca_file = ca,
		.anchors_file = ca,
		.user = USER,
		.password_file = password};
	*config = cli->config;
	config->authorities = &sandbox->route;
	config->authority_count = 1;
	config->seller.sender = SENDER;
	config->key_driver = "pkcs12";
	config->key_file = arena_printf(arena, "%s/seller-%s.p12", sandbox->dir, cli->config.seller.tax_code);
	config->key_password_file = password;
	if (!ca || !password || !sandbox->route.url || !config->key_file)
		return FAULT(fault, FAULT_MEMORY, "no memory for a rehearsal");
	return file_write(password, PASSWORD, strlen(PASSWORD), 0600, fault);
}

int sandbox_start(struct cli *cli, struct sandbox *ret, struct config *config, struct fault *fault)
{
	char program[4096];
	int port = 0;
	if (program_beside(PROGRAM, program))
		return FAULT(fault, FAULT_CONFIG,
			PROGRAM " is not installed: apt install hoadon-agent-sandbox, then run the command again");
	strcpy(ret->dir, TEMP);
	if (!mkdtemp(ret->dir)) {
		ret->dir[0] = '\0';
		return FAULT(fault, FAULT_IO, "no folder for a rehearsal in /var/tmp: %s", strerror(errno));
	}
	int result = make(cli, ret, program, fault);
	if (result == 0)
		result = serve(cli, ret, program, &port, fault);
	return result ? result : set_config(cli, ret, port, config, fault);
}

static int remove_one(const char *path, const struct stat *info, int kind, struct FTW *at)
{
	(void)info;
	(void)kind;
	(void)at;
	return remove(path);
}

void sandbox_stop(struct sandbox *sandbox)
{
	program_stop(sandbox->pid);
	if (sandbox->dir[0])
		nftw(sandbox->dir, remove_one, 8, FTW_DEPTH | FTW_PHYS);
	*sandbox = (struct sandbox){.pid = 0};
}
