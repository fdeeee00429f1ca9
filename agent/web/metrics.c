#include <stddef.h>
#include <string.h>

#include "base/json_write.h"
#include "store/status.h"
#include "web/request.h"

#define STATUS(field) offsetof(struct status, field)
#define PORT(field)   offsetof(struct ports_row, field)
#define SAMPLES_MAX   6

struct family {
	const char *name, *type, *help;
	const char *label; /* what tells its samples from each other; NULL: there is one */
	struct {
		const char *value; /* of the label; NULL ends the list */
		size_t at;	   /* of an int64_t */
	} samples[SAMPLES_MAX];
};

static const struct family of_store[] = {
	{"hoadon_sales", "gauge", "What tills told, by what became of it.", "state",
		{{"issued", STATUS(sales.issued)}, {"parked", STATUS(sales.parked)},
			{"ignored", STATUS(sales.ignored)}}},
	{"hoadon_invoices", "gauge", "Invoices by what the authority said; issued: nothing yet.", "state",
		{{"issued", STATUS(invoices.issued)}, {"accepted", STATUS(invoices.accepted)},
			{"refused", STATUS(invoices.refused)}}},
	{"hoadon_messages", "gauge", "Messages to the authority by state.", "state",
		{{"made", STATUS(messages.made)}, {"sent", STATUS(messages.sent)},
			{"unknown", STATUS(messages.unknown)}, {"answered", STATUS(messages.answered)},
			{"refused", STATUS(messages.refused)}}},
	{"hoadon_tasks", "gauge", "Open tasks of a person, at most 1000.", NULL, {{"", STATUS(tasks)}}},
	{"hoadon_deadline_used_percent", "gauge", "How much of its legal time the oldest unsent invoice has used.",
		NULL, {{"", STATUS(used_percent)}}},
	{"hoadon_ledger_records_total", "counter", "Records of the ledger.", NULL, {{"", STATUS(head.seq)}}},
	{"hoadon_receipts_without_code_total", "counter", "Receipts whose cut went before number and code were there.",
		NULL, {{"", STATUS(paper[PAPER_WITHOUT_CODE])}}},
	{"hoadon_late_slips_total", "counter", "Slips that were printed behind their receipt.", NULL,
		{{"", STATUS(paper[PAPER_LATE_SLIPS])}}},
	{"hoadon_receipts_not_kept_total", "counter", "Receipts that could not be kept.", NULL,
		{{"", STATUS(paper[PAPER_NOT_KEPT])}}},
};

static const struct family of_port[] = {
	{"hoadon_port_receipts_total", "counter", "Receipts that were read.", NULL, {{"", PORT(receipts)}}},
	{"hoadon_port_stranger_receipts_total", "counter", "Receipts of somebody who is not enrolled.", NULL,
		{{"", PORT(strangers)}}},
	{"hoadon_port_sales_total", "counter", "Sales that receipts became, by what became of them.", "state",
		{{"issued", PORT(sales[SALE_STATE_ISSUED])}, {"parked", PORT(sales[SALE_STATE_PARKED])},
			{"ignored", PORT(sales[SALE_STATE_IGNORED])}}},
	{"hoadon_port_readers_gone_total", "counter", "Readers that died or were ended.", NULL,
		{{"", PORT(readers_gone)}}},
};

static void write_head(const char *name, const char *type, const char *help, struct bytes *out)
{
	bytes_printf(out, "# HELP %s %s\n# TYPE %s %s\n", name, help, name, type);
}

/* Names of ports are text without controls, so that a label is escaped as a string of JSON is. */
static void write_label(const char *label, const char *value, char before, struct bytes *out)
{
	bytes_printf(out, "%c%s=", before, label);
	json_string(out, value);
}

/* Of @base, which is @port's unless that is NULL. */
static void write_samples(const struct family *family, const void *base, const char *port, struct bytes *out)
{
	for (size_t i = 0; i < SAMPLES_MAX && family->samples[i].value; i++) {
		int64_t value;
		memcpy(&value, (const char *)base + family->samples[i].at, sizeof(value));
		bytes_text(out, family->name);
		if (port)
			write_label("port", port, '{', out);
		if (family->label)
			write_label(family->label, family->samples[i].value, port ? ',' : '{', out);
		bytes_printf(out, "%s %lld\n", port || family->label ? "}" : "", (long long)value);
	}
}

static void write_ports(const struct web_settings *settings, struct bytes *out)
{
	const struct ports_row *rows = settings->port_rows;
	size_t count = settings->config->port_count;

	for (size_t i = 0; count && i < ARRAY_LEN(of_port); i++) {
		write_head(of_port[i].name, of_port[i].type, of_port[i].help, out);
		for (size_t j = 0; j < count; j++)
			write_samples(&of_port[i], &rows[j], settings->config->ports[j].name, out);
	}
	if (count)
		write_head("hoadon_port_up", "gauge", "Whether a till can print, and is read; why not: /health/ready.",
			out);
	for (size_t j = 0; j < count; j++) {
		bytes_text(out, "hoadon_port_up");
		write_label("port", settings->config->ports[j].name, '{', out);
		bytes_printf(out, "} %d\n", rows[j].standing == PORTS_OK);
	}
}

int web_write_metrics(const struct web_settings *settings, struct bytes *out, struct fault *fault)
{
	struct status status;
	int result = status_read(settings->store, &status, fault);
	if (result < 0)
		return result;
	for (size_t i = 0; i < ARRAY_LEN(of_store); i++) {
		write_head(of_store[i].name, of_store[i].type, of_store[i].help, out);
		write_samples(&of_store[i], &status, NULL, out);
	}
	write_ports(settings, out);
	return bytes_check(out, "the metrics", fault);
}
