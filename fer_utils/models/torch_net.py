"""A `NetSpec` as a Torch network, and its weights as the neutral dictionary of `initial.py`.

Inputs are (N, C, H, W) float, outputs logits (N, classes). Flatten goes through (N, H, W, C), the
order of Keras, which costs nothing in channels-last memory. Paddings are worked out when building,
so forward has no branches on data: it compiles whole, runs under bf16 autocast and keeps
channels-last. Under autocast the logits come out in bf16: the loss takes `logits.float()`.
BatchNorm of a vector needs batches of at least two images while training.
"""

from __future__ import annotations

from collections import OrderedDict
from collections.abc import Iterator, Sequence

import numpy as np
import torch
import torch.nn.functional as F
from torch import Tensor, nn

from fer_utils.models import layers as records
from fer_utils.models.initial import check_weights, initial_weights
from fer_utils.models.layer_base import Layer, Shape, same_padding
from fer_utils.models.spec import NetSpec

_ACTIVATIONS = {
    "relu": nn.ReLU,
    "elu": nn.ELU,
    "silu": nn.SiLU,
    "gelu": nn.GELU,
    "tanh": nn.Tanh,
    "sigmoid": nn.Sigmoid,
    "linear": nn.Identity,
}
_NAMES = (  # (module type, {Torch's name: neutral name})
    (nn.Conv2d, {"weight": "kernel", "bias": "bias"}),
    (nn.Linear, {"weight": "kernel", "bias": "bias"}),
    (
        nn.modules.batchnorm._BatchNorm,
        {
            "weight": "scale",
            "bias": "offset",
            "running_mean": "mean",
            "running_var": "variance",
        },
    ),
)


class TorchNet(nn.Sequential):
    """The network of `spec`, one child per layer named by its key; made by `build`."""

    def __init__(self, spec: NetSpec) -> None:
        super().__init__(_modules(spec.layers, spec.input_shape))
        self.spec = spec

    def forward(self, images: Tensor) -> Tensor:
        """Logits (N, classes) of images (N, C, H, W); ValueError for another image shape."""
        height, width, channels = self.spec.input_shape
        if images.shape[1:] != (channels, height, width):
            raise ValueError(
                f"expected images (N, {channels}, {height}, {width}), "
                f"got {tuple(images.shape)}; the Torch network takes channels before height"
            )
        return super().forward(images)

    def __getitem__(self, index: int | slice) -> nn.Module:
        """A layer, or a plain Sequential of some of the layers, sharing their weights."""
        if isinstance(index, slice):
            return nn.Sequential(OrderedDict(list(self.named_children())[index]))
        return super().__getitem__(index)


def build(spec: NetSpec, seed: int | None = None) -> TorchNet:
    """A network in float32 on the CPU, in training mode, with `initial_weights(spec, seed)`.

    Reads and changes no global random state; Torch's seed has no say in the weights (dropout later
    does draw from Torch's generator).
    """
    with torch.random.fork_rng(devices=[]), torch.device("cpu"):
        net = TorchNet(spec).float()
    set_weights(net, initial_weights(spec, seed))
    return net


def weights(net: nn.Module) -> dict[str, np.ndarray]:
    """Copies of all weights and running statistics, float32, by neutral key."""
    result = {}
    for key, tensor in _tensors(net):
        values = tensor.detach().to("cpu", torch.float32)
        result[key] = np.array(_turned(values, to_torch=False), order="C")
    return result


def set_weights(net: nn.Module, values: dict[str, np.ndarray]) -> None:
    """Copies `values` in; ValueError naming a missing, unknown or wrongly shaped key."""
    tensors = dict(_tensors(net))
    check_weights({k: tuple(_turned(t, to_torch=False).shape) for k, t in tensors.items()}, values)
    with torch.no_grad():
        for key, tensor in tensors.items():
            given = torch.from_numpy(np.array(values[key], dtype=np.float32))
            tensor.copy_(_turned(given, to_torch=True))


def penalty(net: nn.Module) -> Tensor:
    """Sum of l2 * sum(kernel ** 2) over the layers that have an l2, on the network's device."""
    net = getattr(net, "_orig_mod", net)  # what torch.compile wrapped
    total = torch.zeros((), device=next(net.parameters()).device)
    for key, l2 in net.spec.penalties.items():
        total = total + l2 * net.get_submodule(key.replace("/", ".")).weight.square().sum()
    return total


class PaddedConv2d(nn.Conv2d):
    """Convolution with unequal zero padding (left, right, top, bottom) before it."""

    def __init__(self, *args, edges: tuple[int, int, int, int], **settings) -> None:
        super().__init__(*args, **settings)
        self.edges = edges

    def forward(self, images: Tensor) -> Tensor:
        return super().forward(F.pad(images, self.edges))


class PaddedMaxPool2d(nn.MaxPool2d):
    """Max-pooling with unequal padding of -inf (left, right, top, bottom) before it."""

    def __init__(self, *args, edges: tuple[int, int, int, int]) -> None:
        super().__init__(*args)
        self.edges = edges

    def forward(self, images: Tensor) -> Tensor:
        return super().forward(F.pad(images, self.edges, value=float("-inf")))


