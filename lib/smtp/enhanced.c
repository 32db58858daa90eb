/*
 * A status code is read only when it stands alone at the start of the text: "2.1.0 Ok". Text that
 * merely looks similar ("5.7 is our version", "2.1.0.4") is left to be text, because a wrong code
 * explains a reply wrongly.
 */
#include "smtp/enhanced.h"

#include "base/ascii.h"

/* Takes one to three digits. False when there are none or more. */
static bool take_number(struct span *s, int *out)
{
	size_t n = 0;

	*out = 0;
	while (n < s->n && n < 4 && ascii_is_digit(s->p[n]))
		*out = *out * 10 + (s->p[n++] - '0');
	*s = span_skip(*s, n);
	return n >= 1 && n <= 3;
}

static bool take_dot(struct span *s)
{
	if (s->n == 0 || s->p[0] != '.')
		return false;
	*s = span_skip(*s, 1);
	return true;
}

size_t smtp_enhanced_parse(struct span text, struct smtp_enhanced *out)
{
	struct span s = text;
	struct smtp_enhanced e = {.present = true};

	*out = (struct smtp_enhanced){0};
	if (s.n < 5 || s.p[1] != '.' || (s.p[0] != '2' && s.p[0] != '4' && s.p[0] != '5'))
		return 0;
	e.class = s.p[0] - '0';
	s = span_skip(s, 2);
	if (!take_number(&s, &e.subject) || !take_dot(&s) || !take_number(&s, &e.detail))
		return 0;
	if (s.n > 0 && !ascii_is_blank(s.p[0]))
		return 0;
	*out = e;
	return text.n - s.n + (s.n > 0);
}

bool smtp_enhanced_equal(struct smtp_enhanced a, struct smtp_enhanced b)
{
	if (!a.present || !b.present)
		return a.present == b.present;
	return a.class == b.class && a.subject == b.subject && a.detail == b.detail;
}
