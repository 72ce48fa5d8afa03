"""The Torch builder: layouts by closed form, modes, precision, memory format, compilation."""

import copy
import pickle

import numpy as np
import pytest
import torch

from fer_utils.models import torch_net, zoo
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
    SqueezeExcite,
)

EVERYTHING = NetSpec(
    "everything",
    (
        *(Conv(8, 3, stride=2), BatchNorm(), Act("leaky_relu"), MaxPool(2, 1, "same")),
        Residual((Conv(8, 2), BatchNorm(), Act("silu"), SqueezeExcite(4))),
        Residual((Conv(12, 3, stride=2, bias=False),), (Conv(12, 1, stride=2),)),
        *(Act("relu"), Dropout(0.5), Flatten(), Dense(16), BatchNorm(), Act("elu"), Dense(7)),
    ),
    input_shape=(16, 14, 2),
)


def images(number=4, seed=0, spec=EVERYTHING):
    height, width, channels = spec.input_shape
    generator = torch.Generator().manual_seed(seed)
    return torch.rand(number, channels, height, width, generator=generator)


def tiny(*layers, size=(3, 3, 1), classes=2):
    return NetSpec("tiny", (*layers, Dense(classes)), size)


def features(net, given):
    """Output of all layers but the last."""
    with torch.no_grad():
        return net.eval()[:-1](given)


def test_modules_are_named_by_the_keys():
    net = torch_net.build(EVERYTHING, seed=0)
    paths = {name for name, _ in net.named_modules()}
    assert {key.replace("/", ".") for key in EVERYTHING.output_shapes()} <= paths
    assert "05_residual.shortcut.00_conv.weight" in net.state_dict()
    assert net.spec is EVERYTHING


def test_counts_are_those_of_the_spec():
    net = torch_net.build(EVERYTHING, seed=0)
    trainable = sum(p.numel() for p in net.parameters() if p.requires_grad)
    total = sum(v.numel() for k, v in net.state_dict().items() if "num_batches" not in k)
    assert (trainable, total) == EVERYTHING.parameters()
    assert {p.dtype for p in net.parameters()} == {torch.float32}


@pytest.mark.parametrize("name", zoo.ZOO)
def test_every_network_of_the_zoo_builds(name):
    spec = zoo.get(name)
    net = torch_net.build(spec, seed=0)
    assert net(images(3, spec=spec)).shape == (3, 7)
    assert sum(p.numel() for p in net.parameters()) == spec.parameters().trainable


def test_every_layer_has_the_shape_its_spec_says():
    net = torch_net.build(EVERYTHING, seed=0)
    for given in (images(), images().to(memory_format=torch.channels_last)):
        for (key, module), layer in zip(net.named_children(), EVERYTHING.layers, strict=True):
            given = module(given)
            shape = EVERYTHING.output_shapes()[key]
            expected = (shape[2], *shape[:2]) if len(shape) == 3 else shape
            assert tuple(given.shape[1:]) == expected, layer


def test_flatten_runs_over_height_then_width_then_channel():
    net = torch_net.build(tiny(Flatten(), size=(2, 3, 2)), seed=0)
    values = torch.arange(12.0).reshape(1, 2, 3, 2)  # (N, H, W, C) counted in that order
    flat = features(net, values.permute(0, 3, 1, 2))
    assert flat.tolist() == [list(range(12))]


def test_conv_kernel_layout_and_same_padding_of_an_even_kernel():
    net = torch_net.build(tiny(Conv(1, kernel=2), Flatten(), size=(2, 3, 1)), seed=0)
    kernel = np.array([[1, 10], [100, 1000]], np.float32).reshape(2, 2, 1, 1)  # (kh, kw, in, out)
    values = torch_net.weights(net) | {"00_conv/kernel": kernel, "00_conv/bias": np.zeros(1)}
    torch_net.set_weights(net, values)
    given = torch.tensor([[1.0, 2, 3], [4, 5, 6]]).reshape(1, 1, 2, 3)
    # the missing row and column are below and to the right
    assert features(net, given).tolist() == [[5421.0, 6532.0, 603.0, 54.0, 65.0, 6.0]]


