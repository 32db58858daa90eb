/*
 * Signatures, made with the keys of RFC 8463 and read by our own verifier; another's reads them in
 * tests/e2e/compose.bats.
 */
#include <fcntl.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include <cmocka.h>
#include <openssl/evp.h>
#include <openssl/pem.h>

#include "base/mem.h"
#include "check/dkim.h"
#include "send/compose.h"
#include "send/dkim_sign.h"
#include "zone_network.h"

/* RFC 8463 appendix A.1 as PKCS #8. */
#define ED_KEY                                                                                     \
	"-----BEGIN PRIVATE KEY-----\n"                                                            \
	"MC4CAQAwBQYDK2VwBCIEIJ1hsZ3v/VpguoRK9JLsLMREScVpezJpGXA7rAMcrn9g\n"                       \
	"-----END PRIVATE KEY-----\n"

static const struct zone_row zone[] = {
        {"ed._domainkey.x.example", DNS_TXT,
         "v=DKIM1; k=ed25519; p=11qYAYKxCrfVS/7TyWQHOg7hcvPapiMlrwIaaPcHURo="},
        {"ed._domainkey.xn--bcher-kva.example", DNS_TXT,
         "v=DKIM1; k=ed25519; p=11qYAYKxCrfVS/7TyWQHOg7hcvPapiMlrwIaaPcHURo="},
};

static const struct zone_failure failures[] = {{NULL, 0, 0}};

static struct zone_network dns;
static struct loop *loop;
static struct lookups *lookups;
static struct mail mail;
static struct dkim_verdicts verdicts;
static char path[] = "/tmp/test_dkim_sign.XXXXXX";

static void write_key(const char *text)
{
	int fd = open(path, O_WRONLY | O_CREAT | O_TRUNC, 0600);

	assert_int_equal(write(fd, text, strlen(text)), strlen(text));
	close(fd);
}

static int setup(void **state)
{
	(void)state;
	zone_load_rows(&dns, zone, sizeof(zone) / sizeof(*zone));
	dns.failures = failures;
	return mkstemp(path) < 0;
}

static int teardown(void **state)
{
	(void)state;
	dns_zone_free(dns.zone);
	return unlink(path);
}

static void again(void *arg)
{
	(void)arg;
	if (dkim_verify(lookups, &mail, time(NULL), &verdicts))
		loop_stop(loop);
}

static void verify(struct span message, const char *result)
{
	assert_null(mail_read(message, &mail));
	loop = loop_new();
	dns.network = (struct network){.ops = &zone_ops, .loop = loop, .name = "zone"};
	lookups = lookups_new(&dns.network, 20000, again, NULL);
	if (!dkim_verify(lookups, &mail, time(NULL), &verdicts))
		loop_run(loop);
	assert_int_equal(verdicts.count, 1);
	if (strcmp(dkim_result_name(verdicts.list[0].result), result) != 0)
		fail_msg("%s (%s)", dkim_result_name(verdicts.list[0].result),
		         verdicts.list[0].reason);
	dkim_verdicts_release(&verdicts);
	mail_release(&mail);
	lookups_free(lookups);
	loop_free(loop);
}

static void compose_signed(const char *from, const char *domain, const char *body, struct buf *out)
{
	struct message_spec spec;
	struct compose *c = NULL;
	bool end = false;
	struct diag d;

	message_spec_init(&spec);
	diag_init(&d);
	spec.from = mem_dup(from);
	spec.dkim_key = mem_dup(path);
	spec.dkim_selector = mem_dup("ed");
	spec.dkim_domain = domain ? mem_dup(domain) : NULL;
	message_spec_add_address(&spec.to, &spec.to_count, &spec.to_room, SPAN("b@y.example"));
	message_content_set(&spec.body, MESSAGE_CONTENT_TEXT, span_of(body));
	if (compose_open(&c, &spec, &d) < 0)
		fail_msg("%s", d.what);
	buf_clear(out);
	while (!end)
		assert_int_equal(compose_read(c, out, &end, &d), 0);
	assert_int_equal(out->len, compose_size(c));
	compose_free(c);
	message_spec_release(&spec);
}

