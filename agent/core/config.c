#include "core/config.h"

#include <stdio.h>
#include <string.h>

#include "core/config_parts.h"
#include "core/rules.h"
#include "core/taxcode.h"

#define YEAR_NEVER	9999 /* no birth year lies behind it: the shape of the seller's tax code does not depend on today */
#define PREFIX_NOT_SET	(-1)
#define MISSING_AT_MOST 32

static int make_tax_code(const struct maker *maker, const char *key, const char **ret)
{
	const char *text = text_of(maker, "seller", "", key);
	char normalised[16];
	int kind;

	if (!text)
		return 0;
	if (taxcode_is_hard(taxcode_check(text, YEAR_NEVER, normalised, &kind)))
		return refuse(maker, "seller", "", key, "must have 10 digits, 10-3 digits or 12 digits (R-BUY-5)");
	*ret = arena_strdup(maker->arena, normalised);
	return *ret ? 0 : FAULT(maker->fault, FAULT_MEMORY, "no memory for the configuration");
}

static bool consists_of(const char *text, size_t shortest, size_t longest, const char *characters)
{
	size_t len = strlen(text);

	return len >= shortest && len <= longest && strspn(text, characters) == len;
}

#define CAPITALS "ABCDEFGHIJKLMNOPQRSTUVWXYZ"

static int make_seller(const struct maker *maker, struct seller *seller)
{
	int result;

	seller->name = text_of(maker, "seller", "", "name");
	seller->address = text_of(maker, "seller", "", "address");
	seller->phone = text_of(maker, "seller", "", "phone");
	seller->email = text_of(maker, "seller", "", "email");
	seller->bank_account = text_of(maker, "seller", "", "bank_account");
	seller->bank_name = text_of(maker, "seller", "", "bank_name");
	seller->website = text_of(maker, "seller", "", "website");
	seller->sender = text_of(maker, "seller", "", "sender");
	seller->generic_names = text_of(maker, "seller", "", "generic_names");
	seller->profile = profile_find(options_text(maker->set, "seller", "", "profile"));
	seller->ledger_in_invoice = options_int(maker->set, "seller", "", "ledger_in_invoice") != 0;
	/* Format 3: MNGui has at most 14 characters and begins the 46 of MTDiep. */
	if (seller->sender && !consists_of(seller->sender, 1, 14, CAPITALS DIGITS))
		return refuse(maker, "seller", "", "sender", "must have up to 14 capital letters and digits");
	result = make_tax_code(maker, "tax_code", &seller->tax_code);
	return result == 0 ? make_tax_code(maker, "provider_tax_code", &seller->provider_tax_code) : result;
}

static int make_serial(const struct maker *maker, struct seller *seller)
{
	const char *form = text_of(maker, "serial", "", "form");
	const char *suffix = text_of(maker, "serial", "", "suffix");
	const char *key = text_of(maker, "serial", "", "key");

	/* Law R-SYM-2: digits in the suffix are read, never made. */
	if (suffix && !consists_of(suffix, 2, 2, CAPITALS))
		return refuse(maker, "serial", "", "suffix", "must be two capital letters (R-SYM-2)");
	if (key && !consists_of(key, 5, 5, CAPITALS DIGITS))
		return refuse(
			maker, "serial", "", "key", "must be the five capitals and digits of message 103 (R-CODE-2)");
	seller->form = form ? form[0] - '0' : 0;
	seller->code_flag = options_text(maker->set, "serial", "", "code_flag")[0];
	snprintf(seller->suffix, sizeof(seller->suffix), "%s", suffix ? suffix : "");
	snprintf(seller->key, sizeof(seller->key), "%s", key ? key : "");
	/* No default: two stores with the same prefix would make the same codes (law R-CODE-3). */
	seller->issuer_prefix = PREFIX_NOT_SET;
	if (options_get(maker->set, "serial", "", "issuer_prefix"))
		seller->issuer_prefix = (int)options_int(maker->set, "serial", "", "issuer_prefix");
	return 0;
}

