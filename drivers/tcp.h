/* tcp: numeric addresses with a port, as both ends of a TCP line name them. For drivers only. */
#ifndef HOADON_DRIVERS_TCP_H
#define HOADON_DRIVERS_TCP_H

#include "base/fault.h"

struct addrinfo;

/**
 * tcp_address() - what @where means: "192.168.1.20:9100", "[fe80::1%eth0]:9100"
 * @ret: to be freed with freeaddrinfo()
 *
 * Names are not looked up: that would wait for a server.
 *
 * Return: 0; FAULT_CONFIG with a sentence. Thread: any.
 */
int tcp_address(const char *where, struct addrinfo **ret, struct fault *fault) MUST_CHECK;

#endif
