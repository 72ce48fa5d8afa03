"""What the package's expression model answers to FER2013 as it is, seen in several views, and made
worse.

Two files in `results/default_model/`, "views" and "corruptions", each a JSON file and an npz file
beside it, as of a run record. Every set of answers has a name, `<split>/<what was done to it>`:
"private_test/ten", "private_test/blur-3". Kept are the exact labels of each set, its images by
confidence (`calibration.Reliability`), and the probabilities too for the views of PrivateTest and
the mirrored one of PublicTest. Figures are computed from these, never stored.
"""

from __future__ import annotations

import hashlib
import json
from collections.abc import Mapping
from dataclasses import asdict, dataclass, replace
from pathlib import Path

import numpy as np
import pandas as pd
from safetensors import safe_open

from fer_utils.data.card import DataCard
from fer_utils.experiments.config import split_of
from fer_utils.metrics.calibration import Reliability
from fer_utils.metrics.classification import with_interval
from fer_utils.paths import atomic_write, results_dir
from fer_utils.records import record_json
from fer_utils.records.predictions import Predictions, read_npz, write_npz

COMMAND = "python -m fer_utils model measure"
AGAIN = f"{COMMAND} --force"
FOLDER = "default_model"
KINDS = ("views", "corruptions")
PLAIN = "private_test/plain"  # the set that nothing was done to
MODEL_FILE = Path(__file__).parent.parent / "faces" / "default_model.safetensors"


@dataclass(frozen=True, eq=False)
class ModelAnswers:
    """One measurement of one model file."""

    kind: str  # one of KINDS
    model: str  # its `model_hash`
    dataset: str
    fingerprint: str  # of the data set
    classes: tuple[str, ...]
    answers: dict[str, Predictions]  # by set
    reliability: dict[str, Reliability]  # by set
    hardware: str

    def save(self, folder: Path | None = None) -> Path:
        """Write both files below `folder` (default: `results_dir()`); the path of the JSON file."""
        path = record_file(self.kind, folder)
        packed = write_npz(self.answers, len(self.classes))
        content = {
            **{k: getattr(self, k) for k in ("kind", "model", "dataset", "fingerprint")},
            "classes": self.classes,
            "hardware": self.hardware,
            "answers": {name: made.entry() for name, made in self.answers.items()},
            "reliability": {name: asdict(made) for name, made in self.reliability.items()},
            "npz_sha256": hashlib.sha256(packed).hexdigest(),
        }
        atomic_write(path.with_suffix(".npz"), packed)
        atomic_write(path, record_json.dumps(content).encode("utf-8"))
        return path

    def accuracy(
        self, card: DataCard, name: str, leak_free: bool = False
    ) -> tuple[float, float, float]:
        """Accuracy of a set and its 95% Wilson interval; leak_free: without the test images that
        stand in Training too."""
        right = self.right(card, name)
        if leak_free:
            right = right[card.leak_free(split_of(name))]
        return with_interval(float(right.mean()), len(right))

    def right(self, card: DataCard, name: str) -> np.ndarray:
        """Which images of a set are answered rightly, bool (n,)."""
        return self.answers[name].labels == card.labels_of(split_of(name))


def model_hash(path: Path = MODEL_FILE) -> str:
    """What a model is known by: 12 hex digits of a sha256 over all that it computes with, which is
    its file but for the model card."""
    with safe_open(path, framework="numpy") as file:
        header = json.loads(file.metadata()["expression_model"])
        header.pop("card")
        made = hashlib.sha256(json.dumps(header, sort_keys=True).encode())
        for name in sorted(file.keys()):
            made.update(name.encode() + file.get_tensor(name).tobytes())
    return made.hexdigest()[:12]


def record_file(kind: str, folder: Path | None = None) -> Path:
    """The JSON file of a measurement."""
    if kind not in KINDS:
        raise ValueError(f"kind {kind!r}: expected one of {', '.join(KINDS)}")
    return Path(folder or results_dir()) / FOLDER / f"{kind}.json"


