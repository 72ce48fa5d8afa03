"""The Keras builder: names, counts, precision, seeds, modes, and the other backends."""

import importlib.util
import os
import random
import subprocess
import sys

import numpy as np
import pytest

keras = pytest.importorskip("keras")

from fer_utils.models import keras_net, zoo  # noqa: E402
from fer_utils.models.initial import initial_weights  # noqa: E402
from fer_utils.models.spec import (  # noqa: E402
    Act,
    BatchNorm,
    Conv,
    Dense,
    Dropout,
    Flatten,
    MaxPool,
    NetSpec,
    Residual,
    SqueezeExcite,
)

EVERYTHING = NetSpec(
    "everything",
    (
        *(Conv(8, 3, stride=2), BatchNorm(1e-3, 0.25), Act("leaky_relu"), MaxPool(2, 1, "same")),
        Residual((Conv(8, 2), BatchNorm(), Act("silu"), SqueezeExcite(4))),
        Residual((Conv(12, 3, stride=2, bias=False),), (Conv(12, 1, stride=2),)),
        *(Act("relu"), Dropout(0.5), Flatten(), Dense(16), BatchNorm(), Act("elu"), Dense(7)),
    ),
    input_shape=(16, 14, 2),
)
IMAGES = np.random.default_rng(0).random((4, 16, 14, 2), np.float32)
OTHER_BACKEND = """
import sys
import numpy as np
import keras
from fer_utils.models import keras_net, parity, torch_net
sys.path.insert(0, {folder!r})
from test_keras_net import EVERYTHING, IMAGES
assert keras.backend.backend() == {backend!r}
net, model = torch_net.build(EVERYTHING, 0), keras_net.build(EVERYTHING, 1)
assert parity.logit_difference(net, model, IMAGES) > 1e-3
parity.transfer(model, net)
assert parity.logit_difference(net, model, IMAGES) < 1e-4
assert "tensorflow" not in sys.modules
small = keras_net.build(EVERYTHING, 0, "bf16")
logits = keras.ops.convert_to_numpy(small(IMAGES, training=True))
assert logits.dtype == np.float32 and np.isfinite(logits).all()
"""


def logits(model, training=False):
    return keras.ops.convert_to_numpy(model(IMAGES, training=training))


@pytest.fixture(scope="module")
def model():
    return keras_net.build(EVERYTHING, seed=0)


def test_layers_are_named_by_the_keys(model):
    names = {layer.name for layer in model.layers}
    assert {key.replace("/", "__") for key in EVERYTHING.output_shapes()} <= names
    assert "05_residual__shortcut__00_conv" in names
    assert model.name == "everything"


def test_counts_and_shapes_are_those_of_the_spec(model):
    trainable = sum(int(np.prod(v.shape)) for v in model.trainable_variables)
    assert (trainable, model.count_params()) == EVERYTHING.parameters()
    for key, shape in EVERYTHING.output_shapes().items():
        assert model.get_layer(key.replace("/", "__")).output.shape[1:] == shape


@pytest.mark.parametrize("name", zoo.ZOO)
def test_every_network_of_the_zoo_builds(name):
    spec = zoo.get(name)
    model = keras_net.build(spec, seed=0)
    assert model.count_params() == spec.parameters().total
    assert model.output_shape == (None, 7)


def test_batch_norm_momentum_is_turned_into_keras_convention(model):
    layer = model.get_layer("01_batch_norm")
    assert layer.momentum == pytest.approx(0.75)
    assert layer.epsilon == 1e-3


def test_float32_ignores_a_global_policy_and_bf16_sets_none(model):
    before = keras.config.dtype_policy()
    rounded = keras_net.build(EVERYTHING, 0, "bf16")
    assert keras.config.dtype_policy() == before
    assert rounded.get_layer("00_conv").compute_dtype == "bfloat16"
    assert rounded.get_layer("12_dense").compute_dtype == "float32"
    assert {keras.backend.standardize_dtype(w.dtype) for w in rounded.trainable_variables} == {
        "float32"
    }
    keras.config.set_dtype_policy("mixed_bfloat16")
    try:
        exact = keras_net.build(EVERYTHING, 0)
    finally:
        keras.config.set_dtype_policy(before)
    assert {layer.compute_dtype for layer in exact.layers[1:]} == {"float32"}  # the input aside
    assert np.array_equal(logits(exact), logits(model))
    assert logits(rounded).dtype == np.float32
    assert 0 < np.abs(logits(rounded) - logits(exact)).max() < 0.02


