/* commands: the functions of cli_commands, each in the file of its name. All as cli_fn. */
#ifndef HOADON_CLI_COMMANDS_H
#define HOADON_CLI_COMMANDS_H

#include "cli/cli.h"

/** sale_submit_run() - hand in one sale; CLI_OK issued, CLI_PARKED, CLI_REFUSED. */
int sale_submit_run(struct cli *cli, struct fault *fault);
/** sale_list_run() - sales, newest first. */
int sale_list_run(struct cli *cli, struct fault *fault);
/** sale_missing_run() - what a till should have told of a day and did not. */
int sale_missing_run(struct cli *cli, struct fault *fault);
/** sale_settle_run() - a person says why an item of that list is missing. */
int sale_settle_run(struct cli *cli, struct fault *fault);
/** sale_show_run() - one sale by id or till and bill, with its invoice. */
int sale_show_run(struct cli *cli, struct fault *fault);
/** sale_issue_run() / sale_ignore_run() - a person decides about a parked sale. */
int sale_issue_run(struct cli *cli, struct fault *fault);
int sale_ignore_run(struct cli *cli, struct fault *fault);
/** invoice_list_run() - invoices, newest first. */
int invoice_list_run(struct cli *cli, struct fault *fault);
/** invoice_show_run() - one invoice, read from its stored bytes. */
int invoice_show_run(struct cli *cli, struct fault *fault);
/** invoice_xml_run() - the stored bytes themselves. */
int invoice_xml_run(struct cli *cli, struct fault *fault);
/** invoice_export_run() - every invoice into a folder, a file each, for a change of provider; again adds what is new. */
int invoice_export_run(struct cli *cli, struct fault *fault);
/** task_list_run() - open tasks, oldest first. */
int task_list_run(struct cli *cli, struct fault *fault);
/** task_show_run() - one task with its invoice and sale, and what to do about it. */
int task_show_run(struct cli *cli, struct fault *fault);
/** task_reissue_run() - a new invoice in the place of a refused one; CLI_FAILURE when it cannot be issued now. */
int task_reissue_run(struct cli *cli, struct fault *fault);
/** outage_list_run() - outages, newest first. */
int outage_list_run(struct cli *cli, struct fault *fault);
/** outage_export_run() - the dossier of one outage into a file; a look of an officer. Source: law R-OUT-6. */
int outage_export_run(struct cli *cli, struct fault *fault);
/** outage_note_run() - what a person adds to that dossier. Source: law R-OUT-1 to R-OUT-4. */
int outage_note_run(struct cli *cli, struct fault *fault);
/** courier_key_run() - the certificate of this machine, to which shops seal what it shall deliver; its key is made when missing. */
int courier_key_run(struct cli *cli, struct fault *fault);
/** courier_export_run() - what is to be sent, sealed, onto a stick; CLI_FAILURE when some could not be packed. */
int courier_export_run(struct cli *cli, struct fault *fault);
/** courier_send_run() - deliver from a stick, on any machine; CLI_FAILURE unless all have a verdict, CLI_BROKEN for what is not for this machine. */
int courier_send_run(struct cli *cli, struct fault *fault);
/** courier_import_run() - what came back on a stick; as courier_send_run(). */
int courier_import_run(struct cli *cli, struct fault *fault);
/** queue_list_run() - messages under way. */
int queue_list_run(struct cli *cli, struct fault *fault);
/** status_run() - how the shop stands; CLI_OK, CLI_DEGRADED, CLI_BLOCKED, CLI_NOT_RUNNING. */
int status_run(struct cli *cli, struct fault *fault);
/** bugreport_run() - a report for support, masked; CLI_FAILURE when --unmasked was not confirmed. */
int bugreport_run(struct cli *cli, struct fault *fault);
/** fleet_show_run() - the shops whose files lie in a folder; CLI_DEGRADED when one is not good, CLI_BROKEN when a file is refused. */
int fleet_show_run(struct cli *cli, struct fault *fault);
/** clock_confirm_run() - a person vouches for the machine's clock (law R-TIME-1). */
int clock_confirm_run(struct cli *cli, struct fault *fault);
/** audit_verify_run() - the whole ledger; CLI_BROKEN names the first bad record. */
int audit_verify_run(struct cli *cli, struct fault *fault);
/** audit_export_run() - the ledger to a file, recorded in the ledger first. */
int audit_export_run(struct cli *cli, struct fault *fault);
/** backup_run() - the whole store into one sealed file, while hoadond runs; recorded in the ledger first. */
int backup_run(struct cli *cli, struct fault *fault);
/** restore_run() - a backup becomes a store that takes no number, or is only checked; CLI_BROKEN when it is not whole. */
int restore_run(struct cli *cli, struct fault *fault);
/** adopt_run() - a copy starts a new epoch; CLI_CONFIG while the configuration names the old serial or codes. */
int adopt_run(struct cli *cli, struct fault *fault);
/** simulate_rollover_run() - New Year on a copy; CLI_FAILURE when something is missing. */
int simulate_rollover_run(struct cli *cli, struct fault *fault);
/** setup_run() - the shop's settings into conf.d, checked and rehearsed; CLI_CONFIG, with nothing changed, when something is wrong. */
int setup_run(struct cli *cli, struct fault *fault);
/** simulate_sale_run() - one sale on a store that is thrown away, and the line; CLI_FAILURE when something is missing. */
int simulate_sale_run(struct cli *cli, struct fault *fault);
/** recover_cmd_run() - a store from its mirror, with what may be missing. */
int recover_cmd_run(struct cli *cli, struct fault *fault);
/** fsck_run() - the whole store; CLI_BROKEN with a plan for each finding. */
int fsck_run(struct cli *cli, struct fault *fault);
/** data_destroy_run() - the store, its mirror and its backups, once nobody need keep them; CLI_FAILURE when it may not be. Source: law R-STO-3, R-STO-4. */
int data_destroy_run(struct cli *cli, struct fault *fault);
/** capture_show_run() - a recorded print stream as the paper it makes, or its tokens. */
int capture_show_run(struct cli *cli, struct fault *fault);
/** capture_save_run() - what a till printed, as it came, into a file. */
int capture_save_run(struct cli *cli, struct fault *fault);
/** capture_record_run() - the last papers that a till printed, one behind the other, into a file. */
int capture_record_run(struct cli *cli, struct fault *fault);
/** capture_replay_run() - recordings to a port of hoadond, as its till would print them; they sell. */
int capture_replay_run(struct cli *cli, struct fault *fault);
/** capture_learn_run() - a profile proposed from recorded bills; CLI_DEGRADED when it does not read all of them as sales. */
int capture_learn_run(struct cli *cli, struct fault *fault);
/** print_list_run() - the USB printers that are plugged in, and how [port] printer names each. */
int print_list_run(struct cli *cli, struct fault *fault);
/** print_test_run() - a page to the printer of a port, and what it said; CLI_DEGRADED when it says that something is wrong. */
int print_test_run(struct cli *cli, struct fault *fault);
/** law_show_run() - packs of law, and the rates of a day. */
int law_show_run(struct cli *cli, struct fault *fault);
/** law_import_run() - what a signed pack of law changes; takes it unless it is only rehearsed. */
int law_import_run(struct cli *cli, struct fault *fault);
/** doctor_run() - every check in its order, with the remedy of what is wrong; CLI_OK, CLI_DEGRADED, CLI_BLOCKED. */
int doctor_run(struct cli *cli, struct fault *fault);
/** config_check_run() - everything missing or wrong before a sale can be issued and sent; CLI_CONFIG. */
int config_check_run(struct cli *cli, struct fault *fault);
/** config_show_run() - every setting with its value; secrets masked. */
int config_show_run(struct cli *cli, struct fault *fault);
/** token_create_run() / token_list_run() / token_revoke_run() - bearer tokens of the TCP door. */
int token_create_run(struct cli *cli, struct fault *fault);
int token_list_run(struct cli *cli, struct fault *fault);
int token_revoke_run(struct cli *cli, struct fault *fault);
/** help_run() - all commands, one command, exit-codes or drivers. */
int help_run(struct cli *cli, struct fault *fault);
/** help_command() - usage, options and example of @command on stdout. */
void help_command(const struct cli *cli, const struct cli_command *command);
/** completion_run() - a script by which bash completes commands and options. */
int completion_run(struct cli *cli, struct fault *fault);
/** version_run() - the version. */
int version_run(struct cli *cli, struct fault *fault);

#endif
