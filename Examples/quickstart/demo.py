"""Turnout's main job, on real input: two versions of a classifier share real scoring requests.

Trains and registers two versions, runs a scorer for each, applies `endpoints/`, sends every row of the data through
the proxy, promotes, rolls back, and asks who served whom. Every claim it prints is checked; one that does not hold
makes the exit code 1. Run by `make demo`.
"""

import argparse
import json
import math
import os
import shlex
import shutil
import signal
import subprocess
import sys
import tempfile
from collections.abc import Iterator
from contextlib import contextmanager
from datetime import datetime, timezone
from functools import partial
from pathlib import Path
from types import FrameType

from cli import REPOSITORY, Turnout
from processes import DemoError, Processes, answers, require_free
from story import Story
from traffic import Answer, ScoringRequest, Summary, requests_for, send, summarise, users_by_variant
from training import Data, TrainedVersion, load, train

CONTROL, PROXY, ADMIN = "127.0.0.1:8700", "127.0.0.1:8800", "127.0.0.1:8801"
SCORER_PORTS = {1: 8101, 2: 8102}  # as endpoints/cancer.yaml has them
WANTED_SHARES = {"cancer/1": 0.80, "cancer/2": 0.20}  # likewise
ROUNDS = 2
CONNECTIONS = 2


