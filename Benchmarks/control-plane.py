#!/usr/bin/env python3
"""How long plan, apply and a change's way to every proxy take, by the number of endpoints.

Starts `turnout dev` with its private PostgreSQL and two more proxies, writes N endpoint files, and times the command
line as a person or CI runs it: processes, parsing and HTTP included. Usage:

    Benchmarks/control-plane.py .build/release/turnout [--endpoints 10,1000,10000] [--changes 100]
"""
import argparse
import json
import os
import pathlib
import statistics
import subprocess
import sys
import time

from processes import Processes, free_port, until

ENDPOINT = """apiVersion: turnout/v1
kind: Endpoint
metadata: {{ name: endpoint-{number}, owner: bench }}
spec:
  routingKey: {{ header: x-user-id }}
  variants:
    - {{ name: champion, model: bench/1, traffic: rest, backends: ["http://10.0.{high}.{low}:9001"] }}
    - {{ name: challenger, model: bench/2, traffic: {traffic}, backends: ["http://10.0.{high}.{low}:9002"] }}
"""


class Fleet(Processes):
    """A control plane and three proxies."""

    def __init__(self, turnout):
        super().__init__()
        self.turnout = turnout
        self.url = f"http://127.0.0.1:{free_port()}"

    def __enter__(self):
        self.start("dev", "--control", self.url.removeprefix("http://"), "--data", str(self.directory / "data"))
        until(lambda: self.run("status", check=False).returncode == 0, "turnout dev is ready")
        for number in range(2):
            self.start("proxy", "--url", self.url, "--data", str(self.directory / f"proxy-{number}"))
        self.run("model", "create", "bench")
        for _ in range(2):
            self.run("version", "register", "bench")
        return self

    def start(self, *arguments):
        ports = ["--proxy", f"127.0.0.1:{free_port()}", "--admin", f"127.0.0.1:{free_port()}", "--threads", "1"]
        self.spawn(self.turnout, *arguments, *ports)

    def run(self, *arguments, check=True):
        result = subprocess.run(
            [self.turnout, *arguments, "--url", self.url], capture_output=True, text=True,
            env={**os.environ, "TURNOUT_COMMIT": "bench"})
        if check and result.returncode not in (0, 5):
            sys.exit(f"turnout {' '.join(arguments)} exited with {result.returncode}: {result.stderr}")
        return result

    def timed(self, *arguments):
        start = time.perf_counter()
        self.run(*arguments)
        return time.perf_counter() - start

    def write(self, number, traffic, folder="endpoints"):
        file = self.directory / folder / f"{number:05}.yaml"
        file.parent.mkdir(exist_ok=True)
        file.write_text(ENDPOINT.format(number=number, traffic=traffic, high=number // 250, low=number % 250 + 1))
        return str(file)

    def resident(self):
        pages = [int(pathlib.Path(f"/proc/{one.pid}/statm").read_text().split()[1]) for one in self.processes]
        return [round(count * 4096 / 2**20) for count in pages]


def quantile(values, share):
    return sorted(values)[min(len(values) - 1, int(len(values) * share))]


def measure(turnout, endpoints, changes):
    with Fleet(turnout) as fleet:
        for number in range(endpoints):
            fleet.write(number, 10)
        folder = str(fleet.directory / "endpoints")
        figures = {"endpoints": endpoints, "plan new": fleet.timed("plan", folder)}
        figures["apply new"] = fleet.timed("apply", folder, "--wait")
        figures["plan unchanged"] = statistics.median(fleet.timed("plan", folder) for _ in range(5))
        figures["apply unchanged"] = statistics.median(fleet.timed("apply", folder) for _ in range(5))
        one = [
            fleet.timed("apply", fleet.write(0, 11 + turn % 50, "one"), "--wait", "--source", folder)
            for turn in range(changes)
        ]
        figures["change p50"] = quantile(one, 0.5)
        figures["change p99"] = quantile(one, 0.99)
        convergence = json.loads(fleet.run("status", "endpoint-0", "--output", "json").stdout)["proxies"]
        assert convergence == {"live": 3, "inStep": 3}, convergence
        figures["resident MiB (dev, proxy, proxy)"] = fleet.resident()
        return figures


def main():
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("turnout", help="the program, a release build")
    parser.add_argument("--endpoints", default="10,1000,10000", help="how many, one run each")
    parser.add_argument("--changes", type=int, default=100, help="single changes to time")
    arguments = parser.parse_args()
    for count in arguments.endpoints.split(","):
        figures = measure(os.path.abspath(arguments.turnout), int(count), arguments.changes)
        shown = {key: f"{value * 1000:.0f} ms" if isinstance(value, float) else value for key, value in figures.items()}
        print(json.dumps(shown), flush=True)


if __name__ == "__main__":
    main()
