/*
 * practice_answers DATADIR FOLDER SCRIPT…: plays client scripts to the practice host that
 * the folder describes, and prints its replies: for the comparison with a real Postfix.
 *
 * A script begins with "@" and the client's address; then comes a line for each command. After a
 * 354 the lines up to a single dot are one message. A line that begins with "!" is sent as it
 * stands, with \r \n \0 and \\, and its replies are all that come. The form of what is printed is
 * that of compare/compare.pl, for a real Postfix.
 */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "base/file.h"
#include "practice/server.h"

static void fail(const char *what, const struct diags *ds)
{
	fprintf(stderr, "%s\n", what);
	for (size_t i = 0; ds && i < ds->count; i++)
		fprintf(stderr, "%s: %s\n", ds->list[i].where, ds->list[i].what);
	exit(2);
}

/* Prints what the server said; gives the code of its last reply, or the one before when it said
 * nothing. */
/* Nobody waits here. */
static void feed(struct practice_server *s, struct span bytes)
{
	practice_server_feed(s, bytes);
	while (practice_server_delay_ms(s) > 0)
		practice_server_waited(s);
}

static int print_replies(struct practice_server *s, int code)
{
	struct span out = buf_span(practice_server_output(s));

	while (out.n > 0) {
		struct span line = span_cut(&out, '\n');

		if (line.n > 0 && line.p[line.n - 1] == '\r')
			line.n--;
		printf("S: " SPAN_FMT "\n", SPAN_ARG(line));
		code = atoi(line.p);
	}
	buf_clear(practice_server_output(s));
	return code;
}

static int send_line(struct practice_server *s, struct span line, int code)
{
	struct buf bytes;

	printf("C: " SPAN_FMT "\n", SPAN_ARG(line));
	buf_init(&bytes, 1 << 20);
	if (line.n > 0 && line.p[0] == '!') {
		for (size_t i = 1; i < line.n; i++) {
			bool escaped = line.p[i] == '\\' && i + 1 < line.n;
			char c = line.p[i += escaped];

			buf_addch(&bytes, !escaped   ? c
			                  : c == 'r' ? '\r'
			                  : c == 'n' ? '\n'
			                  : c == '0' ? '\0'
			                             : c);
		}
	} else {
		buf_addspan(&bytes, line);
		buf_addstr(&bytes, "\r\n");
	}
	feed(s, buf_span(&bytes));
	buf_release(&bytes);
	return print_replies(s, code);
}

static void play(struct world *w, struct world_host *h, struct span script)
{
	struct span line = span_cut(&script, '\n');
	struct practice_server *s;
	struct net_address client;
	int code;

	if (net_address_parse(span_skip(line, 1), 49152, &client) != 0)
		fail("a script begins with @ADDRESS", NULL);
	s = practice_server_new(w, h, &client, 25);
	code = print_replies(s, 0);
	while (script.n > 0 && !practice_server_done(s)) {
		line = span_cut(&script, '\n');
		if (code == 354 && !span_starts(line, SPAN("!"))) {
			feed(s, line);
			feed(s, SPAN("\r\n"));
			if (span_eq(line, SPAN(".")))
				code = print_replies(s, code);
			continue;
		}
		code = send_line(s, line, code);
	}
	if (practice_server_done(s))
		printf("closed\n");
	practice_server_free(s);
}

static int print_values(const char *path)
{
	struct maincf *cf = maincf_new();
	struct diags ds;

	diags_init(&ds);
	if (maincf_load(cf, path, &ds) != 0 || maincf_settle(cf, &ds) != 0)
		fail(path, &ds);
	for (int i = 0; i < MAINCF_COUNT; i++)
		printf("%s = %s\n", maincf_name((enum maincf_parameter)i),
		       maincf_text(cf, (enum maincf_parameter)i));
	maincf_free(cf);
	return 0;
}

int main(int argc, char **argv)
{
	struct net_address at;
	struct diags ds;
	struct world *w;

	if (argc == 3 && strcmp(argv[1], "--values") == 0)
		return print_values(argv[2]);
	diags_init(&ds);
	if (argc < 4)
		fail("usage: practice_answers DATADIR FOLDER SCRIPT...", NULL);
	w = world_load(argv[1], &ds);
	if (!w || world_add_folder(w, argv[1], argv[2], &ds) != 0)
		fail(argv[2], &ds);
	net_address_parse(SPAN("192.0.2.25"), 25, &at);
	for (int i = 3; i < argc; i++) {
		struct buf script;

		buf_init(&script, 1 << 20);
		if (file_read(argv[i], &script, NULL) != 0)
			fail(argv[i], NULL);
		printf("== %s\n", strrchr(argv[i], '/') + 1);
		play(w, world_host_at(w, &at), buf_span(&script));
		buf_release(&script);
	}
	world_free(w);
	diags_release(&ds);
	return 0;
}
