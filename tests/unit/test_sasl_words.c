/* What base64 is said to say: true, safe to show, and silent about secrets. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include "sasl_stage.h"

/* `n` bytes of text, encoded. */
static void encode(const char *text, size_t n, struct buf *out)
{
	buf_init(out, 100000);
	sasl_base64_encode(span_from(text, n), out);
}

static void assert_says(const char *text, size_t n, const char *expected)
{
	struct buf base64, says;

	encode(text, n, &base64);
	buf_init(&says, 100000);
	assert_int_equal(sasl_challenge_says(buf_span(&base64), &says), 0);
	assert_string_equal(says.data, expected);
	buf_release(&base64);
	buf_release(&says);
}
#define SAYS(text, expected) assert_says(text, sizeof(text) - 1, expected)

static void what_challenges_say(void **state)
{
	(void)state;
	SAYS("Username:", "asks: Username:");
	SAYS("Password:", "asks: Password:");
	SAYS("User Name", "says: \"User Name\"");
	SAYS("", "nothing to go by: your answer begins");
	SAYS("<1896.697170952@mx.example>",
	     "the text <1896.697170952@mx.example>, to be hashed with the password");
	SAYS("r=abcDEF,s=QSXCR+Q6sek8bf92,i=4096",
	     "both nonces: abcDEF; a salt of 12 bytes; 4096 rounds of hashing");
	SAYS("r=a,s=QQ==,i=1", "both nonces: a; a salt of 1 bytes; 1 rounds of hashing, fewer than "
	                       "the 4096 that RFC 5802 §5.1 asks for");
	SAYS("v=rmF9pqV8S7suAoZWja4dJRkFsKQ=",
	     "the server's signature, 20 bytes: its proof that it knows the password");
	SAYS("e=unknown-user", "refuses: unknown-user");
	SAYS("{\"status\":\"401\"}", "why it refuses: {\"status\":\"401\"}");
	SAYS("NTLMSSP\0\x02\0\0\0", "12 bytes that are no text");
	SAYS("\x80\x81", "says: \"\\x80\\x81\"");
}

static void challenges_are_safe_to_show(void **state)
{
	struct buf base64, says, long_one;

	(void)state;
	SAYS("\x1b]0;title\x07:", "11 bytes that are no text");
	SAYS("\xe2\x80\xaename:", "asks: \\u{202E}name:");
	SAYS("\xc2\x9b"
	     "31m:",
	     "asks: \\u{9B}31m:");
	SAYS("{\x1b[31m}", "why it refuses: {\\x1b[31m}");
	buf_init(&long_one, 10000);
	while (long_one.len < 5000)
		buf_addstr(&long_one, "longer ");
	encode(long_one.data, long_one.len, &base64);
	buf_init(&says, 100000);
	assert_int_equal(sasl_challenge_says(buf_span(&base64), &says), 0);
	assert_true(says.len < 300);
	assert_non_null(strstr(says.data, "…"));
	buf_clear(&says);
	assert_int_equal(sasl_challenge_says(SPAN("no base64!"), &says), -1);
	assert_int_equal(says.len, 0);
	buf_release(&base64);
	buf_release(&says);
	buf_release(&long_one);
}

/* --- answers --- */

static void assert_means(const char *mechanism, size_t round, const char *bytes, size_t n,
                         const char *expected)
{
	struct buf base64, means;
	size_t at;

	encode(bytes, n, &base64);
	buf_init(&means, 100000);
	assert_int_equal(sasl_answer_means(mechanism, round, buf_span(&base64), &means, &at), 0);
	assert_string_equal(means.data, expected);
	assert_no_secret(buf_span(&means), SECRET);
	buf_release(&base64);
	buf_release(&means);
}
#define MEANS(mechanism, round, bytes, expected)                                                   \
	assert_means(mechanism, round, bytes, sizeof(bytes) - 1, expected)

static void passwords_are_masked(void **state)
{
	(void)state;
	MEANS("PLAIN", 0, "\0bob\0" SECRET, "user bob, password ******");
	MEANS("plain", 0, "\0bob\0x", "user bob, password ******");
	MEANS("PLAIN", 0, "boss\0bob\0" SECRET, "identity boss, user bob, password ******");
	MEANS("PLAIN", 0, "\0bob\0" SECRET "\n",
	      "user bob, password ******, and a line end behind it (echo adds one; printf does "
	      "not)");
	MEANS("LOGIN", 0, "bob", "user bob");
	MEANS("LOGIN", 0, "bob\r\n",
	      "user bob, and a line end behind it (echo adds one; printf does not)");
	MEANS("LOGIN", 1, SECRET, "password ******");
	MEANS("LOGIN", 2, SECRET, "one more than the two answers of LOGIN");
	MEANS("XOAUTH2", 0, "user=bob\001auth=Bearer " SECRET "\001\001", "user bob, token ******");
	MEANS("XOAUTH2", 1, "", "takes note of the refusal");
	MEANS("OAUTHBEARER", 0, "n,a=bob,\001host=mx\001auth=Bearer " SECRET "\001\001",
	      "user bob, token ******");
	MEANS("OAUTHBEARER", 0, "n,,\001auth=Bearer " SECRET "\001\001", "token ******");
	MEANS("OAUTHBEARER", 1, "\001", "takes note of the refusal");
}

