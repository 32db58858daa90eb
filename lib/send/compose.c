/*
 * A message is made twice: once to see how large it is and what its bytes need, once to be sent.
 * The second time is the same walk over the same parts, so the two cannot differ, and nothing is
 * kept but a block. Attachments, which become base64, are not read the first time: their size says
 * it all.
 */
#include "send/compose.h"

#include <stdlib.h>
#include <string.h>

#include "base/mem.h"
#include "send/compose_state.h"
#include "send/mime_word.h"

static void add_template(struct compose *c, struct span mime)
{
	const struct message_spec *spec = c->spec;
	struct buf b;

	buf_init(&b, COMPOSE_HEADER_MAX);
	buf_addstr(&b, "Date: %DATE%\r\nTo: %TO_ADDRESS%\r\n");
	if (spec->cc_count > 0)
		buf_addstr(&b, "Cc: %CC_ADDRESS%\r\n");
	buf_addstr(&b, "From: %FROM_ADDRESS%\r\nSubject: test %DATE%\r\n"
	               "Message-Id: <%MESSAGEID%>\r\n");
	if (spec->mailer)
		buf_addf(&b, "X-Mailer: %s\r\n", spec->mailer);
	buf_addspan(&b, mime);
	buf_addstr(&b, COMPOSE_NEW_HEADERS "\r\n");
	compose_add_text(c, buf_span(&b));
	buf_release(&b);
}

/* The body comes first, since it decides which fields the template has. */
static int add_own_message(struct compose *c, struct diag *d)
{
	struct compose_part *body, *first;
	struct buf mime;
	int result;

	c->own = true;
	buf_init(&mime, 10000);
	result = compose_add_body(c, &mime, d);
	if (result == 0) {
		compose_add_text(c, SPAN("\r\n"));
		add_template(c, buf_span(&mime));
		body = c->parts;
		first = mem_resize(NULL, c->count, sizeof(*first));
		first[0] = body[c->count - 1];
		memcpy(first + 1, body, (c->count - 1) * sizeof(*first));
		free(body);
		c->parts = first;
		c->room = c->count;
	}
	buf_release(&mime);
	return result;
}

/* Without a fixup nothing is replaced, not even in swaks' own template. */
static void add_raw_template(struct compose *c)
{
	struct buf b;

	buf_init(&b, COMPOSE_HEADER_MAX);
	buf_addstr(&b, "Date: %DATE%\\nTo: %TO_ADDRESS%\\nFrom: %FROM_ADDRESS%\\n"
	               "Subject: test %DATE%\\nMessage-Id: <%MESSAGEID%>\n");
	if (c->spec->mailer)
		buf_addf(&b, "X-Mailer: %s\\n", c->spec->mailer);
	buf_addstr(&b, COMPOSE_NEW_HEADERS "\\n" COMPOSE_BODY "\\n");
	compose_add_final(c, buf_span(&b));
	buf_release(&b);
}

/* --- reading --- */

void compose_rewind(struct compose *c)
{
	c->header_done = c->part_open = c->blank_seen = false;
	c->at = 0;
	c->skipped = c->sent = 0;
	c->tail_len = 0;
}

/* Appends a piece of the parts. */
static int read_part(struct compose *c, struct buf *out, struct diag *d)
{
	const struct compose_part *p = &c->parts[c->at];
	bool end = false;

	if (c->measuring && p->coding == MIME_BASE64 && !p->fixup) {
		c->sent += mime_base64_size(p->path ? p->size : p->text.n);
		c->at++;
		return 0;
	}
	if (!c->part_open && compose_source_open(&c->source, p, d) < 0)
		return -1;
	c->part_open = true;
	if (compose_source_read(&c->source, out, &end, d) < 0)
		return -1;
	if (end) {
		c->part_open = false;
		c->at++;
	}
	return 0;
}

/* Drops from out, behind `start`, what the header stands for. */
static void skip_header(struct compose *c, struct buf *out, size_t start)
{
	uint64_t skip = c->skip - c->skipped;
	size_t n = out->len - start;

	n = skip < n ? (size_t)skip : n;
	if (n == 0)
		return;
	memmove(out->data + start, out->data + start + n, out->len - start - n);
	buf_cut(out, out->len - n);
	c->skipped += n;
}

/* swaks looks for the empty line that ends the header in the whole message, finds none when the
 * body is one paragraph behind %NEW_HEADERS%, and adds one at the end. People compare the bytes, so
 * the same is done here. */
static void look_for_blank(struct compose *c, struct span fresh)
{
	if (!c->token_line || c->blank_seen)
		return;
	c->blank_seen = (c->sent == 0 && c->tail_len == 0 && span_starts(fresh, SPAN("\r\n"))) ||
	                memmem(fresh.p, fresh.n, "\r\n\r\n", 4) != NULL;
}

