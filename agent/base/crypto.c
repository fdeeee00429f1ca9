#include "base/crypto.h"

#include <openssl/err.h>

int crypto_fault(struct fault *fault, const char *what)
{
	char reason[120];
	unsigned long error = ERR_get_error();

	ERR_error_string_n(error, reason, sizeof(reason));
	ERR_clear_error();
	return FAULT(fault, FAULT_CRYPTO, "%s: %s", what, error ? reason : "no reason given");
}

int crypto_no_passphrase(char *buffer, int size, int is_writing, void *context)
{
	(void)buffer, (void)size, (void)is_writing, (void)context;
	return -1;
}
