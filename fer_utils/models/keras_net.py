"""A `NetSpec` as a Keras model, and its weights as the neutral dictionary of `initial.py`.

Inputs are (N, H, W, C) float, whatever `image_data_format` says, outputs logits (N, classes) in
float32. Layers are named by the spec's keys with "__" for "/", which Keras does not allow in names:
"07_residual__body__00_conv". Written in Keras alone, for the TensorFlow, JAX and Torch backends.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence
from typing import Any

import keras
import numpy as np
from keras import layers as kl

from fer_utils.models import layers as records
from fer_utils.models.initial import check_weights, initial_weights
from fer_utils.models.layers import Layer, Shape
from fer_utils.models.spec import NetSpec

SEPARATOR = "__"
_POLICIES = {"float32": "float32", "bf16": "mixed_bfloat16"}
_KERNEL_NAMES = {"kernel": "kernel", "bias": "bias"}
_NAMES = {  # layer type: {Keras' name: neutral name}
    kl.Conv2D: _KERNEL_NAMES,
    kl.Dense: _KERNEL_NAMES,
    kl.BatchNormalization: {
        "gamma": "scale",
        "beta": "offset",
        "moving_mean": "mean",
        "moving_variance": "variance",
    },
}


def build(spec: NetSpec, seed: int | None = None, precision: str = "float32") -> keras.Model:
    """A functional model, not compiled, with `initial_weights(spec, seed)`.

    `precision` "bf16" computes in bfloat16 and keeps weights and logits in float32; it is set layer
    by layer, the global policy stays as it is. `seed` also seeds each dropout. Reads and changes no
    global random state.
    """
    images = keras.Input(spec.input_shape, dtype="float32", name="images")
    model = keras.Model(images, attach(spec, images, seed, precision), name=spec.name)
    set_weights(model, initial_weights(spec, seed))
    return model


def attach(
    spec: NetSpec, images: Any, seed: int | None = None, precision: str = "float32", prefix=""
) -> Any:
    """The logits of `spec` on a Keras tensor (N, H, W, C), all kernels and biases 0.

    `prefix` goes before every layer's key.
    """
    policy = policy_of(precision)
    maker = _Maker(policy, np.random.default_rng(None if seed is None else [seed, 1]))
    features = maker.apply(spec.layers[:-1], images, spec.input_shape, prefix)
    last = spec.placed[-1]
    maker.policy = keras.DTypePolicy("float32")
    return maker.layer(last.layer, prefix + last.key, last.input_shape)(features)


def policy_of(precision: str) -> keras.DTypePolicy:
    """Keras' policy of a precision; ValueError for an unknown one."""
    if precision not in _POLICIES:
        raise ValueError(f"unknown precision {precision!r}; expected 'float32' or 'bf16'")
    return keras.DTypePolicy(_POLICIES[precision])


def weights(model: keras.Model) -> dict[str, np.ndarray]:
    """Copies of all weights and running statistics, float32, by neutral key."""
    return {
        key: np.array(keras.ops.convert_to_numpy(variable.value), np.float32, order="C")
        for key, variable in _variables(model)
    }


def set_weights(model: keras.Model, values: dict[str, np.ndarray]) -> None:
    """Copies `values` in; ValueError naming a missing, unknown or wrongly shaped key."""
    variables = dict(_variables(model))
    check_weights({key: tuple(v.shape) for key, v in variables.items()}, values)
    for key, variable in variables.items():
        variable.assign(np.asarray(values[key], np.float32))


