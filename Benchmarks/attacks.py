#!/usr/bin/env python3
"""What one endpoint's clients notice while others attack the proxy, and what the attacks cost it.

Starts `turnout proxy` with one thread and two endpoints. The C tools of the comparison harness load `steady` at a constant rate, with
two scorers of which one can be killed; each attack goes on for some seconds against `target`, whose scorer here holds every byte that
it receives against the grammar of HTTP/1.1. Prints for each attack the latencies of `steady`, its failures, and the proxy's memory.
Ends with 1 when a request of `steady` failed, the proxy died, or a scorer was sent what no proxy may send. Usage:

    Benchmarks/attacks.py HARNESS .build/release/turnout [--rate 5000] [--seconds 8] [--messages 100000] [--rt]
"""
import argparse
import contextlib
import json
import os
import pathlib
import random
import re
import resource
import socket
import struct
import subprocess
import sys
import threading
import time

from processes import Processes, free_port, until

FILES = """
apiVersion: turnout/v1
kind: Endpoint
metadata: {{ name: steady }}
spec:
  hosts: ["*"]
  routingKey: {{ header: x-user-id }}
  retry: {{ attempts: 2, on: [connect, reset], budget: 100% }}
  variants:
    - {{ name: v1, model: steady/1, traffic: rest, backends: ["http://127.0.0.1:{steady[0]}", "http://127.0.0.1:{steady[1]}"] }}
---
apiVersion: turnout/v1
kind: Endpoint
metadata: {{ name: target }}
spec:
  timeout: 5s
  variants:
    - {{ name: v1, model: target/1, traffic: rest, backends: ["http://127.0.0.1:{target}"] }}
"""


class StrictScorer(threading.Thread):
    """Answers on one port, and writes down every request that breaks the grammar: its own reading, shared with nobody."""

    START = re.compile(rb"[!#$%&'*+.^_`|~0-9A-Za-z-]+ [\x21-\x7e]+ HTTP/1\.1\Z")
    FIELD = re.compile(rb"([!#$%&'*+.^_`|~0-9A-Za-z-]+):[ \t]*((?:[\x21-\x7e\x80-\xff](?:[ \t\x21-\x7e\x80-\xff]*)?)?)\Z")
    CHUNK = re.compile(rb"([0-9A-Fa-f]{1,16})(?:[ \t]*;[\t\x20-\x7e\x80-\xff]*)?\Z")

    def __init__(self, port):
        super().__init__(daemon=True)
        self.illegal, self.requests, self.behaviour = [], 0, "answers"
        self.listener = socket.create_server(("127.0.0.1", port), backlog=4096)
        self.big = b"HTTP/1.1 200 OK\r\ncontent-length: 4194304\r\n\r\n" + bytes(4 << 20)

    def run(self):
        while True:
            connection, _ = self.listener.accept()
            threading.Thread(target=self.serve, args=(connection,), daemon=True).start()

    def serve(self, connection):
        with contextlib.suppress(OSError), connection:
            reader = connection.makefile("rb")
            while self.request(reader):
                self.requests += 1
                if self.behaviour == "hangs":
                    time.sleep(60)
                elif self.behaviour == "resets":
                    connection.setsockopt(socket.SOL_SOCKET, socket.SO_LINGER, struct.pack("ii", 1, 0))
                    return
                elif self.behaviour == "sends much":
                    connection.sendall(self.big)
                else:
                    connection.sendall(b"HTTP/1.1 200 OK\r\ncontent-length: 2\r\n\r\n{}")

    def request(self, reader):
        """Whether a whole, legal request came."""
        head = []
        while True:
            line = reader.readline()
            if not line:
                return False
            if not line.endswith(b"\r\n"):
                return self.refuse(head + [line], "a line without its end")
            if line == b"\r\n":
                break
            head.append(line[:-2])
        if not head or not self.START.match(head[0]):
            return self.refuse(head, "the request line")
        lengths, encodings = [], []
        for line in head[1:]:
            field = self.FIELD.match(line)
            if not field:
                return self.refuse(head, "a header line")
            name, value = field[1].lower(), field[2].rstrip(b" \t")
            if name == b"content-length":
                lengths.append(value)
            if name == b"transfer-encoding":
                encodings.append(value.lower())
        if len(lengths) + len(encodings) > 1 or encodings not in ([], [b"chunked"]) or not all(one.isdigit() for one in lengths):
            return self.refuse(head, "the framing")
        if lengths:
            return len(reader.read(int(lengths[0]))) == int(lengths[0])
        return not encodings or self.chunks(head, reader)

    def chunks(self, head, reader):
        while True:
            line = reader.readline()
            if not line:
                return False
            size = self.CHUNK.match(line[:-2]) if line.endswith(b"\r\n") else None
            if not size:
                return self.refuse(head + [line], "a chunk's size")
            count = int(size[1], 16)
            if count == 0:
                while (line := reader.readline()) not in (b"\r\n", b""):
                    if not self.FIELD.match(line[:-2]):
                        return self.refuse(head + [line], "a trailer")
                return line == b"\r\n"
            data = reader.read(count + 2)
            if len(data) < count + 2:
                return False
            if data[-2:] != b"\r\n":
                return self.refuse(head + [data[-2:]], "a chunk's end")

    def refuse(self, lines, what):
        self.illegal.append((what, lines))
        return False


