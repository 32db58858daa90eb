/*
 * DKIM: the RFCs' own messages and keys, then messages that are signed here and changed afterwards.
 * Signing uses the canonical forms that are tested, so those have the RFC's example of their own.
 */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>

#include <cmocka.h>

#include <openssl/evp.h>

#include "check/dkim.h"
#include "smtp/sasl.h"
#include "zone_network.h"

#define NOW    1600000000
#define KEY_OF "p=11qYAYKxCrfVS/7TyWQHOg7hcvPapiMlrwIaaPcHURo="
#define ED     "v=DKIM1; k=ed25519; " KEY_OF
static const struct zone_row zone[] = {
        {"brisbane._domainkey.football.example.com", DNS_TXT, ED},
        {"test._domainkey.football.example.com", DNS_TXT,
         "v=DKIM1; k=rsa; p=MIGfMA0GCSqGSIb3DQEBAQUAA4GNADCBiQKBgQDkHlOQoBTzWRiGs5V6NpP3id"
         "Y6Wk08a5qhdR6wy5bdOKb2jLQiY/J16JYi0Qvx/byYzCNb3W91y3FutACDfzwQ/BC/e/8uBsCR+yz1Lxj"
         "+PL6lHvqMKrM3rG4hstT5QjvHO9PzoxZyVYLzBfO2EeC3Ip3G+2kryOTIKT+l/K4w3QIDAQAB"},
        {"brisbane._domainkey.example.com", DNS_TXT,
         "v=DKIM1; p=MIGfMA0GCSqGSIb3DQEBAQUAA4GNADCBiQKBgQDwIRP/UC3SBsEmGqZ9ZJW3/DkMoGeLn"
         "Qg1fWn7/zYtIxN2SnFCjxOCKG9v3b4jYfcTNh5ijSsq631uBItLa7od+v/RtdC2UzJ1lWT947qR+Rcac2"
         "gbto/NMqJ0fzfVjH4OuKhitdY9tf6mcwGjaNBcWToIMmPSPDdQPNUYckcQ2QIDAQAB"},
        {"ed._domainkey.d.example", DNS_TXT, ED},
        {"test._domainkey.d.example", DNS_TXT, ED "; t=y"},
        {"same._domainkey.d.example", DNS_TXT, ED "; t=s"},
        {"revoked._domainkey.d.example", DNS_TXT, "v=DKIM1; k=ed25519; p="},
        {"other._domainkey.d.example", DNS_TXT, "v=DKIM1; k=ed448; " KEY_OF},
        {"rsa._domainkey.d.example", DNS_TXT,
         "v=DKIM1; p=MIGfMA0GCSqGSIb3DQEBAQUAA4GNADCBiQKBgQDwIRP/UC3SBsEmGqZ9ZJW3/DkMoGeLn"
         "Qg1fWn7/zYtIxN2SnFCjxOCKG9v3b4jYfcTNh5ijSsq631uBItLa7od+v/RtdC2UzJ1lWT947qR+Rcac2"
         "gbto/NMqJ0fzfVjH4OuKhitdY9tf6mcwGjaNBcWToIMmPSPDdQPNUYckcQ2QIDAQAB"},
        {"two._domainkey.d.example", DNS_TXT, ED},
        {"two._domainkey.d.example", DNS_TXT, ED "; n=2"},
        {"web._domainkey.d.example", DNS_TXT, ED "; s=web"},
        {"sha1._domainkey.d.example", DNS_TXT, ED "; h=sha1"},
        {"junk._domainkey.d.example", DNS_TXT, "v=DKIM1; k=ed25519; p=AAAA"},
        {"late._domainkey.d.example", DNS_TXT, KEY_OF "; k=ed25519; v=DKIM1"},
};
static const struct zone_failure failures[] = {
        {"slow._domainkey.d.example", DNS_TXT, DNS_STATUS_TIMEOUT},
        {NULL, 0, 0},
};

static struct zone_network dns;
static struct loop *loop;
static struct lookups *lookups;
static struct mail mail;
static struct dkim_verdicts verdicts;

static int load_zone(void **state)
{
	(void)state;
	zone_load_rows(&dns, zone, sizeof(zone) / sizeof(*zone));
	dns.failures = failures;
	return 0;
}

static int free_zone(void **state)
{
	(void)state;
	dns_zone_free(dns.zone);
	return 0;
}

