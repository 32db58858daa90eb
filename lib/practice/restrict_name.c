/*
 * The form of host names as Postfix sees it: letters, digits, hyphens and underscores; not all
 * digits; labels of 63, names of 255 bytes.
 */
#include "base/ascii.h"
#include "net/address.h"
#include "practice/restrict_state.h"

#define LABEL_MAX    63
#define HOSTNAME_MAX 255

static bool is_label(struct span s, bool utf8)
{
	if (s.n == 0 || s.n > LABEL_MAX || s.p[0] == '-' || s.p[s.n - 1] == '-')
		return false;
	for (size_t i = 0; i < s.n; i++)
		if (!ascii_is_alnum(s.p[i]) && s.p[i] != '-' && s.p[i] != '_' &&
		    !(utf8 && (unsigned char)s.p[i] >= 0x80))
			return false;
	return true;
}

bool name_is_hostname(struct span name, bool utf8)
{
	struct span rest = name;
	bool word = false;

	if (name.n == 0 || name.n > HOSTNAME_MAX)
		return false;
	for (size_t i = 0; i < name.n; i++)
		word = word || (!ascii_is_digit(name.p[i]) && name.p[i] != '.');
	while (rest.p)
		if (!is_label(span_cut(&rest, '.'), utf8))
			return false;
	return word;
}

bool name_is_address(struct span text)
{
	struct net_address a;

	return text.n > 0 && text.p[0] != '[' && span_find(text, '%') == text.n &&
	       net_address_parse(text, 0, &a) == 0;
}
