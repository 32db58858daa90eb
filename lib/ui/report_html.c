/*
 * One page that needs nothing but itself: no script, no font, no picture. A dialogue is drawn as a
 * sequence diagram of plain elements between two lifelines, so that it can be read aloud, searched,
 * copied and printed. Whatever comes from a peer passes report_markup(), and the page's own policy
 * forbids a browser to load or run anything.
 *
 * The summary stands first and is known last, so the dialogues wait in a temporary file.
 */
#include <time.h>

#include "ui/report_forms.h"

#define LINES_SHOWN 60 /* of what was sent at once */

static const char head[] =
        "<!DOCTYPE html>\n<html lang=\"en\">\n<head>\n<meta charset=\"utf-8\">\n"
        "<meta http-equiv=\"Content-Security-Policy\" content=\"default-src 'none'; style-src "
        "'unsafe-inline'; base-uri 'none'; form-action 'none'\">\n"
        "<meta name=\"viewport\" content=\"width=device-width, initial-scale=1\">\n"
        "<meta name=\"referrer\" content=\"no-referrer\">\n"
        "<title>smtptalk replay</title>\n<style>\n";

static const char style[] =
        ":root{color-scheme:light dark;--ink:#1c1e21;--dim:#5a6068;--paper:#fff;--line:#9aa3ad;"
        "--box:#f3f5f7;--good:#116329;--bad:#a40e26;--badbox:#ffebe9;--mid:#7a4b00}\n"
        "@media(prefers-color-scheme:dark){:root{--ink:#e4e6e9;--dim:#a2a9b1;--paper:#16181b;"
        "--line:#59616a;--box:#22262b;--good:#56d364;--bad:#ff8e86;--badbox:#3c1618;"
        "--mid:#e3b341}}\n"
        "body{font:16px/1.5 system-ui,sans-serif;color:var(--ink);background:var(--paper);"
        "margin:0 auto;max-width:60rem;padding:1rem}\n"
        "h1{font-size:1.5rem}h2{font-size:1.1rem;overflow-wrap:anywhere}\n"
        "a{color:inherit}table{border-collapse:collapse;width:100%}\n"
        "th,td{text-align:left;padding:.25rem .6rem;border-bottom:1px solid var(--line);"
        "overflow-wrap:anywhere}td.n,th.n{text-align:right;white-space:nowrap}\n"
        "section{margin-top:2.5rem}.meta{color:var(--dim);margin:.2rem 0}\n"
        ".passed{color:var(--good)}.mismatch,.failed{color:var(--bad)}.skipped{color:var(--mid)}\n"
        "strong.passed,strong.mismatch,strong.failed,strong.skipped{border:1px solid;"
        "border-radius:3px;padding:0 .4em;margin-right:.3em;font-size:.85em;white-space:nowrap}\n"
        ".ends{display:flex;justify-content:space-between;font-weight:600}\n"
        ".flow{list-style:none;margin:0 1.6rem;padding:.5rem 0;border-left:2px solid var(--line);"
        "border-right:2px solid var(--line)}\n"
        ".flow li{padding:.4rem 0}\n"
        ".arrow{position:relative;border-bottom:2px solid var(--line);padding:0 1rem .15rem;"
        "display:flex;gap:1rem;justify-content:space-between;align-items:flex-end}\n"
        ".arrow::after{content:\"\";position:absolute;bottom:-7px;border:6px solid transparent}\n"
        ".out::after{right:0;border-left:10px solid var(--line);border-right:0}\n"
        ".in::after{left:0;border-right:10px solid var(--line);border-left:0}\n"
        ".in{flex-direction:row-reverse}\n"
        "pre{font:.85rem/1.4 ui-monospace,monospace;margin:0;white-space:pre-wrap;"
        "overflow-wrap:anywhere}\n"
        "time{color:var(--dim);font-size:.8rem;white-space:nowrap}\n"
        ".note{color:var(--dim);font-size:.9rem;margin:.4rem 1rem .2rem}\n"
        ".wrong{background:var(--badbox);border-left:4px solid var(--bad);margin:.6rem 1rem;"
        "padding:.4rem .7rem;border-radius:3px}.wrong b{color:var(--bad)}\n"
        "@media print{:root{--ink:#000;--dim:#333;--paper:#fff;--line:#555;--badbox:#fff;"
        "--good:#000;--bad:#000;--mid:#000}body{max-width:none;font-size:11pt;padding:0}"
        ".flow li,tr,.wrong{break-inside:avoid}h2{break-after:avoid}}\n"
        "</style>\n</head>\n<body>\n<main>\n<h1>Replay of session files</h1>\n";

static void begin(struct report *r)
{
	(void)r;
}

/* --- one exchange --- */

/* The first lines, and how many more there are. */
static void add_lines(struct buf *out, struct span text)
{
	struct span rest = text;
	size_t lines = 0, more = 0;

	while (rest.p && rest.n > 0 && lines < LINES_SHOWN) {
		span_cut(&rest, '\n');
		lines++;
	}
	report_markup(out, span_first(text, text.n - (rest.p ? rest.n : 0)));
	while (rest.p && rest.n > 0) {
		span_cut(&rest, '\n');
		more++;
	}
	if (more > 0)
		buf_addf(out, "… and %zu more lines", more);
}

static void arrow(struct buf *out, bool to_server, struct span text, int64_t ms)
{
	buf_addf(out, "<div class=\"arrow %s\"><pre>", to_server ? "out" : "in");
	add_lines(out, text);
	buf_addf(out, "</pre><time>%s", to_server ? "at " : "after ");
	report_seconds(out, ms);
	buf_addstr(out, " s</time></div>\n");
}

