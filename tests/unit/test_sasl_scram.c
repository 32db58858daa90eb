/*
 * SCRAM against a second implementation, which is first held against the RFCs' own examples: the
 * client's proof is right, a wrong signature of the server is found, and a server cannot ask for
 * more than a client should give.
 */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include "sasl_stage.h"
#include "scram_reference.h"

/* RFC 5802 §5 and RFC 7677 §3. */
static void the_reference_is_right(void **state)
{
	static const struct {
		bool sha256;
		const char *salt, *nonce, *server_nonce, *proof, *signature;
	} rows[] = {
	        {false, "QSXCR+Q6sek8bf92", "fyko+d2lbbFgONRv9qkxdawL",
	         "fyko+d2lbbFgONRv9qkxdawL3rfcNHYJY1ZVvWVs7j",
	         "v0X8v3Bz2T0CJGbJQyF0X+HI4Ts=", "rmF9pqV8S7suAoZWja4dJRkFsKQ="},
	        {true, "W22ZaJ0SNY7soEsUEjb6gQ==", "rOprNGfwEbeRWgbNEkqO",
	         "rOprNGfwEbeRWgbNEkqO%hvYDpWUa2RaTCAfuxFIlj)hNlF$k0",
	         "dHzbZapWIk4jUhN+Ute9ytag9zjfMHgsqmmiz7AndVQ=",
	         "6rriTRBi23WpRR/wtup+mMhUZUn/dB5nLTJRsjl95G4="},
	};

	(void)state;
	for (size_t i = 0; i < COUNT(rows); i++) {
		struct scram s = {.password = "pencil", .rounds = 4096, .sha256 = rows[i].sha256};
		struct buf salt;
		size_t at;

		buf_init(&salt, 100);
		buf_init(&s.auth, 1000);
		assert_int_equal(sasl_base64_decode(span_of(rows[i].salt), &salt, &at), 0);
		s.salt = buf_span(&salt);
		buf_addf(&s.auth, "n=user,r=%s,r=%s,s=%s,i=4096,c=biws,r=%s", rows[i].nonce,
		         rows[i].server_nonce, rows[i].salt, rows[i].server_nonce);
		scram_compute(&s);
		assert_string_equal(s.proof, rows[i].proof);
		assert_string_equal(s.signature, rows[i].signature);
		buf_release(&salt);
		buf_release(&s.auth);
	}
}

/* --- a server made of the reference --- */

struct peer {
	struct sasl_client *client;
	struct scram s;
	struct buf first, challenge, answer; /* `first`: what the client said first, decoded */
	struct buf says, means;
	struct diag d;
};

static void decode(struct buf *text, struct buf *bytes)
{
	size_t at;

	buf_clear(bytes);
	assert_int_equal(sasl_base64_decode(buf_span(text), bytes, &at), 0);
	buf_clear(text);
}

static enum sasl_step give(struct peer *p, struct span challenge)
{
	buf_clear(&p->challenge);
	buf_clear(&p->answer);
	sasl_base64_encode(challenge, &p->challenge);
	return sasl_client_step(p->client, buf_span(&p->challenge), &p->answer, &p->says, &p->means,
	                        &p->d);
}

static void peer_open(struct peer *p, const char *mechanism, const struct sasl_secrets *secrets)
{
	*p = (struct peer){
	        .s = {.password = SECRET, .salt = SPAN("salt and more"), .rounds = 4096}};
	p->s.sha256 = strstr(mechanism, "256") != NULL;
	diag_init(&p->d);
	buf_init(&p->s.auth, 10000);
	buf_init(&p->first, 10000);
	buf_init(&p->challenge, 20000);
	buf_init(&p->answer, 20000);
	buf_init(&p->says, 10000);
	buf_init(&p->means, 10000);
	p->client = sasl_client_new(mechanism, secrets, &p->d);
	assert_non_null(p->client);
	assert_int_equal(
	        sasl_client_step(p->client, SPAN(""), &p->answer, &p->says, &p->means, &p->d),
	        SASL_SEND);
	decode(&p->answer, &p->first);
}

static void peer_close(struct peer *p)
{
	struct buf words;

	buf_init(&words, 10000);
	diag_format(&p->d, &words);
	assert_no_secret(buf_span(&words), SECRET);
	assert_no_secret(buf_span(&p->says), SECRET);
	assert_no_secret(buf_span(&p->means), SECRET);
	buf_release(&words);
	sasl_client_free(p->client);
	diag_release(&p->d);
	buf_release(&p->s.auth);
	buf_release(&p->first);
	buf_release(&p->challenge);
	buf_release(&p->answer);
	buf_release(&p->says);
	buf_release(&p->means);
}

/* After the header "n,," or "p=…,,": what both sides hash. */
static struct span bare(const struct peer *p, struct span *header)
{
	struct span rest = buf_span(&p->first);

	span_cut(&rest, ',');
	span_cut(&rest, ',');
	*header = span_first(buf_span(&p->first), p->first.len - rest.n);
	return rest;
}

