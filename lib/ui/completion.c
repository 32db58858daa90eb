/*
 * A table says which verbs are legal in which state, as RFC 5321 §4.1.4 has it. Completing a whole
 * line instead of a word lets one rule, "begins like what is typed", serve verbs, addresses and
 * parameters alike.
 */
#include "ui/completion.h"

#include <glob.h>
#include <stdlib.h>
#include <string.h>

#include "base/ascii.h"
#include "base/buf.h"
#include "base/mem.h"
#include "ui/commands.h"

enum { MATCHES_MAX = 100, LINE_MAX_BYTES = 2048 };

struct matches {
	struct span typed;
	char **list;
	size_t count, room;
};

static void offer(struct matches *m, const char *line)
{
	struct span s = span_of(line);

	if (m->count == MATCHES_MAX || !span_starts_nocase(s, m->typed) || s.n == m->typed.n)
		return;
	for (size_t i = 0; i < s.n; i++)
		if (s.p[i] < 0x20 || s.p[i] > 0x7e)
			return;
	for (size_t i = 0; i < m->count; i++)
		if (strcmp(m->list[i], line) == 0)
			return;
	m->list = mem_grow(m->list, m->count + 1, &m->room, sizeof(*m->list));
	m->list[m->count++] = mem_dup(line);
	m->list[m->count] = NULL;
}

static void offer_parts(struct matches *m, const char *a, const char *b, const char *c)
{
	struct buf line;

	buf_init(&line, LINE_MAX_BYTES);
	buf_addf(&line, "%s%s%s", a, b, c);
	if (!line.full)
		offer(m, line.data);
	buf_release(&line);
}

/* Never shorter than what is typed. */
static char *common(const struct matches *m)
{
	size_t n = strlen(m->list[0]);

	for (size_t i = 1; i < m->count; i++)
		while (n > 0 && !span_starts_nocase(span_of(m->list[i]), span_from(m->list[0], n)))
			n--;
	return n > m->typed.n ? mem_dupn(m->list[0], n) : mem_dupn(m->typed.p, m->typed.n);
}

static char **finish(struct matches *m)
{
	char **result;

	if (m->count < 2)
		return m->list;
	result = mem_zero((m->count + 2) * sizeof(*result));
	result[0] = common(m);
	memcpy(result + 1, m->list, m->count * sizeof(*result));
	free(m->list);
	return result;
}

/* --- local commands --- */

/* Files whose path begins as typed; a pattern's signs in it stand for themselves. */
static void offer_files(struct matches *m, const char *head)
{
	struct span typed = span_skip(m->typed, strlen(head));
	struct buf pattern;
	glob_t found;

	buf_init(&pattern, LINE_MAX_BYTES);
	for (size_t i = 0; i < typed.n; i++)
		buf_addf(&pattern, "%s%c", strchr("*?[]\\", typed.p[i]) ? "\\" : "", typed.p[i]);
	buf_addch(&pattern, '*');
	if (!pattern.full && glob(pattern.data, GLOB_MARK, NULL, &found) == 0) {
		for (size_t i = 0; i < found.gl_pathc; i++)
			offer_parts(m, head, found.gl_pathv[i], "");
		globfree(&found);
	}
	buf_release(&pattern);
}

static void offer_arguments(struct matches *m, const char *slash, const struct command_row *row)
{
	struct buf head;

	buf_init(&head, 64);
	buf_addf(&head, "%s%s ", slash, row->name);
	for (size_t i = 0; row->completer == COMMANDS_COMMAND && commands_row(i); i++)
		offer_parts(m, head.data, commands_row(i)->name, "");
	for (size_t i = 0; row->completer == COMMANDS_SETTING && local_setting(i); i++)
		offer_parts(m, head.data, local_setting(i), " ");
	for (int v = SMTP_VERB_HELO; row->completer == COMMANDS_TOPIC && v < SMTP_VERB_COUNT; v++)
		if (ascii_is_upper(smtp_verb_info(v)->name[0]))
			offer_parts(m, head.data, smtp_verb_info(v)->name, "");
	if (row->completer == COMMANDS_FILE && span_starts_nocase(m->typed, buf_span(&head)))
		offer_files(m, head.data);
	buf_release(&head);
}

char **completion_commands(struct span typed, bool bare)
{
	const char *slash = bare && !span_starts(typed, SPAN("/")) ? "" : "/";
	struct matches m = {.typed = typed};

	for (size_t i = 0; commands_row(i); i++) {
		const struct command_row *row = commands_row(i);

		if (span_find(typed, ' ') < typed.n)
			offer_arguments(&m, slash, row);
		else
			offer_parts(&m, slash, row->name, row->arguments[0] ? " " : "");
	}
	return finish(&m);
}

/* --- SMTP --- */

#define IN(STATE) (1u << SMTP_STATE_##STATE)
#define OPEN      (IN(GREETED) | IN(READY) | IN(MAIL) | IN(RCPT))

