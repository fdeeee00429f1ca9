#include "init.h"
#include "clock.h"
#include "pki.h"

#include <cjson/cJSON.h>
#include <errno.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

struct seller_option {
	char tax_code[16], name[512], key[8], forms[32];
};

/* MST:NAME:KEY5:FORMS; the name may hold colons. */
static bool split_seller(const char *text, struct seller_option *ret)
{
	char copy[600];

	if (!str_copy(copy, sizeof copy, text))
		return false;
	char *forms = strrchr(copy, ':');
	if (!forms)
		return false;
	*forms++ = '\0';
	char *key = strrchr(copy, ':');
	if (!key)
		return false;
	*key++ = '\0';
	char *name = strchr(copy, ':');
	if (!name)
		return false;
	*name++ = '\0';
	return str_copy(ret->tax_code, sizeof ret->tax_code, copy) && str_copy(ret->name, sizeof ret->name, name) &&
	       str_copy(ret->key, sizeof ret->key, key) && str_copy(ret->forms, sizeof ret->forms, forms) && *name &&
	       str_match(copy, "^([0-9]{10}(-[0-9]{3})?|[0-9]{12})$") && str_match(key, "^[A-Z0-9]{5}$") &&
	       str_match(forms, "^[1-9](,[1-9])*$");
}

/* A fixed part of the PKI: issue and save. */
static int make(const struct subject *s, const struct identity *issuer, int64_t from_ms, const char *dir,
	const char *name, struct identity *ret)
{
	return pki_issue(s, issuer, from_ms, ret) != 0 || pki_save(ret, dir, name, true) != 0 ? -1 : 0;
}

static int make_servers(const char *dir, int64_t from_ms, struct identity *ca)
{
	static const struct subject ca_subject = {.common_name = "CA THỬ NGHIỆM (MÔ PHỎNG)",
		.organisation = "hoadon-sandbox (MÔ PHỎNG)",
		.key_usage = "critical,keyCertSign,cRLSign",
		.is_ca = true,
		.days = 3653};
	static const struct subject tls_subject = {.common_name = "localhost",
		.organisation = "hoadon-sandbox (MÔ PHỎNG)",
		.key_usage = "critical,digitalSignature",
		.extended_usage = "serverAuth",
		.alt_names = "DNS:localhost,IP:127.0.0.1,IP:::1",
		.elliptic = true};
	static const struct subject authority = {.common_name = "CỤC THUẾ (MÔ PHỎNG)",
		.organisation = "BỘ TÀI CHÍNH (MÔ PHỎNG)",
		.key_usage = "critical,digitalSignature,nonRepudiation"};
	struct identity tls = {0}, cqt = {0};
	/* TLS is checked against the real clock, signatures against the test clock: the CA covers both. */
	int64_t real_ms = clock_real_ms() - 24 * 3600 * 1000LL;
	int64_t ca_from_ms = from_ms < real_ms ? from_ms : real_ms;

	int rc = make(&ca_subject, NULL, ca_from_ms, dir, "ca", ca);
	if (rc == 0)
		rc = make(&tls_subject, ca, real_ms, dir, "tls", &tls);
	if (rc == 0)
		rc = make(&authority, ca, from_ms, dir, "cqt", &cqt);
	pki_identity_done(&tls);
	pki_identity_done(&cqt);
	return rc;
}