static int make_tills(const struct maker *maker, struct seller *seller)
{
	size_t count = count_names(maker->set, "till");
	struct till *tills = ARENA_ARRAY(maker->arena, struct till, count + 1);

	if (!tills)
		return FAULT(maker->fault, FAULT_MEMORY, "no memory for %zu tills", count);
	for (size_t i = 0; i < count; i++) {
		const char *id = options_name(maker->set, "till", i);

		tills[i] = (struct till){.id = id,
			.location_code = text_of(maker, "till", id, "location_code"),
			.location_name = text_of(maker, "till", id, "location_name"),
			.location_address = text_of(maker, "till", id, "location_address")};
	}
	seller->tills = tills;
	seller->till_count = count;
	return 0;
}

static int make_authorities(const struct maker *maker, struct config *config)
{
	size_t count = count_names(maker->set, "authority");
	struct config_authority *routes = ARENA_ARRAY(maker->arena, struct config_authority, count + 1);

	if (!routes)
		return FAULT(maker->fault, FAULT_MEMORY, "no memory for %zu authorities", count);
	for (size_t i = 0; i < count; i++) {
		const char *name = options_name(maker->set, "authority", i);

		routes[i] = (struct config_authority){.name = name,
			.driver = text_of(maker, "authority", name, "driver"),
			.url = text_of(maker, "authority", name, "url"),
			.ca_file = text_of(maker, "authority", name, "ca_file"),
			.user = text_of(maker, "authority", name, "user"),
			.password_file = text_of(maker, "authority", name, "password_file"),
			.anchors_file = text_of(maker, "authority", name, "anchors_file")};
		if (routes[i].url && strncmp(routes[i].url, "https://", 8) != 0)
			return refuse(maker, "authority", name, "url", "must begin with https://");
	}
	config->authorities = routes;
	config->authority_count = count;
	return 0;
}

/* ---- [port NAME] ---- */

static int make_store(const struct maker *maker, struct config *config)
{
	config->store_dir = text_of(maker, "store", "", "dir");
	config->checkpoint_every_ms = options_int(maker->set, "store", "", "checkpoint_every_ms");
	config->reserve_bytes = options_int(maker->set, "store", "", "reserve_mb") << 20;
	config->seal_store = options_int(maker->set, "store", "", "seal") != 0;
	config->store_key_file = text_of(maker, "store", "", "key_file");
	/* Nobody may believe that data is encrypted that is not. */
	if (config->seal_store && !config->store_key_file)
		return refuse(maker, "store", "", "seal",
			"needs key_file; make one with: openssl rand -hex 32 > FILE, and keep a copy elsewhere");
	return 0;
}

static void make_mirror(const struct maker *maker, struct config *config)
{
	config->mirror_dir = text_of(maker, "mirror", "", "dir");
	config->mirror_may_share_disk = options_int(maker->set, "mirror", "", "same_disk") != 0;
	config->mirror_wal_max_mb = options_int(maker->set, "mirror", "", "wal_max_mb");
	config->mirror_log_max_mb = options_int(maker->set, "mirror", "", "log_max_mb");
}

static void make_key(const struct maker *maker, struct config *config)
{
	config->key_driver = text_of(maker, "key", "", "driver");
	config->key_file = text_of(maker, "key", "", "file");
	config->key_password_file = text_of(maker, "key", "", "password_file");
	config->signer_threads = options_int(maker->set, "key", "", "threads");
	config->seller.sign_each_invoice = options_int(maker->set, "key", "", "sign_each_invoice") != 0;
}

static void make_doors(const struct maker *maker, struct config *config)
{
	config->socket_path = text_of(maker, "api", "", "socket");
	config->port = options_int(maker->set, "api", "", "port");
	config->port_file = text_of(maker, "api", "", "port_file");
	config->body_max = options_int(maker->set, "api", "", "body_max");
	config->bulk_body_max = options_int(maker->set, "api", "", "bulk_body_max");
	config->refused_frames_max = options_int(maker->set, "api", "", "refused_frames_max");
	config->lang = text_of(maker, "api", "", "lang");
	config->spool_dir = text_of(maker, "spool", "", "dir");
	config->spool_map = text_of(maker, "spool", "", "map");
	config->spool_catalogue = text_of(maker, "spool", "", "catalogue");
	config->spool_till = text_of(maker, "spool", "", "till");
	config->spool_is_vat_included = options_int(maker->set, "spool", "", "prices_include_vat") != 0;
	config->courier_to = text_of(maker, "courier", "", "to");
	config->law_publisher = text_of(maker, "law", "", "publisher");
}

