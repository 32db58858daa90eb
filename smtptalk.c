/*
 * smtptalk: talk SMTP by hand, and read what each answer means.
 *
 * main() reads the options, runs the command of the table that they name and shows what went wrong.
 * The rest is in lib/ui.
 */
#include <errno.h>
#include <malloc.h>
#include <stdio.h>
#include <string.h>

#include "ui/check.h"
#include "ui/explain_cmd.h"
#include "ui/learn.h"
#include "ui/locale.h"
#include "ui/options.h"
#include "ui/replay.h"
#include "ui/send.h"
#include "ui/serve.h"
#include "ui/talk.h"

#define SMTPTALK_VERSION "0.1"

static const struct command {
	const char *arguments, *help;
	int (*run)(const struct options *o, bool utf8, struct diags *ds);
} commands[OPTIONS_COMMAND_COUNT] = {
        [OPTIONS_TALK] = {"[TARGET]", "talk to a mail server; the word talk may be left out",
                          talk_main},
        [OPTIONS_LEARN] = {"[LESSON]", "the course, on the practice internet", learn_main},
        [OPTIONS_REPLAY] = {"FILE…", "play session files and compare the answers", replay_main},
        [OPTIONS_CHECK] = {"NAME…", "find out why a domain's mail is, or would be, refused",
                           check_main},
        [OPTIONS_EXPLAIN] = {"[TEXT…]",
                             "what a verb, code, keyword or reply means; or standard input",
                             explain_main},
        [OPTIONS_SERVE] = {"[FILE]", "the practice internet, or a session file, on real ports",
                           serve_main},
        [OPTIONS_SEND] = {"[OPTION…]", "send one message, with the options of swaks", send_main},
};

static void help_general(struct buf *b)
{
	buf_addstr(b, "usage: smtptalk [OPTION…] [TARGET]\n"
	              "       smtptalk [OPTION…] COMMAND [ARGUMENT…]\n\n"
	              "TARGET is  domain  user@domain  host port  host:port  [IPv6]:port\n"
	              "           smtp://host  lmtp://host  unix:/path\n"
	              "A bare name is a mail domain, whose MX is asked for; an address or an\n"
	              "explicit port is connected to straight away, as with telnet.\n\n"
	              "Commands:\n");
	for (size_t i = 0; i < OPTIONS_COMMAND_COUNT; i++)
		buf_addf(b, "  %-8s%-10s%s\n", options_command_name((enum options_command)i),
		         commands[i].arguments, commands[i].help);
	buf_addstr(b, "\n`smtptalk COMMAND --help` shows the options of a command. Those of a\n"
	              "conversation:\n");
	options_help(OPTIONS_TALK, true, b);
	options_help(OPTIONS_TALK, false, b);
}

static void help_command(enum options_command c, struct buf *b)
{
	size_t before;

	buf_addf(b, "usage: smtptalk [OPTION…] %s %s\n%s\n", options_command_name(c),
	         commands[c].arguments, commands[c].help);
	buf_addf(b, "\nOptions of %s:\n", options_command_name(c));
	before = b->len;
	options_help(c, true, b);
	if (b->len > before)
		buf_addstr(b, "\nOptions that other commands have, too:\n");
	options_help(c, false, b);
}

static void show_help(const struct options *o)
{
	struct buf b;

	buf_init(&b, 64u << 10);
	if (o->named && o->command == OPTIONS_SEND)
		send_help(&b);
	else if (o->named)
		help_command(o->command, &b);
	else
		help_general(&b);
	buf_addstr(&b, "\nEach option has a SMTPTALK_… variable and a line in\n"
	               "~/.config/smtptalk/config; the command line wins.\n");
	fputs(b.data, stdout);
	buf_release(&b);
}

/* Help that did not arrive is no success. */
static void finish_output(struct diags *ds)
{
	if (fflush(stdout) != 0 || ferror(stdout))
		diags_add(ds, DIAG_INPUT, "standard output", "%s", strerror(errno));
}

static int run(const struct options *o, bool utf8, struct diags *ds)
{
	return commands[o->command].run(o, utf8, ds);
}

static void show_faults(const struct diags *ds)
{
	struct buf b;

	for (size_t i = 0; i < ds->count; i++) {
		buf_init(&b, 64u << 10);
		diag_format(&ds->list[i], &b);
		fprintf(stderr, "smtptalk: %s\n", b.data);
		buf_release(&b);
	}
	if (ds->dropped)
		fprintf(stderr, "smtptalk: and %zu more\n", ds->dropped);
}

/* A message goes out in pieces of some hundred KiB, each allocated and freed: to give that memory
 * back to the system and ask for it again would take a third of the time. */
static void keep_memory(void)
{
	mallopt(M_TRIM_THRESHOLD, 4 << 20);
	mallopt(M_MMAP_THRESHOLD, 1 << 20);
}

int main(int argc, char **argv)
{
	bool utf8 = locale_begin();
	struct options options;
	struct diags ds;
	int status = 0;

	keep_memory();
	diags_init(&ds);
	options_init(&options);
	if (options_read(&options, argc, argv, &ds) < 0)
		status = ds.count ? diag_exit_status(&ds.list[0]) : 1;
	else if (options.help)
		show_help(&options);
	else if (options.version)
		puts("smtptalk " SMTPTALK_VERSION);
	else
		status = run(&options, utf8, &ds);
	if (options.help || options.version)
		finish_output(&ds);
	show_faults(&ds);
	if (ds.count && status == 0)
		status = diag_exit_status(&ds.list[0]);
	options_release(&options);
	diags_release(&ds);
	return status;
}
