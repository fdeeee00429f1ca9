#include <arpa/inet.h>
#include <string.h>

#include "base/file.h"
#include "base/log.h"
#include "core/neighbour.h"
#include "tap_parts.h"

/* Of who is let in: the kernel has just answered it. 0 where it is none of our own network's. */
static uint64_t card_of(uint32_t ip)
{
	CLEANUP(bytes_done) struct bytes table;
	struct fault fault = {0};
	bytes_init(&table, NEIGHBOUR_TABLE_MAX);
	if (file_read(NEIGHBOUR_TABLE, &table, &fault) == 0 && table.len)
		return neighbour_find((const char *)table.data, ip);
	log_fault("neighbours-not-read", &fault);
	return 0;
}

static bool knows_cards(const struct config_port *config)
{
	size_t i = 0;
	while (i < config->peer_count && !config->peers[i].mac)
		i++;
	return i < config->peer_count;
}

bool peer_is_known(const struct tap_port *port, const char *peer)
{
	struct in_addr address;
	if (!peer[0]) /* nobody else is at this line */
		return true;
	if (inet_pton(AF_INET, peer, &address) != 1)
		return false;
	uint32_t ip = ntohl(address.s_addr);
	return config_port_knows(port->config, ip, 0) ||
	       (knows_cards(port->config) && config_port_knows(port->config, ip, card_of(ip)));
}

bool peer_is_crowded(const struct tap_port *port)
{
	int count = 0;
	for (const struct tap_till *till = port->tills; till; till = till->next)
		count += !till->is_known && till->fd >= 0;
	return count >= TAP_UNKNOWN_MAX;
}

struct tap_till *peer_parted(const struct tap_port *port, const char *peer)
{
	struct tap_till *till = port->tills;
	while (till && (!till_is_parted(till) || strcmp(till->peer, peer) != 0))
		till = till->next;
	return till;
}
