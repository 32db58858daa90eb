/*
 * The stage for tests of SASL: a client and a server that speak to each other through base64, a
 * place that holds all they said, and a search of it for a secret in every form it could take.
 * Include it after <cmocka.h>.
 */
#ifndef TESTS_SASL_STAGE_H
#define TESTS_SASL_STAGE_H

#include <ctype.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "smtp/sasl.h"

#define COUNT(a) (sizeof(a) / sizeof(*(a)))
#define SECRET   "s3cr3t-Pa55w0rd"

static const struct sasl_secrets bob = {
        .user = "bob", .password = SECRET, .host = "mx.example", .service = "smtp"};

static inline const char *password_of_bob(void *arg, const char *user)
{
	(void)arg;
	return strcmp(user, "bob") == 0 ? SECRET : NULL;
}

struct exchange {
	struct sasl_client *client;
	struct sasl_server *server;
	struct buf answer, challenge; /* base64 */
	struct buf says, means;
	struct diag d;
	enum sasl_step step;
	enum sasl_verdict verdict;
	int rounds;
	/* Changes a challenge on its way; NULL: nobody stands between. */
	void (*tamper)(int round, struct buf *challenge);
};

static inline void exchange_open(struct exchange *x, const char *mechanism,
                                 const struct sasl_secrets *secrets)
{
	*x = (struct exchange){0};
	diag_init(&x->d);
	buf_init(&x->answer, 100000);
	buf_init(&x->challenge, 100000);
	buf_init(&x->says, 100000);
	buf_init(&x->means, 100000);
	x->client = sasl_client_new(mechanism, secrets, &x->d);
	assert_non_null(x->client);
	x->server = sasl_server_new(mechanism, password_of_bob, NULL, "mx.example", &x->d);
	assert_non_null(x->server);
}

static inline void exchange_close(struct exchange *x)
{
	sasl_client_free(x->client);
	sasl_server_free(x->server);
	diag_release(&x->d);
	buf_release(&x->answer);
	buf_release(&x->challenge);
	buf_release(&x->says);
	buf_release(&x->means);
}

static inline void to_server(struct exchange *x, struct span answer)
{
	buf_clear(&x->challenge);
	x->verdict = sasl_server_step(x->server, answer, &x->challenge);
	if (x->tamper)
		x->tamper(x->rounds, &x->challenge);
}

/* Until the server has decided or the client gives up. */
static inline void exchange_run(struct exchange *x)
{
	struct buf line;

	buf_init(&line, 100000);
	assert_int_equal(sasl_client_command(x->client, &line, &x->means, &x->d), 0);
	struct span rest = buf_span(&line), word = span_word(&rest);

	assert_true(span_eq(word, SPAN("AUTH")));
	span_word(&rest);
	to_server(x, rest.n > 0 ? rest : (struct span){0});
	while (x->verdict == SASL_CHALLENGE && x->step == SASL_SEND && x->rounds++ < 20) {
		buf_clear(&x->answer);
		buf_addstr(&x->says, "\n");
		buf_addstr(&x->means, "\n");
		x->step = sasl_client_step(x->client, buf_span(&x->challenge), &x->answer, &x->says,
		                           &x->means, &x->d);
		if (x->step == SASL_SEND)
			to_server(x, buf_span(&x->answer));
	}
	buf_release(&line);
}

static inline bool holds(struct span text, struct span wanted)
{
	for (size_t i = 0; i + wanted.n <= text.n; i++)
		if (span_eq(span_first(span_skip(text, i), wanted.n), wanted))
			return true;
	return false;
}

static inline void to_hex(struct span s, struct buf *out)
{
	for (size_t i = 0; i < s.n; i++)
		buf_addf(out, "%02x", (unsigned char)s.p[i]);
}

/* In base64 a secret looks different at each of three offsets; the outer digits belong to its
 * neighbours. */
static inline void assert_no_base64(struct span text, const char *secret)
{
	for (size_t shift = 0; shift < 3; shift++) {
		struct buf padded, encoded;
		struct span inner;

		buf_init(&padded, 1000);
		buf_init(&encoded, 2000);
		buf_add(&padded, "\0\0\0", shift);
		buf_addstr(&padded, secret);
		sasl_base64_encode(buf_span(&padded), &encoded);
		inner = span_skip(buf_span(&encoded), shift == 0 ? 0 : shift + 1);
		inner = span_first(inner, inner.n - 4);
		assert_false(holds(text, inner));
		buf_release(&padded);
		buf_release(&encoded);
	}
}

static inline void assert_no_secret(struct span text, const char *secret)
{
	struct buf hex;

	buf_init(&hex, 1000);
	to_hex(span_of(secret), &hex);
	assert_false(holds(text, span_of(secret)));
	assert_false(holds(text, buf_span(&hex)));
	assert_no_base64(text, secret);
	buf_release(&hex);
}

static inline void assert_exchange_is_silent(struct exchange *x)
{
	struct buf words;

	buf_init(&words, 10000);
	diag_format(&x->d, &words);
	assert_no_secret(buf_span(&words), SECRET);
	assert_no_secret(buf_span(&x->says), SECRET);
	assert_no_secret(buf_span(&x->means), SECRET);
	buf_release(&words);
}

#endif
