#include <stdio.h>
#include <string.h>

#include "cli/commands.h"
#include "cli/print.h"

/* The words that stand before the cursor decide; a value is a file where its placeholder names one, else it is the person's own. */
static const char head[] = "# bash completion of hoadon, made by `hoadon completion` from the table of commands\n"
			   "_hoadon()\n"
			   "{\n"
			   "\tlocal cur=${COMP_WORDS[COMP_CWORD]} path='' words='' options='' word i\n"
			   "\tCOMPREPLY=()\n"
			   "\tfor ((i = 1; i < COMP_CWORD; i++)); do\n"
			   "\t\tword=${COMP_WORDS[i]}\n"
			   "\t\tcase $word in\n";
static const char middle[] = "\t\t-*) ;;\n"
			     "\t\t*) path+=\" $word\" ;;\n"
			     "\t\tesac\n"
			     "\tdone\n"
			     "\tcase $path in\n";
static const char tail[] = "\tesac\n"
			   "\tif [[ $cur == -* ]]; then\n"
			   "\t\tmapfile -t COMPREPLY < <(compgen -W \"$options\" -- \"$cur\")\n"
			   "\telif [[ $words ]]; then\n"
			   "\t\tmapfile -t COMPREPLY < <(compgen -W \"$words\" -- \"$cur\")\n"
			   "\telse\n"
			   "\t\tcompopt -o default\n"
			   "\tfi\n"
			   "}\n"
			   "complete -F _hoadon hoadon\n";

static bool is_file(const char *value)
{
	return strstr(value, "FILE") || strstr(value, "DIR");
}

/* An option with a value: the word behind it is no part of the path; at the cursor it is completed by itself. */
static void print_value(const struct cli_option *option)
{
	if (!option->value)
		return;
	printf("\t\t--%s)\n\t\t\t((++i < COMP_CWORD)) && continue\n", option->name);
	if (is_file(option->value))
		puts("\t\t\tcompopt -o default");
	else if (strchr(option->value, '|'))
		printf("\t\t\tmapfile -t COMPREPLY < <(IFS='|'; compgen -W '%s' -- \"$cur\")\n", option->value);
	puts("\t\t\treturn\n\t\t\t;;");
}

/* Whether an earlier command has this option too: they mean the same in all. */
static bool is_told(const struct cli_command *until, const char *name)
{
	for (const struct cli_command *c = cli_commands; c < until; c++)
		for (size_t i = 0; i < CLI_OPTIONS_MAX && c->options[i].name; i++)
			if (!strcmp(c->options[i].name, name))
				return true;
	return false;
}

static void print_values(void)
{
	for (const struct cli_option *o = cli_globals; o->name; o++)
		print_value(o);
	for (const struct cli_command *c = cli_commands; c->name; c++)
		for (size_t i = 0; i < CLI_OPTIONS_MAX && c->options[i].name; i++)
			if (!is_told(c, c->options[i].name))
				print_value(&c->options[i]);
}

static void print_options(const struct cli_command *command)
{
	fputs("options='", stdout);
	for (size_t i = 0; command && i < CLI_OPTIONS_MAX && command->options[i].name; i++)
		printf("--%s ", command->options[i].name);
	for (const struct cli_option *o = cli_globals; o->name; o++)
		printf("--%s%s", o->name, o[1].name ? " " : "'\n");
}

/* First words, once each; or all second words of @name. */
static void print_words(const char *name)
{
	const char *before = "";
	fputs("words='", stdout);
	for (const struct cli_command *c = cli_commands; c->name; c++) {
		if (name && !strcmp(c->name, name))
			printf("%s ", c->sub);
		else if (!name && strcmp(c->name, before))
			printf("%s ", c->name);
		before = c->name;
	}
	fputs("' ", stdout);
}

static void print_branches(void)
{
	const char *before = "";
	fputs("\t'') ", stdout);
	print_words(NULL);
	print_options(NULL);
	puts("\t;;");
	for (const struct cli_command *c = cli_commands; c->name; c++) {
		if (c->sub && strcmp(c->name, before)) {
			printf("\t' %s') ", c->name);
			print_words(c->name);
			print_options(NULL);
			puts("\t;;");
		}
		before = c->name;
		printf("\t' %s%s%s'*) ", c->name, c->sub ? " " : "", c->sub ? c->sub : "");
		print_options(c);
		puts("\t;;");
	}
}

int completion_run(struct cli *cli, struct fault *fault)
{
	(void)cli;
	(void)fault;
	fputs(head, stdout);
	print_values();
	fputs(middle, stdout);
	print_branches();
	fputs(tail, stdout);
	return CLI_OK;
}