def test_channels_are_last_whatever_keras_is_configured_to(model):
    before = keras.config.image_data_format()
    keras.config.set_image_data_format("channels_first")
    try:
        other = keras_net.build(EVERYTHING, seed=0)
    finally:
        keras.config.set_image_data_format(before)
    assert np.array_equal(logits(other), logits(model))


def test_unknown_precision_is_refused():
    with pytest.raises(ValueError, match="unknown precision 'fp16'"):
        keras_net.build(EVERYTHING, precision="fp16")


def test_seed_sets_weights_and_dropout_and_no_global_state_is_touched(model):
    before = random.getstate(), np.random.get_state()[1].tolist()
    again, other = keras_net.build(EVERYTHING, 0), keras_net.build(EVERYTHING, 1)
    assert before == (random.getstate(), np.random.get_state()[1].tolist())
    drawn, given = initial_weights(EVERYTHING, 0), keras_net.weights(again)
    assert set(drawn) == set(given)
    assert all(np.array_equal(drawn[key], given[key]) for key in drawn)
    assert not np.array_equal(keras_net.weights(other)["00_conv/kernel"], drawn["00_conv/kernel"])
    twin = keras_net.build(EVERYTHING, 0)
    assert np.array_equal(logits(again, training=True), logits(twin, training=True))


def test_dropout_only_while_training():
    spec = NetSpec("drop", (Flatten(), Dropout(0.5), Dense(1000)), (16, 14, 2))
    model = keras_net.build(spec, seed=0)
    weights = {"02_dense/kernel": np.zeros((448, 1000)), "02_dense/bias": np.zeros(1000)}
    weights["02_dense/kernel"][:448, :448] = np.eye(448)
    keras_net.set_weights(model, weights)
    plain, dropped = (logits(model, training)[:, :448] for training in (False, True))
    flat = IMAGES.reshape(4, -1)
    np.testing.assert_allclose(plain, flat)
    kept = dropped != 0
    assert 0.4 < kept.mean() < 0.6
    np.testing.assert_allclose(dropped[kept], 2 * flat[kept], rtol=1e-6)


def test_weights_round_trip(model):
    other = keras_net.build(EVERYTHING, seed=1)
    keras_net.set_weights(other, keras_net.weights(model))
    assert np.array_equal(logits(other), logits(model))


def test_set_weights_names_what_is_wrong(model):
    good = keras_net.weights(model)
    with pytest.raises(ValueError, match="'12_dense/kernel' has shape"):
        keras_net.set_weights(model, good | {"12_dense/kernel": np.zeros((7, 16))})
    with pytest.raises(ValueError, match="unknown '13_dense/kernel'"):
        keras_net.set_weights(model, good | {"13_dense/kernel": np.zeros((7, 16))})
    with pytest.raises(ValueError, match="missing '01_batch_norm/mean'"):
        keras_net.set_weights(model, {k: v for k, v in good.items() if k != "01_batch_norm/mean"})


@pytest.mark.parametrize("backend", ["torch", "jax"])
def test_other_backends_agree_with_torch(backend):
    if importlib.util.find_spec(backend) is None:
        pytest.skip(f"{backend} is not installed: the Keras builder is not tried on it")
    code = OTHER_BACKEND.format(folder=os.path.dirname(__file__), backend=backend)
    done = subprocess.run(
        [sys.executable, "-c", code],
        env=os.environ | {"KERAS_BACKEND": backend},
        capture_output=True,
        text=True,
        check=False,
    )
    assert done.returncode == 0, done.stderr[-2000:]
