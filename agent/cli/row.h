/* row: sales and invoices of the store as JSON objects, the same in every command. */
#ifndef HOADON_CLI_ROW_H
#define HOADON_CLI_ROW_H

#include "base/bytes.h"
#include "cli/cli.h"
#include "store/invoices.h"
#include "store/sales.h"

/** row_write_sale() - @row as an object. */
void row_write_sale(const struct sale_row *row, struct bytes *out);
/** row_write_invoice() - @row as an object, without its XML. */
void row_write_invoice(const struct invoice_row *row, struct bytes *out);
/** row_find_invoice() - the invoice that @text names: id, symbol/number (1C26MAA/12) or code; with xml in the arena. 0; CLI_FAILURE after saying that there is none; CLI_USAGE; < 0. */
int row_find_invoice(struct cli *cli, struct store *store, const char *text, struct invoice_row *ret,
	struct fault *fault) MUST_CHECK;

#endif
