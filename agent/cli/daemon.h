/* daemon: calls of hoadond's local API through its unix socket, and what it answers. */
#ifndef HOADON_CLI_DAEMON_H
#define HOADON_CLI_DAEMON_H

#include <cjson/cJSON.h>

#include "base/bytes.h"
#include "cli/cli.h"

struct answer {
	int status;  /* HTTP */
	cJSON *json; /* NULL when there is no body */
};

/** answer_done() - free what @answer holds. */
void answer_done(struct answer *answer);

/**
 * daemon_call() - one request
 * @method: "POST"
 * @path:   "/api/v1/sales"
 * @body:   JSON, NULL = none
 * @ret:    initialised to zero; any status; freed with answer_done()
 *
 * Return: 0; CLI_NOT_RUNNING or CLI_PERMISSION after saying so with the next step; < 0.
 */
int daemon_call(struct cli *cli, const char *method, const char *path, const struct bytes *body, struct answer *ret,
	struct fault *fault) MUST_CHECK;
/** daemon_is_running() - whether somebody listens at the socket. */
bool daemon_is_running(const struct cli *cli);
/** daemon_process() - number of the process that is hoadond and answers within 10 s; 0: none does, it is stuck, or systemd alone holds its door; -1: this user may not ask. */
int64_t daemon_process(const struct cli *cli);
/** daemon_ask() - GET @path; @ret is initialised to zero, and stays so when hoadond gives this user no answer. Prints nothing. */
void daemon_ask(const struct cli *cli, const char *path, struct answer *ret);

/** answer_text() - the string at @path ("invoice.number") of the answer; "" when there is none. Borrowed. */
const char *answer_text(const struct answer *answer, const char *path);
/** answer_number() - the number at @path, @otherwise when there is none. */
int64_t answer_number(const struct answer *answer, const char *path, int64_t otherwise);
/** answer_is_true() - whether the member at @path is true. */
bool answer_is_true(const struct answer *answer, const char *path);
/** answer_print_json() - schema_version and the answer as it came. 0 or FAULT_MEMORY. */
int answer_print_json(const struct answer *answer, struct fault *fault) MUST_CHECK;
/** answer_refused() - say the problem of an answer that is not 2xx, or print it with --json. Return: CLI_PERMISSION for 401 and 403, else @exit; FAULT_MEMORY. */
int answer_refused(const struct cli *cli, const struct answer *answer, int exit, struct fault *fault) MUST_CHECK;
/** answer_say_problem() - sentence, rule and field of the problem at @path ("" = the answer itself) on stderr. */
void answer_say_problem(const struct cli *cli, const struct answer *answer, const char *path);

#endif
