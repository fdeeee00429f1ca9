#include "issue/queue.h"

#include <pthread.h>
#include <time.h>

struct queue {
	pthread_mutex_t lock;
	pthread_cond_t filled;
	struct slot *first, **last;
	size_t count, max;
	bool is_closed, is_rung;
};

struct queue *queue_new(size_t max)
{
	struct queue *queue = calloc(1, sizeof(*queue));
	if (!queue)
		return NULL;
	pthread_condattr_t attr;
	pthread_condattr_init(&attr);
	pthread_condattr_setclock(&attr, CLOCK_MONOTONIC);
	pthread_cond_init(&queue->filled, &attr);
	pthread_condattr_destroy(&attr);
	pthread_mutex_init(&queue->lock, NULL);
	queue->last = &queue->first;
	queue->max = max;
	return queue;
}

void queue_free(struct queue *queue)
{
	if (!queue)
		return;
	pthread_cond_destroy(&queue->filled);
	pthread_mutex_destroy(&queue->lock);
	free(queue);
}

int queue_put(struct queue *queue, struct slot *slot)
{
	int result = 1;
	slot->next = NULL;
	pthread_mutex_lock(&queue->lock);
	if (!queue->is_closed && queue->count < queue->max) {
		*queue->last = slot;
		queue->last = &slot->next;
		queue->count++;
		pthread_cond_signal(&queue->filled);
		result = 0;
	}
	pthread_mutex_unlock(&queue->lock);
	return result;
}

struct slot *queue_take(struct queue *queue, size_t max)
{
	pthread_mutex_lock(&queue->lock);
	struct slot *list = queue->first, **end = &list;
	for (size_t n = 0; *end && n < max; n++, queue->count--)
		end = &(*end)->next;
	queue->first = *end;
	*end = NULL;
	if (!queue->first)
		queue->last = &queue->first;
	pthread_mutex_unlock(&queue->lock);
	return list;
}

bool queue_wait(struct queue *queue, bool is_full, int64_t wait_ms)
{
	struct timespec until;
	clock_gettime(CLOCK_MONOTONIC, &until);
	until.tv_sec += wait_ms / 1000;
	until.tv_nsec += wait_ms % 1000 * 1000000;
	if (until.tv_nsec >= 1000000000) {
		until.tv_sec++;
		until.tv_nsec -= 1000000000;
	}
	bool is_late = false;
	pthread_mutex_lock(&queue->lock);
	while ((is_full || !queue->first) && !queue->is_rung && !is_late)
		is_late = pthread_cond_timedwait(&queue->filled, &queue->lock, &until) != 0;
	queue->is_rung = false;
	pthread_mutex_unlock(&queue->lock);
	return !is_late;
}

void queue_ring(struct queue *queue)
{
	pthread_mutex_lock(&queue->lock);
	queue->is_rung = true;
	pthread_cond_signal(&queue->filled);
	pthread_mutex_unlock(&queue->lock);
}

void queue_close(struct queue *queue)
{
	pthread_mutex_lock(&queue->lock);
	queue->is_closed = true;
	queue->is_rung = true;
	pthread_cond_broadcast(&queue->filled);
	pthread_mutex_unlock(&queue->lock);
}

bool queue_is_over(struct queue *queue)
{
	pthread_mutex_lock(&queue->lock);
	bool is_over = queue->is_closed && !queue->first;
	pthread_mutex_unlock(&queue->lock);
	return is_over;
}
