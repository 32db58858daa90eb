"""usage: compose_verify.py COMPOSE_MESSAGE dkim|mime, in a folder of its own

Reads messages of compose_message back with programs that are not ours: python3-dkim verifies their
signatures, Python's email package takes them apart. Speaks TAP.
"""
import email
import email.policy
import os
import re
import subprocess
import sys

TOOL = os.path.abspath(sys.argv[1])
JAPANESE = "件名は日本語で書かれていて、一行には入りません。" * 4
NAME = "Überraschung für " + "ß" * 60 + ".pdf"
results = []


def check(what, good, why=""):
    results.append(bool(good))
    print("ok" if good else "not ok", len(results), what)
    if not good and why:
        print("#", why)


def write(name, content):
    with open(name, "wb") as f:
        f.write(content)


def compose(*words):
    command = [TOOL, "--from", "a@x.example", "--to", "b@y.example", *words]
    return subprocess.run(command, stdout=subprocess.PIPE, check=True).stdout


# --- signatures ---


def record_of(key):
    text = subprocess.run(["openssl", "pkey", "-in", key, "-pubout", "-outform", "DER"],
                          stdout=subprocess.PIPE, check=True).stdout
    import base64
    if key.startswith("ed"):
        return b"v=DKIM1; k=ed25519; p=" + base64.b64encode(text[-32:])
    return b"v=DKIM1; k=rsa; p=" + base64.b64encode(text)


def verifies(message, record):
    import dkim
    return dkim.verify(message, dnsfunc=lambda name, timeout=5: record)


def make_key(*words):
    subprocess.run(["openssl", "genpkey", *words], check=True, stderr=subprocess.DEVNULL)


def test_dkim():
    make_key("-algorithm", "RSA", "-pkeyopt", "rsa_keygen_bits:2048", "-out", "rsa.pem")
    make_key("-algorithm", "ed25519", "-out", "ed.pem")
    write("lines.txt", b"\n\n  one \t two  \n   \n\nthree\n\n\n")
    write("bin.dat", bytes(range(256)) * 1000)
    write("whole.eml", b"From: =?utf-8?q?x?= <a@x.example>\nTo:  b@y.example,\n\tc@y.example\n"
                       b"Subject:   many    blanks  \nReceived: one\nReceived: two\n\n\ttext \n.\nx\n")
    cases = (
        (),
        ("--body", "@lines.txt"),
        ("--body", "größer", "--header", "Subject: " + JAPANESE),
        ("--attach", "@bin.dat", "--attach-type", "text/html", "--attach-body", "<p>"),
        ("--data", "@whole.eml"),
        ("--data", "From: a@x.example\n\n"),
        ("--data", "From: a@x.example"),
        ("--cc", "c@y.example", "--header", "Reply-To: z@x.example"),
    )
    for key in ("rsa.pem", "ed.pem"):
        record = record_of(key)
        for case in cases:
            signed = compose("--dkim-key", key, "--dkim-selector", "sel", "--dkim-domain", "x.example", *case)
            check(f"{key} {' '.join(case)[:60]}", verifies(signed, record), repr(signed[:400]))
        check(f"{key}: a changed body fails", not verifies(signed + b"more\r\n", record))
        check(f"{key}: a second From fails", not verifies(b"From: e@v.example\r\n" + signed, record))
        check(f"{key}: a changed Subject fails", not verifies(signed.replace(b"test", b"Test"), record))


# --- messages ---


def parse(message):
    return email.message_from_bytes(message, policy=email.policy.default)


def check_form(what, message):
    lines = message.split(b"\r\n")
    check(f"{what}: every line ends in CRLF", lines[-1] == b"" and
          not any(b"\r" in line or b"\n" in line for line in lines))
    check(f"{what}: no line is longer than 998", max(map(len, lines)) <= 998)
    check(f"{what}: no encoded word is longer than 75",
          all(len(word) <= 75 for word in re.findall(rb"=\?\S+\?=", message.split(b"\r\n\r\n")[0])))
    parsed = parse(message)
    defects = [d for part in parsed.walk() for d in part.defects]
    check(f"{what}: no defects", not defects, repr(defects))
    return parsed


def text_of(part):
    return part.get_content().replace("\r\n", "\n").rstrip("\r\n")


