#!/usr/bin/env python3
"""Sends the corpus of requests to HAProxy and nginx, and prints where their verdicts differ from Turnout's.

The corpus says what Turnout does with each request (Tests/ProxyTests/Corpus; the tests hold it to that); this asks the
others. Needs the programs `haproxy` and `nginx`. Prints counts by file and kind of difference as a table in Markdown,
and each case with --cases.
"""
import argparse, os, re, shutil, socket, subprocess, tempfile, threading, time

from processes import free_port

MACROS = {
    "H": b" HTTP/1.1\r\nHost: a\r\n", "F": b" HTTP/1.1\r\nx-request-id: ID\r\nHost: a\r\n",
    "id": b"x-request-id: ID\r\n", "identity": b"",
}
ESCAPES = {"r": b"\r", "n": b"\n", "t": b"\t", "0": b"\0", "\\": b"\\", "{": b"{"}
CORPUS = os.path.join(os.path.dirname(__file__), "..", "Tests", "ProxyTests", "Corpus")
FILES = ["lines", "headers", "framing", "chunks"]


def unescape(text):
    out, at = b"", 0
    while at < len(text):
        char = text[at]
        if char == "{" and "}" in text[at:]:
            end = text.index("}", at)
            inside, at = text[at + 1 : end], end + 1
            if inside in MACROS:
                out += MACROS[inside]
            else:
                count, piece = inside.split("*", 1)
                out += int(count) * unescape(piece)
        elif char == "\\":
            if text[at + 1] == "x":
                out, at = out + bytes([int(text[at + 2 : at + 4], 16)]), at + 4
            else:
                out, at = out + ESCAPES[text[at + 1]], at + 2
        else:
            out, at = out + char.encode(), at + 1
    return out


def unfold(block):
    text = "\n".join(block)
    family = re.search(r"\{each ([^}]*)\}", text)
    if not family:
        return [block]
    numbers = []
    for part in family[1].split(" "):
        first, _, last = part.partition("-")
        numbers += range(int(first, 16), int(last or first, 16) + 1)
    return [
        (f"{block[0]}, byte {n:x}\n" + "\n".join(block[1:])).replace(family[0], f"\\x{n:02x}").split("\n")
        for n in numbers
    ]


def cases(name):
    blocks = []
    for line in open(os.path.join(CORPUS, name + ".txt"), encoding="utf-8").read().split("\n"):
        if line.startswith("== "):
            blocks.append([line])
        elif line and not line.startswith("#"):
            blocks[-1].append(line)
    for block in (one for block in blocks for one in unfold(block)):
        sends = b"".join(unescape(line.split(" ", 1)[1]) for line in block if line.startswith((">", ">>")))
        verdict = next(line[2:].split(" ")[:-1] for line in block if line.startswith("= "))
        yield block[0][3:], sends, verdict


class Scorer:
    """Answers whatever it takes for a request, by a simple reading of its own."""

    def __init__(self):
        self.socket = socket.create_server(("127.0.0.1", 0), backlog=500)
        self.port = self.socket.getsockname()[1]
        threading.Thread(target=self.accept, daemon=True).start()

    def accept(self):
        while True:
            threading.Thread(target=self.serve, args=self.socket.accept()[:1], daemon=True).start()

    def serve(self, peer):
        data = b""
        try:
            while more := peer.recv(65536):
                data += more
                while (end := self.end(data)) is not None:
                    data = data[end:]
                    peer.sendall(b"HTTP/1.1 200 OK\r\nContent-Length: 2\r\n\r\nok")
        except OSError:
            pass

    @staticmethod
    def end(data):
        head, mark, rest = data.partition(b"\r\n\r\n")
        if not mark:
            return None
        fields = {l.partition(b":")[0].strip().lower(): l.partition(b":")[2].strip() for l in head.split(b"\r\n")[1:]}
        size = len(head) + 4
        if b"transfer-encoding" in fields:
            last = re.search(rb"(^|\r\n)0+(;[^\r\n]*)?\r\n([^\r\n]+\r\n)*\r\n", rest)
            return size + last.end() if last else None
        length = fields.get(b"content-length", b"0")
        size += int(length) if length.isdigit() else 0
        return size if len(data) >= size else None


