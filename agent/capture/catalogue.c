#include "capture/catalogue.h"

#include <stdarg.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "base/bytes.h"
#include "base/text.h"
#include "capture/csv.h"
#include "capture/letters.h"

#define ARENA_ROOM  ((size_t)160 << 20)
#define FIELD_MAX   ((size_t)4096) /* bytes of one value */
#define BUCKETS_MIN ((size_t)64)
#define NONE	    UINT32_MAX

enum column { COLUMN_CODE, COLUMN_NAME, COLUMN_UNIT, COLUMN_RATE, COLUMN_CLASS, COLUMN_COUNT };

static const struct {
	const char *name;
	size_t max_points; /* as in schemas/api/sale.schema.json */
} columns[COLUMN_COUNT] = {{"code", 50}, {"name", 500}, {"unit", 50}, {"vat_rate", 10}, {"class", 50}};

/* Items by their code and by their key: chains of items that share a bucket. */
struct table {
	uint32_t *buckets;
	uint32_t *next;
};

struct catalogue {
	struct arena *arena;
	struct catalogue_item *items;
	size_t *lines; /* where each item stood */
	size_t count;
	size_t bucket_count; /* a power of two */
	struct table by_code, by_key;
};

struct reader {
	struct csv csv;
	struct bytes value;
	struct catalogue *catalogue;
	struct fault *fault;
};

void catalogue_free(struct catalogue *catalogue)
{
	if (!catalogue)
		return;
	arena_free(catalogue->arena);
	free(catalogue);
}

size_t catalogue_count(const struct catalogue *catalogue)
{
	return catalogue->count;
}

/* ---- looking up ---- */

/* FNV-1a. */
static size_t bucket_of(const struct catalogue *catalogue, const char *text)
{
	uint64_t hash = UINT64_C(0xcbf29ce484222325);

	for (; *text != '\0'; text++)
		hash = (hash ^ (uint8_t)*text) * UINT64_C(0x100000001b3);
	return (size_t)(hash ^ hash >> 32) & (catalogue->bucket_count - 1);
}

static uint32_t find_code(const struct catalogue *catalogue, const char *code)
{
	uint32_t i = catalogue->by_code.buckets[bucket_of(catalogue, code)];

	while (i != NONE && strcmp(catalogue->items[i].code, code) != 0)
		i = catalogue->by_code.next[i];
	return i;
}

static uint32_t find_name(const struct catalogue *catalogue, const char *key, const char *name)
{
	uint32_t i = catalogue->by_key.buckets[bucket_of(catalogue, key)];

	while (i != NONE && strcmp(catalogue->items[i].name, name) != 0)
		i = catalogue->by_key.next[i];
	return i;
}

static bool is_same(const char *one, const char *two)
{
	return one && two ? strcmp(one, two) == 0 : one == two;
}

static bool is_taxed_alike(const struct catalogue_item *one, const struct catalogue_item *two)
{
	return one->rate == two->rate && is_same(one->unit, two->unit) && is_same(one->item_class, two->item_class) &&
	       is_same(one->code, two->code);
}

/* By key alone: every item that has it must mean the same. */
static int find_key(const struct catalogue *catalogue, const char *key, uint32_t *ret)
{
	uint32_t found = NONE;

	for (uint32_t i = catalogue->by_key.buckets[bucket_of(catalogue, key)]; i != NONE;
		i = catalogue->by_key.next[i]) {
		if (strcmp(catalogue->items[i].key, key) != 0)
			continue;
		if (found != NONE && !is_taxed_alike(&catalogue->items[found], &catalogue->items[i]))
			return CATALOGUE_AMBIGUOUS;
		found = i;
	}
	*ret = found;
	return found == NONE ? CATALOGUE_UNKNOWN : CATALOGUE_FOUND;
}

int catalogue_find(const struct catalogue *catalogue, struct arena *arena, const char *code, const char *name,
	const struct catalogue_item **ret)
{
	const char *key = page_key(arena, name);
	uint32_t found = NONE;
	int result = CATALOGUE_FOUND;

	if (!key)
		return FAULT_MEMORY;
	if (code)
		found = find_code(catalogue, code);
	else
		found = find_name(catalogue, key, name);
	if (found == NONE && !code)
		result = find_key(catalogue, key, &found);
	if (result == CATALOGUE_FOUND && found == NONE)
		result = CATALOGUE_UNKNOWN;
	if (result == CATALOGUE_FOUND)
		*ret = &catalogue->items[found];
	return result;
}

/* ---- reading ---- */

static int wrong(struct reader *reader, size_t line, const char *format, ...) __attribute__((format(printf, 3, 4)));

