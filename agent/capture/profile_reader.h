/* profile_reader: where the reader of one receipt stands; shared by profile_read.c, profile_items.c and profile_totals.c alone. */
#ifndef HOADON_CAPTURE_PROFILE_READER_H
#define HOADON_CAPTURE_PROFILE_READER_H

#include "capture/profile_lines.h"
#include "capture/profile_rules.h"
#include "capture/reading.h"

enum reader_place { PLACE_HEAD, PLACE_ITEMS, PLACE_TOTALS };

/* A name that waits for its row. */
struct pending {
	const char *name; /* NULL: none */
	size_t line;	  /* from 1 */
	size_t notes;	  /* first of its notes in reader.notes */
	bool is_topping;
};

/* One line below the items. */
struct entry {
	enum profile_pattern role; /* PATTERN_COUNT: none */
	const struct row *row;
	size_t label_end; /* letter of row.fold where the value begins */
	int64_t value;
	struct match match;
};

struct reader {
	struct profile *profile;
	struct arena *arena;
	struct reading *reading;
	struct row *rows;
	size_t row_count;
	size_t at; /* row that is read */
	enum reader_place place;
	bool has_kind;
	bool is_over; /* the thanks were read: amounts below mean nothing */
	bool is_out_of_memory;
	struct pending pending;
	const char **notes; /* of all items; those of one stand together */
	size_t note_count;
	struct entry entry;	   /* of the line that was last looked at as one below the items */
	struct reading_line *item; /* the last one; NULL: none yet */
	bool has_sum;
	int64_t sum; /* the total, or the subtotal if a total stands below */
	size_t sum_line, subtotal_line, total_line, change_line;
	int64_t taxes; /* added on top */
	bool has_again;
	int64_t again; /* printed once more: subtotal or total */
	size_t again_line;
};

/** reader_review() - a person has to look; the first reason stays. @line from 1, 0 the receipt as a whole. */
void reader_review(struct reader *reader, enum reading_review review, size_t line);
/** reader_slice() - as row_slice(); "" and is_out_of_memory without memory. */
const char *reader_slice(struct reader *reader, const struct row *row, size_t from, size_t to);

/** reader_hit() - @which on the line without blanks around it; places count from row.indent. */
bool reader_hit(struct reader *reader, enum profile_pattern which, const struct row *row, struct match *ret);
/** reader_row() - @which on the line with its indent; places count from 0. */
bool reader_row(struct reader *reader, enum profile_pattern which, const struct row *row, struct match *ret);
/** reader_says() - whether @which fits row.label. */
bool reader_says(struct reader *reader, enum profile_pattern which, const struct row *row);

/** match_has() - whether @group took part. */
bool match_has(const struct match *match, enum profile_group group);
/** reader_group() - the text of @group, NULL when it took no part; @shift: row.indent after reader_hit(), else 0. */
const char *reader_group(struct reader *reader, const struct row *row, size_t shift, const struct match *match,
	enum profile_group group);
/** reader_money() - @group, which took part, as amount_money() reads it. */
int reader_money(struct reader *reader, const struct row *row, size_t shift, const struct match *match,
	enum profile_group group, int64_t *ret);
/** reader_last_number() - the money at the end of the line, in group V of @ret. */
bool reader_last_number(struct reader *reader, const struct row *row, struct match *ret, int64_t *ret_value);
/** reader_has_amount() - whether the line ends with what can only be money. */
bool reader_has_amount(struct reader *reader, const struct row *row);

/** reader_head_field() - number, time, table, buyer …; @ret_is_free: the line is free text, none of it has a meaning. */
bool reader_head_field(struct reader *reader, const struct row *row, bool *ret_is_free);

/** reader_pend() - the line is the name of an item whose numbers stand below. */
void reader_pend(struct reader *reader, const struct row *row);
/** reader_is_name() - whether the next line that says something is a row without a name: then this one is its name, whatever it is called. */
bool reader_is_name(struct reader *reader);
/** reader_item() - an item on this line; @is_sure: items have begun, so that numbers which do not close are told. */
bool reader_item(struct reader *reader, const struct row *row, bool is_sure);
/** reader_item_line() - a line between the items of a bill. */
void reader_item_line(struct reader *reader, const struct row *row);
/** reader_ticket() - a line of a kitchen slip; true: an item. */
bool reader_ticket(struct reader *reader, const struct row *row);

/** reader_is_total() - whether a role of [totals] fits the line and has a value. */
bool reader_is_total(struct reader *reader, const struct row *row);
/** reader_total_line() - read a line below the items by its role; false: it has none. */
bool reader_total_line(struct reader *reader, const struct row *row);
/** reader_check() - the arithmetic of the whole receipt. */
void reader_check(struct reader *reader);

#endif
