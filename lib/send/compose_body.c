/*
 * The tree of parts, as swaks makes it: alternatives of the text first, then the attachments, in
 * multipart/mixed. A part with a Content-ID belongs to the text that shows it: those stand with it
 * in multipart/related (RFC 2387), a level that is there only when it is needed.
 */
#include <stdlib.h>
#include <string.h>

#include "base/mem.h"
#include "net/tls_key.h"
#include "send/compose_state.h"
#include "send/mime_type.h"
#include "send/mime_word.h"

#define BOUNDARY_MAX 40u /* of 70 (RFC 2046 §5.1.1), 26 are ours */
#define LINE_BREAK   "\r\n"

static const char default_body[] = "This is a test mailing";

struct tree { /* which of the attachments stand where */
	const struct message_attachment **bodies, **related, **mixed;
	size_t body_count, related_count, mixed_count;
	struct message_attachment only; /* the text, when no attachment is a body */
};

static struct message_content body_content(const struct message_spec *spec)
{
	struct message_content c = spec->body;

	if (c.source == MESSAGE_CONTENT_NONE)
		c = (struct message_content){MESSAGE_CONTENT_TEXT, (char *)default_body,
		                             sizeof(default_body) - 1};
	return c;
}

/* --- how a text is encoded --- */

static enum mime_coding coding_for(const struct compose *c, const struct compose_look *l)
{
	bool long_line = l->longest > MIME_LINE_MAX + 2;

	if (!long_line && !l->nul && (!l->eight || c->spec->eightbit))
		return MIME_AS_IS;
	/* Each byte above 0x7f costs two more in quoted-printable, a third of all in base64. */
	return l->nul || l->eights > l->bytes / 6 ? MIME_BASE64 : MIME_QUOTED_PRINTABLE;
}

static const char *charset_of(const struct compose_look *l)
{
	return !l->eight ? "us-ascii" : l->broken ? "unknown-8bit" : "utf-8";
}

static const char *encoding_name(enum mime_coding coding)
{
	return coding == MIME_AS_IS    ? "8bit"
	       : coding == MIME_BASE64 ? "base64"
	                               : "quoted-printable";
}

static int look(struct compose *c, const struct message_content *content, bool fixup,
                struct compose_look *l, struct diag *d)
{
	struct compose_part p = {.fixup = fixup};

	if (content->source == MESSAGE_CONTENT_FILE) {
		p.path = content->text;
		if (compose_source_size(p.path, &p.size, d) < 0)
			return -1;
	} else {
		p.text = span_from(content->text, content->len);
	}
	return compose_look(c, &p, l, d);
}

/* Text that needs it gets an encoding, and fields that say so; other text is left alone. */
static int choose_coding(struct compose *c, const struct message_content *content,
                         enum mime_coding *coding, struct buf *fields, struct diag *d)
{
	struct compose_look l;

	if (look(c, content, true, &l, d) < 0)
		return -1;
	*coding = coding_for(c, &l);
	if (*coding != MIME_AS_IS || l.eight)
		buf_addf(fields, "; charset=%s" LINE_BREAK "Content-Transfer-Encoding: %s",
		         charset_of(&l), encoding_name(*coding));
	return 0;
}

/* --- parts --- */

static struct span name_of(const struct message_attachment *a)
{
	struct span path = span_of(a->content.text);

	if (a->body)
		return SPAN("");
	if (a->name_given || a->content.source != MESSAGE_CONTENT_FILE)
		return span_of(a->name);
	for (size_t i = path.n; i > 0; i--) {
		if (path.p[i - 1] == '/')
			return span_skip(path, i);
	}
	return path;
}

static struct span type_of(const struct message_attachment *a)
{
	if (a->type && strcmp(a->type, "auto") == 0)
		return span_of(mime_type_of(name_of(a)));
	if (a->type)
		return span_of(a->type);
	return a->body ? SPAN("text/plain") : SPAN(MIME_TYPE_UNKNOWN);
}

/* Text in base64 is US-ASCII for who reads it, unless its charset is said (RFC 2046 §4.1.2). */
static int add_charset(struct compose *c, const struct message_attachment *a, struct buf *out,
                       struct diag *d)
{
	struct compose_look l;

	if (!span_starts_nocase(type_of(a), SPAN("text/")) ||
	    span_find(type_of(a), ';') < type_of(a).n)
		return 0;
	if (look(c, &a->content, false, &l, d) < 0)
		return -1;
	if (l.eight && !l.broken)
		buf_addstr(out, "; charset=utf-8");
	return 0;
}

static void add_disposition(const struct message_attachment *a, struct buf *out)
{
	struct span name = name_of(a);
	bool text = span_starts_nocase(type_of(a), SPAN("text/"));

	if (name.n > 0) {
		buf_addstr(out, "Content-Description: ");
		mime_word_text(name, 21, out);
		buf_addstr(out, LINE_BREAK);
	} else if (a->body && text) {
		return;
	}
	buf_addf(out, "Content-Disposition: %s", a->cid ? "inline" : "attachment");
	if (name.n > 0)
		mime_word_parameter("filename", name, out);
	buf_addstr(out, LINE_BREAK);
}

