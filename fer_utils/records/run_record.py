"""`RunRecord`: one finished training run, kept as a readable JSON file and a small npz file.

Conventions:

- a record lies at `<results>/<experiment>/<framework>-seed<k>.json`, its predictions beside it in
  an `.npz` of the same name; the JSON holds the sha256 of the npz and a checksum of itself;
- both are written whole or not at all, the npz first, so that a JSON file is always a whole record;
- `spec` and `config` are the dictionaries of `NetSpec.to_dict` and `TrainConfig.to_dict`;
- `dataset` and `fingerprint` are those of the whole data set as loaded, before classes are chosen;
- predictions are in the data set's order; images of classes that are not in `classes` are left out
  and labels number `classes` in their order;
- figures (accuracy and so on) are never stored: they are computed from the predictions.
"""

from __future__ import annotations

import hashlib
import io
import json
import zipfile
from dataclasses import dataclass, field, fields
from functools import cache
from pathlib import Path
from typing import TYPE_CHECKING

from fer_utils import paths
from fer_utils.records import record_json
from fer_utils.records.predictions import Predictions, read_npz, write_npz

if TYPE_CHECKING:
    from fer_utils.experiments.experiment import Experiment

SCHEMA = 1
FRAMEWORKS = ("torch", "keras")


class RecordError(ValueError):
    """A record's files are missing, damaged, altered or of an unknown schema."""


class StaleRecord(RuntimeError):
    """A record was made with another network, configuration or data set than is asked for."""


@dataclass(eq=False)
class RunRecord:
    """A finished run: what was trained, on what, where, and what it predicted."""

    experiment: str  # name of the experiment, "<network>-<classes>-<recipe>"
    framework: str  # "torch" | "keras"
    seed: int
    versions: dict[str, str]
    spec: dict
    config: dict
    classes: tuple[str, ...]
    profile: str  # "full" | "smoke"
    dataset: str
    fingerprint: str  # of the data set, sha256 hex
    package_hash: str  # `package_hash()` when the run was made
    hardware: str
    seconds: float  # wall time of the training
    images_per_second: float  # training images, over that time
    history: list[dict] = field(repr=False)  # one row per epoch
    predictions: dict[str, Predictions]  # by evaluated split
    finished: str  # date and time, ISO 8601
    schema: int = SCHEMA
    notes: str = ""

    @property
    def file_name(self) -> str:
        """`<framework>-seed<k>.json`"""
        return f"{self.framework}-seed{self.seed}.json"

    def save(self, folder: str | Path | None = None, force: bool = False) -> Path:
        """Write the record below `folder` (default: `results_dir()`); the path of its JSON file.

        Raises FileExistsError where a record stands already, unless `force`, and ValueError for a
        run that is not of the full profile or holds a NaN.
        """
        if self.profile != "full":
            raise ValueError(
                f"{self.experiment}: a run of the {self.profile!r} profile is not kept; "
                'records are made with profile "full"'
            )
        path = Path(folder or paths.results_dir()) / self.experiment / self.file_name
        if path.exists() and not force:
            raise FileExistsError(f"{path}: there is a record already; pass force=True to replace")
        packed = write_npz(self.predictions, len(self.classes))
        text = record_json.dumps(_to_dict(self, hashlib.sha256(packed).hexdigest()))
        paths.atomic_write(path.with_suffix(".npz"), packed)
        paths.atomic_write(path, text.encode())
        return path

    @classmethod
    def load(cls, path: str | Path) -> RunRecord:
        """The record at `path` (its JSON file). Raises RecordError saying what is wrong with it."""
        path = Path(path)
        plain = _read_json(path)
        content = _read_npz(path.with_suffix(".npz"), plain)
        try:
            values = {entry.name: plain[entry.name] for entry in fields(cls)}
            values["classes"] = tuple(plain["classes"])
            values["history"] = record_json.from_table(plain["history"])
            values["predictions"] = read_npz(content, plain["predictions"], len(plain["classes"]))
            return cls(**values)
        except (KeyError, TypeError, AttributeError, ValueError) as error:
            raise RecordError(f"{path}: not a run record ({error!r}); restore it") from error


def load_all(folder: str | Path | None = None) -> list[RunRecord]:
    """Every record below `folder` (default: `results_dir()`), by experiment and file name."""
    return [RunRecord.load(path) for path in record_files(folder)]


def record_files(folder: str | Path | None = None) -> list[Path]:
    """The JSON files of records below `folder`, sorted."""
    return sorted(Path(folder or paths.results_dir()).glob("*/*-seed*.json"))


def framework_files(folder: str | Path | None, experiment: str, framework: str) -> list[Path]:
    """The JSON files of one experiment's records in one framework, all seeds, sorted."""
    found = Path(folder or paths.results_dir()) / experiment
    return sorted(found.glob(f"{framework}-seed*.json"))


def find(
    experiment: str, framework: str, seed: int, folder: str | Path | None = None
) -> RunRecord | None:
    """The record of that run, None where it was never made."""
    path = Path(folder or paths.results_dir()) / experiment / f"{framework}-seed{seed}.json"
    return RunRecord.load(path) if path.exists() else None