static void what_proves_is_named(void **state)
{
	(void)state;
	MEANS("CRAM-MD5", 0, "bob b913a602c7eda7a495b4e6e7334d3890", "user bob, a 16-byte digest");
	MEANS("CRAM-MD5", 0, "bob x b913a602c7eda7a495b4e6e7334d3890",
	      "user bob x, a 16-byte digest");
	MEANS("SCRAM-SHA-256", 0, "n,,n=bob,r=abc", "user bob, nonce abc");
	MEANS("SCRAM-SHA-1", 0, "n,a=boss,n=bob,r=abc", "identity boss, user bob, nonce abc");
	MEANS("SCRAM-SHA-256-PLUS", 0, "p=tls-exporter,,n=bob,r=abc",
	      "user bob, nonce abc, bound to the TLS connection by tls-exporter");
	MEANS("SCRAM-SHA-1", 1,
	      "c=biws,r=abcdef,p=v0X8v3Bz2T0CJGbJQyF0X+HI4Ts=", "both nonces abcdef, proof ******");
	MEANS("SCRAM-SHA-1", 2, "", "takes note of the server's signature");
	MEANS("EXTERNAL", 0, "", "the identity is that of the client certificate");
	MEANS("EXTERNAL", 0, "bob", "identity bob");
	MEANS("NTLM", 0, "NTLMSSP\0\1\0", "10 bytes");
	MEANS("", 0, "abc", "3 bytes");
}

/* A password may be typed into any place: what has the wrong form is not shown. */
static void a_secret_in_the_wrong_place_is_not_shown(void **state)
{
	static const char *const mechanisms[] = {"PLAIN",       "LOGIN",         "CRAM-MD5",
	                                         "SCRAM-SHA-1", "SCRAM-SHA-256", "XOAUTH2",
	                                         "OAUTHBEARER", "NTLM",          "x"};
	static const struct {
		const char *bytes;
		size_t n;
	} forms[] = {
	        {"bob\0" SECRET, 4 + sizeof(SECRET) - 1},
	        {"\0bob\0" SECRET, 5 + sizeof(SECRET) - 1},
	        {"\0\0\0" SECRET, 3 + sizeof(SECRET) - 1},
	        {"\n" SECRET, sizeof(SECRET)},
	        {"\001" SECRET, sizeof(SECRET)},
	        {"user=bob\001" SECRET, 9 + sizeof(SECRET) - 1},
	        {"auth=Bearer " SECRET, 12 + sizeof(SECRET) - 1},
	};

	(void)state;
	for (size_t i = 0; i < COUNT(mechanisms); i++)
		for (size_t j = 0; j < COUNT(forms); j++)
			for (size_t round = 0; round < 4; round++) {
				struct buf base64, means;
				size_t at;

				/* Printable text is a name to LOGIN. */
				if (round == 0 && j == COUNT(forms) - 1 &&
				    strcmp(mechanisms[i], "LOGIN") == 0)
					continue;
				encode(forms[j].bytes, forms[j].n, &base64);
				buf_init(&means, 10000);
				assert_int_equal(sasl_answer_means(mechanisms[i], round,
				                                   buf_span(&base64), &means, &at),
				                 0);
				assert_true(means.len > 0);
				assert_no_secret(buf_span(&means), SECRET);
				buf_release(&base64);
				buf_release(&means);
			}
	MEANS("PLAIN", 0, "bob\0" SECRET,
	      "not PLAIN's form: [identity] NUL user NUL password, and here are 1 NUL bytes");
	MEANS("LOGIN", 0, "\0bob\0" SECRET,
	      "not a user name: it holds control bytes. LOGIN takes the name and the password one "
	      "after the other");
	MEANS("CRAM-MD5", 0, SECRET,
	      "not CRAM-MD5's form: user, a blank, and the digest in 32 hexadecimal digits");
	MEANS("SCRAM-SHA-256", 0, SECRET, "not SCRAM's form: n,,n=user,r=nonce");
}

static void what_is_no_base64_has_a_place(void **state)
{
	static const struct {
		const char *text;
		int result;
		size_t at;
		const char *means;
	} rows[] = {
	        {"*", 0, 0, "cancels the login"},
	        {"", 0, 0,
	         "not PLAIN's form: [identity] NUL user NUL password, and here are 0 NUL "
	         "bytes"},
	        {"=", 0, 0,
	         "not PLAIN's form: [identity] NUL user NUL password, and here are 0 NUL "
	         "bytes"},
	        {SECRET, -1, 6, ""},
	        {"AGJvYgBodW50ZXIy=", -1, 16, ""},
	        {"AGJv YgBodW50ZXIy", -1, 4, ""},
	        {"AGJvYgBodW50ZXI", -1, 15, ""},
	};

	(void)state;
	for (size_t i = 0; i < COUNT(rows); i++) {
		struct buf means;
		size_t at = 0;

		buf_init(&means, 1000);
		assert_int_equal(sasl_answer_means("PLAIN", 0, span_of(rows[i].text), &means, &at),
		                 rows[i].result);
		assert_int_equal(at, rows[i].at);
		assert_string_equal(means.data, rows[i].means);
		buf_release(&means);
	}
}

int main(void)
{
	const struct CMUnitTest tests[] = {
	        cmocka_unit_test(what_challenges_say),
	        cmocka_unit_test(challenges_are_safe_to_show),
	        cmocka_unit_test(passwords_are_masked),
	        cmocka_unit_test(what_proves_is_named),
	        cmocka_unit_test(a_secret_in_the_wrong_place_is_not_shown),
	        cmocka_unit_test(what_is_no_base64_has_a_place),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
