/* Any bytes as hoadon.conf: read or refused with a problem per wrong line, and a secret is never repeated in one. */
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <unistd.h>

#include "base/options.h"

int LLVMFuzzerInitialize(int *argc, char ***argv);
int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

static const struct option table[] = {
	{"seller", "name", 0, OPTION_TEXT, 1, 40, NULL, NULL, "name", "ten"},
	{"seller", "file", 0, OPTION_PATH, 0, 0, NULL, "/x", "file", "tep"},
	{"authority", "password", 1, OPTION_SECRET, 0, 0, NULL, NULL, "password", "mat khau"},
	{"authority", "kind", 1, OPTION_CHOICE, 0, 0, "fpt|tdiep", "tdiep", "kind", "loai"},
	{"till", "port", 1, OPTION_INT, 1, 65535, NULL, "9100", "port", "cong"},
	{"till", "enabled", 1, OPTION_FLAG, 0, 0, NULL, "yes", "enabled", "bat"},
	{0},
};

/* One folder for the whole run, gone with it; what a killed run leaves lies in TMPDIR, which run.sh removes. */
static char folder[200], path[sizeof(folder) + 16];

static void remove_folder(void)
{
	unlink(path);
	rmdir(folder);
}

int LLVMFuzzerInitialize(int *argc, char ***argv)
{
	const char *place = getenv("TMPDIR");

	(void)argc;
	(void)argv;
	snprintf(folder, sizeof(folder), "%s/fuzz-options.XXXXXX", place ? place : "/tmp");
	if (!mkdtemp(folder) || atexit(remove_folder))
		abort();
	snprintf(path, sizeof(path), "%s/hoadon.conf", folder);
	return 0;
}

static void use(const struct option_set *set)
{
	const char *name;

	for (size_t i = 0; (name = options_name(set, "till", i)); i++) {
		int64_t port = options_int(set, "till", name, "port");

		if (port < 1 || port > 65535)
			abort();
	}
	if (!options_text(set, "seller", "", "file"))
		abort();
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	CLEANUP(options_freep) struct option_set *set = NULL;
	BYTES_CLEANUP struct bytes problems = {.max = 1 << 20};
	struct fault fault = {0};
	FILE *file = fopen(path, "wb");
	int result;

	if (!file)
		abort();
	fwrite(data, 1, size, file);
	fclose(file);
	result = options_read(table, folder, &set, &problems, &fault);
	if ((result == 0) != (set != NULL) || (result == 0 && problems.len > 0) || (result < 0 && fault.code != result))
		abort();
	if (set)
		use(set);
	return 0;
}
