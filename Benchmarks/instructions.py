#!/usr/bin/env python3
"""What a request costs the proxy's own code: instructions by function, heap allocations and reference counts.

Runs `turnout proxy` under valgrind's callgrind with two scorers and a sticky split, and counts what the loops' threads do
for requests on kept-alive connections once they are warm. Counts of instructions don't depend on how busy the machine is.
Ends with 1 when a request allocates memory or counts references. Usage:

    Benchmarks/instructions.py .build/release/turnout [--requests 4000] [--body 1024] [--headers 0] [--threads 1]
"""
import argparse
import asyncio
import collections
import pathlib
import re
import shutil
import subprocess
import sys
import tempfile
import time
import urllib.request

from processes import free_port

CONNECTIONS, WARM_UP = 16, 800
FORBIDDEN = re.compile(
    r"^(malloc|calloc|realloc|free|posix_memalign|aligned_alloc|_int_malloc|_int_free|operator (new|delete).*|"
    r"_?swift_(retain|release|allocObject|slowAlloc|slowDealloc|deallocClassInstance|bridgeObject\w+|unknownObject\w+)\w*)$")

ENDPOINT = """apiVersion: turnout/v1
kind: Endpoint
metadata: {{ name: bench }}
spec:
  hosts: ["*"]
  routingKey: {{ header: x-user-id }}
  variants:
    - {{ name: v1, model: bench/1, traffic: rest, backends: ["http://127.0.0.1:{0}"] }}
    - {{ name: v2, model: bench/2, traffic: 10, backends: ["http://127.0.0.1:{1}"] }}
"""

ANSWER = (b"HTTP/1.1 200 OK\r\nServer: scorer\r\nContent-Type: application/json\r\nContent-Length: 16\r\n\r\n"
          b'{"score": 0.123}')


async def read_message(reader):
    head = await reader.readuntil(b"\r\n\r\n")
    length = re.search(rb"\r\ncontent-length: *(\d+)", head, re.IGNORECASE)
    return head, await reader.readexactly(int(length.group(1)) if length else 0)


async def serve_scorer(port):
    async def serve(reader, writer):
        try:
            while True:
                await read_message(reader)
                writer.write(ANSWER)
        except (asyncio.IncompleteReadError, asyncio.CancelledError, ConnectionError):
            writer.close()
    await asyncio.start_server(serve, "127.0.0.1", port)


def request(user, options):
    extra = "".join(f"x-extra-header-{number:02}: some-plausible-value-{number:08x}\r\n"
                    for number in range(options.headers))
    return (f"POST /v1/score HTTP/1.1\r\nHost: scorer.internal:8080\r\nUser-Agent: bench/1.0\r\n"
            f"Accept: application/json\r\nx-user-id: {user:08}\r\n{extra}Content-Type: application/json\r\n"
            f"Content-Length: {options.body}\r\n\r\n").encode() + b"x" * options.body


async def send_requests(connections, count, options):
    async def work(number):
        reader, writer = connections[number]
        for user in range(number, count, len(connections)):
            writer.write(request(user, options))
            head, _ = await read_message(reader)
            if not head.startswith(b"HTTP/1.1 200 "):
                sys.exit(f"instructions: a request was answered {head.splitlines()[0].decode()}")
    await asyncio.gather(*(work(number) for number in range(len(connections))))


async def wait_until_ready(process, admin):
    deadline = time.monotonic() + 120
    while True:
        try:
            urllib.request.urlopen(f"http://127.0.0.1:{admin}/readyz", timeout=5)
            return
        except OSError:
            if process.poll() is not None or time.monotonic() > deadline:
                sys.exit("instructions: turnout proxy did not become ready")
            await asyncio.sleep(0.2)


def count_instructions(process, state):
    subprocess.run(["callgrind_control", f"--instr={state}", str(process.pid)], check=True, capture_output=True)


async def measure(program, directory, options):
    ports, port, admin = [free_port(), free_port()], free_port(), free_port()
    for scorer in ports:
        await serve_scorer(scorer)
    endpoints = directory / "endpoints"
    endpoints.mkdir()
    (endpoints / "bench.yaml").write_text(ENDPOINT.format(*ports))
    process = subprocess.Popen(
        ["valgrind", "--tool=callgrind", "--separate-threads=yes", "--instr-atstart=no", "--compress-strings=no",
         f"--callgrind-out-file={directory}/out", program, "proxy", "--static", endpoints, "--threads", str(options.threads),
         "--proxy", f"127.0.0.1:{port}", "--admin", f"127.0.0.1:{admin}", "--data", directory / "data"],
        stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL)
    try:
        await wait_until_ready(process, admin)
        connections = [await asyncio.open_connection("127.0.0.1", port) for _ in range(CONNECTIONS)]
        await send_requests(connections, WARM_UP, options)
        count_instructions(process, "on")
        await send_requests(connections, options.requests, options)
        count_instructions(process, "off")
    finally:
        process.terminate()
        process.wait(60)


def costs(path):
    """Instructions by function, without those of what it calls."""
    result, function, is_call = collections.Counter(), None, False
    for line in path.read_text().splitlines():
        if line.startswith("fn="):
            function = line[3:]
        elif line.startswith("calls="):
            is_call = True
        elif line[:1].isdigit() or line[:1] in ("+", "-", "*"):
            if not is_call:
                result[function] += int(line.split()[-1])
            is_call = False
    return result


def main():
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("turnout", type=pathlib.Path)
    parser.add_argument("--requests", type=int, default=4000)
    parser.add_argument("--body", type=int, default=1024, help="bytes")
    parser.add_argument("--headers", type=int, default=0, help="more than the six there are")
    parser.add_argument("--threads", type=int, default=1)
    parser.add_argument("--functions", type=int, default=15, help="how many are shown")
    options = parser.parse_args()
    for program in ("valgrind", "objcopy", "swift"):
        if not shutil.which(program):
            sys.exit(f"instructions: '{program}' is missing: apt-get install -y --no-install-recommends valgrind binutils")
    with tempfile.TemporaryDirectory() as scratch:
        directory = pathlib.Path(scratch)
        program = directory / "turnout"
        # Valgrind takes minutes to read what debuggers are told.
        subprocess.run(["objcopy", "--strip-debug", options.turnout, program], check=True)
        asyncio.run(measure(program, directory, options))
        threads = [costs(path) for path in directory.glob("out-*")]
    loops = [thread for thread in threads if any("EventLoop" in name for name in thread)]
    loop = sum(loops, collections.Counter())
    names = [name for name, _ in loop.most_common(options.functions)]
    readable = subprocess.run(
        ["swift", "demangle", "-simplified", *names], capture_output=True, text=True, check=True).stdout.splitlines()
    shares = ", ".join(f"{sum(thread.values()) / sum(loop.values()):.0%}" for thread in loops)
    print(f"{sum(loop.values()) / options.requests:9.0f}  instructions a request (threads: {shares}), of these")
    for name, line in zip(names, readable):
        print(f"{loop[name] / options.requests:9.0f}  {line.split(' ---> ')[-1]}")
    forbidden = {name: cost for name, cost in loop.items() if FORBIDDEN.match(name)}
    print(f"{sum(forbidden.values()) / options.requests:9.2f}  in heap allocation and reference counting"
          f"{': ' + ', '.join(forbidden) if forbidden else ''}")
    sys.exit(1 if forbidden else 0)


if __name__ == "__main__":
    main()
