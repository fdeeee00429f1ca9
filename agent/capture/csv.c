#include "capture/csv.h"

/* "" is a quote, and separators and line ends are letters. */
static int read_quoted(struct csv *csv, struct bytes *out)
{
	for (csv->at++; csv->at < csv->end; csv->at++) {
		if (*csv->at == '"') {
			if (++csv->at == csv->end || *csv->at != '"')
				return CSV_OK;
		}
		csv->line += *csv->at == '\n';
		bytes_char(out, *csv->at);
	}
	return CSV_OPEN;
}

int csv_value(struct csv *csv, struct bytes *out)
{
	int result = CSV_OK;

	bytes_clear(out);
	if (csv->at < csv->end && *csv->at == '"')
		result = read_quoted(csv, out);
	else
		for (; !csv_is_line_end(csv) && *csv->at != csv->separator; csv->at++) {
			if (*csv->at == '"')
				return CSV_INSIDE;
			bytes_char(out, *csv->at);
		}
	if (result == CSV_OK && !csv_is_line_end(csv) && *csv->at != csv->separator)
		result = CSV_BEHIND;
	return result;
}

bool csv_is_line_end(const struct csv *csv)
{
	return csv->at == csv->end || *csv->at == '\n' ||
	       (*csv->at == '\r' && (csv->at + 1 == csv->end || csv->at[1] == '\n'));
}

void csv_skip_line_ends(struct csv *csv)
{
	while (csv->at < csv->end && (*csv->at == '\n' || *csv->at == '\r'))
		csv->line += *csv->at++ == '\n';
}
