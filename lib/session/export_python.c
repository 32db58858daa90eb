/*
 * The program sends each command with docmd() and compares the code of its reply, so that it is the
 * same dialogue, not another way to the same end: smtplib's own ehlo() sends it in lower case.
 */
#include <inttypes.h>

#include "base/utf8.h"
#include "session/export_walk.h"

static const char head[] =
        "import base64, hmac, os, smtplib, ssl, sys, time\n"
        "\n"
        "HOST = sys.argv[1] if len(sys.argv) > 1 else %s\n"
        "PORT = int(sys.argv[2]) if len(sys.argv) > 2 else %lu\n"
        "last = b''\n"
        "\n"
        "\n"
        "def expect(reply, wanted):\n"
        "    global last\n"
        "    code, last = reply\n"
        "    print(code, last.decode('utf-8', 'backslashreplace'))\n"
        "    if wanted and code != wanted:\n"
        "        sys.exit(f'{wanted} was expected, {code} came')\n"
        "\n"
        "\n"
        "def b64(text):\n"
        "    return base64.b64encode(text.encode()).decode()\n"
        "\n"
        "\n"
        "def cram_md5(user, password):\n"
        "    digest = hmac.new(password.encode(), base64.b64decode(last), 'md5').hexdigest()\n"
        "    return b64(user + ' ' + digest)\n"
        "\n"
        "\n"
        "class Client(smtplib.SMTP):\n"
        "    def connect(self, host='localhost', port=0, source_address=None):\n"
        "        self.greeting = super().connect(host, port, source_address)\n"
        "        return 220, self.greeting[1]\n"
        "\n"
        "    def text(self, data):\n"
        "        self.send(data)\n"
        "        return self.getreply()\n"
        "\n"
        "\n";

struct python {
	const struct export_walk *walk;
	struct buf *out;
	struct diag *d;
	bool open;
};

/* --- expressions --- */

static void add_literal(struct span text, bool bytes, struct buf *out)
{
	buf_addstr(out, bytes ? "b'" : "'");
	while (text.n > 0) {
		unsigned char c = (unsigned char)text.p[0];
		uint32_t cp;
		size_t n = utf8_decode(text, &cp);

		if (c == '\'' || c == '\\')
			buf_addf(out, "\\%c", c);
		else if (c >= 0x20 && c < 0x7f)
			buf_addch(out, (char)c);
		else if (bytes || n == 0 || c < 0x80)
			buf_addf(out, "\\x%02x", c);
		else
			buf_addf(out, "\\U%08" PRIx32, cp);
		text = span_skip(text, bytes || n == 0 ? 1 : n);
	}
	buf_addch(out, '\'');
}

static void add_argument(const struct python *p, const struct session_ref *ref, size_t i,
                         struct buf *out)
{
	struct buf value;

	buf_init(&value, SESSION_VALUE_MAX);
	if (export_argument(p->walk, &ref->args[i], ref->form, i, &value))
		add_literal(buf_span(&value), false, out);
	else
		buf_addf(out, "os.environ['%s']", value.data);
	buf_release(&value);
}

static void add_ref(const struct python *p, const struct session_ref *ref, struct buf *out)
{
	static const struct {
		const char *before, *between, *after;
	} forms[] = {
	        [SESSION_REF_VALUE] = {"", "", ""},
	        [SESSION_REF_BASE64] = {"b64(", "", ")"},
	        [SESSION_REF_PLAIN] = {"b64('\\0' + ", " + '\\0' + ", ")"},
	        [SESSION_REF_XOAUTH2] = {"b64('user=' + ", " + '\\1auth=Bearer ' + ",
	                                 " + '\\1\\1')"},
	        [SESSION_REF_CRAM_MD5] = {"cram_md5(", ", ", ")"},
	};

	buf_addstr(out, forms[ref->form].before);
	for (size_t i = 0; i < ref->count; i++) {
		if (i > 0)
			buf_addstr(out, forms[ref->form].between);
		add_argument(p, ref, i, out);
	}
	buf_addstr(out, forms[ref->form].after);
}

