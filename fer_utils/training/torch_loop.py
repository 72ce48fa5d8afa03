"""The PyTorch loop: the data stay on the device, and no step waits for a result.

Pictures live on the device as uint8 (N, 1, H, W); a batch is indexed, scaled and augmented there.
Losses are summed on the device and read once an epoch. Epoch e draws dropout and augmentation
from (seed, e), so that a resumed run repeats an unbroken one: on a CPU to the bit, on a GPU up to
the order in which it adds.
"""

from __future__ import annotations

from collections.abc import Callable

import numpy as np
import torch
from torch import nn

from fer_utils.models import torch_net
from fer_utils.models.spec import Conv
from fer_utils.optimizers import in_torch, sharpness
from fer_utils.optimizers.averaging import Averaged
from fer_utils.optimizers.schedules import learning_rates
from fer_utils.training import (
    batches,
    distillation,
    fast_convolutions,
    heap,
    recalibration,
    sampling,
    targets,
)
from fer_utils.training.checkpoint import below
from fer_utils.training.job import Fitted, Job, check_recalibrate, read_all, watched_figures
from fer_utils.training.journal import Journal
from fer_utils.training.torch_loss import losses

PREDICT_BATCH = 1024


def default_device() -> torch.device:
    """The first GPU where there is one, else the CPU."""
    return torch.device("cuda" if torch.cuda.is_available() else "cpu")


def fit(
    job: Job, device: torch.device | None = None, kind: Callable[..., Loop] | None = None
) -> Fitted:
    """Train as `job` says, going on from its checkpoint when one is there.

    `kind` makes the loop of a job and a device where it is another than `Loop`.
    Raises TrainingDiverged when the loss stops being finite, ValueError for `recalibrate` without
    batch normalisation.
    """
    check_recalibrate(job)
    device = device or default_device()
    loop = (kind or Loop)(job, device)
    try:
        loop.resume()
        with heap.kept(), fast_convolutions.used(loop.nets):
            while len(loop.journal.history) < job.config.epochs and not loop.journal.stop:
                loop.epoch(len(loop.journal.history))
    finally:
        loop.keeper.flush()
        loop.journal.close()
    if loop.best:
        torch_net.set_weights(loop.evaluated_net, loop.best)
    weights = torch_net.weights(loop.evaluated_net)
    if job.config.recalibrate:
        weights = recalibration.recalibrated(job, weights, loop.scaling, device)
        torch_net.set_weights(loop.evaluated_net, weights)
    return Fitted(weights, loop.journal.history, read_all(job, loop.predict), loop.scaling)


