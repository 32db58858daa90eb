/*
 * Whoever is asked is asked before anything is connected to, as swaks does: the questions stand at
 * the terminal, or, in a pipe, their answers are lines of standard input.
 */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <termios.h>
#include <unistd.h>

#include "base/mem.h"
#include "ui/secret.h"
#include "ui/send_state.h"

enum { ANSWER_MAX = 64 << 10, PIECE = 64 << 10 };

static int read_answer(struct buf *out)
{
	char c;
	bool any = false;

	while (read(STDIN_FILENO, &c, 1) == 1) {
		any = true;
		if (c == '\n')
			return 0;
		if (out->len < ANSWER_MAX)
			buf_addch(out, c);
	}
	return any ? 0 : -1;
}

static int ask(void *arg, const char *prompt, bool secret, struct buf *out)
{
	struct termios before, silent;
	bool hide = secret && tcgetattr(STDIN_FILENO, &before) == 0;
	int result;

	(void)arg;
	fputs(prompt, stdout);
	fflush(stdout);
	if (hide) {
		silent = before;
		silent.c_lflag &= ~(tcflag_t)ECHO;
		tcsetattr(STDIN_FILENO, TCSAFLUSH, &silent);
	}
	result = read_answer(out);
	if (hide) {
		tcsetattr(STDIN_FILENO, TCSAFLUSH, &before);
		fputc('\n', stdout);
	}
	return result;
}

static int read_input(void *arg, struct buf *out, struct diag *d)
{
	char piece[PIECE];
	ssize_t n;

	(void)arg;
	while ((n = read(STDIN_FILENO, piece, sizeof(piece))) > 0)
		if (buf_add(out, piece, (size_t)n) != 0)
			return diag_set(d, DIAG_USAGE, "standard input",
			                "is larger than 64 MiB; @FILE has no such limit");
	return n == 0 ? 0 : diag_set(d, DIAG_USAGE, "standard input", "cannot be read");
}

void send_ask_init(struct ui_send *u, struct send_asker *a)
{
	*a = (struct send_asker){
	        .ask = ask,
	        .input = read_input,
	        .arg = u,
	        .host = u->me,
	        .user = u->user,
	        .date = u->stamp_date.data,
	        .message_id = u->stamp_id.data,
	};
}

static int ask_for(const char *prompt, bool secret, struct buf *out, struct diag *d)
{
	if (ask(NULL, prompt, secret, out) == 0)
		return 0;
	return diag_set(d, DIAG_USAGE, secret ? "auth-password" : "auth-user",
	                "is needed for a login, and there is nobody to ask");
}

int send_ask_credentials(struct ui_send *u, struct diag *d)
{
	struct send_plan *p = &u->plan;
	const char *host = p->server ? p->server : p->domain ? p->domain : "localhost";
	struct buf user;
	int found = 0;

	if (!p->auth)
		return 0;
	secret_guard();
	if (!p->password_known)
		found = secret_find(&u->options, host, p->domain, &p->user, &p->password, d);
	if (found < 0)
		return -1;
	p->password_known = p->password_known || found > 0;
	buf_init(&user, ANSWER_MAX);
	if (!p->user && ask_for("Username: ", false, &user, d) == 0)
		p->user = mem_dup(user.data);
	buf_release(&user);
	if (!p->user)
		return -1;
	if (!p->password_known && ask_for("Password: ", true, &p->password, d) != 0)
		return -1;
	p->password_known = true;
	return 0;
}