static void make_receipt(const struct maker *maker, struct config *config)
{
	bool is_south = strcmp(options_text(maker->set, "receipt", "", "words"), "south") == 0;

	config->seller.words_dialect = is_south ? WORDS_SOUTH : WORDS_NORTH;
	config->seller.words_even = options_int(maker->set, "receipt", "", "words_even") != 0;
	config->seller.words_dot = options_int(maker->set, "receipt", "", "words_dot") != 0;
	config->lookup_url = text_of(maker, "receipt", "", "lookup_url");
	config->receipt_charset =
		strcmp(options_text(maker->set, "receipt", "", "encoding"), "utf8") == 0 ? CHARSET_UTF8 : CHARSET_ASCII;
}

/* "23:55" to minutes of the day; -1 = it is none. */
static int64_t minute_of(const char *text)
{
	int hour = 0;
	int minute = 0;
	char end = 0;

	if (strspn(text, DIGITS) != 2 || text[2] != ':' || sscanf(text, "%2d:%2d%c", &hour, &minute, &end) != 2)
		return -1;
	return hour < 24 && minute < 60 && strspn(text + 3, DIGITS) == 2 ? hour * 60 + minute : -1;
}

static int make_send(const struct maker *maker, struct config *config)
{
	config->seller.max_message_bytes = (size_t)options_int(maker->set, "send", "", "max_bytes");
	config->max_invoices = options_int(maker->set, "send", "", "max_invoices");
	config->max_wait_ms = options_int(maker->set, "send", "", "max_wait_ms");
	config->connect_timeout_ms = options_int(maker->set, "send", "", "connect_timeout_ms");
	config->total_timeout_ms = options_int(maker->set, "send", "", "total_timeout_ms");
	config->slowest_bytes_per_s = options_int(maker->set, "send", "", "slowest_bytes_per_s");
	config->retry_first_ms = options_int(maker->set, "send", "", "retry_first_ms");
	config->retry_last_ms = options_int(maker->set, "send", "", "retry_last_ms");
	config->query_pause_ms = options_int(maker->set, "send", "", "query_pause_ms");
	config->cannot_ask_pause_ms = options_int(maker->set, "send", "", "cannot_ask_pause_ms");
	config->cutoff_minute = minute_of(options_text(maker->set, "send", "", "cutoff"));
	return config->cutoff_minute < 0 ? refuse(maker, "send", "", "cutoff", "must be a time of day, like 23:55") : 0;
}

static int make_fleet(const struct maker *maker, struct config *config)
{
	config->fleet_folder = text_of(maker, "fleet", "", "folder");
	config->fleet_url = text_of(maker, "fleet", "", "url");
	config->fleet_ca_file = text_of(maker, "fleet", "", "ca_file");
	config->fleet_user = text_of(maker, "fleet", "", "user");
	config->fleet_password_file = text_of(maker, "fleet", "", "password_file");
	config->fleet_name = text_of(maker, "fleet", "", "name");
	return config->fleet_url && strncmp(config->fleet_url, "https://", 8) != 0
		       ? refuse(maker, "fleet", "", "url", "must begin with https://")
		       : 0;
}

static int make_alarm(const struct maker *maker, struct config *config)
{
	config->late_percent = options_int(maker->set, "alarm", "", "late_percent");
	config->parked_after_ms = options_int(maker->set, "alarm", "", "parked_after_ms");
	config->stuck_ms = options_int(maker->set, "alarm", "", "stuck_ms");
	config->webhook_url = text_of(maker, "alarm", "", "webhook_url");
	config->mail_url = text_of(maker, "alarm", "", "mail_url");
	config->mail_from = text_of(maker, "alarm", "", "mail_from");
	config->mail_to = text_of(maker, "alarm", "", "mail_to");
	config->mail_user = text_of(maker, "alarm", "", "mail_user");
	config->mail_password_file = text_of(maker, "alarm", "", "mail_password_file");
	config->alarm_ca_file = text_of(maker, "alarm", "", "ca_file");
	if (config->webhook_url && strncmp(config->webhook_url, "https://", 8) != 0)
		return refuse(maker, "alarm", "", "webhook_url", "must begin with https://");
	if (config->mail_url && strncmp(config->mail_url, "smtp://", 7) != 0 &&
		strncmp(config->mail_url, "smtps://", 8) != 0)
		return refuse(maker, "alarm", "", "mail_url", "must begin with smtps:// or smtp://");
	if (config->mail_url && (!config->mail_from || !config->mail_to))
		return refuse(maker, "alarm", "", "mail_url", "needs mail_from and mail_to beside it");
	return 0;
}

