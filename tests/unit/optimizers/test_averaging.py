"""The moving average of weights, by hand and beside PyTorch's own."""

from __future__ import annotations

import numpy as np
import pytest

torch = pytest.importorskip("torch")
from torch import nn  # noqa: E402
from torch.optim.swa_utils import AveragedModel, get_ema_multi_avg_fn  # noqa: E402

from fer_utils.optimizers.averaging import Averaged  # noqa: E402


def small() -> nn.Module:
    torch.manual_seed(0)
    layers = (nn.Conv2d(1, 4, 3), nn.BatchNorm2d(4), nn.Conv2d(4, 3, 3), nn.Flatten())
    return nn.Sequential(*layers).to(memory_format=torch.channels_last)


def moved(net: nn.Module, step: int) -> None:
    """Other weights and running statistics, as a step of training leaves them."""
    generator = torch.Generator().manual_seed(step)
    with torch.no_grad():
        for one in net.parameters():
            one.add_(torch.randn(one.shape, generator=generator))
    net(torch.randn((2, 1, 6, 6), generator=generator))


def test_the_average_is_that_of_pytorch_step_by_step():
    net = small()
    ours, theirs = Averaged(net, 0.9), AveragedModel(net, multi_avg_fn=get_ema_multi_avg_fn(0.9))
    for step in range(4):
        moved(net, step)
        ours.update()
        theirs.update_parameters(net)
        expected = theirs.module.state_dict()
        for name, value in ours.net.state_dict().items():
            np.testing.assert_array_equal(value, expected[name], err_msg=f"{name}, step {step}")


def test_the_first_step_is_taken_over_and_the_second_weighs_little():
    net = nn.Linear(1, 1, bias=False)
    average = Averaged(net, 0.75)
    for value in (2.0, 6.0):
        nn.init.constant_(net.weight, value)
        average.update()
    assert average.net.weight.item() == pytest.approx(0.75 * 2 + 0.25 * 6)
    assert not average.net.weight.requires_grad


def test_one_that_was_loaded_goes_on_instead_of_starting_afresh():
    net = small()
    whole = Averaged(net, 0.9)
    moved(net, 0)
    whole.update()
    resumed = Averaged(net, 0.9)
    resumed.load({name: value.clone() for name, value in whole.net.state_dict().items()})
    moved(net, 1)
    for one in (whole, resumed):
        one.update()
    for a, b in zip(whole.net.parameters(), resumed.net.parameters(), strict=True):
        assert torch.equal(a, b)
