/* task_text: what a task means and what to do about it, in the words of whoever runs a shop. */
#ifndef HOADON_CLI_TASK_TEXT_H
#define HOADON_CLI_TASK_TEXT_H

#include "base/bytes.h"
#include "cli/cli.h"
#include "store/invoices.h"

/** task_text_print() - one task in one line: number, what happened, which invoice. @invoice NULL = it is about none. */
void task_text_print(const struct cli *cli, const struct task_row *task, const struct invoice_row *invoice);
/** task_text_write() - @task as an object. */
void task_text_write(const struct task_row *task, const struct invoice_row *invoice, struct bytes *out);
/** task_text_invoice() - the invoice of @task in the arena; *ret NULL when it is about none. 0 or < 0. */
int task_text_invoice(struct cli *cli, struct store *store, const struct task_row *task, struct invoice_row **ret,
	struct fault *fault) MUST_CHECK;

#endif