static void again(void *arg)
{
	(void)arg;
	if (dkim_verify(lookups, &mail, NOW, &verdicts))
		loop_stop(loop);
}

static void verify(struct span text)
{
	const char *wrong = mail_read(text, &mail);

	if (wrong)
		fail_msg("%s", wrong);
	loop = loop_new();
	dns.network = (struct network){.ops = &zone_ops, .loop = loop, .name = "zone"};
	lookups = lookups_new(&dns.network, 20000, again, NULL);
	if (!dkim_verify(lookups, &mail, NOW, &verdicts))
		loop_run(loop);
}

static void leave(void)
{
	dkim_verdicts_release(&verdicts);
	mail_release(&mail);
	lookups_free(lookups);
	loop_free(loop);
}

static void expect(const char *what, size_t i, const char *result, const char *reason)
{
	const struct dkim_verdict *v = &verdicts.list[i];

	assert_true(i < verdicts.count);
	if (strcmp(dkim_result_name(v->result), result) != 0 || !strstr(v->reason, reason))
		fail_msg("%s: %s (%s), not %s (%s)", what, dkim_result_name(v->result), v->reason,
		         result, reason);
}

/* --- the RFCs' own --- */

#define RFC8463                                                                                    \
	"DKIM-Signature: v=1; a=ed25519-sha256; c=relaxed/relaxed;\n"                              \
	" d=football.example.com; i=@football.example.com;\n"                                      \
	" q=dns/txt; s=brisbane; t=1528637909; h=from : to :\n"                                    \
	" subject : date : message-id : from : subject : date;\n"                                  \
	" bh=2jUSOH9NhtVGCQWNr9BrIAPreKQjO6Sn7XIkfJVOzv8=;\n"                                      \
	" b=/gCrinpcQOoIfuHNQIbq4pgh9kyIK3AQUdt9OdqQehSwhEIug4D11Bus\n"                            \
	" Fa3bT3FY5OsU7ZbnKELq+eXdp1Q1Dw==\n"                                                      \
	"DKIM-Signature: v=1; a=rsa-sha256; c=relaxed/relaxed;\n"                                  \
	" d=football.example.com; i=@football.example.com;\n"                                      \
	" q=dns/txt; s=test; t=1528637909; h=from : to : subject :\n"                              \
	" date : message-id : from : subject : date;\n"                                            \
	" bh=2jUSOH9NhtVGCQWNr9BrIAPreKQjO6Sn7XIkfJVOzv8=;\n"                                      \
	" b=F45dVWDfMbQDGHJFlXUNB2HKfbCeLRyhDXgFpEL8GwpsRe0IeIixNTe3\n"                            \
	" DhCVlUrSjV4BwcVcOF6+FF3Zo9Rpo1tFOeS9mPYQTnGdaSGsgeefOsk2Jz\n"                            \
	" dA+L10TeYt9BgDfQNZtKdN1WO//KgIqXP7OdEFE4LjFYNcUxZQ4FADY+8=\n"                            \
	"From: Joe SixPack <joe@football.example.com>\n"                                           \
	"To: Suzie Q <suzie@shopping.example.net>\n"                                               \
	"Subject: Is dinner ready?\n"                                                              \
	"Date: Fri, 11 Jul 2003 21:00:37 -0700 (PDT)\n"                                            \
	"Message-ID: <20030712040037.46341.5F8J@football.example.com>\n"

#define RFC6376                                                                                    \
	"DKIM-Signature: v=1; a=rsa-sha256; s=brisbane; d=example.com;\r\n"                        \
	"      c=simple/simple; q=dns/txt; i=joe@football.example.com;\r\n"                        \
	"      h=Received : From : To : Subject : Date : Message-ID;\r\n"                          \
	"      bh=2jUSOH9NhtVGCQWNr9BrIAPreKQjO6Sn7XIkfJVOzv8=;\r\n"                               \
	"      b=AuUoFEfDxTDkHlLXSZEpZj79LICEps6eda7W3deTVFOk4yAUoqOB\r\n"                         \
	"      4nujc7YopdG5dWLSdNg6xNAZpOPr+kHxt1IrE+NahM6L/LbvaHut\r\n"                           \
	"      KVdkLLkpVaVVQPzeRDI009SO2Il5Lu7rDNH6mZckBdrIx0orEtZV\r\n"                           \
	"      4bmp/YzhwvcubU4=;\r\n"                                                              \
	"Received: from client1.football.example.com  [192.0.2.1]\r\n"                             \
	"      by submitserver.example.com with SUBMISSION;\r\n"                                   \
	"      Fri, 11 Jul 2003 21:01:54 -0700 (PDT)\r\n"                                          \
	"From: Joe SixPack <joe@football.example.com>\r\n"                                         \
	"To: Suzie Q <suzie@shopping.example.net>\r\n"                                             \
	"Subject: Is dinner ready?\r\n"                                                            \
	"Date: Fri, 11 Jul 2003 21:00:37 -0700 (PDT)\r\n"                                          \
	"Message-ID: <20030712040037.46341.5F8J@football.example.com>\r\n"

