/*
 * Every construct of a session file, played by the runner and by the player at once: as it should
 * be, where one file is played from both sides, and as it should not, with what each side says.
 */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "base/buf.h"
#include "net/tls.h"
#include "net/tls_forge.h"
#include "session/parts.h"
#include "session/player.h"
#include "session/runner.h"
#include "session/vars.h"

enum { CONNECTIONS_MAX = 4, PATIENCE_MS = 5000, HASTE_MS = 150 };

/* MESSAGE stands for the path of a file. */
struct row {
	const char *name;
	const char *client;
	const char *server; /* NULL: the client's */
	const char *runner; /* what it says; NULL: all was as expected */
	const char *player;
	enum { NOBODY, RUNNER, PLAYER } hasty; /* waits for HASTE_MS only */
};

static struct loop *loop;
static struct tls_context *client_tls, *server_tls;
static char message[] = "/tmp/smtptalk-both-sides-XXXXXX";

static struct session_file *server_file;
static struct session_vars *server_vars;
static struct player *players[CONNECTIONS_MAX];
static int64_t player_ms;
static size_t connections, played;
static bool done;
static struct buf runner_said, player_said;

static void say(struct buf *out, const struct diag *d)
{
	if (d->what)
		buf_addf(out, "%s%s: %s", out->len ? " | " : "", d->where ? d->where : "", d->what);
}

static void stop_when_all_is_over(void)
{
	if (done && played == connections)
		loop_stop(loop);
}

static void on_played(void *arg, const struct player_result *r)
{
	(void)arg;
	played++;
	say(&player_said, &r->first);
	stop_when_all_is_over();
}

static void on_event(void *arg, const struct runner_event *ev)
{
	(void)arg;
	if (ev->type != RUNNER_DONE)
		return;
	done = true;
	assert_int_equal(ev->result->end == RUNNER_PASSED, ev->result->first.what == NULL);
	say(&runner_said, &ev->result->first);
	stop_when_all_is_over();
}

static void refuse(struct runner *r)
{
	struct diag d;

	diag_init(&d);
	diag_set(&d, DIAG_NETWORK, NULL, "connection refused");
	runner_not_opened(r, &d);
	diag_release(&d);
}

/* Each connection plays the next part of the server's file. */
static void open_stream(void *arg, struct runner *r, struct span target)
{
	struct net_address a;
	struct stream *mine, *theirs;

	(void)arg, (void)target;
	if (connections == session_parts_count(server_file)) {
		refuse(r);
		return;
	}
	assert_true(connections < CONNECTIONS_MAX);
	assert_int_equal(net_address_parse(SPAN("192.0.2.25"), 25, &a), 0);
	stream_pair(loop, &a, &a, &mine, &theirs);
	players[connections] = player_new(theirs, server_file, player_ms, on_played, NULL);
	player_use_part(players[connections], connections);
	player_use_vars(players[connections], server_vars);
	player_use_tls(players[connections], server_tls);
	connections++;
	runner_opened(r, mine);
}

/* Heap. */
static char *fill(const char *text)
{
	const char *mark = strstr(text, "MESSAGE");
	size_t before = mark ? (size_t)(mark - text) : strlen(text);
	char *whole = NULL;

	if (asprintf(&whole, "%.*s%s%s", (int)before, text, mark ? message : "",
	             mark ? mark + strlen("MESSAGE") : "") < 0)
		fail();
	return whole;
}

static struct session_file *parse(const char *path, const char *text)
{
	char *whole = fill(text);
	struct session_file *f;
	struct diags ds;

	diags_init(&ds);
	f = session_file_parse(path, span_of(whole), &ds);
	if (!f)
		fail_msg("%s: %s", ds.list[0].where, ds.list[0].what);
	diags_release(&ds);
	free(whole);
	return f;
}

static void time_is_up(void *arg)
{
	(void)arg;
	loop_stop(loop);
}

static void play(const struct row *row)
{
	static const struct tls_target name = {.name = "mx.test", .ms = 2000};
	struct runner_settings s = {.timeout_ms = row->hasty == RUNNER ? HASTE_MS : PATIENCE_MS,
	                            .open = open_stream,
	                            .fn = on_event,
	                            .tls = client_tls,
	                            .name = &name};
	struct session_vars *vars = session_vars_new();
	struct session_file *f = parse("c.smtp", row->client);
	struct loop_timer *limit = loop_timer_new(loop, 30000, time_is_up, NULL);
	struct runner *r;

	server_file = parse("s.smtp", row->server ? row->server : row->client);
	server_vars = session_vars_new();
	player_ms = row->hasty == PLAYER ? HASTE_MS : PATIENCE_MS;
	connections = played = 0;
	done = false;
	buf_init(&runner_said, 4096);
	buf_init(&player_said, 4096);
	r = runner_new(loop, f, vars, &s);
	loop_run(loop);
	if (!done || played < connections)
		fail_msg("%s: it does not end", row->name);
	runner_free(r);
	for (size_t i = 0; i < connections; i++)
		player_free(players[i]);
	loop_timer_free(limit);
	session_vars_free(vars);
	session_vars_free(server_vars);
	session_file_free(f);
	session_file_free(server_file);
}

