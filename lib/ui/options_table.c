/*
 * The table and what is read off it: which options there are, for which commands, and their help.
 * The order of the rows is the order of the help.
 */
#include "ui/options_table.h"

#include <stdio.h>
#include <string.h>

static const char *const color_choices[] = {"auto", "always", "never", NULL};
static const char *const explain_choices[] = {"auto", "off", "short", "full", NULL};
static const char *const tls_choices[] = {"may", "require", "require,verify=no", "off", NULL};
static const char *const version_choices[] = {"1.0", "1.1", "1.2", "1.3", NULL};

enum {
	TALK = 1 << OPTIONS_TALK,
	LEARN = 1 << OPTIONS_LEARN,
	REPLAY = 1 << OPTIONS_REPLAY,
	CHECK = 1 << OPTIONS_CHECK,
	SERVE = 1 << OPTIONS_SERVE,
	EACH = (1 << OPTIONS_COMMAND_COUNT) - 1,
	PROMPT = TALK | LEARN,  /* somebody types */
	DIAL = TALK | REPLAY,   /* it may leave this machine */
	SHOW = PROMPT | REPLAY, /* a dialogue is shown */
	EXPLAIN = 1 << OPTIONS_EXPLAIN,
	TELL = SHOW | CHECK,   /* something is explained */
	PLAY = REPLAY | SERVE, /* it has session files */
	WAIT = TALK | LEARN | REPLAY | SERVE,
};

