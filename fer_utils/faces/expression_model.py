"""`ExpressionModel`: grey faces in, probabilities of the emotions out; one comes with the package.

The file is safetensors with float16 weights (as `models.parity` names them); its header holds the
network, the classes, the scaling of the pixels and the model card. No pickle, no download.
"""

from __future__ import annotations

import json
from dataclasses import dataclass, field
from math import isfinite
from pathlib import Path
from typing import TYPE_CHECKING

import numpy as np
from safetensors import SafetensorError, safe_open
from safetensors.numpy import save

from fer_utils.data.views import mean_probabilities
from fer_utils.models.initial import check_weights
from fer_utils.models.spec import NetSpec
from fer_utils.paths import atomic_write

if TYPE_CHECKING:
    from fer_utils.models.pixel_net import PixelNet
    from fer_utils.models.torch_net import TorchNet

DEFAULT = Path(__file__).parent / "default_model.safetensors"
BATCH = 64  # faces at a time: their maps stay in a CPU's cache


@dataclass(frozen=True)
class ExpressionModel:
    """A trained network with all it needs to read a face."""

    spec: NetSpec
    classes: tuple[str, ...]
    mean: float  # of the pixels in 0..1, subtracted
    std: float  # divides what is left
    weights: dict[str, np.ndarray] = field(repr=False)
    temperature: float = 1.0  # divides the logits; above 1 makes the model less sure
    mirrored: bool = True  # average the probabilities with those of the mirrored face
    card: dict = field(default_factory=dict, repr=False)  # data, recipe and figures, in words

    def __post_init__(self) -> None:
        scale = {"mean": self.mean, "std": self.std, "temperature": self.temperature}
        for name, value in scale.items():
            if isinstance(value, bool) or not isinstance(value, int | float) or not isfinite(value):
                raise ValueError(f"{name} is {value!r}: expected a finite number")
        if not (self.std > 0 and self.temperature > 0):
            raise ValueError(f"std {self.std}, temperature {self.temperature}: expected above 0")
        if len(self.classes) != self.spec.classes:
            raise ValueError(
                f"{len(self.classes)} classes, but the network gives {self.spec.classes} logits"
            )

    @classmethod
    def default(cls) -> ExpressionModel:
        """The model that comes with the package."""
        return cls.load(DEFAULT)

    @classmethod
    def load(cls, path: Path | str) -> ExpressionModel:
        """The model `save` wrote.

        Raises FileNotFoundError where there is none, ValueError when the file is no such model, is
        damaged, or holds weights of another network or values that are no numbers.
        """
        path = Path(path)
        if not path.is_file():
            raise FileNotFoundError(f"no expression model at {path}")
        try:
            with safe_open(path, framework="numpy") as file:
                header = json.loads((file.metadata() or {})["expression_model"])
                weights = {name: file.get_tensor(name) for name in file.keys()}  # noqa: SIM118
            spec, classes = NetSpec.from_dict(header.pop("spec")), tuple(header.pop("classes"))
            check_weights({key: v.shape for key, v in spec.variables().items()}, weights)
            if bad := [key for key, values in weights.items() if not np.isfinite(values).all()]:
                raise ValueError(f"weights: {bad[0]!r} holds values that are no finite numbers")
            return cls(spec, classes, weights=weights, **header)
        except (SafetensorError, KeyError, TypeError, AttributeError, ValueError) as error:
            raise ValueError(f"{path} is no expression model, or damaged: {error}") from error

    def save(self, path: Path | str) -> None:
        """Write the model whole or not at all, its weights in float16."""
        header = {
            "spec": self.spec.to_dict(),
            "classes": list(self.classes),
            "mean": self.mean,
            "std": self.std,
            "temperature": self.temperature,
            "mirrored": self.mirrored,
            "card": self.card,
        }
        halves = {k: np.array(v, np.float16, order="C") for k, v in self.weights.items()}
        metadata = {"expression_model": json.dumps(header)}
        atomic_write(Path(path), save(halves, metadata=metadata))

    def probabilities(self, faces: np.ndarray, views: str = "") -> np.ndarray:
        """Float32 (N, K), rows summing to 1, of grey faces uint8 (N, H, W) of the network's size.

        views: how each face is seen (see `data.views`), by default as `mirrored` says. Raises
        ValueError for an array of another shape or dtype and for unknown views.
        """
        views = views or ("mirrored" if self.mirrored else "plain")
        faces = np.asarray(faces)
        size = self.spec.input_shape[:2]
        if faces.ndim != 3 or faces.shape[1:] != size or faces.dtype != np.uint8:
            raise ValueError(
                f"expected grey faces uint8 (N, {size[0]}, {size[1]}), got {faces.dtype} "
                f"{faces.shape}; `faces.crop` cuts them out so"
            )
        parts = [
            mean_probabilities(self._batch, faces[i : i + BATCH], views)
            for i in range(0, len(faces), BATCH)
        ]
        return np.concatenate([np.zeros((0, len(self.classes))), *parts]).astype(np.float32)

    def pixel_net(self) -> PixelNet:
        """The network with its scaling and temperature, to look into; it does not mirror."""
        from fer_utils.models.pixel_net import PixelNet

        return PixelNet(self._net, self.mean, self.std, self.temperature)

    def _batch(self, faces: np.ndarray) -> np.ndarray:
        import torch

        x = torch.from_numpy(faces.astype(np.float32) / 255)[:, None]
        with torch.inference_mode():
            logits = self._net((x - self.mean) / self.std)
            return (logits / self.temperature).softmax(1).numpy()

    @property
    def _net(self) -> TorchNet:
        """Built at the first use and kept."""
        if "_built" not in self.__dict__:
            import torch

            from fer_utils.models import torch_net

            net = torch_net.build(self.spec)
            full = {name: value.astype(np.float32) for name, value in self.weights.items()}
            torch_net.set_weights(net, full)
            self.__dict__["_built"] = net.eval().to(memory_format=torch.channels_last)
        return self.__dict__["_built"]
