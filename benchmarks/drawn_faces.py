"""How many drawn faces a second on one core, and what does OpenCV's filling save over Pillow's?

The same strokes, in one run on one machine, drawn three ways: in batches (`draw_many`, as
`dataset` does), one face at a time (`draw`), and in batches with Pillow's `ImageDraw` as the
painter (which knows neither antialiasing nor sub-pixels: the same fourfold canvas, blurred and
averaged down as usual). Identities, poses and action units are sampled beforehand; a last line
times a whole `dataset`, sampling and camera noise included. Prints faces per second and the
ratios of medians; asserts nothing.

    python benchmarks/drawn_faces.py [--faces 1000] [--repeats 5] [--size 48]
"""

from __future__ import annotations

import argparse
import platform
import statistics
import time
from collections.abc import Callable

import cv2
import numpy as np
import PIL
from PIL import Image, ImageDraw, ImageFilter

from fer_utils.data import drawn_faces
from fer_utils.data.drawn_face_render import SUBPIXEL_BITS, SUPERSAMPLING


def paint_with_pillow(soft: list, sharp: list, background: float, size: int) -> np.ndarray:
    """One unlit face by `ImageDraw.polygon`, for `drawn_face_render.render`."""
    side = size * SUPERSAMPLING
    canvas = Image.new("L", (side, side), int(background))
    _fill(canvas, soft)
    canvas = canvas.filter(ImageFilter.BoxBlur((side // 18 | 1) // 2))
    _fill(canvas, sharp)
    return np.asarray(canvas.resize((size, size), Image.Resampling.BOX))


def _fill(canvas: Image.Image, polygons: list) -> None:
    pen = ImageDraw.Draw(canvas)
    for points, grey in polygons:
        pen.polygon((points.ravel() / 2**SUBPIXEL_BITS).tolist(), fill=int(grey))


def sample(n: int) -> tuple[list, list, list]:
    """Action units, identities and poses of n different people, as many of each emotion."""
    rngs = [np.random.default_rng([0, k]) for k in range(n)]
    emotions = list(drawn_faces.FREQUENCIES)
    units = [drawn_faces.sample_action_units(emotions[k % 7], r) for k, r in enumerate(rngs)]
    people = [drawn_faces.sample_identity(rng) for rng in rngs]
    return units, people, [drawn_faces.sample_pose(rng) for rng in rngs]


def seconds(task: Callable[[], object]) -> float:
    started = time.perf_counter()
    task()
    return time.perf_counter() - started


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--faces", type=int, default=1000)
    parser.add_argument("--repeats", type=int, default=5)
    parser.add_argument("--size", type=int, default=48)
    options = parser.parse_args()
    cv2.setNumThreads(1)
    n, size = options.faces, options.size
    units, people, poses = sample(n)
    tasks = {
        "batches, OpenCV": lambda: drawn_faces.draw_many(units, people, poses, size),
        "one at a time, OpenCV": lambda: [
            drawn_faces.draw(*face, size) for face in zip(units, people, poses, strict=True)
        ],
        "batches, Pillow": lambda: drawn_faces.draw_many(
            units, people, poses, size, paint=paint_with_pillow
        ),
        "dataset()": lambda: drawn_faces.dataset(n, size=size),
    }
    taken: dict[str, list[float]] = {name: [] for name in tasks}
    for _ in range(options.repeats):  # in turn, so that a busy spell hits all alike
        for name, task in tasks.items():
            taken[name].append(seconds(task))
    median = {name: statistics.median(values) for name, values in taken.items()}
    print(
        f"{platform.machine()}, 1 core, Python {platform.python_version()}, OpenCV "
        f"{cv2.__version__}, Pillow {PIL.__version__}; {n} faces of {size}x{size}, "
        f"median of {options.repeats}"
    )
    for name, value in median.items():
        print(f"{name:22} {n / value:8,.0f} faces/s   best {n / min(taken[name]):8,.0f}")
    ours = median["batches, OpenCV"]
    print(f"OpenCV over Pillow: {median['batches, Pillow'] / ours:.2f} times as fast")
    print(f"batches over one by one: {median['one at a time, OpenCV'] / ours:.2f} times as fast")


if __name__ == "__main__":
    main()
