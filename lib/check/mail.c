/*
 * Line ends are made one kind first, so that everything behind this knows one form only.
 */
#include "check/mail.h"

#include <stdlib.h>
#include <string.h>

#include "base/ascii.h"
#include "base/mem.h"

static void add_lines(struct span text, struct mail *m)
{
	const char *from = text.p, *end = text.p + text.n, *at;

	while (from < end && (at = memchr(from, '\n', (size_t)(end - from))) != NULL) {
		if (at > from && at[-1] == '\r') {
			buf_add(&m->text, from, (size_t)(at + 1 - from));
		} else {
			m->had_lf = true;
			buf_add(&m->text, from, (size_t)(at - from));
			buf_addstr(&m->text, "\r\n");
		}
		from = at + 1;
	}
	buf_add(&m->text, from, (size_t)(end - from));
}

/* One line with its end. */
static struct span cut_line(struct span *rest)
{
	const char *at = memchr(rest->p, '\n', rest->n);
	struct span line = span_first(*rest, at ? (size_t)(at + 1 - rest->p) : rest->n);

	*rest = span_skip(*rest, line.n);
	return line;
}

static struct span without_end(struct span line)
{
	if (line.n > 0 && line.p[line.n - 1] == '\n')
		line.n--;
	if (line.n > 0 && line.p[line.n - 1] == '\r')
		line.n--;
	return line;
}

/* The name of a field; empty when the line begins none (§2.2: printable bytes but the colon). */
static struct span field_name(struct span line)
{
	size_t n = 0;

	while (n < line.n && line.p[n] > ' ' && line.p[n] < 127 && line.p[n] != ':')
		n++;
	for (size_t i = n; i < line.n; i++) {
		if (line.p[i] == ':')
			return span_first(line, n);
		if (!ascii_is_blank(line.p[i]))
			break;
	}
	return span_first(line, 0);
}

static const char *add_field(struct mail *m, struct span line)
{
	struct mail_field *f;
	struct span name = field_name(line);
	size_t colon = span_find(line, ':');

	if (name.n == 0)
		return "a line in the header is no field";
	if (m->count == MAIL_FIELDS_MAX)
		return "it has too many header fields";
	m->fields = mem_grow(m->fields, m->count, &m->room, sizeof(*m->fields));
	f = &m->fields[m->count++];
	f->whole = line;
	f->name = name;
	f->value = without_end(span_skip(line, colon + 1));
	return NULL;
}

static void go_on_with(struct mail_field *f, struct span line)
{
	f->whole.n += line.n;
	f->value.n = (size_t)(line.p + without_end(line).n - f->value.p);
}

static const char *read_header(struct mail *m)
{
	struct span rest = buf_span(&m->text);
	const char *wrong = NULL;

	if (span_starts(rest, SPAN("From ")))
		cut_line(&rest);
	while (rest.n > 0 && !wrong) {
		struct span line = cut_line(&rest);

		if (without_end(line).n == 0) {
			m->body = rest;
			break;
		}
		if (m->count > 0 && ascii_is_blank(line.p[0]))
			go_on_with(&m->fields[m->count - 1], line);
		else
			wrong = add_field(m, line);
	}
	return wrong || m->count > 0 ? wrong : "it has no header";
}

const char *mail_read(struct span text, struct mail *out)
{
	const char *wrong = NULL;

	memset(out, 0, sizeof(*out));
	buf_init(&out->text, 2u * MAIL_MAX);
	if (text.n > MAIL_MAX)
		wrong = "it is longer than 64 MiB";
	if (!wrong)
		add_lines(text, out);
	if (!wrong)
		wrong = read_header(out);
	if (wrong)
		mail_release(out);
	return wrong;
}

void mail_release(struct mail *m)
{
	buf_release(&m->text);
	free(m->fields);
	memset(m, 0, sizeof(*m));
}

const struct mail_field *mail_field_at(const struct mail *m, const char *name, size_t n)
{
	for (size_t i = 0; i < m->count; i++) {
		if (span_eq_nocase(m->fields[i].name, span_of(name)) && n-- == 0)
			return &m->fields[i];
	}
	return NULL;
}

size_t mail_field_count(const struct mail *m, const char *name)
{
	size_t n = 0;

	while (mail_field_at(m, name, n))
		n++;
	return n;
}

void mail_unfold(struct span value, struct buf *out)
{
	struct buf all;

	buf_init(&all, value.n + 1);
	for (size_t i = 0; i < value.n; i++) {
		if (value.p[i] != '\r' && value.p[i] != '\n')
			buf_addch(&all, value.p[i]);
	}
	buf_addspan(out, span_trim(buf_span(&all)));
	buf_release(&all);
}

/* What stands in comments and quoted strings is passed over (RFC 5322 §3.2): without them, a "<"
 * is the one before the address, and so is an "@" inside. */
static void add_bare(struct span value, struct buf *out)
{
	unsigned depth = 0;
	bool quoted = false;

	for (size_t i = 0; i < value.n; i++) {
		char c = value.p[i];

		if (c == '\\' && (quoted || depth > 0)) {
			i++;
			continue;
		}
		if (c == '"' && depth == 0)
			quoted = !quoted;
		else if (!quoted && c == '(')
			depth++;
		else if (!quoted && c == ')' && depth > 0)
			depth--;
		else if (!quoted && depth == 0 && c != '\r' && c != '\n')
			buf_addch(out, c);
	}
}

char *mail_from_domain(const struct mail *m)
{
	const struct mail_field *f = mail_field_at(m, "From", 0);
	struct span text, angle;
	struct buf bare;
	char *domain = NULL;
	size_t n = 0;

	if (!f)
		return NULL;
	buf_init(&bare, MAIL_MAX);
	add_bare(f->value, &bare);
	text = buf_span(&bare);
	angle = span_skip(text, span_find(text, '<'));
	text = span_skip(angle.n > 0 ? angle : text, span_find(angle.n > 0 ? angle : text, '@'));
	text = span_trim(span_skip(text, 1));
	while (n < text.n && (ascii_is_alnum(text.p[n]) || (text.p[n] & 0x80) ||
	                      (text.p[n] && strchr(".-_", text.p[n]))))
		n++;
	if (n > 0)
		domain = mem_dupn(text.p, n);
	buf_release(&bare);
	return domain;
}

bool mail_looks_like(struct span text)
{
	return span_starts(text, SPAN("From ")) ||
	       field_name(span_first(text, span_find(text, '\n'))).n > 0;
}
