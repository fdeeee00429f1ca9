/* learn_tesseract: the text of a picture as tesseract reads it, a program of its own that may not be installed. */
#ifndef HOADON_CLI_LEARN_TESSERACT_H
#define HOADON_CLI_LEARN_TESSERACT_H

#include "cli/cli.h"
#include "cli/learn_pictures.h"

/**
 * learn_tesseract() - what tesseract reads on each line of @bill, into its texts; it may be wrong
 *
 * Return: 0; CLI_FAILURE after saying that tesseract is not there and how it is installed; < 0.
 * Source: tesseract(1) of Debian's tesseract-ocr, output tsv.
 */
int learn_tesseract(struct learn_picture *bill, const struct cli *cli, struct fault *fault) MUST_CHECK;

#endif
