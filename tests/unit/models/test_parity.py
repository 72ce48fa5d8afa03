"""Torch and Keras from one spec: the same logits, statistics and steps, by layer type."""

import numpy as np
import pytest

keras = pytest.importorskip("keras")
torch = pytest.importorskip("torch")

from fer_utils.models import keras_net, parity, torch_net, zoo  # noqa: E402
from fer_utils.models.layers import ACTIVATIONS  # noqa: E402
from fer_utils.models.spec import (  # noqa: E402
    Act,
    BatchNorm,
    Conv,
    Dense,
    Dropout,
    Flatten,
    GlobalAvgPool,
    MaxPool,
    NetSpec,
    Residual,
    SqueezeExcite,
    classic,
)

TOLERANCE = 1e-4  # largest difference of logits in float32
ODD, EVEN = (11, 9, 3), (12, 8, 3)

LAYERS = {
    "flatten": Flatten(),
    "global average": GlobalAvgPool(),
    "batch norm": BatchNorm(epsilon=0.1),
    "batch norm, Keras' epsilon": BatchNorm(epsilon=1e-3, momentum=0.01),
    "dropout": Dropout(0.5),
    "squeeze and excite": SqueezeExcite(2),
    "identity residual": Residual((Conv(3), BatchNorm(), Act("relu"), Conv(3))),
    "projected residual": Residual((Conv(6, stride=2),), (Conv(6, 1, stride=2), BatchNorm())),
    "nested residual": Residual((Residual((Conv(3),)), SqueezeExcite(3))),
    "conv without bias": Conv(4, bias=False),
}
LAYERS |= {f"act {name}": Act(name) for name in ACTIVATIONS}
LAYERS |= {"act leaky_relu 0.3": Act("leaky_relu", slope=0.3)}
LAYERS |= {
    f"conv {kernel}, stride {stride}, {padding}": Conv(4, kernel, stride, padding)
    for kernel in (1, 2, 3, 4, 5)
    for stride in (1, 2, 3)
    for padding in ("same", "valid")
}
LAYERS |= {
    f"max pool {size}, stride {stride}, {padding}": MaxPool(size, stride, padding)
    for size in (2, 3)
    for stride in (None, 1, 2, 3)
    for padding in ("same", "valid")
}


def scrambled(spec, seed=0):
    """Weights with every array random, running statistics and BatchNorm's scale included."""
    rng = np.random.default_rng(seed)
    shapes = {key: variable.shape for key, variable in spec.variables().items()}
    positive = ("scale", "variance")
    return {
        key: rng.uniform(0.5, 2, s) if key.endswith(positive) else rng.normal(0, 0.3, s)
        for key, s in shapes.items()
    }


def images(spec, number=3, seed=1):
    """Half of the pixels below zero, and the last picture wholly: zero padding would show."""
    values = np.random.default_rng(seed).normal(size=(number, *spec.input_shape))
    values[-1] = -np.abs(values[-1]) - 1
    return values.astype(np.float32)


def pair(spec):
    net, model = torch_net.build(spec, seed=0), keras_net.build(spec, seed=1)
    torch_net.set_weights(net, scrambled(spec))
    parity.transfer(net, model)
    return net, model


def around(layer, shape):
    ends = [layer]
    if len(layer.output_shape(shape)) == 3:
        ends.append(Flatten())
    return NetSpec("net", (*ends, Dense(5)), shape)


@pytest.mark.parametrize("shape", [ODD, EVEN], ids=["odd", "even"])
@pytest.mark.parametrize("layer", LAYERS.values(), ids=LAYERS)
def test_logits_agree(layer, shape):
    spec = around(layer, shape)
    net, model = pair(spec)
    assert parity.logit_difference(net, model, images(spec)) < TOLERANCE


@pytest.mark.parametrize("layer", [BatchNorm(epsilon=0.1), Act("elu"), Dropout(0.5)])
def test_layers_of_vectors_agree(layer):
    spec = NetSpec("net", (Flatten(), Dense(6), layer, Dense(5)), ODD)
    net, model = pair(spec)
    assert parity.logit_difference(net, model, images(spec)) < TOLERANCE


@pytest.mark.parametrize("init", ["torch", "glorot_uniform", "he_normal"])
def test_equal_seeds_start_both_frameworks_from_the_same_weights(init):
    same_start(NetSpec("net", (Conv(8), BatchNorm(), Flatten(), Dense(5)), ODD, init))


def test_equal_seeds_start_both_frameworks_from_the_same_hand_made_kernels():
    same_start(NetSpec("net", (Conv(6, init="prewitt_sobel"), Flatten(), Dense(5)), (9, 9, 1)))


def same_start(spec):
    ours = torch_net.weights(torch_net.build(spec, seed=3))
    theirs = keras_net.weights(keras_net.build(spec, seed=3))
    assert set(ours) == set(theirs)
    assert all(np.array_equal(ours[key], theirs[key]) for key in ours)


def test_penalties_agree():
    inner = Residual((Conv(3, l2=0.5),), (Conv(3, 1, bias=False, l2=0.1),))
    spec = NetSpec("net", (inner, Flatten(), Dense(8), Dense(5, l2=0.01)), ODD)
    net, model = pair(spec)
    assert len(model.losses) == 3
    theirs = sum(float(keras.ops.convert_to_numpy(loss)) for loss in model.losses)
    assert torch_net.penalty(net).item() == pytest.approx(theirs, rel=1e-5)


