/*
 * What all readers of DKIM tags share.
 */
#include "check/dkim_words.h"

#include "base/ascii.h"
#include "check/dkim.h"
#include "check/tags.h"
#include "smtp/sasl.h"

bool dkim_word_listed(struct span list, const char *word)
{
	while (list.p) {
		struct span one = tags_trim(span_cut(&list, ':'));

		if (span_eq_nocase(one, span_of(word)))
			return true;
	}
	return false;
}

void dkim_add_dense(struct span s, struct buf *out)
{
	for (size_t i = 0; i < s.n; i++) {
		if (!ascii_is_folding(s.p[i]))
			buf_addch(out, s.p[i]);
	}
}

int dkim_add_base64(struct span s, struct buf *out)
{
	struct buf dense;
	size_t at;
	int failed;

	buf_init(&dense, DKIM_BASE64_MAX);
	dkim_add_dense(s, &dense);
	failed = dense.full ? -1 : sasl_base64_decode(buf_span(&dense), out, &at);
	buf_release(&dense);
	return failed;
}
