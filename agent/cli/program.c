#include "cli/program.h"

#include <errno.h>
#include <fcntl.h>
#include <signal.h>
#include <stdio.h>
#include <string.h>
#include <sys/mman.h>
#include <sys/prctl.h>
#include <sys/wait.h>
#include <unistd.h>

#define EXIT_NO_PROGRAM 127 /* as a shell says it */
#define EXIT_SIGNALLED	128

/* In the child: what cannot be arranged ends it. */
static void become(const char *const argv[], int in, int out, int err)
{
	if (dup2(in, STDIN_FILENO) < 0 || dup2(out, STDOUT_FILENO) < 0 || dup2(err, STDERR_FILENO) < 0)
		_exit(EXIT_NO_PROGRAM);
	signal(SIGPIPE, SIG_DFL);
	execvp(argv[0], (char *const *)argv);
	_exit(EXIT_NO_PROGRAM);
}

static int wait_for(pid_t pid)
{
	int status = 0;
	while (waitpid(pid, &status, 0) < 0 && errno == EINTR)
		;
	return WIFEXITED(status) ? WEXITSTATUS(status) : EXIT_SIGNALLED;
}

/* In memory: a secret comes to no disk. */
static int open_input(const struct bytes *input, struct fault *fault)
{
	CLEANUP(closep) int fd = input ? memfd_create("input", MFD_CLOEXEC) : open("/dev/null", O_RDONLY | O_CLOEXEC);
	if (fd < 0 || (input && (write(fd, input->data, input->len) != (ssize_t)input->len || lseek(fd, 0, SEEK_SET))))
		return FAULT(fault, FAULT_IO, "no input for a program: %s", strerror(errno));
	int ret = fd;
	fd = -1;
	return ret;
}

static void read_all(int fd, struct bytes *out)
{
	char part[4096];
	ssize_t got;
	while ((got = read(fd, part, sizeof(part))) > 0 || (got < 0 && errno == EINTR))
		if (out && got > 0 && out->len + (size_t)got <= out->max)
			bytes_append(out, part, (size_t)got);
}

int program_run(const char *const argv[], const struct bytes *input, struct bytes *out, struct fault *fault)
{
	CLEANUP(closep) int in = open_input(input, fault);
	int ends[2];
	if (in < 0)
		return FAULT_IO;
	if (pipe2(ends, O_CLOEXEC))
		return FAULT(fault, FAULT_IO, "no pipe to a program: %s", strerror(errno));
	pid_t pid = fork();
	if (pid == 0)
		become(argv, in, ends[1], STDERR_FILENO);
	close(ends[1]);
	if (pid > 0)
		read_all(ends[0], out);
	close(ends[0]);
	return pid < 0 ? FAULT(fault, FAULT_IO, "%s cannot be started: %s", argv[0], strerror(errno)) : wait_for(pid);
}

int program_start(const char *const argv[], pid_t *ret_pid, struct fault *fault)
{
	CLEANUP(closep) int nothing = open("/dev/null", O_RDWR | O_CLOEXEC);
	pid_t pid = nothing < 0 ? -1 : fork();
	if (pid == 0) {
		prctl(PR_SET_PDEATHSIG, SIGTERM);
		become(argv, nothing, nothing, nothing);
	}
	if (pid < 0)
		return FAULT(fault, FAULT_IO, "%s cannot be started: %s", argv[0], strerror(errno));
	*ret_pid = pid;
	return 0;
}

void program_stop(pid_t pid)
{
	if (pid <= 0)
		return;
	kill(pid, SIGTERM);
	wait_for(pid);
}

int program_beside(const char *name, char out[4096])
{
	char self[2048];
	ssize_t len = readlink("/proc/self/exe", self, sizeof(self) - 1);
	if (len <= 0)
		return 1;
	self[len] = '\0';
	*strrchr(self, '/') = '\0';
	snprintf(out, 4096, "%s/%s", self, name);
	return access(out, X_OK) != 0;
}
