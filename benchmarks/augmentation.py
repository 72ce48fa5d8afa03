"""How much faster is augmenting a batch at once than one picture after another?

Three contestants do the same operations (flip, turn, shift, zoom, shear, brightness, erasing) on
the same random 48x48 grey pictures, in one run on one machine: the batched Torch operation of
`fer_utils.data.augment`, a loop over pictures with OpenCV (`warpAffine`, bilinear, border repeated)
and a loop with Pillow (`Image.transform`, bilinear). The loops draw their numbers a picture at a
time, as a data loader does. Prints images per second and the ratios; asserts nothing.

    python benchmarks/augmentation.py [--images 4096] [--repeats 7]
"""

from __future__ import annotations

import argparse
import math
import platform
import time
from collections.abc import Callable

import cv2
import numpy as np
import PIL
import torch
from PIL import Image

from fer_utils.data.augment import Augment
from fer_utils.experiments.environment import hardware

SIZE = 48
SETTINGS = Augment(
    horizontal_flip=0.5, rotation=10, shift=0.1, scale=0.1, shear=5, brightness=0.2, erasing=0.5
)


def draw_map(rng: np.random.Generator) -> np.ndarray:
    """One picture's inverse map, 2x3 in pixels: where a pixel of the new picture is read from."""
    angle = math.radians(rng.uniform(-SETTINGS.rotation, SETTINGS.rotation))
    slope = math.tan(math.radians(rng.uniform(-SETTINGS.shear, SETTINGS.shear)))
    zoom = rng.uniform(1 - SETTINGS.scale, 1 + SETTINGS.scale)
    shift_x, shift_y = rng.uniform(-SETTINGS.shift, SETTINGS.shift, 2) * SIZE
    flip = -1 if rng.random() < SETTINGS.horizontal_flip else 1
    cos, sin = math.cos(angle), math.sin(angle)
    a, b = (cos + slope * sin) * flip / zoom, (-sin + slope * cos) * flip / zoom
    c, d = sin / zoom, cos / zoom
    centre = (SIZE - 1) / 2
    x, y = centre + shift_x, centre + shift_y
    return np.array([[a, b, centre - a * x - b * y], [c, d, centre - c * x - d * y]])


def finish(picture: np.ndarray, rng: np.random.Generator) -> np.ndarray:
    """Brightness and erasing of one float picture (H, W)."""
    picture = picture * np.float32(rng.uniform(1 - SETTINGS.brightness, 1 + SETTINGS.brightness))
    np.clip(picture, 0, 1, out=picture)
    if rng.random() < SETTINGS.erasing:
        area, aspect = rng.uniform(*SETTINGS.erasing_area), math.exp(rng.uniform(-1.19, 1.19))
        tall = min(SIZE, round(SIZE * math.sqrt(area * aspect)))
        wide = min(SIZE, round(SIZE * math.sqrt(area / aspect)))
        top, left = rng.integers(SIZE - tall + 1), rng.integers(SIZE - wide + 1)
        picture[top : top + tall, left : left + wide] = 0.5
    return picture


def opencv_loop(pictures: np.ndarray, rng: np.random.Generator) -> np.ndarray:
    flags = cv2.INTER_LINEAR | cv2.WARP_INVERSE_MAP
    out = np.empty_like(pictures)
    for i, picture in enumerate(pictures):
        warped = cv2.warpAffine(
            picture, draw_map(rng), (SIZE, SIZE), flags=flags, borderMode=cv2.BORDER_REPLICATE
        )
        out[i] = finish(warped, rng)
    return out


def pillow_loop(pictures: np.ndarray, rng: np.random.Generator) -> np.ndarray:
    """Pillow has no repeated border: outside is black, which costs it less."""
    out = np.empty_like(pictures)
    for i, picture in enumerate(pictures):
        warped = Image.fromarray(picture).transform(
            (SIZE, SIZE), Image.Transform.AFFINE, draw_map(rng).ravel(), Image.Resampling.BILINEAR
        )
        out[i] = finish(np.asarray(warped), rng)
    return out


def batched(pictures: torch.Tensor, generator: torch.Generator, batch: int = 256) -> None:
    for part in pictures.split(batch):
        SETTINGS(part, generator)
    if pictures.is_cuda:
        torch.cuda.synchronize()


def images_per_second(
    contestants: dict[str, Callable[[], object]], images: int, repeats: int
) -> dict[str, float]:
    """Best of `repeats` each, by turns so that a busy moment hits all; one run first, uncounted."""
    seconds = {name: [] for name in contestants}
    for repeat in range(repeats + 1):
        for name, work in contestants.items():
            start = time.perf_counter()
            work()
            if repeat:
                seconds[name].append(time.perf_counter() - start)
    return {name: images / min(times) for name, times in seconds.items()}


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--images", type=int, default=4096, help="pictures a repeat")
    parser.add_argument("--repeats", type=int, default=7, help="repeats, of which the best counts")
    args = parser.parse_args()

    rng, generator = np.random.default_rng(0), torch.Generator().manual_seed(0)
    pictures = rng.random((args.images, SIZE, SIZE), dtype=np.float32)
    tensor = torch.from_numpy(pictures)[:, None]
    print(
        f"{hardware()}, Python {platform.python_version()}, torch {torch.__version__}, OpenCV "
        f"{cv2.__version__}, Pillow {PIL.__version__}; {args.images} pictures {SIZE}x{SIZE} "
        f"float32, best of {args.repeats} repeats, batches of 256"
    )
    contestants = {
        "loop, Pillow": lambda: pillow_loop(pictures, rng),
        "loop, OpenCV": lambda: opencv_loop(pictures, rng),
        "batched, Torch": lambda: batched(tensor, generator),
    }
    for threads in sorted({1, torch.get_num_threads()}):
        torch.set_num_threads(threads)
        cv2.setNumThreads(threads)
        print(f"{threads} thread{'s' if threads > 1 else ''}")
        speeds = images_per_second(contestants, args.images, args.repeats)
        for name, speed in speeds.items():
            ratio = speeds["batched, Torch"] / speed
            print(f"  {name}: {speed:,.0f} images/s; batched is {ratio:.1f} times this")
    if torch.cuda.is_available():
        on_gpu, gpu_generator = tensor.cuda(), torch.Generator("cuda").manual_seed(0)
        name = torch.cuda.get_device_name()
        work = {name: lambda: batched(on_gpu, gpu_generator)}
        speed = images_per_second(work, args.images, args.repeats)[name]
        print(f"{name}\n  batched, Torch: {speed:,.0f} images/s")


if __name__ == "__main__":
    main()
