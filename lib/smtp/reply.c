/*
 * The parser copies bytes up to the next LF, never past it and never past a limit, and judges a
 * line only when its end is there. So every byte is looked at a fixed number of times, and what it
 * gives cannot depend on how the bytes were cut. A line is judged as Postfix's client judges it:
 * three digits, then a blank, a hyphen or nothing; all else means that we no longer know what the
 * server is talking about.
 */
#include "smtp/reply.h"

#include <stdlib.h>
#include <string.h>

#include "base/ascii.h"
#include "base/mem.h"

#define LINE_NORMAL 512u /* RFC 5321 §4.5.3.1.5, line end included */

static const struct {
	const char *name;
	bool fatal;
	const char *text;
} faults[SMTP_REPLY_FAULT_COUNT] = {
#define X(NAME, name, fatal, text) {name, fatal, text},
        SMTP_REPLY_FAULTS(X)
#undef X
};

#define BIT(NAME) (1u << SMTP_REPLY_FAULT_##NAME)

const char *smtp_reply_fault_name(enum smtp_reply_fault f)
{
	return (unsigned)f < SMTP_REPLY_FAULT_COUNT ? faults[f].name : "";
}

const char *smtp_reply_fault_text(enum smtp_reply_fault f)
{
	return (unsigned)f < SMTP_REPLY_FAULT_COUNT ? faults[f].text : "";
}

bool smtp_reply_fault_fatal(enum smtp_reply_fault f)
{
	return (unsigned)f < SMTP_REPLY_FAULT_COUNT && faults[f].fatal;
}

void smtp_reply_init(struct smtp_reply *r)
{
	*r = (struct smtp_reply){0};
	buf_init(&r->raw, SMTP_REPLY_MAX);
}

void smtp_reply_release(struct smtp_reply *r)
{
	buf_release(&r->raw);
	free(r->lines);
	*r = (struct smtp_reply){0};
}

void smtp_reply_clear(struct smtp_reply *r)
{
	buf_clear(&r->raw);
	r->code = 0;
	r->enhanced = (struct smtp_enhanced){0};
	r->faults = 0;
	r->count = 0;
}

static void add_line(struct smtp_reply *r, size_t start, size_t len)
{
	if (r->count == r->room)
		r->lines = mem_grow(r->lines, r->count, &r->room, sizeof(*r->lines));
	r->lines[r->count++] = (struct smtp_reply_line){start, len};
}

void smtp_reply_copy(struct smtp_reply *to, const struct smtp_reply *from)
{
	smtp_reply_clear(to);
	to->code = from->code;
	to->enhanced = from->enhanced;
	to->faults = from->faults;
	buf_addspan(&to->raw, buf_span(&from->raw));
	for (size_t i = 0; i < from->count; i++)
		add_line(to, from->lines[i].start, from->lines[i].len);
}

struct span smtp_reply_line(const struct smtp_reply *r, size_t i)
{
	if (i >= r->count)
		return SPAN("");
	return span_from(r->raw.data + r->lines[i].start, r->lines[i].len);
}

static bool has_code(struct span line)
{
	return line.n >= 3 && ascii_is_digit(line.p[0]) && ascii_is_digit(line.p[1]) &&
	       ascii_is_digit(line.p[2]) && (line.n == 3 || line.p[3] == ' ' || line.p[3] == '-');
}

struct span smtp_reply_text(const struct smtp_reply *r, size_t i)
{
	struct span line = smtp_reply_line(r, i);

	return has_code(line) ? span_skip(line, 4) : line;
}

bool smtp_reply_fatal(const struct smtp_reply *r)
{
	for (unsigned f = 0; f < SMTP_REPLY_FAULT_COUNT; f++)
		if (faults[f].fatal && (r->faults >> f & 1u))
			return true;
	return false;
}

enum smtp_reply_class smtp_reply_class(const struct smtp_reply *r)
{
	if (smtp_reply_fatal(r) || r->code < 200 || r->code > 599)
		return SMTP_CLASS_BROKEN;
	return (enum smtp_reply_class)(SMTP_CLASS_2 + r->code / 100 - 2);
}

void smtp_reply_parser_init(struct smtp_reply_parser *p)
{
	*p = (struct smtp_reply_parser){0};
	smtp_reply_init(&p->reply);
}

void smtp_reply_parser_release(struct smtp_reply_parser *p)
{
	smtp_reply_release(&p->reply);
	*p = (struct smtp_reply_parser){0};
}

/* Puts the bytes since line_start into the reply as its next line, and names what is odd in them.
 */
static struct span close_line(struct smtp_reply_parser *p)
{
	struct smtp_reply *r = &p->reply;
	size_t whole = r->raw.len - p->line_start, n = whole;
	const char *s = r->raw.data + p->line_start;

