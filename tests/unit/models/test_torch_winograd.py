"""Winograd's convolution is the convolution."""

from __future__ import annotations

import pytest
import torch
import torch.nn.functional as F

from fer_utils.models.torch_winograd import conv2d

# kernel, padding, height, width: whole tiles, parts of tiles, no padding, more than "same"
CASES = [(3, 1, 12, 12), (3, 1, 6, 13), (3, 0, 10, 9), (3, 2, 8, 8), (5, 2, 12, 12), (5, 0, 9, 7)]


def tensors(kernel: int, height: int, width: int, dtype: torch.dtype) -> list[torch.Tensor]:
    generator = torch.Generator().manual_seed(0)
    shapes = (4, 5, height, width), (3, 5, kernel, kernel), (3,)
    made = [torch.randn(shape, generator=generator, dtype=dtype) for shape in shapes]
    made[0] = made[0].contiguous(memory_format=torch.channels_last)
    return [one.requires_grad_() for one in made]


def answer_and_gradients(function, inputs: list[torch.Tensor], padding: int) -> list[torch.Tensor]:
    made = function(*inputs, padding=padding)
    weights = torch.cos(torch.arange(made.numel(), dtype=made.dtype)).view(made.shape)
    return [made.detach(), *torch.autograd.grad((made * weights).sum(), inputs)]


@pytest.mark.parametrize(("kernel", "padding", "height", "width"), CASES)
def test_answers_and_gradients_are_those_of_the_direct_convolution(kernel, padding, height, width):
    inputs = tensors(kernel, height, width, torch.float64)
    wanted = answer_and_gradients(F.conv2d, inputs, padding)
    for ours, theirs in zip(answer_and_gradients(conv2d, inputs, padding), wanted, strict=True):
        torch.testing.assert_close(ours, theirs, rtol=0, atol=1e-10)


@pytest.mark.parametrize("kernel", [3, 5])
def test_float32_loses_little_to_rounding(kernel):
    inputs = tensors(kernel, 24, 24, torch.float32)
    wanted = answer_and_gradients(F.conv2d, inputs, kernel // 2)
    for ours, theirs in zip(answer_and_gradients(conv2d, inputs, kernel // 2), wanted, strict=True):
        assert (ours - theirs).abs().max() < 1e-4 * theirs.abs().max()


def test_groups_of_pictures_do_not_change_what_is_computed(monkeypatch):
    inputs = tensors(3, 12, 12, torch.float64)
    wanted = answer_and_gradients(conv2d, inputs, 1)
    monkeypatch.setattr("fer_utils.models.torch_winograd.IN_CACHE", 1)
    for one, other in zip(answer_and_gradients(conv2d, inputs, 1), wanted, strict=True):
        torch.testing.assert_close(one, other, rtol=0, atol=1e-12)


def test_outputs_are_channels_last_and_gradients_only_where_wanted():
    x, weight, _ = tensors(3, 8, 8, torch.float32)
    made = conv2d(x.detach(), weight, None, 1)
    assert made.is_contiguous(memory_format=torch.channels_last)
    made.sum().backward()
    assert weight.grad is not None and x.grad is None
    conv2d(x, weight.detach(), None, 1).sum().backward()
    assert x.grad is not None
