#include "core/serial.h"

#include <stddef.h>
#include <string.h>

#include "base/cleanup.h"

#define PARTS_MAX 5 /* device, baud, bits, flow, blocks */

static const struct {
	const char *word;
	speed_t speed;
} speeds[] = {{"1200", B1200}, {"2400", B2400}, {"4800", B4800}, {"9600", B9600}, {"19200", B19200}, {"38400", B38400},
	{"57600", B57600}, {"115200", B115200}, {"230400", B230400}};

static const char *const flows[] = {"none", "rtscts", "xonxoff"};

static bool read_speed(const char *text, struct serial_line *line)
{
	for (size_t i = 0; i < ARRAY_LEN(speeds); i++)
		if (strcmp(text, speeds[i].word) == 0) {
			line->speed = speeds[i].speed;
			return true;
		}
	return false;
}

static bool read_bits(const char *text, struct serial_line *line)
{
	if (strlen(text) != 3 || !strchr("78", text[0]) || !strchr("NEO", text[1]) || !strchr("12", text[2]))
		return false;
	line->data_bits = text[0] - '0';
	line->parity = text[1];
	line->stop_bits = text[2] - '0';
	return true;
}

static bool read_flow(const char *text, struct serial_line *line)
{
	for (size_t i = 0; i < ARRAY_LEN(flows); i++)
		if (strcmp(text, flows[i]) == 0) {
			line->flow = (enum serial_flow)i;
			return true;
		}
	return false;
}

bool serial_read(const char *text, struct serial_line *ret)
{
	struct serial_line line = {
		.speed = B9600, .data_bits = 8, .parity = 'N', .stop_bits = 1, .flow = SERIAL_FLOW_NONE};
	char copy[SERIAL_DEVICE_MAX + 40], *rest = copy;
	const char *parts[PARTS_MAX] = {0};
	size_t count = 0;

	if (text[0] != '/' || strlen(text) >= sizeof(copy))
		return false;
	strcpy(copy, text);
	while (rest && count < PARTS_MAX)
		parts[count++] = strsep(&rest, ",");
	if (rest || strlen(parts[0]) >= sizeof(line.device))
		return false;
	strcpy(line.device, parts[0]);
	if ((parts[1] && !read_speed(parts[1], &line)) || (parts[2] && !read_bits(parts[2], &line)) ||
		(parts[3] && !read_flow(parts[3], &line)) || (parts[4] && strcmp(parts[4], "stx") != 0))
		return false;
	line.is_framed = parts[4];
	*ret = line;
	return true;
}