/* A final dot, which some texts have because swaks allows it, is not sent; the last line end is. */
static void end_message(struct compose *c, struct buf *out, size_t start)
{
	static const char *const dots[] = {"\r\n.\r\n", "\r\n."};
	struct span last;

	if (c->token_line && !c->blank_seen) {
		if (out->len - start < 2 || out->data[out->len - 1] != '\n')
			buf_addstr(out, "\r\n");
		buf_addstr(out, "\r\n");
	}
	last = span_from(out->data + start, out->len - start);
	/* The header ends in CRLF, too. */
	if (c->sent == 0 && (span_eq(last, SPAN(".\r\n")) || span_eq(last, SPAN(".")))) {
		buf_cut(out, start);
		return;
	}
	for (size_t i = 0; i < sizeof(dots) / sizeof(*dots); i++) {
		size_t n = strlen(dots[i]);

		if (last.n >= n && memcmp(last.p + last.n - n, dots[i], n) == 0) {
			buf_cut(out, out->len - n);
			break;
		}
	}
	buf_addstr(out, "\r\n");
}

static void hold_tail(struct compose *c, struct buf *out, size_t start)
{
	size_t n = out->len - start;

	c->tail_len = n < COMPOSE_TAIL ? n : COMPOSE_TAIL;
	memcpy(c->tail, out->data + out->len - c->tail_len, c->tail_len);
	buf_cut(out, out->len - c->tail_len);
}

int compose_read(struct compose *c, struct buf *out, bool *end, struct diag *d)
{
	size_t start = out->len, fresh;

	*end = false;
	if (!c->header_done) {
		c->header_done = true;
		buf_addspan(out, buf_span(&c->header));
		return 0;
	}
	buf_add(out, c->tail, c->tail_len);
	fresh = out->len;
	if (c->at < c->count && read_part(c, out, d) < 0)
		return -1;
	if (out->full)
		return diag_set(d, DIAG_INPUT, NULL, "a piece of the message is too large");
	skip_header(c, out, fresh);
	*end = c->at == c->count;
	if (c->raw) {
		c->sent += out->len - start;
		return 0;
	}
	look_for_blank(c, span_from(out->data + start, out->len - start));
	if (*end)
		end_message(c, out, start);
	else
		hold_tail(c, out, start);
	c->sent += out->len - start;
	return 0;
}

/* --- what can be said before it is sent --- */

static int measure(struct compose *c, struct diag *d)
{
	bool end = false;
	struct buf piece;
	int result = 0;

	buf_init(&piece, COMPOSE_PIECE_MAX);
	compose_rewind(c);
	c->measuring = c->header_done = true;
	while (result == 0 && !end) {
		buf_clear(&piece);
		result = compose_read(c, &piece, &end, d);
		c->eight = c->eight || !mime_word_ascii(buf_span(&piece));
	}
	c->size = c->sent;
	c->measuring = false;
	compose_rewind(c);
	buf_release(&piece);
	return result;
}

uint64_t compose_size(const struct compose *c)
{
	return c->header.len + c->size;
}

bool compose_needs_8bit(const struct compose *c)
{
	return c->eight;
}

bool compose_needs_utf8(const struct compose *c)
{
	return c->utf8;
}

struct span compose_header(const struct compose *c)
{
	return buf_span(&c->header);
}

/* --- */

/* What stands for a token goes into fields as it is. */
static int check_tokens(const struct compose *c, struct diag *d)
{
	const struct compose_tokens *t = &c->tokens;
	const char *const values[] = {t->from, t->to, t->cc, t->date, t->message_id};

	for (size_t i = 0; i < sizeof(values) / sizeof(*values); i++) {
		if (!compose_is_one_line(span_of(values[i])))
			return diag_set(d, DIAG_USAGE, NULL,
			                "an address, the date or the message id has a line end or "
			                "another control character in it");
	}
	return 0;
}

static int make(struct compose *c, struct diag *d)
{
	const struct message_spec *spec = c->spec;
	bool given = spec->data.source != MESSAGE_CONTENT_NONE;
	int result = 0;

	if (!c->raw && check_tokens(c, d) < 0)
		return -1;
	if (c->raw && spec->dkim_key)
		return diag_set(d, DIAG_USAGE, NULL,
		                "data that goes out as it is cannot be signed: the signature would "
		                "change it");
	if (given)
		result = compose_add_data(c, d);
	else if (c->raw)
		add_raw_template(c);
	else
		result = add_own_message(c, d);
	if (result == 0 && !c->raw)
		result = compose_make_header(c, d);
	if (result == 0)
		result = measure(c, d);
	if (result == 0 && spec->dkim_key)
		result = compose_sign(c, d);
	return result;
}

int compose_open(struct compose **out, const struct message_spec *spec, struct diag *d)
{
	struct compose *c = mem_zero(sizeof(*c));

	c->spec = spec;
	c->raw = spec->no_data_fixup;
	compose_tokens_fill(&c->tokens, spec);
	compose_source_init(&c->source, &c->tokens);
	c->source.strict = spec->line_ends == MESSAGE_LINE_ENDS_REFUSE;
	buf_init(&c->header, COMPOSE_HEADER_MAX);
	if (make(c, d) < 0) {
		compose_free(c);
		return -1;
	}
	*out = c;
	return 0;
}

void compose_free(struct compose *c)
{
	if (!c)
		return;
	for (size_t i = 0; i < c->count; i++)
		free(c->parts[i].own);
	free(c->parts);
	free(c->boundary);
	buf_release(&c->header);
	compose_source_release(&c->source);
	compose_tokens_release(&c->tokens);
	free(c);
}
