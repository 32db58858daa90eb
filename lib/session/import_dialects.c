/*
 * One row a dialect: how its own program marks the lines of both sides, and what else it prints.
 * Where two rows read a paste equally well the earlier one is taken, so the stricter stand first.
 */
#include "session/import_state.h"

#define LEFT(text)                                                                                 \
	{                                                                                          \
		SPAN(text), IMPORT_LEFT, IMPORT_AT_START                                           \
	}
#define RIGHT(text)                                                                                \
	{                                                                                          \
		SPAN(text), IMPORT_RIGHT, IMPORT_AT_START                                          \
	}
#define NOTE(text)                                                                                 \
	{                                                                                          \
		SPAN(text), IMPORT_NOTE, IMPORT_AT_START                                           \
	}
#define SAYS(k, text)                                                                              \
	{                                                                                          \
		SPAN(text), IMPORT_##k, IMPORT_AT_START                                            \
	}
#define FINDS(k, text)                                                                             \
	{                                                                                          \
		SPAN(text), IMPORT_##k, IMPORT_ANYWHERE                                            \
	}
#define BEHIND(k, text)                                                                            \
	{                                                                                          \
		SPAN(text), IMPORT_##k, IMPORT_BEHIND                                              \
	}

static const struct import_dialect dialects[] = {
        {.name = "rfc",
         .title = "RFC notation",
         .unmarked = IMPORT_UNMARKED_REPLY,
         .marks = {LEFT("C: "), RIGHT("S: "), LEFT("R: "), SAYS(SECURE, "C & S: "), NOTE("# "),
                   FINDS(NO_ANSWER, "Logging suppressed"), NOTE("Connected to ")}},
        {.name = "swaks",
         .title = "a transcript of swaks",
         .unmarked = IMPORT_UNMARKED_STRAY,
         .hides = "swaks -n shows only how many lines the message had",
         .marks = {LEFT("-> "), RIGHT("<-  "), LEFT("~> "), RIGHT("<~  "), LEFT("**> "),
                   LEFT("*~> "), RIGHT("<** "), RIGHT("<~* "), SAYS(SECURE, "=== TLS started"),
                   SAYS(PEER, "=== Trying "), SAYS(CLOSED, "=== Connection closed"),
                   SAYS(CLOSED, "*** Remote host closed"), NOTE("=== "), NOTE("*** ")}},
        {.name = "curl",
         .title = "curl -v, or another program that marks lines with > and <",
         .unmarked = IMPORT_UNMARKED_STRAY,
         .hides = "curl -v shows only its size",
         .marks = {LEFT("> "), RIGHT("< "), SAYS(PEER, "*   Trying "), SAYS(PEER, "* Trying "),
                   SAYS(SECURE, "* SSL connection using"),
                   FINDS(UNPROVEN, "SSL certificate verify result:"),
                   SAYS(NO_MESSAGE, "* We are completely uploaded"),
                   SAYS(CLOSED, "* Closing connection"), SAYS(CLOSED, "* closing connection"),
                   SAYS(CLOSED, "* shutting down connection"), NOTE("* "), NOTE("} ["), NOTE("{ ["),
                   NOTE("% Total"), NOTE("Dload")}},
        {.name = "smtplib",
         .title = "the debug output of Python's smtplib",
         .unmarked = IMPORT_UNMARKED_STRAY,
         .decode = import_decode_literal,
         .marks = {LEFT("send: "), RIGHT("reply: "), NOTE("reply: retcode"), NOTE("data: ("),
                   NOTE("connect: ")}},
        {.name = "postfix-log",
         .title = "a Postfix log with debug_peer_list",
         .unmarked = IMPORT_UNMARKED_STRAY,
         .hides = "Postfix does not log it",
         .read = import_read_postfix},
        {.name = "postfix-notice",
         .title = "a notice of Postfix with a transcript",
         .unmarked = IMPORT_UNMARKED_WRAP,
         .hides = "Postfix leaves it out of its notices",
         .marks = {LEFT("In:  "), RIGHT("Out: "), NOTE("Transcript of session follows"),
                   NOTE("Session aborted"), NOTE("For other details"),
                   NOTE("Unexpected response")}},
        {.name = "exim-script",
         .title = "a client script of Exim's test suite",
         .unmarked = IMPORT_UNMARKED_STRAY,
         .keeps_sides = true,
         .read = import_read_exim_script},
        {.name = "sendmail",
         .title = "a transcript in a bounce of sendmail",
         .unmarked = IMPORT_UNMARKED_STRAY,
         .hides = "a bounce leaves it out",
         .marks = {LEFT(">>> "), RIGHT("<<< "), SAYS(PEER, "... while talking to "),
                   NOTE("----- ")}},
        {.name = "exim",
         .title = "exim -v",
         .unmarked = IMPORT_UNMARKED_REPLY,
         .hides = "Exim does not show it",
         .marks = {LEFT("SMTP>> "), RIGHT("SMTP<< "), LEFT("SMTP|> "), LEFT("SMTP+> "),
                   SAYS(CLOSED, "SMTP(close)>>"), NOTE("SMTP("), NOTE("LOG: "),
                   NOTE("Connecting to "), NOTE("delivering ")}},
        {.name = "msmtp",
         .title = "msmtp --debug, or another program that marks lines with --> and <--",
         .unmarked = IMPORT_UNMARKED_STRAY,
         .marks = {LEFT("--> "), RIGHT("<-- "), SAYS(SECURE, "TLS session parameters"),
                   NOTE("TLS certificate"), NOTE("using account"), NOTE("reading recipients")}},
        {.name = "thunderbird",
         .title = "Thunderbird's log",
         .unmarked = IMPORT_UNMARKED_REPLY,
         .hides = "Thunderbird does not log it",
         .marks = {BEHIND(LEFT, "mailnews.smtp: C: "), BEHIND(RIGHT, "mailnews.smtp: S: "),
                   BEHIND(LEFT, "SMTP Send: "), BEHIND(RIGHT, "SMTP Response: "),
                   FINDS(NO_ANSWER, "Logging suppressed"), BEHIND(NOTE, "SMTP entering state"),
                   BEHIND(NOTE, "SMTP Connecting"), BEHIND(NOTE, "mailnews.smtp: ")}},
        {.name = "k9",
         .title = "the log of K-9 Mail or Thunderbird for Android",
         .unmarked = IMPORT_UNMARKED_STRAY,
         .hides = "the app does not log it",
         .marks = {BEHIND(LEFT, "SMTP >>> "), BEHIND(RIGHT, "SMTP <<< ")}},
        {.name = "phpmailer",
         .title = "the debug output of PHPMailer",
         .unmarked = IMPORT_UNMARKED_REPLY,
         .decode = import_decode_html,
         .marks = {LEFT("CLIENT -> SERVER: "), RIGHT("SERVER -> CLIENT: "),
                   SAYS(PEER, "Connection: opening to "), SAYS(CLOSED, "Connection: closed"),
                   NOTE("Connection: "), NOTE("SMTP ERROR: "), NOTE("SMTP Error: "),
                   NOTE("SMTP INBOUND: "), NOTE("SMTP NOTICE: ")}},
        {.name = "perl",
         .title = "the debug output of Perl's Net::SMTP",
         .unmarked = IMPORT_UNMARKED_STRAY,
         .unstuffed = true,
         .marks = {FINDS(LEFT, ")>>> "), FINDS(RIGHT, ")<<< "), NOTE("Net::SMTP>>>")}},
        {.name = "ruby",
         .title = "the debug output of Ruby's Net::SMTP",
         .unmarked = IMPORT_UNMARKED_STRAY,
         .decode = import_decode_literal,
         .hides = "Net::SMTP does not show it",
         .marks = {LEFT("<- \""), RIGHT("-> \""), SAYS(NO_MESSAGE, "writing message from"),
                   NOTE("wrote "), SAYS(PEER, "Connection opened: ")}},
        {.name = "log",
         .title = "a log with C: and S:",
         .unmarked = IMPORT_UNMARKED_REPLY,
         .hides = "the log leaves it out",
         .marks = {BEHIND(LEFT, "C: "), BEHIND(RIGHT, "S: "),
                   FINDS(NO_ANSWER, "Logging suppressed")}},
        {.name = "words",
         .title = "lines marked Client: and Server:",
         .unmarked = IMPORT_UNMARKED_REPLY,
         .marks = {LEFT("Client: "), RIGHT("Server: "), LEFT("CLIENT: "), RIGHT("SERVER: "),
                   LEFT("client: "), RIGHT("server: ")}},
        {.name = "arrows",
         .title = "lines marked with arrows",
         .unmarked = IMPORT_UNMARKED_REPLY,
         .marks = {LEFT(">> "), RIGHT("<< "), LEFT("=> "), RIGHT("<= "), LEFT("-> "), RIGHT("<- "),
                   NOTE("++ "), NOTE("== "), NOTE("!! ")}},
        {.name = "plain",
         .title = "a dialogue without marks",
         .unmarked = IMPORT_UNMARKED_SHAPE,
         .read = import_read_screen,
         .marks = {{SPAN("Connection to "), IMPORT_NOTE, IMPORT_AT_START}, NOTE("Ncat: ")}},
        {.name = "telnet",
         .title = "a screen of telnet",
         .unmarked = IMPORT_UNMARKED_SHAPE,
         .read = import_read_screen,
         .marks = {SAYS(PEER, "Trying "), NOTE("Connected to "), NOTE("Escape character is "),
                   SAYS(CLOSED, "Connection closed by foreign host"), NOTE("telnet> "),
                   NOTE("^]")}},
        {.name = "openssl",
         .title = "a screen of openssl s_client",
         .unmarked = IMPORT_UNMARKED_SHAPE,
         .read = import_read_openssl,
         .marks = {NOTE("read R BLOCK"), NOTE("read:errno="), NOTE("KEYUPDATE")}},
        {.name = "javamail",
         .title = "the debug output of JavaMail",
         .unmarked = IMPORT_UNMARKED_SHAPE,
         .marks = {FINDS(NO_LOGIN, "command trace suppressed"), NOTE("DEBUG: "),
                   NOTE("DEBUG SMTP: "), NOTE("DEBUG SMTPS: ")}},
};

#define DIALECT_COUNT (sizeof(dialects) / sizeof(dialects[0]))

const struct import_dialect *import_dialect_at(size_t i)
{
	return i < DIALECT_COUNT ? &dialects[i] : NULL;
}

size_t import_dialect_count(void)
{
	return DIALECT_COUNT;
}

const char *import_dialect_name(size_t i)
{
	return dialects[i].name;
}

bool import_dialect_arrows(size_t i, struct span *client, struct span *server)
{
	const struct import_dialect *d = &dialects[i];

	if (d->unmarked == IMPORT_UNMARKED_SHAPE || !d->marks[0].text.p || d->read)
		return false;
	*client = d->marks[0].text;
	*server = d->marks[1].text;
	return true;
}