SEEDS = [
    b"GET /target/a?b=c HTTP/1.1\r\nHost: a\r\nAccept: */*\r\n\r\n",
    b"POST /target/score HTTP/1.1\r\nHost: a\r\nx-user-id: 7\r\nContent-Type: application/json\r\nContent-Length: 13\r\n\r\n{\"a\":[1,2,3]}",
    b"POST /target/score HTTP/1.1\r\nHost: a\r\nTransfer-Encoding: chunked\r\n\r\n5;a=b\r\nhello\r\n0\r\nx-trailer: 1\r\n\r\n",
    b"POST http://a/target/score HTTP/1.1\r\nHost: a\r\nConnection: keep-alive, x-hop\r\nx-hop: 1\r\nContent-Length: 2\r\n\r\n{}",
    b"GET /target/1 HTTP/1.1\r\nHost: a\r\ntraceparent: 00-0af7651916cd43dd8448eb211c80319c-b7ad6b7169203331-01\r\n\r\n"
    b"GET /target/2 HTTP/1.0\r\n\r\n",
]
PIECES = [
    b"\r", b"\n", b"\r\n", b"\r\n\r\n", b"\0", b":", b" ", b"\t", b",", b";", b"\xff", b"\x7f", b"\x0b", b"Content-Length: 5\r\n",
    b"Content-Length: 0\r\n", b"Transfer-Encoding: chunked\r\n", b"Transfer-Encoding: identity\r\n", b"Transfer-Encoding : chunked\r\n",
    b" folded\r\n", b"Expect: 100-continue\r\n", b"Connection: close\r\n", b"Connection: host\r\n", b"Host: b\r\n", b"0\r\n\r\n",
    b"GET /target/smuggled HTTP/1.1\r\nHost: a\r\n\r\n", b"HTTP/1.0", b"HTTP/2.0", b"ffffffffffffffff\r\n", b"+5", b"0x5", b"chunked,",
]


def mutated(dice):
    message = bytearray(dice.choice(SEEDS))
    for _ in range(dice.randint(1, 5)):
        at, end = sorted((dice.randrange(len(message) + 1), dice.randrange(len(message) + 1)))
        match dice.randrange(6):
            case 0: message[at:at] = dice.choice(PIECES)
            case 1: message[at:min(end, at + 8)] = b""
            case 2 if at < len(message): message[at] = dice.randrange(256)
            case 3: message[at:at] = message[at:end]
            case 4: message[at:at + 1] = dice.choice(PIECES)
            case 5: message[at:at] = dice.choice(SEEDS)
    return bytes(message)


