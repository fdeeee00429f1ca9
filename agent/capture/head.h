/* head: a virtual print head. Print events go in, and each receipt comes out as a character grid (capture/paper.h). Pure. */
#ifndef HOADON_CAPTURE_HEAD_H
#define HOADON_CAPTURE_HEAD_H

#include "base/arena.h"
#include "base/cleanup.h"
#include "capture/paper.h"
#include "capture/print.h"

#define HEAD_LETTER_DOTS 12 /* of a column: a letter of font A */
#define HEAD_DOTS_80MM	 576
#define HEAD_DOTS_58MM	 384
#define HEAD_DOTS_MAX	 (HEAD_LETTER_DOTS * 255)

struct head;

/*
 * Takes one receipt; @paper lies in @arena, which is now the taker's to free. A receipt ends with a cut, with a reset after a printed
 * line, and with head_end(). One with nothing but spaces on it is not told; a kick of the drawer alone is: a paper without lines.
 */
typedef void head_receipt(void *context, struct arena *arena, const struct paper *paper);

/**
 * head_new() - a head over empty paper
 * @dots:    printed across the paper, 1 to HEAD_DOTS_MAX: HEAD_DOTS_80MM is 48 letters of font A
 * @receipt: called for each receipt, within head_event() and head_end()
 *
 * Return: the head, to be freed with head_free(); NULL without memory.
 * Thread: a head belongs to one thread at a time.
 */
struct head *head_new(int dots, head_receipt *receipt, void *context) MUST_CHECK;

/** head_free() - free @head; what was not told is forgotten. NULL is allowed. Thread: owner. */
void head_free(struct head *head);
DEFINE_CLEANUP(struct head *, head_free)

/** head_event() - do what @event of the port's language says; the `event` of a struct print_sink, whose @context is the head. Thread: owner. */
void head_event(void *context, const struct print_event *event);

/** head_state() - what commands have set so far; within the call for a receipt: what holds behind it. Thread: owner. */
void head_state(const struct head *head, struct print_state *ret);

/**
 * head_end() - the receipt ends here: the connection was closed, or nothing came for a while
 *
 * Return: 0; FAULT_MEMORY when since the last call a whole receipt was lost without memory. One that lost a part says so itself.
 * Thread: owner.
 */
int head_end(struct head *head) MUST_CHECK;

#endif
