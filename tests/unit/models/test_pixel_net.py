"""A network with its scaling inside: the same logits, frozen, and its first layers alone."""

from __future__ import annotations

import numpy as np
import pytest

torch = pytest.importorskip("torch")

from fer_utils.models import torch_net  # noqa: E402
from fer_utils.models.pixel_net import PixelNet, pixels  # noqa: E402
from fer_utils.models.spec import classic  # noqa: E402

FACES = np.random.default_rng(0).integers(0, 256, (3, 48, 48), dtype=np.uint8)
SPEC = classic("small", ((4, 3), (6, 3)), (8,), 7, conv_dropout=0.5)


def test_it_scales_divides_by_the_temperature_and_does_not_drop_out():
    net = torch_net.build(SPEC, seed=0)
    whole = PixelNet(net, mean=0.5, std=0.25, temperature=2.0)
    x = pixels(FACES)
    expected = net.eval()((x - 0.5) / 0.25) / 2
    assert torch.allclose(whole(x), expected, atol=1e-5)
    assert torch.allclose(whole(x), whole(x))


def test_it_is_a_frozen_copy():
    net = torch_net.build(SPEC, seed=0)
    whole = PixelNet(net)
    assert net.training and all(p.requires_grad for p in net.parameters())
    assert not whole.net.training and not any(p.requires_grad for p in whole.parameters())
    with torch.no_grad():
        net[0].weight.zero_()
    assert whole.net[0].weight.abs().sum() > 0


def test_until_a_layer_gives_what_leaves_it():
    whole = PixelNet(torch_net.build(SPEC, seed=0), mean=0.5, std=0.25, temperature=3.0)
    key = next(key for key in SPEC.output_shapes() if key.endswith("max_pool"))
    kept = []
    handle = whole.layer(key).register_forward_hook(lambda *given: kept.append(given[-1]))
    whole(pixels(FACES))
    handle.remove()
    assert torch.equal(whole.until(key)(pixels(FACES)), kept[0])
    with pytest.raises(ValueError, match=r"small has no layer '99_conv'; it has \['00_conv'"):
        whole.until("99_conv")


def test_pixels_are_in_0_to_1_and_nothing_else_is_taken():
    x = pixels(np.array([[[0, 255]]], np.uint8))
    assert x.shape == (1, 1, 1, 2) and x.flatten().tolist() == [0, 1]
    with pytest.raises(ValueError, match=r"got float32 \(3, 48, 48\)"):
        pixels(FACES.astype(np.float32))