#define AT(field) offsetof(struct options, field)
static const struct option_row rows[] = {
        {"session", 0, KIND_TEXT, "FILE", AT(session), 0, 0, NULL, SERVE,
         "the session file whose server side is played; --session may be left out"},
        {"set", 0, KIND_LIST, "NAME=VALUE", AT(set), 0, 0, NULL, PLAY,
         "the value of ${NAME} in the session files; may be repeated"},
        {"set-file", 0, KIND_TEXT, "FILE", AT(set_file), 0, 0, NULL, PLAY,
         "the same, from the lines NAME=VALUE of this file"},
        {"filter", 0, KIND_TEXT, "PATTERN", AT(filter), 0, 0, NULL, REPLAY,
         "only files whose path has this in it, or is like this pattern of the shell"},
        {"jobs", 'j', KIND_NUMBER, "N", AT(jobs), 1, 1000, NULL, REPLAY | CHECK,
         "play so many files, or check so many names, side by side; the results keep their order"},
        {"fail-fast", 0, KIND_FLAG, NULL, AT(fail_fast), 0, 0, NULL, REPLAY,
         "begin no other file after the first that does not pass"},
        {"accept", 0, KIND_FLAG, NULL, AT(accept), 0, 0, NULL, REPLAY,
         "rewrite the S: lines that no longer hold with what came"},
        {"diff", 0, KIND_FLAG, NULL, AT(diff), 0, 0, NULL, REPLAY,
         "show what --accept would rewrite; nothing is written without --accept"},
        {"report", 0, KIND_LIST, "FORM[=FILE]", AT(reports), 0, 0, NULL, REPLAY,
         "tap, junit, json or html, to this file or standard output; may be repeated"},
        {"repeat", 0, KIND_NUMBER, "N", AT(repeat), 1, 1000000000, NULL, REPLAY,
         "play all files so often, a new connection each, and measure"},
        {"parallel", 0, KIND_NUMBER, "N", AT(parallel), 1, 100000, NULL, REPLAY,
         "with --repeat: so many sessions at once"},
        {"allow-load", 0, KIND_LIST, "HOST", AT(allow_load), 0, 0, NULL, REPLAY,
         "with --repeat: this host is not near, and its owner agreed; may be repeated"},
        {"list", 0, KIND_FLAG, NULL, AT(list), 0, 0, NULL, REPLAY | LEARN,
         "only tell which files would be played; learn: the lessons, and which are done"},
        {"lesson", 0, KIND_TEXT, "LESSON", AT(lesson), 0, 0, NULL, LEARN,
         "begin this lesson at its first step: its number or its name"},
        {"reset", 0, KIND_FLAG, NULL, AT(reset), 0, 0, NULL, LEARN,
         "forget what was done, of the lesson that is named or of all"},
        {"page", 0, KIND_FLAG, NULL, AT(page), 0, 0, NULL, LEARN,
         "a page of what was done, when, and with which mistakes"},
        {"test", 0, KIND_FLAG, NULL, AT(test), 0, 0, NULL, LEARN,
         "prove the lessons, for who writes them: models, mistakes, skipping, resuming"},
        {"dry-run", 0, KIND_FLAG, NULL, AT(dry_run), 0, 0, NULL, REPLAY,
         "read and check all, tell what would be sent, connect nowhere"},
        {"import", 0, KIND_FLAG, NULL, AT(import_paste), 0, 0, NULL, REPLAY,
         "make a session file of what somebody pasted: swaks, curl -v, a log, …"},
        {"export", 0, KIND_TEXT, "FORM", AT(export_to), 0, 0, NULL, REPLAY,
         "write the dialogue as session, swaks, python, telnet, markdown or html"},
        {"output", 'o', KIND_TEXT, "FILE", AT(output), 0, 0, NULL, REPLAY,
         "where --import and --export write, instead of standard output"},
        {"from", 0, KIND_TEXT, "MAILBOX", AT(from), 0, 0, NULL, CHECK,
         "the envelope sender (MAIL FROM) of the mail that is asked about"},
        {"ip", 0, KIND_TEXT, "ADDR", AT(ip), 0, 0, NULL, CHECK, "the address that sends it"},
        {"selector", 0, KIND_LIST, "NAME", AT(selectors), 0, 0, NULL, CHECK,
         "a selector of the domain's DKIM keys; may be repeated"},
        {"dns-only", 0, KIND_FLAG, NULL, AT(dns_only), 0, 0, NULL, CHECK,
         "ask only the DNS; speak to no mail host"},
        {"https-port", 0, KIND_NUMBER, "PORT", AT(https_port), 1, 65535, NULL, CHECK,
         "where MTA-STS policies are fetched, instead of port 443"},
        {"spf-only", 0, KIND_FLAG, NULL, AT(spf_only), 0, 0, NULL, CHECK,
         "only SPF, as one line for scripts: RESULT, a tab, the explanation"},
        {"listen", 0, KIND_TEXT, "ADDR[:PORT]", AT(listen), 0, 0, NULL, SERVE,
         "listen here instead of on 127.0.0.1:2525"},
        {"postfix", 0, KIND_TEXT, "FOLDER", AT(postfix), 0, 0, NULL, SERVE,
         "answer as the Postfix whose main.cf is in this folder, and say why"},
        {"client", 0, KIND_TEXT, "ADDR|real", AT(client), 0, 0, NULL, SERVE,
         "the address that practice hosts see; 192.0.2.77 without this"},
        {"dns-port", 0, KIND_NUMBER, "PORT", AT(dns_port), 0, 65535, NULL, SERVE,
         "where the practice DNS listens; 5300 without this"},
        {"ca-out", 0, KIND_TEXT, "FILE", AT(ca_out), 0, 0, NULL, SERVE,
         "write the authority of the practice certificates here (PEM), for clients"},
        {"connections", 0, KIND_NUMBER, "N", AT(connections), 1, 1000, NULL, SERVE,
         "so many at once to practice hosts, 100 without this; more get 421"},
        {"rate", 0, KIND_NUMBER, "N", AT(rate), 0, 1000000, NULL, SERVE,
         "new ones of one address a minute, 600 without this; 0: any number"},
        {"once", 0, KIND_FLAG, NULL, AT(once), 0, 0, NULL, SERVE,
         "leave when the file was played once, all its parts"},
        {"cert", 0, KIND_TEXT, "FILE", AT(cert), 0, 0, NULL, SERVE,
         "the certificate chain for <negotiate TLS> (PEM)"},
        {"key", 0, KIND_TEXT, "FILE", AT(key), 0, 0, NULL, SERVE,
         "its key, when it is not in the same file (PEM)"},
        {"json", 0, KIND_FLAG, NULL, AT(json), 0, 0, NULL, EXPLAIN | CHECK | REPLAY,
         "one object a line, for programs; replay: with --repeat"},
        {"follow", 0, KIND_FLAG, NULL, AT(follow), 0, 0, NULL, EXPLAIN,
         "a log that goes on, as from journalctl -f: show each line's meaning at once"},
        {"ipv4", '4', KIND_VALUE, NULL, AT(family), OPTIONS_V4, 0, NULL, DIAL, "use IPv4 only"},
        {"ipv6", '6', KIND_VALUE, NULL, AT(family), OPTIONS_V6, 0, NULL, DIAL, "use IPv6 only"},
        {"port", 'p', KIND_NUMBER, "PORT", AT(port), 0, 65535, NULL, DIAL | SERVE | CHECK,
         "connect straight to the target's own address, to this port; check: speak to mail hosts "
         "there"},
        {"host", 0, KIND_TEXT, "HOST", AT(host), 0, 0, NULL, DIAL,
         "connect straight to this host, whatever the MX says"},
        {"helo", 0, KIND_TEXT, "NAME", AT(helo), 0, 0, NULL, PROMPT | CHECK,
         "the name to suggest for HELO and EHLO; check: the name that the sender gives"},
        {"dns", 0, KIND_TEXT, "ADDR[:PORT]", AT(dns), 0, 0, NULL, DIAL | CHECK,
         "ask this name server instead of those in /etc/resolv.conf"},
        {"dns-timeout", 0, KIND_NUMBER, "SECONDS", AT(dns_timeout), 1, 600, NULL, DIAL | CHECK,
         "how long one look-up may take, with all its tries"},
        {"resolve", 0, KIND_LIST, "HOST:ADDR", AT(resolve), 0, 0, NULL, DIAL | CHECK,
         "this is the host's address, whatever the DNS says; may be repeated"},
        {"timeout", 0, KIND_NUMBER, "SECONDS", AT(timeout), 1, 86400, NULL, WAIT | CHECK,
         "how long to wait for each connection and each reply"},
        {"record", 0, KIND_TEXT, "FILE", AT(record), 0, 0, NULL, PROMPT,
         "record the conversation in this file, as a session file"},
        {"practice", 0, KIND_FLAG, NULL, AT(practice), 0, 0, NULL, TELL,
         "use the practice internet inside this program; no network is needed"},
        {"explain", 0, KIND_CHOICE, "off|short|full", AT(explain), 0, 0, explain_choices,
         TELL | EXPLAIN, "how much to say; beside a dialogue, short at a terminal, off in a pipe"},
        {"lang", 0, KIND_TEXT, "LANGUAGE", AT(lang), 0, 0, NULL, EACH,
         "the language of explanations and lessons, such as en"},
        {"color", 0, KIND_CHOICE, "auto|always|never", AT(color), 0, 0, color_choices, EACH,
         "colours; auto obeys NO_COLOR, a dumb terminal and a pipe"},
        {"quiet", 0, KIND_FLAG, NULL, AT(quiet), 0, 0, NULL, SHOW | SERVE,
         "no # lines at all, except the answers to / commands"},
        {"yes", 0, KIND_FLAG, NULL, AT(yes), 0, 0, NULL, DIAL | LEARN | CHECK,
         "do not ask before connecting to a private or loopback mail host, or overwriting an "
         "earlier recording"},
        {"tls", 0, KIND_CHOICE, "may|require[,verify=no]|off", AT(tls), 0, 0, tls_choices, TALK,
         "require: TLS to a proven server; verify=no: to any"},
        {"tls-on-connect", 0, KIND_FLAG, NULL, AT(tls_on_connect), 0, 0, NULL, DIAL,
         "begin with TLS, before the greeting, as on port 465"},
        {"tls-min", 0, KIND_CHOICE, "1.0|1.1|1.2|1.3", AT(tls_min), 0, 0, version_choices,
         DIAL | SERVE | CHECK, "the oldest version of TLS to agree to; 1.2 without this"},
        {"ca-file", 0, KIND_TEXT, "FILE", AT(ca_file), 0, 0, NULL, DIAL | CHECK,
         "trust the authorities in this PEM file instead of the system's"},
        {"ca-path", 0, KIND_TEXT, "FOLDER", AT(ca_path), 0, 0, NULL, DIAL | CHECK,
         "trust the authorities in this folder (made by openssl rehash)"},
        {"sni", 0, KIND_TEXT, "NAME", AT(sni), 0, 0, NULL, DIAL,
         "the server name to send in TLS; the host's own is still proven"},
        {"client-cert", 0, KIND_TEXT, "FILE", AT(client_cert), 0, 0, NULL, DIAL,
         "show this certificate to servers that ask for one (PEM)"},
        {"client-key", 0, KIND_TEXT, "FILE", AT(client_key), 0, 0, NULL, DIAL,
         "its key, when it is not in the same file (PEM)"},
        {"keylog", 0, KIND_TEXT, "FILE", AT(keylog), 0, 0, NULL, DIAL,
         "append the keys of each TLS session, for Wireshark"},
        {"trust-ad", 0, KIND_FLAG, NULL, AT(trust_ad), 0, 0, NULL, TALK | CHECK,
         "believe the name server's word on DNSSEC, also from afar"},
        {"auth-password-env", 0, KIND_TEXT, "NAME", AT(auth_password_env), 0, 0, NULL, PROMPT,
         "/auth: the password is in this environment variable"},
        {"auth-password-file", 0, KIND_TEXT, "FILE", AT(auth_password_file), 0, 0, NULL, PROMPT,
         "/auth: the password is the first line of this file"},
        {"auth-in-clear", 0, KIND_FLAG, NULL, AT(auth_in_clear), 0, 0, NULL, PROMPT,
         "log in also without TLS, where everybody on the way can read it"},
        {"help", 'h', KIND_FLAG, NULL, AT(help), 0, 0, NULL, EACH, "show this list and leave"},
        {"version", 0, KIND_FLAG, NULL, AT(version), 0, 0, NULL, EACH,
         "show the version and leave"},
};
enum { ROW_COUNT = sizeof(rows) / sizeof(*rows), HELP_LEFT = 28, HELP_WIDTH = 79 };

