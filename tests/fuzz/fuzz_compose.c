/*
 * Messages out of any bytes: the first says which options there are, the rest, cut at NUL bytes,
 * are their values. Whatever they hold, a message has the size that was said, CRLF line ends only,
 * and comes the same again; one that is ours alone has no line over 998 bytes and nothing that was
 * not allowed.
 */
#include <stdint.h>
#include <stdlib.h>
#include <string.h>

#include "base/mem.h"
#include "send/compose.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

enum {
	WITH_DATA = 1,
	WITH_ATTACHMENT = 2,
	WITH_NAME = 4,
	EIGHTBIT = 8,
	WITH_UTF8 = 16,
	REFUSE = 32,
	AS_TEXT = 64,
	AS_BODY = 128,
};

static void must(bool ok)
{
	if (!ok)
		abort();
}

static char *next(struct span *rest)
{
	struct span s = span_cut(rest, '\0');

	return mem_dupn(s.p ? s.p : "", s.n);
}

static void set_content(struct message_content *c, struct span *rest)
{
	struct span s = span_cut(rest, '\0');

	message_content_set(c, MESSAGE_CONTENT_TEXT, s.p ? s : SPAN(""));
}

static void fill(struct message_spec *spec, unsigned flags, struct span rest)
{
	struct message_attachment *a;
	char *text;

	spec->from = next(&rest);
	text = next(&rest);
	message_spec_add_address(&spec->to, &spec->to_count, &spec->to_room, span_of(text));
	free(text);
	spec->date = mem_dup("DATE");
	spec->message_id = mem_dup("ID");
	for (int type = MESSAGE_HEADER_REPLACE; type <= MESSAGE_HEADER_ADD; type++) {
		text = next(&rest);
		message_spec_add_header(spec, (enum message_header_edit_type)type, span_of(text));
		free(text);
	}
	spec->eightbit = (flags & EIGHTBIT) != 0;
	spec->utf8 = (flags & WITH_UTF8) != 0;
	spec->line_ends = flags & REFUSE ? MESSAGE_LINE_ENDS_REFUSE : MESSAGE_LINE_ENDS_REPAIR;
	if (flags & WITH_ATTACHMENT) {
		a = message_spec_add_attachment(spec);
		a->body = (flags & AS_BODY) != 0;
		a->name_given = (flags & WITH_NAME) != 0;
		a->name = a->name_given ? next(&rest) : NULL;
		a->type = flags & AS_TEXT ? mem_dup("text/plain") : NULL;
		set_content(&a->content, &rest);
	}
	if (flags & WITH_DATA)
		set_content(&spec->data, &rest);
	set_content(&spec->body, &rest);
}

static void read_all(struct compose *c, struct buf *out)
{
	bool end = false;
	struct diag d;

	diag_init(&d);
	compose_rewind(c);
	buf_clear(out);
	while (!end)
		must(compose_read(c, out, &end, &d) == 0);
	must(out->len == compose_size(c));
}

static void check_lines(struct span message, bool ours)
{
	must(message.n >= 2 && message.p[message.n - 1] == '\n');
	while (message.n > 0) {
		size_t n = span_find(message, '\n');

		must(n < message.n && n > 0 && message.p[n - 1] == '\r');
		must(!memchr(message.p, '\r', n - 1));
		must(!ours || n - 1 <= 998);
		message = span_skip(message, n + 1);
	}
}

/* Header options may hold a field that takes no encoding, and name a type of their own. */
static bool is_ours(const struct message_spec *spec, unsigned flags)
{
	return !(flags & WITH_DATA) && spec->headers[0].line[0] == '\0' &&
	       spec->headers[1].line[0] == '\0' && strlen(spec->from) < 200 &&
	       strlen(spec->to[0]) < 200;
}

static bool has_eight(struct span s)
{
	for (size_t i = 0; i < s.n; i++) {
		if (s.p[i] & 0x80)
			return true;
	}
	return false;
}

static void check(struct compose *c, const struct message_spec *spec, unsigned flags)
{
	struct buf first, second;
	struct span body;

	buf_init(&first, 64u << 20);
	buf_init(&second, 64u << 20);
	read_all(c, &first);
	read_all(c, &second);
	must(span_eq(buf_span(&first), buf_span(&second)));
	must(span_starts(buf_span(&first), compose_header(c)));
	must(compose_needs_utf8(c) == has_eight(compose_header(c)));
	body = span_skip(buf_span(&first), compose_header(c).n);
	must(compose_needs_8bit(c) == has_eight(body));
	check_lines(buf_span(&first), is_ours(spec, flags));
	if (is_ours(spec, flags) && !(flags & EIGHTBIT))
		must(!compose_needs_8bit(c));
	buf_release(&first);
	buf_release(&second);
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	struct message_spec spec;
	struct compose *c = NULL;
	struct diag d;

	if (size == 0 || size > 20000)
		return 0;
	message_spec_init(&spec);
	diag_init(&d);
	fill(&spec, data[0], span_from((const char *)data + 1, size - 1));
	if (compose_open(&c, &spec, &d) == 0)
		check(c, &spec, data[0]);
	else
		must(d.what != NULL);
	compose_free(c);
	message_spec_release(&spec);
	diag_release(&d);
	return 0;
}
