/* setup_check: what would hold, and what is wrong with it; prototypes in setup.h. */
#include <stdio.h>
#include <string.h>

#include "base/file.h"
#include "cli/setup.h"
#include "core/taxcode.h"

#define PROBLEMS_MAX (1u << 20)
#define ARENA_MAX    ((size_t)1 << 20)

/* How a value must look that the table of settings alone does not know. */
static const struct shape {
	const char *section, *key, *en, *vi;
} shapes[] = {
	{"seller", "tax_code", "must have 10 digits, 10-3 digits or 12 digits",
		"phải có 10 chữ số, 10-3 chữ số có gạch nối, hoặc 12 chữ số"},
	{"seller", "provider_tax_code", "must have 10 digits, 10-3 digits or 12 digits",
		"phải có 10 chữ số, 10-3 chữ số có gạch nối, hoặc 12 chữ số"},
	{"seller", "sender", "must have up to 14 capital letters and digits",
		"phải gồm tối đa 14 chữ hoa không dấu và chữ số"},
	{"serial", "form", "is 1 (VAT invoice) or 2 (sales invoice)", "là 1 (hóa đơn GTGT) hoặc 2 (hóa đơn bán hàng)"},
	{"serial", "suffix", "must be two capital letters, AA to ZZ", "phải là hai chữ hoa không dấu, AA đến ZZ"},
	{"serial", "key", "must be the five capitals and digits of message 103",
		"phải là năm chữ hoa và chữ số ghi trong thông báo 103"},
	{"serial", "issuer_prefix", "must be a whole number from 0 to 999", "phải là số nguyên từ 0 đến 999"},
	{"authority", "url", "must begin with https://", "phải bắt đầu bằng https://"},
	{"alarm", "webhook_url", "must begin with https://", "phải bắt đầu bằng https://"},
	{"alarm", "mail_url", "must begin with smtps:// or smtp://", "phải bắt đầu bằng smtps:// hoặc smtp://"},
};

static const char *why_shape(const struct setup *setup, const struct option *option, const char *otherwise)
{
	for (size_t i = 0; i < ARRAY_LEN(shapes); i++)
		if (!strcmp(shapes[i].section, option->section) && !strcmp(shapes[i].key, option->key))
			return SAY(setup->cli, shapes[i].en, shapes[i].vi);
	return arena_strdup(setup->cli->arena, otherwise);
}

/* Law R-BUY-5 lets a person go on with a buyer's code; one's own is right. */
static const char *why_tax_code(const struct setup *setup, const struct option *option, const char *value)
{
	char normalised[16];
	int kind, result;
	if (strcmp(option->section, "seller") != 0 || !strstr(option->key, "tax_code"))
		return NULL;
	result = taxcode_check(value, clock_day(clock_now_ms(&setup->cli->clock)) / 10000, normalised, &kind);
	return result == TAXCODE_OK ? NULL
				    : SAY(setup->cli, "is no tax code: its check digit does not fit",
					      "không phải mã số thuế: số kiểm tra không khớp");
}

const char *setup_why_wrong(const struct setup *setup, const struct option *option, const char *name, const char *value,
	const struct bytes *beside, int line)
{
	CLEANUP(bytes_done) struct bytes content, problems;
	CLEANUP(options_freep) struct option_set *options = NULL;
	CLEANUP(arena_freep) struct arena *arena = arena_new(ARENA_MAX);
	struct config config;
	struct fault fault = {0};
	bytes_init(&content, PROBLEMS_MAX);
	bytes_init(&problems, PROBLEMS_MAX);
	if (beside)
		bytes_append(&content, beside->data, beside->len);
	while (line-- > 2)
		bytes_char(&content, '\n');
	bytes_printf(&content, *name ? "[%s %s]\n" : "[%s]\n", option->section, name);
	bytes_printf(&content, "%s = %s\n", option->key, value);
	const struct options_draft draft = {.file = setup->file, .content = &content};
	int result = arena ? options_read_draft(config_table, NULL, &draft, &options, &problems, &fault)
			   : FAULT(&fault, FAULT_MEMORY, "no memory for a setting");
	if (result == 0)
		result = config_make(options, arena, &config, &fault);
	return result ? why_shape(setup, option, fault.text) : why_tax_code(setup, option, value);
}

/* ---- the whole ---- */

static void find_wrong_value(struct setup *setup, const struct option_value *value)
{
	const struct option *option = value->option;
	const char *why = setup_why_wrong(setup, option, value->name, value->value, NULL, value->line);
	if (why)
		checkup_found(&setup->at, FINDING_WRONG, "", NULL, "%s:%d: [%s%s%s] %s = %s: %s", setup->file,
			value->line, option->section, *value->name ? " " : "", value->name, option->key, value->value,
			why);
}