/* The text of the step from its byte `from` on. */
static void add_text(const struct python *p, const struct session_step *s, size_t from,
                     struct buf *out)
{
	bool any = false;

	for (size_t i = 0; i <= s->refs_count; i++) {
		size_t to = i < s->refs_count ? s->refs[i].at : s->len;

		if (to > from || (i == s->refs_count && !any)) {
			buf_addstr(out, any ? " + " : "");
			add_literal(span_from(s->text + from, to - from), false, out);
			any = true;
		}
		if (i < s->refs_count) {
			buf_addstr(out, any ? " + " : "");
			add_ref(p, &s->refs[i], out);
			any = true;
			from = to;
		}
	}
}

/* --- exchanges --- */

static void add_wanted(struct python *p, const struct export_exchange *x)
{
	if (x->code[0])
		buf_addf(p->out, ", %s)\n", x->code);
	else
		buf_addstr(p->out, ", None)\n");
}

static void open_client(struct python *p, const char *host_and_port)
{
	buf_addf(p->out, "%ss = Client(%s)\n", p->open ? "s.close()\n" : "", host_and_port);
	p->open = true;
}

static void ensure_open(struct python *p)
{
	if (!p->open)
		open_client(p, "HOST, PORT");
}

static int take_reply(struct python *p, const struct export_exchange *x, bool greeting)
{
	if (x->reply && x->reply->type == SESSION_SERVER_OPTIONAL)
		return export_cannot(x->reply, p->d,
		                     "smtplib cannot wait for a reply that may come "
		                     "or not");
	buf_addstr(p->out, greeting ? "expect(s.greeting" : "expect(s.getreply()");
	add_wanted(p, x);
	return 0;
}

static int take_command(struct python *p, const struct export_exchange *x)
{
	const struct session_step *s = x->steps;

	if (!x->reply) {
		buf_addstr(p->out, "s.putcmd(");
		add_text(p, s, 0, p->out);
		buf_addstr(p->out, ")\n");
		return 0;
	}
	if (x->reply->type == SESSION_SERVER_OPTIONAL)
		return take_reply(p, x, false);
	buf_addstr(p->out, "expect(s.docmd(");
	add_text(p, s, 0, p->out);
	buf_addch(p->out, ')');
	add_wanted(p, x);
	return 0;
}

static int take_message(struct python *p, const struct export_exchange *x)
{
	struct buf bytes;
	int result = 0;

	buf_addstr(p->out, "expect(s.text(\n");
	buf_init_secret(&bytes, EXPORT_MAX);
	for (size_t i = 0; i < x->count && result == 0; i++) {
		const struct session_step *s = &x->steps[i];

		buf_clear(&bytes);
		if (s->type == SESSION_MESSAGE)
			result = export_message(p->walk, s, &bytes, p->d);
		else if (s->refs_count > 0) {
			buf_addstr(p->out, i > 0 ? "    + (" : "    (");
			add_text(p, s, 0, p->out);
			buf_addstr(p->out, " + '\\r\\n').encode()\n");
			continue;
		} else {
			buf_add(&bytes, s->text, s->len);
			buf_addstr(&bytes, "\r\n");
		}
		buf_addstr(p->out, i > 0 ? "    + " : "    ");
		add_literal(buf_span(&bytes), true, p->out);
		buf_addch(p->out, '\n');
	}
	buf_addch(p->out, ')');
	add_wanted(p, x);
	buf_release(&bytes);
	return result;
}

static int take_raw(struct python *p, const struct session_step *s)
{
	struct buf bytes;
	int result = 0;

	buf_init_secret(&bytes, SESSION_FILE_MAX);
	if (export_text(p->walk, s, &bytes) == 0) {
		buf_addstr(p->out, "s.send(");
		add_literal(buf_span(&bytes), true, p->out);
		buf_addstr(p->out, ")\n");
	} else {
		result = export_cannot(s, p->d, "raw bytes with a secret cannot be written here");
	}
	buf_release(&bytes);
	return result;
}