	if (n > 0 && s[n - 1] == '\n') {
		n--;
		if (n == 0 || s[n - 1] != '\r')
			r->faults |= BIT(BARE_LF);
	}
	if (n > 0 && s[n - 1] == '\r')
		n--;
	if (n > 0 && memchr(s, '\r', n))
		r->faults |= BIT(BARE_CR);
	if (n > 0 && memchr(s, '\0', n))
		r->faults |= BIT(NUL);
	if (whole > LINE_NORMAL)
		r->faults |= BIT(LONG_LINE);
	add_line(r, p->line_start, n);
	p->line_start = r->raw.len;
	return span_from(s, n);
}

static enum smtp_parse fatal(struct smtp_reply_parser *p, unsigned fault)
{
	p->reply.faults |= fault;
	p->complete = true;
	p->dead = true;
	return SMTP_PARSE_REPLY;
}

static void read_enhanced(struct smtp_reply *r, struct span text)
{
	int class = r->code / 100;

	if (r->enhanced.present && r->enhanced.class != class)
		r->enhanced = (struct smtp_enhanced){0};
	if (!r->enhanced.present)
		smtp_enhanced_parse(text, &r->enhanced);
	if (r->enhanced.class != class)
		r->enhanced = (struct smtp_enhanced){0};
}

static void read_code(struct smtp_reply *r, struct span line)
{
	int code = (line.p[0] - '0') * 100 + (line.p[1] - '0') * 10 + (line.p[2] - '0');

	if (r->count > 1 && code != r->code)
		r->faults |= BIT(MIXED_CODES);
	r->code = code;
	if (line.n == 3)
		r->faults |= BIT(NO_TEXT);
	read_enhanced(r, span_skip(line, 4));
}

static enum smtp_parse end_line(struct smtp_reply_parser *p)
{
	struct smtp_reply *r = &p->reply;
	struct span line = close_line(p);

	if (!has_code(line))
		return fatal(p, BIT(NOT_A_REPLY));
	read_code(r, line);
	if (r->code < 200 || r->code > 599)
		return fatal(p, BIT(BAD_CODE));
	/* In real use are 570 and 585 at least; the first digit says what to do (RFC 5321 §4.2.1).
	 */
	if (r->code / 10 % 10 > 5)
		r->faults |= BIT(ODD_CODE);
	if (line.n == 3 || line.p[3] != '-') {
		p->complete = true;
		return SMTP_PARSE_REPLY;
	}
	/* More must follow, and there is no room for it. */
	if (r->count == SMTP_REPLY_LINES_MAX)
		return fatal(p, BIT(TOO_MANY_LINES));
	if (r->raw.len == SMTP_REPLY_MAX)
		return fatal(p, BIT(TOO_BIG));
	return SMTP_PARSE_LINE;
}

static size_t least(size_t a, size_t b)
{
	return a < b ? a : b;
}

/* After a whole reply the next one begins. */
static void begin(struct smtp_reply_parser *p)
{
	if (!p->complete)
		return;
	smtp_reply_clear(&p->reply);
	p->line_start = 0;
	p->complete = false;
}

enum smtp_parse smtp_reply_parser_feed(struct smtp_reply_parser *p, struct span *in)
{
	struct smtp_reply *r = &p->reply;
	size_t room, n;
	const char *lf;

	if (p->dead) {
		*in = span_skip(*in, in->n);
		return SMTP_PARSE_MORE;
	}
	begin(p);
	if (in->n == 0)
		return SMTP_PARSE_MORE;
	room = least(SMTP_REPLY_LINE_MAX - (r->raw.len - p->line_start),
	             SMTP_REPLY_MAX - r->raw.len);
	n = least(in->n, room);
	lf = memchr(in->p, '\n', n);
	if (lf)
		n = (size_t)(lf - in->p) + 1;
	buf_add(&r->raw, in->p, n);
	*in = span_skip(*in, n);
	if (lf)
		return end_line(p);
	if (n < room)
		return SMTP_PARSE_MORE;
	n = r->raw.len - p->line_start;
	close_line(p);
	return fatal(p, n == SMTP_REPLY_LINE_MAX ? BIT(ENDLESS_LINE) : BIT(TOO_BIG));
}

bool smtp_reply_parser_end(struct smtp_reply_parser *p)
{
	if (p->dead || p->complete || p->reply.raw.len == 0)
		return false;
	if (p->reply.raw.len > p->line_start)
		close_line(p);
	fatal(p, BIT(CUT_OFF));
	return true;
}

void smtp_reply_parser_flood(struct smtp_reply_parser *p)
{
	begin(p);
	if (p->reply.raw.len > p->line_start)
		close_line(p);
	fatal(p, BIT(TOO_BIG));
}
