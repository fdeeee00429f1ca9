/* recording_mask: persons taken out of a recorded print stream, which reads as before. Pure. */
#ifndef HOADON_CLI_RECORDING_MASK_H
#define HOADON_CLI_RECORDING_MASK_H

#include "base/bytes.h"
#include "capture/print.h"

/**
 * recording_mask() - in place, letters of persons become x or a, digits 0: each of the same width and the same bytes
 * @stream:    of one till; whole receipts
 * @ret_lines: how many lines were masked
 *
 * Masked is what stands behind ":" after words for customers, staff, phones, addresses, cards and wishes, and wishes between the items (+ * > ~ -). Names of
 * items, amounts, labels, bill numbers and the shop's own head stay. No byte but letters of text is touched, so columns and commands stay.
 *
 * Return: 0; FAULT_FORMAT when a receipt prints its lines otherwise than one after the other, or in letters that are not known: nothing was masked surely
 * then, and @stream is not to be given away; FAULT_MEMORY; FAULT_CONFIG without iconv. Thread: any. Source: law R-PRI-2.
 */
int recording_mask(const struct print_dialect_ops *dialect, struct bytes *stream, size_t *ret_lines,
	struct fault *fault) MUST_CHECK;

#endif
