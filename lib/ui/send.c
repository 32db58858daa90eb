/*
 * The way through: options, plan, what only tells something, connection, end. The options of
 * smtptalk itself (before the word send, in its file and variables) hold too.
 */
#include "ui/send.h"

#include <errno.h>
#include <fcntl.h>
#include <pwd.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>
#include <unistd.h>

#include "base/mem.h"
#include "net/network.h"
#include "practice/certificates.h"
#include "send/compose.h"
#include "ui/internet.h"
#include "ui/send_state.h"

void send_help(struct buf *out)
{
	buf_addstr(out,
	           "usage: smtptalk send [OPTION…]\n"
	           "Sends one message. The options are those of swaks; names may be cut short,\n"
	           "and --no-NAME takes one back. .swaksrc and SWAKS_OPT_… are read.\n\n"
	           "  smtptalk send --to bob@example.com --server mx.example.com\n"
	           "  smtptalk send --practice --to bob@school.test\n\n");
	send_options_help(out);
	buf_addstr(out,
	           "\nExit status: 0 sent, 1 options, 2 no connection, 6 it was closed,\n"
	           "10 a login that cannot be made, 21 greeting, 22 HELO, 23 MAIL, 24 every RCPT,\n"
	           "25 DATA, 26 the message, 27 QUIT, 28 AUTH, 29 TLS, 30 PRDR, 32 EHLO after\n"
	           "TLS, 33 XCLIENT, 34 EHLO after XCLIENT, 35 options of PROXY.\n");
}

/* --- where it is shown --- */

static int redirect(const char *path, int fd, struct diag *d)
{
	int to;

	if (!path)
		return 0;
	if (strcmp(path, "&STDOUT") == 0 || strcmp(path, "&STDERR") == 0)
		return dup2(path[4] == 'O' ? STDOUT_FILENO : STDERR_FILENO, fd) < 0 ? -1 : 0;
	to = open(path, O_WRONLY | O_CREAT | O_APPEND | O_CLOEXEC | O_NOCTTY, 0666);
	if (to < 0 || dup2(to, fd) < 0) {
		diag_set(d, DIAG_USAGE, path, "cannot be written: %s", strerror(errno));
		if (to >= 0)
			close(to);
		return -1;
	}
	close(to);
	return 0;
}

/* --output swaks and --output session say how, anything else says where. */
static int set_output(struct ui_send *u, struct diag *d)
{
	const char *both = send_options_text(&u->own, SEND_OUTPUT);
	const char *out = send_options_text(&u->own, SEND_OUTPUT_FILE_STDOUT);
	const char *err = send_options_text(&u->own, SEND_OUTPUT_FILE_STDERR);

	u->show.marks = both && strcmp(both, "swaks") == 0;
	if (u->show.marks || (both && strcmp(both, "session") == 0))
		both = NULL;
	if (redirect(err ? err : both, STDERR_FILENO, d) != 0)
		return -1;
	return redirect(out ? out : both, STDOUT_FILENO, d);
}

static int read_explain(struct ui_send *u, struct diag *d)
{
	static const char *const words[] = {"off", "short", "full"};
	const char *word = send_options_text(&u->own, SEND_EXPLAIN);

	u->explain = u->options.explain;
	if (u->explain == OPTIONS_EXPLAIN_AUTO)
		u->explain = u->show.marks ? OPTIONS_EXPLAIN_OFF : OPTIONS_EXPLAIN_SHORT;
	for (int i = 0; word && i < 3; i++) {
		if (strcmp(word, words[i]) == 0) {
			u->explain = OPTIONS_EXPLAIN_OFF + i;
			return 0;
		}
	}
	return word ? diag_set(d, DIAG_USAGE, "explain", "is none of off, short, full") : 0;
}

/* --- its life --- */

static char *user_name(bool from_file)
{
	const char *login = getenv("LOGNAME");
	struct passwd *p = !from_file && login && *login ? NULL : getpwuid(getuid());

	return mem_dup(p ? p->pw_name : login && *login ? login : "user");
}

static void begin(struct ui_send *u, const struct options *o, bool utf8)
{
	struct view_settings look = {.ascii = !utf8, .notes = true};

	memset(u, 0, sizeof(*u));
	u->options = *o;
	u->loop = loop_new();
	u->show.view = view_new(u->loop, &look);
	u->show.utf8 = utf8;
	send_options_init(&u->own);
	send_plan_init(&u->plan);
	buf_init(&u->stamp_date, 200);
	buf_init(&u->stamp_id, 1024);
	u->status = SEND_EXIT_USAGE;
}

static void end(struct ui_send *u)
{
	view_flush(u->show.view);
	send_dial_release(u);
	if (u->network)
		network_free(u->network);
	if (u->world)
		world_free(u->world);
	tls_context_free(u->tls);
	explain_free(u->notes);
	send_report_free(u->report);
	view_free(u->show.view);
	loop_free(u->loop);
	send_plan_release(&u->plan);
	send_options_release(&u->own);
	buf_release(&u->stamp_date);
	buf_release(&u->stamp_id);
	buf_release(&u->show.partial);
	free(u->me);
	free(u->user);
}

/* --- from options to a connection --- */