class Attacks(Processes):
    def __init__(self, harness, arguments):
        super().__init__()
        self.tools, self.arguments = harness / "bin", arguments
        self.behind = ["chrt", "-r", "1"] if arguments.rt else []
        self.port, self.admin, ports = free_port(), free_port(), [free_port() for _ in range(3)]
        self.steady_ports, self.scorer = ports[:2], StrictScorer(ports[2])
        (self.directory / "files").mkdir()
        (self.directory / "files" / "bench.yaml").write_text(FILES.format(steady=ports[:2], target=ports[2]))

    def __enter__(self):
        self.scorer.start()
        self.steady = [self.start_scorer(number) for number in range(2)]
        self.proxy = self.spawn(
            *self.behind, self.arguments.turnout, "proxy", "--static", self.directory / "files", "--proxy", f"127.0.0.1:{self.port}",
            "--admin", f"127.0.0.1:{self.admin}", "--threads", "1", "--data", self.directory / "data")
        until(lambda: b" 200 " in self.ask(self.admin, b"GET /readyz HTTP/1.1\r\nHost: a\r\nConnection: close\r\n\r\n"), "ready")
        return self

    def start_scorer(self, number):
        return self.spawn(*self.behind, self.tools / "scorer", self.steady_ports[number], "v1")

    def ask(self, port, message):
        with contextlib.suppress(OSError), socket.create_connection(("127.0.0.1", port), timeout=10) as connection:
            connection.sendall(message)
            connection.shutdown(socket.SHUT_WR)
            answer = b""
            while piece := connection.recv(65536):
                answer += piece
            return answer
        return b""

    def resident(self):
        status = pathlib.Path(f"/proc/{self.proxy.pid}/status").read_text()
        return int(status.split("VmRSS:")[1].split()[0]) / 1024

    # Each attack goes on until it is told that the time is over.

    def nobody(self, over):
        over.wait()

    def held(self, count, message, over):
        with contextlib.ExitStack() as stack:
            for _ in range(count):
                connection = stack.enter_context(socket.create_connection(("127.0.0.1", self.port)))
                with contextlib.suppress(OSError):
                    connection.sendall(message)
            over.wait()

    def half_heads(self, over):
        self.held(2000, b"POST /target/score HTTP/1.1\r\nhost: a\r\nx-slow: ", over)

    def half_bodies(self, over):
        self.held(500, b"POST /target/score HTTP/1.1\r\nhost: a\r\ncontent-length: 1000\r\n\r\n{", over)

    def idle(self, over):
        self.held(10_000, b"", over)

    def flood(self, over):
        """12,000 connections, opened as fast as it goes and closed at once."""
        with contextlib.ExitStack() as stack:
            while not over.is_set():
                held = []
                with contextlib.suppress(OSError):
                    while len(held) < 12_000 and not over.is_set():
                        held.append(stack.enter_context(socket.create_connection(("127.0.0.1", self.port), timeout=1)))
                for connection in held:
                    connection.close()

    def hanging(self, over):
        self.scorer.behaviour = "hangs"
        self.held(500, b"GET /target/score HTTP/1.1\r\nhost: a\r\n\r\n", over)

    def resetting(self, over):
        self.scorer.behaviour = "resets"
        while not over.is_set():
            self.ask(self.port, b"GET /target/score HTTP/1.1\r\nhost: a\r\n\r\n")

    def deaf_readers(self, over):
        self.scorer.behaviour = "sends much"
        self.held(100, b"GET /target/score HTTP/1.1\r\nhost: a\r\n\r\n", over)

    def killed(self, over):
        """Each of the two scorers of `steady` in turn, by SIGKILL."""
        number = 0
        while not over.wait(0.7):
            self.steady[number].kill()
            self.steady[number].wait()
            self.processes.remove(self.steady[number])
            over.wait(0.7)
            self.steady[number] = self.start_scorer(number)
            self.kills += 1
            number = 1 - number

    def garbage(self, over):
        dice = random.Random(4)
        while self.messages < self.arguments.messages:
            self.ask(self.port, mutated(dice))
            self.messages += 1
        over.wait()

    def measure(self, name, attack, seconds):
        self.scorer.behaviour, self.kills, self.messages = "answers", 0, 0
        before, over = self.resident(), threading.Event()
        thread = threading.Thread(target=attack, args=(over,))
        thread.start()
        if attack == self.garbage:
            # It goes on for as long as it takes.
            measured = []
            while thread.is_alive() and self.messages < self.arguments.messages:
                measured.append(self.load(seconds))
            figures = max(measured, key=lambda one: one["p99_us"])
            figures["failed"] = sum(one["failed"] for one in measured)
            figures["requests"] = sum(one["requests"] for one in measured)
        else:
            time.sleep(1)
            figures = self.load(seconds)
        resident = self.resident()
        over.set()
        thread.join()
        if self.proxy.poll() is not None:
            sys.exit(f"{name}: the proxy ended")
        extra = f"{self.kills} kills" if self.kills else f"{self.messages} messages" if self.messages else ""
        print(f"{name:34} p50 {figures['p50_us']:7.0f} µs  p99 {figures['p99_us']:7.0f} µs  requests {figures['requests']:7}  "
              f"failed {figures['failed']}  RSS {before:5.1f} -> {resident:5.1f} MiB  {extra}", flush=True)
        return figures["failed"]

    def load(self, seconds):
        said = subprocess.run(
            # It never sleeps: as a real-time process it would be kept from running for a part of each second.
            [*(["nice", "-n", "-20"] if self.arguments.rt else []), self.tools / "loadgen", "-p", str(self.port), "-c", "32", "-r", str(self.arguments.rate), "-d", str(seconds),
             "-w", "0.5"], stdout=subprocess.PIPE, text=True, check=True).stdout
        figures = json.loads(said.strip().splitlines()[-1])
        figures["failed"] = sum(figures[one] for one in ("errors", "not200", "timeouts", "conn_errors", "server_closes"))
        return figures

    def run(self):
        attacks = [
            ("nobody attacks", self.nobody), ("2,000 half-sent heads", self.half_heads), ("500 half-sent bodies", self.half_bodies),
            ("10,000 idle connections", self.idle), ("12,000 connections come and go", self.flood), ("500 requests to a scorer that hangs", self.hanging),
            ("a scorer that resets", self.resetting), ("100 clients that don't read", self.deaf_readers),
            ("its own scorers killed", self.killed), ("mutated messages", self.garbage)]
        failed = sum(self.measure(name, attack, self.arguments.seconds) for name, attack in attacks)
        print(f"the scorer got {self.scorer.requests} requests, {len(self.scorer.illegal)} of them illegal")
        for what, lines in self.scorer.illegal[:5]:
            print(f"  {what}: {lines}")
        if failed or self.scorer.illegal:
            sys.exit("something failed")


def main():
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("harness", type=pathlib.Path, help="the comparison harness, its tools compiled (bin/)")
    parser.add_argument("turnout", type=os.path.abspath, help="the program, a release build")
    parser.add_argument("--rate", type=int, default=5000, help="requests a second of the endpoint that is watched")
    parser.add_argument("--seconds", type=int, default=8, help="for each attack")
    parser.add_argument("--messages", type=int, default=100_000, help="mutated ones")
    parser.add_argument("--rt", action="store_true", help="proxy, scorers and load before everything else (SCHED_RR; needs root)")
    arguments = parser.parse_args()
    most = resource.getrlimit(resource.RLIMIT_NOFILE)[1]
    resource.setrlimit(resource.RLIMIT_NOFILE, (most, most))
    with Attacks(arguments.harness, arguments) as attacks:
        attacks.run()


if __name__ == "__main__":
    main()
