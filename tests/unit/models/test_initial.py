"""First weights: their distributions by moments, seeds, and no trace in global random states."""

import math
import random

import numpy as np
import pytest

from fer_utils.models.initial import EDGE_KERNELS, check_weights, initial_weights
from fer_utils.models.spec import BatchNorm, Conv, Dense, Flatten, NetSpec, Residual

FAN_IN, FAN_OUT, SIDE = 9 * 32, 9 * 128, 4


def spec(init="torch", layer_init=None):
    body = (Conv(32), Conv(128, init=layer_init), BatchNorm(), Residual((Conv(128),)))
    return NetSpec("net", (*body, Flatten(), Dense(7)), (SIDE, SIDE, 1), init)


def drawn(init, name="kernel"):
    return initial_weights(spec(init), seed=0)[f"01_conv/{name}"].astype(np.float64)


def uniform_within(values, bound):
    """Extremes and moments of a uniform distribution on [-bound, bound]."""
    assert 0.995 * bound < np.abs(values).max() <= bound * (1 + 1e-6)
    assert abs(values.mean()) < 4 * values.std() / math.sqrt(values.size)
    assert values.std() == pytest.approx(bound / math.sqrt(3), rel=0.02)
    fourth = (values**4).mean() / values.var() ** 2
    assert fourth == pytest.approx(9 / 5, rel=0.03)


def test_torch_kernel_is_uniform_within_one_over_root_fan_in():
    uniform_within(drawn("torch"), 1 / math.sqrt(FAN_IN))


def test_torch_bias_has_the_bound_of_its_kernel():
    bias = drawn("torch", "bias")
    bound = 1 / math.sqrt(FAN_IN)
    assert 0.9 * bound < np.abs(bias).max() <= bound * (1 + 1e-6)
    last = initial_weights(spec(), seed=0)["05_dense/bias"]
    assert 0 < np.abs(last).max() <= 1 / math.sqrt(SIDE * SIDE * 128) * (1 + 1e-6)


def test_glorot_uniform():
    uniform_within(drawn("glorot_uniform"), math.sqrt(6 / (FAN_IN + FAN_OUT)))
    assert not drawn("glorot_uniform", "bias").any()


def test_he_normal_is_cut_at_two_deviations_and_keeps_its_variance():
    kernel = drawn("he_normal")
    deviation = math.sqrt(2 / FAN_IN)
    assert kernel.std() == pytest.approx(deviation, rel=0.02)
    cut = 2 * deviation / 0.87962566
    assert 0.97 * cut < np.abs(kernel).max() <= cut * (1 + 1e-6)
    assert not drawn("he_normal", "bias").any()


def test_a_layer_may_differ_from_its_network():
    mixed = initial_weights(spec("torch", layer_init="he_normal"), seed=0)
    assert not mixed["01_conv/bias"].any()
    assert mixed["00_conv/bias"].any()


def test_prewitt_sobel_replaces_four_kernels_of_glorot_and_nothing_else():
    def starting(init):
        layers = (Conv(6, init=init), Conv(4), Flatten(), Dense(3))
        return initial_weights(NetSpec("net", layers, (5, 5, 1), "glorot_uniform"), seed=0)

    by_hand, random_ones = starting("prewitt_sobel"), starting(None)
    kernel = by_hand["00_conv/kernel"]
    assert kernel[:, :, 0, 0].tolist() == [[-1, -1, -1], [0, 0, 0], [1, 1, 1]]
    assert kernel[:, :, 0, 1].tolist() == [[0, 1, 2], [-1, 0, 1], [-2, -1, 0]]
    assert kernel[:, :, 0, 2].tolist() == [[-1, 0, 1]] * 3
    assert kernel[:, :, 0, 3].tolist() == [[2, 1, 0], [1, 0, -1], [0, -1, -2]]
    assert not EDGE_KERNELS.sum(axis=(1, 2)).any()  # a flat picture gives nothing
    assert 0 < np.abs(kernel[..., 4:]).max() <= math.sqrt(6 / (9 + 54))
    assert np.array_equal(kernel[..., 4:], random_ones["00_conv/kernel"][..., 4:])
    rest = [key for key in by_hand if key != "00_conv/kernel"]
    assert all(np.array_equal(by_hand[key], random_ones[key]) for key in rest)


def test_batch_norm_starts_as_the_identity():
    weights = initial_weights(spec(), seed=0)
    values = {name: set(weights[f"02_batch_norm/{name}"].tolist()) for name in ("scale", "offset")}
    assert values == {"scale": {1.0}, "offset": {0.0}}
    assert set(weights["02_batch_norm/mean"].tolist()) == {0.0}
    assert set(weights["02_batch_norm/variance"].tolist()) == {1.0}


def test_seeds_repeat_and_differ():
    one, again, other = (initial_weights(spec(), seed) for seed in (1, 1, 2))
    assert all(np.array_equal(one[key], again[key]) for key in one)
    assert not np.array_equal(one["00_conv/kernel"], other["00_conv/kernel"])
    fresh = [initial_weights(spec())["00_conv/kernel"] for _ in range(2)]
    assert not np.array_equal(*fresh)


def test_keys_shapes_and_dtype_are_those_of_the_spec():
    weights, variables = initial_weights(spec(), 0), spec().variables()
    assert list(weights) == list(variables)
    assert "03_residual/body/00_conv/kernel" in weights
    assert all(weights[key].shape == v.shape for key, v in variables.items())
    assert {w.dtype for w in weights.values()} == {np.dtype("float32")}


def test_global_random_states_are_left_alone():
    before = random.getstate(), np.random.get_state()[1].tolist()
    initial_weights(spec(), 0)
    initial_weights(spec())
    assert before == (random.getstate(), np.random.get_state()[1].tolist())


def test_check_weights_names_the_key():
    good = initial_weights(spec(), 0)
    expected = {key: variable.shape for key, variable in spec().variables().items()}
    check_weights(expected, good)
    missing = {key: value for key, value in good.items() if key != "05_dense/bias"}
    with pytest.raises(ValueError, match="missing '05_dense/bias'"):
        check_weights(expected, missing)
    with pytest.raises(ValueError, match="unknown '06_dense/bias'"):
        check_weights(expected, good | {"06_dense/bias": np.zeros(7)})
    wrong = good | {"05_dense/bias": np.zeros(8)}
    with pytest.raises(ValueError, match=r"'05_dense/bias' has shape \(8,\), expected \(7,\)"):
        check_weights(expected, wrong)
    with pytest.raises(ValueError, match="missing '00_conv/kernel', .* and 7 more"):
        check_weights(expected, {})
