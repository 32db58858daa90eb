/*
 * The user's half of the dialogue. Whatever is sent passes scan(), which cuts it into lines as a
 * server does and decides what each of them is: a command, message text, a SASL answer, part of a
 * chunk. It only watches: the bytes are in the output already.
 *
 * What a line is may depend on a reply that is still out. Such a line is put down as a command and
 * turned into what it was when the reply comes: after DATA's 354 it is text, after 334 an answer.
 * That is what the server makes of it, so no reply goes to the wrong line.
 */
#include "smtp/dialogue_state.h"
#include "smtp/mask.h"

static size_t replies_to_dot(const struct smtp_dialogue *d)
{
	/* RFC 2033 §4.2: one for each accepted recipient. */
	return d->lmtp && d->envelope.accepted > 1 ? d->envelope.accepted : 1;
}

static enum smtp_verb take_text(struct smtp_dialogue *d, struct span line, bool crlf,
                                enum smtp_text_look *look)
{
	*look = smtp_text_see(&d->watch, line);
	/* RFC 5321 §4.1.1.4: nothing but CRLF . CRLF is the end. */
	if (*look == SMTP_TEXT_END && !(crlf && d->after_crlf))
		*look = SMTP_TEXT_ALMOST_DOT;
	if (*look == SMTP_TEXT_END) {
		d->text_open = false;
		smtp_ledger_add_pseudo(&d->ledger, SMTP_VERB_MESSAGE, replies_to_dot(d));
	}
	return SMTP_VERB_MESSAGE;
}

static void start_chunk(struct smtp_dialogue *d, const struct smtp_command *cmd)
{
	struct span rest = cmd->argument;
	unsigned long size;

	if (cmd->verb == SMTP_VERB_BDAT && span_number(span_word(&rest), 1ul << 40, &size) == 0)
		d->chunk_left = size;
}

/* The ledger is read by whoever explains a reply: no secret gets into it. */
static void remember(struct smtp_dialogue *d, struct span line)
{
	struct buf shown;

	buf_init(&shown, SMTP_PARTIAL_MAX);
	smtp_line_mask(d, line, &shown);
	smtp_ledger_add_command(&d->ledger, buf_span(&shown));
	buf_release(&shown);
}

static enum smtp_verb take_command(struct smtp_dialogue *d, struct span line)
{
	struct smtp_command cmd;

	if (d->state == SMTP_STATE_AUTH && smtp_ledger_count(&d->ledger) == 0) {
		smtp_ledger_add_pseudo(&d->ledger, SMTP_VERB_ANSWER, 1);
		smtp_login_answer(&d->login, line);
		return SMTP_VERB_ANSWER;
	}
	smtp_command_parse(line, &cmd);
	start_chunk(d, &cmd);
	if (d->state != SMTP_STATE_BROKEN && d->state != SMTP_STATE_CLOSED)
		remember(d, line);
	return cmd.verb;
}

static void keep(struct smtp_dialogue *d, struct span piece)
{
	buf_addspan(&d->partial, span_first(piece, SMTP_PARTIAL_MAX - d->partial.len));
}

/* `piece` is what stands before an LF. */
static enum smtp_verb end_line(struct smtp_dialogue *d, struct span piece,
                               enum smtp_text_look *look)
{
	char last = piece.n > 0 ? piece.p[piece.n - 1] : d->last_sent;
	bool crlf = last == '\r';
	enum smtp_verb verb;
	struct span line;

	line = piece; /* nearly always a whole line: then nothing is copied */
	if (d->partial.len > 0 || piece.n > SMTP_PARTIAL_MAX) {
		keep(d, piece);
		line = buf_span(&d->partial);
	}
	if (crlf && line.n > 0 && line.p[line.n - 1] == '\r')
		line.n--;
	verb = d->text_open ? take_text(d, line, crlf, look) : take_command(d, line);
	d->after_crlf = crlf;
	d->last_sent = '\0';
	buf_clear(&d->partial);
	return verb;
}

