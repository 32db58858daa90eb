/*
 * Readline completes words and would offer file names; here a completion is the whole line, and
 * several of them are shown as a remark above the prompt.
 */
#include "ui/readline_completion.h"

#include <stdio.h> /* readline.h needs FILE */

#include <readline/readline.h>

#include "base/buf.h"

enum { LIST_MAX = 16 << 10 };

static const struct input_handler *handler;
static void *handler_arg;
static const bool *is_local;

static char **attempt(const char *text, int start, int end)
{
	(void)start;
	rl_attempted_completion_over = 1; /* else it offers file names */
	rl_completion_append_character = '\0';
	return handler->complete(handler_arg, span_from(text, (size_t)end), *is_local);
}

static void list_matches(char **matches, int count, int longest)
{
	struct buf text;

	(void)longest;
	buf_init(&text, LIST_MAX);
	for (int i = 1; i <= count; i++)
		buf_addf(&text, "%s%s", i > 1 ? "   " : "", matches[i]);
	handler->remark(handler_arg, text.data);
	buf_release(&text);
}

void readline_completion_use(const struct input_handler *h, void *arg, const bool *local)
{
	handler = h;
	handler_arg = arg;
	is_local = local;
	rl_completer_word_break_characters = ""; /* a completion is a whole line */
	rl_sort_completion_matches = 0;
	rl_attempted_completion_function = attempt;
	rl_completion_display_matches_hook = list_matches;
}
