"""How many seconds from FER2013's Training to an honest accuracy, on one device?

    python benchmarks/speedrun.py [--seeds 5] [--epochs 50] [--network vgg_se]
    python benchmarks/speedrun.py --validation       choose settings: scored on the tenth held out
    python benchmarks/speedrun.py --cpu-reduced      the same code, small enough for a CPU core

The first lines printed say on what, how many seconds a run takes, what accuracy it reaches and how
many runs that is the mean of. A run is all of it: pictures to the device, training for a length
fixed beforehand, both test splits read once in ten views. Compiling is done once for all runs and
reported apart, as in cifar10-airbench (Jordan, 2024), whose manner this follows: everything on the
device, large batches, bf16 and channels-last, a triangular schedule, no step that waits.
It is the loop of `training.torch_loop`, with one compiled network whose weights start anew.
"""

from __future__ import annotations

import argparse
import statistics
import sys
import time
from collections.abc import Callable, Sequence
from dataclasses import dataclass

import numpy as np
import torch
from torch import nn

from fer_utils.data import fer2013
from fer_utils.data.dataset import TEST_SPLITS, FaceDataset
from fer_utils.experiments.compact import COMPACT
from fer_utils.experiments.config import TrainConfig
from fer_utils.experiments.environment import hardware, multiplies_in_bf16, versions
from fer_utils.metrics.classification import wilson_interval
from fer_utils.models import torch_net, zoo
from fer_utils.models.initial import initial_weights
from fer_utils.models.spec import NetSpec
from fer_utils.training.batches import parts_of
from fer_utils.training.job import Job, read_all
from fer_utils.training.profiles import few
from fer_utils.training.torch_loop import Loop, default_device

# what `--cpu-reduced` puts in place of the defaults; it shows that the code runs, not how well
REDUCED = {"network": "compact_vgg", "images": 2000, "epochs": 2, "batch": 128, "seeds": 2}
REDUCED_TEST = 300  # pictures of each test split


@dataclass(frozen=True)
class Finished:
    """One run: seconds from pictures in memory to answers, and what share of them is right."""

    seconds: float
    accuracy: dict[str, float]  # by reading
    n: dict[str, int]
    epoch_seconds: float  # of a middle one


class Shared:
    """A network that is compiled once and trained again and again."""

    def __init__(self, spec: NetSpec, device: torch.device, mode: str):
        self.spec = spec
        self.net = torch_net.build(spec).to(device, memory_format=torch.channels_last)
        self.fast: Callable = self.net
        if mode != "off":
            self.fast = torch.compile(self.net, mode=mode, dynamic=False)

    def fresh(self, seed: int) -> nn.Module:
        """The network with the weights of a seed, nothing left of an earlier run."""
        torch_net.set_weights(self.net, initial_weights(self.spec, seed))
        self.net.zero_grad(set_to_none=True)
        return self.net.train()


class FastLoop(Loop):
    """The package's loop around a shared, compiled network."""

    def __init__(self, job: Job, device: torch.device, shared: Shared):
        self.shared = shared
        super().__init__(job, device)

    def built(self, layout: torch.memory_format) -> nn.Module:
        return self.shared.fresh(self.job.config.seed)

    def logits(self, net: nn.Module, x: torch.Tensor) -> torch.Tensor:
        return super().logits(self.shared.fast if net.training else net, x)


def wait(device: torch.device) -> None:
    """Until the device has done what it was given."""
    if device.type == "cuda":
        torch.cuda.synchronize(device)


def compiled(job: Job, device: torch.device, shared: Shared) -> float:
    """Seconds to compile, and to choose kernels: three steps and a reading, thrown away."""
    started = time.perf_counter()
    loop = FastLoop(job, device, shared)
    generator = torch.Generator(device)
    for _ in range(3):
        chosen = torch.arange(job.config.batch_size, device=device) % len(loop.labels)
        loop.step(chosen, 1e-6, generator)
    read_all(job, loop.predict)
    loop.journal.close()
    wait(device)
    return time.perf_counter() - started


def run(job: Job, device: torch.device, shared: Shared) -> Finished:
    """One run from pictures in memory to the answers on every reading."""
    wait(device)
    started = time.perf_counter()
    loop = FastLoop(job, device, shared)
    for epoch in range(job.config.epochs):
        loop.epoch(epoch)
    loop.journal.close()
    logits = read_all(job, loop.predict)
    wait(device)
    seconds = time.perf_counter() - started
    labels = {name: job.parts.evaluated[name.partition("/")[0]].labels for name in logits}
    right = {name: float((z.argmax(1) == labels[name]).mean()) for name, z in logits.items()}
    epochs = [row["seconds"] for row in loop.journal.history]
    counts = {name: len(given) for name, given in labels.items()}
    return Finished(seconds, right, counts, statistics.median(epochs))


