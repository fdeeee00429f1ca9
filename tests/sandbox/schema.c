#include "schema.h"

#include <libxml/xmlschemas.h>
#include <stdlib.h>
#include <string.h>

struct schema {
	xmlSchema *compiled;
};

struct run {
	schema_fault *report;
	void *context;
	int count;
};

struct schema *schema_load(const char *dir, const char *profile, const char *name)
{
	char path[4096];

	str_printf(path, sizeof path, "%s/%s/%s.xsd", dir, profile, name);
	xmlSchemaParserCtxt *parser = xmlSchemaNewParserCtxt(path);
	xmlSchema *compiled = parser ? xmlSchemaParse(parser) : NULL;
	xmlSchemaFreeParserCtxt(parser);
	struct schema *s = compiled ? calloc(1, sizeof *s) : NULL;
	if (!s) {
		log_event("schema-missing path=%s", path);
		xmlSchemaFree(compiled);
		return NULL;
	}
	s->compiled = compiled;
	return s;
}

void schema_free(struct schema *s)
{
	if (!s)
		return;
	xmlSchemaFree(s->compiled);
	free(s);
}

static void on_error(void *context, xmlErrorPtr error)
{
	struct run *run = context;
	char sentence[300];

	run->count++;
	str_copy(sentence, sizeof sentence, error->message ? error->message : "");
	run->report(run->context, error->node, str_trim(sentence));
}

int schema_check(const struct schema *s, xmlDoc *doc, schema_fault *report, void *context)
{
	struct run run = {.report = report, .context = context};
	xmlSchemaValidCtxt *valid = xmlSchemaNewValidCtxt(s->compiled);

	if (!valid)
		return -1;
	xmlSchemaSetValidStructuredErrors(valid, on_error, &run);
	int rc = xmlSchemaValidateDoc(valid, doc);
	xmlSchemaFreeValidCtxt(valid);
	return rc < 0 ? -1 : run.count;
}
