"""How much faster is FER2013 from the cache than parsing its CSV with pandas?

Five ways to the same pictures and labels, in one run on one machine, all files in the page cache:
`pandas.read_csv` with each pixel string parsed by NumPy or by `str.split`; reading the image
folder (`from_folder`); reading the CSV (`from_csv`); and `fer2013.load` from its cache, for the
folder and for the CSV copy, once as it is (memory-mapped) and once with every pixel read. The CSV
is written from the pictures, in a temporary folder; without FER2013 the pictures are made up, as
many as in FER2013. Prints medians and ratios; asserts nothing. Takes about a minute.

    python benchmarks/cached_load.py [--pictures 35887] [--repeats 7] [--made-up]
"""

from __future__ import annotations

import argparse
import os
import platform
import statistics
import tempfile
import time
from collections.abc import Callable
from pathlib import Path

import cv2
import numpy as np
import pandas as pd

from fer_utils.data import fer2013
from fer_utils.data.dataset import CLASSES, FaceDataset
from fer_utils.data.readers import USAGES
from fer_utils.experiments.environment import hardware

TOTAL = sum(sum(numbers.values()) for numbers in fer2013.PUBLISHED_COUNTS.values())


def write_folder(root: Path, pictures: int) -> None:
    """A made-up image folder: noise, smoothed so that the JPEGs are as large as FER2013's."""
    draw = np.random.RandomState(0)
    share = pictures / TOTAL
    for usage, split in USAGES.items():
        for label, name in enumerate(CLASSES):
            folder = root / ("train" if split == "train" else "test") / name
            folder.mkdir(parents=True, exist_ok=True)
            for i in range(max(1, round(fer2013.PUBLISHED_COUNTS[split][name] * share))):
                coarse = draw.randint(0, 256, (24, 24), dtype=np.uint8)
                cv2.imwrite(
                    str(folder / f"{usage}_{i * 7 + label}.jpg"), cv2.resize(coarse, (48, 48))
                )


def write_csv(path: Path, dataset: FaceDataset) -> None:
    """The data set as ``fer2013.csv``."""
    usage = {split: usage for usage, split in USAGES.items()}
    words = np.arange(256).astype(str).astype(object)
    with path.open("w", encoding="utf-8") as file:
        file.write("emotion,pixels,Usage\n")
        for image, label, split in zip(dataset.images, dataset.labels, dataset.split, strict=True):
            file.write(f"{label},{' '.join(words[image.ravel()])},{usage[split]}\n")


def pandas_numpy(path: Path) -> tuple[np.ndarray, np.ndarray]:
    """pandas, and NumPy's parser for the pixels of each row."""
    table = pd.read_csv(path)
    rows = [np.fromstring(text, dtype=np.uint8, sep=" ") for text in table["pixels"]]
    return np.stack(rows).reshape(-1, 48, 48), table["emotion"].to_numpy()


def pandas_split(path: Path) -> tuple[np.ndarray, np.ndarray]:
    """pandas, and `str.split` for the pixels of each row, as most tutorials have it."""
    table = pd.read_csv(path)
    rows = [np.array(text.split(), dtype=np.uint8) for text in table["pixels"]]
    return np.stack(rows).reshape(-1, 48, 48), table["emotion"].to_numpy()


def seconds(run: Callable[[], object], repeats: int) -> float:
    """Median wall seconds of some runs."""
    times = []
    for _ in range(repeats):
        start = time.perf_counter()
        run()
        times.append(time.perf_counter() - start)
    return statistics.median(times)


def check_equal(dataset: FaceDataset, csv: Path) -> None:
    """Stop unless every way gives the same pictures and labels."""
    for images, labels in (
        pandas_numpy(csv),
        (fer2013.load(csv).images, fer2013.load(csv).labels),
    ):
        if not (np.array_equal(images, dataset.images) and np.array_equal(labels, dataset.labels)):
            raise SystemExit("the ways to read the data disagree; the figures would mean nothing")


def main() -> None:
    """Prepare the files, time every way, print the table."""
    options = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    options.add_argument("--pictures", type=int, default=TOTAL, help="made-up pictures")
    options.add_argument("--repeats", type=int, default=7, help="runs of the quick ways")
    options.add_argument("--made-up", action="store_true", help="even where FER2013 is here")
    options = options.parse_args()
    source = None if options.made_up else fer2013.find()
    with tempfile.TemporaryDirectory() as name:
        temporary = Path(name)
        os.environ["FER_UTILS_CACHE"] = str(temporary / "cache")
        if source is None or not source.is_dir():
            source = temporary / "folder"
            write_folder(source, options.pictures)
        start = time.perf_counter()
        dataset = fer2013.load(source)
        first = time.perf_counter() - start
        csv = temporary / "fer2013.csv"
        write_csv(csv, dataset)
        check_equal(dataset, csv)  # also fills the cache of the CSV copy
        made_up = " (made up)" if temporary in source.parents else ""
        print(f"{len(dataset):,} pictures{made_up}, CSV {csv.stat().st_size / 1e6:.0f} MB")
        print(f"{hardware()}; Python {platform.python_version()}, NumPy {np.__version__}, "
              f"pandas {pd.__version__}, OpenCV {cv2.__version__}")  # fmt: skip
        report(time_all(source, csv, options.repeats), first)


def time_all(source: Path, csv: Path, repeats: int) -> dict[str, float]:
    """Seconds of each way, the slow ones once."""
    return {
        "pandas + NumPy's parser": seconds(lambda: pandas_numpy(csv), 1),
        "pandas + str.split": seconds(lambda: pandas_split(csv), 1),
        "from_csv": seconds(lambda: fer2013.from_csv(csv), 1),
        "from_folder": seconds(lambda: fer2013.from_folder(source), 1),
        "load, folder copy": seconds(lambda: fer2013.load(source), repeats),
        "load, folder copy, all pixels": seconds(
            lambda: fer2013.load(source).images.max(), repeats
        ),
        "load, CSV copy": seconds(lambda: fer2013.load(csv), repeats),
    }


def report(times: dict[str, float], first: float) -> None:
    """One line a way: seconds, and how many times faster than the faster pandas way."""
    pandas = min(value for name, value in times.items() if name.startswith("pandas"))
    folder = times["from_folder"]
    print(f"first load of the folder, reading and writing the cache: {first:.2f} s\n")
    print(f"{'way':<32}{'seconds':>10}{'vs pandas':>12}{'vs folder':>12}")
    for name, value in times.items():
        print(f"{name:<32}{value:>10.4f}{pandas / value:>11.1f}x{folder / value:>11.1f}x")


if __name__ == "__main__":
    main()
