/*
 * The terminal, by GNU readline, which only readline*.c know.
 *
 * Readline normally owns the terminal and the loop; here it owns neither. It is fed from the loop
 * through its callback interface, catches no signal, and the terminal stays in its editing mode
 * from input_readline_new() to the end, so that nothing typed between two lines is echoed into the
 * middle of the dialogue. An entered line is wiped from the screen and handed over: the view shows
 * it when it is really sent, which is the same place for a typed line and a later one for a queued
 * one. Readline's state is global, and so is the one terminal that this file keeps.
 */
#include <poll.h>
#include <signal.h>
#include <stdio.h> /* readline.h needs FILE */

#include <readline/readline.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "base/mem.h"
#include "ui/input.h"
#include "ui/paste.h"
#include "ui/readline_completion.h"
#include "ui/readline_history.h"
#include "ui/secret_line.h"
#include "ui/view.h"

enum { PROMPT_MAX = 512 };

#define LOCAL_PROMPT "local> "

struct terminal {
	struct input base;
	const struct input_handler *handler;
	void *arg;
	struct view *view;
	struct loop_watch *watch;
	char *prompt, *status;
	bool ready;
	bool raw;       /* the terminal is in editing mode */
	bool installed; /* readline expects a line */
	bool shown;     /* the prompt stands on the screen */
	bool gone;      /* read() found the end */
	bool local;     /* the local> prompt is open */
	char *kept;     /* what was typed when it was opened */
	int kept_point;
	bool secret; /* lines are typed unseen, outside of readline */
	struct secret_line unseen;
};

static struct terminal *the;

static void handle_line(char *line);
static int key_local(int count, int key);

static void keep_mode(int meta)
{
	(void)meta;
}

static void keep_mode_too(void)
{
}

static void mode_edit(void)
{
	if (the->raw)
		return;
	rl_prep_terminal(1);
	the->raw = true;
}

static void mode_restore(void)
{
	if (!the || !the->raw)
		return;
	the->raw = false;
	rl_deprep_terminal();
	fflush(stdout);
}

/* --- the prompt on and off the screen --- */

static void prompt_text(char *out, size_t room)
{
	const char *text = the->local                   ? LOCAL_PROMPT
	                   : the->ready && the->prompt  ? the->prompt
	                   : !the->ready && the->status ? the->status
	                                                : "";
	const char *space = !the->local && !the->ready && the->status ? " " : "";

	if (view_color(the->view) && *text)
		snprintf(out, room, "%c\033[1m%c%s%s%c\033[m%c", RL_PROMPT_START_IGNORE,
		         RL_PROMPT_END_IGNORE, text, space, RL_PROMPT_START_IGNORE,
		         RL_PROMPT_END_IGNORE);
	else
		snprintf(out, room, "%s%s", text, space);
}

static void hide(void *arg)
{
	(void)arg;
	if (!the->shown)
		return;
	the->shown = false;
	rl_clear_visible_line();
}

static void put_back_kept(void)
{
	if (!the->kept || the->local)
		return;
	rl_replace_line(the->kept, 1);
	rl_point = the->kept_point;
	free(the->kept);
	the->kept = NULL;
	rl_redisplay();
}

static void show(void *arg)
{
	char prompt[PROMPT_MAX];

	(void)arg;
	if (the->shown)
		return;
	the->shown = true;
	prompt_text(prompt, sizeof(prompt));
	rl_on_new_line();
	if (!the->installed) {
		the->installed = true;
		rl_callback_handler_install(prompt, handle_line);
		put_back_kept();
	} else {
		rl_set_prompt(prompt);
		rl_redisplay();
	}
	fflush(stdout);
}

static void prompt_changed(void)
{
	bool was_shown = the->shown;

	if (!was_shown)
		return; /* show() will see to it */
	hide(NULL);
	show(NULL);
}

static bool replace_text(char **field, const char *text)
{
	if (*field == text || (*field && text && strcmp(*field, text) == 0))
		return false;
	free(*field);
	*field = mem_dup(text);
	return true;
}

static void set_prompt(struct input *in, const char *prompt)
{
	(void)in;
	if (replace_text(&the->prompt, prompt) && the->ready)
		prompt_changed();
}

