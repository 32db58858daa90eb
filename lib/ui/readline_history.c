/*
 * The list belongs to readline, which has one; the file is written by history.c, line by line.
 */
#include "ui/readline_history.h"

#include <stdio.h> /* history.h needs FILE */

#include <readline/history.h>
#include <stdlib.h>
#include <string.h>

#include "base/mem.h"
#include "ui/history.h"

enum { HISTORY_LINES = 1000 };

static char *file;

void readline_history_load(const char *path)
{
	using_history();
	stifle_history(HISTORY_LINES);
	free(file);
	file = mem_dup(path);
	if (!file)
		return;
	read_history(file);
	history_truncate_file(file, HISTORY_LINES);
}

void readline_history_forget(void)
{
	free(file);
	file = NULL;
}

void readline_history_add(struct input *in, struct span line)
{
	char *text = mem_dupn(line.p, line.n);
	HIST_ENTRY *last = history_length ? history_get(history_base + history_length - 1) : NULL;

	(void)in;
	if (*text && (!last || strcmp(last->line, text) != 0)) {
		add_history(text);
		if (file)
			history_append(file, line);
	}
	free(text);
}

void readline_history_each(struct input *in, void (*fn)(void *arg, const char *line), void *arg)
{
	(void)in;
	for (int i = 0; i < history_length; i++)
		fn(arg, history_get(history_base + i)->line);
}
