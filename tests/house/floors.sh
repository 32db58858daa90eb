#!/usr/bin/env bash
# usage: floors.sh [TREE]
#
# Reads every #include of lib/ and complains, one line each, about one that climbs to a floor that
# is not below its own, about a library in a file that must not know it, about a folder without a
# floor, and about headers that include each other in a ring.
cd "${1:-.}" || exit 2

bad=$(grep -rnE '^[[:space:]]*#[[:space:]]*include' lib --include='*.[ch]' | awk '
BEGIN {
	split("base 0 smtp 1 net 1 session 2 explain 2 check 2 practice 3 send 3 lesson 4 ui 5", f, " ")
	for (i = 1; i in f; i += 2)
		floor[f[i]] = f[i + 1]
	# which library is at home where: an include, and the only files that may have it
	home["^event2/"] = "^lib/net/"
	home["^ldns/"] = "^lib/net/dns[a-z_]*[.][ch]$"
	home["^openssl/"] = "^lib/net/tls[a-z_]*[.][ch]$"
	home["^gsasl[.]h"] = "^lib/smtp/sasl_(client|server)[.]c$"
	home["^idn2[.]h$"] = "^lib/net/idn[.]c$"
	home["^jansson[.]h$"] = "^lib/ui/([a-z]+_json|json_line)[.]c$"
	home["^readline/"] = "^lib/ui/readline(_[a-z]+)?[.]c$"
}
{
	split($0, at, ":")
	file = at[1]
	where = file ":" at[2] ": "
	split(file, part, "/")
	own = part[2]
	what = $0
	sub(/^[^:]*:[^:]*:[ \t]*#[ \t]*include[ \t]*[<"]/, "", what)
	sub(/[>"].*$/, "", what)
	if (!(own in floor)) {
		print where "the folder lib/" own " has no floor"
		next
	}
	for (h in home)
		if (what ~ h && file !~ home[h])
			print where what " is not at home here"
	if ($0 !~ /include[ \t]*"/)
		next
	split(what, to, "/")
	if (!(to[1] in floor))
		print where "\"" what "\" names no floor; write \"folder/file.h\""
	else if (to[1] != own && floor[to[1]] >= floor[own])
		print where "lib/" own " (floor " floor[own] ") includes \"" what "\" (floor " floor[to[1]] ")"
}')
ring=$(grep -rHoE '^#include "[^"]+"' lib --include='*.h' | sed 's/^lib\///; s/:#include "/ /; s/"$//' |
	tsort 2>&1 >/dev/null | sed 's/^tsort: /headers in a ring: /')
[ -z "$bad$ring" ] && exit 0
printf '%s\n' "$bad" "$ring" | grep -v '^$'
exit 1