/* The server's first message, up to `tail`, and the client's answer to it. */
static enum sasl_step challenge_with(struct peer *p, const char *tail, struct buf *final)
{
	struct span header, client_first = bare(p, &header), nonce;
	enum sasl_step step;
	struct buf first;

	buf_init(&first, 20000);
	nonce = span_skip(client_first, strlen("n=bob,r="));
	buf_addf(&first, "r=" SPAN_FMT "SERVER,s=", SPAN_ARG(nonce));
	sasl_base64_encode(p->s.salt, &first);
	buf_addf(&first, ",i=%s", tail);
	buf_addspan(&p->s.auth, client_first);
	buf_addch(&p->s.auth, ',');
	buf_addspan(&p->s.auth, buf_span(&first));
	step = give(p, buf_span(&first));
	if (step == SASL_SEND)
		decode(&p->answer, final);
	buf_release(&first);
	return step;
}

/* Checks the client's last message against the reference, which then knows its own signature. */
static void check_final(struct peer *p, struct span final)
{
	size_t n = 0;

	for (size_t i = 0; i + 3 <= final.n; i++)
		if (span_starts(span_skip(final, i), SPAN(",p=")))
			n = i;
	assert_true(n > 0);
	buf_addch(&p->s.auth, ',');
	buf_addspan(&p->s.auth, span_first(final, n));
	scram_compute(&p->s);
	assert_true(span_eq(span_skip(final, n + 3), span_of(p->s.proof)));
}

static void run_to_proof(struct peer *p)
{
	struct buf final;

	buf_init(&final, 10000);
	assert_int_equal(challenge_with(p, "4096", &final), SASL_SEND);
	check_final(p, buf_span(&final));
	buf_release(&final);
	assert_false(sasl_client_complete(p->client));
}

static const char *const mechanisms[] = {"SCRAM-SHA-1", "SCRAM-SHA-256"};

static void both_proofs_are_right(void **state)
{
	(void)state;
	for (size_t i = 0; i < COUNT(mechanisms); i++) {
		struct peer p;
		char last[80];

		peer_open(&p, mechanisms[i], &bob);
		run_to_proof(&p);
		snprintf(last, sizeof(last), "v=%s", p.s.signature);
		assert_int_equal(give(&p, span_of(last)), SASL_SEND);
		assert_int_equal(p.answer.len, 0);
		assert_true(sasl_client_complete(p.client));
		assert_non_null(strstr(p.says.data, "proof that it knows the password"));
		assert_non_null(strstr(p.means.data, "proof ******"));
		assert_null(strstr(p.means.data, p.s.proof));
		assert_int_equal(give(&p, SPAN("")), SASL_BROKEN);
		peer_close(&p);
	}
}

static void the_channel_is_bound(void **state)
{
	static const struct {
		const char *mechanism, *type, *header;
	} rows[] = {
	        {"SCRAM-SHA-256-PLUS", "tls-exporter", "p=tls-exporter,,"},
	        {"SCRAM-SHA-1-PLUS", "tls-exporter", "p=tls-exporter,,"},
	        {"SCRAM-SHA-256-PLUS", "tls-unique", "p=tls-unique,,"},
	        {"SCRAM-SHA-256", "tls-exporter", "n,,"},
	};

	(void)state;
	for (size_t i = 0; i < COUNT(rows); i++) {
		struct sasl_secrets bound = bob;
		struct buf final, input, expected;
		struct span header;
		struct peer p;

		bound.channel_binding = SPAN("\x01\x00 thirty-two bytes of the channel");
		bound.channel_binding_type = rows[i].type;
		peer_open(&p, rows[i].mechanism, &bound);
		bare(&p, &header);
		assert_true(span_eq(header, span_of(rows[i].header)));
		buf_init(&final, 10000);
		buf_init(&input, 1000);
		buf_init(&expected, 1000);
		assert_int_equal(challenge_with(&p, "4096", &final), SASL_SEND);
		check_final(&p, buf_span(&final));
		buf_addspan(&input, header);
		if (header.p[0] == 'p')
			buf_addspan(&input, bound.channel_binding);
		buf_addstr(&expected, "c=");
		sasl_base64_encode(buf_span(&input), &expected);
		buf_addstr(&expected, ",r=");
		assert_true(span_starts(buf_span(&final), buf_span(&expected)));
		buf_release(&final);
		buf_release(&input);
		buf_release(&expected);
		peer_close(&p);
	}
}

static void a_wrong_signature_is_a_lie(void **state)
{
	(void)state;
	for (size_t i = 0; i < COUNT(mechanisms); i++) {
		for (size_t flip = 0; flip < 4; flip++) {
			struct peer p;
			char last[80];

			peer_open(&p, mechanisms[i], &bob);
			run_to_proof(&p);
			snprintf(last, sizeof(last), "v=%s", p.s.signature);
			last[2 + flip * 5] = last[2 + flip * 5] == 'A' ? 'B' : 'A';
			assert_int_equal(give(&p, span_of(last)), SASL_SERVER_LIES);
			assert_false(sasl_client_complete(p.client));
			assert_int_equal(p.d.kind, DIAG_NETWORK);
			assert_non_null(strstr(p.d.what, "signature is wrong"));
			peer_close(&p);
		}
	}
}

