/*
 * The table that stands at the start is the whole manual of this command: what is where, what to
 * type to get there, and who may come.
 */
#include "ui/serve_world.h"

#include <errno.h>
#include <signal.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "base/display.h"
#include "practice/certificates.h"
#include "practice/ports.h"
#include "ui/serve.h"
#include "ui/serve_log.h"
#include "ui/teaching.h"
#include "ui/view.h"

enum { FIRST_PORT = 2525, DNS_PORT = 5300, CONNECTIONS = 100, RATE = 600, PURPOSE_MAX = 60 };

static const char client_address[] = "192.0.2.77";

struct service {
	const struct options *options;
	struct loop *loop;
	struct view *view;
	struct world *world;
	struct world_host *postfix; /* NULL: the whole practice internet */
	struct ports_settings settings;
	struct ports *ports;
};

/* --- what it prints at the start --- */

/* Not wrapped: what is in it can be typed. */
__attribute__((format(printf, 2, 3))) static void show_line(struct service *s, const char *format,
                                                            ...)
{
	struct buf text;
	va_list args;

	buf_init(&text, 64u << 10);
	va_start(args, format);
	buf_vaddf(&text, format, args);
	va_end(args);
	view_block(s->view, buf_span(&text));
	buf_release(&text);
}

static void show_port(struct service *s, const struct port *p)
{
	static const char *const instead[] = {
	        [HOST_SERVES] = "",
	        [HOST_DEAD] = "it is dead: a connection is made, and nothing is said",
	        [HOST_REFUSES] = "it refuses connections",
	};
	char *purpose = s->postfix ? NULL : world_host_purpose(p->host);
	char *shown = display_dup(span_of(purpose ? purpose : ""), PURPOSE_MAX);
	unsigned number = net_address_port(&p->address);
	struct buf line;

	buf_init(&line, 1024);
	if (number)
		buf_addf(&line, "%5u  ", number);
	else
		buf_addstr(&line, "    -  ");
	buf_addf(&line, "%-30s %3u  %s%s", p->host->name, p->port, shown,
	         instead[p->host->behaviour]);
	view_block(s->view, span_trim_right(buf_span(&line)));
	buf_release(&line);
	free(shown);
	free(purpose);
}

static void show_table(struct service *s)
{
	char text[NET_ADDRESS_TEXT];
	const struct port *p;

	view_say(s->view, "%s on %s:",
	         s->postfix ? "a practice host with your main.cf" : "the practice internet",
	         net_address_text(&s->settings.at, text));
	view_block(s->view, SPAN(" port  host                      its port"));
	for (size_t i = 0; (p = ports_at(s->ports, i)); i++)
		show_port(s, p);
	view_block(s->view, SPAN(""));
}

static void show_dns(struct service *s)
{
	char text[NET_ADDRESS_TEXT];

	net_address_port_text(ports_dns(s->ports), text);
	show_line(s, "DNS:  %s, UDP and TCP; smtptalk check --dns %s --dns-only school.test", text,
	          text);
}

static void show_client(struct service *s)
{
	const struct net_address *client = &s->settings.client;
	char text[NET_ADDRESS_TEXT];

	if (client->len == 0)
		view_say(s->view, "hosts see the real address of each client");
	else
		view_say(s->view,
		         "hosts see every client as %s; --client ADDR for another address, "
		         "--client real for its own",
		         net_address_text(client, text));
	if (s->postfix)
		view_say(s->view,
		         "look-ups of restrictions are answered by the practice DNS, which knows "
		         "few names outside .test: a name that exists in the real one may be "
		         "unknown here");
}

/* A port that a beginner can try, and what to type. */
static void show_example(struct service *s)
{
	const struct port *p, *best = NULL;
	char text[NET_ADDRESS_TEXT];

	for (size_t i = 0; (p = ports_at(s->ports, i)); i++)
		if (!best || strcmp(p->host->name, "mail.school.test") == 0)
			best = p;
	show_line(s, "try:  telnet %s %u", net_address_text(&s->settings.at, text),
	          net_address_port(&best->address));
}

static void show_reach(struct service *s)
{
	char text[NET_ADDRESS_TEXT];

	if (net_address_range(&s->settings.at) == NET_RANGE_LOOPBACK)
		return;
	view_say(s->view,
	         "WARNING: %s is not a loopback address: every machine that can reach it can "
	         "talk to these servers. They send nothing to other machines, but what is sent to "
	         "them is shown here",
	         net_address_text(&s->settings.at, text));
}

