/* neighbour: which card (MAC) has an address of the local network, out of the kernel's table. Pure. */
#ifndef HOADON_CORE_NEIGHBOUR_H
#define HOADON_CORE_NEIGHBOUR_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "base/cleanup.h"

#define NEIGHBOUR_TABLE	    "/proc/net/arp"
#define NEIGHBOUR_TABLE_MAX ((size_t)1 << 20)

/** neighbour_read() - the card "aa:bb:cc:dd:ee:ff" (@len bytes, either case) as a number of 48 bits; false when @text is none, or all zeros. Thread: any. */
bool neighbour_read(const char *text, size_t len, uint64_t *ret) MUST_CHECK;

/**
 * neighbour_find() - the card that has address @ip
 * @table: what NEIGHBOUR_TABLE says, NUL-terminated
 * @ip:    IPv4 in the machine's byte order
 *
 * Who is behind a router has no row.
 *
 * Return: 48 bits; 0 when it is not known, or two networks of the machine each have another one. Thread: any. Source: proc(5), net/arp.
 */
uint64_t neighbour_find(const char *table, uint32_t ip);

#endif