/* A part whose fields and content are swaks' own, but for the encoding of text. */
static int add_plain_part(struct compose *c, const struct message_attachment *a, struct buf *lines,
                          struct diag *d)
{
	enum mime_coding coding;

	buf_addf(lines, "Content-Type: " SPAN_FMT, SPAN_ARG(type_of(a)));
	if (choose_coding(c, &a->content, &coding, lines, d) < 0)
		return -1;
	buf_addstr(lines, LINE_BREAK LINE_BREAK);
	compose_add_final(c, buf_span(lines));
	if (compose_add_content(c, &a->content, true, coding, d) < 0)
		return -1;
	compose_add_final(c, SPAN(LINE_BREAK));
	return 0;
}

static int add_encoded_part(struct compose *c, const struct message_attachment *a,
                            struct buf *lines, struct diag *d)
{
	buf_addf(lines, "Content-Type: " SPAN_FMT, SPAN_ARG(type_of(a)));
	if (add_charset(c, a, lines, d) < 0)
		return -1;
	if (name_of(a).n > 0)
		mime_word_parameter("name", name_of(a), lines);
	buf_addstr(lines, LINE_BREAK);
	add_disposition(a, lines);
	if (a->cid)
		buf_addf(lines, "Content-ID: <%s>" LINE_BREAK, a->cid);
	buf_addstr(lines, "Content-Transfer-Encoding: BASE64" LINE_BREAK LINE_BREAK);
	compose_add_final(c, buf_span(lines));
	if (compose_add_content(c, &a->content, false, MIME_BASE64, d) < 0)
		return -1;
	compose_add_final(c, SPAN(LINE_BREAK));
	return 0;
}

static int add_part(struct compose *c, const struct message_attachment *a, const char *boundary,
                    struct diag *d)
{
	bool plain = span_eq_nocase(type_of(a), SPAN("text/plain")) && name_of(a).n == 0 && !a->cid;
	struct buf lines;
	int result = 0;

	if (!compose_is_one_line(type_of(a)) || !compose_is_one_line(span_of(a->cid)))
		result = diag_set(d, DIAG_USAGE, NULL,
		                  "an attachment's type or Content-ID has a line end in it");
	buf_init(&lines, COMPOSE_HEADER_MAX);
	buf_addf(&lines, "--%s" LINE_BREAK, boundary);
	if (result == 0)
		result =
		        plain ? add_plain_part(c, a, &lines, d) : add_encoded_part(c, a, &lines, d);
	if (result == 0 && lines.full)
		result = diag_set(d, DIAG_USAGE, NULL, "the name of an attachment is too long");
	buf_release(&lines);
	return result;
}

static int add_parts(struct compose *c, const struct message_attachment *const *list, size_t count,
                     const char *boundary, struct diag *d)
{
	for (size_t i = 0; i < count; i++) {
		if (add_part(c, list[i], boundary, d) < 0)
			return -1;
	}
	return 0;
}

/* --- the tree --- */

enum level { LEVEL_TOP, LEVEL_ALTERNATIVE, LEVEL_RELATED };

/* swaks numbers its boundaries 000 and 004. */
static char *make_boundary(const struct compose *c, enum level level)
{
	static const char *const numbers[] = {"000", "004", "008"};
	struct buf b;

	buf_init(&b, 100);
	buf_addf(&b, "----=_MIME_BOUNDARY_%s_%s", numbers[level], c->boundary);
	return buf_take(&b);
}

static void end_multipart(struct compose *c, const char *boundary)
{
	struct buf b;

	buf_init(&b, 100);
	buf_addf(&b, "--%s--" LINE_BREAK, boundary);
	compose_add_final(c, buf_span(&b));
	buf_release(&b);
}

/* Begins a part that is a multipart of its own. */
static void begin_multipart(struct compose *c, const char *outer, const char *type,
                            const char *boundary)
{
	struct buf b;

	buf_init(&b, 1000);
	buf_addf(&b, "--%s" LINE_BREAK "Content-Type: %s; boundary=\"%s\"" LINE_BREAK LINE_BREAK,
	         outer, type, boundary);
	compose_add_final(c, buf_span(&b));
	buf_release(&b);
}

/* The text in all its forms; `outer` is the boundary of what it stands in. */
static int add_bodies(struct compose *c, const struct tree *t, const char *outer, struct diag *d)
{
	char *boundary;
	int result;

	if (t->body_count == 1)
		return add_part(c, t->bodies[0], outer, d);
	boundary = make_boundary(c, LEVEL_ALTERNATIVE);
	begin_multipart(c, outer, "multipart/alternative", boundary);
	result = add_parts(c, t->bodies, t->body_count, boundary, d);
	end_multipart(c, boundary);
	free(boundary);
	return result;
}

/* The type of the text, as multipart/related must say it (RFC 2387 §3.1). */
static char *related_type(const struct tree *t)
{
	struct span type = type_of(t->bodies[0]);
	struct buf b;

	if (t->body_count > 1)
		return mem_dup("multipart/related; type=\"multipart/alternative\"");
	type = span_trim(span_first(type, span_find(type, ';')));
	buf_init(&b, COMPOSE_HEADER_MAX);
	buf_addstr(&b, "multipart/related");
	mime_word_parameter("type", type, &b);
	return buf_take(&b);
}

