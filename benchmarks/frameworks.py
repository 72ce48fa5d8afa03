"""How fast is Keras against PyTorch, and how much memory does each take, on the same network?

    python benchmarks/frameworks.py [--network copenhagen_keras ...] [--images 2048] [--rounds 3]

Both loops of the package train the same spec from the same weights on the same batches of drawn
faces, in turn, each time in a fresh process, so that neither framework's libraries count for the
other. Speed is that of the epochs after the first, which compiles; memory is the process's largest
resident set, libraries included. Writes the medians, their ratio (Keras over PyTorch), hardware,
versions and date to `results/benchmarks/frameworks.json`. On a GPU the memory is the host's.
"""

from __future__ import annotations

import argparse
import json
import os
import resource
import statistics
import subprocess
import sys
from pathlib import Path

from fer_utils.records.speed import keep, speed_file, speed_table

FRAMEWORKS = ("torch", "keras")
EPOCHS = 3


def peak_mib() -> float:
    """Largest resident set of this process so far, MiB."""
    status = Path("/proc/self/status")
    if status.is_file():  # getrusage would count what the parent had before the program started
        for line in status.read_text().splitlines():
            if line.startswith("VmHWM:"):
                return int(line.split()[1]) / 1024
    most = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss
    return most / 1024 / (1024 if sys.platform == "darwin" else 1)


def measure(framework: str, network: str, precision: str, images: int, batch: int) -> dict:
    """Train in this process; its figures."""
    import numpy as np

    from fer_utils.data import drawn_faces
    from fer_utils.experiments.config import TrainConfig
    from fer_utils.experiments.environment import hardware, versions
    from fer_utils.models import zoo
    from fer_utils.training.batches import Parts
    from fer_utils.training.job import Job
    from fer_utils.training.runs import loop_of

    part = drawn_faces.dataset(n=max(100, 2 * images), seed=0).part("train")
    part = part.take(np.arange(images))
    config = TrainConfig(
        epochs=EPOCHS, batch_size=batch, optimizer="sgd", learning_rate=1e-3, precision=precision
    )
    job = Job(zoo.get(network), config, Parts(part, None, {}), framework, "", progress=False)
    seconds = [row["seconds"] for row in loop_of(framework)(job).history]
    return {
        "images_per_second": images / statistics.median(seconds[1:]),
        "first_epoch_seconds": seconds[0],
        "peak_mib": peak_mib(),
        "hardware": hardware(framework),
        "versions": versions(framework),
    }


def in_fresh_process(framework: str, network: str, precision: str, options) -> dict:
    """`measure` in a process of its own."""
    asked = [framework, network, precision, str(options.images), str(options.batch)]
    command = [sys.executable, __file__, "--worker", *asked]
    quiet = os.environ | {"TF_CPP_MIN_LOG_LEVEL": "3"}
    done = subprocess.run(command, capture_output=True, text=True, env=quiet)
    if done.returncode:
        raise SystemExit(f"{' '.join(asked)} failed:\n{done.stderr[-2000:]}")
    return json.loads(done.stdout.splitlines()[-1])


def compare(network: str, precision: str, options) -> tuple[dict, dict]:
    """The row of one network and precision, and what it was measured with."""
    rounds = [
        {name: in_fresh_process(name, network, precision, options) for name in FRAMEWORKS}
        for _ in range(options.rounds)
    ]
    figures = ("images_per_second", "first_epoch_seconds", "peak_mib")
    row: dict = {"network": network, "precision": precision}
    for name in FRAMEWORKS:
        row[name] = {
            figure: round(statistics.median(one[name][figure] for one in rounds), 2)
            for figure in figures
        }
    ratios = [one["keras"][figures[0]] / one["torch"][figures[0]] for one in rounds]
    row["speed_ratio"] = round(statistics.median(ratios), 3)
    row["speed_ratios"] = [round(ratio, 3) for ratio in ratios]
    return row, rounds[0]


def main() -> None:
    """Measure, print and keep."""
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--network", nargs="+", default=["copenhagen_keras", "copenhagen_torch"])
    parser.add_argument("--precision", nargs="+", default=["float32"])
    parser.add_argument("--images", type=int, default=2048)
    parser.add_argument("--batch", type=int, default=64)
    parser.add_argument("--rounds", type=int, default=3)
    parser.add_argument("--out", type=Path, default=speed_file(), help="(default: %(default)s)")
    parser.add_argument("--worker", nargs=5, help=argparse.SUPPRESS)
    options = parser.parse_args()
    if options.worker:
        framework, network, precision, images, batch = options.worker
        print(json.dumps(measure(framework, network, precision, int(images), int(batch))))
        return
    rows = []
    for network in options.network:
        for precision in options.precision:
            row, made = compare(network, precision, options)
            rows.append(row)
    measured = keep(
        options.out,
        rows,
        made["torch"]["hardware"],
        made["keras"]["versions"] | {"torch": made["torch"]["versions"]["torch"]},
        images=options.images,
        batch=options.batch,
        rounds=options.rounds,
    )
    print(speed_table(measured).T.to_string())
    print(f"{measured['hardware']}; median of {options.rounds}; kept in {options.out}")


if __name__ == "__main__":
    main()