static void test_verified(void **state)
{
	static const char *const bodies[] = {"", "x", "\n\n\n", " \t\n a  b \n\n\n", "a\n\nb\n.\n"};
	struct buf message;

	(void)state;
	write_key(ED_KEY);
	buf_init(&message, 1u << 20);
	for (size_t i = 0; i < sizeof(bodies) / sizeof(*bodies); i++) {
		compose_signed("a@x.example", "x.example", bodies[i], &message);
		verify(buf_span(&message), "pass");
		buf_addstr(&message, "more\r\n");
		verify(buf_span(&message), "fail");
	}
	compose_signed("a@x.example", NULL, "the domain of From", &message);
	verify(buf_span(&message), "pass");
	compose_signed("a@x.example",
	               "b\xc3\xbc"
	               "cher.example",
	               "A-labels", &message);
	verify(buf_span(&message), "pass");
	buf_release(&message);
}

static void test_fields_are_signed_once_more(void **state)
{
	struct buf message, twice;

	(void)state;
	buf_init(&message, 1u << 20);
	buf_init(&twice, 1u << 20);
	compose_signed("a@x.example", NULL, "text", &message);
	buf_addf(&twice, "Cc: e@v.example\r\n%s", message.data);
	verify(buf_span(&twice), "fail");
	buf_clear(&twice);
	buf_addf(&twice, "List-Id: <l.v.example>\r\n%s", message.data);
	verify(buf_span(&twice), "pass");
	buf_release(&message);
	buf_release(&twice);
}

static void expect_no_key(const char *why)
{
	struct diag d;

	diag_init(&d);
	assert_null(dkim_sign_key(path, &d));
	if (!strstr(d.what, why))
		fail_msg("%s, not %s", d.what, why);
	diag_release(&d);
}

static void write_pem(EVP_PKEY *key, const EVP_CIPHER *cipher)
{
	BIO *bio = BIO_new_file(path, "w");

	assert_int_equal(PEM_write_bio_PKCS8PrivateKey(bio, key, cipher, "secret", 6, NULL, NULL),
	                 1);
	BIO_free(bio);
	EVP_PKEY_free(key);
}

static void test_keys_that_cannot_sign(void **state)
{
	(void)state;
	write_key("no key\n");
	expect_no_key("holds no private key in PEM");
	write_pem(EVP_RSA_gen(512), NULL);
	expect_no_key("less than 1024 bits");
	write_pem(EVP_EC_gen("P-256"), NULL);
	expect_no_key("neither RSA");
	write_pem(EVP_RSA_gen(1024), EVP_aes_128_cbc());
	expect_no_key("locked with a passphrase");
}

static void expect_no_signature(const char *header, const char *selector, const char *domain,
                                const char *why)
{
	static const unsigned char digest[TLS_SHA256_SIZE];
	struct dkim_signer s = {.domain = domain, .selector = selector};
	struct tls_key *key = NULL;
	struct buf out;
	struct diag d;

	diag_init(&d);
	buf_init(&out, 10000);
	assert_null(tls_key_read_private(SPAN(ED_KEY), &key));
	s.key = key;
	assert_int_equal(dkim_sign(&s, span_of(header), digest, &out, &d), -1);
	if (!strstr(d.what, why))
		fail_msg("%s, not %s", d.what, why);
	assert_int_equal(out.len, 0);
	tls_key_free(key);
	buf_release(&out);
	diag_release(&d);
}

static void test_what_cannot_be_signed(void **state)
{
	(void)state;
	expect_no_signature("From: a@x.example\r\n", NULL, NULL, "needs a selector");
	expect_no_signature("From: a@x.example\r\n", "a b", NULL, "needs a selector");
	expect_no_signature("Subject: x\r\n", "s", NULL, "no From with a domain");
	expect_no_signature("From: a@x.example\r\nno field\r\n", "s", NULL, "is no field");
	expect_no_signature("From: a@x.example\r\n", "s", "a..b", "cannot be a domain name");
}

int main(void)
{
	const struct CMUnitTest tests[] = {
	        cmocka_unit_test(test_verified),
	        cmocka_unit_test(test_fields_are_signed_once_more),
	        cmocka_unit_test(test_keys_that_cannot_sign),
	        cmocka_unit_test(test_what_cannot_be_signed),
	};

	return cmocka_run_group_tests(tests, setup, teardown);
}