def haproxy(folder, scorer):
    port = free_port()
    path = os.path.join(folder, "haproxy.cfg")
    open(path, "w").write(
        f"defaults\n mode http\n timeout connect 1s\n timeout client 1s\n timeout server 1s\n"
        f"frontend f\n bind 127.0.0.1:{port}\n default_backend b\nbackend b\n server s 127.0.0.1:{scorer.port}\n")
    return port, subprocess.Popen(["haproxy", "-db", "-q", "-f", path], stderr=subprocess.DEVNULL)


def nginx(folder, scorer):
    port = free_port()
    path = os.path.join(folder, "nginx.conf")
    open(path, "w").write(
        f"daemon off; pid {folder}/nginx.pid; error_log /dev/null; events {{}}\nhttp {{ access_log off;\n"
        f"client_body_temp_path {folder}/body; proxy_temp_path {folder}/proxy; fastcgi_temp_path {folder}/f;\n"
        f"uwsgi_temp_path {folder}/u; scgi_temp_path {folder}/s; client_header_timeout 1s; client_body_timeout 1s;\n"
        f"upstream b {{ server 127.0.0.1:{scorer.port}; keepalive 4; }}\n"
        f"server {{ listen 127.0.0.1:{port}; location / {{ proxy_pass http://b; proxy_http_version 1.1;\n"
        f"proxy_set_header Connection ''; proxy_request_buffering off; }} }} }}\n")
    return port, subprocess.Popen(["nginx", "-q", "-p", folder, "-c", path], stderr=subprocess.DEVNULL)


def ask(port, sends):
    """The statuses that come back, until the proxy closes or is silent for a moment."""
    data = b""
    with socket.create_connection(("127.0.0.1", port), 2) as client:
        try:
            client.sendall(sends)
            while more := client.recv(65536):
                data += more
                client.settimeout(0.1)
        except OSError:
            pass
    return [m.decode() for m in re.findall(rb"HTTP/1\.[01] (\d{3})", data)]


def main():
    parser = argparse.ArgumentParser(description=__doc__.split("\n")[0])
    parser.add_argument("--cases", action="store_true", help="print every case that differs")
    options = parser.parse_args()
    missing = [name for name in ("haproxy", "nginx") if not shutil.which(name)]
    if missing:
        raise SystemExit(f"missing: {' '.join(missing)}; apt-get install -y --no-install-recommends haproxy nginx")
    folder = tempfile.mkdtemp()
    os.chmod(folder, 0o777)
    peers, rows = [], []
    for name, start in (("HAProxy", haproxy), ("nginx", nginx)):
        scorer = Scorer()
        port, process = start(folder, scorer)
        peers.append((name, port, process))
    try:
        for name, port, _ in peers:
            for _ in range(100):
                try:
                    socket.create_connection(("127.0.0.1", port), 1).close()
                    break
                except OSError:
                    time.sleep(0.05)
        for file in FILES:
            known = list(cases(file))
            for name, port, _ in peers:
                alike, laxer, stricter = 0, [], []
                for title, sends, verdict in known:
                    statuses = ask(port, sends)
                    served = sum(s[0] == "2" for s in statuses)
                    ours = sum(s[0] == "2" for s in verdict)
                    # An endpoint that Turnout does not know is none of the wire's business.
                    if "404" in verdict:
                        ours += verdict.count("404")
                    if served > ours:
                        laxer.append((title, statuses))
                    elif served < ours:
                        stricter.append((title, statuses))
                    else:
                        alike += 1
                rows.append((file, len(known), name, alike, len(laxer), len(stricter)))
                if options.cases:
                    for kind, found in (("serves what Turnout refuses", laxer), ("refuses what Turnout serves", stricter)):
                        for title, statuses in found:
                            print(f"{name} {kind}: {file}: {title}: {' '.join(statuses) or 'no answer'}")
    finally:
        for _, _, process in peers:
            process.terminate()
            process.wait()
        shutil.rmtree(folder, ignore_errors=True)
    print("| file | cases | proxy | as Turnout | serves more | serves less |\n|---|---|---|---|---|---|")
    for file, count, name, alike, laxer, stricter in rows:
        print(f"| {file} | {count} | {name} | {alike} | {laxer} | {stricter} |")


if __name__ == "__main__":
    main()
