"""Scoring requests through the proxy, and what their answers add up to."""

import http.client
import json
import statistics
import time
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass

import numpy

from training import Data


@dataclass(frozen=True)
class ScoringRequest:
    user: str
    row: int  # index into Data.rows


@dataclass(frozen=True)
class Answer:
    user: str
    row: int
    status: int
    variant: str  # who answered, as the proxy says
    version: str
    benign: float  # the score itself
    seconds: float


def requests_for(data: Data, rounds: int) -> list[ScoringRequest]:
    """Every row once a round, each time for another user."""
    count = len(data.rows)
    return [ScoringRequest(f"user-{number}", number % count) for number in range(rounds * count)]


def send(
    requests: list[ScoringRequest], data: Data, proxy: tuple[str, int], path: str, connections: int
) -> list[Answer]:
    """Sends the requests over this many keep-alive connections at a time; answers come in no particular order."""
    with ThreadPoolExecutor(connections) as pool:
        parts = pool.map(
            lambda part: _send_part(part, data, proxy, path), [requests[i::connections] for i in range(connections)]
        )
        return [answer for part in parts for answer in part]


def _send_part(requests: list[ScoringRequest], data: Data, proxy: tuple[str, int], path: str) -> list[Answer]:
    connection = http.client.HTTPConnection(*proxy, timeout=30)
    answers: list[Answer] = []
    for wanted in requests:
        body = json.dumps({"rows": [data.rows[wanted.row].tolist()]}).encode()
        headers = {"content-type": "application/json", "x-user-id": wanted.user}
        start = time.perf_counter()
        connection.request("POST", path, body, headers)
        response = connection.getresponse()
        text = response.read()
        seconds = time.perf_counter() - start
        benign = float(json.loads(text)["benign"][0]) if response.status == 200 else float("nan")
        answers.append(
            Answer(
                user=wanted.user,
                row=wanted.row,
                status=response.status,
                variant=response.headers.get("x-turnout-variant", "?"),
                version=response.headers.get("x-turnout-version", "?"),
                benign=benign,
                seconds=seconds,
            )
        )
    connection.close()
    return answers


@dataclass(frozen=True)
class Summary:
    """What one version did with its part of the traffic."""

    version: str
    requests: int
    share: float  # of all requests, 0 to 1
    accuracy: float  # on rows that no version was trained on
    p50_milliseconds: float
    p99_milliseconds: float


def summarise(answers: list[Answer], version: str, data: Data) -> Summary:
    own = [answer for answer in answers if answer.version == version]
    unseen = set(data.unseen.tolist())
    judged = [(answer.benign > 0.5) == bool(data.benign[answer.row]) for answer in own if answer.row in unseen]
    milliseconds = [answer.seconds * 1000 for answer in own] or [float("nan")]
    return Summary(
        version=version,
        requests=len(own),
        share=len(own) / len(answers),
        accuracy=statistics.fmean(judged) if judged else float("nan"),
        p50_milliseconds=float(numpy.percentile(milliseconds, 50)),
        p99_milliseconds=float(numpy.percentile(milliseconds, 99)),
    )


def users_by_variant(answers: list[Answer]) -> dict[str, set[str]]:
    groups: dict[str, set[str]] = {}
    for answer in answers:
        groups.setdefault(answer.variant, set()).add(answer.user)
    return groups
