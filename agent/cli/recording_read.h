/* recording_read: the receipts of a recorded print stream as hoadon-reader would read them by a profile and a catalogue. Nothing is sold. */
#ifndef HOADON_CLI_RECORDING_READ_H
#define HOADON_CLI_RECORDING_READ_H

#include "base/bytes.h"
#include "capture/print.h"
#include "cli/cli.h"
#include "core/problem.h"
#include "core/sale.h"

struct recording_receipt {
	struct recording_receipt *next;
	uint64_t from, to;	   /* offset of its first byte, and behind its last one */
	enum problem_code problem; /* PROBLEM_NONE: it needs no person */
	const char *detail;	   /* what was found, "" nothing */
	const char *json;	   /* the sale, sale_write() */
	bool is_read;		   /* @sale is set */
	struct sale sale;
};

/**
 * recording_read() - read @stream by the files of --profile, --catalogue and --glyphs
 * @columns: letters on a line of the paper
 * @ret:     in the order of the stream, in the arena of @cli; what bears neither letters nor a picture is left out
 *
 * The till is T01. Without --catalogue no line has a rate (form 2); --net: its prices do not hold the tax.
 *
 * Return: 0; < 0, FAULT_CONFIG with what is wrong in one of the files. Thread: any.
 */
int recording_read(const struct cli *cli, const struct bytes *stream, const struct print_dialect_ops *dialect,
	int columns, struct recording_receipt **ret, struct fault *fault) MUST_CHECK;

/** recording_receipt_print() - its kind, number, time, lines and sums, and why a person has to look, for people. */
void recording_receipt_print(const struct cli *cli, const struct recording_receipt *receipt, struct bytes *out);
/** recording_receipt_write() - members "problem", "detail" and "sale" of a JSON object. */
void recording_receipt_write(const struct recording_receipt *receipt, struct bytes *out);

#endif
