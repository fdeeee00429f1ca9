/*
 * hoadon-reader: reads what the tills of one port print. hoadond starts it with a socket as descriptor 0 and nothing else; before the first
 * byte of a till it shuts itself in, so that whoever finds a hole in what reads paper has nothing: no file, no network, no key, no program.
 */
#include <errno.h>
#include <seccomp.h>
#include <signal.h>
#include <sys/mman.h>
#include <sys/prctl.h>
#include <sys/resource.h>
#include <unistd.h>

#include "base/bytes.h"
#include "capture/port.h"
#include "drivers/drivers.h"

#define READ_MAX   ((size_t)64 << 10)
#define MEMORY_MAX ((rlim_t)384 << 20) /* the largest catalogue, and a receipt in each stream */

enum end { END_CLOSED = 0, END_FAILED = 1, END_UNSAFE = 2, END_SETTINGS = 78 };

struct reader {
	struct port *port;
	struct link link;
	bool is_shut_in;
};

/* The shadow memory of the address sanitizer counts as data: there is no limit for what stands beside it. */
static int limit(void)
{
	const struct rlimit none = {0, 0};
#if defined(__SANITIZE_ADDRESS__)
	const struct rlimit memory = {RLIM_INFINITY, RLIM_INFINITY};
#else
	const struct rlimit memory = {MEMORY_MAX, MEMORY_MAX};
#endif

	if (close_range(1, ~0U, 0) < 0 || prctl(PR_SET_PDEATHSIG, SIGKILL) < 0)
		return -1;
	return setrlimit(RLIMIT_CORE, &none) < 0 || setrlimit(RLIMIT_DATA, &memory) < 0 ? -1 : 0;
}

/*
 * What is left: the socket, memory of its own, waiting for its own threads' locks, and the end. Anything else ends it. The last row is
 * what the address sanitizer wants at the end.
 */
static int allow(scmp_filter_ctx filter)
{
	static const int calls[] = {
		SCMP_SYS(brk),
		SCMP_SYS(munmap),
		SCMP_SYS(mremap),
		SCMP_SYS(madvise),
		SCMP_SYS(futex),
		SCMP_SYS(rt_sigreturn),
		SCMP_SYS(exit),
		SCMP_SYS(exit_group),
#if defined(__SANITIZE_ADDRESS__)
		SCMP_SYS(sigaltstack),
#endif
	};
	static const int maps[] = {SCMP_SYS(mmap), SCMP_SYS(mmap2)};
	static const int socket[] = {SCMP_SYS(read), SCMP_SYS(write)};
	int result = 0;

	for (size_t i = 0; i < ARRAY_LEN(calls); i++)
		result |= seccomp_rule_add(filter, SCMP_ACT_ALLOW, calls[i], 0);
	for (size_t i = 0; i < ARRAY_LEN(maps); i++) /* no file, nothing that runs */
		result |=
			seccomp_rule_add(filter, SCMP_ACT_ALLOW, maps[i], 2, SCMP_A2(SCMP_CMP_MASKED_EQ, PROT_EXEC, 0),
				SCMP_A4(SCMP_CMP_MASKED_EQ, 0xffffffffu, 0xffffffffu));
	for (size_t i = 0; i < ARRAY_LEN(socket); i++)
		result |= seccomp_rule_add(filter, SCMP_ACT_ALLOW, socket[i], 1, SCMP_A0(SCMP_CMP_EQ, 0, 0));
	return result;
}

static int shut_in(void)
{
	const struct rlimit one = {1, 1};
	scmp_filter_ctx filter = seccomp_init(SCMP_ACT_KILL_PROCESS);
	int result = filter ? allow(filter) : -1;

	if (result == 0)
		result = setrlimit(RLIMIT_NOFILE, &one);
	if (result == 0)
		result = seccomp_load(filter);
	seccomp_release(filter);
	return result;
}

/* The first that it tells is how its settings are: all that needs a file was opened by then. Without hoadond nobody needs it. */
static void tell(void *context, struct bytes *out)
{
	struct reader *reader = context;
	size_t done = 0;

	if (!reader->is_shut_in && shut_in() != 0)
		_exit(END_UNSAFE);
	reader->is_shut_in = true;
	while (done < out->len) {
		ssize_t n = write(0, out->data + done, out->len - done);

		if (n <= 0 && errno != EINTR)
			_exit(END_CLOSED);
		done += n > 0 ? (size_t)n : 0;
	}
	bytes_clear(out);
}

static int take_all(struct reader *reader)
{
	struct link_message message;
	struct fault unheard = {0};
	int result;

	while ((result = link_next(&reader->link, LINK_HOADOND, &message)) == LINK_TAKEN) {
		result = port_take(reader->port, &message, &unheard);
		if (result < 0)
			return result == FAULT_CONFIG ? END_SETTINGS : END_FAILED;
	}
	return result == LINK_MORE ? 0 : END_FAILED;
}

/* _exit(): what would run behind main(), as a search for leaks, is not allowed any more. */
int main(void)
{
	static uint8_t bytes[READ_MAX];
	struct reader reader = {.is_shut_in = false};
	int result = limit() < 0 ? END_UNSAFE : 0;
	ssize_t n = 1;

	reader.port = port_new(driver_print_dialects, tell, &reader);
	if (!reader.port)
		result = END_FAILED;
	while (result == 0 && n != 0) {
		n = read(0, bytes, sizeof(bytes));
		if (n < 0 && errno == EINTR)
			continue;
		if (n < 0 || link_add(&reader.link, bytes, (size_t)n) < 0)
			result = END_FAILED;
		else
			result = take_all(&reader);
	}
	_exit(result);
}