class Loop:
    """State of one run."""

    def __init__(self, job: Job, device: torch.device):
        config, train = job.config, job.parts.train
        self.job, self.device = job, device
        self.scaling = batches.scaling_of(train.images, config)
        self.images = torch.from_numpy(np.array(train.images)[:, None]).to(device)  # (N, 1, H, W)
        self.labels = torch.as_tensor(train.labels).to(device)
        for_loss = (train.labels, len(train.classes), config)
        self.targets = torch.as_tensor(targets.target_table(*for_loss)).to(device)  # (K, K)
        self.offset = torch.as_tensor(targets.logit_offset(*for_loss)).to(device)  # (K,)
        layout = torch.channels_last if _has_convolution(job) else torch.contiguous_format
        self.net = self.built(layout)
        self.layout, self.half = layout, config.precision == "bf16"
        self.teachers = distillation.load(job, device)
        self.penalised = bool(job.spec.penalties)
        self.averaged = Averaged(self.net, config.ema) if config.ema else None
        self.optimizer = in_torch.of_config(self.net, config)
        self.slices = batches.batch_slices(len(train), config.batch_size, config.drop_last)
        self.rates = learning_rates(config, len(self.slices))
        self.journal = Journal(config, len(self.slices), job.label, job.progress, job.on_epoch)
        self.keeper = job.keeper()
        self.best: dict[str, np.ndarray] = {}

    def built(self, layout: torch.memory_format) -> nn.Module:
        """The network to train, with the weights of the seed, on the device."""
        net = torch_net.build(self.job.spec, seed=self.job.config.seed)
        return net.to(self.device, memory_format=layout)

    @property
    def nets(self) -> list[torch_net.TorchNet]:
        """What computes in a step: the network, and its teachers."""
        return [self.net, *(net for net, _ in self.teachers.nets)] if self.teachers else [self.net]

    @property
    def evaluated_net(self) -> nn.Module:
        """The averaged network where one is kept."""
        return self.averaged.net if self.averaged else self.net

    def inputs(self, pixels: torch.Tensor, generator: torch.Generator | None) -> torch.Tensor:
        """uint8 (B, 1, H, W) to the network's float input, augmented when a generator is given."""
        x = pixels.float().div_(255)
        if generator is not None:
            x = self.job.config.augment(x, generator)
        x = (x - self.scaling.mean) / self.scaling.std
        return x.contiguous(memory_format=self.layout)

    def logits(self, net: nn.Module, x: torch.Tensor) -> torch.Tensor:
        """Float32 (B, K), through bf16 where the configuration asks for it."""
        with torch.autocast(self.device.type, torch.bfloat16, enabled=self.half):
            return net(x).float()

    def epoch(self, epoch: int) -> None:
        """One pass over the training part, then the watched part, the journal and a checkpoint."""
        config, labels = self.job.config, self.job.parts.train.labels
        self.journal.begin_epoch()
        torch.manual_seed(batches.epoch_seed(config.seed, epoch))
        generator = torch.Generator(self.device)
        generator.manual_seed(batches.epoch_seed(config.seed, epoch))
        order = torch.as_tensor(sampling.epoch_order(labels, config, epoch)).to(self.device)
        mixes = [
            mix and mix._replace(partner=torch.as_tensor(mix.partner).to(self.device))
            for mix in targets.mixes(self.slices, config, epoch)
        ]
        loss_sum = torch.zeros((), device=self.device)
        correct = torch.zeros((), device=self.device, dtype=torch.int64)
        self.net.train()
        steps = len(self.slices)
        rates = self.rates[epoch * steps : (epoch + 1) * steps] * self.journal.rate_factor
        for rate, where, mix in zip(rates, self.slices, mixes, strict=True):
            loss, right = self.step(order[where], float(rate), generator, mix)
            loss_sum += loss
            correct += right
            self.journal.bar.update()
        seen = self.slices[-1].stop
        row = {
            "learning_rate": float(rates[-1]),
            "train_loss": loss_sum.item() / seen,
            "train_accuracy": correct.item() / seen,
        }
        if (watched := self.job.parts.watched) is not None:
            row |= watched_figures(self.predict(watched.images), watched)
        if self.journal.end_epoch(row) and config.early_stopping:
            self.best = torch_net.weights(self.evaluated_net)
        if self.job.checkpoint:
            self.keeper.keep(self.arrays(), self.journal.state())

    def step(
        self,
        chosen: torch.Tensor,
        rate: float,
        generator: torch.Generator | None,
        mix: targets.Mix | None = None,
    ) -> tuple[torch.Tensor, torch.Tensor]:
        """One step on the images `chosen`; the batch's summed loss and number right, on device."""
        for group in self.optimizer.param_groups:
            group["lr"] = rate
        x = targets.mixed(self.inputs(self.images[chosen], generator), mix)
        self.optimizer.zero_grad(set_to_none=True)
        loss, right = self.backward(x, chosen, mix)
        if radius := self.job.config.sam:
            with sharpness.uphill(self.net, radius):
                self.backward(x, chosen, mix)
        self.optimizer.step()
        if self.averaged:
            self.averaged.update()
        return loss, right

    def backward(
        self, x: torch.Tensor, chosen: torch.Tensor, mix: targets.Mix | None
    ) -> tuple[torch.Tensor, torch.Tensor]:
        """Add the gradients of a batch's loss, and return what `step` does."""
        logits = self.logits(self.net, x)
        each, right = self.scored(logits, chosen, mix)
        if self.teachers:
            each = self.teachers.mixed_in(each, logits, self.teachers.answer(x))
        loss = each.mean()
        if self.penalised:
            loss = loss + torch_net.penalty(self.net)
        loss.backward()
        return each.detach().sum(), right

    def scored(
        self, logits: torch.Tensor, chosen: torch.Tensor, mix: targets.Mix | None
    ) -> tuple[torch.Tensor, torch.Tensor]:
        """The loss of each of the images `chosen` (B,), and the number right, from their logits."""
        labels = self.labels[chosen]
        wanted = targets.mixed(self.targets[labels], mix)
        each = losses(logits, wanted, self.offset, self.job.config.focal_gamma)
        return each, (logits.argmax(1) == labels).sum()

    @torch.inference_mode()
    def predict(self, images: np.ndarray) -> np.ndarray:
        """Logits, float32 (n, K), of uint8 images (n, H, W) in evaluation mode."""
        net = self.evaluated_net.eval()
        parts = []
        for start in range(0, len(images), PREDICT_BATCH):
            pixels = torch.as_tensor(np.array(images[start : start + PREDICT_BATCH])[:, None])
            parts.append(self.logits(net, self.inputs(pixels.to(self.device), None)).cpu())
        return torch.cat(parts).numpy()

    def arrays(self) -> dict[str, np.ndarray]:
        """Every array a resumed run needs."""
        found = {f"net/{name}": value for name, value in self.net.state_dict().items()}
        if self.averaged:
            averages = self.averaged.net.state_dict()
            found |= {f"ema/{name}": value for name, value in averages.items()}
        state = in_torch.state(self.optimizer)
        found |= {f"optimizer/{name}": value for name, value in state.items()}
        arrays = {name: torch.as_tensor(value).cpu().numpy() for name, value in found.items()}
        return arrays | {f"best/{name}": value for name, value in self.best.items()}

    def resume(self) -> None:
        """Take over a checkpoint's arrays and journal."""
        saved = self.job.saved()
        if saved is None:
            return
        arrays, state = saved
        self.journal.restore(state)
        self.best = below(arrays, "best/")
        tensors = {name: torch.as_tensor(value) for name, value in arrays.items()}
        self.net.load_state_dict(below(tensors, "net/"))
        if self.averaged:
            self.averaged.load(below(tensors, "ema/"))
        in_torch.restore(self.optimizer, below(tensors, "optimizer/"))


def _has_convolution(job: Job) -> bool:
    return any(isinstance(placed.layer, Conv) for placed in job.spec.placed)