static void check_said(const struct row *row, const char *who, struct buf *said, const char *wanted)
{
	const char *came = said->len ? said->data : "nothing";
	char *filled = fill(wanted ? wanted : "nothing");

	if (strcmp(came, filled) != 0)
		fail_msg("%s: the %s said\n%s\nand not\n%s", row->name, who, came, filled);
	free(filled);
	buf_release(said);
}

static void play_rows(const struct row *rows, size_t count)
{
	for (size_t i = 0; i < count; i++) {
		play(&rows[i]);
		check_said(&rows[i], "runner", &runner_said, rows[i].runner);
		check_said(&rows[i], "player", &player_said, rows[i].player);
	}
}

#define PLAY_ROWS(rows) play_rows(rows, sizeof(rows) / sizeof((rows)[0]))

static void one_file_plays_both_sides(void **state)
{
	static const struct row rows[] = {
	        {"lines", "S: 220 x\nC: HELO me\nS: 250-x\nS: 250 y\n", NULL, NULL, NULL, NOBODY},
	        {"an empty line", "S: 220 x\nC:\nS: 500 x\n", NULL, NULL, NULL, NOBODY},
	        {"a group", "S: 220 x\nC: A\nC: B\nS: 250 x\nS: 251 y\n", NULL, NULL, NULL, NOBODY},
	        {"C! and S!", "S! 220 \\xff\\r\\n\nC! NO\nC! OP\\r\\n\nS! 25\nS! 0 x\\n\n", NULL,
	         NULL, NULL, NOBODY},
	        {"S=", "S= 220 \\x41\nC: NOOP\nS= 250 b\\t\n", NULL, NULL, NULL, NOBODY},
	        {"S?", "S: 220 x\nC: NOOP\nS? 250 x\n", NULL, NULL, NULL, NOBODY},
	        {"a sleep", "S: 220 x\nS: <sleep 10ms>\nC: <sleep 10ms>\nC: NOOP\nS: 250 x\n", NULL,
	         NULL, NULL, NOBODY},
	        {"silence", "S: 220 x\nC: <nothing 20ms>\nS: <nothing 20ms>\nC: A\nS: 250 x\n",
	         NULL, NULL, NULL, NOBODY},
	        {"a stall", "S: 220 x\nS: <stall 10ms>\nC: <stall 10ms>\nC: NOOP\nS: 250 x\n", NULL,
	         NULL, NULL, NOBODY},
	        {"the server closes", "S: 220 x\nC: QUIT\nS: 221 x\nS: <close>\n", NULL, NULL, NULL,
	         NOBODY},
	        {"the client closes", "S: 220 x\nC: <close>\n", NULL, NULL, NULL, NOBODY},
	        {"the server resets", "S: 220 x\nC: NOOP\nS: 250 x\nS: <reset>\n", NULL, NULL, NULL,
	         NOBODY},
	        {"the client resets", "S: 220 x\nC: NOOP\nS: 250 x\nC: <reset>\n", NULL, NULL, NULL,
	         NOBODY},
	        {"TLS", "S: 220 x\nC: STARTTLS\nS: 220 x\nC & S: <negotiate TLS>\nC: A\nS: 250 x\n",
	         NULL, NULL, NULL, NOBODY},
	        {"TLS unproven",
	         "S: 220 x\nC: STARTTLS\nS: 220 x\nC & S: <negotiate TLS verify=no>\n", NULL, NULL,
	         NULL, NOBODY},
	        {"TLS first", "C & S: <negotiate TLS>\nS: 220 x\nC: NOOP\nS: 250 x\n", NULL, NULL,
	         NULL, NOBODY},
	        {"a message", "S: 220 x\nC: DATA\nS: 354 x\nC: <file MESSAGE>\nS: 250 x\n", NULL,
	         NULL, NULL, NOBODY},
	        {"variables",
	         "@smtptalk 1\n@set a = b\nS: 220 ${a}\nC: A ${a} $$\nS: 250 ${a}\n@echo ${a}\n",
	         NULL, NULL, NULL, NOBODY},
	        {"requirements",
	         "@smtptalk 1\nS: 220 x\nC: EHLO me\nS: 250-x\nS: 250 SIZE\n@require SIZE\n"
	         "@timeout 1s\n@match text\nC: NOOP\nS: 250 x\n",
	         NULL, NULL, NULL, NOBODY},
	        {"connections",
	         "C: <open mx>\nS: 220 x\nC: QUIT\nS: 221 x\nC: <open mx>\nS: 554 x\nS: <close>\n",
	         NULL, NULL, NULL, NOBODY},
	        {"connections without <open>",
	         "S: 220 x\nC: <close>\nS: 220 y\nC: QUIT\nS: 221 x\nS: <reset>\nS: 220 z\n", NULL,
	         NULL, NULL, NOBODY},
	};

	(void)state;
	PLAY_ROWS(rows);
}

