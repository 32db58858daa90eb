/*
 * options_table: one row for each option; private to options.c and its help.
 *
 * A new option is a row here, a field in struct options and an entry in the manual page.
 */
#ifndef UI_OPTIONS_TABLE_H
#define UI_OPTIONS_TABLE_H

#include "ui/options.h"

enum option_kind {
	KIND_FLAG,   /* int: 0 or 1 */
	KIND_VALUE,  /* int: `low` when the flag is given */
	KIND_NUMBER, /* int */
	KIND_CHOICE, /* int: the place in `choices` */
	KIND_TEXT,   /* char *: the last one given */
	KIND_LIST,   /* struct options_list: all that are given */
};

struct option_row {
	const char *name;
	int letter; /* 0: none */
	enum option_kind kind;
	const char *argument; /* NULL: takes none */
	size_t offset;        /* of the field in struct options */
	int low, high;        /* KIND_NUMBER: the range; KIND_VALUE: low is what the flag sets */
	const char *const *choices;
	unsigned commands; /* a bit for each command that takes it: 1 << OPTIONS_REPLAY */
	const char *help;
};

size_t option_row_count(void);
const struct option_row *option_row_at(size_t i); /* NULL past the end */
const char *option_row_name(size_t i);
const struct option_row *option_row_find(struct span name); /* NULL: there is none */
const struct option_row *option_row_letter(char c);

#endif
