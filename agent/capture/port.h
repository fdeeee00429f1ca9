/* port: what the tills of one port print, as hoadon-reader reads it: messages of hoadond in, messages for it out (capture/link.h). Pure. */
#ifndef HOADON_CAPTURE_PORT_H
#define HOADON_CAPTURE_PORT_H

#include "base/bytes.h"
#include "base/cleanup.h"
#include "base/fault.h"
#include "capture/link.h"
#include "capture/print.h"

#define PORT_RECEIPT_MAX ((uint64_t)16 << 20) /* bytes of a receipt; one that goes on is ended there, for a person */

struct port;

/**
 * port_new() - a port without settings
 * @dialects: printer languages it may be told to read, ended by NULL
 * @tell:     called with messages in @out, which it empties; within port_take(), and early where a printer waits for them
 *
 * Return: to be freed with port_free(); NULL without memory.
 * Thread: a port belongs to one thread at a time.
 */
struct port *port_new(const struct print_dialect_ops *const *dialects, void (*tell)(void *context, struct bytes *out),
	void *context) MUST_CHECK;

/** port_free() - free @port and its streams, telling nothing more; NULL is allowed. Thread: owner. */
void port_free(struct port *port);
DEFINE_CLEANUP(struct port *, port_free)

/**
 * port_take() - do what @message of hoadond wants
 *
 * LINK_START opens all that needs a file: afterwards none is opened any more. It tells LINK_READY or LINK_WRONG.
 *
 * Return: 0; FAULT_CONFIG after LINK_WRONG was told; FAULT_FORMAT when @message cannot come now; FAULT_MEMORY. Of a port that failed
 * nothing more can be had. Thread: owner.
 */
int port_take(struct port *port, const struct link_message *message, struct fault *fault) MUST_CHECK;

#endif