static int take_open(struct python *p, const struct session_step *s)
{
	if (!p->open) {
		ensure_open(p);
		return 0;
	}
	return export_cannot(s, p->d, "this program makes one connection");
}

static int take_tls(struct python *p, const struct session_step *s)
{
	if (!p->open)
		return export_cannot(s, p->d,
		                     "TLS before the greeting needs smtplib.SMTP_SSL, which this "
		                     "program does not use");
	buf_addf(p->out, "context = ssl.create_default_context()\n%s",
	         s->verify
	                 ? ""
	                 : "context.check_hostname = False\ncontext.verify_mode = ssl.CERT_NONE\n");
	buf_addstr(p->out, "s.sock = context.wrap_socket(s.sock, server_hostname=HOST)\n"
	                   "s.file = None\n");
	return 0;
}

static int take_step(struct python *p, const struct session_step *s)
{
	switch (s->type) {
	case SESSION_OPEN: return take_open(p, s);
	case SESSION_TLS: return take_tls(p, s);
	case SESSION_SLEEP:
		if (s->client)
			buf_addf(p->out, "time.sleep(%" PRId64 ".%03" PRId64 ")\n", s->ms / 1000,
			         s->ms % 1000);
		return 0;
	case SESSION_CLOSE: buf_addstr(p->out, s->client ? "s.close()\n" : ""); return 0;
	case SESSION_NOTHING:
	case SESSION_STALL:
	case SESSION_RESET:
	case SESSION_RETRY:
	case SESSION_CLIENT_GLOB: return export_cannot(s, p->d, "smtplib cannot do this step");
	default: return 0;
	}
}

static int take_exchange(struct python *p, const struct export_exchange *x, bool first)
{
	if (x->kind != EXPORT_STEP)
		ensure_open(p);
	switch (x->kind) {
	case EXPORT_REPLY: return take_reply(p, x, first);
	case EXPORT_COMMAND: return take_command(p, x);
	case EXPORT_TEXT: return take_message(p, x);
	case EXPORT_RAW: return take_raw(p, x->steps);
	case EXPORT_STEP: break;
	}
	return take_step(p, x->steps);
}

static void write_head(struct python *p, const struct export_settings *s)
{
	struct buf host, literal;
	unsigned long port;

	buf_init(&host, SESSION_VALUE_MAX);
	buf_init(&literal, 8u * SESSION_VALUE_MAX);
	export_server(p->walk, s, &host, &port);
	add_literal(buf_span(&host), false, &literal);
	buf_addstr(p->out,
	           "#!/usr/bin/env python3\n"
	           "# The dialogue of a session file, made by smtptalk. Usage: python3 FILE "
	           "[HOST [PORT]]\n"
	           "# Secrets come from the environment.\n");
	buf_addf(p->out, head, literal.data, port);
	buf_release(&literal);
	buf_release(&host);
}

int export_python(const struct session_file *f, const struct export_settings *s, struct buf *out,
                  struct diag *d)
{
	struct export_walk walk;
	struct python p = {.walk = &walk, .out = out, .d = d};
	bool greeted = false;
	int result = 0;

	export_walk_init(&walk, f);
	write_head(&p, s);
	for (size_t i = 0; i < walk.count && result == 0; i++) {
		result = take_exchange(&p, &walk.list[i], !greeted);
		greeted |= walk.list[i].kind == EXPORT_REPLY;
	}
	ensure_open(&p);
	buf_addstr(out, "s.close()\n");
	export_walk_release(&walk);
	if (result == 0 && out->full)
		result = diag_set(d, DIAG_INPUT, f->path, "it is too large");
	return result;
}
