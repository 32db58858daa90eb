/*
 * A line is looked at twice: once to find out whether it can stand in a file as it is, once to
 * write it. Both look at the pieces that are left between references, since a secret may begin
 * inside a character.
 */
#include "session/writer.h"

#include "base/display.h"
#include "base/escape.h"
#include "base/utf8.h"
#include "session/redact.h"

struct line_writer {
	struct session_writer *w;
	bool raw;
};

/* How many bytes of the character at the start may be written as they are; 0: none. */
static size_t readable(struct span s)
{
	uint32_t cp;
	size_t n = utf8_decode(s, &cp);

	return n > 0 && display_allows(cp, DISPLAY_TAB) ? n : 0;
}

static void judge_piece(void *arg, struct span piece, enum session_piece kind)
{
	struct line_writer *l = arg;
	size_t n;

	l->w->lost += kind == SESSION_PIECE_LOST;
	while (kind == SESSION_PIECE_TEXT && !l->raw && piece.n > 0) {
		n = readable(piece);
		l->raw = n == 0;
		piece = span_skip(piece, n);
	}
}

/* The reader would take it for a step. */
static bool looks_like_step(struct span text)
{
	struct span t = span_trim(text);

	return t.n > 2 && t.p[0] == '<' && t.p[t.n - 1] == '>';
}

/* The variable with the longest value that stands at the start, or NULL. */
static const struct session_variable *named_at(const struct session_writer *w, struct span piece)
{
	const struct session_variable *best = NULL, *one;

	for (size_t i = 0; w->names && (one = session_vars_at(w->vars, i)) != NULL; i++) {
		if (one->value.len >= SESSION_NAMED_MIN &&
		    (!best || one->value.len > best->value.len) &&
		    span_starts(piece, buf_span(&one->value)))
			best = one;
	}
	return best;
}

/* Writes the first character of a piece, or the reference that stands for its start; how many bytes
 * it took. */
static size_t write_character(const struct line_writer *l, struct span piece)
{
	struct buf *out = l->w->out;
	size_t n = readable(piece);
	char c = piece.p[0], next = piece.n > 1 ? piece.p[1] : '$';
	const struct session_variable *named = named_at(l->w, piece);

	if (named) {
		buf_addf(out, "${%s}", named->name);
		return named->value.len;
	}

	if (l->raw && (n == 0 || c == '\\' || c == '\t')) {
		escape_add(out, c);
		return 1;
	}
	/* At the end of a piece a reference may follow. */
	if (l->w->vars && c == '$' && (next == '$' || next == '{'))
		buf_addch(out, '$');
	/* What cannot be shown stands in a text line only when a file already had it there. */
	n = n > 0 ? n : 1;
	buf_add(out, piece.p, n);
	return n;
}

static void write_piece(void *arg, struct span piece, enum session_piece kind)
{
	struct line_writer *l = arg;

	if (kind != SESSION_PIECE_TEXT)
		buf_addspan(l->w->out, piece);
	while (kind == SESSION_PIECE_TEXT && piece.n > 0)
		piece = span_skip(piece, write_character(l, piece));
}

static void write_line(struct session_writer *w, bool client, struct span line)
{
	struct line_writer l = {.w = w};
	bool whole = line.n >= 2 && line.p[line.n - 2] == '\r' && line.p[line.n - 1] == '\n';
	struct span text = span_first(line, whole ? line.n - 2 : line.n);

	session_redact_pieces(w->vars, text, judge_piece, &l);
	l.raw = l.raw || !whole || looks_like_step(text);
	buf_addf(w->out, "%c%c", client ? 'C' : 'S', l.raw ? '!' : ':');
	if (text.n > 0 || l.raw)
		buf_addch(w->out, ' ');
	session_redact_pieces(w->vars, text, write_piece, &l);
	if (l.raw && whole)
		buf_addstr(w->out, "\\r\\n");
	buf_addch(w->out, '\n');
}

int session_write_start(struct session_writer *w)
{
	if (w->vars)
		buf_addstr(w->out, "@smtptalk 1\n");
	return w->out->full ? -1 : 0;
}

