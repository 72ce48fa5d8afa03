"""Which pixels a network's answer hangs on: four maps, computed by Captum.

Conventions. A network takes pixels in 0..1 and gives logits, as `PixelNet` does. Faces are grey,
uint8 (N, H, W); targets int (N,) are the classes asked about. A map is float32 (N, H, W): large
where the face speaks for the target, below zero where it speaks against it (never so in saliency
and Grad-CAM).

- "saliency": how much the logit moves with a pixel, |d logit / d pixel| (Simonyan, Vedaldi &
  Zisserman 2014);
- "integrated gradients": pixel minus grey, times the mean gradient of the logit on the straight way
  from a grey picture to the face; all of it adds up to the logit's rise (Sundararajan, Taly & Yan
  2017);
- "Grad-CAM": the maps of one layer, each weighted by the mean gradient of the logit over it, added
  up, cut off below zero, enlarged to the face (Selvaraju et al. 2017);
- "occlusion": how far the probability falls when a grey square covers the pixel, mean of the
  squares that do (Zeiler & Fergus 2014).

Captum: Kokhlikyan et al. 2020.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
import torch
from torch import Tensor, nn

from fer_utils.data.dataset import FaceDataset
from fer_utils.models.pixel_net import pixels

try:
    from captum import attr
except ImportError as error:
    raise ImportError(
        "the maps of chapter 11 need Captum: pip install -c constraints.txt -e '.[interpret]'"
    ) from error

METHODS = ("saliency", "integrated gradients", "Grad-CAM", "occlusion")
BATCH = 32  # faces at a time; more are slower on a CPU


@dataclass(frozen=True)
class Explainer:
    """A network and what the maps need beside it."""

    net: nn.Module
    layer: nn.Module  # of the network: whose maps Grad-CAM weighs
    grey: float = 0.5  # what says nothing, in 0..1: the training pictures' mean, best
    steps: int = 16  # of the way that integrated gradients goes
    window: int = 12  # side of occlusion's square, pixels
    stride: int = 6  # pixels from one square to the next

    def maps(self, method: str, faces: np.ndarray, targets: Sequence[int]) -> np.ndarray:
        """The maps of one method. ValueError for an unknown one, or not a target a face."""
        if method not in METHODS:
            raise ValueError(f"method={method!r}: expected one of {', '.join(METHODS)}")
        if len(faces) != len(targets):
            raise ValueError(f"{len(faces)} faces and {len(targets)} targets: give one a face")
        of_batch = {
            "saliency": self._saliency,
            "integrated gradients": self._integrated_gradients,
            "Grad-CAM": self._grad_cam,
            "occlusion": self._occlusion,
        }[method]
        target = torch.as_tensor(np.asarray(targets), dtype=torch.int64)
        made = np.zeros(faces.shape, np.float32)
        for start in range(0, len(faces), BATCH):
            part = slice(start, start + BATCH)
            found = of_batch(pixels(faces[part]).requires_grad_(), target[part])
            made[part] = found.detach()[:, 0].numpy()
        return made

    def _saliency(self, x: Tensor, target: Tensor) -> Tensor:
        return attr.Saliency(self.net).attribute(x, target=target)

    def _integrated_gradients(self, x: Tensor, target: Tensor) -> Tensor:
        return attr.IntegratedGradients(self.net).attribute(
            x, self.grey, target, n_steps=self.steps, internal_batch_size=BATCH
        )

    def _grad_cam(self, x: Tensor, target: Tensor) -> Tensor:
        coarse = attr.LayerGradCam(self.net, self.layer).attribute(
            x, target, relu_attributions=True
        )
        return attr.LayerAttribution.interpolate(coarse, tuple(x.shape[2:]), "bilinear")

    def _occlusion(self, x: Tensor, target: Tensor) -> Tensor:
        with torch.inference_mode():
            return attr.Occlusion(self._probabilities).attribute(
                x.detach(), (1, self.window, self.window), (1, self.stride, self.stride),
                self.grey, target,
            )  # fmt: skip

    def _probabilities(self, x: Tensor) -> Tensor:
        return self.net(x).softmax(1)


def probabilities(net: nn.Module, faces: np.ndarray) -> np.ndarray:
    """float32 (N, K), rows sum to 1."""
    return outputs(net, faces, softmax=True)


def outputs(net: nn.Module, faces: np.ndarray, softmax: bool = False) -> np.ndarray:
    """What a network, or the first layers of one (`PixelNet.until`), makes of faces, in batches."""
    parts = []
    with torch.inference_mode():
        for start in range(0, len(faces), BATCH):
            made = net(pixels(faces[start : start + BATCH]))
            parts.append((made.softmax(1) if softmax else made).contiguous().numpy())
    if not parts:
        raise ValueError("no face given: expected at least one")
    return np.concatenate(parts)


def read_as_labelled(net: nn.Module, part: FaceDataset, n: int, look: int = 3) -> FaceDataset:
    """Of each class the first `n` faces that the network reads as labelled, class by class.

    Looks at the first `look * n` faces of a class only, so there may be fewer, or none.
    """
    rows = [np.flatnonzero(part.labels == k)[: look * n] for k in range(len(part.classes))]
    some = part.take(np.concatenate(rows))
    right = some.take(np.flatnonzero(probabilities(net, some.images).argmax(1) == some.labels))
    kept = [np.flatnonzero(right.labels == k)[:n] for k in range(len(part.classes))]
    return right.take(np.concatenate(kept))


def mean_map(maps: np.ndarray, mirrored: bool = False) -> np.ndarray:
    """The mean of maps (N, H, W), each first divided by its largest size, so that all count alike.

    mirrored: and of their mirror images, since both halves of a face show what it shows. A map
    that is zero everywhere stays zero.
    """
    largest = np.abs(maps).max(axis=(1, 2), keepdims=True)
    mean = (maps / np.where(largest > 0, largest, 1)).mean(0)
    return (mean + mean[:, ::-1]) / 2 if mirrored else mean
