"""A scorer: answers for one version of a model, which it pulls from Turnout's registry.

Nothing in it knows of splits, users or other versions; any HTTP server would do in its place.
"""

import os
import subprocess
from pathlib import Path

import joblib
import numpy
from flask import Flask, request

VERSION = os.environ["SCORER_VERSION"]  # cancer/1
DIRECTORY = Path(os.environ["SCORER_DIRECTORY"])

subprocess.run(
    [os.environ["TURNOUT"], "artifact", "pull", VERSION, "--to", str(DIRECTORY)],
    check=True,
    stdout=subprocess.DEVNULL,
)
model = joblib.load(DIRECTORY / "model.joblib")
app = Flask(__name__)


@app.get("/healthz")
def healthz() -> dict[str, str]:
    return {"version": VERSION}


@app.post("/score")
def score() -> dict[str, object]:
    """`{"rows": [[30 numbers], …]}` → the probability that each tumour is benign."""
    rows = numpy.array(request.get_json()["rows"])
    return {"model": VERSION, "benign": model.predict_proba(rows)[:, 1].tolist()}
