/* courier: messages leave on a stick as submits whose outcome is not known; what comes back is concluded as if it came over the line. */
#ifndef HOADON_SEND_COURIER_H
#define HOADON_SEND_COURIER_H

#include "send/sender.h"

/** courier_read() - conclude the oldest answer that a courier brought. 0 one was read; 1 there is none; < 0. Thread: the sender's. */
int courier_read(struct sender *sender, struct fault *fault) MUST_CHECK;
/** courier_look() - whether somebody wishes to take away what waits: sender->export_id; then all of it is packed at once. 0 or < 0. */
int courier_look(struct sender *sender, struct fault *fault) MUST_CHECK;
/**
 * courier_hand_over() - all open messages leave with sender->export_id, in one transaction
 *
 * What was not sent yet is from now on sent with an unknown outcome, before its first byte is on the stick, so it is asked for over the
 * line and never sent blindly beside the courier (law R-SEND-5). What is unknown already may be submitted once more by the courier, who
 * asks first as we do; that attempt is counted, since it may be what proves a duplicate (law R-NUM-4).
 *
 * Return: 0; < 0. Thread: the sender's.
 */
int courier_hand_over(struct sender *sender, int64_t now, struct fault *fault) MUST_CHECK;

#endif
