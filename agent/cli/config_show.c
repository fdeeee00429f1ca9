#include <stdio.h>
#include <string.h>

#include "cli/commands.h"
#include "cli/print.h"

#define MASK "********"

static const char *shown_value(const struct cli *cli, const struct option *option, const char *name)
{
	const char *text = options_text(cli->options, option->section, name, option->key);
	return text && *text && option->type == OPTION_SECRET ? MASK : text;
}

static void print_origin(const struct cli *cli, const struct option_value *value)
{
	if (value)
		printf("  # %s:%d", value->file, value->line);
	else
		fputs(SAY(cli, "  # default", "  # mặc định"), stdout);
}

static void print_option(const struct cli *cli, const struct option *option, const char *name)
{
	const char *text = shown_value(cli, option, name);
	printf(text ? "%s = %s" : "# %s =", option->key, text);
	if (cli_value(cli, "origin"))
		print_origin(cli, options_get(cli->options, option->section, name, option->key));
	putchar('\n');
}

static void print_section(const struct cli *cli, const struct option *first, const char *name)
{
	printf(*name ? "[%s %s]\n" : "[%s]\n", first->section, name);
	for (const struct option *o = first; o->section && strcmp(o->section, first->section) == 0; o++)
		print_option(cli, o, name);
	putchar('\n');
}

static void write_section(const struct cli *cli, const struct option *first, const char *name, struct bytes *out)
{
	for (const struct option *o = first; o->section && strcmp(o->section, first->section) == 0; o++) {
		const struct option_value *value = options_get(cli->options, o->section, name, o->key);
		json_item(out);
		bytes_char(out, '{');
		json_member(out, "section", o->section);
		json_member(out, "name", *name ? name : NULL);
		json_member(out, "key", o->key);
		json_member(out, "value", shown_value(cli, o, name));
		json_member(out, "file", value ? value->file : NULL);
		json_member_int(out, "line", value ? value->line : 0);
		json_member(out, "help", SAY(cli, o->help, o->help_vi));
		bytes_char(out, '}');
	}
}

/* Each section of the table once, a named one for every NAME; into @out as JSON, or printed when it is NULL. */
static void each_section(const struct cli *cli, struct bytes *out)
{
	const char *last = "";
	for (const struct option *o = config_table; o->section; o++) {
		if (strcmp(o->section, last) == 0)
			continue;
		last = o->section;
		const char *name = o->is_named ? options_name(cli->options, o->section, 0) : "";
		for (size_t i = 1; name; name = o->is_named ? options_name(cli->options, o->section, i++) : NULL) {
			if (out)
				write_section(cli, o, name, out);
			else
				print_section(cli, o, name);
		}
	}
}

int config_show_run(struct cli *cli, struct fault *fault)
{
	if (!cli->options)
		return cli_explain_config(cli);
	if (!cli->is_json) {
		each_section(cli, NULL);
		return CLI_OK;
	}
	CLEANUP(bytes_done) struct bytes out;
	bytes_init(&out, PRINT_JSON_MAX);
	json_begin(&out);
	json_key(&out, "options");
	bytes_char(&out, '[');
	each_section(cli, &out);
	bytes_char(&out, ']');
	return json_print(&out, fault);
}
