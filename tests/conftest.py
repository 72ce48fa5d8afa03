"""What tests of several rooms share: FER2013 where it is, and a made-up FER2013 of noise."""

from __future__ import annotations

import os
import secrets
from functools import cache
from pathlib import Path

import cv2
import numpy as np
import pytest

from fer_utils import paths
from fer_utils.data import fer2013
from fer_utils.data.dataset import CLASSES

USAGES = {"train": "Training", "public_test": "PublicTest", "private_test": "PrivateTest"}
NUMBERS = {"train": 4, "public_test": 2, "private_test": 2}  # pictures of each class


def pytest_configure() -> None:
    """One thread a worker where several run (`make test`): they share the machine's cores."""
    if "PYTEST_XDIST_WORKER" in os.environ:
        os.environ.setdefault("OMP_NUM_THREADS", "1")


@pytest.hookimpl(optionalhook=True)  # pytest-xdist asks it, where that is installed
def pytest_xdist_make_scheduler(config, log):
    """What workers take: a notebook, the book's tests together (they share a build), or a file.

    Marks for `--dist loadgroup` would say the same, but under pytest 9.2 they are not heeded.
    """
    from xdist.scheduler import LoadScopeScheduling

    class Scheduling(LoadScopeScheduling):
        def _split_scope(self, nodeid: str) -> str:
            file = nodeid.split("::")[0]
            if file.startswith("tests/notebooks/"):
                return nodeid
            if file == "tests/book/test_in_jupyterlab.py":  # shares the browser, needs no build
                return file
            return "tests/book" if file.startswith("tests/book/") else file

    return Scheduling(config, log)


@pytest.fixture(scope="session")
def fer2013_dir() -> Path:
    """The folder or CSV of the real FER2013; the test is skipped where there is none."""
    path = fer2013.find()
    if path is None:
        pytest.skip("FER2013 is not here (python -m fer_utils data fetch fer2013, or FER2013_DIR)")
    return path


@pytest.fixture(scope="session")
def real_photos() -> Path:
    """The folder of real photos with `boxes.json`; the test is skipped where there is none."""
    folder = paths.photos_dir()
    if folder is None:
        pytest.skip("no photos with boxes.json here (FER_PHOTOS_DIR names their folder)")
    return folder


@pytest.fixture(scope="session")
def ray(tmp_path_factory: pytest.TempPathFactory):
    """Ray with a token of its own for this process: else it writes one in the reader's home.

    One token for the whole process, since Ray keeps the first that it read.
    """
    ray = pytest.importorskip("ray", reason="needs Ray: pip install -e '.[ray]'")
    token = tmp_path_factory.mktemp("ray") / "token"
    token.write_text(secrets.token_hex(32))
    with pytest.MonkeyPatch.context() as patch:
        patch.setenv("RAY_AUTH_TOKEN_PATH", str(token))
        yield ray


@pytest.fixture
def own_cache(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """An empty cache folder for this test alone, with no FER2013 anywhere."""
    folder = tmp_path / "cache"
    monkeypatch.setenv("FER_UTILS_CACHE", str(folder))
    monkeypatch.delenv("FER2013_DIR", raising=False)
    return folder


@pytest.fixture
def tiny_folder(tmp_path: Path) -> Path:
    """A made-up FER2013 of 56 pictures of noise, as the Kaggle image folder."""
    root = tmp_path / "tiny-folder"
    for folder in ("train", "test"):
        for name in CLASSES:
            (root / folder / name).mkdir(parents=True)
    for split, label, number, jpeg in _tiny_pictures():
        folder = root / ("train" if split == "train" else "test") / CLASSES[label]
        (folder / f"{USAGES[split]}_{number}.jpg").write_bytes(jpeg)
    return root


@pytest.fixture
def tiny_csv(tmp_path: Path) -> Path:
    """The pictures of `tiny_folder`, as decoded from its JPEGs, as ``fer2013.csv``."""
    path = tmp_path / "tiny-csv" / "fer2013.csv"
    path.parent.mkdir()
    path.write_text(_tiny_table(), encoding="utf-8")
    return path


@cache
def _tiny_pictures() -> tuple[tuple[str, int, int, bytes], ...]:
    """(split, label, file number, JPEG) of each picture of noise, classes taken in turn.

    File numbers have one to three digits and no order, so that sorting them as text shows.
    """
    draw = np.random.RandomState(0)
    pictures = []
    for split, n in NUMBERS.items():
        numbers = draw.permutation(np.arange(n * len(CLASSES)) ** 2)
        for i, number in enumerate(numbers.tolist()):
            noise = draw.randint(0, 256, (48, 48), dtype=np.uint8)
            jpeg = cv2.imencode(".jpg", noise)[1].tobytes()
            pictures.append((split, i % len(CLASSES), number, jpeg))
    return tuple(pictures)


@cache
def _tiny_table() -> str:
    """The CSV of the pictures, rows by split and file number."""
    lines = ["emotion,pixels,Usage"]
    splits = list(USAGES)
    for split, label, _, jpeg in sorted(_tiny_pictures(), key=lambda p: (splits.index(p[0]), p[2])):
        decoded = cv2.imdecode(np.frombuffer(jpeg, np.uint8), cv2.IMREAD_UNCHANGED)
        lines.append(f"{label},{' '.join(map(str, decoded.ravel().tolist()))},{USAGES[split]}")
    return "\n".join(lines) + "\n"
