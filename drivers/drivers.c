#include "drivers/drivers.h"

const struct source_ops *const driver_sources[] = {
	&source_spool,
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
