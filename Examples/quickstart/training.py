"""Two versions of a classifier for the breast cancer data that ships with scikit-learn."""

from dataclasses import dataclass
from pathlib import Path

import joblib
import numpy
from sklearn.datasets import load_breast_cancer
from sklearn.ensemble import GradientBoostingClassifier
from sklearn.model_selection import train_test_split
from sklearn.tree import DecisionTreeClassifier


@dataclass(frozen=True)
class Data:
    """All rows, and which of them no version was trained on."""

    rows: numpy.ndarray
    benign: numpy.ndarray  # 1 or 0 for each row
    training: numpy.ndarray  # indices into rows
    unseen: numpy.ndarray


@dataclass(frozen=True)
class TrainedVersion:
    description: str
    accuracy: float  # on the unseen rows
    file: Path
    scores: numpy.ndarray  # what the model says for every row: the truth that the proxy's answers are held against


def load() -> Data:
    source = load_breast_cancer()
    training, unseen = train_test_split(
        numpy.arange(len(source.target)), test_size=0.5, random_state=0, stratify=source.target
    )
    return Data(source.data, source.target, training, unseen)


def train(data: Data, directory: Path) -> list[TrainedVersion]:
    """Version 1 asks one question about one measurement, version 2 weighs all thirty."""
    candidates = [
        ("decision stump, one question", DecisionTreeClassifier(max_depth=1, random_state=0)),
        ("gradient boosting", GradientBoostingClassifier(random_state=0)),
    ]
    versions: list[TrainedVersion] = []
    for number, (description, model) in enumerate(candidates, start=1):
        model.fit(data.rows[data.training], data.benign[data.training])
        accuracy = float(model.score(data.rows[data.unseen], data.benign[data.unseen]))
        file = directory / f"trained-{number}" / "model.joblib"
        file.parent.mkdir()
        joblib.dump(model, file)
        versions.append(TrainedVersion(description, accuracy, file, model.predict_proba(data.rows)[:, 1]))
    return versions