static void a_server_that_does_not_know_the_password(void **state)
{
	struct peer p;
	char last[80];

	(void)state;
	peer_open(&p, "SCRAM-SHA-256", &bob);
	run_to_proof(&p);
	p.s.password = "guessed";
	scram_compute(&p.s);
	snprintf(last, sizeof(last), "v=%s", p.s.signature);
	assert_int_equal(give(&p, span_of(last)), SASL_SERVER_LIES);
	peer_close(&p);
}

static void a_last_message_that_is_none(void **state)
{
	static const char *const rows[] = {"",     "v=",         "v=!!!",
	                                   "junk", "v=AAAA,x=1", "r=a,s=Yg==,i=1"};

	(void)state;
	for (size_t i = 0; i < COUNT(rows); i++) {
		struct peer p;
		enum sasl_step step;

		peer_open(&p, "SCRAM-SHA-256", &bob);
		run_to_proof(&p);
		step = give(&p, span_of(rows[i]));
		assert_true(step == SASL_BROKEN || step == SASL_SERVER_LIES);
		assert_false(sasl_client_complete(p.client));
		peer_close(&p);
	}
}

static void a_refusal_is_acknowledged(void **state)
{
	struct peer p;

	(void)state;
	peer_open(&p, "SCRAM-SHA-256", &bob);
	run_to_proof(&p);
	assert_int_equal(give(&p, SPAN("e=invalid-proof")), SASL_SEND);
	assert_int_equal(p.answer.len, 0);
	assert_false(sasl_client_complete(p.client));
	assert_non_null(strstr(p.says.data, "refuses: invalid-proof"));
	assert_int_equal(give(&p, SPAN("")), SASL_BROKEN);
	peer_close(&p);
}

static void hashing_has_its_measure(void **state)
{
	static const struct {
		const char *rounds;
		enum sasl_step step;
		const char *said; /* in `says` or in the diag */
	} rows[] = {
	        {"1", SASL_SEND, "fewer than the 4096"},
	        {"4095", SASL_SEND, "fewer than the 4096"},
	        {"4096", SASL_SEND, "4096 rounds of hashing"},
	        {"1000001", SASL_BROKEN, "1,000,000 rounds"},
	        {"4294967297", SASL_BROKEN, "1,000,000 rounds"},
	        {"99999999999999999999999", SASL_BROKEN, "form"},
	        {"0", SASL_BROKEN, "form"},
	        {"-1", SASL_BROKEN, "form"},
	        {"4096x", SASL_BROKEN, "form"},
	};

	(void)state;
	for (size_t i = 0; i < COUNT(rows); i++) {
		struct buf final;
		struct peer p;

		peer_open(&p, "SCRAM-SHA-1", &bob);
		buf_init(&final, 10000);
		assert_int_equal(challenge_with(&p, rows[i].rounds, &final), rows[i].step);
		if (rows[i].step == SASL_SEND)
			assert_non_null(strstr(p.says.data, rows[i].said));
		else
			assert_non_null(strstr(p.d.what, rows[i].said));
		buf_release(&final);
		peer_close(&p);
	}
}

static void a_nonce_that_is_not_ours(void **state)
{
	static const char *const rows[] = {"r=SERVER,s=c2FsdA==,i=4096",
	                                   "r=,s=c2FsdA==,i=4096",
	                                   "s=c2FsdA==,i=4096",
	                                   "r=abc",
	                                   "r=abc,s=,i=4096",
	                                   "m=ext,r=abc,s=c2FsdA==,i=4096"};

	(void)state;
	for (size_t i = 0; i < COUNT(rows); i++) {
		struct peer p;

		peer_open(&p, "SCRAM-SHA-256", &bob);
		assert_int_equal(give(&p, span_of(rows[i])), SASL_BROKEN);
		assert_non_null(p.d.what);
		assert_int_equal(p.answer.len, 0);
		peer_close(&p);
	}
}

int main(void)
{
	const struct CMUnitTest tests[] = {
	        cmocka_unit_test(the_reference_is_right),
	        cmocka_unit_test(both_proofs_are_right),
	        cmocka_unit_test(the_channel_is_bound),
	        cmocka_unit_test(a_wrong_signature_is_a_lie),
	        cmocka_unit_test(a_server_that_does_not_know_the_password),
	        cmocka_unit_test(a_last_message_that_is_none),
	        cmocka_unit_test(a_refusal_is_acknowledged),
	        cmocka_unit_test(hashing_has_its_measure),
	        cmocka_unit_test(a_nonce_that_is_not_ours),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
