/*
 * The reply parser: the same bytes, cut in two ways, must give the same lines, replies and faults,
 * and every reply must keep within its limits. The first byte of the input chooses the cuts.
 */
#include <stddef.h>
#include <stdint.h>
#include <stdlib.h>

#include "base/buf.h"
#include "smtp/reply.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

static void must(bool holds)
{
	if (!holds)
		abort();
}

static void check_reply(const struct smtp_reply *r)
{
	size_t at = 0;

	must(r->count <= SMTP_REPLY_LINES_MAX && r->raw.len <= SMTP_REPLY_MAX);
	must(smtp_reply_fatal(r) == (smtp_reply_class(r) == SMTP_CLASS_BROKEN));
	for (size_t i = 0; i < r->count; i++) {
		must(r->lines[i].start >= at && r->lines[i].len <= SMTP_REPLY_LINE_MAX);
		at = r->lines[i].start + r->lines[i].len;
		must(smtp_reply_text(r, i).n <= smtp_reply_line(r, i).n);
	}
	must(at <= r->raw.len);
	if (r->enhanced.present)
		must(r->enhanced.class == r->code / 100);
}

static void note(struct buf *out, const struct smtp_reply *r, bool whole)
{
	struct span last = smtp_reply_line(r, r->count - 1);

	check_reply(r);
	buf_addf(out, "%zu:", last.n);
	buf_addspan(out, last);
	if (whole)
		buf_addf(out, "[%d %x %d.%d.%d %zu %zu]", r->code, r->faults, r->enhanced.class,
		         r->enhanced.subject, r->enhanced.detail, r->count, r->raw.len);
}

static void parse(struct span bytes, unsigned step, struct buf *out)
{
	struct smtp_reply_parser p;

	smtp_reply_parser_init(&p);
	for (unsigned i = step; bytes.n > 0; i = i * 5 + 3) {
		size_t n = step == 0 ? bytes.n : 1 + i % step;
		struct span in = span_first(bytes, n);

		bytes = span_skip(bytes, n);
		while (in.n > 0) {
			enum smtp_parse found = smtp_reply_parser_feed(&p, &in);

			if (found == SMTP_PARSE_MORE)
				must(in.n == 0);
			else
				note(out, &p.reply, found == SMTP_PARSE_REPLY);
		}
	}
	if (smtp_reply_parser_end(&p))
		note(out, &p.reply, true);
	smtp_reply_parser_release(&p);
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	struct buf whole, cut;
	struct span bytes;

	if (size < 1)
		return 0;
	bytes = span_from((const char *)data + 1, size - 1);
	buf_init(&whole, 64u << 20);
	buf_init(&cut, 64u << 20);
	parse(bytes, 0, &whole);
	parse(bytes, 1u + data[0] % 32u, &cut);
	must(span_eq(buf_span(&whole), buf_span(&cut)));
	buf_release(&whole);
	buf_release(&cut);
	return 0;
}
