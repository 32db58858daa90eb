"""usage: compose_swaks.py COMPOSE_MESSAGE, in a folder of its own

Makes messages with swaks and with compose_message from the same options, and compares the bytes.
Dates, message ids and boundaries are masked. Files are named with a folder: without one swaks
takes the "@" of "@file" for a part of an attachment's name. Speaks TAP.
"""
import os
import re
import subprocess
import sys

FILES = {
    "text.txt": b"file one\nline two\n",
    "crlf.txt": b"with CR\r\nand LF\r\n",
    "bare.txt": b"no line end",
    "tokens.txt": b"%FROM_ADDRESS% %TO_ADDRESS% 100% %DAT \\nx%NEWLINE%end\\",
    "bin.dat": bytes(range(256)) * 9,
    "57.dat": b"x" * 57,
    "114.dat": b"y" * 114,
    "empty.dat": b"",
    "page.html": b"<b>html</b>\n",
    "mail.eml": b"Subject: from file\nX-One: 1\n\nbody of file\n.dot\n..dots\nend\n.\n",
    "mbox.eml": b"From someone Mon Jan 1\nSubject: mbox\n\nBody %FROM_ADDRESS%\n",
    "fold.eml": b"Subject: folded\n in two\nX-A: 1\nX-B: 2\n\ntext\n",
    "own.eml": b"To: %TO_ADDRESS%\nFrom: %FROM_ADDRESS%\n%NEW_HEADERS%\n%BODY%\n",
    "sp ace.txt": b"a name with a blank\n",
}
# One command line each; "|" parts words.
CASES = r"""
--header|Subject: hello
--header|Subject: one|--header|Subject: two
--header|X-New: 1
--add-header|X-New: 1
--add-header|X-New: 1|--add-header|X-New: 2
--header|X-H: h|--add-header|X-A: a
--header|Subject: s|--header|X-H: h|--add-header|Subject: again
--header|X-T: %FROM_ADDRESS% to %TO_ADDRESS%
--add-header|X-A: 1\nX-B: 2
--header|X-A: 1\nSubject: second
--header|no colon here
--body|hello
--body|hello\n
--body|hello\n\nsecond paragraph
--body|one\ntwo\nthree
--body|one%NEWLINE%two
--body|.starts with a dot
--body|a\n.\nb
--body|a\n..b
--body|ends in a dot\n.
--body|two\n\nends in a dot\n.
--body|two\n\nends in a dot\n.\n
--body|100% and %DATE% and %MESSAGEID%
--body|@./text.txt
--body|@crlf.txt
--body|@bare.txt
--body|@tokens.txt
--body|@@at sign
--body|@mail.eml
--data|@mail.eml
--data|@mbox.eml
--data|@mbox.eml|--no-strip-from
--data|@fold.eml
--data|@fold.eml|--header|Subject: changed
--data|@fold.eml|--header|X-C: new
--data|@fold.eml|--add-header|X-C: new
--data|@own.eml
--data|@own.eml|--body|para\n\nother
--data|@own.eml|--body|@./text.txt|--add-header|X-C: new
--data|@own.eml|--attach|@./bin.dat
--data|Subject: x\n\nbody
--data|Subject: x\n\nbody\n
--data|Subject: x\n\nbody\n.
--data|Subject: x\n\nbody\n.\n
--data|Subject: only\nX-Y: z
--data|Subject: only\nX-Y: z\n
--data|X-A: 1\n%NEW_HEADERS%X-B: 2\n\nbody|--add-header|X-C: 3
--data|X-A: 1\n%NEW_HEADERS%\nbody|--add-header|X-C: 3
--data|X-A: 1\n%NEW_HEADERS%\nbody
--data|Subject: t\n\n%BODY% and %BODY%|--body|twice
--data|Subject: t\n\n.
--data|Subject: t\n\n\n\nthree
--data|Subject: v\n\n%SWAKS_VERSION%
--data|Subject: x\n\nbody|--no-data-fixup
--data|@fold.eml|--no-data-fixup
--no-data-fixup
--attach|@./bin.dat
--attach|@./text.txt
--attach|@./57.dat|--attach|@./114.dat
--attach|@./empty.dat
--attach|@./sp ace.txt
--attach|plain words
--attach-type|text/plain|--attach|plain words
--attach-type|TEXT/Plain|--attach|plain words\nline two
--attach-type|text/plain|--attach|@./text.txt
--attach-name|other.bin|--attach|@./bin.dat
--attach-name||--attach|@./bin.dat
--attach-name|a.txt|--attach-type|text/plain|--attach|words
--attach-type|image/png|--attach|@./bin.dat|--attach|@./text.txt
--attach-body|the body
--attach-body|the body|--attach|@./bin.dat
--attach-type|text/html|--attach-body|@./page.html
--attach-type|text/html|--attach-body|<p>%DATE%</p>|--attach|@./bin.dat
--attach-body|plain|--attach-type|text/html|--attach-body|@./page.html
--attach-body|plain|--attach-type|text/html|--attach-body|@./page.html|--attach|@./bin.dat
--attach|@./bin.dat|--attach-body|plain|--attach-type|text/html|--attach-body|@./page.html|--attach|@./57.dat
--attach-type|application/json|--attach-body|{}
--attach-type|text/plain; charset=utf-8|--attach|@./text.txt
--body|text beside|--attach|@./bin.dat
--body|@./text.txt|--attach|@./bin.dat
--body|%FROM_ADDRESS%\nline|--attach|@./bin.dat
--attach|@./bin.dat|--header|Subject: with|--add-header|X-A: 1
"""


