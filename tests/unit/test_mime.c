/*
 * Encodings, encoded words, parameters and folding: known answers, then the same in pieces.
 */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include "net/tls_key.h"
#include "send/mime_encode.h"
#include "send/mime_type.h"
#include "send/mime_word.h"
#include "send/sample.h"
#include "smtp/sasl.h"

static struct buf out;

static int setup(void **state)
{
	(void)state;
	buf_init(&out, 1u << 20);
	return 0;
}

static int teardown(void **state)
{
	(void)state;
	buf_release(&out);
	return 0;
}

static void encode(enum mime_coding coding, struct span s, size_t step)
{
	struct mime_encoder e = {.coding = coding};

	buf_clear(&out);
	for (; s.n > 0; s = span_skip(s, step))
		mime_encode_add(&e, span_first(s, step), &out);
	mime_encode_end(&e, &out);
}

static void expect(const char *wanted)
{
	assert_string_equal(out.data, wanted);
}

static void test_base64(void **state)
{
	char bytes[300];

	(void)state;
	for (size_t i = 0; i < sizeof(bytes); i++)
		bytes[i] = (char)(i * 7);
	for (size_t n = 0; n <= sizeof(bytes); n++) {
		struct buf plain, wanted;

		buf_init(&plain, 1000);
		buf_init(&wanted, 1000);
		sasl_base64_encode(span_from(bytes, n), &plain);
		for (struct span s = buf_span(&plain); s.n > 0; s = span_skip(s, 76))
			buf_addf(&wanted, SPAN_FMT "\r\n", SPAN_ARG(span_first(s, 76)));
		for (size_t step = 1; step < 130; step += 16) {
			encode(MIME_BASE64, span_from(bytes, n), step);
			expect(wanted.data);
			assert_int_equal(out.len, mime_base64_size(n));
		}
		buf_release(&plain);
		buf_release(&wanted);
	}
}

static const struct {
	const char *text, *encoded;
} quoted[] = {
        {"", ""},
        {"plain", "plain"},
        {"a=b", "a=3Db"},
        {"gr\xc3\xbc\xc3\x9f", "gr=C3=BC=C3=9F"},
        {"blank \r\ntab\t\r\nend ", "blank=20\r\ntab=09\r\nend=20"},
        {"two  \r\n", "two =20\r\n"},
        {"\r\n\r\n", "\r\n\r\n"},
        {"a\rb\nc", "a=0Db=0Ac"},
        {"a\r", "a=0D"},
        {"a\r\r\n", "a=0D\r\n"},
        {"123456789 123456789 123456789 123456789 123456789 123456789 123456789 12345",
         "123456789 123456789 123456789 123456789 123456789 123456789 123456789 12345"},
        {"123456789 123456789 123456789 123456789 123456789 123456789 123456789 123456",
         "123456789 123456789 123456789 123456789 123456789 123456789 123456789 12345=\r\n6"},
        {"123456789 123456789 123456789 123456789 123456789 123456789 123456789 123=",
         "123456789 123456789 123456789 123456789 123456789 123456789 123456789 123=\r\n=3D"},
};

static void test_quoted_printable(void **state)
{
	(void)state;
	for (size_t i = 0; i < sizeof(quoted) / sizeof(*quoted); i++) {
		for (size_t step = 1; step < 5; step++) {
			encode(MIME_QUOTED_PRINTABLE, span_of(quoted[i].text), step);
			expect(quoted[i].encoded);
		}
	}
}

static const struct {
	const char *line, *written;
	bool ascii;
} headers[] = {
        {"Subject: plain text, not touched", "Subject: plain text, not touched", true},
        {"Subject: Gr\xc3\xbc\xc3\x9f", "Subject: =?utf-8?B?R3LDvMOf?=", true},
        {"Subject: sch\xc3\xb6ne lange Worte", "Subject: =?utf-8?Q?sch=C3=B6ne?= lange Worte",
         true},
        {"Subject: a l\xc3\xa4nger and l\xc3\xa4nger z",
         "Subject: a =?utf-8?Q?l=C3=A4nger_and_l=C3=A4nger?= z", true},
        {"Subject: \xff", "Subject: =?unknown-8bit?Q?=FF?=", true},
        {"From: J\xc3\xbcrgen <j@x.example>", "From: =?utf-8?Q?J=C3=BCrgen?= <j@x.example>", true},
        {"From: \"M\xc3\xbcller, \\\"K\\\"\" <k@x.example>, b@x.example",
         "From: =?utf-8?Q?M=C3=BCller=2C_=22K=22?= <k@x.example>, b@x.example", true},
        {"To: \"a, b\" <k@x.example>", "To: \"a, b\" <k@x.example>", true},
        {"To: j\xc3\xbcrgen@x.example", "To: j\xc3\xbcrgen@x.example", false},
        {"To: <j@b\xc3\xbc"
         "cher.example>",
         "To: <j@xn--bcher-kva.example>", true},
        {"To: j@b\xc3\xbc"
         "cher.example (B\xc3\xbc"
         "cher)",
         "To: j@xn--bcher-kva.example (=?utf-8?Q?B=C3=BCcher?=)", true},
        {"Message-Id: <\xc3\xbc@x>", "Message-Id: <\xc3\xbc@x>", false},
        {"Subject:\xc3\xbc", "Subject:=?utf-8?Q?=C3=BC?=", true},
        {"To: \"open <a@x.example>", "To: \"open <a@x.example>", true},
        {"To: (", "To: (", true},
        {"To: <", "To: <", true},
        {"no field \xc3\xbc", "no field \xc3\xbc", false},
};