class _Maker:
    """Makes Keras layers of one dtype policy, seeding dropouts from one generator."""

    def __init__(self, policy: keras.DTypePolicy, rng: np.random.Generator) -> None:
        self.policy = policy
        self.rng = rng

    def apply(self, layers: Sequence[Layer], images: Any, shape: Shape, prefix: str = "") -> Any:
        """The output tensor of `layers` on the tensor `images`, of `shape` without the batch."""
        for index, layer in enumerate(layers):
            images = self.layer(layer, f"{prefix}{index:02d}_{layer.kind}", shape)(images)
            shape = layer.output_shape(shape)
        return images

    def layer(self, layer: Layer, key: str, shape: Shape) -> Callable[[Any], Any]:
        """A Keras layer, or a function that applies several."""
        common = {"name": key.replace("/", SEPARATOR), "dtype": self.policy}
        match layer:
            case records.Conv():
                return kl.Conv2D(
                    layer.filters,
                    layer.kernel,
                    layer.stride,
                    layer.padding,
                    data_format="channels_last",
                    use_bias=layer.bias,
                    kernel_initializer="zeros",  # overwritten by the initial weights
                    kernel_regularizer=_regulariser(layer.l2),
                    **common,
                )
            case records.BatchNorm():
                return kl.BatchNormalization(
                    axis=-1, momentum=1 - layer.momentum, epsilon=layer.epsilon, **common
                )
            case records.Act(name="leaky_relu"):
                return kl.LeakyReLU(negative_slope=layer.slope, **common)
            case records.Act():
                return kl.Activation(layer.name, **common)
            case records.Dropout():
                return kl.Dropout(layer.rate, seed=int(self.rng.integers(2**31)), **common)
            case records.MaxPool():
                return kl.MaxPooling2D(
                    layer.size, layer.step, layer.padding, data_format="channels_last", **common
                )
            case records.GlobalAvgPool():
                return kl.GlobalAveragePooling2D(data_format="channels_last", **common)
            case records.Flatten():
                return kl.Flatten(data_format="channels_last", **common)
            case records.Dense():
                return self._dense(layer.units, layer.bias, layer.l2, **common)
            case records.SqueezeExcite():
                return lambda images: self._squeeze_excite(layer, images, shape, **common)
            case records.Residual():
                return lambda images: self._residual(layer, key, images, shape, **common)
        raise ValueError(f"no Keras layer for {layer!r}")

    def _dense(self, units: int, bias: bool = True, l2: float = 0.0, **common: Any) -> kl.Dense:
        return kl.Dense(
            units,
            use_bias=bias,
            kernel_initializer="zeros",
            kernel_regularizer=_regulariser(l2),
            **common,
        )

    def _squeeze_excite(
        self, layer: records.SqueezeExcite, images: Any, shape: Shape, name: str, dtype: Any
    ) -> Any:
        def named(part: str) -> dict:
            return {"name": f"{name}{SEPARATOR}{part}", "dtype": dtype}

        gate = kl.GlobalAveragePooling2D(data_format="channels_last", **named("mean"))(images)
        gate = self._dense(layer.hidden(shape), **named("reduce"))(gate)
        gate = kl.Activation("relu", **named("relu"))(gate)
        gate = self._dense(shape[-1], **named("expand"))(gate)
        gate = kl.Activation("sigmoid", **named("sigmoid"))(gate)
        gate = kl.Reshape((1, 1, shape[-1]), **named("gate"))(gate)
        return kl.Multiply(name=name, dtype=dtype)([images, gate])

    def _residual(
        self, layer: records.Residual, key: str, images: Any, shape: Shape, **common: Any
    ) -> Any:
        body = self.apply(layer.body, images, shape, f"{key}/body/")
        shortcut = self.apply(layer.shortcut, images, shape, f"{key}/shortcut/")
        return kl.Add(**common)([body, shortcut])


def _regulariser(l2: float) -> keras.regularizers.Regularizer | None:
    return keras.regularizers.L2(l2) if l2 else None


def variables(layer: kl.Layer) -> Iterator[tuple[str, keras.Variable]]:
    """(neutral key, variable) of every weight and running statistic of a layer made here."""
    for name, neutral in _NAMES.get(type(layer), {}).items():
        if (variable := getattr(layer, name)) is not None:
            yield f"{layer.name.replace(SEPARATOR, '/')}/{neutral}", variable


def _variables(model: keras.Model) -> Iterator[tuple[str, keras.Variable]]:
    """Those of all layers of a model."""
    for layer in model.layers:
        yield from variables(layer)