static const char *const command_names[] = {
        [OPTIONS_TALK] = "talk",   [OPTIONS_LEARN] = "learn",     [OPTIONS_REPLAY] = "replay",
        [OPTIONS_CHECK] = "check", [OPTIONS_EXPLAIN] = "explain", [OPTIONS_SERVE] = "serve",
        [OPTIONS_SEND] = "send",
};

const char *options_command_name(enum options_command c)
{
	return command_names[c];
}

bool options_command_find(const char *word, enum options_command *out)
{
	for (size_t i = 0; i < OPTIONS_COMMAND_COUNT; i++) {
		if (strcmp(command_names[i], word) == 0) {
			*out = (enum options_command)i;
			return true;
		}
	}
	return false;
}

size_t option_row_count(void)
{
	return ROW_COUNT;
}

const struct option_row *option_row_at(size_t i)
{
	return i < ROW_COUNT ? &rows[i] : NULL;
}

const char *option_row_name(size_t i)
{
	return rows[i].name;
}

const struct option_row *option_row_find(struct span name)
{
	for (size_t i = 0; i < ROW_COUNT; i++)
		if (span_eq(name, span_of(rows[i].name)))
			return &rows[i];
	return NULL;
}

const struct option_row *option_row_letter(char c)
{
	for (size_t i = 0; i < ROW_COUNT; i++)
		if (rows[i].letter == c)
			return &rows[i];
	return NULL;
}

