"""How fast is our PyTorch loop against a plain one, on the same network, in one run?

    python benchmarks/torch_loop.py [--network fer_cnn] [--precision float32] [--images 1024]

The plain loop is what a tutorial writes: a DataLoader with two workers; each picture mirrored,
turned, moved and zoomed by Pillow and made a float tensor by itself; float32, contiguous;
`loss.item()` after every step. Ours is `training.torch_loop` as the chapters call it, with the same
augmentation on whole batches. Both train the same network on the same drawn faces with the same
batch size, in turn; the figure is the median of the ratios. Writes the figures, hardware, versions
and date to `results/benchmarks/torch_loop.json`.
"""

from __future__ import annotations

import argparse
import math
import random
import statistics
import time
from dataclasses import replace
from pathlib import Path

import numpy as np
import torch
import torch.nn.functional as F
from PIL import Image
from torch.utils.data import DataLoader, Dataset

from fer_utils.data import drawn_faces
from fer_utils.data.dataset import FaceDataset
from fer_utils.experiments.config import TrainConfig
from fer_utils.experiments.environment import hardware, versions
from fer_utils.experiments.recipes import MODERATE
from fer_utils.models import torch_net, zoo
from fer_utils.models.spec import NetSpec
from fer_utils.records.speed import keep, ratio_row, speed_file
from fer_utils.training import torch_loop
from fer_utils.training.batches import Parts
from fer_utils.training.job import Job


class OnePictureAtATime(Dataset):
    """What a tutorial's dataset does: one picture, augmented and converted when asked for."""

    def __init__(self, part: FaceDataset):
        self.part = part

    def __len__(self) -> int:
        return len(self.part)

    def __getitem__(self, index: int) -> tuple[torch.Tensor, int]:
        picture = augmented(Image.fromarray(np.asarray(self.part.images[index])))
        pixels = torch.from_numpy(np.asarray(picture, np.float32)[None] / 255)
        return pixels, int(self.part.labels[index])


def augmented(picture: Image.Image) -> Image.Image:
    """Mirrored half the time, then turned, zoomed and moved in one bilinear map."""
    if random.random() < MODERATE.horizontal_flip:
        picture = picture.transpose(Image.Transpose.FLIP_LEFT_RIGHT)
    angle = math.radians(random.uniform(-MODERATE.rotation, MODERATE.rotation))
    zoom = random.uniform(1 - MODERATE.scale, 1 + MODERATE.scale)
    a, b = math.cos(angle) / zoom, math.sin(angle) / zoom
    centre = picture.width / 2
    dx, dy = (centre + random.uniform(-1, 1) * MODERATE.shift * picture.width for _ in range(2))
    matrix = (a, b, centre - a * dx - b * dy, -b, a, centre + b * dx - a * dy)
    kind = Image.Transform.AFFINE
    return picture.transform(picture.size, kind, matrix, Image.Resampling.BILINEAR)


def plain(spec: NetSpec, part: FaceDataset, config: TrainConfig) -> float:
    """Images a second of the plain loop."""
    net = torch_net.build(spec, seed=0).to(torch_loop.default_device())
    device = next(net.parameters()).device
    optimizer = torch.optim.Adam(net.parameters(), lr=config.learning_rate)
    loader = DataLoader(OnePictureAtATime(part), config.batch_size, shuffle=True, num_workers=2)
    started = time.perf_counter()
    for _ in range(config.epochs):
        for x, y in loader:
            loss = F.cross_entropy(net(x.to(device)), y.to(device))
            optimizer.zero_grad()
            loss.backward()
            optimizer.step()
            loss.item()
    return config.epochs * len(part) / (time.perf_counter() - started)


def ours(spec: NetSpec, part: FaceDataset, config: TrainConfig) -> float:
    """Images a second of our loop."""
    job = Job(spec, config, Parts(part, None, {}), "torch", "", progress=False)
    started = time.perf_counter()
    torch_loop.fit(job)
    return config.epochs * len(part) / (time.perf_counter() - started)


def main() -> None:
    """Print the figures."""
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--network", default="fer_cnn", help="of the zoo (default: %(default)s)")
    parser.add_argument("--precision", nargs="+", default=["float32", "bf16"], help="of ours")
    parser.add_argument("--images", type=int, default=1024)
    parser.add_argument("--rounds", type=int, default=3)
    parser.add_argument("--out", type=Path, default=speed_file("torch_loop"))
    options = parser.parse_args()
    made = versions("torch")
    print(f"{hardware()}; PyTorch {made['torch']}, {torch.get_num_threads()} threads")
    faces = drawn_faces.dataset(n=max(100, int(options.images / 0.8)), seed=0)
    part, spec = faces.part("train"), zoo.get(options.network)
    base = TrainConfig(epochs=1, optimizer="adam", augment=MODERATE)
    few = part.take(np.arange(min(len(part), 2 * base.batch_size)))
    rows = []
    for precision in options.precision:
        config = replace(base, precision=precision)
        plain(spec, few, base), ours(spec, few, config)  # kernels are made when first used
        pairs = [(plain(spec, part, base), ours(spec, part, config)) for _ in range(options.rounds)]
        row = ratio_row(spec.name, precision, pairs)
        rows.append(row)
        print(
            f"{spec.name}, {precision}: ours {row['ours']:,.0f} images/s, plain loop (float32) "
            f"{row['theirs']:,.0f} images/s, ratio {statistics.median(row['ratios']):.1f} "
            f"(median of {options.rounds})"
        )
    keep(options.out, rows, hardware(), made, images=len(part), rounds=options.rounds)
    print(f"kept in {options.out}")


if __name__ == "__main__":
    main()
