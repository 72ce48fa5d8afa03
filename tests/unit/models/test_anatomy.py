"""What a unit sees, by closed form and by gradients; parameters and multiplications by hand."""

from dataclasses import replace

import numpy as np
import pytest

from fer_utils.models import anatomy, zoo
from fer_utils.models.initial import initial_weights
from fer_utils.models.spec import (
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
)


def sides(spec: NetSpec, kind: str = "conv") -> list[int]:
    return [side for key, side in anatomy.receptive_field(spec).items() if key.endswith(kind)]


@pytest.mark.parametrize("depth", [1, 2, 3, 6])
def test_d_convolutions_3x3_see_2d_plus_1_pixels(depth):
    spec = NetSpec("net", (*(Conv(2), BatchNorm(), Act("relu")) * depth, Flatten(), Dense(2)))
    assert sides(spec) == [2 * d + 1 for d in range(1, depth + 1)]


@pytest.mark.parametrize("pools", [1, 2, 4])
def test_with_a_pool_after_each_they_see_2_to_the_power(pools):
    """p (conv 3x3, pool 2x2) see 1 + 3 (1 + 2 + ... + 2^(p-1)) = 3 * 2^p - 2 pixels."""
    spec = NetSpec("net", (*(Conv(2), MaxPool(2)) * pools, Flatten(), Dense(2)))
    assert sides(spec, "max_pool") == [3 * 2**p - 2 for p in range(1, pools + 1)]


def test_strides_of_convolutions_and_of_pools_that_overlap():
    layers = (Conv(2, 5, stride=2), MaxPool(3, stride=2), Conv(2, 3))
    spec = NetSpec("net", (*layers, GlobalAvgPool(), Dense(2)))
    fields = anatomy.receptive_field(spec)
    assert list(fields.values()) == [5, 5 + 2 * 2, 9 + 2 * 4]
    assert "03_global_avg_pool" not in fields


def test_zagrebs_networks_by_hand():
    assert sides(zoo.get("zagreb_shallow")) == [3, 12]
    assert sides(zoo.get("zagreb_deep")) == [3, 12, 22, 42]
    assert sides(zoo.get("zagreb_deeper")) == [3, 12, 22, 30, 50]


def thin(name: str, size: int) -> NetSpec:
    """The network with two filters a layer, on large pictures so that no edge cuts a field."""
    layers = [replace(x, filters=2) if isinstance(x, Conv) else x for x in zoo.get(name).layers]
    before = layers[: [layer.kind for layer in layers].index("flatten")]
    kept = [layer for layer in before if not isinstance(layer, Dropout)]
    return NetSpec("thin", (*kept, GlobalAvgPool(), Dense(2)), (size, size, 1))


@pytest.mark.parametrize("name", ["zagreb_shallow", "zagreb_deep", "zagreb_deeper", "conv_depth_5"])
def test_gradients_reach_just_as_far(name):
    """With weights above 0 nothing cancels; over enough pictures a pool picks each of its units."""
    torch = pytest.importorskip("torch")
    from fer_utils.models import torch_net

    spec = thin(name, 80)
    net = torch_net.build(spec, seed=0).eval()
    torch_net.set_weights(net, {k: np.abs(v) for k, v in initial_weights(spec, 0).items()})
    fields = anatomy.receptive_field(spec)
    depth = len(fields)
    generator = torch.Generator().manual_seed(0)
    touched = torch.zeros(80, 80, dtype=torch.bool)
    for _ in range(2):
        pictures = torch.rand((50, 1, 80, 80), generator=generator, requires_grad=True)
        made = net[:depth](pictures)
        made[:, :, made.shape[2] // 2, made.shape[3] // 2].sum().backward()
        touched |= (pictures.grad != 0).any(0)[0]
    last = list(fields.values())[-1]
    for axis in (0, 1):
        reached = torch.nonzero(touched.any(axis)).ravel()
        assert reached[-1] - reached[0] + 1 == last


def test_a_residual_layer_is_refused():
    spec = NetSpec("net", (Residual((Conv(1),)), Flatten(), Dense(2)))
    with pytest.raises(ValueError, match="a unit of 00_residual/body/00_conv|00_residual"):
        anatomy.receptive_field(spec)


def test_parameters_by_kind_add_up():
    spec = zoo.get("zagreb_shallow")
    found = anatomy.parameters_by_kind(spec)
    assert found["conv"] == (9 * 32 + 32) + (25 * 32 * 64 + 64)
    assert found["batch_norm"] == 2 * (32 + 64 + 512)
    assert found["dense"] == (12 * 12 * 64 * 512 + 512) + (512 * 7 + 7)
    assert sum(found.values()) == spec.parameters().trainable


def test_multiplications_by_hand():
    layers = (Conv(4, 3), Act("relu"), MaxPool(2), Conv(5, 5, stride=2), Flatten(), Dense(7))
    spec = NetSpec("net", layers, (8, 8, 2))
    expected = 8 * 8 * 9 * 2 * 4 + 2 * 2 * 25 * 4 * 5 + 2 * 2 * 5 * 7
    assert anatomy.multiplications(spec) == expected
