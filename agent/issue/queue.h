/* queue: slots on their way to the issuer; bounded, so that a flood is told "busy" instead of filling memory. */
#ifndef HOADON_ISSUE_QUEUE_H
#define HOADON_ISSUE_QUEUE_H

#include <stddef.h>
#include <stdint.h>

#include "core/slot.h"

struct queue;

/** queue_new() - holds at most @max slots; NULL without memory. */
struct queue *queue_new(size_t max) MUST_CHECK;
/** queue_free() - the slots still in it are not freed. */
void queue_free(struct queue *queue);
DEFINE_CLEANUP(struct queue *, queue_free)
/** queue_put() - append @slot; 0, or 1 when full or closed (the slot stays the caller's). Thread: any. */
int queue_put(struct queue *queue, struct slot *slot) MUST_CHECK;
/**
 * queue_take() - up to @max slots as a list, in order
 * @wait_ms: how long to wait for the first; 0 = not at all
 * Return: the list or NULL. Thread: any.
 */
struct slot *queue_take(struct queue *queue, size_t max, int64_t wait_ms) MUST_CHECK;
/** queue_close() - refuse new slots and wake a waiting taker. Thread: any. */
void queue_close(struct queue *queue);
/** queue_is_closed() - whether queue_close() was called. Thread: any. */
bool queue_is_closed(struct queue *queue);

#endif