int config_make(const struct option_set *set, struct arena *arena, struct config *ret, struct fault *fault)
{
	struct maker maker = {.set = set, .arena = arena, .fault = fault};
	struct config config = {.key_driver = NULL};
	int result = make_seller(&maker, &config.seller);

	if (result == 0)
		result = make_serial(&maker, &config.seller);
	if (result == 0)
		result = make_tills(&maker, &config.seller);
	if (result == 0)
		result = make_authorities(&maker, &config);
	if (result == 0)
		result = make_ports(&maker, &config);
	if (result == 0)
		result = make_store(&maker, &config);
	if (result == 0)
		result = make_alarm(&maker, &config);
	if (result == 0)
		result = make_fleet(&maker, &config);
	if (result == 0)
		result = make_send(&maker, &config);
	if (result != 0)
		return result;
	make_mirror(&maker, &config);
	make_key(&maker, &config);
	make_doors(&maker, &config);
	make_receipt(&maker, &config);
	*ret = config;
	return 0;
}

struct missing {
	struct bytes *out;
	int count;
};

static void tell(struct missing *missing, const char *setting, const char *why, const char *rule)
{
	bytes_printf(missing->out, "%s: %s (%s)\n", setting, why, rule);
	missing->count++;
}

static const char *why_missing(const char *setting)
{
	static const struct {
		const char *setting, *why;
	} reasons[] = {
		{"seller.provider_tax_code", "the format demands the tax code of the solution provider"},
		{"serial.form", "1 = VAT invoice, 2 = sales invoice"},
		{"serial.suffix", "two letters that no other store of the seller uses"},
		{"serial.key", "the five characters of message 103, without which no invoice may be issued"},
		{"serial.issuer_prefix", "0 to 999, another one for each store of the seller"},
		{"till", "no sale is taken from a till that has no section [till NAME]"},
	};

	for (size_t i = 0; i < ARRAY_LEN(reasons); i++)
		if (strcmp(reasons[i].setting, setting) == 0)
			return reasons[i].why;
	return "stands on every invoice";
}

static void tell_seller(struct missing *missing, const struct seller *seller)
{
	const char *setting;
	const char *rule;

	for (int i = 0; i < MISSING_AT_MOST && rules_seller_missing(seller, i, &setting, &rule) != 0; i++)
		tell(missing, setting, why_missing(setting), rule);
}

static void tell_route(struct missing *missing, const struct config_authority *route)
{
	char setting[200];

	if (!route->url) {
		snprintf(setting, sizeof(setting), "authority %s.url", route->name);
		tell(missing, setting, "the address of the T-VAN", "R-WHO-6");
	}
	if (!route->ca_file) {
		snprintf(setting, sizeof(setting), "authority %s.ca_file", route->name);
		tell(missing, setting, "whom the server's certificate must chain to", "R-STO-5");
	}
	if (!route->anchors_file) {
		snprintf(setting, sizeof(setting), "authority %s.anchors_file", route->name);
		tell(missing, setting, "only a verified message 204 decides", "R-SEND-5");
	}
}

int config_missing(const struct config *config, struct bytes *out)
{
	struct missing missing = {.out = out};

	tell_seller(&missing, &config->seller);
	if (!config->seller.sender)
		tell(&missing, "seller.sender", "the sender that the T-VAN assigned (MNGui)", "R-WHO-6");
	if (!config->key_file)
		tell(&missing, "key.file", "the seller signs every message", "R-SIG-1");
	if (config->key_file && !config->key_password_file)
		tell(&missing, "key.password_file", "the password of the key", "R-SIG-4");
	if (config->authority_count == 0)
		tell(&missing, "authority", "no section [authority NAME] says where messages go", "R-SEND-1");
	for (size_t i = 0; i < config->authority_count; i++)
		tell_route(&missing, &config->authorities[i]);
	return missing.count;
}
