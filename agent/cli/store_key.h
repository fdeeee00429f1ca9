/* store_key: the key of a sealed store that comes from elsewhere: from a second medium or out of a backup. */
#ifndef HOADON_CLI_STORE_KEY_H
#define HOADON_CLI_STORE_KEY_H

#include "cli/cli.h"
#include "store/seal.h"

struct store_key {
	const char *
		standing; /* "here": [store] key_file opens the store; "opened" with the signing key; "missing"; NULL = nothing is sealed */
	uint8_t key[GCM_KEY_LEN]; /* once it is "opened" */
	const char *put_at;	  /* where store_key_put() put it; NULL = nowhere */
	struct fault why;	  /* of "missing" */
};

/**
 * store_key_unlock() - let @store read what is sealed: with [store] key_file, else with what the signing key opens in the store (issue/wrap)
 *
 * The signing key is that of --key and --key-password, else that of [key]. Return: 0; STORE_LOCKED when it is "missing"; < 0.
 */
int store_key_unlock(struct cli *cli, struct store *store, struct store_key *ret, struct fault *fault) MUST_CHECK;
/** store_key_put() - a key that was "opened" to where [store] key_file looks for it, when nothing lies there, for the owner of folder @dir; what fails stays for `hoadon setup`. */
void store_key_put(const struct cli *cli, const char *dir, struct store_key *key);
/** store_key_print() - for people, with the next step. store_key_json() - the members "store_key" and "store_key_file". */
void store_key_print(const struct cli *cli, const struct store_key *key);
void store_key_json(const struct store_key *key, struct bytes *out);

#endif