def mask(message):
    for what, by in (
        (rb"\w{3}, \d\d \w{3} \d{4} \d\d:\d\d:\d\d [+-]\d{4}", b"DATE"),
        (rb"\d{14}\.[\w.]+@[\w.-]+", b"ID"),
        (rb"_MIME_BOUNDARY_(\d+)_[0-9a-f]+", rb"_MIME_BOUNDARY_\1"),
    ):
        message = re.sub(what, by, message)
    return message


def run(*command):
    return subprocess.run(command, stdout=subprocess.PIPE, stderr=subprocess.DEVNULL, check=True).stdout


def of_swaks(cases):
    """--dump-mail shows what goes on the wire, without the line end and the dot at its end."""
    tool = os.path.join(os.path.dirname(os.path.abspath(__file__)), "many_swaks.pl")
    lines = ["|".join(["--dump-mail", "--from", "a@x.example", "--to", "b@y.example", *words]) for words in cases]
    rest = subprocess.run(["perl", tool], input="\n".join(lines).encode(), stdout=subprocess.PIPE, check=True).stdout
    for words in cases:
        length, rest = rest.split(b"\n", 1)
        out, rest = rest[:int(length)], rest[int(length):]
        if "--no-data-fixup" not in words:
            out = (b"\n" + out).replace(b"\n.", b"\n")[1:] + b"\n"
        yield mask(out)


def compare(tool, words, theirs):
    """None, or where the two messages part."""
    ours = mask(run(tool, "--from", "a@x.example", "--to", "b@y.example",
                    "--mailer", "swaks v%SWAKS_VERSION% jetmore.org/john/code/swaks/", *words))
    if ours == theirs:
        return None
    same = len(os.path.commonprefix([ours, theirs]))
    start = max(0, same - 40)
    return f"# swaks: {theirs[start:same + 60]!r}\n# ours:  {ours[start:same + 60]!r}"


def main():
    tool = os.path.abspath(sys.argv[1])
    for name, content in FILES.items():
        with open(name, "wb") as f:
            f.write(content)
    cases = [[]] + [line.split("|") for line in CASES.strip().split("\n")]
    results = [compare(tool, words, theirs) for words, theirs in zip(cases, of_swaks(cases))]
    print(f"1..{len(cases)}")
    for n, (words, difference) in enumerate(zip(cases, results), 1):
        print("not ok" if difference else "ok", n, " ".join(words))
        if difference:
            print(difference)
    sys.exit(any(results))


main()
