"""How much faster is a training step with Winograd's algorithm, network by network, in one run?

    python benchmarks/winograd.py [--network fer_cnn zagreb_deeper ...] [--rounds 3]

The same network makes steps of training on the same drawn faces with and without, in turn, float32
on the CPU, the faster of two steps a round; the figure is the median of the ratios. Also on
processors where the package leaves it off. Writes the figures, hardware, versions and date to
`results/benchmarks/winograd.json`.
"""

from __future__ import annotations

import argparse
import statistics
import time
from contextlib import nullcontext
from pathlib import Path

import numpy as np
import torch

from fer_utils.data import drawn_faces
from fer_utils.data.dataset import FaceDataset
from fer_utils.experiments.config import TrainConfig
from fer_utils.experiments.environment import hardware, versions
from fer_utils.experiments.recipes import MODERATE
from fer_utils.models import zoo
from fer_utils.records.speed import keep, ratio_row, speed_file
from fer_utils.training import fast_convolutions, heap
from fer_utils.training.batches import Parts
from fer_utils.training.job import Job
from fer_utils.training.torch_loop import Loop

NETWORKS = ("fer_cnn", "zagreb_deeper", "copenhagen_torch", "dcnn", "compact_vgg")


def rates(network: str, part: FaceDataset, rounds: int) -> list[tuple[float, float]]:
    """Pictures a second without and with, one pair a round, after a round that is not counted."""
    config = TrainConfig(epochs=1, optimizer="adamw", augment=MODERATE, precision="float32")
    spec = zoo.get(network, len(part.classes))
    job = Job(spec, config, Parts(part, None, {}), "torch", "", progress=False)
    loop = Loop(job, torch.device("cpu"))
    loop.net.train()
    chosen, generator = torch.arange(len(part)), torch.Generator()

    def rate(context) -> float:
        seconds = []
        with context:
            for _ in range(2):
                started = time.perf_counter()
                loop.step(chosen, 1e-4, generator)
                seconds.append(time.perf_counter() - started)
        return len(part) / min(seconds)

    with heap.kept():
        pairs = [
            (rate(nullcontext()), rate(fast_convolutions.used(loop.nets)))
            for _ in range(rounds + 1)
        ]
    return pairs[1:]


def main() -> None:
    """Print the figures and keep them."""
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--network", nargs="+", default=NETWORKS, help="of the zoo")
    parser.add_argument("--images", type=int, default=128, help="of a step (default: %(default)s)")
    parser.add_argument("--rounds", type=int, default=3)
    parser.add_argument("--out", type=Path, default=speed_file("winograd"))
    options = parser.parse_args()
    fast_convolutions.PROCESSORS = (torch.backends.cpu.get_cpu_capability(),)  # try it here
    faces = drawn_faces.dataset(n=max(100, 2 * options.images), seed=0).part("train")
    part, rows = faces.take(np.arange(options.images)), []
    print(f"{hardware()}, {fast_convolutions.PROCESSORS[0]}, {torch.get_num_threads()} threads")
    for network in options.network:
        rows.append(row := ratio_row(network, "float32", rates(network, part, options.rounds)))
        times = statistics.median(row["ratios"])
        print(f"{network}: {row['theirs']:,.1f} to {row['ours']:,.1f} images/s, {times:.2f} times")
    keep(
        *(options.out, rows, hardware(), versions("torch")),
        images=options.images,
        rounds=options.rounds,
        processor=fast_convolutions.PROCESSORS[0],
    )
    print(f"kept in {options.out}")


if __name__ == "__main__":
    main()