#define BODY "\nHi.\n\nWe lost the game. Are you hungry yet?\n\nJoe.\n"

static void test_published(void **state)
{
	(void)state;
	verify(SPAN(RFC8463 BODY "\n\n"));
	assert_int_equal(verdicts.count, 2);
	expect("RFC 8463 A.3", 0, "pass", "");
	expect("RFC 8463 A.3", 1, "pass", "");
	assert_string_equal(verdicts.list[1].algorithm, "rsa-sha256, 1024 bits");
	assert_non_null(strstr(verdicts.list[1].note, "weak"));
	assert_null(verdicts.list[0].note);
	leave();
	verify(SPAN(RFC6376 BODY));
	expect("RFC 6376 A.2", 0, "pass", "");
	leave();
	verify(SPAN("From me Mon Jan  1 00:00:00 2001\n" RFC6376 BODY));
	expect("in an mbox", 0, "pass", "");
	leave();
	verify(SPAN(RFC6376 "\nHi.\n\nWe won the game. Are you hungry yet?\n\nJoe.\n"));
	expect("another body", 0, "fail", "the body was changed");
	leave();
	verify(SPAN(RFC8463 "From: a second\n" BODY));
	expect("a second From", 0, "fail", "a signed header field was changed");
	leave();
}

/* RFC 6376 §3.4.5 */
static void test_canonical_forms(void **state)
{
	static const char a[] = "A: X\r\n", b[] = "B : Y\t\r\n\tZ  \r\n";
	static const char body[] = " C \r\nD \t E\r\n\r\n\r\n";
	static const struct {
		const char *body, *simple, *relaxed;
	} rows[] = {
	        {body, " C \r\nD \t E\r\n", " C\r\nD E\r\n"},
	        {"", "\r\n", ""},
	        {"\r\n\r\n", "\r\n", ""},
	        {"x", "x\r\n", "x\r\n"},
	        {" \t\r\n", " \t\r\n", ""},
	        {"\r\n\r\nx\r\n", "\r\n\r\nx\r\n", "\r\n\r\nx\r\n"},
	        {"x\r y\r\n", "x\r y\r\n", "x\r y\r\n"},
	};
	struct buf out;

	(void)state;
	buf_init(&out, 1000);
	dkim_canonical_field(span_of(a), true, &out);
	dkim_canonical_field(span_of(b), true, &out);
	assert_string_equal(out.data, "a:X\r\nb:Y Z\r\n");
	buf_clear(&out);
	dkim_canonical_field(span_of(b), false, &out);
	assert_string_equal(out.data, b);
	for (size_t i = 0; i < sizeof(rows) / sizeof(*rows); i++) {
		buf_clear(&out);
		dkim_canonical_body(span_of(rows[i].body), false, &out);
		assert_string_equal(out.data, rows[i].simple);
		buf_clear(&out);
		dkim_canonical_body(span_of(rows[i].body), true, &out);
		assert_string_equal(out.data, rows[i].relaxed);
	}
	buf_release(&out);
}

/* --- signed here --- */

#define FIELDS "From: a@d.example\r\nTo: b@e.example\r\nSubject:  one\r\n  two \r\nX: 1\r\nX: 2\r\n"
#define TEXT   "\r\nHello  world \r\nbye\r\n\r\n"

