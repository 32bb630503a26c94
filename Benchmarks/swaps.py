#!/usr/bin/env python3
"""A thousand routing tables in a minute, under load: what fails, what is misrouted, what memory does.

Starts `turnout dev` and one more proxy of one thread, and loads that proxy with the C tools of the comparison harness at 80 % of
what it does at most while tables change. Every change, through the control plane, moves the split of one endpoint and exchanges
a backend of the other. The harness' clients use the second endpoint, whose split stays: no user may ever meet two versions, and no connection may
be closed. A client of this script uses the first, and holds every answer against the table that the answer names. Usage:

    Benchmarks/swaps.py HARNESS .build/release/turnout [--changes 1000] [--seconds 60] [--load 0.8] [--rt]
"""
import argparse
import http.client
import json
import os
import pathlib
import subprocess
import sys
import threading
import time

from processes import Processes, free_port, until

MASK = (1 << 64) - 1
P1, P2, P3, P4, P5 = (
    0x9E3779B185EBCA87, 0xC2B2AE3D27D4EB4F, 0x165667B19E3779F9, 0x85EBCA77C2B2AE63, 0x27D4EB2F165667C5)


def xxh64(data):
    """XXH64 with seed 0, for less than 32 bytes: what a routing key and its salt are here."""
    assert len(data) < 32
    rotate = lambda value, by: (value << by | value >> 64 - by) & MASK
    value, at = (P5 + len(data)) & MASK, 0
    while at + 8 <= len(data):
        lane = rotate(int.from_bytes(data[at:at + 8], "little") * P2 & MASK, 31) * P1 & MASK
        value = (rotate(value ^ lane, 27) * P1 + P4) & MASK
        at += 8
    if at + 4 <= len(data):
        value = (rotate(value ^ int.from_bytes(data[at:at + 4], "little") * P1 & MASK, 23) * P2 + P3) & MASK
        at += 4
    for byte in data[at:]:
        value = rotate(value ^ byte * P5 & MASK, 11) * P1 & MASK
    value = (value ^ value >> 33) * P2 & MASK
    value = (value ^ value >> 29) * P3 & MASK
    return value ^ value >> 32


def get(port, path):
    connection = http.client.HTTPConnection("127.0.0.1", port, timeout=10)
    try:
        connection.request("GET", path)
        answer = connection.getresponse()
        return answer.status, answer.read()
    except OSError:
        return 0, b""
    finally:
        connection.close()


