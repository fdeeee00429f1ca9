/* intake: bytes → sale → computed invoice, or the rule that says no. Pure; steps 2 and 3 of the line. */
#ifndef HOADON_CAPTURE_INTAKE_H
#define HOADON_CAPTURE_INTAKE_H

#include "capture/driver.h"
#include "core/seller.h"
#include "core/slot.h"

/**
 * intake_read() - read @slot->frame through @dialect, check every rule, compute the invoice
 * @slot:    frame, source, received_at and time_state are set; sale, digest, invoice and problem are filled
 * @max:     most bytes of the frame
 *
 * A refusal is not a failure: it stands in @slot->problem.
 *
 * Return: 0, or FAULT_MEMORY. Thread: owner of @slot.
 */
int intake_read(struct slot *slot, const struct dialect_ops *dialect, const struct seller *seller, size_t max,
	struct fault *fault) MUST_CHECK;

#endif