/* With the secret key of RFC 8463 A.2. */
static void sign_bytes(struct span text, struct buf *out)
{
	unsigned char digest[TLS_SHA256_SIZE], signature[64];
	size_t n = sizeof(signature), at;
	struct buf secret;
	EVP_PKEY *key;
	EVP_MD_CTX *c = EVP_MD_CTX_new();

	buf_init(&secret, 100);
	assert_int_equal(sasl_base64_decode(SPAN("nWGxne/9WmC6hEr0kuwsxERJxWl7MmkZcDusAxyuf2A="),
	                                    &secret, &at),
	                 0);
	key = EVP_PKEY_new_raw_private_key(EVP_PKEY_ED25519, NULL,
	                                   (const unsigned char *)secret.data, secret.len);
	tls_sha256(text, digest);
	assert_int_equal(EVP_DigestSignInit(c, NULL, NULL, NULL, key), 1);
	assert_int_equal(EVP_DigestSign(c, signature, &n, digest, sizeof(digest)), 1);
	sasl_base64_encode(span_from((const char *)signature, n), out);
	EVP_MD_CTX_free(c);
	EVP_PKEY_free(key);
	buf_release(&secret);
}

static void add_body_hash(const struct mail *m, const struct dkim_signature *s, struct buf *out)
{
	unsigned char digest[TLS_SHA256_SIZE];
	struct buf body;

	buf_init(&body, 10000);
	dkim_canonical_body(m->body, s->relaxed_body, &body);
	if (s->limited && s->limit < body.len)
		buf_cut(&body, (size_t)s->limit);
	tls_sha256(buf_span(&body), digest);
	sasl_base64_encode(span_from((const char *)digest, sizeof(digest)), out);
	buf_release(&body);
}

/* Appends the message with its signature, whose other tags are those. */
static void sign(const char *tags, struct buf *out)
{
	static const char nothing[] = "AAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAA=";
	struct dkim_signature s;
	struct mail m;
	struct buf hash, signature, text;

	buf_init(&hash, 1000);
	buf_init(&signature, 1000);
	buf_init(&text, 10000);
	for (int round = 0; round < 3; round++) {
		buf_clear(&text);
		buf_addf(&text, "DKIM-Signature: v=1; d=d.example; %s;\r\n bh=%s; b=%s\r\n%s%s",
		         tags, round > 0 ? hash.data : nothing,
		         round > 1 ? signature.data : "QQ==", FIELDS, TEXT);
		assert_null(mail_read(buf_span(&text), &m));
		if (dkim_signature_read(m.fields[0].value, &s) == NULL) {
			struct buf header;

			buf_init(&header, 10000);
			buf_clear(round == 0 ? &hash : &header);
			if (round == 0)
				add_body_hash(&m, &s, &hash);
			dkim_canonical_header(&m, &m.fields[0], &s, &header);
			if (round == 1)
				sign_bytes(buf_span(&header), &signature);
			buf_release(&header);
		}
		dkim_signature_release(&s);
		mail_release(&m);
	}
	buf_addspan(out, buf_span(&text));
	buf_release(&hash);
	buf_release(&signature);
	buf_release(&text);
}

#define USUAL "a=ed25519-sha256; s=ed; c=relaxed/relaxed; h=From:To:Subject:X:X:X"