static const struct {
	const char *line;
	unsigned states;
	const char *keyword; /* offered only when the server did; NULL: always */
} verbs[] = {
        {"HELO ", IN(GREETED) | IN(READY), NULL},
        {"EHLO ", IN(GREETED) | IN(READY), NULL},
        {"MAIL FROM:<", IN(READY), NULL},
        {"RCPT TO:<", IN(MAIL) | IN(RCPT), NULL},
        {"DATA", IN(RCPT), NULL},
        {"BDAT ", IN(RCPT), "CHUNKING"},
        {"STARTTLS", IN(READY), "STARTTLS"},
        {"AUTH ", IN(READY), "AUTH"},
        {"RSET", OPEN, NULL},
        {"NOOP", OPEN, NULL},
        {"VRFY ", OPEN, NULL},
        {"EXPN ", OPEN, NULL},
        {"HELP", OPEN, NULL},
        {"ETRN ", IN(READY), "ETRN"},
        {"QUIT", OPEN | IN(LEAVING), NULL},
};

static void offer_addresses(struct matches *m, const struct explain_context *c)
{
	const struct smtp_envelope *e = c->envelope;

	if (c->state == SMTP_STATE_READY) {
		offer_parts(m, "MAIL FROM:<", e && e->sender ? e->sender : "", ">");
		if (c->me && strchr(c->me, '.'))
			offer_parts(m, "MAIL FROM:<you@", c->me, ">");
	}
	if (c->state != SMTP_STATE_MAIL && c->state != SMTP_STATE_RCPT)
		return;
	if (c->mailbox)
		offer_parts(m, "RCPT TO:<", c->mailbox, ">");
	for (size_t i = 0; e && i < e->count; i++)
		offer_parts(m, "RCPT TO:<", e->recipients[i].address, ">");
}

static void offer_parameter(struct matches *m, const struct smtp_capabilities *caps,
                            const char *keyword, const char *parameter)
{
	struct span head = m->typed;
	struct buf line;

	if (!smtp_capability_find(caps, keyword))
		return;
	while (head.n && head.p[head.n - 1] != ' ')
		head.n--;
	buf_init(&line, LINE_MAX_BYTES);
	buf_addspan(&line, head);
	buf_addstr(&line, parameter);
	if (!line.full)
		offer(m, line.data);
	buf_release(&line);
}

/* After "MAIL FROM:<…> " and "RCPT TO:<…> ": what this server said it takes. */
static void offer_parameters(struct matches *m, const struct smtp_capabilities *caps)
{
	static const struct {
		const char *verb, *keyword, *parameter;
	} known[] = {
	        {"MAIL", "SIZE", "SIZE="},
	        {"MAIL", "8BITMIME", "BODY=8BITMIME"},
	        {"MAIL", "SMTPUTF8", "SMTPUTF8"},
	        {"MAIL", "DSN", "RET=HDRS"},
	        {"MAIL", "DSN", "RET=FULL"},
	        {"MAIL", "DSN", "ENVID="},
	        {"RCPT", "DSN", "NOTIFY=SUCCESS"},
	        {"RCPT", "DSN", "NOTIFY=FAILURE"},
	        {"RCPT", "DSN", "NOTIFY=NEVER"},
	        {"RCPT", "DSN", "ORCPT=rfc822;"},
	        {"MAIL", "REQUIRETLS", "REQUIRETLS"},
	};
	size_t close = span_find(m->typed, '>');

	if (!caps || close + 1 >= m->typed.n || m->typed.p[close + 1] != ' ')
		return;
	for (size_t i = 0; i < sizeof(known) / sizeof(*known); i++)
		if (span_starts_nocase(m->typed, span_of(known[i].verb)))
			offer_parameter(m, caps, known[i].keyword, known[i].parameter);
}

static void offer_mechanisms(struct matches *m, const struct smtp_capabilities *caps)
{
	const struct smtp_capability *auth = caps ? smtp_capability_find(caps, "AUTH") : NULL;
	struct span rest = span_of(auth ? auth->argument : NULL);

	while (rest.n) {
		struct span word = span_word(&rest);
		char *name = mem_dupn(word.p, word.n);

		offer_parts(m, "AUTH ", name, "");
		free(name);
	}
}

char **completion_smtp(struct span typed, const struct explain_context *c)
{
	struct matches m = {.typed = typed};

	for (size_t i = 0; i < sizeof(verbs) / sizeof(*verbs); i++) {
		if (!((verbs[i].states >> c->state) & 1u))
			continue;
		if (verbs[i].keyword &&
		    (!c->capabilities || !smtp_capability_find(c->capabilities, verbs[i].keyword)))
			continue;
		offer(&m, verbs[i].line);
	}
	if (c->me && (c->state == SMTP_STATE_GREETED || c->state == SMTP_STATE_READY) &&
	    span_find(typed, ' ') < typed.n) {
		offer_parts(&m, "HELO ", c->me, "");
		offer_parts(&m, "EHLO ", c->me, "");
	}
	if (span_find(typed, ':') < typed.n) {
		offer_addresses(&m, c);
		offer_parameters(&m, c->capabilities);
	}
	if (c->state == SMTP_STATE_READY)
		offer_mechanisms(&m, c->capabilities);
	return finish(&m);
}