static int make_seller(const struct init_options *o, const struct seller_option *s, const struct identity *ca,
	int64_t from_ms, cJSON *list)
{
	char user_id[32], file[32], serial[64];
	struct identity id = {0};
	struct subject subject = {.common_name = s->name,
		.organisation = s->name,
		.user_id = user_id,
		.key_usage = "critical,digitalSignature,nonRepudiation"};

	str_printf(user_id, sizeof user_id, "MST:%s", s->tax_code);
	str_printf(file, sizeof file, "seller-%s", s->tax_code);
	int rc = pki_issue(&subject, ca, from_ms, &id);
	if (rc == 0)
		rc = pki_save(&id, o->dir, file, false);
	if (rc == 0)
		rc = pki_save_p12(&id, ca, o->dir, file, o->password);
	if (rc == 0) {
		cJSON *one = cJSON_CreateObject(), *forms = cJSON_AddArrayToObject(one, "forms");
		pki_serial(id.certificate, serial, sizeof serial);
		cJSON_AddStringToObject(one, "mst", s->tax_code);
		cJSON_AddStringToObject(one, "name", s->name);
		cJSON_AddStringToObject(one, "key", s->key);
		for (const char *c = s->forms; *c; c += 1 + (c[1] == ','))
			cJSON_AddItemToArray(forms, cJSON_CreateNumber(*c - '0'));
		cJSON_AddBoolToObject(one, "kind_coded", true);
		cJSON_AddBoolToObject(one, "kind_uncoded", true);
		cJSON_AddStringToObject(one, "status", "active");
		cJSON_AddStringToObject(one, "tvan", o->tvans[0]);
		cJSON_AddItemToArray(cJSON_AddArrayToObject(one, "certificates"), cJSON_CreateString(serial));
		cJSON_AddItemToArray(list, one);
	}
	pki_identity_done(&id);
	return rc;
}

static void add_codes(cJSON *registry, const char *name, const char *const *codes, size_t count)
{
	cJSON *list = cJSON_AddArrayToObject(registry, name);

	for (size_t i = 0; i < count; i++) {
		cJSON *one = cJSON_CreateObject();
		cJSON_AddStringToObject(one, "mst", codes[i]);
		cJSON_AddItemToArray(list, one);
	}
}

static int fill_directory(const struct init_options *o, const struct seller_option *sellers)
{
	int64_t from_ms = clock_now_ms(o->clock_file) - 24 * 3600 * 1000LL;
	struct identity ca = {0};
	cJSON *registry = cJSON_CreateObject();
	char path[2048];

	add_codes(registry, "tvans", o->tvans, o->tvan_count);
	add_codes(registry, "providers", o->providers, o->provider_count);
	cJSON *list = cJSON_AddArrayToObject(registry, "sellers");
	int rc = make_servers(o->dir, from_ms, &ca);
	for (size_t i = 0; i < o->seller_count && rc == 0; i++)
		rc = make_seller(o, &sellers[i], &ca, from_ms, list);
	char *printed = cJSON_Print(registry);
	str_printf(path, sizeof path, "%s/registry.json", o->dir);
	if (rc == 0 && (!printed || file_write(path, 0600, printed, strlen(printed)) != 0)) {
		log_event("init-failed path=%s error=%d", path, errno);
		rc = -1;
	}
	cJSON_free(printed);
	cJSON_Delete(registry);
	pki_identity_done(&ca);
	return rc;
}

int init_run(const struct init_options *o)
{
	char path[2048];
	int rc = 0;

	struct seller_option *sellers = calloc(o->seller_count, sizeof *sellers);
	for (size_t i = 0; i < o->seller_count && sellers && rc == 0; i++) {
		if (!split_seller(o->sellers[i], &sellers[i])) {
			log_event("init-failed what=seller expected=MST:NAME:KEY5:FORMS given=\"%s\"", o->sellers[i]);
			rc = -1;
		}
	}
	str_printf(path, sizeof path, "%s/registry.json", o->dir);
	if (rc == 0 && access(path, F_OK) == 0) {
		log_event("init-failed what=exists path=%s", path);
		rc = -1;
	}
	if (rc == 0 && mkdir(o->dir, 0700) != 0 && (errno != EEXIST || chmod(o->dir, 0700) != 0)) {
		log_event("init-failed what=mkdir dir=%s error=%d", o->dir, errno);
		rc = -1;
	}
	if (rc == 0)
		rc = sellers ? fill_directory(o, sellers) : -1;
	free(sellers);
	return rc == 0 ? 0 : 1;
}
