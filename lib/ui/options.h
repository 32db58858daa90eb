/*
 * options: what the user wants, from the command line, the environment and the config file.
 *
 * One table (options_table.h) has a row for each option; it makes the parser, SMTPTALK_…
 * variables, the keys of ~/.config/smtptalk/config and --help. A row says which commands take it:
 * on the command line of another it is a fault, elsewhere it only has no effect. The command line
 * wins over the environment, the environment over the file. Options own their strings; `args`
 * borrows from argv. Faults are DIAG_USAGE (command line and environment) or DIAG_INPUT (the
 * file).
 */
#ifndef UI_OPTIONS_H
#define UI_OPTIONS_H

#include <stdbool.h>
#include <stddef.h>

#include "base/buf.h"
#include "base/diag.h"

enum options_command {
	OPTIONS_TALK,
	OPTIONS_LEARN,
	OPTIONS_REPLAY,
	OPTIONS_CHECK,
	OPTIONS_EXPLAIN,
	OPTIONS_SERVE,
	OPTIONS_SEND, /* the words behind it are its own (send/option.h) */
	OPTIONS_COMMAND_COUNT
};

enum options_family { OPTIONS_BOTH, OPTIONS_V4, OPTIONS_V6 };
enum options_color { OPTIONS_COLOR_AUTO, OPTIONS_COLOR_ALWAYS, OPTIONS_COLOR_NEVER };
/* AUTO: short when standard input is a terminal, off otherwise. */
enum options_explain {
	OPTIONS_EXPLAIN_AUTO,
	OPTIONS_EXPLAIN_OFF,
	OPTIONS_EXPLAIN_SHORT,
	OPTIONS_EXPLAIN_FULL
};

/* UNPROVEN: TLS is required, but not that the server is proven. */
enum options_tls {
	OPTIONS_TLS_MAY,
	OPTIONS_TLS_REQUIRE,
	OPTIONS_TLS_REQUIRE_UNPROVEN,
	OPTIONS_TLS_OFF
};

/* Of an option that may be repeated: the file's, the environment's, the command line's. */
struct options_list {
	char **items;
	size_t count, room;
};

struct options {
	enum options_command command; /* TALK unless the first word says another */
	bool named;                   /* it did; the word is not among `args` */
	int family;                   /* enum options_family */
	int color;                    /* enum options_color */
	int explain;                  /* enum options_explain */
	int port;                     /* -1: not given */
	int timeout;                  /* seconds; 0: each wait has its own default */
	int tls;                      /* enum options_tls */
	int tls_min;                  /* 0 to 3 for 1.0 to 1.3, as enum tls_version */
	char *host, *helo, *dns, *lang, *listen;
	char *session, *cert, *key;                       /* serve */
	char *postfix, *client, *ca_out;                  /* likewise */
	int dns_port, connections, rate;                  /* likewise; -1: not given */
	char *set_file, *filter;                          /* replay */
	int jobs, fail_fast, list, dry_run, accept, diff; /* replay; 0: not given */
	int repeat, parallel;                             /* likewise */
	struct options_list allow_load, reports;
	char *from, *ip;             /* check */
	int spf_only, dns_only;      /* check: a flag */
	char *export_to, *output;    /* replay */
	int import_paste;            /* replay: a flag */
	char *lesson;                /* learn */
	int reset, page, test;       /* learn: flags */
	int https_port;              /* check: of MTA-STS policies; 0: 443 */
	int dns_timeout;             /* seconds for one look-up; 0: as resolv.conf says */
	struct options_list resolve; /* "HOST:ADDR" */
	char *record;
	int follow, json;              /* explain: flags */
	struct options_list selectors; /* check: of DKIM */
	struct options_list set;
	char *ca_file, *ca_path, *sni, *client_cert, *client_key, *keylog;
	char *auth_password_env, *auth_password_file;
	int practice, quiet, yes, once, help, version; /* flags: 0 or 1 */
	int tls_on_connect, trust_ad, auth_in_clear;   /* flags */
	char **args;                                   /* the words that are no options, in order */
	size_t count;
};

void options_init(struct options *o);
void options_release(struct options *o);

/* Reads all three sources. 0, or -1 and ds. With --help or --version on the command line the other
 * sources are not looked at. */
int options_read(struct options *o, int argc, char **argv, struct diags *ds);
/* The list for --help, at most 79 columns wide: the options that are this command's alone, or those
 * that it shares with others. */
void options_help(enum options_command c, bool own, struct buf *out);

const char *options_command_name(enum options_command c);
/* False when the word is no command; *out is as before then. */
bool options_command_find(const char *word, enum options_command *out);

/* The folders of the user, as the XDG base directory specification says; heap, or NULL when there
 * is no home. `variable` is e.g. "XDG_CONFIG_HOME", `fallback` is below $HOME. */
char *options_user_path(const char *variable, const char *fallback, const char *name);

#endif