int session_write_bytes(struct session_writer *w, bool client, struct span bytes)
{
	while (bytes.n > 0) {
		size_t n = span_find(bytes, '\n') + 1;

		write_line(w, client, span_first(bytes, n));
		bytes = span_skip(bytes, n);
	}
	return w->out->full ? -1 : 0;
}

int session_write_hidden(struct session_writer *w, struct span shown, struct span reference,
                         struct span end)
{
	struct line_writer l = {.w = w};

	session_redact_pieces(w->vars, shown, judge_piece, &l);
	l.raw = l.raw || !span_eq(end, SPAN("\r\n"));
	buf_addstr(w->out, l.raw ? "C! " : "C: ");
	session_redact_pieces(w->vars, shown, write_piece, &l);
	buf_addspan(w->out, reference);
	for (size_t i = 0; l.raw && i < end.n; i++)
		escape_add(w->out, end.p[i]);
	buf_addch(w->out, '\n');
	return w->out->full ? -1 : 0;
}

int session_write_text(struct session_writer *w, const struct session_step *s, bool raw)
{
	struct line_writer l = {.w = w, .raw = raw};
	size_t from = 0;

	for (size_t i = 0; i <= s->refs_count; i++) {
		size_t to = i < s->refs_count ? s->refs[i].at : s->len;

		if (to > from)
			session_redact_pieces(w->vars, span_from(s->text + from, to - from),
			                      write_piece, &l);
		if (i < s->refs_count)
			buf_addstr(w->out, s->refs[i].text);
		from = to;
	}
	return w->out->full ? -1 : 0;
}

int session_write_note(struct session_writer *w, struct span text)
{
	struct buf clean;

	buf_init(&clean, 1u << 20);
	session_redact(w->vars, text, &clean);
	for (struct span rest = buf_span(&clean); rest.p;) {
		struct span line = span_cut(&rest, '\n');

		if (!rest.p && line.n == 0)
			break;
		buf_addch(w->out, '#');
		if (line.n > 0)
			buf_addch(w->out, ' ');
		display_add(w->out, line, DISPLAY_TAB);
		buf_addch(w->out, '\n');
	}
	buf_release(&clean);
	return w->out->full ? -1 : 0;
}

/* --- steps --- */

static const char *const step_names[SESSION_STEP_COUNT] = {
        [SESSION_OPEN] = "open",    [SESSION_CLOSE] = "close",     [SESSION_RESET] = "reset",
        [SESSION_SLEEP] = "sleep",  [SESSION_NOTHING] = "nothing", [SESSION_STALL] = "stall",
        [SESSION_MESSAGE] = "file",
};

static void write_duration(struct buf *out, int64_t ms)
{
	if (ms % 1000 == 0)
		buf_addf(out, " %lds", (long)(ms / 1000));
	else
		buf_addf(out, " %ldms", (long)ms);
}

int session_write_step(struct session_writer *w, const struct session_step *s)
{
	struct line_writer l = {.w = w};

	if (s->type == SESSION_TLS) {
		buf_addf(w->out, "C & S: <negotiate TLS%s>\n", s->verify ? "" : " verify=no");
		return w->out->full ? -1 : 0;
	}
	buf_addf(w->out, "%c: <%s", s->client ? 'C' : 'S', step_names[s->type]);
	if (s->type == SESSION_SLEEP || s->type == SESSION_NOTHING || s->type == SESSION_STALL)
		write_duration(w->out, s->ms);
	if (s->len > 0) {
		buf_addch(w->out, ' ');
		session_redact_pieces(w->vars, span_from(s->text, s->len), write_piece, &l);
	}
	buf_addstr(w->out, ">\n");
	return w->out->full ? -1 : 0;
}

int session_write_set(struct session_writer *w, struct span name, struct span value)
{
	struct line_writer l = {.w = w};

	buf_addf(w->out, "@set " SPAN_FMT " = ", SPAN_ARG(name));
	session_redact_pieces(w->vars, value, write_piece, &l);
	buf_addch(w->out, '\n');
	return w->out->full ? -1 : 0;
}
