"""Sharpness-aware minimisation: where it climbs to, by hand, and that it comes back."""

from __future__ import annotations

from dataclasses import replace

import numpy as np
import pytest

from fer_utils.experiments.config import TrainConfig
from tests.unit.training.helpers import job

torch = pytest.importorskip("torch")

from fer_utils.optimizers.sharpness import uphill  # noqa: E402


def test_it_climbs_by_the_radius_along_the_gradient_and_comes_back():
    net = torch.nn.Linear(2, 1, bias=False)
    with torch.no_grad():
        net.weight.copy_(torch.tensor([[3.0, 4.0]]))
    (net.weight.square().sum() / 2).backward()  # gradient: the weight itself, of length 5
    with uphill(net, 0.5):
        np.testing.assert_allclose(net.weight.detach(), [[3.3, 4.4]], rtol=1e-6)
        assert net.weight.grad is None
        (net.weight.square().sum() / 2).backward()
    np.testing.assert_allclose(net.weight.detach(), [[3.0, 4.0]], rtol=1e-6)
    np.testing.assert_allclose(net.weight.grad, [[3.3, 4.4]], rtol=1e-6)  # taken at the top


def test_the_length_is_that_of_all_weights_together_and_batch_norm_looks_once():
    net = torch.nn.Sequential(torch.nn.Linear(3, 2), torch.nn.BatchNorm1d(2), torch.nn.Linear(2, 1))
    x = torch.randn(8, 3)
    net(x).square().sum().backward()
    before = [one.detach().clone() for one in net.parameters()]
    mean = net[1].running_mean.clone()
    with uphill(net, 0.1):
        moved = [a.detach() - b for a, b in zip(net.parameters(), before, strict=True)]
        net(x + 5)
    length = torch.cat([one.flatten() for one in moved]).norm()
    assert float(length) == pytest.approx(0.1, rel=1e-4)
    assert torch.equal(net[1].running_mean, mean) and net[1].momentum == 0.1
    with pytest.raises(RuntimeError, match="on the way"), uphill_after_backward(net, x):
        raise RuntimeError("on the way")
    for a, b in zip(net.parameters(), before, strict=True):
        np.testing.assert_allclose(a.detach(), b, atol=1e-6)


def uphill_after_backward(net, x):
    net(x).square().sum().backward()
    return uphill(net, 0.1)


def test_a_run_with_it_learns_and_differs():
    from fer_utils.training.torch_loop import fit

    base = TrainConfig(epochs=2, batch_size=16, learning_rate=0.02)
    plain, sharp = fit(job(base)), fit(job(replace(base, sam=0.05)))
    assert sharp.history[-1]["train_loss"] < sharp.history[0]["train_loss"]
    assert any(not np.allclose(plain.weights[k], sharp.weights[k]) for k in plain.weights)


def test_keras_refuses_it():
    pytest.importorskip("keras")
    from fer_utils.training.keras_loop import fit

    with pytest.raises(ValueError, match="sam: in PyTorch only"):
        fit(job(TrainConfig(epochs=1, sam=0.05), "keras"))
