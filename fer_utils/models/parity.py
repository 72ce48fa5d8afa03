"""The same network in Torch and in Keras: weights carried across, logits compared.

In float32 the logits of the two agree to 1e-4; what is left is the order of additions. The Torch
side is compared on the CPU, so that no TF32 enters; the Keras side runs where its backend does.
"""

from __future__ import annotations

import copy

import keras
import numpy as np
import torch
from torch import nn

from fer_utils.models import keras_net, torch_net

Network = nn.Module | keras.Model


def _framework(network: Network):
    """The builder module of a network; on its Torch backend a Keras model is a Torch module too."""
    if isinstance(network, keras.Model):
        return keras_net
    if isinstance(network, nn.Module):
        return torch_net
    raise TypeError(f"expected a Torch module or a Keras model, got {type(network).__name__}")


def transfer(source: Network, target: Network) -> None:
    """Copies all weights and running statistics of `source` into `target`, either way.

    Dropout states and optimizers are not carried. ValueError, naming the layer, where the two are
    not the same network; `target` is then unchanged.
    """
    _framework(target).set_weights(target, _framework(source).weights(source))


def logit_difference(net: nn.Module, model: keras.Model, images: np.ndarray) -> float:
    """Largest absolute difference of the logits of `images`, float32 (N, H, W, C), in inference.

    Neither network changes: Torch computes on a copy in float32 on the CPU.
    """
    images = np.asarray(images, np.float32)
    if images.ndim != 4:
        raise ValueError(f"expected images (N, H, W, C), got {images.shape}")
    net = copy.deepcopy(getattr(net, "_orig_mod", net)).float().cpu().eval()
    with torch.no_grad():
        ours = net(torch.from_numpy(images).permute(0, 3, 1, 2)).numpy()
    theirs = keras.ops.convert_to_numpy(model(images, training=False))
    return float(np.abs(ours - theirs).max())
