"""Programs that run beside the demo and never outlive it."""

import os
import signal
import socket
import subprocess
import time
import urllib.request
from collections.abc import Callable
from pathlib import Path
from types import TracebackType


class DemoError(Exception):
    """What a person should read instead of a traceback."""


class Processes:
    """Starts programs, and stops them, last first, when the `with` block is left by whatever way.

    Each gets a session of its own, so that Ctrl-C reaches the demo alone, and SIGTERM from the kernel when the
    demo is killed (`setpriv --pdeathsig`).
    """

    STOP_LIMIT_SECONDS = 15.0

    def __init__(self, logs: Path) -> None:
        self._logs = logs
        self._running: list[tuple[str, subprocess.Popen[bytes]]] = []

    def __enter__(self) -> "Processes":
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        while self._running:
            _, process = self._running.pop()
            if process.poll() is None:
                process.terminate()
                try:
                    process.wait(self.STOP_LIMIT_SECONDS)
                except subprocess.TimeoutExpired:
                    os.killpg(process.pid, signal.SIGKILL)
                    process.wait()

    def start(self, name: str, command: list[str], environment: dict[str, str] | None = None) -> None:
        with open(self._logs / f"{name}.log", "wb") as log:
            process = subprocess.Popen(
                ["setpriv", "--pdeathsig", "TERM", *command],
                stdin=subprocess.DEVNULL,
                stdout=log,
                stderr=log,
                env={**os.environ, **(environment or {})},
                start_new_session=True,
            )
        self._running.append((name, process))

    def wait_until(self, what: str, ready: Callable[[], bool], limit_seconds: float = 60.0) -> None:
        """Returns once `ready` says so; fails early, with the end of its log, when a program has died."""
        deadline = time.monotonic() + limit_seconds
        while not ready():
            for name, process in self._running:
                if process.poll() is not None:
                    raise DemoError(f"{name} ended with status {process.returncode}:\n{self.tail(name)}")
            if time.monotonic() > deadline:
                logs = "\n".join(f"--- {name}\n{self.tail(name)}" for name, _ in self._running)
                raise DemoError(f"{what} did not come within {limit_seconds:.0f} s\n{logs}")
            time.sleep(0.05)

    def wait_while_running(self) -> None:
        """Returns never; fails when one of the programs ends."""
        while True:
            for name, process in self._running:
                if process.poll() is not None:
                    raise DemoError(f"{name} ended with status {process.returncode}:\n{self.tail(name)}")
            time.sleep(0.5)

    def tail(self, name: str) -> str:
        text = (self._logs / f"{name}.log").read_text(errors="replace")
        return "\n".join(text.splitlines()[-15:])


def answers(url: str) -> bool:
    """Whether a GET is answered with 200."""
    try:
        with urllib.request.urlopen(url, timeout=1) as answer:
            return bool(answer.status == 200)
    except OSError:
        return False


def require_free(ports: dict[int, str]) -> None:
    """Fails with the list of the ports that something else listens on."""
    taken: list[str] = []
    for port, purpose in ports.items():
        with socket.socket() as probe:
            probe.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
            try:
                probe.bind(("127.0.0.1", port))
            except OSError:
                taken.append(f"  127.0.0.1:{port}  for {purpose}")
    if taken:
        raise DemoError(
            "These ports are taken, maybe by another quickstart; free them, then run this again:\n" + "\n".join(taken)
        )