static void what_only_one_side_plays(void **state)
{
	static const struct row rows[] = {
	        {"S* and C*, captures",
	         "@smtptalk 1\nS* 220 {host} *\nC: RCPT TO:<a@${host}>\nS* 250 ?k {id}\nC: A "
	         "${id}\nS: 250 x\n",
	         "@smtptalk 1\nS: 220 mx ESMTP\nC* RCPT TO:<{to}>\nS: 250 ok ${to}\nC* A "
	         "{again}\nS: 250 x\n",
	         NULL, NULL, NOBODY},
	        {"S~", "S~ ^220 [a-z]+$\nC: A\nS~ ^250\n", "S: 220 mx\nC* *\nS: 250-x\nS: 250 y\n",
	         NULL, NULL, NOBODY},
	        {"@retry", "@smtptalk 1\n@retry 45x 2 5ms\nS: 220 x\nC: A\nS: 250 x\n",
	         "S: 220 x\nC: A\nS: 450 x\nC: A\nS: 451 x\nC: A\nS: 250 x\n", NULL, NULL, NOBODY},
	        {"captures stay for the next connection",
	         "S: 220 x\nC: A\nS: 250 x\nC: <close>\nS: 220 b\nC: B\nS: 250 x\n",
	         "@smtptalk 1\nS: 220 x\nC* {word}\nS: 250 x\nC: <close>\nS: 220 ${word}\nC: B\n"
	         "S: 250 ${word}\n",
	         NULL, NULL, NOBODY},
	};

	(void)state;
	PLAY_ROWS(rows);
}