def test_penalty_by_hand():
    inner = Residual((Conv(1, 1, l2=10.0),))
    net = torch_net.build(tiny(Conv(1, 2, l2=0.5), inner, Flatten(), Dense(3, l2=2.0)), seed=0)
    values = {key: np.full(w.shape, 3.0) for key, w in torch_net.weights(net).items()}
    torch_net.set_weights(net, values)
    penalty = torch_net.penalty(net)
    assert penalty.item() == 0.5 * 4 * 9 + 10 * 9 + 2 * 27 * 9  # no bias, not the last dense layer
    penalty.backward()
    assert net.get_submodule("00_conv").weight.grad.unique().tolist() == [2 * 0.5 * 3]
    assert net.get_submodule("04_dense").weight.grad is None
    assert torch_net.penalty(torch.compile(net)).item() == penalty.item()


def test_penalty_of_a_net_without_l2_is_zero():
    penalty = torch_net.penalty(torch_net.build(EVERYTHING, seed=0))
    assert penalty.shape == ()
    assert penalty.item() == 0


def test_max_pool_same_pads_with_minus_infinity():
    net = torch_net.build(tiny(MaxPool(2, padding="same"), Flatten()), seed=0)
    given = -torch.arange(1.0, 10).reshape(1, 1, 3, 3)
    assert features(net, given).tolist() == [[-1.0, -3.0, -7.0, -9.0]]


def test_squeeze_excite_by_hand():
    net = torch_net.build(tiny(SqueezeExcite(2), Flatten(), size=(1, 2, 2)), seed=0)
    gate = {
        "00_squeeze_excite/reduce/kernel": np.array([[1.0], [1.0]]),
        "00_squeeze_excite/reduce/bias": np.zeros(1),
        "00_squeeze_excite/expand/kernel": np.array([[0.0, np.log(3) / 3]]),
        "00_squeeze_excite/expand/bias": np.zeros(2),
    }
    torch_net.set_weights(net, torch_net.weights(net) | gate)
    given = torch.tensor([[[[1.0, 3.0]], [[0.0, 2.0]]]])  # channel means 2 and 1, sum 3
    torch.testing.assert_close(features(net, given), torch.tensor([[0.5, 0.0, 1.5, 1.5]]))


def test_identity_and_projected_residuals_by_hand():
    body, shortcut = (Conv(1, 1),), (Conv(1, 1, bias=False),)
    net = torch_net.build(tiny(Residual(body), Residual(body, shortcut), Flatten()), seed=0)
    values = torch_net.weights(net)
    for key, kernel in (("00_residual/body", 2), ("01_residual/body", 3)):
        values[f"{key}/00_conv/kernel"] = np.full((1, 1, 1, 1), kernel)
        values[f"{key}/00_conv/bias"] = np.ones(1)
    values["01_residual/shortcut/00_conv/kernel"] = np.full((1, 1, 1, 1), 10)
    torch_net.set_weights(net, values)
    # x = 1: 1 + (2 + 1) = 4, then (12 + 1) + 40
    assert set(features(net, torch.ones(1, 1, 3, 3)).flatten().tolist()) == {53.0}


def test_batch_norm_settings_reach_the_module():
    net = torch_net.build(tiny(BatchNorm(1e-3, 0.25), GlobalAvgPool(), BatchNorm()), seed=0)
    assert (net[0].eps, net[0].momentum) == (1e-3, 0.25)
    net.train()(torch.arange(9.0).reshape(1, 1, 3, 3).repeat(2, 1, 1, 1))
    mean, variance = net[0].running_mean.item(), net[0].running_var.item()
    n, biased = 18, 60 / 9
    assert mean == pytest.approx(0.25 * 4)
    assert variance == pytest.approx(0.75 + 0.25 * biased * n / (n - 1))


def test_dropout_only_while_training():
    spec = tiny(Flatten(), Dropout(0.5), size=(40, 50, 1))
    net, ones = torch_net.build(spec, seed=0), torch.ones(1, 1, 40, 50)
    assert net.training
    torch.manual_seed(0)
    dropped = net.train()[:-1](ones)
    assert set(dropped.unique().tolist()) == {0.0, 2.0}
    assert dropped.mean().item() == pytest.approx(1, abs=0.1)
    assert features(net, ones).unique().tolist() == [1.0]


def test_seed_sets_the_weights_and_no_global_state_is_touched():
    before = torch.get_rng_state()
    one, again, other = (torch_net.build(EVERYTHING, seed) for seed in (1, 1, 2))
    torch_net.build(EVERYTHING)
    assert torch.equal(before, torch.get_rng_state())
    first, second = torch_net.weights(one), torch_net.weights(again)
    assert all(np.array_equal(first[key], second[key]) for key in first)
    drawn = initial_weights(EVERYTHING, 1)
    assert all(np.array_equal(first[key], drawn[key]) for key in drawn)
    assert not np.array_equal(first["00_conv/kernel"], torch_net.weights(other)["00_conv/kernel"])


