/*
 * A mail log holds the lines of many processes, one of which is taken: the first that speaks SMTP.
 *
 *     Nov  2 10:00:00 mx postfix/smtpd[26016]: > client.example[192.0.2.1]: 220 mx ESMTP
 *
 * The server process logs what it sends as ">", the client process does the same: so here too the
 * codes tell which side is which.
 */
#include <string.h>

#include "session/import_state.h"

/* The process id before "]: > "; *rest: what follows it. False when the line has not that form. */
static bool find_arrow(struct span line, unsigned long *process, char *arrow, struct span *rest)
{
	for (size_t i = 1; i + 5 < line.n; i++) {
		struct span here = span_skip(line, i);
		size_t from = i;

		if (!span_starts(here, SPAN("]: > ")) && !span_starts(here, SPAN("]: < ")))
			continue;
		while (from > 0 && line.p[from - 1] != '[')
			from--;
		*arrow = here.p[3];
		*rest = span_skip(here, 5);
		return span_number(span_first(span_skip(line, from), i - from), 99999999,
		                   process) == 0;
	}
	return false;
}

/* "client.example[192.0.2.1]:25: 220 x" without the host. */
static bool skip_host(struct span *rest)
{
	size_t close = span_find(*rest, ']');
	struct span s = span_skip(*rest, close + 1);
	size_t colon;

	if (close == rest->n || !span_starts(s, SPAN(":")))
		return false;
	colon = span_find(span_skip(s, 1), ':');
	if (span_skip(s, 1).n > 0 && s.p[1] >= '0' && s.p[1] <= '9' && colon < s.n - 1 &&
	    colon <= 5)
		s = span_skip(s, 1 + colon);
	s = span_skip(s, 1);
	*rest = span_skip(s, span_starts(s, SPAN(" ")));
	return true;
}

static bool says(struct span line, const char *text)
{
	return memmem(line.p, line.n, text, strlen(text)) != NULL;
}

bool import_read_postfix(struct import_scan *s, struct span line)
{
	unsigned long process;
	struct span rest;
	char arrow;

	if (!find_arrow(line, &process, &arrow, &rest) || !skip_host(&rest)) {
		if (s->process && says(line, "etting up TLS connection"))
			import_add(s, IMPORT_SECURE, span_first(line, 0));
		else
			import_stray(s);
		return true;
	}
	if (s->process == 0)
		s->process = process;
	if (process == s->process)
		import_add(s, arrow == '<' ? IMPORT_LEFT : IMPORT_RIGHT, rest);
	else
		import_stray(s);
	return true;
}
