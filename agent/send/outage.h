/* outage: follows routes, authority, key and disk, and keeps what lasts as an outage with its evidence. */
#ifndef HOADON_SEND_OUTAGE_H
#define HOADON_SEND_OUTAGE_H

#include "send/sender.h"

#define OUTAGE_VERDICT_LATE_MS 900000 /* a message that is taken and not answered for so long waits for the authority */

/** outage_init() - nothing is known of any part yet. */
void outage_init(struct outage_watch *watch);
/**
 * outage_look() - what is out, since when, and what is well again at @now
 *
 * What is over within OUTAGE_MIN_MS is no outage. One that went on when the agent ended goes on until its part was seen well again, so a
 * restart or a power cut in its middle leaves one interval.
 *
 * Return: 0 or < 0. Thread: the sender's. Source: law R-OUT-1 to R-OUT-7.
 */
int outage_look(struct sender *sender, int64_t now, struct fault *fault) MUST_CHECK;

/** outage_disk_failed() - a step failed on the disk, which @text tells: an outage, kept as soon as the store can be written again. Thread: the sender's. */
void outage_disk_failed(struct sender *sender, const char *text);
/** outage_disk_works() - a step went through. Thread: the sender's. */
void outage_disk_works(struct sender *sender);

#endif
