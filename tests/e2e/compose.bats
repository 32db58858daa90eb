#!/usr/bin/env bats
# Messages that are made: compared with swaks', and read back by programs that are not ours.

load ../lib

setup()
{
	cd "$BATS_TEST_TMPDIR" || return 1
	local variant=${SMTPTALK#"$ROOT/build/"}
	variant=${variant%/smtptalk}
	[ "$SMTPTALK" != "$ROOT/smtptalk" ] || variant=release
	COMPOSE=$ROOT/build/$variant/tests/e2e/compose_message
}

# The distribution's own interpreter has the distribution's modules.
python=/usr/bin/python3

need_module()
{
	"$python" -c "import $1" 2>/dev/null || no_server "Python's $1 is not installed (make deps)"
}

@test "the same options give the bytes of swaks" {
	need swaks "$python" || return 1
	"$python" "$ROOT/tests/e2e/compose_swaks.py" "$COMPOSE"
}

@test "signatures are right for another verifier" {
	need openssl "$python" || return 1
	need_module dkim || return 1
	need_module nacl || return 1
	"$python" "$ROOT/tests/e2e/compose_verify.py" "$COMPOSE" dkim
}

@test "another program reads what was meant out of headers, texts and parts" {
	need "$python" || return 1
	"$python" "$ROOT/tests/e2e/compose_verify.py" "$COMPOSE" mime
}

@test "a large attachment takes little memory, and its size is known before" {
	need "$python" || return 1
	truncate -s 40M large
	local size
	size=$("$COMPOSE" --from a@x.example --to b@y.example --attach @large --message-id i@x --info)
	(
		[ -n "${ASAN_OPTIONS-}" ] && [[ $COMPOSE = */asan/* ]] || ulimit -v 40000
		"$COMPOSE" --from a@x.example --to b@y.example --attach @large --message-id i@x | wc -c >bytes
	)
	[ "$size" = "size=$(cat bytes) 8bit=0 utf8=0" ]
}

@test "what cannot be made is said" {
	printf 'x\n' >key.pem
	run "$COMPOSE" --from a@x.example --to b@y.example --dkim-key key.pem --dkim-selector s
	has "key.pem: it holds no private key in PEM"
	run "$COMPOSE" --from a@x.example --to b@y.example --attach @missing
	has "missing: cannot read this file: No such file or directory"
	printf 'one\r\ntwo\n' >lf
	run "$COMPOSE" --from a@x.example --to b@y.example --refuse --body @lf
	has "lf: line 2 does not end in CRLF: it has a bare LF"
}
