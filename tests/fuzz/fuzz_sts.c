/*
 * What a policy host sends: an HTTP reply, in pieces of any size, and the policy in its body; and
 * the same bytes as a policy.
 */
#include <stdint.h>
#include <stdlib.h>

#include "check/sts.h"
#include "net/http_reply.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

enum { BODY_MAX = 4096 };

static void must(bool ok)
{
	if (!ok)
		abort();
}

static void read_policy(struct span text)
{
	struct sts_policy p;
	size_t line;
	const char *wrong = sts_policy_read(text, &p, &line);

	must(p.count <= STS_MX_MAX);
	if (!wrong) {
		must(p.mode <= STS_NONE && p.max_age <= STS_MAX_AGE_MAX);
		must(p.count > 0 || p.mode == STS_NONE);
		for (size_t i = 0; i < p.count; i++)
			must(!sts_mx_matches(p.mx[i], ""));
	}
	sts_policy_release(&p);
}

/* Returns the end, and the body's length. */
static enum http_progress read_reply(struct span rest, size_t step, size_t *len)
{
	enum http_progress end = HTTP_MORE;
	struct http_reply r;

	http_reply_init(&r, BODY_MAX);
	for (; rest.n > 0 && end == HTTP_MORE; rest = span_skip(rest, step))
		end = http_reply_feed(&r, span_first(rest, step));
	if (end == HTTP_MORE)
		end = http_reply_end(&r);
	must(end == HTTP_DONE || (end == HTTP_FAULT && r.fault));
	must(end == HTTP_FAULT || r.status >= 200);
	*len = r.body.len;
	if (end == HTTP_DONE)
		read_policy(buf_span(&r.body));
	http_reply_release(&r);
	return end;
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	struct span text = span_from((const char *)data, size);
	size_t whole, parts;

	must(read_reply(text, 1, &parts) == read_reply(text, size + 1, &whole));
	must(parts <= BODY_MAX && whole <= BODY_MAX);
	read_policy(text);
	return 0;
}
