/*
 * Word by word: a clause begins with its keyword ("from", "by", "with", …) outside of comments. The
 * address stands in the comment behind "from NAME", or is the name itself; the first that reads as
 * one is taken.
 */
#include "check/received.h"

#include <stdlib.h>
#include <string.h>

#include "base/ascii.h"
#include "base/buf.h"
#include "base/mem.h"

#define FIELD_MAX (64u << 10)

/* --- dates --- */

static const char months[] = "janfebmaraprmayjunjulaugsepoctnovdec";

static const struct {
	const char *name;
	int hours;
} zones[] = {/* RFC 5322 §4.3; military letters mean nothing there */
             {"UT", 0},   {"GMT", 0},  {"UTC", 0},  {"EST", -5}, {"EDT", -4}, {"CST", -6},
             {"CDT", -5}, {"MST", -7}, {"MDT", -6}, {"PST", -8}, {"PDT", -7}, {"Z", 0}};

/* Days from 1970-01-01 in the Gregorian calendar. */
static int64_t days_until(int64_t year, int64_t month, int64_t day)
{
	int64_t y = month <= 2 ? year - 1 : year, era = y / 400;
	int64_t of_era = y - era * 400;
	int64_t of_year = (153 * (month + (month > 2 ? -3 : 9)) + 2) / 5 + day - 1;

	return era * 146097 + of_era * 365 + of_era / 4 - of_era / 100 + of_year - 719468;
}

static int month_of(struct span word)
{
	for (int i = 0; i < 12 && word.n == 3; i++) {
		if (span_eq_nocase(word, span_from(months + 3 * i, 3)))
			return i + 1;
	}
	return 0;
}

static int read_year(struct span word, unsigned long *year)
{
	if (word.n < 2 || span_number(word, 9999, year) != 0)
		return -1;
	if (word.n == 2) /* §4.3 */
		*year += *year < 50 ? 2000 : 1900;
	else if (word.n == 3)
		*year += 1900;
	return *year >= 1900 ? 0 : -1;
}

/* Seconds of the day; 60 is a leap second. */
static int read_time(struct span word, int64_t *out)
{
	unsigned long part[3] = {0, 0, 0};
	static const unsigned long most[3] = {23, 59, 60};
	size_t n = 0;

	while (word.p && n < 3) {
		struct span one = span_cut(&word, ':');

		if (one.n == 0 || one.n > 2 || span_number(one, most[n], &part[n]) != 0)
			return -1;
		n++;
	}
	if (n < 2 || word.p)
		return -1;
	*out = (int64_t)(part[0] * 3600 + part[1] * 60 + part[2]);
	return 0;
}

/* An unknown zone is no zone: the time could be anything. */
static int read_zone(struct span word, int64_t *east)
{
	unsigned long n;

	if (word.n == 5 && (word.p[0] == '+' || word.p[0] == '-')) {
		if (span_number(span_skip(word, 1), 9999, &n) != 0 || n % 100 > 59)
			return -1;
		*east = (int64_t)(n / 100 * 3600 + n % 100 * 60);
		*east = word.p[0] == '-' ? -*east : *east;
		return 0;
	}
	for (size_t i = 0; i < sizeof(zones) / sizeof(*zones); i++) {
		if (span_eq_nocase(word, span_of(zones[i].name))) {
			*east = 3600 * (int64_t)zones[i].hours;
			return 0;
		}
	}
	return -1;
}

/* Appends the text with each comment and line end as a blank; what stands in a quoted string stays.
 */
static void add_without_comments(struct span s, struct buf *out)
{
	unsigned depth = 0;

	for (size_t i = 0; i < s.n; i++) {
		char c = s.p[i];

		if (depth > 0 && c == '\\') {
			i++;
		} else if (c == '(') {
			depth++;
			buf_addch(out, ' ');
		} else if (c == ')' && depth > 0) {
			depth--;
		} else if (depth == 0) {
			buf_addch(out, c == '\r' || c == '\n' ? ' ' : c);
		}
	}
}

static int read_date(struct span text, int64_t *out)
{
	size_t comma = span_find(text, ',');
	struct span rest = span_trim(comma < text.n ? span_skip(text, comma + 1) : text);
	struct span day = span_word(&rest), month = span_word(&rest), year = span_word(&rest);
	struct span time = span_word(&rest), zone = span_word(&rest);
	unsigned long d, y;
	int64_t seconds, east;
	int m = month_of(month);

	if (day.n > 2 || span_number(day, 31, &d) != 0 || d == 0 || m == 0)
		return -1;
	if (read_year(year, &y) != 0 || read_time(time, &seconds) != 0)
		return -1;
	if (read_zone(zone, &east) != 0 || span_trim(rest).n > 0)
		return -1;
	*out = days_until((int64_t)y, m, (int64_t)d) * 86400 + seconds - east;
	return 0;
}