def full_run_command(experiment: Experiment, seed: int) -> str:
    """The command that makes an experiment's records of a seed."""
    return f"python -m fer_utils train {experiment.name} --seed {seed}"


def check_current(
    record: RunRecord,
    experiment: Experiment,
    fingerprint: str | None = None,
    gpu: bool = False,
) -> None:
    """Raise StaleRecord where the record is not of this network, configuration, classes or data.

    fingerprint: of the data set that counts; None leaves the data unchecked. gpu: the shorter
    configuration for a CPU does not count. The message names what differs and the command that
    makes the record again.
    """
    differs = _differences("network", record.spec, experiment.spec.to_dict())
    if gpu or not made_on_cpu(record, experiment):
        expected = experiment.config.with_seed(record.seed).to_dict()
        differs += _differences("configuration", record.config, expected)
    if tuple(record.classes) != tuple(experiment.classes):
        differs.append(f"classes {', '.join(record.classes)}")
    if fingerprint is not None and record.fingerprint != fingerprint:
        differs.append(f"data set {record.dataset} with fingerprint {record.fingerprint[:12]}…")
    if differs:
        raise StaleRecord(
            f"{record.experiment}/{record.file_name} is stale: made with another "
            f"{'; '.join(differs)}. Make it again: {full_run_command(experiment, record.seed)}"
        )


def made_on_cpu(record: RunRecord, experiment: Experiment) -> bool:
    """Whether the record is of the experiment's shorter configuration for a CPU."""
    if experiment.on_cpu is None:
        return False
    possible = [experiment.config_on(gpu=False, bf16=bf16) for bf16 in (False, True)]
    return any(
        not _differences("configuration", record.config, config.with_seed(record.seed).to_dict())
        for config in possible
    )


def of_one_recipe(records: list[RunRecord], experiment: Experiment) -> list[RunRecord]:
    """The records of the whole configuration where there are any, else all, which are a CPU's: a
    mean over seeds is of one recipe."""
    return [one for one in records if not made_on_cpu(one, experiment)] or records


@cache
def package_hash() -> str:
    """sha256 (hex) over the names and lines of every Python file of `fer_utils`."""
    root = Path(__file__).resolve().parent.parent
    digest = hashlib.sha256()
    for path in sorted(root.rglob("*.py"), key=lambda path: path.relative_to(root).as_posix()):
        digest.update(path.relative_to(root).as_posix().encode() + b"\0")
        digest.update(path.read_bytes().replace(b"\r\n", b"\n") + b"\0")
    return digest.hexdigest()


def _differences(what: str, made: dict, wanted: dict) -> list[str]:
    """`what` and the keys whose values differ, as one entry; none where all are equal."""
    made, wanted = record_json.plain(made), record_json.plain(wanted)
    keys = [key for key in {**made, **wanted} if made.get(key) != wanted.get(key)]
    return [f"{what} ({', '.join(keys)})"] if keys else []


def _to_dict(record: RunRecord, npz_hash: str) -> dict:
    """The JSON file's content but for the checksum, floats of measurements rounded."""
    if record.framework not in FRAMEWORKS:
        raise ValueError(f"framework {record.framework!r}: expected one of {FRAMEWORKS}")
    plain = {entry.name: getattr(record, entry.name) for entry in fields(record)}
    plain["seconds"] = record_json.rounded(record.seconds)
    plain["images_per_second"] = record_json.rounded(record.images_per_second)
    plain["history"] = record_json.to_table(record.history)
    plain["predictions"] = {split: made.entry() for split, made in record.predictions.items()}
    plain["npz_sha256"] = npz_hash
    return {"schema": plain.pop("schema"), **plain}


def _read_json(path: Path) -> dict:
    """The JSON file's content, its schema and checksum checked."""
    if not path.is_file():
        raise RecordError(f"{path}: no such record")
    try:
        plain = json.loads(path.read_text(encoding="utf-8"))
    except ValueError as error:
        raise RecordError(f"{path}: truncated or not JSON ({error}); restore it") from error
    schema = plain.get("schema") if isinstance(plain, dict) else None
    if schema != SCHEMA:
        raise RecordError(
            f"{path}: schema version {schema!r}, this fer_utils reads {SCHEMA}; "
            "update fer_utils or make the record again"
        )
    if plain.pop("checksum", None) != record_json.checksum(plain):
        raise RecordError(
            f"{path}: altered after it was written (its checksum differs); restore it or make it "
            "again"
        )
    return plain


def _read_npz(path: Path, plain: dict) -> bytes:
    """The npz file's bytes, proved to belong to the JSON file."""
    if not path.is_file():
        raise RecordError(f"{path}: missing beside its JSON file; restore it or make it again")
    content = path.read_bytes()
    if hashlib.sha256(content).hexdigest() != plain.get("npz_sha256"):
        raise RecordError(
            f"{path}: does not belong to its JSON file (its sha256 differs); restore both"
        )
    if not zipfile.is_zipfile(io.BytesIO(content)):
        raise RecordError(f"{path}: not an npz file; restore it")
    return content
