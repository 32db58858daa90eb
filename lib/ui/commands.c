/*
 * The table, and the one place that looks a typed name up in it. What the rows do is in local_*.c.
 */
#include "ui/commands.h"

#include <stdio.h>

#include "ui/nearest.h"
#include "ui/talk_state.h"

static void local_help(struct talk *t, struct span arguments);

static const struct command_row rows[] = {
        {"mx", "NAME", "which hosts take a domain's mail, in the order of trying", "/mx gmail.com",
         COMMANDS_NOTHING, local_mx},
        {"connect", "[TARGET]", "open a connection: again, or to another target",
         "/connect mail.school.test 25", COMMANDS_NOTHING, local_connect},
        {"close", "", "hang up without QUIT; the prompt stays", "/close", COMMANDS_NOTHING,
         local_close},
        {"next", "", "what may be typed now", "/next", COMMANDS_NOTHING, local_next},
        {"hint", "", "in a lesson, a hint for this step; else as /next", "/hint", COMMANDS_NOTHING,
         local_hint},
        {"answer", "TEXT", "in a lesson, answer its question", "/answer mail.school.test",
         COMMANDS_NOTHING, local_answer},
        {"skip", "", "in a lesson, let smtptalk type this step", "/skip", COMMANDS_NOTHING,
         local_skip},
        {"reset", "", "begin this lesson anew, on a fresh practice internet", "/reset",
         COMMANDS_NOTHING, local_reset},
        {"lesson", "[NUMBER | next]", "the task once more, or another lesson", "/lesson 12",
         COMMANDS_NOTHING, local_lesson},
        {"progress", "[FILE]", "the lessons, and how far you are; FILE: keep it as a page",
         "/progress smtp-course.txt", COMMANDS_FILE, local_progress},
        {"explain", "[TOPIC]", "the last reply, or a verb, code, keyword or reply line, in full",
         "/explain 550 5.7.1", COMMANDS_TOPIC, local_explain},
        {"state", "", "where the conversation stands: envelope, state, what is waited for",
         "/state", COMMANDS_NOTHING, local_state},
        {"why", "", "after a refusal: look for the proof of what is behind it", "/why",
         COMMANDS_NOTHING, local_why},
        {"caps", "", "what the server said it can do, a line for each keyword", "/caps",
         COMMANDS_NOTHING, local_caps},
        {"tls", "[pem]", "how the last TLS handshake went; pem: the certificates themselves",
         "/tls pem", COMMANDS_NOTHING, local_tls},
        {"auth", "[MECHANISM] [USER]", "log in, step by step; without a mechanism the strongest",
         "/auth SCRAM-SHA-256 bob", COMMANDS_NOTHING, local_auth},
        {"raw", "BYTES", "send exactly these bytes; \\r \\n \\t \\0 \\\\ \\xHH are understood",
         "/raw NOOP\\r\\n", COMMANDS_NOTHING, local_raw},
        {"record", "[FILE | off]", "record from here on, as a session file; off ends it",
         "/record signup.smtp", COMMANDS_FILE, local_record},
        {"save", "FILE", "keep everything so far, as a session file", "/save signup.smtp",
         COMMANDS_FILE, local_save},
        {"replay", "FILE [NAME=VALUE…]", "play a session file here, and compare the answers",
         "/replay signup.smtp to=bob@school.test", COMMANDS_FILE, local_replay},
        {"mailbox", "[ADDRESS]", "practice only: the mail that was delivered",
         "/mailbox bob@school.test", COMMANDS_NOTHING, local_mailbox},
        {"queue", "[flush | delete ID | wait TIME]",
         "practice only: the mail that waits; wait lets the practice time pass", "/queue wait 4h",
         COMMANDS_NOTHING, local_queue},
        {"log", "[ID]", "practice only: the hosts' mail log, or what it says about one message",
         "/log 4FB2C81D2F1", COMMANDS_NOTHING, local_log},
        {"aliases", "[NAME: ADDRESS, …]",
         "practice only: the connected host's /etc/aliases, or change it",
         "/aliases info: alice, bob", COMMANDS_NOTHING, local_aliases},
        {"newaliases", "", "practice only: compile /etc/aliases, so that the host uses it",
         "/newaliases", COMMANDS_NOTHING, local_newaliases},
        {"history", "", "the command lines remembered", "/history", COMMANDS_NOTHING,
         local_history},
        {"set", "[NAME VALUE]", "show or change explain, timeout, helo and a practice host",
         "/set explain full", COMMANDS_SETTING, local_set},
        {"help", "[COMMAND]", "this list, or one command; /? is the same", "/help raw",
         COMMANDS_COMMAND, local_help},
        {"quit", "", "hang up and leave smtptalk", "/quit", COMMANDS_NOTHING, local_quit},
};
enum { ROW_COUNT = sizeof(rows) / sizeof(*rows), HELP_WIDTH = 19 };

