/* rules_data: schemas/rules built into the program; the files are embedded by the build. */
#ifndef HOADON_RULES_DATA_H
#define HOADON_RULES_DATA_H

extern const char rules_holidays[]; /* holidays.csv */
extern const char rules_holidays_end[];

#endif