def config_of(options: argparse.Namespace, device: torch.device) -> TrainConfig:
    """The recipe: one triangle of rates, moved, mirrored and erased pictures."""
    precision = options.precision
    if precision == "auto":
        native = multiplies_in_bf16()
        if device.type == "cuda":
            native = torch.cuda.is_bf16_supported(including_emulation=False)
        precision = "bf16" if native else "float32"
    held_out = {"train_on": "nine_tenths", "evaluate_on": ("validation",)}
    return TrainConfig(
        epochs=options.epochs,
        batch_size=options.batch,
        drop_last=True,
        optimizer=options.optimizer,
        learning_rate=options.rate,
        schedule="triangular",
        warm_up=0.2,
        weight_decay=0.05,
        label_smoothing=0.1,
        augment=COMPACT[0].config.augment,
        precision=precision,
        views=("ten",),
        **(held_out if options.validation else {}),
    )


def job_of(dataset: FaceDataset, spec: NetSpec, config: TrainConfig) -> Job:
    """A run to make; nothing is watched while it trains, which would cost time."""
    parts = parts_of(dataset, config)
    quiet = type(parts)(parts.train, None, parts.evaluated)
    return Job(spec, config, quiet, "torch", dataset.fingerprint, progress=False)


def report(
    made: Sequence[Finished],
    options: argparse.Namespace,
    dataset: FaceDataset,
    config: TrainConfig,
    compiling: float,
) -> None:
    """Hardware, seconds, accuracy and number of runs first, then what was run."""
    last = list(made[0].accuracy)[-1]
    mean = statistics.mean(one.accuracy[last] for one in made)
    seconds = statistics.mean(one.seconds for one in made)
    print(hardware())
    print(f"{seconds:.1f} s a run; {compiling:.1f} s to compile and warm up before the first")
    print(f"{mean:.2%} mean accuracy on {last}, n = {made[0].n[last]:,}")
    print(f"{len(made)} runs of {config.epochs} epochs, a seed each")
    if dataset.name != "fer2013" or options.cpu_reduced:
        print(f"no result of FER2013: {dataset.name}, {len(dataset):,} pictures in all")
    print()
    for name, n in made[0].n.items():
        values = [one.accuracy[name] for one in made]
        average = statistics.mean(values)
        low, high = wilson_interval(round(average * n), n)
        spread = f", deviation over seeds {statistics.stdev(values):.2%}" if len(values) > 1 else ""
        print(f"{name}: {average:.2%}, 95% interval {low:.2%} to {high:.2%}{spread}")
    rate = len(parts_of(dataset, config).train) / statistics.median(x.epoch_seconds for x in made)
    print(f"{rate:,.0f} training pictures a second; {options.network}, {config.precision}")
    print(f"PyTorch {versions('torch')['torch']}, compile mode {options.compile}")
    print(f"settings: {config.to_dict()}")


def options_of(arguments: Sequence[str] | None = None) -> argparse.Namespace:
    """What the call asks for."""
    parser = argparse.ArgumentParser(
        description=__doc__.splitlines()[0],
        epilog="Choose settings with --validation; the test splits are for the last run.",
    )
    add = parser.add_argument
    add("--network", default="vgg_se", help="of the zoo (default: %(default)s)")
    add("--epochs", type=int, default=50)
    add("--batch", type=int, default=512, help="pictures (default: %(default)s)")
    add("--optimizer", choices=["adamw", "muon"], default="adamw")
    add("--rate", type=float, default=4e-3, help="peak learning rate (default: %(default)s)")
    add("--seeds", type=int, default=5, help="runs, seeds 0, 1 ... (default: %(default)s)")
    add("--images", type=int, default=0, help="of Training at most; default: all")
    add("--precision", choices=["auto", "bf16", "float32"], default="auto")
    modes = ["auto", "off", "default", "reduce-overhead", "max-autotune-no-cudagraphs"]
    add("--compile", choices=modes, default="auto", help='"auto": default on a GPU, else off')
    add("--validation", action="store_true", help="train on nine tenths, score on the tenth")
    add("--cpu-reduced", action="store_true", help=f"{REDUCED}, {REDUCED_TEST} test pictures each")
    add("--data-dir", default=None, help="folder of FER2013; without any, drawn faces")
    options = parser.parse_args(arguments)
    if options.cpu_reduced:
        vars(options).update(REDUCED)
    return options


def main(arguments: Sequence[str] | None = None) -> None:
    """Make the runs and print the figures."""
    options, device = options_of(arguments), default_device()
    if options.compile == "auto":
        options.compile = "default" if device.type == "cuda" else "off"
    torch.backends.cudnn.benchmark = True
    dataset = fer2013.load_or_draw(options.data_dir, n=4000)
    if options.images:
        test = REDUCED_TEST if options.cpu_reduced else max(map(_size(dataset), TEST_SPLITS))
        dataset = few(dataset, options.images, test)
    config, spec = config_of(options, device), zoo.get(options.network, len(dataset.classes))
    shared = Shared(spec, device, options.compile)
    compiling = compiled(job_of(dataset, spec, config), device, shared)
    made = []
    for seed in range(options.seeds):
        made.append(run(job_of(dataset, spec, config.with_seed(seed)), device, shared))
        one = made[-1]
        print(f"seed {seed}: {one.seconds:.1f} s, {one.accuracy}", file=sys.stderr, flush=True)
    report(made, options, dataset, config, compiling)


def _size(dataset: FaceDataset) -> Callable[[str], int]:
    return lambda split: int(np.sum(dataset.split == split))


if __name__ == "__main__":
    main()