static int wrong(struct reader *reader, size_t line, const char *format, ...)
{
	char text[200];
	va_list arguments;

	va_start(arguments, format);
	vsnprintf(text, sizeof(text), format, arguments);
	va_end(arguments);
	return FAULT(reader->fault, FAULT_CONFIG, "catalogue line %zu: %s", line, text);
}

static int no_memory(struct reader *reader)
{
	return FAULT(reader->fault, FAULT_MEMORY, "no memory for a catalogue of %zu items", reader->catalogue->count);
}

static int read_value(struct reader *reader, enum column column, const char **ret)
{
	size_t line = reader->csv.line;
	const char *name = columns[column].name;
	int result = csv_value(&reader->csv, &reader->value);

	if (result == CSV_OPEN)
		return wrong(reader, line, "a quote is opened and never closed; put a \" at the end of the value");
	if (result == CSV_INSIDE)
		return wrong(reader, line,
			"a quote stands inside %s; put the whole value into quotes and double that one", name);
	if (result == CSV_BEHIND)
		return wrong(reader, line,
			"%s goes on behind its closing quote; double quotes that belong to the value", name);
	*ret = "";
	if (reader->value.len == 0 && !reader->value.failed)
		return 0;
	result = reader->value.failed ? TEXT_LENGTH
				      : text_clean(reader->catalogue->arena, (const char *)reader->value.data,
						reader->value.len, columns[column].max_points, ret);
	if (result == TEXT_MEMORY)
		return no_memory(reader);
	if (result == TEXT_ENCODING)
		return wrong(reader, line, "%s is not UTF-8; save the file as \"CSV UTF-8\"", name);
	if (result == TEXT_LENGTH)
		return wrong(
			reader, line, "%s is longer than %zu letters; shorten it", name, columns[column].max_points);
	if (result != TEXT_OK)
		return wrong(reader, line, "%s holds a control character; type it anew", name);
	return 0;
}

/* One line of the file, which may be several when values hold line ends. */
static int read_row(struct reader *reader, const char *values[COLUMN_COUNT])
{
	size_t line = reader->csv.line;

	for (int i = 0; i < COLUMN_COUNT; i++) {
		int result = read_value(reader, (enum column)i, &values[i]);

		if (result != 0)
			return result;
		if (csv_is_line_end(&reader->csv) != (i == COLUMN_COUNT - 1))
			return wrong(reader, line,
				"%s values than code%cname%cunit%cvat_rate%cclass; add or remove a %c",
				i == COLUMN_COUNT - 1 ? "more" : "fewer", reader->csv.separator, reader->csv.separator,
				reader->csv.separator, reader->csv.separator, reader->csv.separator);
		if (i < COLUMN_COUNT - 1)
			reader->csv.at++;
	}
	return 0;
}

static int read_header(struct reader *reader)
{
	const char *values[COLUMN_COUNT] = {0};
	size_t len = strcspn(reader->csv.at, "\r\n");
	int result;

	reader->csv.separator = memchr(reader->csv.at, ';', len) ? ';' : ',';
	result = read_row(reader, values);
	for (int i = 0; result == 0 && i < COLUMN_COUNT; i++)
		if (strcmp(values[i], columns[i].name) != 0)
			result = wrong(reader, 1,
				"the first line is not code,name,unit,vat_rate,class; write it above the items");
	return result;
}

static void insert(const struct catalogue *catalogue, struct table *table, const char *text, uint32_t index)
{
	size_t bucket = bucket_of(catalogue, text);

	table->next[index] = table->buckets[bucket];
	table->buckets[bucket] = index;
}

static int add_item(struct reader *reader, const char *values[COLUMN_COUNT], size_t line)
{
	struct catalogue *catalogue = reader->catalogue;
	uint32_t index = (uint32_t)catalogue->count;
	struct catalogue_item *item = &catalogue->items[index];
	uint32_t twin;

	*item = (struct catalogue_item){.code = values[COLUMN_CODE][0] ? values[COLUMN_CODE] : NULL,
		.name = values[COLUMN_NAME],
		.key = page_key(catalogue->arena, values[COLUMN_NAME]),
		.unit = values[COLUMN_UNIT][0] ? values[COLUMN_UNIT] : NULL,
		.item_class = values[COLUMN_CLASS][0] ? values[COLUMN_CLASS] : NULL};
	if (!item->key)
		return no_memory(reader);
	if (item->name[0] == '\0')
		return wrong(reader, line, "name is empty; write what the till prints");
	if (vat_parse(values[COLUMN_RATE], &item->rate) != 0)
		return wrong(reader, line, "vat_rate \"%s\" is none of 0, 5, 8, 10, KCT, KKKNT; write one of them",
			values[COLUMN_RATE]);
	twin = item->code ? find_code(catalogue, item->code) : NONE;
	if (twin != NONE)
		return wrong(reader, line, "code %s stands in line %zu already; keep one of them", item->code,
			catalogue->lines[twin]);
	twin = find_name(catalogue, item->key, item->name);
	if (twin != NONE)
		return wrong(reader, line,
			"name \"%.100s\" stands in line %zu already; keep one of them, or make the names differ",
			item->name, catalogue->lines[twin]);
	catalogue->lines[index] = line;
	if (item->code)
		insert(catalogue, &catalogue->by_code, item->code, index);
	insert(catalogue, &catalogue->by_key, item->key, index);
	catalogue->count++;
	return 0;
}

