/*
 * SASL. The input is an exchange, one act a line, the first of which names the mechanism: "s" a
 * challenge's base64 as it stands, "S" a challenge to be encoded, "c" and "C" likewise an answer,
 * "N" an AUTH command without an answer. Challenges go to a client, answers to a server, and both
 * to what explains them. Base64 has one form only, what is said is safe to show, a decided server
 * gives no challenge, and the client's password is in nothing that is said.
 */
#include <stddef.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>

#include "base/display.h"
#include "smtp/sasl.h"

#define SECRET "Zq7-fuzzed-secret"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

static void must(bool holds)
{
	if (!holds)
		abort();
}

struct stage {
	char mechanism[32];
	struct sasl_client *client;
	struct sasl_server *server;
	struct buf says, means, out;
	struct diag d;
	size_t round;
	bool decided; /* the server did */
};

static const char *password(void *arg, const char *user)
{
	(void)arg;
	return strcmp(user, "bob") == 0 ? "pw" : NULL;
}

static void check_base64(struct span text)
{
	struct buf bytes, again;
	size_t at = 0;

	buf_init(&bytes, 1u << 20);
	buf_init(&again, 1u << 20);
	if (sasl_base64_decode(text, &bytes, &at) == 0) {
		sasl_base64_encode(buf_span(&bytes), &again);
		must(span_eq(buf_span(&again), text));
	} else {
		must(at <= text.n && bytes.len == 0);
	}
	buf_release(&bytes);
	buf_release(&again);
}

/* What is safe already comes out of display_add() as it is. */
static void check_safe(const struct buf *words)
{
	struct buf again;

	buf_init(&again, 1u << 20);
	must(display_add(&again, buf_span(words), 0) == 0);
	must(span_eq(buf_span(&again), buf_span(words)));
	buf_release(&again);
}

static void check_silent(const struct stage *s)
{
	struct buf words;

	if (strstr(s->says.data, SECRET)) /* the input knew it */
		return;
	buf_init(&words, 1u << 20);
	diag_format(&s->d, &words);
	must(!strstr(words.data, SECRET) && !strstr(s->means.data, SECRET));
	buf_release(&words);
}

static void challenge(struct stage *s, struct span base64)
{
	struct buf says;
	enum sasl_step step = SASL_BROKEN;

	buf_init(&says, 1u << 20);
	if (sasl_challenge_says(base64, &says) == 0)
		must(says.len > 0);
	check_safe(&says);
	buf_release(&says);
	if (!s->client)
		return;
	buf_clear(&s->out);
	step = sasl_client_step(s->client, base64, &s->out, &s->says, &s->means, &s->d);
	check_safe(&s->says);
	check_safe(&s->means);
	check_silent(s);
	check_base64(buf_span(&s->out));
	if (step == SASL_SEND)
		return;
	must(s->out.len == 0 && s->d.kind == DIAG_NETWORK);
	must(!sasl_client_complete(s->client));
	sasl_client_free(s->client);
	s->client = NULL;
}

static void answer(struct stage *s, struct span base64)
{
	struct buf means;
	enum sasl_verdict verdict;
	size_t at = 0;

	buf_init(&means, 1u << 20);
	if (sasl_answer_means(s->mechanism, s->round++, base64, &means, &at) == 0)
		must(means.len > 0);
	check_safe(&means);
	buf_release(&means);
	if (!s->server || s->decided)
		return;
	buf_clear(&s->out);
	verdict = sasl_server_step(s->server, base64, &s->out);
	s->decided = verdict != SASL_CHALLENGE;
	must(!s->decided || s->out.len == 0);
	if (verdict == SASL_ACCEPTED)
		must(strcmp(sasl_server_user(s->server), "bob") == 0);
	check_base64(buf_span(&s->out));
}

static void act(struct stage *s, struct span line)
{
	struct span text = span_skip(line, 1);
	struct buf encoded;

	buf_init(&encoded, 1u << 20);
	sasl_base64_encode(text, &encoded);
	check_base64(text);
	switch (line.p[0]) {
	case 's': challenge(s, text); break;
	case 'S': challenge(s, buf_span(&encoded)); break;
	case 'c': answer(s, text); break;
	case 'C': answer(s, buf_span(&encoded)); break;
	case 'N': answer(s, (struct span){0}); break;
	default: break;
	}
	buf_release(&encoded);
}

static void start(struct stage *s, struct span mechanism)
{
	static const struct sasl_secrets secrets = {
	        .user = "bob", .password = SECRET, .host = "mx.example"};

	mechanism = span_first(mechanism, sizeof(s->mechanism) - 1);
	memcpy(s->mechanism, mechanism.p, mechanism.n);
	diag_init(&s->d);
	buf_init(&s->says, 1u << 20);
	buf_init(&s->means, 1u << 20);
	buf_init(&s->out, 1u << 20);
	s->client = sasl_client_new(s->mechanism, &secrets, &s->d);
	s->server = sasl_server_new(s->mechanism, password, NULL, "mx.example", &s->d);
	diag_release(&s->d);
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	struct span script = span_from((const char *)data, size);
	struct stage s = {0};

	if (size == 0 || size > 30000)
		return 0;
	start(&s, span_cut(&script, '\n'));
	for (int acts = 0; script.p && acts < 12; acts++) {
		struct span line = span_cut(&script, '\n');

		if (line.n > 0)
			act(&s, line);
	}
	sasl_client_free(s.client);
	sasl_server_free(s.server);
	diag_release(&s.d);
	buf_release(&s.says);
	buf_release(&s.means);
	buf_release(&s.out);
	return 0;
}
