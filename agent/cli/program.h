/* program: other programs of this machine, run with plain arguments; never through a shell. */
#ifndef HOADON_CLI_PROGRAM_H
#define HOADON_CLI_PROGRAM_H

#include <sys/types.h>

#include "base/bytes.h"

/**
 * program_run() - run @argv[0], found in PATH unless it holds a slash, to its end
 * @argv:  ended by NULL
 * @input: what it reads, NULL = nothing
 * @out:   what it writes on stdout, appended as far as it fits; NULL = thrown away. Its stderr is ours.
 *
 * Return: its exit code, 127 when there is no such program, 128 when a signal ended it; < 0 failure about us. Thread: any.
 */
int program_run(const char *const argv[], const struct bytes *input, struct bytes *out, struct fault *fault) MUST_CHECK;
/** program_start() - run @argv beside us, without input and output; it is told to end (SIGTERM) when we die. 0 with @ret_pid, ended by program_stop(); < 0. */
int program_start(const char *const argv[], pid_t *ret_pid, struct fault *fault) MUST_CHECK;
/** program_stop() - SIGTERM, and wait for its end. */
void program_stop(pid_t pid);
/** program_beside() - the path of program @name in the folder that this program lies in. 0; 1 there is none. */
int program_beside(const char *name, char out[4096]) MUST_CHECK;

#endif