class Installation(Processes):
    def __init__(self, harness, turnout, behind):
        super().__init__()
        self.turnout, self.tools, self.behind = turnout, harness / "bin", behind
        self.control, self.port, self.admin = free_port(), free_port(), free_port()
        # Two scorers of version 1 and one of version 2 for each endpoint: which one of them is used changes.
        self.scorers = [free_port() for _ in range(6)]

    def __enter__(self):
        for number, port in enumerate(self.scorers):
            self.spawn(str(self.tools / "scorer"), str(port), "v2" if number % 3 == 2 else "v1")
        self.spawn(self.turnout, "dev", "--control", f"127.0.0.1:{self.control}", "--proxy", f"127.0.0.1:{free_port()}",
                   "--admin", f"127.0.0.1:{free_port()}", "--threads", "1", "--data",
                   str(self.directory / "dev"))
        until(lambda: get(self.control, "/api/v1/readyz")[0] == 200, "turnout dev is ready")
        self.proxy = self.spawn(
            self.turnout, "proxy", "--url", f"http://127.0.0.1:{self.control}", "--proxy", f"127.0.0.1:{self.port}", "--admin",
            f"127.0.0.1:{self.admin}", "--threads", "1", "--data", str(self.directory / "proxy"))
        until(lambda: get(self.admin, "/readyz")[0] == 200, "the proxy is ready")
        for words in (["model", "create", "bench"], ["version", "register", "bench"], ["version", "register", "bench"]):
            subprocess.run([self.turnout, *words, "--url", f"http://127.0.0.1:{self.control}"], check=True,
                           stdout=subprocess.DEVNULL)
        self.api = http.client.HTTPConnection("127.0.0.1", self.control, timeout=30)
        return self

    def spawn(self, *words):
        # The control plane, which has machines of its own elsewhere, comes before the load.
        return super().spawn(*(words if words[1] == "dev" else (*self.behind, *words)))

    def apply(self, change):
        """The split of `moving` and a backend of `steady` are others with each change."""
        def endpoint(name, hosts, share, version1, version2):
            backends = lambda *ports: [f"http://127.0.0.1:{port}" for port in ports]
            return {"name": name, "owner": "bench", "spec": {
                "hosts": hosts, "routingKey": {"source": "header", "name": "x-user-id", "onMissing": "random"},
                "timeout": "10s", "retry": {"attempts": 0, "on": ["connect"], "budget": 0.1}, "overrides": [],
                "variants": [
                    {"name": "champion", "model": "bench/1", "traffic": (10000 - share) / 100, "backends": backends(version1)},
                    {"name": "challenger", "model": "bench/2", "traffic": share / 100, "backends": backends(version2)}]}}
        one, two = self.scorers[:3], self.scorers[3:]
        body = json.dumps({"reason": "bench", "endpoints": [
            endpoint("moving", [], 500 + change * 37 % 9000, one[change % 2], one[2]),
            endpoint("steady", ["*"], 1000, two[change % 2], two[2])]})
        self.api.request("POST", "/api/v1/releases", body, {"content-type": "application/json", "x-turnout-actor": "bench"})
        answer = self.api.getresponse()
        said = answer.read()
        if answer.status not in (200, 201):
            sys.exit(f"change {change}: {answer.status} {said.decode()}")

    def table(self):
        table = json.loads(get(self.admin, "/table")[1])
        route = next((one for one in table["endpoints"] if one["endpoint"] == "moving"), None)
        arms = route["variants"] if route else []
        return table["generation"], [(low, high, arm["name"]) for arm in arms for low, high in arm["ranges"]]

    def generation(self):
        return json.loads(get(self.admin, "/readyz")[1])["generation"]

    def resident(self):
        status = pathlib.Path(f"/proc/{self.proxy.pid}/status").read_text()
        return int(status.split("VmRSS:")[1].split()[0]) / 1024

    def load(self, rate, seconds, connections=64):
        """The harness' clients; starts them, whose figures `.communicate()` has."""
        return subprocess.Popen(
            [*self.behind, str(self.tools / "loadgen"), "-p", str(self.port), "-c", str(connections), "-r", str(rate), "-d", str(seconds), "-w",
             "1", "-P", str(self.proxy.pid)], stdout=subprocess.PIPE, text=True)

    def connections_to(self, port):
        """Connections of the proxy to a scorer that the kernel holds open."""
        wanted, count = f"0100007F:{port:04X}", 0
        inodes = {os.readlink(file) for file in pathlib.Path(f"/proc/{self.proxy.pid}/fd").iterdir() if os.path.islink(file)}
        for line in pathlib.Path("/proc/net/tcp").read_text().splitlines()[1:]:
            fields = line.split()
            count += fields[2] == wanted and fields[3] == "01" and f"socket:[{fields[9]}]" in inodes
        return count


class Checker(threading.Thread):
    """One client that scores on one connection, and writes down what it was answered."""

    def __init__(self, port):
        super().__init__()
        self.port, self.answers, self.faults, self.stopping = port, [], [], False

    def run(self):
        connection, number = http.client.HTTPConnection("127.0.0.1", self.port, timeout=10), 0
        connection.connect()
        local = connection.sock.getsockname()
        while not self.stopping:
            number = (number + 1) % 5000
            user = f"user-{number}"
            try:
                connection.request("POST", "/moving/score", b"{}", {"x-user-id": user})
                answer = connection.getresponse()
                body = answer.read()
                if connection.sock is None or connection.sock.getsockname() != local:
                    self.faults.append("the connection was closed")
                    return
            except (OSError, http.client.HTTPException) as fault:
                self.faults.append(repr(fault))
                return
            version = json.loads(body).get("version") if answer.status == 200 else None
            self.answers.append((
                user, answer.status, int(answer.headers["x-turnout-generation"]), answer.headers["x-turnout-variant"], version))
            time.sleep(0.004)

    def misrouted(self, tables):
        wrong, unchecked = [], 0
        for user, status, generation, variant, version in self.answers:
            if status != 200 or version != {"champion": "v1", "challenger": "v2"}.get(variant):
                wrong.append((user, status, generation, variant, version))
            elif generation not in tables:
                unchecked += 1
            else:
                bucket = xxh64(f"moving:{user}".encode()) % 10000
                owner = next((name for low, high, name in tables[generation] if low <= bucket < high), None)
                if owner != variant:
                    wrong.append((user, bucket, owner, generation, variant))
        return wrong, unchecked