static void take_chunk(struct smtp_dialogue *d, struct span *bytes)
{
	size_t n = d->chunk_left < bytes->n ? (size_t)d->chunk_left : bytes->n;

	d->chunk_left -= n;
	*bytes = span_skip(*bytes, n);
}

/* Returns what the last line was that ended in these bytes; MESSAGE when a chunk took them all. */
static enum smtp_verb scan(struct smtp_dialogue *d, struct span bytes, enum smtp_text_look *look)
{
	enum smtp_verb verb = SMTP_VERB_MESSAGE;

	for (take_chunk(d, &bytes); bytes.n > 0; take_chunk(d, &bytes)) {
		size_t n = span_find(bytes, '\n');

		if (n == bytes.n) {
			keep(d, bytes);
			d->last_sent = bytes.p[n - 1];
			break;
		}
		verb = end_line(d, span_first(bytes, n), look);
		bytes = span_skip(bytes, n + 1);
	}
	return verb;
}

enum smtp_verb smtp_dialogue_line(struct smtp_dialogue *d, struct span line,
                                  enum smtp_text_look *look)
{
	enum smtp_text_look seen = SMTP_TEXT_PLAIN;
	enum smtp_verb verb = SMTP_VERB_UNKNOWN;

	smtp_dialogue_forget_last(d);
	/* What does not fit is not sent, and what is not sent must not wait for a reply. */
	if (d->output.cap - d->output.len < 2 || line.n > d->output.cap - d->output.len - 2) {
		d->output.full = true;
	} else {
		buf_addspan(&d->output, line);
		buf_add(&d->output, "\r\n", 2);
		scan(d, line, &seen);
		verb = scan(d, SPAN("\r\n"), &seen);
	}
	if (look)
		*look = seen;
	return verb;
}

/* How many bytes the header of a proxy has that stands before everything (the PROXY protocol, §2):
 * no server answers it. */
static size_t proxy_header(struct span s)
{
	static const char signature[] = "\r\n\r\n\0\r\nQUIT\n";
	const unsigned char *p = (const unsigned char *)s.p;

	if (span_starts(s, SPAN("PROXY ")))
		return span_find(s, '\n') + 1;
	if (s.n < 16 || !span_starts(s, span_from(signature, sizeof(signature) - 1)))
		return 0;
	return 16 + (size_t)p[14] * 256 + p[15];
}

void smtp_dialogue_raw(struct smtp_dialogue *d, struct span bytes)
{
	enum smtp_text_look look;

	smtp_dialogue_forget_last(d);
	if (d->state == SMTP_STATE_CONNECTED)
		bytes = span_skip(bytes, proxy_header(bytes));
	scan(d, bytes, &look);
}

struct buf *smtp_dialogue_output(struct smtp_dialogue *d)
{
	return &d->output;
}

void smtp_dialogue_open_text(struct smtp_dialogue *d)
{
	struct smtp_ledger_entry *e, text;

	d->watch = (struct smtp_text_watch){0};
	d->text_open = true;
	if (smtp_ledger_count(&d->ledger) == 0)
		d->after_crlf = true;
	while ((e = smtp_ledger_first(&d->ledger)) != NULL) {
		if (smtp_text_see(&d->watch, span_from(e->line, e->len)) == SMTP_TEXT_END) {
			smtp_ledger_turn_first(&d->ledger, SMTP_VERB_MESSAGE, replies_to_dot(d));
			d->text_open = false;
			return;
		}
		smtp_ledger_answer(&d->ledger, &text);
		smtp_ledger_entry_release(&text);
	}
	smtp_ledger_release(&d->ledger);
}

bool smtp_dialogue_must_wait(const struct smtp_dialogue *d)
{
	static const enum smtp_verb deciding[] = {SMTP_VERB_DATA, SMTP_VERB_AUTH, SMTP_VERB_ANSWER,
	                                          SMTP_VERB_STARTTLS, SMTP_VERB_BDAT};

	/* A chunk follows its BDAT at once (RFC 3030 §2). */
	for (size_t i = 0; d->chunk_left == 0 && i < sizeof(deciding) / sizeof(*deciding); i++)
		if (smtp_ledger_has(&d->ledger, deciding[i]))
			return true;
	return false;
}