def test_header():
    for subject in (JAPANESE, "Grüße aus Köln", "plain and größer and plain", "e\u0301" * 100, "😀" * 40,
                    "x" * 3000, "=?not?", "word " * 400):
        message = check_form("subject", compose("--header", "Subject: " + subject))
        check(f"subject {subject[:20]}", message["Subject"].rstrip() == subject.rstrip(), repr(message["Subject"]))
    message = check_form("addresses", compose(
        "--header", 'To: Jürgen <j@y.example>, "Müller, Karl" <k@y.example>, plain <p@y.example>, q@bücher.example',
        "--header", "Cc: Ärzte: ä <a@y.example>;", "--header", "Reply-To: r@y.example (Grüße)"))
    names = [(a.display_name, a.addr_spec) for a in message["To"].addresses]
    check("addresses", names == [("Jürgen", "j@y.example"), ("Müller, Karl", "k@y.example"),
                                 ("plain", "p@y.example"), ("", "q@xn--bcher-kva.example")], repr(names))
    check("group", message["Cc"].groups[0].display_name == "Ärzte", repr(message["Cc"]))
    many = [f"someone{i}@y.example" for i in range(200)]
    message = check_form("many", compose(*[word for one in many for word in ("--to", one)]))
    check("many recipients", [a.addr_spec for a in message["To"].addresses] == ["b@y.example"] + many)


def test_text():
    for what, text in (("umlauts", "Größe\nzwei = drei \n\tvier\t\n"), ("japanese", JAPANESE + "\n" + JAPANESE),
                       ("long", "x" * 5000 + "\nshort"), ("blank", "a " * 2000), ("both", "ü" * 5000)):
        message = check_form(what, compose("--body", "@@" + text if text[0] == "@" else text))
        check(what, text_of(message) == text.rstrip("\n"), repr(text_of(message))[:300])
        message = check_form(what, compose("--body", text, "--attach", "words"))
        check(f"{what} beside an attachment", text_of(message.get_body()) == text.rstrip("\n"))
    raw = compose("--body", "größer", "--eightbit")
    check("8bit", b"Content-Transfer-Encoding: 8bit\r\n" in raw and "größer".encode() in raw)
    message = check_form("latin-1", compose("--body", b"gr\xf6\xdfer"))
    check("unknown charset", message.get_payload(decode=True).startswith(b"gr\xf6\xdfer"))


def test_parts():
    content = bytes(range(256)) * 300
    write("bin.dat", content)
    write(NAME, content)
    write("seite.html", "<p>größer</p>\n".encode())
    message = check_form("names", compose(
        "--attach", "@" + NAME, "--attach-name", 'quo"te\\d.txt', "--attach", "x", "--attach-name", "tab\there",
        "--attach", "y", "--attach-type", "auto", "--attach-name", "a.PDF", "--attach", "@bin.dat"))
    parts = list(message.iter_attachments())
    names = [part.get_filename() for part in parts]
    check("names", names == [NAME, 'quo"te\\d.txt', "tab\there", "a.PDF"], repr(names))
    check("content", parts[0].get_content() == content and parts[3].get_content() == content)
    check("type by name", parts[3].get_content_type() == "application/pdf")
    check("description", parts[0]["Content-Description"] == NAME, repr(parts[0]["Content-Description"]))
    message = check_form("tree", compose(
        "--attach-body", "plain", "--attach-type", "text/html", "--attach-body", "@seite.html",
        "--attach-type", "image/png", "--attach-cid", "bild@x.example", "--attach", "@bin.dat", "--attach", "@bin.dat"))
    tree = [part.get_content_type() for part in message.walk()]
    check("tree", tree == ["multipart/mixed", "multipart/related", "multipart/alternative", "text/plain",
                           "text/html", "image/png", "image/png"], repr(tree))
    parts = {part["Content-ID"]: part for part in message.walk()}
    check("content id", parts["<bild@x.example>"].get_content_disposition() == "inline")
    html = message.get_body(("html",))
    check("charset of a part", html.get_content() == "<p>größer</p>\n", html.as_string())
    message = check_form("related", compose("--attach-type", "text/html", "--attach-body", "<img>",
                                            "--attach-cid", "i@x.example", "--attach", "@bin.dat"))
    check("related alone", message.get_content_type() == "multipart/related" and
          message.get_param("type") == "text/html")


def main():
    if sys.argv[2] == "dkim":
        test_dkim()
    else:
        test_header()
        test_text()
        test_parts()
    print(f"1..{len(results)}")
    sys.exit(not all(results))


main()
