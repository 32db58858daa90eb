/*
 * Data may be larger than memory, so the places of %BODY% in it are looked for block by block.
 */
#include <string.h>

#include "base/mem.h"
#include "send/compose_state.h"

#define BODIES_MAX 100u /* %BODY% in one text */

bool compose_is_one_line(struct span s)
{
	for (size_t i = 0; i < s.n; i++) {
		if ((unsigned char)s.p[i] < ' ' && s.p[i] != '\t')
			return false;
	}
	return true;
}

static struct compose_part *add_part(struct compose *c)
{
	struct compose_part *p;

	c->parts = mem_grow(c->parts, c->count, &c->room, sizeof(*c->parts));
	p = &c->parts[c->count++];
	memset(p, 0, sizeof(*p));
	return p;
}

void compose_add_final(struct compose *c, struct span bytes)
{
	struct compose_part *p = add_part(c);

	p->own = mem_dupn(bytes.p, bytes.n);
	p->text = span_from(p->own, bytes.n);
}

void compose_add_text(struct compose *c, struct span text)
{
	compose_add_final(c, text);
	c->parts[c->count - 1].fixup = true;
}

static int fill(struct compose_part *p, const struct message_content *content, struct diag *d)
{
	if (content->source == MESSAGE_CONTENT_FILE) {
		p->path = content->text;
		return compose_source_size(p->path, &p->size, d);
	}
	p->text = span_from(content->text, content->len);
	return 0;
}

int compose_add_content(struct compose *c, const struct message_content *borrowed, bool fixup,
                        enum mime_coding coding, struct diag *d)
{
	struct compose_part *p = add_part(c);

	p->fixup = fixup;
	p->coding = coding;
	return fill(p, borrowed, d);
}

/* --- a look at a text --- */

/* UTF-8 by its lead bytes, which is what tells it from other charsets. */
static void look_at_byte(struct compose_look *l, unsigned char c)
{
	if (c >= 0x80 && c < 0xc0) {
		l->broken = l->broken || l->wanted == 0;
		l->wanted -= l->wanted > 0;
	} else {
		l->broken = l->broken || l->wanted > 0 || c == 0xc0 || c == 0xc1 || c > 0xf4;
		l->wanted = c >= 0xf0 ? 3 : c >= 0xe0 ? 2 : c >= 0xc0 ? 1 : 0;
	}
	l->eights += c >= 0x80;
}

static void look_at(struct compose_look *l, struct span s)
{
	while (s.n > 0) {
		const char *lf = memchr(s.p, '\n', s.n);
		size_t n = lf ? (size_t)(lf + 1 - s.p) : s.n;

		l->line += n;
		if (l->line > l->longest)
			l->longest = l->line;
		if (lf)
			l->line = 0;
		for (size_t i = 0; i < n; i++) {
			if (s.p[i] & 0x80 || l->wanted > 0)
				look_at_byte(l, (unsigned char)s.p[i]);
			l->nul = l->nul || s.p[i] == '\0';
		}
		l->bytes += n;
		s = span_skip(s, n);
	}
}

int compose_look(struct compose *c, const struct compose_part *p, struct compose_look *out,
                 struct diag *d)
{
	struct compose_part plain = *p;
	bool end = false;
	struct buf piece;
	int result;

	memset(out, 0, sizeof(*out));
	plain.coding = MIME_AS_IS;
	buf_init(&piece, COMPOSE_PIECE_MAX);
	result = compose_source_open(&c->source, &plain, d);
	while (result == 0 && !end) {
		buf_clear(&piece);
		result = compose_source_read(&c->source, &piece, &end, d);
		look_at(out, buf_span(&piece));
	}
	out->eight = out->eights > 0;
	out->broken = out->broken || out->wanted > 0;
	buf_release(&piece);
	return result;
}

/* --- data --- */

/* The offsets of %BODY% in what p holds. */
static int find_bodies(struct compose *c, const struct compose_part *p, uint64_t *at, size_t *count,
                       struct diag *d)
{
	size_t token = sizeof(COMPOSE_BODY) - 1;
	struct compose_part plain = *p;
	uint64_t before = 0;
	bool end = false;
	struct buf b;
	int result;

	*count = 0;
	plain.fixup = false;
	buf_init(&b, COMPOSE_PIECE_MAX);
	result = compose_source_open(&c->source, &plain, d);
	while (result == 0 && !end) {
		const char *found, *from;

		result = compose_source_read(&c->source, &b, &end, d);
		from = b.data;
		while ((found = memmem(from, (size_t)(b.data + b.len - from), COMPOSE_BODY,
		                       token)) != NULL) {
			if (*count == BODIES_MAX) {
				result = diag_set(d, DIAG_INPUT, NULL,
				                  "the data has %%BODY%% in it more than %u times",
				                  BODIES_MAX);
				break;
			}
			at[(*count)++] = before + (uint64_t)(found - b.data);
			from = found + token;
		}
		/* Less than a token stays, so none is found twice. */
		if (b.len >= token) {
			size_t done = b.len - (token - 1);

			done = done > (size_t)(from - b.data) ? done : (size_t)(from - b.data);
			before += done;
			buf_drop(&b, done);
		}
	}
	buf_release(&b);
	return result;
}

static void add_slice(struct compose *c, const struct compose_part *whole, uint64_t from,
                      uint64_t to)
{
	struct compose_part *p;

	if (from == to)
		return;
	p = add_part(c);
	p->fixup = !c->raw;
	p->path = whole->path;
	p->from = from;
	p->size = to - from;
	if (!p->path)
		p->text = span_from(whole->text.p + from, (size_t)(to - from));
}

int compose_add_data(struct compose *c, struct diag *d)
{
	struct compose_part whole = {.fixup = true};
	uint64_t at[BODIES_MAX], from = 0, size;
	struct buf unused;
	size_t count = 0;
	int result = fill(&whole, &c->spec->data, d);

	buf_init(&unused, COMPOSE_PIECE_MAX);
	if (result == 0 && !c->raw)
		result = find_bodies(c, &whole, at, &count, d);
	size = whole.path ? whole.size : whole.text.n;
	for (size_t i = 0; result == 0 && i < count; i++) {
		add_slice(c, &whole, from, at[i]);
		result = compose_add_body(c, &unused, d);
		from = at[i] + sizeof(COMPOSE_BODY) - 1;
	}
	if (result == 0)
		add_slice(c, &whole, from, size);
	buf_release(&unused);
	return result;
}
