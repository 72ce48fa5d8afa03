"""Muon: steps of the length and the directions that it promises, AdamW for the rest."""

from __future__ import annotations

import numpy as np
import pytest

from fer_utils.experiments.config import TrainConfig
from fer_utils.models.layers import Act, BatchNorm, Conv, Dense, GlobalAvgPool
from fer_utils.models.spec import NetSpec
from tests.unit.training.helpers import job

torch = pytest.importorskip("torch")

from fer_utils.optimizers import muon_torch  # noqa: E402

DEEP = (Conv(6), Act("relu"), Conv(8), BatchNorm(), Act("relu"), GlobalAvgPool(), Dense(3))


@pytest.mark.parametrize("shape", [(6, 40), (40, 6), (12, 12)])
def test_directions_stay_and_their_lengths_become_alike(shape):
    generator = torch.Generator().manual_seed(0)
    matrix = torch.randn(shape, generator=generator)
    left, _, right = torch.linalg.svd(matrix, full_matrices=False)
    lengths = torch.logspace(0, -1.5, min(shape))  # the longest 32 times the shortest
    found = muon_torch.orthogonalised(left * lengths @ right, torch.float32)
    assert found.shape == shape
    inner = left.T @ found @ right.T
    assert torch.diagonal(inner).min() > 0.6 and torch.diagonal(inner).max() < 1.25
    np.testing.assert_allclose(inner - torch.diag(torch.diagonal(inner)), 0, atol=1e-4)


def test_hidden_weights_step_as_far_as_adamw_would_and_the_rest_by_adamw():
    def network():
        torch.manual_seed(0)
        return torch.nn.Sequential(
            *(torch.nn.Conv2d(1, 8, 3), torch.nn.Conv2d(8, 16, 3), torch.nn.BatchNorm2d(16)),
            *(torch.nn.Flatten(), torch.nn.Linear(16 * 4 * 4, 3)),
        )

    ours, theirs, hidden = network(), network(), "1.weight"
    kinds = {"lr": 0.01, "weight_decay": 0.1}
    both = (
        (ours, muon_torch.Muon(ours, **kinds)),
        (theirs, torch.optim.AdamW(theirs.parameters(), **kinds)),
    )
    for seed in range(3):
        before = {name: value.clone() for name, value in ours.state_dict().items()}
        theirs.load_state_dict(before)  # the same gradients for both
        x = torch.randn(5, 1, 8, 8, generator=torch.Generator().manual_seed(seed))
        for net, optimizer in both:
            optimizer.zero_grad()
            net(x).square().sum().backward()
            optimizer.step()
        after, expected = ours.state_dict(), theirs.state_dict()
        for name in set(after) - {hidden}:
            np.testing.assert_allclose(after[name], expected[name], rtol=1e-5, atol=1e-6)
        step = (after[hidden] - before[hidden] * (1 - 0.01 * 0.1)) / 0.01
        assert float(step.square().mean().sqrt()) == pytest.approx(0.2, rel=0.2)


@pytest.mark.parametrize("framework", ["torch", "keras"])
def test_three_steps_by_hand(framework):
    generator = np.random.default_rng(0)
    shapes, kinds = ((7, 6), (6, 5), (5, 3)), {"weight_decay": 0.1}
    start = [generator.normal(size=shape).astype(np.float32) for shape in shapes]
    slopes = generator.normal(size=(3, 6, 5)).astype(np.float32)  # of the one in the middle
    if framework == "torch":
        net = torch.nn.ParameterList([torch.nn.Parameter(torch.tensor(one)) for one in start])
        optimizer = muon_torch.Muon(net, lr=0.01, precision=torch.float32, **kinds)
        for slope in slopes:
            net[1].grad = torch.tensor(slope)
            optimizer.step()
        found = net[1].detach().numpy()
    else:
        keras = pytest.importorskip("keras")
        from fer_utils.optimizers.muon_keras import Muon

        variables = [keras.Variable(one) for one in start]
        optimizer = Muon(learning_rate=0.01, **kinds)
        still = [np.zeros(shape, np.float32) for shape in shapes]
        for slope in slopes:
            slopes_of_all = [still[0], slope, still[2]]
            optimizer.apply([keras.ops.convert_to_tensor(one) for one in slopes_of_all], variables)
        found = keras.ops.convert_to_numpy(variables[1])
    expected, momentum = start[1], np.zeros_like(start[1])
    for slope in slopes:
        momentum = 0.95 * momentum + slope
        ahead = torch.tensor(slope + 0.95 * momentum)
        step = 0.2 * 6**0.5 * muon_torch.orthogonalised(ahead, torch.float32).numpy()
        expected = expected * (1 - 0.01 * 0.1) - 0.01 * step
    np.testing.assert_allclose(found, expected, rtol=1e-4, atol=1e-6)


def test_a_convolution_steps_alike_in_every_memory_format():
    def stepped(layout):
        torch.manual_seed(0)
        net = torch.nn.Sequential(*(torch.nn.Conv2d(c, 4, 3) for c in (1, 4, 4)))
        net = net.to(memory_format=layout)
        optimizer = muon_torch.Muon(net, lr=0.1, precision=torch.float32)
        for _ in range(2):
            net(torch.ones(2, 1, 9, 9).to(memory_format=layout)).square().sum().backward()
            optimizer.step()
        return net[1].weight.detach().contiguous()

    formats = (torch.contiguous_format, torch.channels_last)
    np.testing.assert_allclose(*map(stepped, formats), rtol=1e-4, atol=1e-5)


@pytest.mark.parametrize("precision", ["float32", "bf16"])
@pytest.mark.parametrize("framework", ["torch", "keras"])
def test_a_run_with_it_learns(framework, precision):
    pytest.importorskip(framework)
    from fer_utils.training.runs import loop_of

    config = TrainConfig(
        epochs=4, batch_size=16, optimizer="muon", learning_rate=0.02, precision=precision
    )
    the_job = job(config, framework, NetSpec("deep", DEEP, input_shape=(8, 8, 1)))
    history = loop_of(framework)(the_job).history
    assert history[-1]["train_loss"] < 0.8 * history[0]["train_loss"]


def test_a_network_without_hidden_weights_is_moved_by_adamw_alone():
    net = torch.nn.Sequential(torch.nn.Linear(2, 3), torch.nn.Linear(3, 1))
    optimizer = muon_torch.Muon(net, lr=0.1)
    assert [group["hidden"] for group in optimizer.param_groups] == [False]
    net(torch.ones(1, 2)).sum().backward()
    optimizer.step()
    assert all("exp_avg" in optimizer.state[one] for one in net.parameters())


def test_two_outputs_refuse_it():
    from fer_utils.multitask import joint

    with pytest.raises(ValueError, match="the only output"):
        joint._check_config(TrainConfig(epochs=1, optimizer="muon"), "torch")
