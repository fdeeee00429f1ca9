#include "folder.h"

#include <errno.h>
#include <stdatomic.h>
#include <stdio.h>
#include <string.h>
#include <sys/epoll.h>
#include <sys/eventfd.h>

#include "base/log.h"
#include "capture/intake.h"
#include "store/time.h"
#include "web/answer.h"

#define RETRY_MS 2000

struct folder {
	const struct folder_settings *settings;
	void *source;
	int event_fd;
	struct slot *slot; /* the frame under way; one at a time keeps the order of the folder */
	atomic_bool is_finished;
	bool is_ending;
};

/* Called by the issuer's thread. */
static void on_done(struct slot *slot)
{
	struct folder *folder = slot->owner;
	uint64_t one = 1;
	atomic_store(&folder->is_finished, true);
	(void)!write(folder->event_fd, &one, sizeof(one));
}

static enum source_fate fate_of(const struct slot *slot)
{
	if (slot->sale_id)
		return SOURCE_TAKEN;
	return problem_kind(slot->problem.code)->is_retryable ? SOURCE_LATER : SOURCE_REFUSED;
}

static int settle(struct folder *folder, struct fault *fault)
{
	const struct folder_settings *settings = folder->settings;
	CLEANUP(slot_freep) struct slot *slot = folder->slot;
	CLEANUP(bytes_done) struct bytes text;
	bytes_init(&text, 1 << 20);
	folder->slot = NULL;
	enum source_fate fate = fate_of(slot);
	if (fate != SOURCE_TAKEN)
		answer_problem(&slot->problem, &text);
	else if (answer_sale(slot, settings->paper, &text, fault) < 0)
		return FAULT_MEMORY;
	return settings->source->done(folder->source, fate, (const char *)text.data, fault);
}

static struct slot *read_slot(struct folder *folder, const struct source_item *item, struct fault *fault)
{
	const struct folder_settings *settings = folder->settings;
	CLEANUP(slot_freep) struct slot *slot = slot_new();
	if (!slot)
		return NULL;
	slot->source = settings->source->name;
	slot->is_unattended = true;
	slot->received_at = store_time_now(settings->store, &slot->time_state);
	slot->frame = arena_copy(slot->arena, item->bytes, item->len);
	slot->frame_len = item->len;
	if (!slot->frame || intake_read(slot, settings->dialect, &settings->config->seller,
				    (size_t)settings->config->bulk_body_max, fault) < 0)
		return NULL;
	struct slot *result = slot;
	slot = NULL;
	return result;
}

/* File names are others' words: a quote would end the value that it stands in. */
static void say_left(const struct folder *folder, const struct source_item *item)
{
	char name[256];
	snprintf(name, sizeof(name), "%s", item->name);
	for (char *c = name; (c = strchr(c, '"'));)
		*c = '\'';
	log_event(LOG_LEVEL_WARNING, "file-left", "source=%s file=\"%s\" why=\"%.*s\"", folder->settings->source->name,
		name, (int)item->len, (const char *)item->bytes);
}

/* Hand the next frame to the issuer; SOURCE_NONE when there is none. */
static int start_next(struct folder *folder, struct fault *fault)
{
	struct source_item item;
	int result;
	while ((result = folder->settings->source->next(folder->source, &item, fault)) == SOURCE_LEFT)
		say_left(folder, &item);
	if (result)
		return result;
	folder->slot = read_slot(folder, &item, fault);
	if (!folder->slot)
		return FAULT(fault, FAULT_MEMORY, "no memory to read %s", item.name);
	folder->slot->owner = folder;
	folder->slot->done = on_done;
	if (!issuer_put(folder->settings->issuer, folder->slot))
		return 0;
	problem_set(&folder->slot->problem, PROBLEM_BUSY, "%s", "");
	return settle(folder, fault) < 0 ? FAULT_IO : SOURCE_NONE;
}

static int work(void *context, uint32_t events, struct fault *fault)
{
	(void)events;
	(void)fault;
	struct folder *folder = context;
	struct fault own = {0};
	uint64_t count;
	(void)!read(folder->event_fd, &count, sizeof(count));
	if (folder->slot && !atomic_load(&folder->is_finished))
		return 0;
	atomic_store(&folder->is_finished, false);
	int result = folder->slot ? settle(folder, &own) : 0;
	if (result == 0 && !folder->is_ending)
		result = start_next(folder, &own);
	if (result < 0)
		log_fault("folder-failed", &own);
	return 0;
}

int folder_new(const struct folder_settings *settings, struct loop *loop, struct folder **ret, struct fault *fault)
{
	CLEANUP(folder_freep) struct folder *folder = calloc(1, sizeof(*folder));
	int fd = -1;
	if (!folder)
		return FAULT(fault, FAULT_MEMORY, "no memory for the folder");
	folder->settings = settings;
	folder->event_fd = eventfd(1, EFD_CLOEXEC | EFD_NONBLOCK); /* 1: look at once for what is already there */
	if (folder->event_fd < 0)
		return FAULT(fault, FAULT_IO, "no event descriptor: %s", strerror(errno));
	int result = settings->source->open(settings->where, &folder->source, &fd, fault);
	if (result == 0)
		result = loop_watch(loop, fd, EPOLLIN | EPOLLET, work, folder, fault);
	if (result == 0)
		result = loop_watch(loop, folder->event_fd, EPOLLIN, work, folder, fault);
	if (result == 0)
		result = loop_every(loop, RETRY_MS, work, folder, fault);
	if (result < 0)
		return result;
	*ret = folder;
	folder = NULL;
	return 0;
}

void folder_drain(struct folder *folder)
{
	struct fault fault = {0};
	folder->is_ending = true;
	(void)work(folder, 0, &fault);
}

void folder_free(struct folder *folder)
{
	if (!folder)
		return;
	if (folder->source)
		folder->settings->source->close(folder->source);
	if (folder->event_fd >= 0)
		close(folder->event_fd);
	slot_free(folder->slot);
	free(folder);
}