class Quickstart:
    def __init__(self, binary: Path, directory: Path, processes: Processes, story: Story) -> None:
        self.binary = binary
        self.directory = directory
        self.processes = processes
        self.story = story
        self.turnout = Turnout(binary, f"http://{CONTROL}", story)

    def tell(self) -> None:
        story = self.story
        with story.step("Train two versions of a classifier on scikit-learn's breast cancer data"):
            data = load()
            versions = train(data, self.directory)
            for number, version in enumerate(versions, start=1):
                story.say(f"version {number}: {version.description}, accuracy {version.accuracy:.1%} on unseen rows")
        with story.step("Start Turnout: control plane, proxy and a private PostgreSQL in one process"):
            self.start_turnout()
        with story.step("Register both versions, each with its artifact"):
            self.register(versions)
        with story.step("Start a scorer for each version; it pulls its artifact from the registry"):
            self.start_scorers()
        with story.step("Plan and apply the endpoint file"):
            self.turnout.show("validate", "endpoints")
            self.turnout.show("plan", "endpoints")
            self.turnout.show("apply", "endpoints", "--wait", "--reason", "try cancer/2 on one user in five")

        requests = requests_for(data, ROUNDS)
        with story.step(f"Send {len(requests):,} scoring requests, each for another user, through the proxy"):
            split, split_time = self.send(requests, data, versions)
            self.judge_shares(split, data)
        with story.step("Promote the challenger"):
            self.turnout.show("promote", "cancer", "challenger", "--wait", "--reason", "better on unseen rows")
            promoted, promoted_time = self.send(requests, data, versions)
            served = users_by_variant(promoted)
            story.claim("everyone is served by the challenger", set(served) == {"challenger"}, f"{_sizes(served)}")
        with story.step("Roll back"):
            self.turnout.show("rollback", "cancer", "--wait", "--reason", "let it ripen")
            restored, restored_time = self.send(requests, data, versions)
            before, after = users_by_variant(split), users_by_variant(restored)
            story.claim(
                f"the identical users are back where they were ({_sizes(after)})", before == after, _sizes(before)
            )
            self.turnout.show("resume", "cancer", "--reason", "git decides again")
            held = self.turnout.json("status", "cancer")["held"]
            story.claim("the rollback's hold is released, and git decides again", held is None, f"held: {held}")
        with story.step("Explain one user at three moments"):
            user = next(answer.user for answer in split if answer.variant == "champion")
            for moment, when, observed in (
                ("before the promotion", split_time, split),
                ("while it was in force", promoted_time, promoted),
                ("after the rollback", restored_time, restored),
            ):
                self.explain(user, moment, when, next(answer for answer in observed if answer.user == user))
        with story.step("The record"):
            self.turnout.show("history", "cancer")
            self.turnout.show("status", "cancer")

    def start_turnout(self) -> None:
        self.processes.start(
            "turnout",
            [str(self.binary), "dev", "--data", str(self.directory / "turnout")]
            + ["--control", CONTROL, "--proxy", PROXY, "--admin", ADMIN],
        )
        self.processes.wait_until("Turnout's control plane", lambda: answers(f"http://{CONTROL}/api/v1/readyz"))
        self.processes.wait_until("Turnout's proxy", lambda: answers(f"http://{ADMIN}/healthz"))
        self.story.say(f"control API http://{CONTROL}   proxy http://{PROXY}   proxy admin http://{ADMIN}")

    def register(self, versions: list[TrainedVersion]) -> None:
        commit = _commit()
        self.turnout.show("model", "create", "cancer", "--description", "Is a tumour benign?")
        here = Turnout(self.binary, f"http://{CONTROL}", self.story, self.directory)
        for number, version in enumerate(versions, start=1):
            registered = here.show(
                *["version", "register", "cancer", "--artifact", str(version.file.relative_to(self.directory))],
                *["--description", version.description, "--metric", f"accuracy={version.accuracy:.4f}"],
                *(["--commit", commit] if commit else []),
            )
            if f"cancer/{number}" not in registered:
                raise DemoError(f"expected cancer/{number}, but turnout said: {registered}")

    def start_scorers(self) -> None:
        for number, port in SCORER_PORTS.items():
            self.processes.start(
                f"scorer-{number}",
                [str(Path(sys.executable).parent / "gunicorn"), "--bind", f"127.0.0.1:{port}"]
                + ["--worker-class", "gthread", "--threads", str(CONNECTIONS), "--keep-alive", "60"]
                + ["--log-level", "warning", "--chdir", str(Path(__file__).parent), "scorer:app"],
                {
                    "TURNOUT": str(self.binary),
                    "TURNOUT_URL": f"http://{CONTROL}",
                    "SCORER_VERSION": f"cancer/{number}",
                    "SCORER_DIRECTORY": str(self.directory / f"scorer-{number}"),
                    "OMP_NUM_THREADS": "1",
                    "PYTHONDONTWRITEBYTECODE": "1",
                },
            )
        for number, port in SCORER_PORTS.items():
            health = f"http://127.0.0.1:{port}/healthz"
            self.processes.wait_until(f"the scorer of cancer/{number}", partial(answers, health))
            self.story.say(f"cancer/{number} answers at http://127.0.0.1:{port}")

    def send(
        self, requests: list[ScoringRequest], data: Data, versions: list[TrainedVersion]
    ) -> tuple[list[Answer], datetime]:
        """The answers, and a moment in the middle of them; what must be true of every answer is checked."""
        host, port = PROXY.split(":")
        half = len(requests) // 2
        got = send(requests[:half], data, (host, int(port)), "/cancer/score", CONNECTIONS)
        middle = datetime.now(timezone.utc)
        got += send(requests[half:], data, (host, int(port)), "/cancer/score", CONNECTIONS)

        bad = [answer.status for answer in got if answer.status != 200]
        self.story.claim(
            f"all {len(got):,} requests were answered with 200", not bad, f"{len(bad)} were not: {bad[:5]}"
        )
        truth = {f"cancer/{number}": version.scores for number, version in enumerate(versions, start=1)}
        wrong = [
            answer
            for answer in got
            if answer.version not in truth or not math.isclose(answer.benign, truth[answer.version][answer.row])
        ]
        self.story.claim("every score is the one that the version named in its answer gives", not wrong, f"{wrong[:2]}")
        return got, middle

    def judge_shares(self, got: list[Answer], data: Data) -> None:
        self.story.say("version    requests   share  wanted  accuracy     p50      p99")
        for version, wanted in WANTED_SHARES.items():
            self.story.say(_row(summary := summarise(got, version, data), wanted))
            error = math.sqrt(wanted * (1 - wanted) / len(got))
            self.story.claim(
                f"{version} got {summary.share:.1%} of the users: {wanted:.0%} within sampling error (±{4 * error:.1%})",
                abs(summary.share - wanted) <= 4 * error,
            )

    def explain(self, user: str, moment: str, when: datetime, observed: Answer) -> None:
        at = when.isoformat(timespec="microseconds").replace("+00:00", "Z")
        question = ["explain", "cancer", "--key", user, "--at", at]
        self.turnout.show(*question)
        said = self.turnout.json(*question)
        version = f"{said['model']}/{said['version']}"
        self.story.claim(
            f"{moment}, {user} was served by {observed.version}, as explained",
            (said["variant"], version) == (observed.variant, observed.version),
            f"observed {observed.variant} {observed.version}",
        )

    def invite(self, data: Data) -> None:
        """Says what to try while everything is up."""
        sample = self.directory / "row.json"
        sample.write_text(json.dumps({"rows": [data.rows[0].tolist()]}))
        binary = os.path.relpath(self.binary)
        print(
            f"""
Everything is up; Ctrl-C ends it. In another terminal, try:

  curl -si http://{PROXY}/cancer/score -H 'x-user-id: user-42' -H 'content-type: application/json' -d @{sample}
  {binary} status cancer --watch
  {binary} promote cancer challenger --traffic 50
  {binary} rollback cancer
  {binary} resume cancer                      # let git decide again
  {binary} explain cancer --key user-42
  $EDITOR endpoints/cancer.yaml && {binary} plan endpoints && {binary} apply endpoints --wait
  curl -s http://{ADMIN}/metrics""",
            flush=True,
        )