class GlobalAvgPool(nn.Module):
    """(N, C, H, W) to (N, C), the mean over pixels."""

    def forward(self, images: Tensor) -> Tensor:
        return images.mean(dim=(2, 3))


class FlattenHWC(nn.Module):
    """(N, C, H, W) to (N, H * W * C), channels fastest."""

    def forward(self, images: Tensor) -> Tensor:
        return images.permute(0, 2, 3, 1).flatten(1)


class SqueezeExcite(nn.Module):
    """Channels weighted by a gate computed from their means (Hu et al. 2018)."""

    def __init__(self, channels: int, hidden: int) -> None:
        super().__init__()
        self.reduce = nn.Linear(channels, hidden)
        self.expand = nn.Linear(hidden, channels)

    def forward(self, images: Tensor) -> Tensor:
        gate = torch.sigmoid(self.expand(torch.relu(self.reduce(images.mean(dim=(2, 3))))))
        return images * gate[:, :, None, None]


class Residual(nn.Module):
    """body(x) + shortcut(x); an empty shortcut passes x on."""

    def __init__(self, body: OrderedDict, shortcut: OrderedDict) -> None:
        super().__init__()
        self.body = nn.Sequential(body)
        self.shortcut = nn.Sequential(shortcut)

    def forward(self, images: Tensor) -> Tensor:
        return self.body(images) + self.shortcut(images)


def _modules(layers: Sequence[Layer], shape: Shape) -> OrderedDict[str, nn.Module]:
    modules = OrderedDict()
    for index, layer in enumerate(layers):
        modules[f"{index:02d}_{layer.kind}"] = _module(layer, shape)
        shape = layer.output_shape(shape)
    return modules


def _module(layer: Layer, shape: Shape) -> nn.Module:
    channels = shape[-1]
    match layer:
        case records.Conv():
            return _conv(layer, shape)
        case records.BatchNorm():
            kind = nn.BatchNorm2d if len(shape) == 3 else nn.BatchNorm1d
            return kind(channels, eps=layer.epsilon, momentum=layer.momentum)
        case records.Act(name="leaky_relu"):
            return nn.LeakyReLU(layer.slope)
        case records.Act():
            return _ACTIVATIONS[layer.name]()
        case records.Dropout():
            return nn.Dropout(layer.rate)
        case records.MaxPool():
            return _max_pool(layer, shape)
        case records.GlobalAvgPool():
            return GlobalAvgPool()
        case records.Flatten():
            return FlattenHWC()
        case records.Dense():
            return nn.Linear(channels, layer.units, bias=layer.bias)
        case records.SqueezeExcite():
            return SqueezeExcite(channels, layer.hidden(shape))
        case records.Residual():
            return Residual(_modules(layer.body, shape), _modules(layer.shortcut, shape))
    raise ValueError(f"no Torch module for the layer {layer!r}")


def _edges(shape: Shape, window: int, stride: int, padding: str) -> tuple[int, int, int, int]:
    """Padding (left, right, top, bottom) in pixels, the order of `F.pad`."""
    if padding == "valid":
        return 0, 0, 0, 0
    return same_padding(shape[1], window, stride) + same_padding(shape[0], window, stride)


def _conv(layer: records.Conv, shape: Shape) -> nn.Conv2d:
    edges = _edges(shape, layer.kernel, layer.stride, layer.padding)
    size = (shape[-1], layer.filters, layer.kernel, layer.stride)
    if edges[0] == edges[1] and edges[2] == edges[3]:
        return nn.Conv2d(*size, padding=(edges[2], edges[0]), bias=layer.bias)
    return PaddedConv2d(*size, edges=edges, bias=layer.bias)


def _max_pool(layer: records.MaxPool, shape: Shape) -> nn.MaxPool2d:
    edges = _edges(shape, layer.size, layer.step, layer.padding)
    if edges[0] == edges[1] and edges[2] == edges[3]:
        return nn.MaxPool2d(layer.size, layer.step, padding=(edges[2], edges[0]))
    return PaddedMaxPool2d(layer.size, layer.step, edges=edges)


def _tensors(net: nn.Module) -> Iterator[tuple[str, Tensor]]:
    """(neutral key, tensor) of every weight and running statistic, in the spec's order."""
    net = getattr(net, "_orig_mod", net)  # what torch.compile wrapped
    for path, module in net.named_modules():
        for kind, names in _NAMES:
            if isinstance(module, kind):
                for name, neutral in names.items():
                    if (tensor := getattr(module, name)) is not None:
                        yield f"{path}/{neutral}".replace(".", "/"), tensor


def _turned(tensor: Tensor, to_torch: bool) -> Tensor:
    """Kernels between (kh, kw, in, out) and Torch's (out, in, kh, kw), (in, out) and (out, in)."""
    if tensor.ndim == 4:
        return tensor.permute((3, 2, 0, 1) if to_torch else (2, 3, 1, 0))
    return tensor.T if tensor.ndim == 2 else tensor
