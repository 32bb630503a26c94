"""What the benchmarks share: ports that stay theirs, waiting, and processes that end with the benchmark."""
import contextlib
import pathlib
import shutil
import signal
import socket
import subprocess
import sys
import tempfile
import time

_reserved = []


def free_port():
    """A port of this machine that nobody else is given as long as this process lives.

    A socket stays bound to it without listening; a listener with SO_REUSEADDR may have it all the same."""
    probe = socket.socket()
    probe.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
    probe.bind(("127.0.0.1", 0))
    _reserved.append(probe)
    return probe.getsockname()[1]


def until(condition, what, seconds=60):
    deadline = time.monotonic() + seconds
    while not condition():
        if time.monotonic() > deadline:
            sys.exit(f"{what}: not within {seconds} s")
        time.sleep(0.02)


class Processes(contextlib.AbstractContextManager):
    """Processes in a directory of their own: told to end in the end, the last one first, and the directory removed."""

    def __init__(self):
        self.directory = pathlib.Path(tempfile.mkdtemp(prefix="turnout-bench-"))
        # PostgreSQL runs under an account of its own and has to get in.
        self.directory.chmod(0o711)
        self.log = open(self.directory / "log", "w")
        self.processes = []

    def spawn(self, *words):
        process = subprocess.Popen([str(word) for word in words], stdout=self.log, stderr=self.log)
        self.processes.append(process)
        return process

    def __exit__(self, *_):
        for process in reversed(self.processes):
            process.send_signal(signal.SIGTERM)
        for process in self.processes:
            process.wait(60)
        self.log.close()
        shutil.rmtree(self.directory)
