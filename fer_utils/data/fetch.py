"""Getting FER2013 onto this machine, and checking that it is the published one.

`fetch_fer2013` downloads it from Kaggle, `unpack` takes an archive that is already here; both put
it into the cache folder, where `fer2013.find` looks, whole or not at all. `check` compares counts
and moments with the published ones, `info` collects what ``data info`` shows.
"""

from __future__ import annotations

import shutil
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path

import numpy as np

from fer_utils.data import fer2013
from fer_utils.data.archives import extract
from fer_utils.data.dataset import FaceDataset
from fer_utils.data.placing import place
from fer_utils.paths import cache_dir

KAGGLE_HANDLE = "msambare/fer2013"
PUBLISHED_MEAN = 129.4  # grey values, over all pixels of all pictures
PUBLISHED_STD = 65.1
MOMENT_TOLERANCE = 1.0
EQUALISED_STD = 70.0  # deviation within a picture: 54 as published, 77 histogram-equalised


@dataclass(frozen=True)
class Fetched:
    """A copy of FER2013 that is in place; ``str()`` says so in words."""

    path: Path
    new: bool  # False: it was there already and nothing was done
    dataset: FaceDataset
    problems: tuple[str, ...]  # what differs from the published data set

    def __str__(self) -> str:
        lines = [
            f"FER2013 is {'now' if self.new else 'already'} in {self.path}",
            repr(self.dataset),
        ]
        if not self.problems:
            lines.append("counts per split and class, mean and deviation are the published ones")
        return "\n".join(lines + [f"differs: {problem}" for problem in self.problems])


def fetch_fer2013(target: str | Path | None = None, force: bool = False) -> Fetched:
    """Download FER2013 from Kaggle into ``target`` (the cache folder's ``fer2013``) and check it.

    Nothing is done when a copy is there, unless ``force`` replaces it. Raises `ConnectionError`
    with the way round it when the download fails, `FileExistsError` when ``target`` holds
    anything else, alone or beside a copy: what is no FER2013 is never replaced.
    """
    return _install(target, force, lambda folder: shutil.copytree(_download(force), folder))


def unpack(archive: str | Path, target: str | Path | None = None, force: bool = False) -> Fetched:
    """Unpack an archive of FER2013 (tar or zip, folder or CSV copy) into ``target``; see fetch.

    Nothing is done when a copy is there, unless ``force`` replaces it. Raises what
    `archives.extract` raises, and `ValueError` when the archive holds no FER2013.
    """
    return _install(target, force, lambda folder: extract(archive, folder))


def moments(images: np.ndarray) -> dict[str, float]:
    """Mean and deviation over all pixels, and the mean deviation within a picture (grey values)."""
    if not images.size:
        raise ValueError("no pictures to take moments of")
    rows = images.reshape(len(images), -1)
    histogram, within = np.zeros(256, dtype=np.int64), 0.0
    for start in range(0, len(rows), 2048):
        block = rows[start : start + 2048]
        histogram += np.bincount(block.ravel(), minlength=256)
        within += float(block.std(axis=1, dtype=np.float64).sum())
    values = np.arange(256)
    mean = (histogram * values).sum() / histogram.sum()
    std = np.sqrt((histogram * (values - mean) ** 2).sum() / histogram.sum())
    return {"mean": float(mean), "std": float(std), "std_within_picture": within / len(rows)}


def check(dataset: FaceDataset) -> list[str]:
    """What differs from the published FER2013, one sentence each; empty when nothing does."""
    return _count_problems(dataset) + _moment_problems(moments(dataset.images))


def info(dataset: FaceDataset) -> dict:
    """Name, fingerprint, counts, moments and differences of a data set, ready for JSON."""
    found = moments(dataset.images)
    problems = _count_problems(dataset) + _moment_problems(found)
    return {
        "name": dataset.name,
        "fingerprint": dataset.fingerprint,
        "pictures": len(dataset),
        "size": list(dataset.images.shape[1:]),
        "classes": list(dataset.classes),
        "counts": dataset.counts(),
        "moments": found,
        "differs_from_published": problems if dataset.name.startswith("fer2013") else None,
    }


def info_text(dataset: FaceDataset) -> str:
    """`info` in words, for the terminal."""
    facts = info(dataset)
    counts = facts["counts"]
    height, width = facts["size"]
    lines = [
        f"{facts['name']}: {facts['pictures']:,} pictures {height}x{width}",
        f"fingerprint {facts['fingerprint']}",
        "grey values: mean {mean:.1f}, deviation {std:.1f}, within a picture "
        "{std_within_picture:.1f}".format(**facts["moments"]),
        "",
        f"{'class':<12}" + "".join(f"{split:>14}" for split in counts),
        *(
            f"{name:<12}" + "".join(f"{numbers[name]:>14,}" for numbers in counts.values())
            for name in facts["classes"]
        ),
        f"{'all':<12}" + "".join(f"{sum(n.values()):>14,}" for n in counts.values()),
    ]
    differs = facts["differs_from_published"]
    if differs is not None:
        lines += ["", *(f"differs: {problem}" for problem in differs)]
        lines += [] if differs else ["counts and moments are those of the published FER2013"]
    return "\n".join(lines)


def _count_problems(dataset: FaceDataset) -> list[str]:
    counts = dataset.counts()
    problems = []
    for split, published in fer2013.PUBLISHED_COUNTS.items():
        here = counts.pop(split, {})
        for name, n in published.items():
            if here.get(name, 0) != n:
                problems.append(f"{split}, {name}: {here.get(name, 0):,} pictures, published {n:,}")
    return problems + [f"split {split!r} is not among the published" for split in counts]


def _moment_problems(found: dict[str, float]) -> list[str]:
    problems = []
    for key, published in (("mean", PUBLISHED_MEAN), ("std", PUBLISHED_STD)):
        if abs(found[key] - published) > MOMENT_TOLERANCE:
            problems.append(f"{key} of the pixels is {found[key]:.1f}, published {published}")
    if problems and found["std_within_picture"] > EQUALISED_STD:
        problems.append(
            f"deviation within a picture is {found['std_within_picture']:.0f} instead of 54: the "
            "pictures look histogram-equalised; results of other copies do not carry over"
        )
    return problems


def _install(target: str | Path | None, force: bool, fill: Callable[[Path], object]) -> Fetched:
    """The copy that is there, or one that ``fill`` writes, in place."""
    target = Path(target).expanduser() if target else cache_dir() / "fer2013"
    there = fer2013.as_copy(target)
    if there is not None and not force:
        return _checked(there, new=False)
    place(target, fill)
    return _checked(target, new=True)


def _checked(path: Path, new: bool) -> Fetched:
    dataset = fer2013.load(path, reread=new)
    return Fetched(path, new, dataset, tuple(check(dataset)))


def _download(force: bool) -> Path:
    """FER2013 in kagglehub's own cache; `ConnectionError` with the cure when that fails."""
    by_hand = (
        f"Download https://www.kaggle.com/datasets/{KAGGLE_HANDLE} by hand, then run "
        "`python -m fer_utils data unpack ARCHIVE`, or unpack it yourself and set FER2013_DIR to "
        "the folder."
    )
    try:
        import kagglehub
    except ImportError as error:
        raise ImportError(f"fetching needs kagglehub (pip install kagglehub). {by_hand}") from error
    try:
        return Path(kagglehub.dataset_download(KAGGLE_HANDLE, force_download=force))
    except Exception as error:  # kagglehub raises what requests and its API client raise
        reason = f"{type(error).__name__}: {error}"
        raise ConnectionError(f"FER2013 could not be downloaded ({reason}). {by_hand}") from error