static void test_headers(void **state)
{
	(void)state;
	for (size_t i = 0; i < sizeof(headers) / sizeof(*headers); i++) {
		buf_clear(&out);
		assert_int_equal(mime_word_header(span_of(headers[i].line), &out),
		                 headers[i].ascii);
		expect(headers[i].written);
	}
}

static void test_words_are_short_and_whole(void **state)
{
	struct buf text;

	(void)state;
	buf_init(&text, 10000);
	buf_addstr(&text, "Subject: ");
	for (size_t i = 0; i < 200; i++)
		buf_addstr(&text, i % 3 ? "\xe6\x97\xa5" : "\xf0\x9f\x98\x80");
	assert_true(mime_word_header(buf_span(&text), &out));
	for (struct span rest = buf_span(&out); rest.p;) {
		struct span line = span_cut(&rest, '\n'), word = line;
		struct buf decoded;
		size_t at;

		assert_true(line.n <= 77); /* with the CR */
		word = span_first(line, span_find(line, '\r'));
		word = span_skip(word, span_find(word, '='));
		assert_true(word.n <= 75);
		word = span_first(span_skip(word, 10), word.n - 12);
		buf_init(&decoded, 100);
		assert_int_equal(sasl_base64_decode(word, &decoded, &at), 0);
		assert_true(decoded.len > 0);
		assert_true((decoded.data[0] & 0xc0) == 0xc0);
		buf_release(&decoded);
	}
	buf_release(&text);
}

static void parameter(const char *value, const char *wanted)
{
	buf_clear(&out);
	mime_word_parameter("name", span_of(value), &out);
	expect(wanted);
}

static void test_parameters(void **state)
{
	(void)state;
	parameter("a b.txt", "; name=\"a b.txt\"");
	parameter("q\"\\", "; name=\"q\\\"\\\\\"");
	parameter("\xc3\xbc 1.txt", ";\r\n name*=utf-8''%C3%BC%201.txt");
	parameter("\xff", ";\r\n name*=unknown-8bit''%FF");
	parameter("tab\there", ";\r\n name*=utf-8''tab%09here");
	parameter(
	        "\xc3\xa4\xc3\xa4\xc3\xa4\xc3\xa4\xc3\xa4\xc3\xa4\xc3\xa4\xc3\xa4\xc3\xa4\xc3\xa4",
	        ";\r\n name*0*=utf-8''%C3%A4%C3%A4%C3%A4%C3%A4%C3%A4%C3%A4%C3%A4%C3%A4%C3%A4"
	        ";\r\n name*1*=%C3%A4");
}

static void test_fold(void **state)
{
	struct buf line;

	(void)state;
	mime_word_fold(SPAN("Short: line"), &out);
	expect("Short: line");
	buf_clear(&out);
	buf_init(&line, 10000);
	buf_addstr(&line, "To: ");
	for (size_t i = 0; i < 200; i++)
		buf_addf(&line, "%ssomeone%zu@x.example", i ? "," : "", i);
	mime_word_fold(buf_span(&line), &out);
	assert_true(span_starts(buf_span(&out), SPAN("To: someone0@x.example,someone1@x.example,"
	                                             "someone2@x.example,\r\n someone3@")));
	for (struct span rest = buf_span(&out); rest.p;)
		assert_true(span_cut(&rest, '\n').n <= 999);
	buf_release(&line);
}

static void test_types(void **state)
{
	(void)state;
	assert_string_equal(mime_type_of(SPAN("a.PNG")), "image/png");
	assert_string_equal(mime_type_of(SPAN("/x.y/a.tar.gz")), "application/gzip");
	assert_string_equal(mime_type_of(SPAN("noending")), MIME_TYPE_UNKNOWN);
	assert_string_equal(mime_type_of(SPAN("x.pdf/noending")), MIME_TYPE_UNKNOWN);
	assert_string_equal(mime_type_of(SPAN(".txt")), MIME_TYPE_UNKNOWN);
	assert_string_equal(mime_type_of(SPAN("")), MIME_TYPE_UNKNOWN);
	assert_string_equal(mime_type_of(SPAN("a.unheard")), MIME_TYPE_UNKNOWN);
}

/* The published digest of EICAR's file, and a digest of GTUBE's line. */
static void test_samples(void **state)
{
	static const unsigned char eicar[] = {0x27, 0x5a, 0x02, 0x1b, 0xbf, 0xb6, 0x48, 0x9e};
	static const unsigned char gtube[] = {0x44, 0x18, 0x99, 0x43, 0x65, 0x91, 0x2e, 0x23};
	unsigned char digest[TLS_SHA256_SIZE];

	(void)state;
	sample_add(SAMPLE_EICAR, &out);
	tls_sha256(buf_span(&out), digest);
	assert_memory_equal(digest, eicar, sizeof(eicar));
	buf_clear(&out);
	sample_add(SAMPLE_GTUBE, &out);
	tls_sha256(buf_span(&out), digest);
	assert_memory_equal(digest, gtube, sizeof(gtube));
}

#define TEST(name) cmocka_unit_test_setup_teardown(name, setup, teardown)

int main(void)
{
	const struct CMUnitTest tests[] = {
	        TEST(test_base64),     TEST(test_quoted_printable),
	        TEST(test_headers),    TEST(test_words_are_short_and_whole),
	        TEST(test_parameters), TEST(test_fold),
	        TEST(test_types),      TEST(test_samples),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
