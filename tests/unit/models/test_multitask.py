"""Networks with two heads: shapes, what their logits mean, and the same in both frameworks."""

from __future__ import annotations

import numpy as np
import pytest

from fer_utils.data.facs import RMIT_UNITS
from fer_utils.models import multitask
from fer_utils.models.layers import Conv, Dense, GlobalAvgPool, Residual
from fer_utils.models.spec import NetSpec

torch = pytest.importorskip("torch")

SMALL = {"small_residual": (64, 64), "rmit_3_4_6": (32, 32), "rmit_12": (32, 32)}


def blocks(spec) -> list[int]:
    """Filters of each residual block."""
    return [layer.body[0].filters for layer in spec.net.layers if isinstance(layer, Residual)]


def test_the_two_readings_of_the_report():
    assert blocks(multitask.rmit_3_4_6()) == [64] * 3 + [128] * 4 + [256] * 6
    assert blocks(multitask.rmit_12()) == [64] * 6 + [256] * 6
    for spec in (multitask.rmit_3_4_6(), multitask.rmit_12()):
        assert spec.net.layers[0].filters == 64
        assert isinstance(spec.net.layers[-2], GlobalAvgPool)
        assert (len(spec.emotions), spec.action_units) == (3, RMIT_UNITS)


@pytest.mark.parametrize("name", ["rmit_3_4_6", "rmit_12"])
def test_they_fit_the_report_s_490_pixels(name):
    spec = multitask.NETWORKS[name](size=(490, 490)).net
    shapes = list(spec.output_shapes().values())
    assert spec.input_shape == (490, 490, 1)
    assert shapes[0] == (245, 245, 64)
    assert shapes[-2:] == [(256,), (18,)]
    other = multitask.NETWORKS[name](size=(64, 64)).net
    assert other.parameters() == spec.parameters()  # global pooling: any size, the same weights


def test_parameters_of_a_block_by_hand():
    spec = multitask.two_heads(
        "one",
        (*multitask.residual_features(((4, 1), (8, 1)), (Conv(4, 3, bias=False),)),
         GlobalAvgPool()),
        ("a", "b"), (1, 2, 4), (8, 8),
    )  # fmt: skip
    stem, same = 9 * 4, 2 * 9 * 4 * 4 + 2 * 2 * 4
    wider = 9 * 4 * 8 + 9 * 8 * 8 + 2 * 2 * 8 + (4 * 8 + 2 * 8)
    assert spec.net.parameters().trainable == stem + same + wider + 8 * 5 + 5


def test_two_heads_are_one_dense_layer_side_by_side():
    spec = multitask.small_residual(size=(32, 32))
    x = np.random.default_rng(0).normal(size=(4, 7)).astype(np.float32)
    left, right = np.ones((7, 3), np.float32), np.full((7, 15), 2, np.float32)
    emotions, units = spec.split(x @ np.concatenate([left, right], 1))
    assert np.array_equal(emotions, x @ left)
    assert np.array_equal(units, x @ right)


def test_a_penalty_reaches_every_kernel():
    spec = multitask.rmit_12(l2=1e-2).net
    kernels = [key for key in spec.variables() if key.endswith("/kernel")]
    assert set(spec.penalties) == {key.removesuffix("/kernel") for key in kernels}
    assert not multitask.rmit_12().net.penalties


def test_heads_that_do_not_fit_are_an_error():
    net = NetSpec("plain", (GlobalAvgPool(), Dense(7)))
    with pytest.raises(ValueError, match="ends with 7 units; expected 5, 3 emotions and 2"):
        multitask.MultiTaskSpec(net, ("a", "b", "c"), (1, 2))


@pytest.mark.parametrize("name", SMALL)
def test_both_heads_agree_in_torch_and_keras(name):
    pytest.importorskip("keras")
    from fer_utils.models import keras_net, parity, torch_net

    spec = multitask.NETWORKS[name](size=SMALL[name])
    net, model = torch_net.build(spec.net, seed=0), keras_net.build(spec.net, seed=1)
    rng = np.random.default_rng(0)
    weights = torch_net.weights(net)
    for key, values in weights.items():  # running statistics that are no longer 0 and 1
        if key.endswith(("mean", "variance")):
            weights[key] = values + rng.uniform(0, 0.2, values.shape).astype(np.float32)
    torch_net.set_weights(net, weights)
    images = rng.normal(size=(3, *spec.net.input_shape)).astype(np.float32)
    assert parity.logit_difference(net, model, images) > 1e-3  # different weights do show
    parity.transfer(net, model)
    assert parity.logit_difference(net, model, images) < 1e-4