def load(kind: str, folder: Path | None = None) -> ModelAnswers | None:
    """The recorded measurement, None where it was never made.

    Raises ValueError for damaged files, naming the command that makes them anew.
    """
    path = record_file(kind, folder)
    if not path.is_file():
        return None
    try:
        content = json.loads(path.read_text(encoding="utf-8"))
        if content.pop("checksum") != record_json.checksum(content):
            raise ValueError("its checksum is another one")
        packed = path.with_suffix(".npz").read_bytes()
        if hashlib.sha256(packed).hexdigest() != content.pop("npz_sha256"):
            raise ValueError("the npz file beside it is another one")
        classes = tuple(content["classes"])
        made = {
            "classes": classes,
            "answers": read_npz(packed, content["answers"], len(classes)),
            "reliability": {
                name: Reliability(**{key: tuple(value) for key, value in entry.items()})
                for name, entry in content["reliability"].items()
            },
        }
        return ModelAnswers(**{**content, **made})
    except (OSError, ValueError, KeyError, TypeError, AttributeError) as error:
        raise ValueError(f"{path}: damaged ({error}); make it anew with `{AGAIN}`") from error


def problems(folder: Path, card: DataCard, model: str) -> list[str]:
    """What is wrong with the recorded measurements, a line each; none where none was made.

    model: the hash of the model that they should be of.
    """
    found = []
    for kind in KINDS:
        path = record_file(kind, folder)
        try:
            made = load(kind, folder)
        except ValueError as error:
            found.append(str(error))
            continue
        if made is None:
            continue
        if (made.model, made.fingerprint) != (model, card.fingerprint):
            found.append(f"{path}: of another model or other data; make it anew with `{AGAIN}`")
            continue
        found += [
            f"{path}: {name} does not tell its images as the data card does; make it anew with "
            f"`{AGAIN}`"
            for name in made.answers
            if not _agrees(made, card, name)
        ]
    return found


def _agrees(made: ModelAnswers, card: DataCard, name: str) -> bool:
    """Whether a set has the split's images, and as many right by confidence as by its labels."""
    n, bins = len(card.labels_of(split_of(name))), made.reliability.get(name)
    if len(made.answers[name]) != n or bins is None or sum(bins.n) != n:
        return False
    return sum(bins.right) == int(made.right(card, name).sum())


def by_severity(
    worse: ModelAnswers, plain: ModelAnswers, card: DataCard
) -> dict[str, dict[str, dict[int, float]]]:
    """Accuracy and expected calibration error on PrivateTest, in per cent, as `plots.line_panels`
    takes them: "accuracy" or "calibration error" -> {corruption -> {severity -> value}}.

    worse: "corruptions"; plain: "views", whose answers in one view are severity 0. Raises KeyError
    where these are missing.
    """
    right = 100 * plain.accuracy(card, PLAIN)[0]
    error = 100 * plain.reliability[PLAIN].error
    panels: dict[str, dict[str, dict[int, float]]] = {"accuracy": {}, "calibration error": {}}
    accuracies, errors = panels.values()
    for name in worse.answers:
        kind, severity = _corruption(name)
        accuracies.setdefault(kind, {0: right})[severity] = 100 * worse.accuracy(card, name)[0]
        errors.setdefault(kind, {0: error})[severity] = 100 * worse.reliability[name].error
    return panels


def answered(worse: ModelAnswers, card: DataCard, severity: int) -> pd.DataFrame:
    """How often each class is answered at one severity, in whole per cent of PrivateTest.

    A column a class; row "labels" is how often it is true, then a row a corruption, "blur 5".
    Raises ValueError where nothing was read at this severity.
    """
    found = {"labels": card.labels_of("private_test")}
    for name, made in worse.answers.items():
        kind, level = _corruption(name)
        if level == severity:
            found[f"{kind} {level}"] = made.labels
    if len(found) == 1:
        levels = sorted({_corruption(name)[1] for name in worse.answers})
        raise ValueError(f"severity {severity}: nothing was read at it, only at {levels}")
    k = len(worse.classes)
    shares = {name: np.bincount(one, minlength=k) / len(one) for name, one in found.items()}
    return (100 * pd.DataFrame(shares, index=worse.classes).T).round(0).astype(int)


def _corruption(name: str) -> tuple[str, int]:
    kind, _, severity = name.partition("/")[2].rpartition("-")
    return kind, int(severity)


def labels_only(answers: Mapping[str, Predictions]) -> dict[str, Predictions]:
    """The same answers without their probabilities."""
    return {name: replace(made, log_probabilities=None) for name, made in answers.items()}