static void test_changes(void **state)
{
	static const struct {
		const char *tags, *before, *after, *result, *reason;
	} rows[] = {
	        {USUAL, "", "", "pass", ""},
	        {USUAL, "Subject:  one", "SUBJECT : one ", "pass", ""},
	        {USUAL, "Hello  world \r\n", "Hello world\r\n", "pass", ""},
	        {USUAL, "bye\r\n", "bye\r\n\r\n\r\n", "pass", ""},
	        {USUAL, "bye", "by", "fail", "body was changed"},
	        {USUAL, "one", "two", "fail", "header field was changed"},
	        {USUAL, "X: 1\r\nX: 2", "X: 2\r\nX: 1", "fail", "header field was changed"},
	        {USUAL, "X: 1\r\n", "X: 0\r\nX: 1\r\n", "fail", "header field was changed"},
	        {USUAL, "To: b@e.example", "Cc: b@e.example", "fail", "header field was changed"},
	        {"a=ed25519-sha256; s=ed; h=From:X", "X: 1", "X: 9", "pass", ""},
	        {"a=ed25519-sha256; s=ed; h=From:X", "X: 2", "X: 9", "fail", "header field"},
	        {"a=ed25519-sha256; s=ed; h=From:To", "Hello  ", "Hello ", "fail", "body was"},
	        {"a=ed25519-sha256; s=ed; h=From:To; c=relaxed", "To: ", "To:  ", "pass", ""},
	        {"a=ed25519-sha256; s=ed; h=From:To; c=relaxed", "Hello  ", "Hello ", "fail", ""},
	        {"a=ed25519-sha256; s=ed; h=From:To; l=15", "bye\r\n", "bye\r\nad\r\n", "pass", ""},
	        {"a=ed25519-sha256; s=ed; h=From:To; l=15", "bye\r\n", "", "pass", ""},
	        {"a=ed25519-sha256; s=ed; h=From:To; l=99", "", "", "fail", "l= covers more"},
	        {USUAL "; x=1599999999", "", "", "fail", "expired"},
	        {USUAL "; t=1599999999; x=1600000001", "", "", "pass", ""},
	        {USUAL "; t=5; x=5", "", "", "neutral", "x= is not later"},
	        {USUAL "; i=bob@sub.d.example", "", "", "pass", ""},
	        {USUAL "; i=bob@xd.example", "", "", "neutral", "i= is not of the domain"},
	        {USUAL "; i=bob", "", "", "neutral", "i= has no"},
	        {USUAL "; q=dns/txt:other", "", "", "pass", ""},
	        {USUAL "; q=other", "", "", "neutral", "q= does not say"},
	        {USUAL "; d=twice", "", "", "neutral", "twice"},
	        {USUAL, "v=1", "v=2", "neutral", "v= is not 1"},
	        {USUAL, "v=1;", "", "neutral", "it has no v="},
	        {USUAL, "; b=", "; b=!", "neutral", "b= is not base64"},
	        {USUAL, "; b=", "; B=", "neutral", "it has no b="},
	        {"a=ed25519-sha256; s=ed; h=To", "", "", "neutral", "h= does not list From"},
	        {"a=md5; s=ed; h=From", "", "", "neutral", "a= is no algorithm"},
	        {"a=rsa-sha1; s=ed; h=From", "", "", "policy", "SHA-1"},
	        {"a=rsa-sha256; s=ed; h=From", "", "", "permerror", "another type"},
	        {"a=ed25519-sha256; s=rsa; h=From", "", "", "permerror", "another type"},
	        {"a=rsa-sha256; s=rsa; h=From", "", "", "fail", "header field was changed"},
	        {"a=ed25519-sha256; s=no; h=From", "", "", "permerror", "there is no key"},
	        {"a=ed25519-sha256; s=slow; h=From", "", "", "temperror", "could not be asked"},
	        {"a=ed25519-sha256; s=revoked; h=From", "", "", "permerror", "revoked"},
	        {"a=ed25519-sha256; s=two; h=From", "", "", "permerror", "more than one record"},
	        {"a=ed25519-sha256; s=other; h=From", "", "", "permerror", "neither rsa nor"},
	        {"a=ed25519-sha256; s=web; h=From", "", "", "permerror", "not for mail"},
	        {"a=ed25519-sha256; s=sha1; h=From", "", "", "permerror", "SHA-256"},
	        {"a=ed25519-sha256; s=junk; h=From", "", "", "permerror", "no Ed25519 key"},
	        {"a=ed25519-sha256; s=late; h=From", "", "", "permerror", "stand first"},
	        {"a=ed25519-sha256; s=test; h=From", "", "", "pass", ""},
	        {"a=ed25519-sha256; s=same; h=From; i=@d.example", "", "", "pass", ""},
	        {"a=ed25519-sha256; s=same; h=From; i=@x.d.example", "", "", "permerror", "t=s"},
	};

	(void)state;
	for (size_t i = 0; i < sizeof(rows) / sizeof(*rows); i++) {
		struct buf text, changed;
		const char *at;

		buf_init(&text, 10000);
		buf_init(&changed, 10000);
		sign(rows[i].tags, &text);
		at = strstr(text.data, rows[i].before);
		assert_non_null(at);
		buf_add(&changed, text.data, (size_t)(at - text.data));
		buf_addstr(&changed, rows[i].after);
		buf_addstr(&changed, at + strlen(rows[i].before));
		verify(buf_span(&changed));
		expect(rows[i].tags, 0, rows[i].result, rows[i].reason);
		leave();
		buf_release(&text);
		buf_release(&changed);
	}
}