static void set_status(struct input *in, const char *text)
{
	(void)in;
	if (replace_text(&the->status, text) && !the->ready)
		prompt_changed();
}

static void set_ready(struct input *in, bool ready)
{
	(void)in;
	if (the->ready == ready)
		return;
	the->ready = ready;
	prompt_changed();
}

static void set_secret(struct input *in, bool secret)
{
	(void)in;
	if (the->secret == secret)
		return;
	the->secret = secret;
	secret_line_clear(&the->unseen);
}

/* --- lines --- */

static void deliver(char *line)
{
	struct span text = span_of(line);

	if (the->local) {
		the->local = false;
		the->handler->local(the->arg, text);
		return;
	}
	if (text.n > 1 && text.p[text.n - 1] == '\n') /* the end of a paste is Enter's too */
		text.n--;
	the->handler->line(the->arg, text);
}

static void handle_line(char *line)
{
	rl_callback_handler_remove();
	the->installed = false;
	the->shown = false;
	if (line)
		deliver(line);
	else if (the->gone)
		the->handler->ended(the->arg, INPUT_END_FILE, NULL);
	else if (the->local)
		the->local = false;
	else
		the->handler->ended(the->arg, INPUT_END_KEY, NULL);
	if (line)
		explicit_bzero(line, strlen(line));
	free(line);
}

static int get_byte(FILE *stream)
{
	int c = rl_getc(stream);

	if (c == EOF) {
		the->gone = true;
		loop_watch_pause(the->watch, true);
	}
	return c;
}

/* Past readline, which would show, keep and be able to bring back what it reads. */
static void read_unseen(void)
{
	int c = get_byte(rl_instream);
	char *line;

	if (c == EOF) {
		handle_line(NULL);
		return;
	}
	switch (secret_line_key(&the->unseen, c)) {
	case SECRET_KEY_TAKEN: break;
	case SECRET_KEY_LOCAL: key_local(1, c); break;
	case SECRET_KEY_END:
		hide(NULL);
		handle_line(NULL);
		break;
	case SECRET_KEY_ENTER:
		hide(NULL);
		line = mem_dup(the->unseen.text.data);
		secret_line_clear(&the->unseen);
		handle_line(line);
		break;
	}
}

static void readable(void *arg)
{
	(void)arg;
	if (!the->installed)
		show(NULL);
	if (the->secret && !the->local)
		read_unseen();
	else
		rl_callback_read_char();
	if (!the || the->gone)
		return;
	if (!the->installed) {
		view_flush(the->view);
		show(NULL);
	}
	fflush(stdout);
}

/* --- keys --- */

static int key_accept(int count, int key)
{
	(void)count;
	(void)key;
	hide(NULL);
	rl_done = 1;
	return 0;
}

static int key_tab(int count, int key)
{
	const char *suggestion;

	if (!the->local && the->handler->in_text(the->arg))
		return rl_insert(count, key);
	if (rl_end > 0 || the->local)
		return rl_complete_internal('!');
	suggestion = the->handler->suggestion(the->arg);
	if (suggestion)
		rl_insert_text(suggestion);
	return 0;
}

static int key_local(int count, int key)
{
	(void)count;
	(void)key;
	if (the->local)
		return 0;
	free(the->kept);
	the->kept = mem_dup(rl_line_buffer);
	the->kept_point = rl_point;
	hide(NULL);
	the->local = true;
	rl_replace_line("", 1);
	show(NULL);
	return 0;
}

/* A signal ends the wait for the end of a paste, which may never come: then the loop hears it. */
static int next_pasted(void)
{
	struct pollfd terminal = {.fd = fileno(rl_instream), .events = POLLIN};
	sigset_t resizing;

	sigemptyset(&resizing);
	sigaddset(&resizing, SIGWINCH);
	if (ppoll(&terminal, 1, NULL, &resizing) < 0)
		return -1;
	int c = rl_read_key();
	return the->gone ? -1 : c;
}

static int key_paste(int count, int key)
{
	char remark[PASTE_REMARK] = "";
	struct buf text;

	(void)count;
	(void)key;
	buf_init(&text, PASTE_MAX);
	paste_read(&text, next_pasted, remark);
	if (!text.full)
		rl_insert_text(text.data);
	if (remark[0])
		the->handler->remark(the->arg, remark);
	buf_release(&text);
	return 0;
}

