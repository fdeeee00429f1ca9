#include "folder.h"

#include <errno.h>
#include <stdatomic.h>
#include <stdio.h>
#include <string.h>
#include <sys/epoll.h>
#include <sys/eventfd.h>

#include "base/clock.h"
#include "base/log.h"
#include "capture/intake.h"
#include "folder_sheet.h"
#include "store/time.h"
#include "web/answer.h"

#define RETRY_MS    2000
#define ANSWER_MAX  ((size_t)1 << 20)
#define ANSWERS_MAX ((size_t)17 << 20)

struct folder {
	const struct folder_settings *settings;
	void *source;
	int event_fd;
	struct slot *slot; /* the frame under way; one at a time keeps the order of the folder */
	struct sheets *
		sheets; /* NULL: column map or catalogue cannot be read; files of bills stay until they can, at a start */
	struct sheet_file *sheet; /* the file of bills under way */
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

static int write_answer(const struct folder *folder, const struct slot *slot, struct bytes *out, struct fault *fault)
{
	if (fate_of(slot) == SOURCE_TAKEN)
		return answer_sale(slot, folder->settings->paper, out, fault);
	answer_problem(&slot->problem, out);
	return 0;
}

static int end_sheet(struct folder *folder, enum source_fate fate, const struct bytes *answers, struct fault *fault)
{
	sheet_close(folder->sheet);
	folder->sheet = NULL;
	return folder->settings->source->done(folder->source, fate, (const char *)answers->data, fault);
}

/* The next bill of the file is taken by start_next(). */
static int settle_sheet(struct folder *folder, const struct slot *slot, const struct bytes *answer, struct fault *fault)
{
	bool is_later = sheet_settle(folder->sheet, slot, answer) == SOURCE_LATER;
	return is_later ? end_sheet(folder, SOURCE_LATER, answer, fault) : 0;
}

static int settle(struct folder *folder, struct fault *fault)
{
	CLEANUP(slot_freep) struct slot *slot = folder->slot;
	CLEANUP(bytes_done) struct bytes text;
	bytes_init(&text, ANSWER_MAX);
	folder->slot = NULL;
	if (write_answer(folder, slot, &text, fault) < 0)
		return FAULT_MEMORY;
	if (folder->sheet)
		return settle_sheet(folder, slot, &text, fault);
	return folder->settings->source->done(folder->source, fate_of(slot), (const char *)text.data, fault);
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

/* 0, or SOURCE_NONE where the issuer takes nothing now: then it is given again. */
static int put(struct folder *folder, struct slot *slot, struct fault *fault)
{
	folder->slot = slot;
	slot->owner = folder;
	slot->done = on_done;
	if (!issuer_put(folder->settings->issuer, slot))
		return 0;
	problem_set(&slot->problem, PROBLEM_BUSY, "%s", "");
	return settle(folder, fault) < 0 ? FAULT_IO : SOURCE_NONE;
}

/* SOURCE_LATER: the file stays for now. */
static int open_sheet(struct folder *folder, const struct source_item *item, struct fault *fault)
{
	const struct folder_settings *settings = folder->settings;
	static const struct clock machine;
	int result = folder->sheets ? sheet_open(folder->sheets, settings->store, item, clock_now_ms(&machine),
					      &folder->sheet, fault)
				    : SOURCE_LATER;
	return result == SOURCE_LATER && settings->source->done(folder->source, SOURCE_LATER, "", fault) < 0 ? FAULT_IO
													     : result;
}

/* The next bill of the file that is under way; SOURCE_NONE: there is none left, and the source knows. */
static int start_sheet(struct folder *folder, struct fault *fault)
{
	struct slot *slot;
	int result = sheet_next(folder->sheet, &slot, fault);
	if (result < 0 || slot)
		return result < 0 ? result : put(folder, slot, fault);
	CLEANUP(bytes_done) struct bytes answers;
	enum source_fate fate;
	bytes_init(&answers, ANSWERS_MAX);
	sheet_answer(folder->sheet, &fate, &answers);
	result = bytes_check(&answers, "what became of a file", fault);
	result = result == 0 ? end_sheet(folder, fate, &answers, fault) : result;
	return result < 0 ? result : SOURCE_NONE;
}

/* 0: @item is with the issuer; SOURCE_NONE: it is not, ask for the next. */
static int start_item(struct folder *folder, const struct source_item *item, struct fault *fault)
{
	int result = 0;
	if (sheet_format(item->name)) {
		result = open_sheet(folder, item, fault);
		return result == 0 ? start_sheet(folder, fault) : result < 0 ? result : SOURCE_NONE;
	}
	struct slot *slot = read_slot(folder, item, fault);
	return slot ? put(folder, slot, fault) : FAULT(fault, FAULT_MEMORY, "no memory to read %s", item->name);
}

/* Hand the next frame to the issuer; SOURCE_NONE when there is none. */
static int start_next(struct folder *folder, struct fault *fault)
{
	struct source_item item;
	int result = folder->sheet ? start_sheet(folder, fault) : SOURCE_NONE;
	while (result == SOURCE_NONE) {
		result = folder->settings->source->next(folder->source, &item, fault);
		if (result == SOURCE_NONE)
			return result;
		if (result == SOURCE_LEFT)
			say_left(folder, &item);
		result = result < 0 ? result : result == 0 ? start_item(folder, &item, fault) : SOURCE_NONE;
	}
	return result;
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
	if (sheets_new(settings->config, &folder->sheets, fault) < 0) {
		log_fault("folder-map-not-read", fault);
		*fault = (struct fault){0};
	}
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
	sheet_close(folder->sheet);
	sheets_free(folder->sheets);
	free(folder);
}