static int add_related(struct compose *c, const struct tree *t, const char *outer, struct diag *d)
{
	char *boundary, *type;
	int result;

	if (t->related_count == 0)
		return add_bodies(c, t, outer, d);
	boundary = make_boundary(c, LEVEL_RELATED);
	type = related_type(t);
	begin_multipart(c, outer, type, boundary);
	result = add_bodies(c, t, boundary, d);
	if (result == 0)
		result = add_parts(c, t->related, t->related_count, boundary, d);
	end_multipart(c, boundary);
	free(type);
	free(boundary);
	return result;
}

/* The message itself is the innermost multipart that holds all of it. */
static int add_tree(struct compose *c, const struct tree *t, struct buf *mime, struct diag *d)
{
	char *boundary = make_boundary(c, LEVEL_TOP), *type = NULL;
	int result;

	if (t->mixed_count == 0 && t->related_count > 0) {
		type = related_type(t);
		result = add_bodies(c, t, boundary, d);
		if (result == 0)
			result = add_parts(c, t->related, t->related_count, boundary, d);
	} else if (t->mixed_count == 0 && t->body_count > 1) {
		type = mem_dup("multipart/alternative");
		result = add_parts(c, t->bodies, t->body_count, boundary, d);
	} else {
		type = mem_dup("multipart/mixed");
		result = add_related(c, t, boundary, d);
		if (result == 0)
			result = add_parts(c, t->mixed, t->mixed_count, boundary, d);
	}
	end_multipart(c, boundary);
	buf_addf(mime,
	         "MIME-Version: 1.0" LINE_BREAK "Content-Type: %s; boundary=\"%s\"" LINE_BREAK,
	         type, boundary);
	free(type);
	free(boundary);
	return result;
}

static void sort_attachments(const struct message_spec *spec, struct tree *t)
{
	size_t room = spec->attachments_count + 1;

	memset(t, 0, sizeof(*t));
	t->bodies = mem_resize(NULL, room, sizeof(*t->bodies));
	t->related = mem_resize(NULL, room, sizeof(*t->related));
	t->mixed = mem_resize(NULL, room, sizeof(*t->mixed));
	for (size_t i = 0; i < spec->attachments_count; i++) {
		const struct message_attachment *a = &spec->attachments[i];

		if (a->body)
			t->bodies[t->body_count++] = a;
		else if (a->cid)
			t->related[t->related_count++] = a;
		else
			t->mixed[t->mixed_count++] = a;
	}
	if (t->body_count > 0)
		return;
	t->only.body = true;
	t->only.content = body_content(spec);
	t->bodies[t->body_count++] = &t->only;
}

/* --- */

static bool fits_boundary(struct span s)
{
	for (size_t i = 0; i < s.n; i++) {
		if (!strchr("0123456789abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ'+_,-./"
		            ":=?",
		            s.p[i]) ||
		    s.p[i] == '\0')
			return false;
	}
	return s.n > 0 && s.n <= BOUNDARY_MAX;
}

/* What cannot stand in a boundary is hashed, so that the same words give the same boundary. */
static void choose_boundary(struct compose *c)
{
	const char *seed = c->spec->boundary ? c->spec->boundary : c->tokens.message_id;
	unsigned char digest[TLS_SHA256_SIZE];
	struct buf b;

	if (c->spec->boundary && fits_boundary(span_of(seed))) {
		c->boundary = mem_dup(seed);
		return;
	}
	tls_sha256(span_of(seed), digest);
	buf_init(&b, BOUNDARY_MAX);
	for (size_t i = 0; i < 12; i++)
		buf_addf(&b, "%02x", digest[i]);
	c->boundary = buf_take(&b);
}

static int add_single(struct compose *c, struct buf *mime, struct diag *d)
{
	struct message_content content = body_content(c->spec);
	enum mime_coding coding = MIME_AS_IS;
	struct buf fields;

	buf_init(&fields, 1000);
	/* Whoever names the type of the body has encoded it. */
	if (c->own && !compose_header_given(c->spec, SPAN("Content-")) &&
	    !compose_header_given(c->spec, SPAN("MIME-Version")) &&
	    choose_coding(c, &content, &coding, &fields, d) < 0) {
		buf_release(&fields);
		return -1;
	}
	if (fields.len > 0)
		buf_addf(mime,
		         "MIME-Version: 1.0" LINE_BREAK "Content-Type: text/plain%s" LINE_BREAK,
		         fields.data);
	buf_release(&fields);
	return compose_add_content(c, &content, true, coding, d);
}

int compose_add_body(struct compose *c, struct buf *mime, struct diag *d)
{
	struct tree t;
	int result;

	if (c->spec->attachments_count == 0)
		return add_single(c, mime, d);
	if (!c->boundary)
		choose_boundary(c);
	sort_attachments(c->spec, &t);
	result = add_tree(c, &t, mime, d);
	free(t.bodies);
	free(t.related);
	free(t.mixed);
	return result;
}