static void show_authority(struct service *s)
{
	if (s->options->ca_out)
		show_line(s, "TLS:  smtptalk --ca-file %s HOST PORT  trusts the certificates",
		          s->options->ca_out);
	else
		show_line(s,
		          "TLS:  --ca-out FILE writes down the authority, for clients that verify");
}

static void show_all(struct service *s)
{
	show_table(s);
	show_example(s);
	show_dns(s);
	show_authority(s);
	show_client(s);
	show_reach(s);
	view_say(s->view, "^C stops");
	view_flush(s->view);
}

/* --- running --- */

static void happened(void *arg, const struct link_event *ev)
{
	struct service *s = arg;

	serve_log_show(s->view, ev, s->postfix != NULL);
}

static void stop(void *arg, int signo)
{
	struct service *s = arg;

	(void)signo;
	loop_stop(s->loop);
}

static int read_client(struct service *s, struct diag *d)
{
	const char *text = s->options->client ? s->options->client : client_address;
	char *shown;

	if (strcmp(text, "real") == 0 ||
	    net_address_parse(span_of(text), 0, &s->settings.client) == 0)
		return 0;
	shown = display_dup(span_of(text), 200);
	diag_set(d, DIAG_USAGE, "--client", "\"%s\" is no address, and not the word real", shown);
	free(shown);
	return -1;
}

static int settle(struct service *s, struct diag *d)
{
	const struct options *o = s->options;
	struct ports_settings *to = &s->settings;

	if (serve_listen_address(o, FIRST_PORT, &to->at, d) != 0 || read_client(s, d) != 0)
		return -1;
	to->first = net_address_port(&to->at);
	to->dns = o->dns_port >= 0 ? (unsigned)o->dns_port : to->first ? DNS_PORT : 0;
	to->only = s->postfix;
	to->most = o->connections >= 0 ? (unsigned)o->connections : CONNECTIONS;
	to->rate = o->rate >= 0 ? (unsigned)o->rate : RATE;
	to->fn = o->quiet ? NULL : happened;
	to->arg = s;
	return 0;
}

static int write_authority(struct service *s, struct diag *d)
{
	const char *path = s->options->ca_out, *pem;
	bool failed;
	FILE *to;

	if (!path)
		return 0;
	pem = world_ca_pem(s->world);
	if (!pem)
		return diag_set(d, DIAG_INPUT, path, "OpenSSL could not make the authority");
	to = fopen(path, "we");
	if (!to)
		return diag_set(d, DIAG_INPUT, path, "%s", strerror(errno));
	failed = fputs(pem, to) < 0;
	failed |= fclose(to) != 0;
	if (failed)
		return diag_set(d, DIAG_INPUT, path, "%s", strerror(errno));
	return 0;
}

static void run(struct service *s, struct diag *d)
{
	struct loop_signal *interrupt = loop_signal_new(s->loop, SIGINT, stop, s);
	struct loop_signal *end = loop_signal_new(s->loop, SIGTERM, stop, s);

	if (settle(s, d) == 0 && write_authority(s, d) == 0)
		s->ports = ports_new(s->loop, s->world, &s->settings, d);
	if (s->ports) {
		show_all(s);
		loop_run(s->loop);
		ports_free(s->ports);
		view_say(s->view, "stopped");
	}
	loop_signal_free(end);
	loop_signal_free(interrupt);
}

/* The world, and with --postfix the host; what is no fault is shown. */
static int open_world(struct service *s, struct diags *ds)
{
	const char *folder = s->options->postfix;
	char *datadir = teaching_folder(ds);
	struct diags remarks;

	diags_init(&remarks);
	s->world = datadir ? world_load(datadir, ds) : NULL;
	if (s->world && folder) {
		s->postfix = world_add_postfix(s->world, datadir, folder, &remarks);
		for (size_t i = 0; !s->postfix && i < remarks.count; i++)
			diags_add_copy(ds, &remarks.list[i]);
		if (s->postfix)
			view_diags(s->view, &remarks);
	}
	diags_release(&remarks);
	free(datadir);
	return s->world && (s->postfix || !folder) ? 0 : -1;
}

int serve_world_main(const struct options *o, bool utf8, struct diags *ds)
{
	struct view_settings look = {.ascii = !utf8};
	struct service s = {.options = o};
	struct diag d;
	int status = 0;

	diag_init(&d);
	s.loop = loop_new();
	s.view = view_new(s.loop, &look);
	if (open_world(&s, ds) == 0)
		run(&s, &d);
	if (d.kind != DIAG_NONE) {
		view_diag(s.view, &d);
		status = diag_exit_status(&d);
	}
	view_free(s.view);
	world_free(s.world);
	loop_free(s.loop);
	diag_release(&d);
	return status;
}