static void what_is_not_as_expected(void **state)
{
	static const struct row rows[] = {
	        {"a line", "S: 220 x\nC: B\nS: 250 x\n", "S: 220 x\nC: A\nS: 250 x\n", NULL,
	         "s.smtp:2:1: expected \"A\", but \"B\" came", NOBODY},
	        {"a code", "S: 220 x\nC: A\nS: 250 x\n", "S: 220 x\nC: A\nS: 550 x\nC: QUIT\n",
	         "c.smtp:3:1: another code\n"
	         "expected: 250 x\n"
	         "     got: 550 x\n"
	         "          ^",
	         NULL, NOBODY},
	        {"the greeting", "C: A\nS: 250 x\n", "S: 554 x\nC: <close>\n",
	         "c.smtp:1:1: the server's greeting was no 220", NULL, NOBODY},
	        {"C!", "S: 220 x\nC! AC\\r\\n\nS: 250 x\n", "S: 220 x\nC! AB\\r\\n\nS: 250 x\n",
	         NULL, "s.smtp:2:1: expected \"AB\\x0d\\x0a\", but \"AC\\x0d\\x0a\" came", NOBODY},
	        {"S!", "@smtptalk 1\n@match exact\nS: 220 x\nC: A\nS! 250 \\x01\\r\\n\n",
	         "S: 220 x\nC: A\nS! 250 \\x02\\r\\n\nC: QUIT\nS: 221 x\n",
	         "c.smtp:5:1: another text\n"
	         "expected: 250 \\x01\n"
	         "     got: 250 \\x02\n"
	         "              ^",
	         NULL, NOBODY},
	        {"S*", "S* 220 a*\n", "S: 220 b\nC: QUIT\nS: 221 x\n",
	         "c.smtp:1:1: no line matches the pattern\n"
	         "expected: 220 a*\n"
	         "     got: 220 b\n"
	         "              ^",
	         NULL, NOBODY},
	        {"S* at a server", "S: 220 x\nC: <close>\n", "S* 220 *\nS: 220 x\nC: <close>\n",
	         NULL, "s.smtp:1:1: a pattern compares replies; a server cannot send it", NOBODY},
	        {"S~", "S~ ^220 [0-9]$\n", "S: 220 b\nC: QUIT\nS: 221 x\n",
	         "c.smtp:1:1: no line matches the regular expression\n"
	         "expected: ^220 [0-9]$\n"
	         "     got: 220 b\n"
	         "          ^",
	         NULL, NOBODY},
	        {"S~ at a server", "S: 220 x\nC: <close>\n", "S~ ^220\nS: 220 x\nC: <close>\n",
	         NULL, "s.smtp:1:1: a pattern compares replies; a server cannot send it", NOBODY},
	        {"S=", "S= 220 x\n", "S: 220 y\nC: QUIT\nS: 221 x\n",
	         "c.smtp:1:1: no line is the same byte for byte\n"
	         "expected: 220 x\n"
	         "     got: 220 y\n"
	         "              ^",
	         NULL, NOBODY},
	        {"S?", "S: 220 x\nC: A\nS? 250 x\nS: 251 x\n",
	         "S: 220 x\nC: A\nS: 252 x\nC: QUIT\nS: 221 x\n",
	         "c.smtp:4:1: another code\n"
	         "expected: 251 x\n"
	         "     got: 252 x\n"
	         "            ^",
	         NULL, NOBODY},
	        {"C*", "S: 220 x\nC: A\nS: 250 x\n", "S: 220 x\nC* B*\nS: 250 x\n", NULL,
	         "s.smtp:2:1: expected \"B*\", but \"A\" came", NOBODY},
	        {"C* at a client", "S: 220 x\nC* A\n", "S: 220 x\nC: QUIT\nS: 221 x\n",
	         "c.smtp:2:1: only a server can play this step", NULL, NOBODY},
	        {"silence of the server", "S: 220 x\nC: <nothing 2s>\n",
	         "S: 220 x\nS: <sleep 5ms>\nS: 421 x\nS: <close>\n",
	         "c.smtp:2:4: expected silence, but \"421 x\" came", NULL, NOBODY},
	        {"silence of the client", "S: 220 x\nC: A\nS: 250 x\n",
	         "S: 220 x\nS: <nothing 2s>\nC: A\nS: 250 x\n", NULL,
	         "s.smtp:2:4: expected silence, but \"A\\x0d\\x0a\" came", NOBODY},
	        {"the server does not close", "S: 220 x\nS: <close>\n",
	         "S: 220 x\nC: QUIT\nS: 221 x\n",
	         "c.smtp:2:4: the server was to close the connection and did not", NULL, RUNNER},
	        {"the client does not close", "S: 220 x\nC: <sleep 300ms>\n",
	         "S: 220 x\nC: <close>\n", NULL,
	         "s.smtp:2:4: the client was to close the connection and did not", PLAYER},
	        {"the client does not reset", "S: 220 x\nC: <sleep 300ms>\n",
	         "S: 220 x\nC: <reset>\n", NULL,
	         "s.smtp:2:4: the client was to close the connection and did not", PLAYER},
	        {"the server closes too early", "S: 220 x\nC: A\nS: 250 x\n",
	         "S: 220 x\nC: A\nS: <close>\n", "c.smtp:3:1: the server closed the connection",
	         NULL, NOBODY},
	        {"the server resets too early", "S: 220 x\nC: A\nS: 250 x\n",
	         "S: 220 x\nC: A\nS: <reset>\n", "c.smtp:3:1: the connection broke", NULL, NOBODY},
	        {"the client closes too early", "S: 220 x\nC: <close>\n", "S: 220 x\nC: A\n", NULL,
	         "s.smtp:2:1: expected \"A\", but the client closed the connection", NOBODY},
	        {"no reply", "S: 220 x\nC: A\nS: 250 x\n", "S: 220 x\nC: A\nC: <close>\n",
	         "c.smtp:3:1: no whole reply came in time", NULL, RUNNER},
	        {"no command", "S: 220 x\nC: <sleep 300ms>\n", "S: 220 x\nC: A\n", NULL,
	         "s.smtp:2:1: expected \"A\", but nothing came in time", PLAYER},
	        {"no TLS at the server",
	         "S: 220 x\nC: STARTTLS\nS: 220 x\nC & S: <negotiate TLS>\n",
	         "S: 220 x\nC: STARTTLS\nS: 220 x\nS: no TLS\nC: <close>\n",
	         "c.smtp:4:8: TLS: the server answered the TLS handshake with something that is "
	         "not TLS",
	         NULL, NOBODY},
	        {"no TLS at the client", "S: 220 x\nC: STARTTLS\nS: 220 x\nC: <close>\n",
	         "S: 220 x\nC: STARTTLS\nS: 220 x\nC & S: <negotiate TLS>\nC: A\n", NULL,
	         "s.smtp:4:8: the TLS handshake failed: the connection was closed during the TLS "
	         "handshake",
	         NOBODY},
	        {"clear text before TLS",
	         "S: 220 x\nC! STARTTLS\\r\\nEHLO me\\r\\n\nS: 220 x\nC & S: <negotiate TLS>\n",
	         "S: 220 x\nC: STARTTLS\nS: 220 x\nC & S: <negotiate TLS>\nC: <close>\n", NULL,
	         "s.smtp:4:8: the client sent something in the clear before the handshake", NOBODY},
	        {"another message", "S: 220 x\nC: DATA\nS: 354 x\nC: x\nC: .\nS: 250 x\n",
	         "S: 220 x\nC: DATA\nS: 354 x\nC: <file MESSAGE>\nS: 250 x\n", NULL,
	         "s.smtp:4:4: expected \"MESSAGE\", but \"x\\x0d\\x0a\" came", NOBODY},
	        {"a message that is missing",
	         "S: 220 x\nC: DATA\nS: 354 x\nC: <file /no/such>\nS: 250 x\n",
	         "S: 220 x\nC: DATA\nS: 354 x\nC: <close>\n",
	         "c.smtp:4:4: /no/such: cannot read this file: No such file or directory", NULL,
	         NOBODY},
	        {"a variable without a value", "@smtptalk 1\nS: 220 x\nC: A ${b}\n",
	         "@smtptalk 1\nS: 220 x\nS: 421 ${b}\nC: QUIT\n",
	         "c.smtp:3:6: b: there is no variable of this name",
	         "s.smtp:3:8: b: there is no variable of this name", NOBODY},
	        {"a keyword that is required",
	         "@smtptalk 1\nS: 220 x\nC: EHLO me\nS: 250 x\n@require SIZE\nC: A\n",
	         "S: 220 x\nC: EHLO me\nS: 250 x\nC: QUIT\n",
	         "c.smtp:5:1: skipped: the server does not offer SIZE", NULL, NOBODY},
	        {"more retries than are allowed",
	         "@smtptalk 1\n@retry 450 1 5ms\nS: 220 x\nC: A\nS: 250 x\n",
	         "S: 220 x\nC: A\nS: 450 x\nC: A\nS: 450 x\nC: QUIT\n",
	         "c.smtp:5:1: another code\n"
	         "expected: 250 x\n"
	         "     got: 450 x\n"
	         "          ^",
	         NULL, NOBODY},
	        {"more connections than the server's file has",
	         "S: 220 x\nC: QUIT\nS: 221 x\nC: <open mx>\nS: 220 x\n",
	         "S: 220 x\nC: QUIT\nS: 221 x\n", "c.smtp:4:4: connection refused", NULL, NOBODY},
	};

	(void)state;
	PLAY_ROWS(rows);
}