def test_weights_are_copies_in_neutral_layout_and_go_back_exactly():
    net = torch_net.build(EVERYTHING, seed=0).to(memory_format=torch.channels_last)
    net(images())  # moves the running statistics
    values = torch_net.weights(net)
    shapes = {key: variable.shape for key, variable in EVERYTHING.variables().items()}
    assert {key: value.shape for key, value in values.items()} == shapes
    assert all(v.dtype == np.float32 and v.flags.c_contiguous for v in values.values())
    other = torch_net.build(EVERYTHING, seed=1)
    torch_net.set_weights(other, values)
    again = torch_net.weights(other)
    assert all(np.array_equal(values[key], again[key]) for key in shapes)
    # another memory format may take another kernel, so the last bits are the machine's
    torch.testing.assert_close(net.eval()(images()), other.eval()(images()), rtol=1e-4, atol=1e-6)
    values["00_conv/kernel"][:] = 0
    assert net[0].weight.abs().sum() > 0


def test_set_weights_names_what_is_wrong_and_changes_nothing():
    net = torch_net.build(EVERYTHING, seed=0)
    good = torch_net.weights(net)
    with pytest.raises(ValueError, match="'12_dense/kernel' has shape .*, expected \\(16, 7\\)"):
        zeros = {key: np.zeros_like(value) for key, value in good.items()}
        torch_net.set_weights(net, zeros | {"12_dense/kernel": np.zeros((7, 16))})
    with pytest.raises(ValueError, match="missing '01_batch_norm/mean'"):
        torch_net.set_weights(net, {k: v for k, v in good.items() if k != "01_batch_norm/mean"})
    after = torch_net.weights(net)
    assert all(np.array_equal(good[key], after[key]) for key in good)


def test_channels_before_height_are_asked_for():
    net = torch_net.build(EVERYTHING, seed=0)
    with pytest.raises(ValueError, match=r"expected images \(N, 2, 16, 14\), got \(4, 16, 14, 2\)"):
        net(images().permute(0, 2, 3, 1))


def test_channels_last_changes_no_logit_and_stays():
    net = torch_net.build(EVERYTHING, seed=0).eval()
    expected = net(images())
    net = net.to(memory_format=torch.channels_last)
    given = images().to(memory_format=torch.channels_last)
    torch.testing.assert_close(net(given), expected, rtol=0, atol=1e-5)
    spatial = net[:8](given)
    assert spatial.is_contiguous(memory_format=torch.channels_last)
    flat = net[8](spatial)
    assert flat.data_ptr() == spatial.data_ptr()  # flattening copies nothing


def test_bf16_autocast_trains_close_to_float32():
    net = torch_net.build(EVERYTHING, seed=0).eval()
    with torch.autocast("cpu", torch.bfloat16):
        rounded = net(images())
    assert rounded.dtype == torch.bfloat16
    torch.testing.assert_close(rounded.float(), net(images()), rtol=0, atol=0.02)
    with torch.autocast("cpu", torch.bfloat16):
        loss = net.train()(images()).float().square().mean()
    loss.backward()
    assert {p.grad.dtype for p in net.parameters()} == {torch.float32}
    assert all(torch.isfinite(p.grad).all() for p in net.parameters())


def test_every_parameter_learns():
    net = torch_net.build(EVERYTHING, seed=0)
    torch.manual_seed(0)
    net(images(8)).square().sum().backward()
    assert [name for name, p in net.named_parameters() if p.grad is None] == []


def test_compiles_as_one_graph_and_keeps_its_weights_within_reach():
    net = torch_net.build(EVERYTHING, seed=0).eval()
    compiled = torch.compile(net, backend="eager", fullgraph=True)
    torch.testing.assert_close(compiled(images()), net(images()))
    assert set(torch_net.weights(compiled)) == set(torch_net.weights(net))


def test_networks_copy_and_pickle():
    net = torch_net.build(EVERYTHING, seed=0).eval()
    for other in (copy.deepcopy(net), pickle.loads(pickle.dumps(net))):
        assert torch.equal(other(images()), net(images()))
        assert other.spec == EVERYTHING
