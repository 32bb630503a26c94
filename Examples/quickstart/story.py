"""The demo's voice."""

import sys
import time
from collections.abc import Iterator
from contextlib import contextmanager


class Story:
    """Prints what happens, step by step, and keeps count of the claims that did not hold."""

    def __init__(self) -> None:
        self._step = 0
        self.failed: list[str] = []

    @contextmanager
    def step(self, title: str) -> Iterator[None]:
        self._step += 1
        print(
            f"\n\033[1m{self._step}. {title}\033[0m" if sys.stdout.isatty() else f"\n{self._step}. {title}", flush=True
        )
        start = time.monotonic()
        yield
        print(f"   ({time.monotonic() - start:.1f} s)", flush=True)

    def say(self, text: str) -> None:
        print("\n".join(f"   {line}".rstrip() for line in text.splitlines()), flush=True)

    def claim(self, text: str, holds: bool, otherwise: str = "") -> None:
        if holds:
            self.say(f"✓ {text}")
        else:
            self.failed.append(text)
            self.say(f"✗ NOT TRUE: {text}" + (f" ({otherwise})" if otherwise else ""))
