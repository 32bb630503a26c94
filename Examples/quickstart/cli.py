"""Turnout's command line."""

import getpass
import json
import os
import shlex
import subprocess
from pathlib import Path
from typing import Any

from processes import DemoError
from story import Story

# Done; done, but a person's decision (a hold) is in force; a plan that would change something.
SUCCESSES = (0, 3, 5)
REPOSITORY = Path(__file__).resolve().parents[2]


class Turnout:
    """The command line, as a person would type it."""

    def __init__(self, binary: Path, url: str, story: Story, directory: Path = REPOSITORY) -> None:
        self._binary = binary
        self._url = url
        self._story = story
        self._directory = directory

    def show(self, *arguments: str) -> str:
        """Runs a command and shows it with what it prints."""
        self._story.say(f"$ turnout {shlex.join(arguments)}")
        said = self.run(*arguments)
        self._story.say(said)
        return said

    def json(self, *arguments: str) -> dict[str, Any]:
        said: dict[str, Any] = json.loads(self.run(*arguments, "--output", "json"))
        return said

    def run(self, *arguments: str) -> str:
        done = subprocess.run(
            [str(self._binary), *arguments],
            cwd=self._directory,
            stdin=subprocess.DEVNULL,
            capture_output=True,
            text=True,
            check=False,
            env={"TURNOUT_ACTOR": f"{getpass.getuser()}@quickstart", **os.environ, "TURNOUT_URL": self._url},
        )
        if done.returncode not in SUCCESSES:
            raise DemoError(f"turnout {shlex.join(arguments)} failed ({done.returncode}):\n{done.stderr}{done.stdout}")
        return (done.stdout + done.stderr).strip()
