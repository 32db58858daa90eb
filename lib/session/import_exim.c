/*
 * The client scripts of Exim's test suite say what is sent and how each *line* of the server
 * begins:
 *
 *     ??? 250        the next line begins so          ????250  it may come or not
 *     ???*           the server closes                +++ 2    wait two seconds
 *     >>> text       sent without line end            <<< file the file's bytes are sent
 *     ****           the end of the script            \r \n \xHH in lines that are sent
 */
#include <stdio.h>

#include "base/escape.h"
#include "session/import_state.h"

enum { SCRIPT_BEGIN, SCRIPT_RUN, SCRIPT_OVER };

/* What stands at a backslash: how many bytes it took. */
static size_t take_escape(struct span s, struct buf *out)
{
	size_t taken = escape_decode(span_skip(s, 1), out);

	if (taken == 0)
		buf_addch(out, '\\');
	return 1 + taken;
}

static void add_sent(struct import_scan *s, struct span text, bool line_end)
{
	bool escapes = span_find(text, '\\') < text.n;
	struct buf out;

	buf_init_secret(&out, text.n + 4);
	while (text.n > 0) {
		size_t plain = span_find(text, '\\');

		buf_add(&out, text.p, plain);
		text = span_skip(text, plain);
		if (text.n > 0)
			text = span_skip(text, take_escape(text, &out));
	}
	if (escapes && line_end)
		buf_addstr(&out, "\r\n");
	import_add(s, escapes || !line_end ? IMPORT_BYTES : IMPORT_LEFT, buf_span(&out));
	buf_release(&out);
}

static void add_pause(struct import_scan *s, struct span text)
{
	unsigned long seconds = 0;
	char ms[32];

	span_number(span_word(&text), 3600, &seconds);
	snprintf(ms, sizeof(ms), "%lu", seconds * 1000);
	import_add(s, IMPORT_PAUSE, span_of(ms));
}

static void take_script_line(struct import_scan *s, struct span line)
{
	if (span_starts(line, SPAN("????")))
		import_add(s, IMPORT_OPTIONAL, span_trim_left(span_skip(line, 4)));
	else if (span_starts(line, SPAN("???*")))
		import_add(s, IMPORT_CLOSED, span_first(line, 0));
	else if (span_starts(line, SPAN("???")))
		import_add(s, IMPORT_RIGHT,
		           span_skip(line, span_starts(line, SPAN("??? ")) ? 4 : 3));
	else if (span_starts(line, SPAN("+++ ")))
		add_pause(s, span_skip(line, 4));
	else if (span_starts(line, SPAN(">>> ")))
		add_sent(s, span_skip(line, 4), false);
	else if (span_starts(line, SPAN("<<< ")))
		import_add(s, IMPORT_NO_MESSAGE, span_first(line, 0));
	else
		add_sent(s, line, true);
}

static bool waits(struct span line)
{
	return span_starts(line, SPAN("???"));
}

bool import_read_exim_script(struct import_scan *s, struct span line)
{
	if (s->state == SCRIPT_BEGIN && waits(line))
		s->state = SCRIPT_RUN;
	if (s->state == SCRIPT_RUN && span_eq(line, SPAN("****")))
		s->state = SCRIPT_OVER;
	if (s->state == SCRIPT_RUN)
		take_script_line(s, line);
	else if (span_starts(line, SPAN("client")) || span_eq(line, SPAN("****")))
		import_note(s);
	else
		import_stray(s);
	return true;
}
