/* Any bytes, written as a session file and read back, are the same bytes; and the file shows no
 * secret and no control byte. The first byte says which side speaks, whether secrets are known, and
 * how long the secret is, which the next bytes are. */
#include <ctype.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>

#include "session/writer.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

/* Others may come about by chance, of marks, names and escapes. */
static bool plain_and_long(struct span secret)
{
	for (size_t i = 0; i < secret.n; i++) {
		if (!isalnum((unsigned char)secret.p[i]))
			return false;
	}
	return secret.n >= 16;
}

static void check_text(struct span text, struct span secret)
{
	for (size_t i = 0; i < text.n; i++) {
		unsigned char c = (unsigned char)text.p[i];

		if ((c < 0x20 && c != '\t' && c != '\n') || c == 0x7f)
			abort();
	}
	if (plain_and_long(secret) && memmem(text.p, text.n, secret.p, secret.n))
		abort();
}

static void check_back(struct span text, struct session_vars *v, struct span bytes, bool lost)
{
	struct session_file *f;
	struct diags ds;
	struct buf back;

	diags_init(&ds);
	f = session_file_parse("f", text, &ds);
	if (!f || f->warnings.count > 0)
		abort();
	buf_init(&back, 4u << 20);
	for (size_t i = 0; i < f->count; i++) {
		if (session_step_wire(v, &f->steps[i], &back, NULL) != 0)
			abort();
	}
	if (!lost && !span_eq(buf_span(&back), bytes))
		abort();
	buf_release(&back);
	session_file_free(f);
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	struct span bytes = span_from((const char *)data, size), secret;
	unsigned flags = size > 0 ? data[0] : 0;
	struct session_vars *v = session_vars_new();
	struct buf out;
	struct session_writer w = {.out = &out};

	if (size > 1u << 16) {
		session_vars_free(v);
		return 0;
	}
	bytes = span_skip(bytes, 1);
	secret = span_first(bytes, flags >> 2);
	bytes = span_skip(bytes, secret.n);
	if (session_vars_set_secret(v, SPAN("s"), secret, SESSION_ORIGIN_OPTION, NULL, NULL) != 0)
		secret.n = 0;
	if (flags & 1)
		w.vars = v;
	buf_init(&out, 4u << 20);
	if (session_write_start(&w) != 0 || session_write_bytes(&w, flags & 2, bytes) != 0)
		abort();
	check_text(buf_span(&out), w.vars ? secret : SPAN(""));
	check_back(buf_span(&out), v, bytes, w.lost > 0);
	buf_release(&out);
	session_vars_free(v);
	return 0;
}
