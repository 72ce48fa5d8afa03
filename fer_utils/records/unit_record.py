"""`UnitRecord`: a finished run on faces with action units, kept as one small JSON file.

What is kept is what was answered: the emotion and, of each action unit, its probability in 8 bits,
code = floor(256 p), so that 128 and above means "present". The truth and who is in each picture
are kept too, for faces are drawn, or CK+'s, and then not at hand: once for all runs that read the
same pictures, in `truth/<data set>-<sha256>.json`. Every figure is computed.
"""

from __future__ import annotations

import base64
import hashlib
import json
import zlib
from dataclasses import asdict, dataclass
from pathlib import Path

import numpy as np

from fer_utils import paths
from fer_utils.experiments.action_units import UnitExperiment
from fer_utils.metrics import classification, multilabel
from fer_utils.metrics.classification import Metrics
from fer_utils.metrics.multilabel import UnitMetrics
from fer_utils.records import record_json
from fer_utils.records.run_record import StaleRecord

FOLDER = "action_units"
ARRAYS = {"labels": np.uint8, "units": np.uint8, "subject": np.uint16,
          "emotion": np.uint8, "scores": np.uint8}  # fmt: skip
TRUTH = ("labels", "units", "subject")  # of the pictures, not of a run


@dataclass(eq=False)
class UnitRecord:
    """One run: what was trained, where, and what it answered on its test part."""

    experiment: str
    seed: int
    settings: dict  # of `UnitExperiment.settings`
    profile: str
    data: str  # name of the data set
    emotions: tuple[str, ...]
    unit_names: tuple[str, ...]
    train_pictures: int
    hardware: str
    versions: dict[str, str]
    seconds: float
    history: list[dict]
    labels: np.ndarray  # (n,) index into emotions; K where nobody named the emotion
    units: np.ndarray  # (n, A) 0 or 1
    subject: np.ndarray  # (n,) who is in the picture
    emotion: np.ndarray  # (n,) as read
    scores: np.ndarray  # (n, A) codes 0 to 255; 0 or 255 where only the answers were kept
    with_scores: bool

    def __len__(self) -> int:
        return len(self.labels)

    @property
    def predicted(self) -> np.ndarray:
        """Action units as read, (n, A) 0 or 1."""
        return (self.scores >= 128).astype(np.uint8)

    def emotion_metrics(self) -> Metrics:
        """Figures of the emotions, on pictures whose emotion is known."""
        named = self.labels < len(self.emotions)
        labels, read = (a[named].astype(np.int64) for a in (self.labels, self.emotion))
        return classification.summary(labels, read, classes=self.emotions)

    def unit_metrics(self) -> UnitMetrics:
        """Figures of the action units; average precision only where scores were kept."""
        scores = self.scores / 255 if self.with_scores else None
        return multilabel.summary(self.units, self.predicted, self.unit_names, scores)

    def interval(self, figure: str = "macro_f1") -> tuple[float, float]:
        """95% interval of a figure of the action units, drawing people (`multilabel.bootstrap`)."""
        return multilabel.bootstrap(figure, self.units, self.predicted, self.subject)

    def save(self, folder: str | Path | None = None) -> Path:
        """Write the record, and first its truth, the same file for every run; returns its own."""
        arrays = {name: getattr(self, name) for name in ARRAYS}
        arrays["subject"] = np.diff(arrays["subject"], prepend=np.uint16(0))  # compresses well
        plain = asdict(self) | {k: _packed(values, ARRAYS[k]) for k, values in arrays.items()}
        truth = {name: plain.pop(name) for name in TRUTH}
        plain["truth"] = _truth_name(self.data, truth)
        plain["checksum"] = record_json.checksum(plain)
        path = place(self.experiment, self.seed, folder)
        paths.atomic_write(path.parent / "truth" / plain["truth"], _encoded(truth))
        paths.atomic_write(path, _encoded(plain))
        return path

    @classmethod
    def load(cls, path: Path) -> UnitRecord:
        """The record in a file; ValueError, naming it, when it is none."""
        try:
            plain = json.loads(path.read_text(encoding="utf-8"))
            if plain.pop("checksum") != record_json.checksum(plain):
                raise ValueError("altered after it was written")
            plain |= _truth(path.parent / "truth" / plain.pop("truth"), plain["data"])
            for name, dtype in ARRAYS.items():
                plain[name] = _unpacked(plain[name], dtype)
            plain["subject"] = np.cumsum(plain["subject"], dtype=np.uint16)  # undoes the difference
            for name in ("emotions", "unit_names"):
                plain[name] = tuple(plain[name])
            return cls(**plain)
        except (ValueError, KeyError, TypeError, zlib.error) as error:
            raise ValueError(
                f"{path}: no record of action units ({error}); make it again: {command()}"
            ) from error