/* Room for as many items as the file has line ends. */
static int make_room(struct reader *reader)
{
	struct catalogue *catalogue = reader->catalogue;
	size_t rows = 1;

	for (const char *at = reader->csv.at; at < reader->csv.end; at++)
		rows += *at == '\n';
	rows = rows < CATALOGUE_ROWS_MAX ? rows : CATALOGUE_ROWS_MAX;
	for (catalogue->bucket_count = BUCKETS_MIN; catalogue->bucket_count < rows;)
		catalogue->bucket_count *= 2;
	catalogue->items = ARENA_ARRAY(catalogue->arena, struct catalogue_item, rows);
	catalogue->lines = ARENA_ARRAY(catalogue->arena, size_t, rows);
	catalogue->by_code.next = ARENA_ARRAY(catalogue->arena, uint32_t, rows);
	catalogue->by_key.next = ARENA_ARRAY(catalogue->arena, uint32_t, rows);
	catalogue->by_code.buckets = ARENA_ARRAY(catalogue->arena, uint32_t, catalogue->bucket_count);
	catalogue->by_key.buckets = ARENA_ARRAY(catalogue->arena, uint32_t, catalogue->bucket_count);
	if (!catalogue->items || !catalogue->lines || !catalogue->by_code.next || !catalogue->by_key.next ||
		!catalogue->by_code.buckets || !catalogue->by_key.buckets)
		return no_memory(reader);
	memset(catalogue->by_code.buckets, 0xff, sizeof(uint32_t) * catalogue->bucket_count);
	memset(catalogue->by_key.buckets, 0xff, sizeof(uint32_t) * catalogue->bucket_count);
	return 0;
}

static int read_items(struct reader *reader)
{
	const char *values[COLUMN_COUNT];
	int result = make_room(reader);

	if (result == 0)
		result = read_header(reader);
	for (csv_skip_line_ends(&reader->csv); result == 0 && reader->csv.at < reader->csv.end;
		csv_skip_line_ends(&reader->csv)) {
		size_t line = reader->csv.line;

		if (reader->catalogue->count == CATALOGUE_ROWS_MAX)
			return wrong(reader, line, "more than %zu items; remove those that are no longer sold",
				CATALOGUE_ROWS_MAX);
		result = read_row(reader, values);
		if (result == 0)
			result = add_item(reader, values, line);
	}
	return result;
}

int catalogue_read(const void *bytes, size_t len, struct catalogue **ret, struct fault *fault)
{
	CLEANUP(catalogue_freep) struct catalogue *catalogue = calloc(1, sizeof(*catalogue));
	struct reader reader = {.csv.line = 1, .catalogue = catalogue, .fault = fault};
	CLEANUP(freep) char *copy = NULL;
	int result;

	if (len > CATALOGUE_BYTES_MAX)
		return FAULT(fault, FAULT_CONFIG,
			"the catalogue has %zu bytes, more than %zu; remove items that are no longer sold", len,
			CATALOGUE_BYTES_MAX);
	copy = malloc(len + 1);
	if (catalogue)
		catalogue->arena = arena_new(ARENA_ROOM);
	if (!copy || !catalogue || !catalogue->arena)
		return FAULT(fault, FAULT_MEMORY, "no memory for a catalogue of %zu bytes", len);
	if (len > 0)
		memcpy(copy, bytes, len);
	copy[len] = '\0';
	reader.csv.at = copy;
	reader.csv.end = copy + len;
	if (strncmp(copy, "\xef\xbb\xbf", 3) == 0)
		reader.csv.at += 3;
	bytes_init(&reader.value, FIELD_MAX);
	result = read_items(&reader);
	bytes_done(&reader.value);
	if (result != 0)
		return result;
	*ret = catalogue;
	catalogue = NULL;
	return 0;
}
