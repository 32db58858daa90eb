/*
 * One walk for tokens and line ends, since both are found by a few bytes: all others are copied in
 * runs. A CRLF within a run stays in it, so that text that is right already is copied in one piece.
 */
#include "send/compose_fixup.h"

#include <stddef.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>
#include <unistd.h>

#include "base/mem.h"
#include "send/compose.h"
#include "send/mime_word.h"

/* The version of swaks whose tokens these are; texts that were written for it name it. */
#define SWAKS_VERSION "20201014.0"

static const struct token {
	struct span name;
	size_t value;     /* where in compose_tokens; else: */
	const char *text; /* what it always is */
} tokens[] = {
        {{"\\n", 2}, 0, "\r\n"},
        {{"%NEWLINE%", 9}, 0, "\r\n"},
        {{"%FROM_ADDRESS%", 14}, offsetof(struct compose_tokens, from), NULL},
        {{"%TO_ADDRESS%", 12}, offsetof(struct compose_tokens, to), NULL},
        {{"%CC_ADDRESS%", 12}, offsetof(struct compose_tokens, cc), NULL},
        {{"%MESSAGEID%", 11}, offsetof(struct compose_tokens, message_id), NULL},
        {{"%DATE%", 6}, offsetof(struct compose_tokens, date), NULL},
        {{"%SUBJECT_DATE%", 14}, offsetof(struct compose_tokens, date), NULL},
        {{"%SWAKS_VERSION%", 15}, 0, SWAKS_VERSION},
};

#define TOKENS (sizeof(tokens) / sizeof(*tokens))

/* --- their values --- */

static char *join(char *const *list, size_t count, bool utf8)
{
	struct buf b;

	buf_init(&b, COMPOSE_VALUE_MAX);
	for (size_t i = 0; i < count; i++) {
		if (i > 0)
			buf_addch(&b, ',');
		if (utf8)
			buf_addstr(&b, list[i]);
		else
			mime_word_mailbox(span_of(list[i]), &b);
	}
	return buf_take(&b);
}

static char *made(void (*make)(time_t now, struct buf *out))
{
	struct buf b;

	buf_init(&b, 1000);
	make(time(NULL), &b);
	return buf_take(&b);
}

static void make_id(time_t now, struct buf *out)
{
	char host[256] = "";

	if (gethostname(host, sizeof(host) - 1) < 0 || host[0] == '\0')
		strcpy(host, "localhost");
	compose_message_id(now, host, out);
}

void compose_tokens_fill(struct compose_tokens *t, const struct message_spec *spec)
{
	char *from = spec->from ? spec->from : (char[]){""};

	t->from = join(&from, 1, spec->utf8);
	t->to = join(spec->to, spec->to_count, spec->utf8);
	t->cc = join(spec->cc, spec->cc_count, spec->utf8);
	t->date = spec->date ? mem_dup(spec->date) : made(compose_date);
	t->message_id = spec->message_id ? mem_dup(spec->message_id) : made(make_id);
}

void compose_tokens_release(struct compose_tokens *t)
{
	free(t->from);
	free(t->to);
	free(t->cc);
	free(t->date);
	free(t->message_id);
	memset(t, 0, sizeof(*t));
}

/* --- the walk --- */

static const char *value_of(const struct compose_tokens *t, const struct token *token)
{
	char *value;

	if (token->text)
		return token->text;
	memcpy(&value, (const char *)t + token->value, sizeof(value));
	return value;
}

/* The token that the text begins with. *may: it could be one if more followed. */
static const struct token *token_at(struct span text, bool *may)
{
	for (size_t i = 0; i < TOKENS; i++) {
		if (span_starts(text, tokens[i].name))
			return &tokens[i];
		*may = *may || span_starts(tokens[i].name, text);
	}
	return NULL;
}

/* The length of the run that is copied as it is. */
static size_t run_length(struct span s)
{
	size_t i = 0;

	while (i < s.n) {
		char c = s.p[i];

		if (c == '\r' && i + 1 < s.n && s.p[i + 1] == '\n')
			i += 2;
		else if (c == '\n' || c == '\r' || c == '%' || c == '\\')
			break;
		else
			i++;
	}
	return i;
}

/* Takes one byte that needs a look, or what it begins. 0: it cannot be decided yet. */
static size_t take_special(const struct compose_tokens *t, struct span s, bool last,
                           struct buf *out)
{
	const struct token *token;
	bool may = false;

	if (s.p[0] == '\n' || s.p[0] == '\r') {
		if (s.p[0] == '\r' && s.n == 1 && !last)
			return 0;
		buf_addstr(out, "\r\n");
		return 1;
	}
	token = token_at(s, &may);
	if (token) {
		buf_addstr(out, value_of(t, token));
		return token->name.n;
	}
	if (may && !last)
		return 0;
	buf_addch(out, s.p[0]);
	return 1;
}

size_t compose_fixup(const struct compose_tokens *t, struct span text, bool last, size_t limit,
                     struct buf *out)
{
	size_t start = out->len, taken = 0, n;

	while (taken < text.n && out->len - start < limit) {
		struct span rest = span_skip(text, taken);

		n = run_length(rest);
		if (n > 0)
			buf_addspan(out, span_first(rest, n));
		else if ((n = take_special(t, rest, last, out)) == 0)
			break;
		taken += n;
	}
	return taken;
}
