#include "drivers/tcp.h"

#include <netdb.h>
#include <stdbool.h>
#include <string.h>
#include <sys/socket.h>

int tcp_address(const char *where, struct addrinfo **ret, struct fault *fault)
{
	static const struct addrinfo hints = {.ai_flags = AI_NUMERICHOST | AI_NUMERICSERV, .ai_socktype = SOCK_STREAM};
	char host[128];
	const char *port = strrchr(where, ':');
	bool is_bracketed = where[0] == '[' && port && port > where + 1 && port[-1] == ']';
	const char *start = is_bracketed ? where + 1 : where;
	size_t len = port ? (size_t)(port - start) - is_bracketed : 0;
	if (len == 0 || len >= sizeof(host) || port[1] == '\0' || (!is_bracketed && memchr(start, ':', len)))
		return FAULT(fault, FAULT_CONFIG, "\"%s\" is not ADDRESS:PORT, for example 192.168.1.20:9100", where);
	memcpy(host, start, len);
	host[len] = '\0';
	int result = getaddrinfo(host, port + 1, &hints, ret);
	if (result == 0)
		return 0;
	return FAULT(fault, FAULT_CONFIG, "\"%s\" is not a numeric ADDRESS:PORT: %s", where, gai_strerror(result));
}