static void take_general(struct ui_send *u)
{
	struct options *o = &u->options;
	time_t now = time(NULL);

	o->practice = o->practice || send_options_has(&u->own, SEND_PRACTICE);
	o->yes = o->yes || send_options_has(&u->own, SEND_YES);
	if (send_options_has(&u->own, SEND_DNS))
		o->dns = (char *)send_options_text(&u->own, SEND_DNS);
	u->me = internet_own_name(o);
	u->user = user_name(send_options_has(&u->own, SEND_FORCE_GETPWUID));
	compose_date(now, &u->stamp_date);
	compose_message_id(now, u->me, &u->stamp_id);
}

static int make_plan(struct ui_send *u, struct diag *d)
{
	struct send_asker asker;

	send_ask_init(u, &asker);
	if (send_plan_make(&u->plan, &u->own, &asker, &u->status, d) != 0)
		return -1;
	u->plan.dns_yes = u->options.yes;
	if (send_ask_credentials(u, d) == 0)
		return 0;
	u->status = SEND_EXIT_USAGE;
	return -1;
}

static struct tls_context *make_tls(struct ui_send *u, struct diag *d)
{
	const struct send_plan *p = &u->plan;
	struct tls_settings s;
	int folder = p->tls_ca ? open(p->tls_ca, O_RDONLY | O_DIRECTORY | O_CLOEXEC) : -1;

	tls_settings_init(&s);
	s.minimum = (enum tls_version)u->options.tls_min;
	s.versions = p->tls_versions;
	s.ciphers = p->tls_cipher;
	s.ca_file = folder < 0 && p->tls_ca ? p->tls_ca : u->options.ca_file;
	s.ca_path = folder >= 0 ? p->tls_ca : u->options.ca_path;
	s.ca_pem = u->world ? world_ca_pem(u->world) : NULL;
	s.certificate = p->tls_cert ? p->tls_cert : u->options.client_cert;
	s.key = p->tls_cert ? p->tls_key : u->options.client_key;
	s.keylog = u->options.keylog;
	if (folder >= 0)
		close(folder);
	return tls_context_new(&s, d);
}

static int set_local(struct ui_send *u, struct diag *d)
{
	const struct send_plan *p = &u->plan;
	struct net_address from;
	const char *any = p->family == 6 ? "::" : "0.0.0.0";

	if ((!p->local_interface && p->local_port == 0) || u->options.practice)
		return 0;
	if (net_address_parse(span_of(p->local_interface ? p->local_interface : any), p->local_port,
	                      &from) != 0)
		return diag_set(d, DIAG_USAGE, "local-interface", "is no address");
	network_real_set_local(u->network, &from);
	return 0;
}

static int prepare(struct ui_send *u, struct diag *d)
{
	struct diags ds;
	int result;

	diags_init(&ds);
	result = internet_open(&u->options, u->loop, &u->network, &u->world, &ds);
	if (result != 0 && ds.count)
		diag_copy(d, &ds.list[0]);
	diags_release(&ds);
	if (result != 0 || set_local(u, d) != 0)
		return -1;
	if (u->plan.tls || u->plan.tls_on_connect) {
		u->tls = make_tls(u, d);
		u->status = u->tls ? u->status : SEND_EXIT_TLS;
	}
	return (u->plan.tls || u->plan.tls_on_connect) && !u->tls ? -1 : 0;
}

static void write_report(struct ui_send *u)
{
	struct buf out;

	if (!u->report)
		return;
	buf_init(&out, 64u << 20);
	send_report_write(u, &out);
	fwrite(out.data, 1, out.len, stdout);
	buf_release(&out);
}

static int run(struct ui_send *u, const struct options *o, bool utf8, struct diag *d)
{
	if (send_options_all(&u->own, o->args, o->count, environ, d) != 0 ||
	    set_output(u, d) != 0 || read_explain(u, d) != 0)
		return -1;
	send_show_init(u, utf8);
	take_general(u);
	if (make_plan(u, d) != 0)
		return -1;
	if (send_tells(u, d))
		return d->kind != DIAG_NONE ? -1 : 0;
	if (u->show.json)
		u->report = send_report_new();
	if (prepare(u, d) != 0)
		return -1;
	send_dial(u);
	write_report(u);
	return 0;
}

/* --help, --version and --support need nothing else. */
static bool is_asked(const struct options *o, const char *name)
{
	for (size_t i = 0; i < o->count; i++)
		if (strcmp(o->args[i], name) == 0)
			return true;
	return false;
}

static int show_help(void)
{
	struct buf b;

	buf_init(&b, 64u << 10);
	send_help(&b);
	fputs(b.data, stdout);
	buf_release(&b);
	return fflush(stdout) == 0 ? 0 : SEND_EXIT_USAGE;
}

int send_main(const struct options *o, bool utf8, struct diags *ds)
{
	struct ui_send u;
	struct diag d;
	int status;

	if (is_asked(o, "--help") || is_asked(o, "-help"))
		return show_help();
	diag_init(&d);
	begin(&u, o, utf8);
	if (run(&u, o, utf8, &d) != 0 && d.kind != DIAG_NONE &&
	    send_shows(&u.show, SEND_SHOWN_FAULT, true)) {
		if (u.show.marks)
			send_show_fault(&u, "%s%s%s%s%s", d.where ? d.where : "",
			                d.where ? ": " : "", d.what, d.hint ? "; " : "",
			                d.hint ? d.hint : "");
		else
			diags_add_copy(ds, &d);
	}
	status = u.status;
	diag_release(&d);
	end(&u);
	return status;
}
