/*
 * The order is from what was said for this run to what holds for all runs. A source that is named
 * and cannot be used is a failure: falling back to another password would log in as somebody else.
 */
#include "ui/secret.h"

#include <stdlib.h>
#include <string.h>
#include <sys/prctl.h>
#include <sys/resource.h>
#include <sys/stat.h>

#include "base/file.h"
#include "base/mem.h"

enum { FILE_MAX = 64 << 10 };

void secret_guard(void)
{
	struct rlimit none = {0, 0};

	setrlimit(RLIMIT_CORE, &none);
	prctl(PR_SET_DUMPABLE, 0, 0, 0, 0);
}

static int from_environment(const char *name, struct buf *password, struct diag *d)
{
	const char *value = getenv(name);

	if (!value || !*value)
		return diag_set(d, DIAG_USAGE, "--auth-password-env",
		                "there is no environment variable %s", name);
	buf_addstr(password, value);
	return 1;
}

static int from_file(const char *path, struct buf *password, struct diag *d)
{
	struct buf text;
	int result = 1;

	buf_init_secret(&text, FILE_MAX);
	if (file_read(path, &text, d) < 0) {
		result = -1;
	} else {
		struct span line = span_first(buf_span(&text), span_find(buf_span(&text), '\n'));

		if (line.n && line.p[line.n - 1] == '\r')
			line.n--;
		buf_addspan(password, line);
		if (line.n == 0)
			result = diag_set(d, DIAG_INPUT, path, "its first line is empty");
	}
	buf_release(&text);
	return result;
}

/* --- netrc --- */

static struct span token(struct span *rest)
{
	size_t n = 0;

	while (rest->n && strchr(" \t\r\n", rest->p[0]))
		*rest = span_skip(*rest, 1);
	while (n < rest->n && !strchr(" \t\r\n", rest->p[n]))
		n++;
	struct span word = span_first(*rest, n);
	*rest = span_skip(*rest, n);
	return word;
}

struct entry {
	bool ours; /* its machine is the host, or it is `default` */
	struct span login, password;
};

static bool is_it(const struct entry *e, const char *user)
{
	return e->ours && e->password.n > 0 &&
	       (!user || (e->login.n > 0 && span_eq(e->login, span_of(user))));
}

/* The first entry that fits counts, as everywhere. */
static bool search(struct span rest, const char *host, const char *domain, const char *user,
                   struct entry *e)
{
	*e = (struct entry){0};
	while (rest.n) {
		struct span word = token(&rest);
		bool machine = span_eq(word, SPAN("machine"));

		if (machine || span_eq(word, SPAN("default"))) {
			if (is_it(e, user))
				return true;
			struct span name = machine ? token(&rest) : span_of(host);
			*e = (struct entry){
			        .ours = span_eq_nocase(name, span_of(host)) ||
			                (domain && span_eq_nocase(name, span_of(domain)))};
		} else if (span_eq(word, SPAN("login"))) {
			e->login = token(&rest);
		} else if (span_eq(word, SPAN("password"))) {
			e->password = token(&rest);
		} else if (span_eq(word, SPAN("macdef"))) {
			break; /* a script of ftp's; machines stand before it */
		}
	}
	return is_it(e, user);
}

static char *netrc_path(void)
{
	const char *home = getenv("HOME");
	struct buf path;

	if (!home || !*home)
		return NULL;
	buf_init(&path, 4096);
	buf_addf(&path, "%s/.netrc", home);
	return buf_take(&path);
}

static int read_netrc(const char *path, struct buf *text, struct diag *d)
{
	struct stat st;

	if (stat(path, &st) < 0)
		return 0;
	if (st.st_mode & 077) {
		diag_set(d, DIAG_INPUT, path, "others may read it, so its passwords are not used");
		diag_hint(d, "chmod 600 %s", path);
		return -1;
	}
	return file_read(path, text, d) < 0 ? -1 : 1;
}

static int from_netrc(const char *host, const char *domain, char **user, struct buf *password,
                      struct diag *d)
{
	char *path = netrc_path();
	struct entry e = {0};
	struct buf text;
	int result = 0;

	buf_init_secret(&text, FILE_MAX);
	if (path)
		result = read_netrc(path, &text, d);
	if (result > 0)
		result = search(buf_span(&text), host, domain, *user, &e);
	if (result > 0) {
		buf_addspan(password, e.password);
		if (!*user && e.login.n)
			*user = mem_dupn(e.login.p, e.login.n);
	}
	buf_release(&text);
	free(path);
	return result;
}

int secret_find(const struct options *o, const char *host, const char *domain, char **user,
                struct buf *password, struct diag *d)
{
	if (o->auth_password_env)
		return from_environment(o->auth_password_env, password, d);
	if (o->auth_password_file)
		return from_file(o->auth_password_file, password, d);
	return from_netrc(host, domain, user, password, d);
}
