"""How much faster is an epoch than in the way of usef-kh/fer, on the same machine in one run?

    python benchmarks/ten_crops.py [--images 2048] [--rounds 3] [--workers 0]

Their way (Khaireddin & Chen, 2021, github.com/usef-kh/fer): a DataLoader in the main process; each
picture cropped, shifted, mirrored and turned by itself, then cut into ten crops of 40 pixels, each
erased at half the times, and all ten are a batch's pictures; SGD; the loss read back every step.
Ours is the compiled loop of `speedrun.py`: one random view of each picture an epoch, made on the
device. Both train the VGG of their paper, ours at 48 pixels, on the same pictures.

The figure is training pictures of finished epochs a second. An epoch of theirs makes ten views of
each picture and learns from all ten, at 40 pixels about seven times the arithmetic of one view at
48; what it buys in accuracy is for `speedrun.py` and chapter 13 to say, not for this script. Writes
the figures, hardware, versions and date to `results/benchmarks/ten_crops.json`.
"""

from __future__ import annotations

import argparse
import random
import statistics
import time
from pathlib import Path

import numpy as np
import torch
import torch.nn.functional as F
from PIL import Image
from speedrun import FastLoop, Shared, compiled, config_of, job_of, options_of, wait
from torch.utils.data import DataLoader, Dataset

from fer_utils.data import fer2013
from fer_utils.data.dataset import FaceDataset
from fer_utils.experiments.environment import hardware, versions
from fer_utils.models import torch_net, zoo
from fer_utils.models.zoo_honest import khaireddin_vgg
from fer_utils.records.speed import keep, ratio_row, speed_file
from fer_utils.training.profiles import few
from fer_utils.training.torch_loop import default_device

CROP, BATCH = 40, 64
BILINEAR = Image.Resampling.BILINEAR