static void make_tls(void)
{
	static const char *const names[] = {"mx.test"};
	struct tls_wish wish = {.names = names, .name_count = 1, .from_days = -1, .to_days = 30};
	struct tls_forge *forge = tls_forge_new("both sides", "test");
	struct tls_identity *identity = tls_forge_make(forge, &wish);
	struct tls_settings s;

	assert_non_null(identity);
	tls_settings_init(&s);
	s.server = true;
	s.identity = identity;
	server_tls = tls_context_new(&s, NULL);
	tls_settings_init(&s);
	s.ca_pem = tls_forge_root(forge);
	client_tls = tls_context_new(&s, NULL);
	tls_identity_free(identity);
	tls_forge_free(forge);
}

static int setup(void **state)
{
	int fd = mkstemp(message);
	FILE *f = fdopen(fd, "w");

	(void)state;
	assert_non_null(f);
	fputs("Subject: x\n\n.dot\n..\n", f);
	fclose(f);
	loop = loop_new();
	make_tls();
	return 0;
}

static int teardown(void **state)
{
	(void)state;
	unlink(message);
	tls_context_free(client_tls);
	tls_context_free(server_tls);
	loop_free(loop);
	return 0;
}

int main(void)
{
	const struct CMUnitTest tests[] = {
	        cmocka_unit_test(one_file_plays_both_sides),
	        cmocka_unit_test(what_only_one_side_plays),
	        cmocka_unit_test(what_is_not_as_expected),
	};

	return cmocka_run_group_tests(tests, setup, teardown);
}
