#include "cli/courier.h"

#include <time.h>

#include "base/file.h"

int courier_open(struct cli *cli, const char *dir, struct manifest *ret, struct fault *fault)
{
	int result = manifest_read(dir, cli->arena, ret, fault);
	if (result || ret->count)
		return result;
	return cli_fail(cli, CLI_FAILURE,
		SAY(cli, "no message for a courier lies in %s; write them there in the shop: hoadon courier export %s",
			"%s không có thông điệp nào; ở cửa hàng hãy chạy: hoadon courier export %s"),
		dir, dir);
}

int courier_wait(int64_t ms, int64_t pause_ms, int (*is_done)(void *context, struct fault *fault), void *context,
	struct fault *fault)
{
	const struct timespec pause = {.tv_sec = pause_ms / 1000, .tv_nsec = pause_ms % 1000 * 1000000};
	int64_t end = clock_mono_ms(NULL) + ms;
	for (;;) {
		int result = is_done(context, fault);
		if (result <= 0)
			return result;
		if (clock_mono_ms(NULL) >= end)
			return 1;
		nanosleep(&pause, NULL);
	}
}
