"""Which convolutions are made faster, and that a training stays the same one."""

from __future__ import annotations

import pytest
import torch
from torch import nn

from fer_utils.data import drawn_faces
from fer_utils.experiments.config import TrainConfig
from fer_utils.models import torch_net
from fer_utils.models.layers import Act, BatchNorm, Conv, Dense, GlobalAvgPool, MaxPool
from fer_utils.models.spec import NetSpec
from fer_utils.training import fast_convolutions as fast
from fer_utils.training import torch_loop
from fer_utils.training.batches import Parts
from fer_utils.training.job import Job

IMAGE = (1, 48, 48)
SPEC = NetSpec(
    "wide",
    (
        *(Conv(128, stride=4), Act("relu"), Conv(128), BatchNorm(), Act("relu"), MaxPool(2)),
        *(Conv(128, kernel=5), Act("relu"), GlobalAvgPool(), Dense(7)),
    ),
)


@pytest.fixture(autouse=True)
def known_processor(monkeypatch):
    monkeypatch.setattr(torch.backends.cpu, "get_cpu_capability", lambda: "AVX2")


def test_it_is_used_where_it_pays_and_only_inside():
    net = torch_net.build(SPEC, seed=0).eval()
    x = torch.rand(8, *IMAGE, generator=torch.Generator().manual_seed(0))
    direct, keys = net(x), list(net.state_dict())
    worth = [net.get_submodule(name).kernel_size[0] for name in fast.worthwhile(net)]
    assert worth == [3, 5]  # not the one with strides
    with pytest.raises(KeyError), fast.used([net]) as many:
        assert many == 2
        ours = net(x)
        assert not torch.equal(ours, direct)  # rounding tells that it was used
        torch.testing.assert_close(ours, direct, rtol=1e-4, atol=1e-4)
        with torch.autocast("cpu", torch.bfloat16):
            inside = net(x)
        raise KeyError
    assert torch.equal(net(x), direct) and list(net.state_dict()) == keys and not net.training
    with torch.autocast("cpu", torch.bfloat16):
        assert torch.equal(net(x), inside)


@pytest.mark.parametrize("capability", ["AVX512", "DEFAULT", "NEON"])
def test_nothing_changes_on_other_processors(monkeypatch, capability):
    monkeypatch.setattr(torch.backends.cpu, "get_cpu_capability", lambda: capability)
    assert fast.worthwhile(torch_net.build(SPEC, seed=0)) == []


def test_many_channels_gain_and_what_it_cannot_compute_gains_nothing():
    few, many = (nn.Conv2d(n, n, 3, padding=1) for n in (16, 256))
    assert fast.speed_up(few, (24, 24, 16)) < fast.WORTH < fast.speed_up(many, (24, 24, 256)) < 4
    over, even = (fast.speed_up(many, (n, n, 256)) for n in (6, 8))
    assert over < even  # tiles that hang over
    for changed in (
        {"kernel_size": 7},
        {"kernel_size": (3, 5)},
        {"stride": 2},
        {"dilation": 2},
        {"groups": 2},
        {"padding": "same"},
        {"padding": (1, 0)},
        {"padding": 3},
    ):
        module = nn.Conv2d(
            **({"in_channels": 256, "out_channels": 256, "kernel_size": 3} | changed)
        )
        assert fast.speed_up(module, (24, 24, 256)) == 0, changed


def test_a_training_is_the_same_up_to_rounding(monkeypatch):
    part = drawn_faces.dataset(n=100, seed=0).part("train")
    config = TrainConfig(epochs=2, batch_size=32, optimizer="sgd", learning_rate=0.01)
    job = Job(SPEC, config, Parts(part, None, {}), "torch", "", progress=False)
    used, forward = [], fast.conv2d
    monkeypatch.setattr(fast, "conv2d", lambda *given: used.append(1) or forward(*given))
    faster = torch_loop.fit(job, torch.device("cpu"))
    assert used
    monkeypatch.setattr(fast, "worthwhile", lambda *_: [])
    usual = torch_loop.fit(job, torch.device("cpu"))
    for one, other in zip(faster.history, usual.history, strict=True):
        assert one["train_loss"] == pytest.approx(other["train_loss"], rel=1e-4)
    for name, values in usual.weights.items():
        assert faster.weights[name] == pytest.approx(values, abs=1e-4), name
