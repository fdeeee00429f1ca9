/* setup_write: settings as a file of conf.d; the prototype is in setup.h. */
#include <string.h>

#include "cli/setup.h"

struct writer {
	const struct setup *setup;
	const char *(*value_of)(void *context, const struct option_value *value);
	void *context;
	struct bytes *out;
};

static void write_section(const struct writer *writer, const struct option *first, const char *name)
{
	const struct setup *setup = writer->setup;
	/* [till T01] alone is a till. */
	bool is_begun = false, is_bare = strcmp(first->section, "till") == 0;
	for (const struct option *o = first; o->section && strcmp(o->section, first->section) == 0; o++) {
		const struct option_value *value = options_get(setup->then.options, o->section, name, o->key);
		if (value && strcmp(value->file, setup->file) != 0)
			is_bare = false;
		const char *text =
			value && !strcmp(value->file, setup->file) ? writer->value_of(writer->context, value) : NULL;
		if (!text)
			continue;
		if (!is_begun)
			bytes_printf(writer->out, *name ? "\n[%s %s]\n" : "\n[%s]\n", first->section, name);
		is_begun = true;
		bytes_printf(writer->out, "%s = %s\n", o->key, text);
	}
	if (is_bare && !is_begun)
		bytes_printf(writer->out, "\n[%s %s]\n", first->section, name);
}

int setup_write(const struct setup *setup, const char *without,
	const char *(*value_of)(void *context, const struct option_value *value), void *context, struct bytes *out,
	struct fault *fault)
{
	const struct writer writer = {setup, value_of, context, out};
	const char *last = "";
	bytes_text(out, "# The shop's settings, written by `hoadon setup`: run it again to change them. hoadon.conf(5) "
			"explains "
			"each.\n");
	for (const struct option *o = config_table; o->section; o++) {
		if (strcmp(o->section, last) == 0 || (without && strcmp(o->section, without) == 0))
			continue;
		last = o->section;
		const char *name = o->is_named ? options_name(setup->then.options, o->section, 0) : "";
		for (size_t i = 1; name; name = o->is_named ? options_name(setup->then.options, o->section, i++) : NULL)
			write_section(&writer, o, name);
	}
	return bytes_check(out, "the settings", fault);
}
