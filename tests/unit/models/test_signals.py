"""Signals: sizes and gradients worked out by hand; the network is left alone."""

from __future__ import annotations

import numpy as np
import pytest

torch = pytest.importorskip("torch")

from fer_utils.models import torch_net  # noqa: E402
from fer_utils.models.signals import Signal, before_and_after, by_layer, signals  # noqa: E402
from fer_utils.models.spec import Act, BatchNorm, Conv, Dense, Dropout, Flatten, NetSpec  # noqa: E402

TWO = NetSpec("two", (Flatten(), Dense(2), Act("relu"), Dense(2)), input_shape=(1, 1, 1))


def two_layers():
    """z = (x, -x - 1), logits (relu(z1), relu(z2))."""
    net = torch_net.build(TWO, seed=0)
    weights = {
        "01_dense/kernel": np.array([[1.0, -1.0]]),
        "01_dense/bias": np.array([0.0, -1.0]),
        "03_dense/kernel": np.eye(2),
        "03_dense/bias": np.zeros(2),
    }
    torch_net.set_weights(net, weights)
    return net


def test_sizes_gradients_and_dead_units_by_hand():
    images = torch.tensor([1.0, 3.0]).reshape(2, 1, 1, 1)
    labels = torch.tensor([0, 1])
    first, last = signals(two_layers(), images, labels)
    assert (first.layer, last.layer) == ("01_dense", "03_dense")
    assert first.size == pytest.approx(np.sqrt((1 + 4 + 9 + 16) / 4))  # z = (1, -2), (3, -4)
    assert last.size == pytest.approx(np.sqrt((1 + 9) / 4))
    assert (first.below, first.dead) == (0.5, 0.5)  # the second unit, at both pictures
    p = 1 / (1 + np.exp(-np.array([1.0, 3.0])))  # of class 0
    assert last.gradient == pytest.approx(np.sqrt(((1 - p[0]) ** 2 + p[1] ** 2) / 2))
    assert first.gradient == pytest.approx(np.sqrt(((1 - p[0]) ** 2 + p[1] ** 2) / 4))


def test_a_channel_is_dead_only_where_no_place_of_any_picture_is_above_zero():
    spec = NetSpec("one", (Conv(2, kernel=1), Flatten(), Dense(2)), input_shape=(2, 2, 1))
    net = torch_net.build(spec, seed=0)
    weights = torch_net.weights(net)
    weights["00_conv/kernel"] = np.ones((1, 1, 1, 2))
    weights["00_conv/bias"] = np.array([0.0, -10.0])
    torch_net.set_weights(net, weights)
    images = -torch.ones(3, 1, 2, 2)
    images[1, 0, 0, 1] = 2.0
    first = signals(net, images, torch.zeros(3, dtype=torch.int64))[0]
    assert first.dead == 0.5
    assert first.below == pytest.approx(23 / 24)


def test_the_network_stays_as_it_is_and_dropout_says_nothing():
    layers = (Conv(4), BatchNorm(), Act("relu"), Dropout(0.5), Flatten(), Dense(7))
    net = torch_net.build(NetSpec("some", layers), seed=0).eval()
    before = torch_net.weights(net)
    images, labels = torch.rand(4, 1, 48, 48), torch.tensor([0, 1, 2, 3])
    assert signals(net, images, labels) == signals(net, images, labels)
    after = torch_net.weights(net)
    assert all(np.array_equal(before[key], after[key]) for key in before)
    assert not net.training
    assert all(p.grad is None for p in net.parameters())


def readings(*layers: str, dead: float = 0.0, size: float = 1.0) -> list[Signal]:
    return [Signal(name, size * i, 0.01, 0.5, dead) for i, name in enumerate(layers, 1)]


def test_two_readings_stand_beside_each_other_without_the_last_layer():
    layers = ("00_conv", "05_dense")
    found = before_and_after(readings(*layers, dead=0.1), readings(*layers, dead=0.4))
    expected = {"dead before": 0.1, "dead": 0.4, "below 0": 0.5, "gradient": 0.01}
    assert found == {"00_conv": expected}
    with pytest.raises(ValueError, match="two readings of one network"):
        before_and_after(readings(*layers), readings("00_conv", "04_dense"))


def test_layers_are_named_by_kind_and_numbered_where_there_are_several():
    some = readings("00_conv", "03_conv", "09_dense", "12_dense", size=2.0)
    assert by_layer({"a": some}, "size") == {
        "a": {"conv 1": 2.0, "conv 2": 4.0, "dense": 6.0, "last": 8.0}
    }
    assert list(by_layer({"a": some[1:]}, "dead")["a"]) == ["conv", "dense", "last"]