class TenCrops(Dataset):
    """A picture as ten augmented crops, float32 (10, 1, 40, 40), and its class."""

    def __init__(self, part: FaceDataset):
        self.part = part

    def __len__(self) -> int:
        return len(self.part)

    def __getitem__(self, index: int) -> tuple[torch.Tensor, int]:
        picture = moved(Image.fromarray(np.asarray(self.part.images[index])))
        far = picture.width - CROP
        corners = [(0, 0), (far, 0), (0, far), (far, far), (far // 2, far // 2)]
        cut = [picture.crop((x, y, x + CROP, y + CROP)) for x, y in corners]
        mirror = Image.Transpose.FLIP_LEFT_RIGHT
        both = [*cut, *(one.transpose(mirror) for one in cut)]
        return torch.stack([erased(as_tensor(one)) for one in both]), int(self.part.labels[index])


def moved(picture: Image.Image) -> Image.Image:
    """A random resized crop of 0.8 to all of the area, then, each at half the times, shifted by up
    to a fifth, mirrored, and turned by up to 10 degrees."""
    side = picture.width
    size = max(CROP, round(side * random.uniform(0.8, 1.0) ** 0.5))
    left, top = (random.randint(0, side - size) for _ in range(2))
    box = (left, top, left + size, top + size)
    picture = picture.resize((side, side), BILINEAR, box=box)
    if random.random() < 0.5:
        x, y = (round(random.uniform(-0.2, 0.2) * side) for _ in range(2))
        picture = picture.transform(picture.size, Image.Transform.AFFINE, (1, 0, -x, 0, 1, -y))
    if random.random() < 0.5:
        picture = picture.transpose(Image.Transpose.FLIP_LEFT_RIGHT)
    return picture.rotate(random.uniform(-10, 10)) if random.random() < 0.5 else picture


def as_tensor(picture: Image.Image) -> torch.Tensor:
    """Float32 (1, H, W), pixels in 0..1."""
    return torch.from_numpy(np.asarray(picture, np.float32)[None] / 255)


def erased(pixels: torch.Tensor) -> torch.Tensor:
    """With a rectangle of 2 to 33% of the area black, at half the times (Zhong et al., 2020)."""
    if random.random() < 0.5:
        side, area = pixels.shape[1], random.uniform(0.02, 0.33)
        tall = min(side, round(side * (area * random.uniform(0.3, 3.3)) ** 0.5))
        wide = min(side, max(1, round(area * side * side / max(1, tall))))
        top, left = random.randint(0, side - tall), random.randint(0, side - wide)
        pixels[:, top : top + tall, left : left + wide] = 0
    return pixels


def theirs(part: FaceDataset, workers: int, device: torch.device) -> float:
    """Seconds of one epoch in their way."""
    net = torch_net.build(khaireddin_vgg(len(part.classes), CROP), seed=0).to(device)
    optimizer = torch.optim.SGD(net.parameters(), lr=0.01, momentum=0.9, nesterov=True)
    scaler = torch.amp.GradScaler(device.type, enabled=device.type == "cuda")
    loader = DataLoader(TenCrops(part), BATCH, shuffle=True, num_workers=workers)
    wait(device)
    started = time.perf_counter()
    for crops, labels in loader:
        x, y = crops.to(device).flatten(0, 1), labels.to(device).repeat_interleave(10)
        with torch.autocast(device.type, torch.float16, enabled=device.type == "cuda"):
            loss = F.cross_entropy(net(x), y)
        scaler.scale(loss).backward()
        scaler.step(optimizer)
        scaler.update()
        optimizer.zero_grad()
        loss.item()
    wait(device)
    return time.perf_counter() - started


def ours(loop: FastLoop, epoch: int) -> float:
    """Seconds of one epoch of a loop."""
    wait(loop.device)
    started = time.perf_counter()
    loop.epoch(epoch)
    wait(loop.device)
    return time.perf_counter() - started


def main() -> None:
    """Print the figures."""
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--images", type=int, default=2048, help="of Training (%(default)s)")
    parser.add_argument("--rounds", type=int, default=3)
    parser.add_argument("--workers", type=int, default=0, help="of their DataLoader, as theirs: 0")
    parser.add_argument("--out", type=Path, default=speed_file("ten_crops"))
    options, device = parser.parse_args(), default_device()
    torch.backends.cudnn.benchmark = True
    dataset = few(fer2013.load_or_draw(None, n=4000), options.images, 64)
    batch = min(512, options.images)
    settings = ["--network", "khaireddin_vgg", "--epochs", str(options.rounds)]
    config = config_of(options_of([*settings, "--batch", str(batch)]), device)
    spec = zoo.get("khaireddin_vgg", len(dataset.classes))
    shared = Shared(spec, device, "default" if device.type == "cuda" else "off")
    job = job_of(dataset, spec, config)
    compiling = compiled(job, device, shared)
    part, loop = job.parts.train, FastLoop(job, device, shared)
    theirs(part.take(np.arange(min(len(part), 4 * BATCH))), options.workers, device)  # kernels
    pairs = [(theirs(part, options.workers, device), ours(loop, i)) for i in range(options.rounds)]
    rates = [(len(part) / slow, len(part) / fast) for slow, fast in pairs]
    row = ratio_row(spec.name, config.precision, rates)
    print(hardware())
    print(f"{row['ours']:,.1f} pictures of finished epochs a second, {config.precision}")
    print(f"{row['theirs']:,.1f} in the way of usef-kh/fer, {options.workers} workers")
    print(f"{statistics.median(row['ratios']):.1f} times, median of {options.rounds}")
    print(
        f"compiled in {compiling:.1f} s, not counted; {len(part):,} pictures of {dataset.name}; "
        f"PyTorch {versions('torch')['torch']}, {torch.get_num_threads()} threads on the host"
    )
    told = {"images": len(part), "rounds": options.rounds, "workers": options.workers}
    keep(options.out, [row], hardware(), versions("torch"), **told)
    print(f"kept in {options.out}")


if __name__ == "__main__":
    main()
