/*
 * Lines are made whole when they are written: whoever reads the log reads what syslog would have
 * written then.
 */
#include "practice/maillog.h"

#include <stdarg.h>
#include <stdlib.h>
#include <string.h>

#include "base/mem.h"
#include "practice/world_state.h"

#define LINES_MAX 20000

static const struct {
	const char *tag;
	unsigned pid;
} daemons[DAEMON_COUNT] = {
        [DAEMON_SMTPD] = {"smtpd", 2101},
        [DAEMON_CLEANUP] = {"cleanup", 2104},
        [DAEMON_QMGR] = {"qmgr", 988},
        [DAEMON_SMTP] = {"smtp", 2106},
        [DAEMON_RELAY] = {"relay/smtp", 2107},
        [DAEMON_LOCAL] = {"local", 2108},
        [DAEMON_VIRTUAL] = {"virtual", 2109},
        [DAEMON_ERROR] = {"error", 2110},
        [DAEMON_DISCARD] = {"discard", 2111},
        [DAEMON_BOUNCE] = {"bounce", 2112},
        [DAEMON_POSTSUPER] = {"postsuper", 2113},
};

static void forget_oldest(struct maillog *l)
{
	l->bytes -= strlen(l->lines[l->first]);
	free(l->lines[l->first]);
	l->first++;
	l->gone++;
	if (l->first < l->count - l->first)
		return;
	l->count -= l->first;
	memmove(l->lines, l->lines + l->first, l->count * sizeof *l->lines);
	l->first = 0;
}

static void keep(struct maillog *l, char *line)
{
	l->lines = mem_grow(l->lines, l->count, &l->room, sizeof *l->lines);
	l->lines[l->count++] = line;
	l->bytes += strlen(line);
	while (l->bytes > MAILLOG_MAX || l->count - l->first > LINES_MAX)
		forget_oldest(l);
}

void maillog_add(struct world *w, const struct world_host *h, enum mail_daemon d, unsigned pid,
                 const char *format, ...)
{
	struct buf line, text;
	va_list args;

	buf_init(&line, MAILLOG_LINE_MAX + 400);
	buf_init(&text, WORLD_TEXT_MAX);
	va_start(args, format);
	buf_vaddf(&text, format, args);
	va_end(args);
	world_date_log(world_time(w), &line);
	buf_addf(&line, " %s postfix/%s[%u]: ", h->name, daemons[d].tag,
	         pid ? pid : daemons[d].pid);
	for (size_t i = 0; i < text.len; i++)
		if ((unsigned char)text.data[i] < ' ' || text.data[i] == 0x7f)
			text.data[i] = '?';
	buf_addspan(&line, span_first(buf_span(&text), MAILLOG_LINE_MAX));
	buf_release(&text);
	keep(&w->log, buf_take(&line));
	buf_release(&line);
}

void maillog_release(struct maillog *l)
{
	for (size_t i = l->first; i < l->count; i++)
		free(l->lines[i]);
	free(l->lines);
	*l = (struct maillog){0};
}

/* The word stands in the line between characters that names and ids do not have. */
static bool is_about(const char *line, const char *word)
{
	size_t n = strlen(word);

	for (const char *at = strstr(line, word); n > 0 && at; at = strstr(at + 1, word))
		if ((at == line || strchr(" :<[(@=", at[-1])) &&
		    (!at[n] || strchr(" :,;>[])", at[n])))
			return true;
	return false;
}

size_t world_log_written(const struct world *w)
{
	return w->log.gone + w->log.count - w->log.first;
}

void world_each_log_line(const struct world *w, size_t from, const char *about,
                         void (*fn)(void *arg, const char *line), void *arg)
{
	size_t i = w->log.first + (from > w->log.gone ? from - w->log.gone : 0);

	for (; i < w->log.count; i++)
		if (!about || is_about(w->log.lines[i], about))
			fn(arg, w->log.lines[i]);
}

bool world_log_has(const struct world *w, const char *id, const char *text)
{
	for (size_t i = w->log.first; i < w->log.count; i++)
		if ((!id || is_about(w->log.lines[i], id)) && strstr(w->log.lines[i], text))
			return true;
	return false;
}