/* --- help --- */

/* Words in a column of their own, at most HELP_WIDTH wide. */
static void add_help(struct span text, struct buf *out)
{
	size_t column = HELP_LEFT;
	const char *before = "";

	while (text.n > 0) {
		struct span word = span_word(&text);

		if (column + 1 + word.n > HELP_WIDTH) {
			buf_addf(out, "\n%*s", HELP_LEFT, "");
			column = HELP_LEFT;
			before = "";
		}
		buf_addf(out, "%s" SPAN_FMT, before, SPAN_ARG(word));
		column += word.n + strlen(before);
		before = " ";
	}
	buf_addch(out, '\n');
}

static void row_help(const struct option_row *row, struct buf *out)
{
	char left[64];

	snprintf(left, sizeof(left), "%c%c%c --%s%s%s", row->letter ? '-' : ' ',
	         row->letter ? row->letter : ' ', row->letter ? ',' : ' ', row->name,
	         row->argument ? " " : "", row->argument ? row->argument : "");
	if (strlen(left) > HELP_LEFT - 4)
		buf_addf(out, "  %s\n%*s", left, HELP_LEFT, "");
	else
		buf_addf(out, "  %-*s", HELP_LEFT - 2, left);
	add_help(span_of(row->help), out);
}

void options_help(enum options_command c, bool own, struct buf *out)
{
	unsigned bit = 1u << c;

	for (size_t i = 0; i < ROW_COUNT; i++) {
		if ((rows[i].commands & bit) && (rows[i].commands == bit) == own)
			row_help(&rows[i], out);
	}
}
