/* alarm: in the evening a person is told of what is not sent yet. */
#ifndef HOADON_SEND_ALARM_H
#define HOADON_SEND_ALARM_H

#include "send/sender.h"

/**
 * alarm_look() - from 21:00 and from 23:30 local time: open a task when an invoice that is due today is not sent; close it when all is
 *
 * Looks at the store once a minute, however often it is called; each alarm is raised once a day. What is on its way for less than
 * STATUS_UNSENT_MS is no leftover.
 *
 * Return: 0; < 0 the store failed. Source: law R-SEND-1.
 */
int alarm_look(struct sender *sender, int64_t now, struct fault *fault) MUST_CHECK;

#endif
