/* Any bytes as hoadon.conf: read or refused with a problem per wrong line, and a secret is never repeated in one. */
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "base/file.h"
#include "base/options.h"

#define FOLDER_TEXT_MAX 64

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
	char folder[FOLDER_TEXT_MAX];
	char path[FOLDER_TEXT_MAX + 16];
	FILE *file;
	int result;

	snprintf(folder, sizeof(folder), "/tmp/fuzz-options-%ld", (long)getpid());
	snprintf(path, sizeof(path), "%s/hoadon.conf", folder);
	if (file_make_dir(folder, 0700, &fault) < 0 || !(file = fopen(path, "wb")))
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
