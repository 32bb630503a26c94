#!/usr/bin/env python3
"""What one slow scorer of eight costs the requests of a variant, without and with hedging, beside nginx with round robin
and with least_conn.

Seven scorers answer after 20 ms and one after a second (thrashing, say); 32 clients send one request after the other.
Shows quantiles of the latency, requests a second, and the slow scorer's part of the requests. Latencies are the
scorers' own, three orders of magnitude above what a proxy adds, so any build of turnout will do. Usage:

    Benchmarks/balancing.py .build/release/turnout [--seconds 15] [--rounds 3]
"""
import argparse
import asyncio
import json
import pathlib
import shutil
import socket
import statistics
import subprocess
import sys
import tempfile
import time

from processes import free_port

FAST, SLOW, CLIENTS, SCORERS = 0.020, 1.0, 32, 8
HEDGED = "turnout, hedgeAfter 50ms"

ENDPOINT = """apiVersion: turnout/v1
kind: Endpoint
metadata: {{ name: bench }}
spec:{hedging}
  variants:
    - {{ name: only, model: bench/1, traffic: 100, backends: [{backends}] }}
"""

NGINX = """daemon off; worker_processes 1; pid {directory}/nginx.pid; error_log {directory}/error.log;
events {{ worker_connections 4096; }}
http {{
  access_log off; client_body_temp_path {directory}/t1; proxy_temp_path {directory}/t2;
  fastcgi_temp_path {directory}/t3; uwsgi_temp_path {directory}/t4; scgi_temp_path {directory}/t5;
  upstream scorers {{ {policy} {servers} keepalive 64; }}
  server {{ listen 127.0.0.1:{port}; location / {{
    proxy_pass http://scorers; proxy_http_version 1.1; proxy_set_header Connection ""; }} }}
}}
"""


async def serve_scorers(ports):
    """Answers every request after the scorer's own time; says how many each had on the way out."""
    counts = [0] * len(ports)

    def handler(number):
        async def serve(reader, writer):
            try:
                while True:
                    await reader.readuntil(b"\r\n\r\n")
                    counts[number] += 1
                    await asyncio.sleep(SLOW if number == 0 else FAST)
                    writer.write(b"HTTP/1.1 200 OK\r\ncontent-length: 2\r\n\r\n{}")
            except (asyncio.IncompleteReadError, ConnectionError, asyncio.CancelledError):
                writer.close()
        return serve

    for number, port in enumerate(ports):
        await asyncio.start_server(handler(number), "127.0.0.1", port)
    print("ready", flush=True)
    await asyncio.get_running_loop().run_in_executor(None, sys.stdin.readline)
    print(json.dumps(counts), flush=True)


async def load(port, path, seconds):
    latencies = []
    end = time.monotonic() + seconds

    async def client():
        reader, writer = await asyncio.open_connection("127.0.0.1", port)
        while time.monotonic() < end:
            before = time.monotonic()
            writer.write(b"GET %s HTTP/1.1\r\nHost: bench\r\n\r\n" % path)
            head = await reader.readuntil(b"\r\n\r\n")
            assert head.startswith(b"HTTP/1.1 200"), head
            await reader.readexactly(2)
            latencies.append(time.monotonic() - before)
        writer.close()

    await asyncio.gather(*[client() for _ in range(CLIENTS)])
    return latencies


def until_open(port):
    for _ in range(200):
        with socket.socket() as probe:
            if probe.connect_ex(("127.0.0.1", port)) == 0:
                return
        time.sleep(0.05)
    raise SystemExit(f"nothing listens on {port}")


def start(target, turnout, directory, ports):
    port = free_port()
    if target.startswith("turnout"):
        backends = ", ".join(f'"http://127.0.0.1:{port}"' for port in ports)
        (directory / "bench.yaml").write_text(ENDPOINT.format(
            backends=backends, hedging="\n  retry: { hedgeAfter: 50ms }" if target == HEDGED else ""))
        command = [turnout, "proxy", "--static", str(directory), "--proxy", f"127.0.0.1:{port}", "--threads", "1",
                   "--admin", f"127.0.0.1:{free_port()}", "--data", str(directory / "data")]
        path = b"/bench/score"
    else:
        policy = "least_conn;" if target == "nginx, least_conn" else ""
        servers = " ".join(f"server 127.0.0.1:{port} max_fails=0;" for port in ports)
        (directory / "nginx.conf").write_text(
            NGINX.format(directory=directory, policy=policy, servers=servers, port=port))
        command = [shutil.which("nginx") or "/usr/sbin/nginx", "-p", str(directory), "-c", "nginx.conf"]
        path = b"/score"
    process = subprocess.Popen(command, stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL)
    until_open(port)
    return process, port, path


def measure(target, turnout, seconds):
    with tempfile.TemporaryDirectory(prefix="turnout-balancing-") as name:
        ports = [free_port() for _ in range(SCORERS)]
        scorers = subprocess.Popen(
            [sys.executable, __file__, "--scorers", ",".join(map(str, ports))],
            stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True)
        assert scorers.stdout.readline() == "ready\n"
        process, port, path = start(target, turnout, pathlib.Path(name), ports)
        try:
            # A backend that is new starts slowly; here, all are.
            latencies = sorted(asyncio.run(load(port, path, seconds)))
        finally:
            process.terminate()
            process.wait()
            counts = json.loads(scorers.communicate("stop\n")[0])
    quantile = lambda share: latencies[min(len(latencies) - 1, int(share * len(latencies)))] * 1000
    return {"p50": quantile(0.5), "p90": quantile(0.9), "p99": quantile(0.99),
            "rate": len(latencies) / seconds, "slow": 100 * counts[0] / sum(counts)}


def main():
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("turnout", nargs="?")
    parser.add_argument("--seconds", type=float, default=15)
    parser.add_argument("--rounds", type=int, default=3)
    parser.add_argument("--scorers", help=argparse.SUPPRESS)
    options = parser.parse_args()
    if options.scorers:
        return asyncio.run(serve_scorers([int(port) for port in options.scorers.split(",")]))
    targets = ["turnout", HEDGED, "nginx, round robin", "nginx, least_conn"]
    runs = {target: [] for target in targets}
    for _ in range(options.rounds):
        for target in targets:
            runs[target].append(measure(target, options.turnout, options.seconds))
    print("| | p50 ms | p90 ms | p99 ms | requests/s | the slow scorer's part |\n|---|---|---|---|---|---|")
    median = {target: {key: statistics.median(run[key] for run in runs[target]) for key in runs[target][0]}
              for target in targets}
    for target, row in median.items():
        print(f"| {target} | {row['p50']:.0f} | {row['p90']:.0f} | {row['p99']:.0f} | {row['rate']:.0f} "
              f"| {row['slow']:.2f} % |")
    ratio = median["turnout"]["p99"] / median["nginx, round robin"]["p99"]
    print(f"\np99, divided by round robin's: {ratio:.2f}")


if __name__ == "__main__":
    main()