def _sizes(groups: dict[str, set[str]]) -> str:
    return ", ".join(f"{variant} {len(users):,}" for variant, users in sorted(groups.items()))


def _row(summary: Summary, wanted: float) -> str:
    return (
        f"{summary.version:<10} {summary.requests:>8,} {summary.share:>7.1%} {wanted:>7.1%} {summary.accuracy:>9.1%}"
        f" {summary.p50_milliseconds:>6.1f} ms {summary.p99_milliseconds:>5.1f} ms"
    )


def _commit() -> str | None:
    done = subprocess.run(
        ["git", "-C", str(REPOSITORY), "rev-parse", "--short=12", "HEAD"], capture_output=True, text=True, check=False
    )
    return done.stdout.strip() if done.returncode == 0 else None


def _raise_exit(number: int, frame: FrameType | None) -> None:
    raise SystemExit(128 + number)


@contextmanager
def _directory() -> Iterator[Path]:
    """A directory that is gone afterwards; those of demos that were killed are removed first.

    Under the system's temporary directory, because PostgreSQL's own user must reach into it when this runs as root.
    """
    for old in Path(tempfile.gettempdir()).glob("turnout-quickstart-*"):
        if not Path(f"/proc/{old.name.split('-')[2]}").exists():
            shutil.rmtree(old, ignore_errors=True)
    directory = Path(tempfile.mkdtemp(prefix=f"turnout-quickstart-{os.getpid()}-"))
    directory.chmod(0o711)
    try:
        yield directory
    finally:
        shutil.rmtree(directory, ignore_errors=True)


def main() -> int:
    parser = argparse.ArgumentParser(description="Turnout's main job, on real input.")
    parser.add_argument("--turnout", type=Path, required=True, help="the turnout program")
    binary = parser.parse_args().turnout.resolve()
    for number in (signal.SIGTERM, signal.SIGHUP):
        signal.signal(number, _raise_exit)

    story = Story()
    try:
        ports = {8700: "the control API", 8800: "the proxy", 8801: "the proxy's admin port"}
        require_free(ports | {port: f"the scorer of cancer/{number}" for number, port in SCORER_PORTS.items()})
        with _directory() as directory, Processes(directory) as processes:
            quickstart = Quickstart(binary, directory, processes, story)
            quickstart.tell()
            if story.failed:
                print("\nThese claims did not hold:\n" + "\n".join(f"  ✗ {text}" for text in story.failed), flush=True)
                return 1
            print("\nEvery claim held.", flush=True)
            if not os.environ.get("CI"):
                quickstart.invite(load())
                processes.wait_while_running()
    except DemoError as error:
        print(f"\ndemo: {error}", file=sys.stderr)
        return 1
    except KeyboardInterrupt:
        print("\nStopped.")
    return 0


if __name__ == "__main__":
    sys.exit(main())
