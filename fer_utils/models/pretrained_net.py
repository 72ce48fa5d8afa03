"""A `PretrainedSpec` as a Keras model, on any backend, and what of it learns.

One flat model: the way in ("in__..."), the backbone's layers under their own names, the head
("head__00_flatten", ...). The input is (N, 48, 48, 1) float, pixels 0 to 255, the output logits
(N, classes) in float32. Weights are one dictionary, "conv1/kernel", "head/02_dense/kernel".
"""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any

import keras
import numpy as np
from keras import layers as kl

from fer_utils.models import imagenet_weights, keras_net
from fer_utils.models.initial import check_weights, initial_weights
from fer_utils.models.pretrained import PretrainedSpec
from fer_utils.models.squeezenet import load_old_weights, squeezenet

IN, HEAD = "in" + keras_net.SEPARATOR, "head" + keras_net.SEPARATOR


def build(spec: PretrainedSpec, seed: int | None = None, precision: str = "float32") -> keras.Model:
    """The model, not compiled, all of it trainable unless the spec is frozen.

    Weights "imagenet" are those of `imagenet_weights.fetch`, which says what it raises; "random"
    ones, and the head's, follow from `seed`, which also seeds Python's, NumPy's and Keras' global
    generators. `precision` as in `keras_net.build`.
    """
    policy = keras_net.policy_of(precision)
    file = imagenet_weights.fetch(spec.body.weights) if spec.weights == "imagenet" else None
    if seed is not None:
        keras.utils.set_random_seed(seed)
    pixels = keras.Input(spec.input_shape, dtype="float32", name=f"{IN}pixels")
    with _global_policy(policy):
        body = _backbone(spec, _way_in(spec, pixels))
    if file is not None:
        load_old_weights(body, file) if spec.backbone == "squeezenet" else body.load_weights(file)
    head = keras_net.attach(spec.head_spec, body.output, seed, precision, "head/")
    model = keras.Model(pixels, head, name=spec.name)
    first = initial_weights(spec.head_spec, seed)
    set_weights(model, weights(model) | {f"head/{key}": value for key, value in first.items()})
    learn(model, 0 if spec.frozen else None)
    return model


def learn(model: keras.Model, unfrozen: int | None, batch_norm: bool = True) -> None:
    """Let the last `unfrozen` layers of the backbone learn (None: all), and the whole head.

    Layers without weights count too, as in `model.layers[-n:]`. `batch_norm` False keeps the
    backbone's batch normalisation as it is, scale, offset and running statistics. What does not
    learn works as if no training were going on. A compiled model has to be compiled again.
    ValueError where the backbone has fewer layers.
    """
    body = backbone_layers(model)
    if unfrozen is not None and not 0 <= unfrozen <= len(body):
        raise ValueError(f"unfrozen={unfrozen}: the backbone has {len(body)} layers")
    first = 0 if unfrozen is None else len(body) - unfrozen
    for index, layer in enumerate(body):
        kept = isinstance(layer, kl.BatchNormalization) and not batch_norm
        layer.trainable = index >= first and not kept


def backbone_layers(model: keras.Model) -> list[kl.Layer]:
    """The layers between the way in and the head, in order."""
    return [layer for layer in model.layers if not layer.name.startswith((IN, HEAD))]


def trainable_parameters(model: keras.Model) -> int:
    """Number of parameters that learn."""
    return sum(int(np.prod(variable.shape)) for variable in model.trainable_variables)


def multiplications(model: keras.Model) -> int:
    """Multiplications of weights with numbers, for one picture: convolutions and dense layers."""
    total = 0
    for layer in model.layers:
        if hasattr(layer, "kernel"):
            places = layer.output.shape[1:-1]  # of a dense layer there is one
            total += int(np.prod(layer.kernel.shape)) * int(np.prod(places))
    return total


def split(model: keras.Model) -> tuple[keras.Model | None, keras.Model]:
    """(front, rest): what comes before all that learns, and what follows it, sharing the layers.

    `front` gives from pixels the features that `rest` takes; it is None where the backbone learns
    from its first layer. The cut is the last place before the first layer that learns, or that
    the head draws at random in, where one tensor alone goes on.
    """
    layers = list(model.layers)
    moving = [
        index
        for index, layer in enumerate(layers)
        if layer.trainable_variables or (layer.name.startswith(HEAD) and _draws(layer))
    ]
    for layer in reversed(layers[: moving[0]]):
        if layer.name.startswith(IN):
            break
        if (rest := _behind(layer, model)) is not None:
            return keras.Model(model.input, layer.output), rest
    return None, model


def weights(model: keras.Model) -> dict[str, np.ndarray]:
    """Copies of all weights and running statistics, by layer and name."""
    return {
        key: np.array(keras.ops.convert_to_numpy(variable.value), order="C")
        for key, variable in _variables(model)
    }


def set_weights(model: keras.Model, values: dict[str, np.ndarray]) -> None:
    """Copies `values` in; ValueError naming a missing, unknown or wrongly shaped key."""
    variables = dict(_variables(model))
    check_weights({key: tuple(v.shape) for key, v in variables.items()}, values)
    for key, variable in variables.items():
        variable.assign(values[key])


def _way_in(spec: PretrainedSpec, pixels: Any) -> Any:
    """Grey pixels (N, 48, 48, 1) to what the backbone takes, (N, size, size, 3), in float32."""

    def options(name: str) -> dict:
        return {"name": f"{IN}{name}", "dtype": "float32", "data_format": "channels_last"}

    x = pixels
    if spec.size != spec.input_shape[0]:
        x = kl.Resizing(spec.size, spec.size, "bilinear", **options("scaled_up"))(x)
    x = kl.Concatenate(axis=-1, name=f"{IN}rgb", dtype="float32")([x, x, x])
    values = spec.value_range
    return kl.Rescaling(values.scale, list(values.offset), name=f"{IN}values", dtype="float32")(x)


def _backbone(spec: PretrainedSpec, images: Any) -> keras.Model:
    """The backbone on a Keras tensor, weights as drawn."""
    if spec.backbone == "squeezenet":
        return squeezenet(images)
    maker = getattr(keras.applications, spec.body.maker)
    return maker(include_top=False, weights=None, input_tensor=images)


def _behind(layer: kl.Layer, model: keras.Model) -> keras.Model | None:
    """The model from a layer's output on; None where something goes past that layer."""
    try:
        return keras.Model(layer.output, model.output)
    except ValueError:
        return None


def _draws(layer: kl.Layer) -> bool:
    return isinstance(layer, kl.Dropout)


def _variables(model: keras.Model) -> Iterator[tuple[str, keras.Variable]]:
    """(key, variable) of every weight; the head's by the neutral names of `initial`."""
    for layer in model.layers:
        if layer.name.startswith(HEAD):
            yield from keras_net.variables(layer)
        else:
            yield from ((f"{layer.name}/{variable.name}", variable) for variable in layer.weights)


@contextmanager
def _global_policy(policy: keras.DTypePolicy) -> Iterator[None]:
    """Within it Keras' layers take `policy`: those of `keras.applications` cannot be told it."""
    before = keras.config.dtype_policy()
    keras.config.set_dtype_policy(policy)
    try:
        yield
    finally:
        keras.config.set_dtype_policy(before)