static void test_notes(void **state)
{
	static const struct {
		const char *tags, *note;
	} rows[] = {
	        {"a=ed25519-sha256; s=test; h=From", "t=y"},
	        {"a=ed25519-sha256; s=ed; h=From; l=3", "unsigned"},
	        {"a=ed25519-sha256; s=ed; h=From; t=1600001000", "future"},
	};

	(void)state;
	for (size_t i = 0; i < sizeof(rows) / sizeof(*rows); i++) {
		struct buf text;

		buf_init(&text, 10000);
		sign(rows[i].tags, &text);
		verify(buf_span(&text));
		expect(rows[i].tags, 0, "pass", "");
		assert_non_null(strstr(verdicts.list[0].note, rows[i].note));
		leave();
		buf_release(&text);
	}
}

/* A message that ends anywhere in its header never passes: it is refused or judged. */
static void test_cut_short(void **state)
{
	struct buf text;
	size_t end, judged = 0;

	(void)state;
	buf_init(&text, 10000);
	sign(USUAL, &text);
	end = (size_t)(strstr(text.data, "\r\n\r\n") - text.data);
	for (size_t n = 20; n < end; n += 7) {
		if (mail_read(span_first(buf_span(&text), n), &mail))
			continue;
		mail_release(&mail);
		judged++;
		verify(span_first(buf_span(&text), n));
		assert_int_equal(verdicts.count, 1);
		assert_int_not_equal(verdicts.list[0].result, DKIM_PASS);
		leave();
	}
	assert_true(judged > 20);
	buf_release(&text);
}

static void test_many(void **state)
{
	struct buf text;

	(void)state;
	buf_init(&text, 100000);
	for (size_t i = 0; i < DKIM_SIGNATURES_MAX + 3; i++)
		buf_addstr(&text, "DKIM-Signature: v=1\r\n");
	buf_addstr(&text, "From: x\r\n\r\n");
	verify(buf_span(&text));
	assert_int_equal(verdicts.count, DKIM_SIGNATURES_MAX);
	assert_int_equal(verdicts.dropped, 3);
	leave();
	buf_release(&text);
}

/* A key of 512 bits, made with openssl(1). */
static void test_short_key(void **state)
{
	static const char record[] =
	        "v=DKIM1; p=MFwwDQYJKoZIhvcNAQEBBQADSwAwSAJBALk9Uqoz5B6Ahr429YxiM73vl8c0"
	        "t1korvCbzDbBqgCtcAzcVO9XCPXMwssas9YCn8/W01MnkLBI5WwfB5G7rTMCAwEAAQ==";
	struct dkim_key k;

	(void)state;
	assert_null(dkim_key_read(span_of(record), &k));
	assert_int_equal(tls_key_bits(k.key), 512);
	dkim_key_release(&k);
}

static void test_mail(void **state)
{
	static const struct {
		const char *from, *domain;
	} rows[] = {
	        {"Joe <joe@a.example>", "a.example"},
	        {"joe@a.example (Joe <x@b.example>)", "a.example"},
	        {"\"x@b.example <y@c.example>\" <joe@A.example>", "A.example"},
	        {"Joe\r\n <joe@a.example>, x@b.example", "a.example"},
	        {"nobody", NULL},
	};
	struct mail m;

	(void)state;
	for (size_t i = 0; i < sizeof(rows) / sizeof(*rows); i++) {
		char text[200], *domain;

		snprintf(text, sizeof(text), "Subject: x\r\nFrom: %s\r\n\r\n", rows[i].from);
		assert_null(mail_read(span_of(text), &m));
		domain = mail_from_domain(&m);
		if (rows[i].domain)
			assert_string_equal(domain, rows[i].domain);
		else
			assert_null(domain);
		free(domain);
		mail_release(&m);
	}
	assert_string_equal(mail_read(SPAN("no field\n"), &m), "a line in the header is no field");
	assert_string_equal(mail_read(SPAN("\n"), &m), "it has no header");
	assert_true(mail_looks_like(SPAN("Received: x\n")));
	assert_false(mail_looks_like(SPAN("$ORIGIN a.example.\n")));
	assert_false(mail_looks_like(SPAN("; a zone: this\n")));
}

int main(void)
{
	const struct CMUnitTest tests[] = {
	        cmocka_unit_test(test_published), cmocka_unit_test(test_canonical_forms),
	        cmocka_unit_test(test_changes),   cmocka_unit_test(test_notes),
	        cmocka_unit_test(test_cut_short), cmocka_unit_test(test_many),
	        cmocka_unit_test(test_short_key), cmocka_unit_test(test_mail),
	};

	return cmocka_run_group_tests(tests, load_zone, free_zone);
}
