/* json_gate_cli: documents on stdin, each behind its length (4 bytes, big-endian); one byte enum json_result each on stdout. */
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>

#include "base/json_gate.h"

#define DOCUMENT_MAX ((uint32_t)16 << 20)

int main(void)
{
	uint8_t head[4];

	while (fread(head, 1, sizeof(head), stdin) == sizeof(head)) {
		uint32_t len = (uint32_t)head[0] << 24 | (uint32_t)head[1] << 16 | (uint32_t)head[2] << 8 | head[3];
		/* Exactly as long as the document, so that a sanitizer sees a read behind its end. */
		char *text = len <= DOCUMENT_MAX ? malloc(len > 0 ? len : 1) : NULL;

		if (!text || fread(text, 1, len, stdin) != len) {
			free(text);
			return 1;
		}
		putchar(json_gate(text, len, &json_limits_default, NULL, NULL));
		free(text);
	}
	return fflush(stdout) == 0 ? 0 : 1;
}