static void wrong(struct buf *out, const struct report_exchange *x)
{
	buf_addf(out, "<div class=\"wrong\" role=\"note\"><b>%s</b> ",
	         x->retry ? "Sent again:" : "NOT AS EXPECTED:");
	report_markup(out, span_of(x->what));
	buf_addstr(out, " <span class=\"meta\">");
	report_markup(out, span_of(x->place));
	buf_addstr(out, "</span><pre>");
	report_markup(out, x->difference);
	buf_addstr(out, "</pre></div>\n");
}

static void exchange(struct buf *out, const struct report_exchange *x)
{
	buf_addstr(out, "<li>");
	if (x->sent.n > 0)
		arrow(out, true, x->sent, x->at_ms > x->ms ? x->at_ms - x->ms : 0);
	arrow(out, false, x->came, x->ms);
	if (x->note.n > 0) {
		buf_addstr(out, "<p class=\"note\">");
		report_markup(out, x->note);
		buf_addstr(out, "</p>\n");
	}
	if (x->what)
		wrong(out, x);
	buf_addstr(out, "</li>\n");
}

/* --- one file --- */

static void add_word(struct buf *out, enum runner_end end)
{
	const char *word = report_word(end);

	buf_addf(out, "<strong class=\"%s\">%s</strong>", word, word);
}

static void add_row(struct report *r, const struct report_case *c)
{
	buf_addstr(&r->list, "<tr><td>");
	add_word(&r->list, c->result->end);
	buf_addf(&r->list, "</td><td><a href=\"#f%zu\">", r->number);
	report_markup(&r->list, span_of(c->path));
	buf_addf(&r->list, "</a></td><td class=\"n\">%zu</td><td class=\"n\">",
	         c->result->exchanges);
	report_seconds(&r->list, c->result->ms);
	buf_addstr(&r->list, " s</td></tr>\n");
}

static void add_meta(struct buf *out, const struct report_case *c)
{
	char text[40];
	struct tm tm;

	buf_addstr(out, "<p class=\"meta\">");
	if (c->host) {
		buf_addstr(out, "with ");
		report_markup(out, span_of(c->host));
		buf_addstr(out, ", ");
	}
	if (gmtime_r(&c->started, &tm) &&
	    strftime(text, sizeof(text), "%Y-%m-%d %H:%M:%S", &tm) > 0)
		buf_addf(out, "begun %s UTC, ", text);
	buf_addf(out, "%zu replies compared in ", c->result->exchanges);
	report_seconds(out, c->result->ms);
	buf_addstr(out, " s</p>\n");
}

/* How it ended, where no exchange shows it. */
static void add_end(struct buf *out, const struct report_case *c)
{
	const struct diag *d = &c->result->first;

	if (!report_ended_badly(c) && c->result->end != RUNNER_SKIPPED)
		return;
	buf_addf(out, "<div class=\"wrong\" role=\"note\"><b>%s:</b> ",
	         c->result->end == RUNNER_SKIPPED ? "SKIPPED" : "FAILED");
	report_markup(out, span_of(d->where));
	buf_addstr(out, d->where ? ": <pre>" : "<pre>");
	report_markup(out, span_of(d->what));
	buf_addstr(out, "</pre></div>\n");
}

static void one(struct report *r, const struct report_case *c)
{
	struct buf *out = &r->text;

	add_row(r, c);
	buf_addf(out, "<section id=\"f%zu\">\n<h2>", r->number);
	add_word(out, c->result->end);
	report_markup(out, span_of(c->path));
	buf_addstr(out, "</h2>\n");
	add_meta(out, c);
	if (c->count > 0) {
		buf_addstr(out, "<div class=\"ends\"><span>Client</span><span>Server</span></div>\n"
		                "<ol class=\"flow\">\n");
		for (size_t i = 0; i < c->count; i++)
			exchange(out, &c->exchanges[i]);
		buf_addstr(out, "</ol>\n");
	}
	add_end(out, c);
	buf_addstr(out, "</section>\n");
}

/* --- the page --- */

static void end(struct report *r, const struct report_summary *s)
{
	buf_addstr(&r->text, head);
	buf_addstr(&r->text, style);
	buf_addf(&r->text,
	         "<p><span class=\"passed\">%zu passed</span>, "
	         "<span class=\"mismatch\">%zu with another reply</span>, "
	         "<span class=\"failed\">%zu failed</span>, "
	         "<span class=\"skipped\">%zu skipped</span>; "
	         "%zu replies compared, %zu sent again, in ",
	         s->passed, s->mismatched, s->failed, s->skipped, s->exchanges, s->retries);
	report_seconds(&r->text, s->ms);
	buf_addstr(&r->text, " s.</p>\n<table>\n<thead><tr><th>Result</th><th>File</th>"
	                     "<th class=\"n\">Replies</th><th class=\"n\">Time</th></tr></thead>\n"
	                     "<tbody>\n");
	buf_addspan(&r->text, buf_span(&r->list));
	buf_addstr(&r->text, "</tbody>\n</table>\n");
}

static void foot(struct report *r)
{
	buf_addstr(&r->text, "</main>\n</body>\n</html>\n");
}

const struct report_form report_form_html = {
        .name = "html", .begins_last = true, .begin = begin, .one = one, .end = end, .foot = foot};
