"""SqueezeNet 1.1 in Keras (Iandola et al. 2016): 722,496 parameters without its classifier.

A *fire* squeezes to few channels with 1x1 convolutions, then expands with 1x1 and 3x3 ones side by
side. All padding but that of the 3x3 expansions is "valid", as in the published weights. Layers
have the names of those weights with "_" for "/": "fire2_squeeze1x1".
"""

from __future__ import annotations

from pathlib import Path
from typing import Any

import keras
import numpy as np
from keras import layers as kl

FIRES = {  # number of the fire: channels squeezed to, and channels of each expansion
    2: (16, 64), 3: (16, 64), 4: (32, 128), 5: (32, 128),
    6: (48, 192), 7: (48, 192), 8: (64, 256), 9: (64, 256),
}  # fmt: skip
POOL_BEFORE = {2: "pool1", 4: "pool3", 6: "pool5"}


def squeezenet(images: Any) -> keras.Model:
    """The network on `images`, a Keras tensor (N, H, W, 3), up to the last fire: (N, h, w, 512).

    Weights start by He's uniform rule, biases at 0, drawn from Keras' global generator. Raises
    ValueError, of Keras, where the images have too few pixels: 31 is the least.
    """
    x = _conv(64, 3, "conv1", strides=2, padding="valid")(images)
    for number, (narrow, wide) in FIRES.items():
        if number in POOL_BEFORE:
            x = kl.MaxPooling2D(3, 2, data_format="channels_last", name=POOL_BEFORE[number])(x)
        squeezed = _conv(narrow, 1, f"fire{number}_squeeze1x1")(x)
        expanded = [_conv(wide, k, f"fire{number}_expand{k}x{k}")(squeezed) for k in (1, 3)]
        x = kl.Concatenate(axis=-1, name=f"fire{number}_concat")(expanded)
    sources = keras.utils.get_source_inputs(images)
    return keras.Model(sources, x, name="squeezenet")


def _conv(filters: int, kernel: int, name: str, **settings: Any) -> kl.Conv2D:
    return kl.Conv2D(
        filters,
        kernel,
        activation="relu",
        kernel_initializer="he_uniform",
        data_format="channels_last",
        name=name,
        **{"padding": "same", **settings},
    )


def load_old_weights(model: keras.Model, path: str | Path) -> None:
    """Copy the published ImageNet weights, an HDF5 file of Keras 1, into `model`.

    Keras no longer reads it: its groups are nested ("fire2/squeeze1x1") and its arrays, a kernel
    (h, w, in, out) and a bias (out,), have names without a rule. They are told by their shapes.
    Raises ValueError naming the layer whose weights are missing or of another shape; the model is
    then unchanged.
    """
    import h5py  # comes with Keras, but a GPU node's image may lack it

    found: dict[str, dict[int, np.ndarray]] = {}

    def visit(name: str, entry: Any) -> None:
        if isinstance(entry, h5py.Dataset):
            parts = name.split("/")
            layer = parts[0] if parts[0] == "conv1" else "_".join(parts[:2])
            found.setdefault(layer, {})[entry.ndim] = np.asarray(entry, np.float32)

    with h5py.File(path, "r") as file:
        file.visititems(visit)
    pairs = []
    for layer in [layer for layer in model.layers if isinstance(layer, kl.Conv2D)]:
        for variable in (layer.kernel, layer.bias):
            array = found.get(layer.name, {}).get(len(variable.shape))
            if array is None or array.shape != tuple(variable.shape):
                has = "nothing" if array is None else f"shape {array.shape}"
                raise ValueError(
                    f"{path}: layer {layer.name} needs {variable.name} of shape "
                    f"{tuple(variable.shape)}, the file has {has}; it is not SqueezeNet 1.1's"
                )
            pairs.append((variable, array))
    for variable, array in pairs:
        variable.assign(array)
