/* recording: a recorded print stream, and the options --dialect, --columns and --encoding that say how it is read. */
#ifndef HOADON_CLI_RECORDING_H
#define HOADON_CLI_RECORDING_H

#include "base/bytes.h"
#include "capture/letters.h"
#include "capture/print.h"
#include "cli/cli.h"

#define RECORDING_MAX ((size_t)16 << 20)

/** recording_tell() - tell @sink the whole of @stream, and its end. 0 or FAULT_MEMORY. */
int recording_tell(const struct print_dialect_ops *dialect, const struct bytes *stream, const struct print_sink *sink,
	struct fault *fault) MUST_CHECK;

/**
 * recording_dialect() - --dialect, or the language that leaves least of @stream unknown: a hint, not a proof
 * Return: 0; CLI_USAGE after saying so; < 0.
 */
int recording_dialect(const struct cli *cli, const struct bytes *stream, const struct print_dialect_ops **ret,
	struct fault *fault) MUST_CHECK;
/** recording_columns() - --columns, or those of 80 mm. 0, or CLI_USAGE after saying so. */
int recording_columns(const struct cli *cli, int64_t *ret) MUST_CHECK;
/** recording_encoding() - --encoding, or @ret as it was. 0, or CLI_USAGE after saying so. */
int recording_encoding(const struct cli *cli, enum page_encoding *ret) MUST_CHECK;

#endif