const struct command_row *commands_row(size_t i)
{
	return i < ROW_COUNT ? &rows[i] : NULL;
}

static const char *row_name(size_t i)
{
	return rows[i].name;
}

/* The row of that name, or of the only name that begins so. *more: several begin so. */
static const struct command_row *find(struct span name, bool *more)
{
	const struct command_row *found = NULL;

	*more = false;
	for (size_t i = 0; i < ROW_COUNT; i++) {
		struct span full = span_of(rows[i].name);

		if (span_eq_nocase(full, name))
			return &rows[i];
		if (!span_starts_nocase(full, name))
			continue;
		*more = found != NULL;
		if (*more)
			return NULL;
		found = &rows[i];
	}
	return found;
}

static void say_unknown(struct talk *t, struct span name, bool more)
{
	const char *near = nearest_find(name, row_name, ROW_COUNT);

	if (more)
		view_say(t->view, "several commands begin with /" SPAN_FMT "; /help lists them",
		         SPAN_ARG(name));
	else if (near)
		view_say(t->view, "there is no /" SPAN_FMT "; did you mean /%s? /help lists all",
		         SPAN_ARG(name), near);
	else
		view_say(t->view,
		         "there is no /" SPAN_FMT "; /help lists the commands, and //" SPAN_FMT
		         " sends a line that begins with /",
		         SPAN_ARG(name), SPAN_ARG(name));
}

void commands_run(struct talk *t, struct span line)
{
	struct span rest = line, name = span_word(&rest);
	const struct command_row *row;
	bool more;

	if (span_eq(name, SPAN("?")))
		name = SPAN("help");
	row = find(name, &more);
	rest = span_trim(rest);
	if (!row) {
		say_unknown(t, name, more);
	} else if (!row->arguments[0] && rest.n) {
		view_say(t->view, "/%s takes no argument", row->name);
	} else {
		row->run(t, rest);
		talk_used(t, row->name, rest);
	}
}

static void local_help(struct talk *t, struct span arguments)
{
	const struct command_row *row;
	bool more;

	if (span_starts(arguments, SPAN("/")))
		arguments = span_skip(arguments, 1);
	if (arguments.n) {
		row = find(arguments, &more);
		if (!row) {
			say_unknown(t, arguments, more);
			return;
		}
		view_say(t->view, "/%s %s\n%s; for example  %s", row->name, row->arguments,
		         row->help, row->example);
		return;
	}
	view_say(t->view, "lines that begin with / are for smtptalk, all others go to the server:");
	for (size_t i = 0; i < ROW_COUNT; i++) {
		char left[40];

		snprintf(left, sizeof(left), "/%s%s%s", rows[i].name,
		         rows[i].arguments[0] ? " " : "", rows[i].arguments);
		view_item(t->view, left, HELP_WIDTH, rows[i].help);
	}
	view_say(t->view, "In message text nothing is special: ^] opens a prompt for one of these. "
	                  "/explain RCPT helps with SMTP itself.");
}
