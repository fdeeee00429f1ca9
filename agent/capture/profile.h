/* profile: how the paper of one shop is read. An INI file of regular expressions (PCRE2), data of the installer, never code. */
#ifndef HOADON_CAPTURE_PROFILE_H
#define HOADON_CAPTURE_PROFILE_H

#include "base/arena.h"
#include "base/bytes.h"
#include "capture/page.h"
#include "capture/reading.h"

#define PROFILE_FILE_MAX   ((size_t)64 << 10) /* bytes of a profile */
#define PROFILE_LINES_MAX  1000		      /* lines of a receipt */
#define PROFILE_COLUMN_MAX 250		      /* letters of a line */

struct profile;

/**
 * profile_new() - compile a profile
 * @file:     what problems call it
 * @ini:      UTF-8, language of drivers/profiles/README.md; at most PROFILE_FILE_MAX
 * @ret:      freed with profile_free(); untouched unless 0
 * @problems: each wrong line as "FILE:LINE: what is wrong\n"; filled only together with a failure
 *
 * Return: 0; FAULT_CONFIG with the first problem, FAULT_MEMORY. Thread: any.
 */
int profile_new(const char *file, const struct bytes *ini, struct profile **ret, struct bytes *problems,
	struct fault *fault) MUST_CHECK;
/** profile_encoding() - the one its letters are read in, whatever their words speak for; PAGE_ASCII: by evidence. Thread: any. */
enum page_encoding profile_encoding(const struct profile *profile);
/** profile_free() - NULL is allowed. */
void profile_free(struct profile *profile);
DEFINE_CLEANUP(struct profile *, profile_free)

/**
 * profile_read() - what the receipt says
 * @page:  its lines; borrowed as long as @ret is used
 * @arena: holds the texts of @ret
 * @ret:   set on 0; review is not REVIEW_NONE wherever anything was not understood, does not add up or can mean two things
 *
 * Pure: the same page gives the same reading. Each match has a limit: a pattern that would take too long gives REVIEW_LIMIT.
 *
 * Return: 0, FAULT_MEMORY. Thread: one per @profile at a time.
 */
int profile_read(struct profile *profile, const struct page *page, struct arena *arena, struct reading *ret,
	struct fault *fault) MUST_CHECK;

#endif
