/* config_parts: what config.c and config_port.c share. For them alone. */
#ifndef HOADON_CORE_CONFIG_PARTS_H
#define HOADON_CORE_CONFIG_PARTS_H

#include "core/config.h"

#define DIGITS "0123456789"

struct maker {
	const struct option_set *set;
	struct arena *arena;
	struct fault *fault;
};

/* NULL for what is empty. */
static inline const char *text_of(const struct maker *maker, const char *section, const char *name, const char *key)
{
	const char *text = options_text(maker->set, section, name, key);

	return text && text[0] != '\0' ? text : NULL;
}

/* Says where the wrong value stands. */
static inline int refuse(
	const struct maker *maker, const char *section, const char *name, const char *key, const char *why)
{
	const struct option_value *value = options_get(maker->set, section, name, key);

	return FAULT(maker->fault, FAULT_CONFIG, "%s:%d: [%s%s%s] %s: %s", value ? value->file : "built-in",
		value ? value->line : 0, section, name[0] != '\0' ? " " : "", name, key, why);
}

/* Sections [@section NAME]. */
static inline size_t count_names(const struct option_set *set, const char *section)
{
	size_t count = 0;

	while (options_name(set, section, count))
		count++;
	return count;
}

/** make_ports() - the sections [port NAME], the seller of @config being known. 0, FAULT_CONFIG with the first wrong value, FAULT_MEMORY. Thread: any. */
int make_ports(const struct maker *maker, struct config *config) MUST_CHECK;

#endif