def place(experiment: str, seed: int, folder: str | Path | None = None) -> Path:
    """The file of a run, below the folder of results."""
    return Path(folder or paths.results_dir()) / FOLDER / f"{experiment}-{seed}.json"


def find(
    experiment: UnitExperiment, seed: int, folder: str | Path | None = None
) -> UnitRecord | None:
    """The recorded run, None where there is none.

    Raises StaleRecord when the experiment is another now, ValueError for a damaged file and for
    one of another run than its name says; all name the command that makes it again.
    """
    path = place(experiment.name, seed, folder)
    if not path.is_file():
        return None
    record = UnitRecord.load(path)
    if (record.experiment, record.seed, record.profile) != (experiment.name, seed, "full"):
        raise ValueError(
            f"{path}: is the {record.profile} run of {record.experiment} with seed {record.seed}; "
            f"make the one that belongs here: {command(seed)}"
        )
    made, wanted = record.settings, json.loads(json.dumps(experiment.settings()))
    differ = [part for part in {**wanted, **made} if made.get(part) != wanted.get(part)]
    if differ:
        raise StaleRecord(
            f"{path}: made with other {', '.join(differ)} than the experiment has now; make it "
            f"again: {command(seed)}"
        )
    return record


def command(seed: int = 0) -> str:
    """What makes the records of a seed."""
    return f"python -m fer_utils run --profile full --only 12 --seed {seed}"


def unused_truths(folder: str | Path | None = None) -> list[Path]:
    """Files of truth, below the folder of results, that no record names any more."""
    own = Path(folder or paths.results_dir()) / FOLDER
    named = {json.loads(path.read_text(encoding="utf-8"))["truth"] for path in own.glob("*.json")}
    return sorted(path for path in own.glob("truth/*") if path.name not in named)


def _truth_name(data: str, packed: dict) -> str:
    """The file of a truth, known by what it holds, however that is compressed."""
    digest = hashlib.sha256()
    for name in TRUTH:
        digest.update(f"{name} {packed[name]['shape']} ".encode())
        digest.update(_content(packed[name]))
    return f"{data}-{digest.hexdigest()[:16]}.json"


def _truth(path: Path, data: str) -> dict:
    """Labels, units and people, still packed; ValueError where they are missing or others."""
    try:
        packed = json.loads(path.read_bytes())
    except OSError as error:
        raise ValueError(f"its truth cannot be read: {error}") from error
    if _truth_name(data, packed) != path.name:
        raise ValueError(f"its truth, {path}, was changed")
    return packed


def _encoded(content: dict) -> bytes:
    return (json.dumps(content, separators=(",", ":")) + "\n").encode()


def _packed(values: np.ndarray, dtype: type) -> dict:
    values = np.ascontiguousarray(values, np.dtype(dtype).newbyteorder("<"))
    return {"shape": list(values.shape),
            "zlib": base64.b64encode(zlib.compress(values.tobytes(), 9)).decode()}  # fmt: skip


def _unpacked(packed: dict, dtype: type) -> np.ndarray:
    values = np.frombuffer(_content(packed), np.dtype(dtype).newbyteorder("<"))
    return values.reshape(packed["shape"]).astype(dtype)


def _content(packed: dict) -> bytes:
    return zlib.decompress(base64.b64decode(packed["zlib"]))