/* --- the rest of the interface --- */

static bool clear(struct input *in)
{
	bool any = the->unseen.text.len > 0;

	(void)in;
	secret_line_clear(&the->unseen);
	if (the->secret && !the->local)
		return any;
	if (!the->local && rl_end == 0)
		return false;
	bool was_shown = the->shown;

	hide(NULL);
	rl_callback_sigcleanup(); /* leaves ^R, a numeric argument, a half-read key */
	if (the->local)
		the->local = false;
	rl_replace_line("", 1);
	if (was_shown)
		show(NULL);
	if (the->kept)
		put_back_kept();
	fflush(stdout);
	return true;
}

/* What is typed stays on the screen above what the shell prints. */
static void suspend(struct input *in)
{
	int point = rl_point;

	(void)in;
	if (the->shown) {
		rl_point = rl_end;
		rl_redisplay();
		rl_point = point;
		fputs("\n", rl_outstream);
		the->shown = false;
	}
	mode_restore();
}

/* Also when we were stopped unasked: then the shell changed the terminal under us. */
static void resume(struct input *in)
{
	(void)in;
	hide(NULL);
	mode_restore();
	mode_edit();
	show(NULL);
}

static int resized(struct input *in)
{
	int rows, columns;

	(void)in;
	rl_resize_terminal();
	rl_get_screen_size(&rows, &columns);
	return columns;
}

static size_t left(struct input *in, bool *all)
{
	(void)in;
	*all = true;
	return 0;
}

static void release(struct input *in)
{
	(void)in;
	loop_watch_free(the->watch);
	hide(NULL);
	if (the->installed)
		rl_callback_handler_remove();
	mode_restore();
	free(the->prompt);
	free(the->status);
	free(the->kept);
	secret_line_release(&the->unseen);
	readline_history_forget();
	free(the);
	the = NULL;
}

static const struct input_ops ops = {
        .set_prompt = set_prompt,
        .set_status = set_status,
        .set_ready = set_ready,
        .set_secret = set_secret,
        .remember = readline_history_add,
        .each_remembered = readline_history_each,
        .clear = clear,
        .suspend = suspend,
        .resume = resume,
        .resized = resized,
        .left = left,
        .free = release,
};

static void bind_keys(Keymap map)
{
	rl_bind_key_in_map('\r', key_accept, map);
	rl_bind_key_in_map('\n', key_accept, map);
	rl_bind_key_in_map('\t', key_tab, map);
	rl_bind_key_in_map(0x1d, key_local, map); /* ^] */
	rl_bind_keyseq_in_map("\033[200~", key_paste, map);
}

static void configure(void)
{
	rl_readline_name = "smtptalk";
	rl_catch_signals = 0;
	rl_catch_sigwinch = 0;
	rl_change_environment = 0;
	rl_getc_function = get_byte;
	rl_initialize();
	rl_prep_term_function = keep_mode;
	rl_deprep_term_function = keep_mode_too;
	bind_keys(emacs_standard_keymap);
	bind_keys(vi_insertion_keymap);
	rl_bind_key_in_map('\r', key_accept, vi_movement_keymap);
	rl_bind_key_in_map('\n', key_accept, vi_movement_keymap);
	rl_bind_key_in_map('O' & 0x1f, key_accept, emacs_standard_keymap);
}

struct input *input_readline_new(struct loop *l, struct view *v, const char *history,
                                 const struct input_handler *h, void *arg)
{
	struct view_guard guard = {hide, show, NULL};

	the = mem_zero(sizeof(*the));
	the->base.ops = &ops;
	the->handler = h;
	the->arg = arg;
	the->view = v;
	secret_line_init(&the->unseen);
	configure();
	readline_completion_use(h, arg, &the->local);
	readline_history_load(history);
	mode_edit();
	atexit(mode_restore); /* lost memory ends the program anywhere */
	the->watch = loop_watch_new(l, STDIN_FILENO, readable, NULL);
	view_set_guard(v, &guard);
	return &the->base;
}