int received_date(struct span text, int64_t *out)
{
	struct buf bare;
	int failed;

	buf_init(&bare, FIELD_MAX);
	add_without_comments(span_first(text, FIELD_MAX), &bare);
	failed = read_date(buf_span(&bare), out);
	buf_release(&bare);
	return failed;
}

/* --- clauses --- */

/* Where the last semicolon outside of comments is; s.n: there is none. */
static size_t find_date(struct span s)
{
	size_t found = s.n;
	unsigned depth = 0;

	for (size_t i = 0; i < s.n; i++) {
		if (depth > 0 && s.p[i] == '\\')
			i++;
		else if (s.p[i] == '(')
			depth++;
		else if (s.p[i] == ')' && depth > 0)
			depth--;
		else if (s.p[i] == ';' && depth == 0)
			found = i;
	}
	return found;
}

static bool is_part_of_address(char c)
{
	return ascii_hex(c) >= 0 || c == '.' || c == ':';
}

/* The first run of characters that is an address, maybe with a port; "IPv6:" before it does not
 * count. */
static bool find_address(struct span s, struct net_address *out)
{
	for (size_t i = 0; i < s.n; i++) {
		struct span rest = span_skip(s, i);
		size_t n = 0;

		if (i > 0 && (ascii_is_alnum(s.p[i - 1]) || s.p[i - 1] == '.' ||
		              s.p[i - 1] == '-' || s.p[i - 1] == '_'))
			continue;
		if (span_starts_nocase(rest, SPAN("IPv6:")))
			rest = span_skip(rest, 5);
		while (n < rest.n && is_part_of_address(rest.p[n]))
			n++;
		if (n < rest.n && (ascii_is_alnum(rest.p[n]) || rest.p[n] == '-'))
			continue;
		if (n > 2 && net_address_parse_port(span_first(rest, n), 0, out) == 0)
			return true;
	}
	return false;
}

static bool is_keyword(struct span word)
{
	static const char *const all[] = {"from", "by", "via", "with", "id", "for"};

	for (size_t i = 0; i < sizeof(all) / sizeof(*all); i++) {
		if (span_eq_nocase(word, span_of(all[i])))
			return true;
	}
	return false;
}

static char *clause(struct span bare, const char *keyword)
{
	struct span rest = span_trim(bare), word = SPAN("");

	while (rest.n > 0) {
		bool wanted;

		word = span_word(&rest);
		wanted = span_eq_nocase(word, span_of(keyword));
		if (!wanted)
			continue;
		word = span_word(&rest);
		return is_keyword(word) ? mem_dup("") : mem_dupn(word.p, word.n);
	}
	return mem_dup("");
}

/* The "from" clause with its comments: up to the "by" outside of them. */
static struct span from_clause(struct span s)
{
	unsigned depth = 0;

	for (size_t i = 0; i + 3 < s.n; i++) {
		bool begins = i == 0 || ascii_is_blank(s.p[i - 1]) || s.p[i - 1] == '\n' ||
		              s.p[i - 1] == ')';

		if (s.p[i] == '(')
			depth++;
		else if (s.p[i] == ')' && depth > 0)
			depth--;
		else if (depth == 0 && begins && span_starts_nocase(span_skip(s, i), SPAN("by")) &&
		         !ascii_is_alnum(s.p[i + 2]) && s.p[i + 2] != '.' && s.p[i + 2] != '-')
			return span_first(s, i);
	}
	return s;
}

void received_read(struct span value, struct received *out)
{
	struct span all = span_first(value, FIELD_MAX), from;
	size_t at = find_date(all);
	struct buf bare, date;

	memset(out, 0, sizeof(*out));
	buf_init(&bare, FIELD_MAX);
	buf_init(&date, FIELD_MAX);
	add_without_comments(span_first(all, at), &bare);
	add_without_comments(span_skip(all, at + 1), &date);
	out->from = clause(buf_span(&bare), "from");
	out->by = clause(buf_span(&bare), "by");
	out->with = clause(buf_span(&bare), "with");
	from = from_clause(span_first(all, at));
	out->has_address = *out->from && find_address(from, &out->address);
	from = span_trim(buf_span(&date));
	out->dated = read_date(from, &out->time) == 0;
	out->date = mem_dupn(from.p, from.n);
	buf_release(&bare);
	buf_release(&date);
}

void received_release(struct received *r)
{
	free(r->from);
	free(r->by);
	free(r->with);
	free(r->date);
	memset(r, 0, sizeof(*r));
}
