/* print_dialects: the table of printer languages, apart from the others: hoadon-reader holds no other driver. */
#include <string.h>

#include "drivers/drivers.h"

const struct print_dialect_ops *const driver_print_dialects[] = {
	&dialect_escpos,
	&dialect_star,
	&dialect_plain,
	&dialect_escp,
	NULL,
};

const struct print_dialect_ops *driver_print_dialect(const char *name)
{
	for (size_t i = 0; driver_print_dialects[i]; i++)
		if (strcmp(driver_print_dialects[i]->name, name) == 0)
			return driver_print_dialects[i];
	return NULL;
}
