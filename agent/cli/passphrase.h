/* passphrase: the words that open a backup, read from a file, and how a backup is described. */
#ifndef HOADON_CLI_PASSPHRASE_H
#define HOADON_CLI_PASSPHRASE_H

#include "cli/print.h"
#include "store/backup.h"

#define PASSPHRASE_POINTS_MIN 20 /* five short words, operations: a guess costs 32 MiB and half a second */

/**
 * passphrase_read() - the file of --passphrase as NFC, in one line, blanks at the ends gone: however it was typed again from paper
 * @ret: in cli->arena
 * Return: 0; CLI_FAILURE after saying that it is no text; < 0.
 */
int passphrase_read(struct cli *cli, const char **ret, struct fault *fault) MUST_CHECK;

/** backup_json() - the members of @head. */
void backup_json(const struct backup_head *head, struct bytes *out);
/** backup_print() - the same for people. */
void backup_print(const struct cli *cli, const struct backup_head *head);

#endif