@pytest.mark.parametrize("name", zoo.ZOO)
def test_the_zoo_agrees(name):
    spec = zoo.get(name)
    net, model = torch_net.build(spec, seed=0), keras_net.build(spec, seed=1)
    parity.transfer(model, net)
    assert parity.logit_difference(net, model, images(spec)) < TOLERANCE


def test_transfer_goes_both_ways_and_within_a_framework():
    spec = NetSpec("net", (Conv(4), BatchNorm(), Act("relu"), Flatten(), Dense(5)), ODD)
    net, model = torch_net.build(spec, seed=0), keras_net.build(spec, seed=1)
    assert parity.logit_difference(net, model, images(spec)) > 1e-3
    parity.transfer(model, net)
    assert parity.logit_difference(net, model, images(spec)) < TOLERANCE
    torch_net.set_weights(net, scrambled(spec))
    parity.transfer(net, model)
    assert parity.logit_difference(net, model, images(spec)) < TOLERANCE
    other = torch_net.build(spec, seed=2)
    parity.transfer(net, other)
    assert parity.logit_difference(other, model, images(spec)) < TOLERANCE


def test_transfer_between_different_networks_names_the_layer():
    one = NetSpec("one", (Conv(4), Flatten(), Dense(5)), ODD)
    two = NetSpec("two", (Conv(4, bias=False), BatchNorm(), Flatten(), Dense(5)), ODD)
    three = NetSpec("three", (Conv(6), Flatten(), Dense(5)), ODD)
    source, target = torch_net.build(one, seed=0), keras_net.build(two, seed=0)
    before = keras_net.weights(target)
    with pytest.raises(ValueError, match="missing '01_batch_norm/scale'"):
        parity.transfer(source, target)
    after = keras_net.weights(target)
    assert all(np.array_equal(before[key], after[key]) for key in before)
    with pytest.raises(ValueError, match="'00_conv/kernel' has shape"):
        parity.transfer(keras_net.build(three, seed=0), source)
    with pytest.raises(TypeError, match="expected a Torch module or a Keras model, got dict"):
        parity.transfer({}, source)


def test_logit_difference_leaves_the_networks_as_they_are():
    spec = NetSpec("net", (BatchNorm(), Dropout(0.5), Flatten(), Dense(5)), ODD)
    net, model = pair(spec)
    net.train()
    before = torch_net.weights(net) | {"model": keras_net.weights(model)["00_batch_norm/mean"]}
    parity.logit_difference(net, model, images(spec))
    after = torch_net.weights(net) | {"model": keras_net.weights(model)["00_batch_norm/mean"]}
    assert net.training
    assert all(np.array_equal(before[key], after[key]) for key in before)
    with pytest.raises(ValueError, match=r"expected images \(N, H, W, C\), got \(11, 9, 3\)"):
        parity.logit_difference(net, model, images(spec)[0])


@pytest.mark.parametrize("momentum", [0.1, 0.01, 1.0])
@pytest.mark.parametrize("spatial", [True, False], ids=["spatial", "vector"])
def test_running_statistics_correspond_after_a_training_batch(momentum, spatial):
    norm = BatchNorm(epsilon=1e-3, momentum=momentum)
    layers = (norm, GlobalAvgPool(), Dense(5)) if spatial else (GlobalAvgPool(), norm, Dense(5))
    spec = NetSpec("net", layers, ODD)
    net, model = pair(spec)
    batch, key = images(spec, number=6), "00_batch_norm" if spatial else "01_batch_norm"
    start = torch_net.weights(net)[f"{key}/variance"]
    with torch.no_grad():
        ours = net.train()(torch.from_numpy(batch).permute(0, 3, 1, 2)).numpy()
    theirs = keras.ops.convert_to_numpy(model(batch, training=True))
    np.testing.assert_allclose(ours, theirs, atol=TOLERANCE)
    torch_after, keras_after = torch_net.weights(net), keras_net.weights(model)
    np.testing.assert_allclose(
        torch_after[f"{key}/mean"], keras_after[f"{key}/mean"], rtol=1e-5, atol=1e-6
    )
    # Torch's running variance takes the unbiased variance of the batch, Keras' the biased one
    n = 6 * 11 * 9 if spatial else 6
    kept = (1 - momentum) * start
    torch_new, keras_new = (w[f"{key}/variance"] - kept for w in (torch_after, keras_after))
    np.testing.assert_allclose(torch_new, keras_new * n / (n - 1), rtol=1e-4, atol=1e-6)


def test_one_step_of_gradient_descent_moves_both_alike():
    conv = [(4, 3), Conv(6, 2, stride=2)]
    spec = classic("net", conv, [8], 5, activation="leaky_relu", input_shape=(13, 12, 3))
    net, model = pair(spec)
    batch, labels = images(spec, number=8), np.arange(8) % 5
    optimizer = torch.optim.SGD(net.parameters(), lr=0.1)
    logits = net.train()(torch.from_numpy(batch).permute(0, 3, 1, 2))
    torch.nn.functional.cross_entropy(logits, torch.from_numpy(labels)).backward()
    optimizer.step()
    loss = keras.losses.SparseCategoricalCrossentropy(from_logits=True)
    model.compile(keras.optimizers.SGD(0.1), loss, jit_compile=False)
    model.train_on_batch(batch, labels)
    ours, theirs = torch_net.weights(net), keras_net.weights(model)
    moved = torch_net.weights(pair(spec)[0])
    for key in ours:
        if not key.endswith("variance"):
            np.testing.assert_allclose(ours[key], theirs[key], atol=1e-5, err_msg=key)
            assert key.endswith("bias") or not np.allclose(ours[key], moved[key], atol=1e-5), key
