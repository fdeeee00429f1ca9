/* drivers: everything that speaks a foreign language, one file each, one exported symbol = file name. */
#ifndef HOADON_DRIVERS_DRIVERS_H
#define HOADON_DRIVERS_DRIVERS_H

#include "capture/driver.h"
#include "capture/line.h"
#include "capture/print.h"
#include "capture/sheet.h"
#include "issue/key.h"
#include "send/authority.h"

/* bytes in */
extern const struct source_ops source_spool;
extern const struct line_source_ops source_tcp;
extern const struct line_source_ops source_serial;
extern const struct line_source_ops source_fifo;
extern const struct line_source_ops source_gadget;

/* bytes out */
extern const struct printer_ops printer_tcp;
extern const struct printer_ops printer_serial;
extern const struct printer_ops printer_usb;

/* bytes → sale */
extern const struct dialect_ops dialect_json;

/**
 * sheet_xml() - the rows of a file of bills as XML (schemas/capture/SHEETS.md)
 * @len:     at most 8 MiB; no DOCTYPE, nothing outside the file is ever read
 * @arena:   holds the rows
 * @ret:     untouched unless 0
 * @problem: set when > 0, with the line
 *
 * Return: 0; > 0 PROBLEM_SHEET_UNREAD; FAULT_MEMORY. Thread: any.
 */
int sheet_xml(
	const void *bytes, size_t len, struct arena *arena, struct sheet *ret, struct problem *problem) MUST_CHECK;

/* print stream → events */
extern const struct print_dialect_ops dialect_escpos;
extern const struct print_dialect_ops dialect_star;
extern const struct print_dialect_ops dialect_plain;
extern const struct print_dialect_ops dialect_escp;

/* sign(digests[]) → signatures[] */
extern const struct key_ops key_pkcs12;

/* submit, query */
extern const struct authority_ops authority_tdiep;

/* The tables, each ended by NULL: adding a driver is one file, one extern above and one row in drivers.c, or in print_dialects.c. */
extern const struct source_ops *const driver_sources[];
extern const struct line_source_ops *const driver_line_sources[];
extern const struct printer_ops *const driver_printers[];
extern const struct dialect_ops *const driver_dialects[];
extern const struct print_dialect_ops *const driver_print_dialects[];
extern const struct key_ops *const driver_keys[];
extern const struct authority_ops *const driver_authorities[];

/** driver_line_source() / driver_printer() / driver_print_dialect() / driver_key() / driver_authority() - the driver called @name; NULL when it is not built in. Thread: any. */
const struct line_source_ops *driver_line_source(const char *name);
const struct printer_ops *driver_printer(const char *name);
const struct print_dialect_ops *driver_print_dialect(const char *name);
const struct key_ops *driver_key(const char *name);
const struct authority_ops *driver_authority(const char *name);

/** driver_standing_word() - the word of an enum printer_standing; "?" outside the range. Static. Thread: any. */
const char *driver_standing_word(int standing);

#endif
