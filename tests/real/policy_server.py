#!/usr/bin/env python3
"""A web server for MTA-STS policies, good and bad: the name of the host says what it does.

usage: policy_server.py PORT CERTIFICATE KEY LOG

Each reply is written by hand, because most of them no web server would give.
"""
import socketserver
import ssl
import sys
import time


def policy(host, mode="enforce", age=604800, mx="mx", end="\r\n"):
    domain = host.split(".", 1)[1]
    lines = ["version: STSv1", "mode: " + mode, f"mx: {mx}.{domain}", f"max_age: {age}", ""]
    return end.join(lines).encode()


def reply(body, status="200 OK", kind="text/plain; charset=utf-8", more=""):
    head = f"HTTP/1.1 {status}\r\nContent-Type: {kind}\r\nContent-Length: {len(body)}\r\n{more}\r\n"
    return head.encode() + body


def chunked(body):
    chunks = b"".join(b"%x\r\n%c\r\n" % (1, c) for c in body)
    return (
        b"HTTP/1.1 200 OK\r\nContent-Type: text/plain\r\nTransfer-Encoding: chunked\r\n\r\n"
        + chunks
        + b"0\r\n\r\n"
    )


REPLIES = {  # the second label of the host
    "testing": lambda h: reply(policy(h, "testing", end="\n")),
    "none": lambda h: reply(policy(h, "none")),
    "short": lambda h: reply(policy(h, age=3600)),
    "other": lambda h: reply(policy(h, mx="relay")),
    "wild": lambda h: reply(policy(h, mx="*")),
    "chunked": lambda h: chunked(policy(h)),
    "redirect": lambda h: reply(b"", "302 Found", more=f"Location: https://www.{h}/policy\r\n"),
    "missing": lambda h: reply(b"no\n", "404 Not Found"),
    "busy": lambda h: reply(b"later\n", "503 Service Unavailable"),
    "html": lambda h: reply(policy(h), kind="text/html"),
    "oversize": lambda h: reply(policy(h) + b"x: " + 65536 * b"y" + b"\n"),
    "endless": lambda h: b"HTTP/1.0 200 OK\r\nContent-Type: text/plain\r\n\r\n" + 70000 * b"z\n",
    "nonsense": lambda h: reply(b"version: STSv1\nmode: strict\nmax_age: 1\nmx: mx.example\n"),
    "cut": lambda h: reply(policy(h))[:-9],
    "nohttp": lambda h: b"220 this is SMTP\r\n",
}


class Handler(socketserver.BaseRequestHandler):
    def handle(self):
        try:
            self.serve(self.server.context.wrap_socket(self.request, server_side=True))
        except OSError:
            pass  # the client went away, as it should from a host that proves nothing

    def serve(self, s):
        asked = b""
        while b"\r\n\r\n" not in asked:
            more = s.recv(4096)
            if not more:
                return
            asked += more
        lines = asked.decode("latin-1").split("\r\n")
        host = next(l for l in lines if l.startswith("Host: "))[6:].rsplit(":", 1)[0]
        with open(sys.argv[4], "a", encoding="ascii") as log:
            log.write(f"{lines[0]} {host}\n")
        kind = host.split(".")[1]
        if kind == "drip":
            while True:
                s.sendall(b"H")
                time.sleep(0.1)
        if lines[0] != "GET /.well-known/mta-sts.txt HTTP/1.1":
            s.sendall(reply(b"", "400 Bad Request"))
        else:
            s.sendall(REPLIES.get(kind, lambda h: reply(policy(h)))(host))
        s.unwrap()


class Server(socketserver.ThreadingTCPServer):
    allow_reuse_address = True
    daemon_threads = True


with Server(("127.0.0.1", int(sys.argv[1])), Handler) as server:
    server.context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
    server.context.load_cert_chain(sys.argv[2], sys.argv[3])
    server.serve_forever()
