"""Reading many photos one after another, here or on a Ray cluster, into a folder of results."""

from __future__ import annotations

import csv
import functools
import io
import json
import os
from collections import deque
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass
from pathlib import Path

from fer_utils import ray_cluster
from fer_utils.faces import detect, pictures
from fer_utils.faces.expression_model import ExpressionModel
from fer_utils.faces.face_box import Detector
from fer_utils.faces.read_photo import (
    COLUMNS,
    PhotoReading,
    annotated_name,
    crop_name,
    files,
    read_photo,
    rows,
)
from fer_utils.paths import atomic_write

AHEAD = 2  # photos that wait for each core of a cluster
PICTURES = ("annotated", "crops")  # folders of pictures in a folder of results


@dataclass(frozen=True)
class Job:
    """What is done with each photo; travels to the machines of a cluster."""

    model: ExpressionModel
    detector: str = "mtcnn"
    rejected: frozenset[tuple[str, int]] = frozenset()
    blur: bool = False


@dataclass(frozen=True)
class Outcome:
    """What came of one photo."""

    rows: list[dict]
    files: dict[str, bytes]
    failed: bool = False  # by a fault of the program, not of the photo


def read_content(job: Job, photo: str, content: bytes) -> Outcome:
    """One photo by its content. Never raises for a photo: a row says what went wrong."""
    try:
        reading = read_photo(photo, content, _detector(job.detector), job.model, job.rejected)
        return Outcome(rows(reading), files(reading, job.blur))
    except Exception as error:  # noqa: BLE001  one photo never stops the rest
        return _failure(job, photo, error)


def names(photos: Sequence[Path]) -> list[str]:
    """The photos' paths below the folder they share, with slashes: their names in the tables."""
    whole = [Path(os.path.abspath(photo)) for photo in photos]
    shared = os.path.commonpath([photo.parent for photo in whole]) if whole else ""
    return [photo.relative_to(shared).as_posix() for photo in whole]


def read_all(job: Job, photos: Sequence[Path]) -> Iterator[Outcome]:
    """Each photo's outcome in order, one photo in memory at a time."""
    _detector(job.detector)  # a missing package is told at once, not photo by photo
    for photo, path in zip(names(photos), photos, strict=True):
        content = _content(job, photo, path)
        yield content if isinstance(content, Outcome) else read_content(job, photo, content)


def read_all_on_ray(job: Job, photos: Sequence[Path], address: str) -> Iterator[Outcome]:
    """The same outcomes in the same order from the cluster at `address`; see `ray_cluster`.

    The photos' content travels, a few photos ahead: the machines need no folder in common, but the
    detector's package and PyTorch.
    """
    with ray_cluster.cluster(address) as ray:
        task = ray.remote(num_cpus=1)(read_content)
        shared = ray.put(job)
        most = AHEAD * max(1, int(ray.cluster_resources().get("CPU", 1)))
        waiting: deque = deque()
        for photo, path in zip(names(photos), photos, strict=True):
            content = _content(job, photo, path)
            sent = isinstance(content, bytes)
            waiting.append((photo, task.remote(shared, photo, content) if sent else content))
            if len(waiting) == most:
                yield _arrived(ray, job, *waiting.popleft())
        while waiting:
            yield _arrived(ray, job, *waiting.popleft())


def _arrived(ray, job: Job, photo: str, answer) -> Outcome:
    if isinstance(answer, Outcome):
        return answer
    try:
        return ray.get(answer)
    except ray.exceptions.RayError as error:
        return _failure(job, photo, error)


def _content(job: Job, photo: str, path: Path) -> bytes | Outcome:
    if path.suffix.lower() in pictures.RAW:  # some begin with a tiny TIFF: that would be read
        reason = f"a camera's raw file ({path.suffix}), not read; save it as JPEG"
    else:
        try:
            return path.read_bytes()
        except OSError as error:
            reason = f"cannot be read: {error.strerror}"
    return Outcome(rows(PhotoReading(photo, job.model.classes, reason=reason)), {})


def _failure(job: Job, photo: str, error: BaseException) -> Outcome:
    lines = str(error).strip().splitlines() or [""]
    reason = f"failed: {type(error).__name__}: {lines[0]}"
    return Outcome(rows(PhotoReading(photo, job.model.classes, reason=reason)), {}, failed=True)


@functools.cache
def _detector(name: str) -> Detector:
    """Loaded once in a process."""
    return detect.get(name)


def keep(outcomes: Iterable[Outcome], folder: Path, classes: Sequence[str]) -> list[Outcome]:
    """Write the pictures of each outcome as it comes and the tables at the end; the outcomes
    without their pictures. A file is there whole or not at all, and of the pictures that an earlier
    run left in `folder`, as its `faces.json` says, none stays; other files do."""
    kept, earlier = [], pictures_of(folder / "faces.json")
    for outcome in outcomes:
        for name, content in outcome.files.items():
            atomic_write(folder / name, content)
            earlier.discard(name)
        kept.append(Outcome(outcome.rows, {}, outcome.failed))
    for name in earlier:
        (folder / name).unlink(missing_ok=True)
    table = [row for outcome in kept for row in outcome.rows]
    atomic_write(folder / "faces.json", (json.dumps(table, indent=1) + "\n").encode())
    atomic_write(folder / "faces.csv", as_csv(table, classes).encode())
    return kept


def pictures_of(table: Path) -> set[str]:
    """The pictures of a run by its table, as paths below its folder; none where it is no table."""
    try:
        rows = json.loads(table.read_bytes())
        names = {annotated_name(row["photo"]) for row in rows}
        return names | {crop_name(row["photo"], row["face"]) for row in rows if row["face"]}
    except (OSError, ValueError, KeyError, TypeError, AttributeError):
        return set()


def as_csv(table: Sequence[dict], classes: Sequence[str]) -> str:
    """The rows as CSV: boxes and landmarks as numbers with spaces between, None as nothing."""
    target = io.StringIO()
    columns = [*COLUMNS[:-1], *classes, COLUMNS[-1]]
    writer = csv.DictWriter(target, columns, lineterminator="\n")
    writer.writeheader()
    for row in table:
        flat = {
            "box": row["box"] and " ".join(map(str, row["box"])),
            "landmarks": row["landmarks"]
            and " ".join(str(v) for xy in row["landmarks"] for v in xy),
        }
        writer.writerow(row | flat)
    return target.getvalue()