def measure(installation, arguments):
    installation.apply(0)
    until(lambda: get(installation.port, "/nobody")[0] in (200, 404), "the table is served")
    # Several changes at once may be published as one table, so more are made than tables are wanted.
    pace = (arguments.seconds - 3) / arguments.changes / 3
    full, change = installation.load(0, 4), 0
    while full.poll() is None:
        change += 1
        installation.apply(change)
        time.sleep(pace)
    most = json.loads(full.communicate()[0])["rps"]
    rate = int(most * arguments.load)
    tables, stopping = {}, threading.Event()

    def remember():
        while not stopping.is_set():
            generation, owners = installation.table()
            tables[generation] = owners
            stopping.wait(0.015)

    watcher, checker = threading.Thread(target=remember), Checker(installation.port)
    load = installation.load(rate, arguments.seconds)
    time.sleep(1.5)
    watcher.start()
    checker.start()
    first, memory, begin = installation.generation(), [installation.resident()], time.monotonic()
    served, first_change = 0, change
    while served < arguments.changes and time.monotonic() < begin + arguments.seconds - 1.5:
        change += 1
        installation.apply(change)
        if change % 10 == 0:
            served = installation.generation() - first
        if len(memory) == 1 and time.monotonic() > begin + arguments.seconds / 2:
            memory.append(installation.resident())
        time.sleep(max(0, begin + (change - first_change) * pace - time.monotonic()))
    taken = time.monotonic() - begin
    figures = json.loads(load.communicate()[0])
    memory.append(installation.resident())
    checker.stopping = True
    checker.join()
    stopping.set()
    watcher.join()
    left = installation.scorers[3 + (change + 1) % 2]
    until(lambda: installation.connections_to(left) == 0, "connections to the backend that left are closed", 5)
    wrong, unchecked = checker.misrouted(tables)
    return {
        "most requests/s": round(most), "offered requests/s": rate, "changes": change - first_change, "seconds": round(taken, 1),
        "tables served": installation.generation() - first,
        "requests": figures["requests"], "requests/s": round(figures["rps"]), "failed": figures["errors"] + figures["not200"] + figures["timeouts"],
        "connections cut": figures["server_closes"] + figures["conn_errors"],
        "users that met two versions": figures["sticky_violations"], "p50 µs": figures["p50_us"], "p99 µs": figures["p99_us"],
        "proxy's share of a core": figures["proxy_util"],
        "answers held against their table": len(checker.answers) - unchecked, "of tables not seen": unchecked,
        "misrouted": len(wrong), "faults": checker.faults + [str(one) for one in wrong[:3]],
        "resident MiB (start, middle, end)": [round(one, 1) for one in memory],
    }


def main():
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("harness", type=pathlib.Path, help="the comparison harness, its tools compiled (bin/)")
    parser.add_argument("turnout", help="the program, a release build")
    parser.add_argument("--changes", type=int, default=1000, help="tables that the proxy is to serve")
    parser.add_argument("--seconds", type=int, default=60)
    parser.add_argument("--load", type=float, default=0.8, help="of the most that it does while tables change")
    parser.add_argument("--rt", action="store_true", help="before everything else on the machine (SCHED_RR; needs root)")
    arguments = parser.parse_args()
    if arguments.rt:
        os.sched_setscheduler(0, os.SCHED_RR, os.sched_param(2))
    behind = ["chrt", "-r", "1"] if arguments.rt else []
    with Installation(arguments.harness, os.path.abspath(arguments.turnout), behind) as installation:
        figures = measure(installation, arguments)
    for name, value in figures.items():
        print(f"{name:42} {value}")
    if figures["failed"] or figures["connections cut"] or figures["misrouted"] or figures["faults"] \
            or figures["users that met two versions"]:
        sys.exit("something failed")


if __name__ == "__main__":
    main()
