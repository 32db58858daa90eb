/* The display function: whatever goes in, only allowed characters come out, and nothing is lost. */
#include <stdint.h>
#include <stdlib.h>
#include <string.h>

#include "base/display.h"
#include "base/utf8.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

static void check(struct span in, unsigned flags)
{
	struct buf out;

	buf_init(&out, in.n * 10);
	if (display_add(&out, in, flags) < 0 || out.len < in.n)
		abort();
	struct span left = buf_span(&out);
	while (left.n > 0) {
		uint32_t cp;
		size_t n = utf8_decode(left, &cp);
		if (n == 0 || !display_allows(cp, flags))
			abort();
		left = span_skip(left, n);
	}
	buf_release(&out);
	char *copy = display_dup(in, 40);
	if (strlen(copy) > 40)
		abort();
	free(copy);
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	struct span in = span_from((const char *)data, size);

	check(in, 0);
	check(in, DISPLAY_ASCII);
	check(in, DISPLAY_NEWLINE | DISPLAY_TAB);
	return 0;
}
