"""How fast is our PyTorch loop against a plain one, on the same network, in one run?

    python benchmarks/torch_loop.py [--network zagreb_fully_connected] [--images 4096]

The plain loop is what a tutorial writes: a DataLoader with two workers, each picture made a float
tensor by itself, float32, contiguous, `loss.item()` after every step. Ours is
`training.torch_loop` as the chapters call it. Both train the same network on the same drawn faces
with the same batch size, in turn, several times; the figure is the median of the ratios.
"""

from __future__ import annotations

import argparse
import statistics
import time
from dataclasses import replace

import numpy as np
import torch
import torch.nn.functional as F
from torch.utils.data import DataLoader, Dataset

from fer_utils.data import drawn_faces
from fer_utils.data.dataset import FaceDataset
from fer_utils.models import torch_net, zoo
from fer_utils.models.layers import Act, BatchNorm, Conv, Dense, Flatten, MaxPool
from fer_utils.models.spec import NetSpec
from fer_utils.records.config import TrainConfig
from fer_utils.records.environment import hardware, versions
from fer_utils.training import torch_loop
from fer_utils.training.batches import Parts
from fer_utils.training.job import Job


class OnePictureAtATime(Dataset):
    """What a tutorial's dataset does: one picture, converted when asked for."""

    def __init__(self, part: FaceDataset):
        self.part = part

    def __len__(self) -> int:
        return len(self.part)

    def __getitem__(self, index: int) -> tuple[torch.Tensor, int]:
        picture = np.asarray(self.part.images[index], np.float32)[None] / 255
        return torch.from_numpy(picture), int(self.part.labels[index])


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


def small_cnn(classes: int = 7) -> NetSpec:
    """Two blocks of convolution, enough to see what bf16 and channels-last give."""
    block = [layer for f in (32, 64) for layer in (Conv(f), BatchNorm(), Act("relu"), MaxPool())]
    return NetSpec("small_cnn", (*block, Flatten(), Dense(128), Act("relu"), Dense(classes)))


def main() -> None:
    """Print the figures."""
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--network", help="of the zoo; default: the baseline and a small CNN")
    parser.add_argument("--images", type=int, default=4096)
    parser.add_argument("--rounds", type=int, default=5)
    options = parser.parse_args()
    made = versions("torch")
    print(f"{hardware()}; PyTorch {made['torch']}, {torch.get_num_threads()} threads")
    faces = drawn_faces.dataset(n=max(100, int(options.images / 0.8)), seed=0)
    part = faces.part("train")
    base = TrainConfig(epochs=2, batch_size=64, optimizer="adam", scaling="zero_one")
    if options.network:
        specs = [zoo.get(options.network)]
    else:
        specs = [zoo.get("zagreb_fully_connected"), small_cnn()]
    for spec in specs:
        for precision in ("float32", "bf16"):
            config = replace(base, precision=precision)
            pairs = [
                (plain(spec, part, base), ours(spec, part, config)) for _ in range(options.rounds)
            ]
            theirs, mine = (statistics.median(column) for column in zip(*pairs, strict=True))
            ratio = statistics.median(b / a for a, b in pairs)
            print(
                f"{spec.name}, {precision}: ours {mine:,.0f} images/s, plain loop (float32) "
                f"{theirs:,.0f} images/s, ratio {ratio:.1f} (median of {options.rounds})"
            )


if __name__ == "__main__":
    main()
