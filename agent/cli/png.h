/* png: a picture of one bit for each dot as a PNG file. */
#ifndef HOADON_CLI_PNG_H
#define HOADON_CLI_PNG_H

#include "base/bytes.h"
#include "capture/paper.h"

/**
 * png_write() - @picture as a PNG file, black on white, not compressed
 * @out: appended to; a maximum reached is sticky (bytes_check())
 *
 * Thread: any. Source: W3C PNG (third edition), sections 5 and 11; RFC 1950 and 1951 for stored blocks.
 */
void png_write(const struct paper_picture *picture, struct bytes *out);

#endif
