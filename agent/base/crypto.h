/* crypto: what the files of agent/base that call OpenSSL share; for them alone. */
#ifndef HOADON_BASE_CRYPTO_H
#define HOADON_BASE_CRYPTO_H

#include "base/fault.h"

/** crypto_fault() - FAULT_CRYPTO: @what, and OpenSSL's reason, which is taken out of its queue. Return: FAULT_CRYPTO. Thread: any. */
int crypto_fault(struct fault *fault, const char *what);
/** crypto_no_passphrase() - a pem_password_cb that gives none: without it OpenSSL would ask the terminal for that of an encrypted key. Return: -1. Thread: any. */
int crypto_no_passphrase(char *buffer, int size, int is_writing, void *context);

#endif
