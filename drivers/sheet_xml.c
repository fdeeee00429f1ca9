/* xml: bills as XML of the shape in schemas/capture/SHEETS.md, the words of SHEET_FIELDS as elements. What else it holds is refused. */
#include "drivers/drivers.h"

#include <string.h>

#include "base/text.h"
#include "wire/xml_read.h"

#define VALUE_MAX 4096 /* bytes */

struct reader {
	struct arena *arena;
	struct problem *problem;
	struct sheet sheet;
	size_t sale;
};

static const char *const words[SHEET_FIELD_COUNT] = {
#define X(name, word, help) word,
	SHEET_FIELDS(X)
#undef X
};

static int refuse(const struct reader *reader, xmlNodePtr node, const char *why)
{
	problem_set(reader->problem, PROBLEM_SHEET_UNREAD, "%s", "");
	return problem_add(reader->problem, "line %ld: %.60s: %s", xmlGetLineNo(node), (const char *)node->name, why);
}

static bool is_named(xmlNodePtr node, const char *name)
{
	return xmlStrEqual(node->name, (const xmlChar *)name) && !node->ns && !node->properties && !node->nsDef;
}

/* No letter is dropped that stands outside a value. */
static bool has_text(xmlNodePtr node)
{
	for (xmlNodePtr child = node->children; child; child = child->next)
		if ((child->type == XML_TEXT_NODE && !xmlIsBlankNode(child)) || child->type == XML_CDATA_SECTION_NODE)
			return true;
	return false;
}

static int read_value(const struct reader *reader, xmlNodePtr node, const char **ret)
{
	char text[VALUE_MAX];

	if (!xml_value(node, text, sizeof(text)))
		return refuse(reader, node, "holds elements where a value belongs");
	if (strlen(text) == sizeof(text) - 1)
		return refuse(reader, node, "is too long");
	switch (text_clean(reader->arena, text, strlen(text), 0, ret)) {
	case TEXT_OK:
		return 0;
	case TEXT_MEMORY:
		return FAULT_MEMORY;
	default:
		return refuse(reader, node, "holds a letter that no name has");
	}
}

static int read_field(const struct reader *reader, xmlNodePtr node, size_t from, size_t to, struct sheet_row *row)
{
	for (size_t field = from; field < to; field++) {
		if (!is_named(node, words[field]))
			continue;
		if (row->values[field][0] != '\0')
			return refuse(reader, node, "stands there twice");
		return read_value(reader, node, &row->values[field]);
	}
	return refuse(reader, node, "is no element that may stand here");
}

static int add_row(struct reader *reader, const struct sheet_row *row, xmlNodePtr node)
{
	if (reader->sheet.row_count == SHEET_ROWS_MAX)
		return refuse(reader, node, "is one line too many; write smaller files");
	reader->sheet.rows[reader->sheet.row_count++] = *row;
	return 0;
}

static int read_line(struct reader *reader, xmlNodePtr line, const struct sheet_row *sale)
{
	struct sheet_row row = *sale;
	int result = has_text(line) ? refuse(reader, line, "has text between its elements") : 0;

	row.line = (size_t)xmlGetLineNo(line);
	for (xmlNodePtr node = xml_first(line, NULL); result == 0 && node; node = xml_next(node, NULL))
		result = read_field(reader, node, SHEET_BILL_FIELDS, SHEET_FIELD_COUNT, &row);
	return result ? result : add_row(reader, &row, line);
}

static int read_sale(struct reader *reader, xmlNodePtr sale)
{
	struct sheet_row row = {.line = (size_t)xmlGetLineNo(sale), .sale = ++reader->sale};
	size_t count = reader->sheet.row_count;
	int result = has_text(sale) ? refuse(reader, sale, "has text between its elements") : 0;

	for (size_t i = 0; i < SHEET_FIELD_COUNT; i++)
		row.values[i] = "";
	for (xmlNodePtr node = xml_first(sale, NULL); result == 0 && node; node = xml_next(node, NULL))
		if (!is_named(node, "line"))
			result = read_field(reader, node, 0, SHEET_BILL_FIELDS, &row);
	for (xmlNodePtr node = xml_first(sale, "line"); result == 0 && node; node = xml_next(node, "line"))
		result = read_line(reader, node, &row);
	/* A bill without lines is one for a person, not one to be forgotten. */
	return result == 0 && reader->sheet.row_count == count ? add_row(reader, &row, sale) : result;
}

static int read_sales(struct reader *reader, xmlNodePtr root)
{
	int result = 0;

	if (!is_named(root, "sales"))
		return refuse(reader, root, "is not the element sales");
	if (has_text(root))
		return refuse(reader, root, "has text between its elements");
	reader->sheet.rows = ARENA_ARRAY(reader->arena, struct sheet_row, SHEET_ROWS_MAX);
	if (!reader->sheet.rows)
		return FAULT_MEMORY;
	for (xmlNodePtr node = xml_first(root, NULL); result == 0 && node; node = xml_next(node, NULL))
		result = is_named(node, "sale") ? read_sale(reader, node)
						: refuse(reader, node, "is no element that may stand here");
	return result;
}

int sheet_xml(const void *bytes, size_t len, struct arena *arena, struct sheet *ret, struct problem *problem)
{
	static const struct xml_limits limits = {.bytes = 8u << 20, .depth = 8, .text = VALUE_MAX, .attributes = 8};
	struct reader reader = {.arena = arena, .problem = problem, .sheet = {.decimal = '.', .date = SHEET_YMD}};
	const char *rule = NULL;
	xmlDocPtr document = NULL;
	int result = xml_read(bytes, len, &limits, &document, &rule);

	if (result < 0)
		return result;
	if (result > 0) {
		problem_set(problem, PROBLEM_SHEET_UNREAD, "%s", "");
		return problem_add(problem, "%s", rule);
	}
	result = read_sales(&reader, xmlDocGetRootElement(document));
	xmlFreeDoc(document);
	if (result == 0)
		*ret = reader.sheet;
	return result;
}
