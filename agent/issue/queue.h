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
/** queue_take() - up to @max slots as a list, in order, without waiting; NULL when there is none. Thread: any. */
struct slot *queue_take(struct queue *queue, size_t max) MUST_CHECK;
/**
 * queue_wait() - until a slot may be taken or the queue was rung
 * @is_full: the taker has no room: only a ring ends the wait
 * @wait_ms: at most this long
 * Return: whether something happened. Thread: the one taker.
 */
bool queue_wait(struct queue *queue, bool is_full, int64_t wait_ms);
/** queue_ring() - end queue_wait(), now or when it is called next. Thread: any. */
void queue_ring(struct queue *queue);
/** queue_close() - refuse new slots, and ring. Thread: any. */
void queue_close(struct queue *queue);
/** queue_is_over() - whether it is closed and nothing is left in it. Thread: any. */
bool queue_is_over(struct queue *queue);

#endif
