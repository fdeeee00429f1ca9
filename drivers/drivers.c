#include "drivers/drivers.h"

#include <string.h>

const struct source_ops *const driver_sources[] = {
	&source_spool,
	NULL,
};

const struct line_source_ops *const driver_line_sources[] = {
	&source_tcp,
	&source_serial,
	&source_fifo,
	&source_gadget,
	NULL,
};

const struct printer_ops *const driver_printers[] = {
	&printer_tcp,
	&printer_serial,
	&printer_usb,
	NULL,
};

const struct dialect_ops *const driver_dialects[] = {
	&dialect_json,
	NULL,
};

const struct key_ops *const driver_keys[] = {
	&key_pkcs12,
	NULL,
};

const struct authority_ops *const driver_authorities[] = {
	&authority_tdiep,
	NULL,
};

const struct line_source_ops *driver_line_source(const char *name)
{
	for (size_t i = 0; driver_line_sources[i]; i++)
		if (strcmp(driver_line_sources[i]->name, name) == 0)
			return driver_line_sources[i];
	return NULL;
}

const struct printer_ops *driver_printer(const char *name)
{
	for (size_t i = 0; driver_printers[i]; i++)
		if (strcmp(driver_printers[i]->name, name) == 0)
			return driver_printers[i];
	return NULL;
}

const struct key_ops *driver_key(const char *name)
{
	for (size_t i = 0; driver_keys[i]; i++)
		if (strcmp(driver_keys[i]->name, name) == 0)
			return driver_keys[i];
	return NULL;
}

const struct authority_ops *driver_authority(const char *name)
{
	for (size_t i = 0; driver_authorities[i]; i++)
		if (strcmp(driver_authorities[i]->name, name) == 0)
			return driver_authorities[i];
	return NULL;
}

const char *driver_standing_word(int standing)
{
	static const char *const words[] = {
#define X(name, word) word,
		PRINTER_STANDINGS(X)
#undef X
	};
	return standing >= 0 && standing < PRINTER_STANDING_COUNT ? words[standing] : "?";
}
