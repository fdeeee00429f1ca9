/* check_line: the way to the tax authority; prototypes in checkup.h. */
#include <stdio.h>
#include <string.h>

#include "base/file.h"
#include "cli/checkup.h"
#include "cli/print.h"
#include "drivers/drivers.h"
#include "send/line.h"
#include "store/outages.h"

#define PASSWORD_MAX 4096

/* ---- network ---- */

struct tried {
	bool is_tried;
	struct line_report report;
};

static int try_route(
	const struct checkup *at, const struct config_authority *route, struct tried *ret, struct fault *fault)
{
	const struct config *config = &at->cli->config;
	const struct authority_ops *ops = route->driver ? driver_authority(route->driver) : NULL;
	CLEANUP(bytes_done) struct bytes password;
	bytes_init(&password, PASSWORD_MAX);
	if (!ops || !route->url || !route->ca_file)
		return 0;
	int result = route->password_file ? file_read_secret(route->password_file, &password, fault) : 0;
	const struct line_settings settings = {
		.ops = ops,
		.http = {.ca_file = route->ca_file,
			.connect_timeout_ms = config->connect_timeout_ms,
			.total_timeout_ms = config->total_timeout_ms},
		.url = route->url,
		.user = route->user,
		.password = password.data ? (const char *)password.data : NULL,
		.clock = &at->cli->clock,
	};
	if (result == 0)
		result = line_try(&settings, &ret->report, fault);
	ret->is_tried = result == 0;
	return result;
}

static const char *command_for(struct checkup *at, const struct config_authority *route, enum line_finding finding)
{
	switch (finding) {
	case LINE_NO_NETWORK:
		return "ip -br addr";
	case LINE_NO_NAME:
		return "resolvectl status";
	case LINE_CERT_EARLY:
		return "timedatectl set-ntp true";
	case LINE_NO_CA_FILE:
	case LINE_REFUSES:
	case LINE_NOT_THERE:
		return "hoadon config show --origin";
	default:
		return checkup_command(
			at, "curl -v --cacert %s %s", checkup_quote(at, route->ca_file), checkup_quote(at, route->url));
	}
}

/* "name of the server 2 ms, connection 1 ms, …" as far as it came. */
static void steps_text(const struct checkup *at, const struct line_report *report, char out[400])
{
	size_t len = 0;
	*out = 0;
	for (int i = 0; i < LINE_LAYER_COUNT; i++)
		if (report->steps[i].state == LINE_WELL && len < 300)
			len += (size_t)snprintf(out + len, 400 - len, "%s%s %lld ms", len ? ", " : "",
				line_layer_text((enum line_layer)i, at->cli->is_vi), (long long)report->steps[i].ms);
}

static void find_broken(struct checkup *at, const struct config_authority *route, const struct line_report *report,
	enum finding_level level)
{
	const struct line_finding_row *row = line_finding_row(report->finding);
	char steps[400];
	steps_text(at, report, steps);
	checkup_found(at, level, SAY(at->cli, row->en, row->vi), command_for(at, route, report->finding),
		SAY(at->cli, "route %s ends at %s (%s)%s%s", "đường %s đứt ở %s (%s)%s%s"), route->name,
		line_layer_text(row->layer, at->cli->is_vi), report->text, *steps ? "; " : "", steps);
}

static void find_well(struct checkup *at, const struct config_authority *route, const struct line_report *report)
{
	char steps[400];
	steps_text(at, report, steps);
	checkup_ok(at, FINDING_OK, "%s: %s", route->name, steps);
	if (report->has_date && (report->ahead_ms > TIME_JUMP_MS || report->ahead_ms < -TIME_JUMP_MS))
		checkup_found(at, FINDING_WARNING,
			SAY(at->cli, "Set the clock from the network", "Đồng bộ giờ với mạng"),
			"timedatectl set-ntp true",
			SAY(at->cli, "%s: the clock of this machine is %lld s ahead of the T-VAN's",
				"%s: đồng hồ máy này nhanh hơn T-VAN %lld giây"),
			route->name, (long long)(report->ahead_ms / 1000));
}

void check_network(struct checkup *at)
{
	const struct config *config = &at->cli->config;
	struct tried *tried = ARENA_ARRAY(at->cli->arena, struct tried, config->authority_count + 1);
	struct fault fault = {0};
	bool is_any_well = false;
	for (size_t i = 0; tried && i < config->authority_count; i++) {
		if (try_route(at, &config->authorities[i], &tried[i], &fault) == 0)
			is_any_well |= tried[i].is_tried && tried[i].report.finding == LINE_FINE;
	}
	for (size_t i = 0; tried && i < config->authority_count; i++) {
		const struct config_authority *route = &config->authorities[i];
		if (!tried[i].is_tried)
			checkup_ok(at, FINDING_UNCHECKED, SAY(at->cli, "%s: not tried: %s", "%s: chưa thử: %s"),
				route->name,
				*fault.text ? fault.text : SAY(at->cli, "settings are missing", "thiếu tùy chọn"));
		else if (tried[i].report.finding == LINE_FINE)
			find_well(at, route, &tried[i].report);
		else
			find_broken(at, route, &tried[i].report, is_any_well ? FINDING_WARNING : FINDING_WRONG);
	}
	if (!config->authority_count)
		checkup_ok(at, FINDING_UNCHECKED, "%s", SAY(at->cli, "no route is set", "chưa đặt đường truyền nào"));
}

/* ---- authority ---- */

void check_authority(struct checkup *at)
{
	const struct cli *cli = at->cli;
	struct outage_row *rows = NULL;
	struct fault fault = {0};
	size_t count = 0;
	char time[CLOCK_TEXT_MAX];
	if (store_outage_going(at->store, cli->arena, &rows, &count, &fault) < 0)
		checkup_found(at, FINDING_WRONG, SAY(cli, "See what is broken", "Xem chỗ bị hỏng"), "hoadon fsck", "%s",
			fault.text);
	for (size_t i = 0; i < count; i++) {
		const struct outage_kind *kind = outage_kind(rows[i].cause);
		if (rows[i].cause != OUTAGE_AUTHORITY)
			continue;
		time_text(rows[i].begun_at, time);
		checkup_found(at, FINDING_WARNING,
			SAY(cli, "Nothing is to be done here: it is asked again; the dossier for the tax office",
				"Ở đây không phải làm gì: máy tự hỏi lại; hồ sơ gửi cơ quan thuế"),
			checkup_command(at, "hoadon outage export %lld gian-doan-%lld.txt", (long long)rows[i].id,
				(long long)rows[i].id),
			SAY(cli, "%s since %s", "%s từ %s"), SAY(cli, kind->en, kind->vi), time);
	}
	time_text(at->status.invoices.last_accepted_at, time);
	if (findings_worst(&at->findings, at->check) == FINDING_OK)
		checkup_ok(at, FINDING_OK, SAY(cli, "the last answer came %s", "trả lời cuối lúc %s"), time);
}