static void find_wrong_values(struct setup *setup)
{
	const struct option_value *value;
	for (const struct option *o = config_table; o->section; o++) {
		const char *name = o->is_named ? options_name(setup->then.options, o->section, 0) : "";
		for (size_t i = 1; name;
			name = o->is_named ? options_name(setup->then.options, o->section, i++) : NULL) {
			value = options_get(setup->then.options, o->section, name, o->key);
			/* what a mail, sealing and a port need stands in several settings */
			if (value && !strcmp(value->file, setup->file) && strcmp(o->section, "alarm") != 0 &&
				strcmp(o->section, "store") != 0 && strcmp(o->section, "port") != 0)
				find_wrong_value(setup, value);
		}
	}
}

static int read_options(struct setup *setup)
{
	struct cli *then = &setup->then;
	const struct options_draft draft = {SETUP_SITE, setup->file, &setup->content};
	options_free(then->options);
	then->options = NULL;
	return options_read_draft(
		config_table, then->config_dir, &draft, &then->options, &then->problems, &then->config_fault);
}

/* 0 with what would hold, or with findings; < 0. */
static int read_draft(struct setup *setup, struct fault *fault)
{
	struct cli *then = &setup->then;
	struct checkup *at = &setup->at;
	at->check = "file";
	at->title = SAY(then, "Settings given", "Tùy chọn đã cho");
	int result = read_options(setup);
	if (result == 0)
		result = setup_seal_add(setup, &then->config_fault);
	if (result == 0)
		result = read_options(setup);
	if (result < 0 && then->problems.len)
		checkup_lines(at, FINDING_WRONG, "", NULL, &then->problems);
	else if (result < 0)
		return FAULT(fault, result, "%s", then->config_fault.text);
	if (result == 0)
		find_wrong_values(setup);
	if (findings_worst(&at->findings, NULL) == FINDING_WRONG)
		return 0;
	then->is_configured = config_make(then->options, then->arena, &then->config, &then->config_fault) == 0;
	if (!then->is_configured)
		checkup_found(at, FINDING_WRONG, "", NULL, "%s", then->config_fault.text);
	return 0;
}

/* A copy needs settings of its own before it is adopted: this is no reason not to put them. */
static void check_copy(struct setup *setup, struct store *store)
{
	struct checkup *at = &setup->at;
	size_t first = at->findings.count;
	if (status_read(store, &at->status, NULL) < 0)
		return;
	at->store = store;
	check_hold(at);
	at->store = NULL;
	for (size_t i = first; i < at->findings.count; i++)
		if (at->findings.rows[i].level == FINDING_WRONG)
			at->findings.rows[i].level = FINDING_WARNING;
}

/* A store belongs to one seller for ever. */
static int check_store(struct setup *setup, struct fault *fault)
{
	const struct config *config = &setup->then.config;
	CLEANUP(store_closep) struct store *store = NULL;
	struct fault why = {0};
	char path[4200];
	snprintf(path, sizeof(path), "%s/current.db", config->store_dir);
	setup->at.check = "store";
	setup->at.title = SAY(setup->cli, "Store", "Kho dữ liệu");
	if (!file_exists(path))
		return 0;
	int result =
		store_open(config->store_dir, STORE_READ, &setup->cli->clock, config->seller.tax_code, &store, &why);
	if (result == FAULT_CONFIG)
		checkup_found(&setup->at, FINDING_WRONG, "", NULL, "%s", why.text);
	if (result)
		return 0;
	check_copy(setup, store);
	return setup_seal_check(setup, store, fault);
}

/* One remedy for all that stands in the settings. */
static void tell_remedy(struct setup *setup)
{
	struct findings *findings = &setup->at.findings;
	const char *from = cli_value(setup->cli, "from");
	const char *command =
		!from ? "sudo hoadon setup"
		      : checkup_command(&setup->at, "sudo hoadon setup --from %s", checkup_quote(&setup->at, from));
	for (size_t i = 0; i < findings->count; i++) {
		struct finding *row = &findings->rows[i];
		if (row->level != FINDING_WRONG || !strcmp(row->check, "network"))
			continue;
		row->remedy = SAY(setup->cli, "Correct it there, then run it again", "Sửa ở đó, rồi chạy lại");
		row->command = command;
	}
}

int setup_check(struct setup *setup, bool is_offline, struct fault *fault)
{
	bytes_init(&setup->then.problems, PROBLEMS_MAX);
	int result = read_draft(setup, fault);
	if (result < 0)
		return result;
	if (setup->then.is_configured) {
		checkup_before_sale(&setup->at, !is_offline);
		result = check_store(setup, fault);
	}
	if (setup->then.is_configured && setup->then.config.mirror_dir) {
		setup->at.check = "mirror";
		setup->at.title = SAY(setup->cli, "Second medium", "Thiết bị thứ hai");
		check_mirror(&setup->at);
	}
	tell_remedy(setup);
	return result;
}
