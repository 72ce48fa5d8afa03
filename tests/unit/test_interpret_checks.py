"""Deletion, insertion and random weights, on networks that look at one known place."""

from __future__ import annotations

import numpy as np
import pytest

torch = pytest.importorskip("torch")
pytest.importorskip("captum", reason="needs Captum: pip install -e '.[interpret]'")

from torch import nn  # noqa: E402

from fer_utils import interpret_checks as checks  # noqa: E402
from fer_utils.interpret_maps import Explainer  # noqa: E402
from fer_utils.models import torch_net  # noqa: E402
from fer_utils.models.initial import initial_weights  # noqa: E402
from fer_utils.models.pixel_net import PixelNet, pixels  # noqa: E402
from fer_utils.models.spec import classic  # noqa: E402

RNG = np.random.default_rng(0)
FACES = RNG.integers(0, 256, (6, 12, 12), dtype=np.uint8)
TARGETS = np.zeros(6, int)
SPEC = classic("small", ((4, 3), (6, 3)), (8,), 7)


class OneBlock(nn.Module):
    """Looks at the mean of rows 4 to 7, columns 8 to 11: block 5 of nine."""

    def forward(self, x):
        seen = 8 * x[:, 0, 4:8, 8:12].mean((1, 2))
        return torch.stack([seen, torch.zeros_like(seen)], 1)


def order_with(block: int, place: int) -> np.ndarray:
    """Blocks in order, but for `block`, which comes at `place`."""
    others = [b for b in range(9) if b != block]
    return np.tile(others[:place] + [block] + others[place:], (6, 1))


def sure(mean: np.ndarray) -> np.ndarray:
    return 1 / (1 + np.exp(-8 * mean))


def test_blocks_are_ordered_by_their_mean():
    maps = np.zeros((1, 12, 12))
    maps[0, 4:8, 8:12], maps[0, 8:12, :4], maps[0, :4, :4] = 3, 2, -1
    order = checks.block_order(maps)[0]
    assert order[:2].tolist() == [5, 6] and order[-1] == 0
    assert sorted(order) == list(range(9))
    with pytest.raises(ValueError, match="12x12 pixels do not divide into blocks of 5"):
        checks.block_order(maps, block=5)


def test_ties_fall_at_random_and_the_same_for_the_same_seed():
    flat = np.zeros((50, 12, 12))
    first = checks.block_order(flat)[:, 0]
    assert len(set(first.tolist())) > 4
    assert np.array_equal(first, checks.block_order(flat)[:, 0])


def test_a_random_order_has_every_block_once():
    order = checks.random_order(20, 9, seed=1)
    assert (np.sort(order, 1) == np.arange(9)).all()
    assert len({tuple(row) for row in order.tolist()}) > 15


@pytest.mark.parametrize("place", [0, 3, 8])
def test_deletion_falls_when_the_only_block_that_counts_turns_grey(place):
    curve = checks.deletion(OneBlock(), FACES, TARGETS, order_with(5, place), grey=0, steps=9)
    whole = sure(FACES[:, 4:8, 8:12].mean((1, 2)) / 255)
    assert curve[:, : place + 1] == pytest.approx(np.tile(whole[:, None], place + 1), abs=1e-5)
    assert curve[:, place + 1 :] == pytest.approx(np.full((6, 9 - place), 0.5), abs=1e-5)


def test_insertion_ends_at_the_whole_face():
    curve = checks.insertion(OneBlock(), FACES, TARGETS, order_with(5, 2), steps=9)
    whole = sure(FACES[:, 4:8, 8:12].mean((1, 2)) / 255)
    assert curve[:, 3:] == pytest.approx(np.tile(whole[:, None], 7), abs=1e-5)
    assert curve[:, :3] == pytest.approx(np.tile(curve[:, :1], 3), abs=1e-6)
    assert not np.allclose(curve[:, 0], whole, atol=1e-3)  # blurred


def test_fewer_steps_change_several_blocks_each():
    fine = checks.deletion(OneBlock(), FACES, TARGETS, order_with(5, 4), steps=9)
    coarse = checks.deletion(OneBlock(), FACES, TARGETS, order_with(5, 4), steps=3)
    assert coarse == pytest.approx(fine[:, ::3], abs=1e-6)


def test_the_area_is_the_mean_height():
    line = np.linspace(1, 0, 13)[None]
    assert checks.area(line) == pytest.approx([0.5])
    assert checks.area(np.full((2, 4), 0.3)) == pytest.approx([0.3, 0.3])


def test_a_map_of_what_counts_beats_a_random_order():
    bright = FACES // 2 + 100
    net = OneBlock()
    found = Explainer(net, net, 0.2, window=4, stride=4).maps("occlusion", bright, TARGETS)
    areas = [
        checks.area(checks.deletion(net, bright, TARGETS, order, grey=0.2, steps=9))
        for order in (checks.block_order(found), checks.random_order(6, 9))
    ]
    mean, low, high = checks.interval(areas[1] - areas[0])
    assert 0 < low < mean < high


def test_an_interval_is_the_mean_and_its_standard_errors():
    mean, low, high = checks.interval(np.array([1.0, 3.0, np.nan]))
    assert (mean, high - mean, mean - low) == pytest.approx((2, 1.96, 1.96))
    with pytest.raises(ValueError, match="two values at least, got 1"):
        checks.interval(np.array([1.0, np.nan]))


def test_layers_are_counted_from_the_last_and_batch_norm_goes_with_its_convolution():
    groups = checks.learned_layers(torch_net.build(SPEC, seed=0))
    assert [group[0].split("_", 1)[1] for group in groups] == ["dense", "dense", "conv", "conv"]
    assert all(group[1].endswith("batch_norm") for group in groups[1:])


def test_random_weights_come_from_the_last_layer_down():
    whole = PixelNet(torch_net.build(SPEC, seed=1), 0.5, 0.25)
    trained, fresh = torch_net.weights(whole.net), initial_weights(SPEC, seed=7)
    for layers in range(5):
        mixed = torch_net.weights(checks.randomised(whole, layers, seed=7).net)
        groups = checks.learned_layers(whole.net)
        new = {key for group in groups[:layers] for key in group}
        for name, values in mixed.items():
            expected = fresh if name.split("/")[0] in new else trained
            assert np.array_equal(values, expected[name]), (layers, name)
    x = pixels(RNG.integers(0, 256, (2, 48, 48), dtype=np.uint8))
    assert torch.equal(checks.randomised(whole, 0)(x), whole(x))
    assert not torch.allclose(checks.randomised(whole, 1)(x), whole(x), atol=1e-3)
    with pytest.raises(ValueError, match="layers=5: small has 4"):
        checks.randomised(whole, 5)


def test_similarity_sees_the_order_of_sizes_only():
    maps = RNG.random((3, 6, 6)) + 0.1
    assert checks.similarity(maps, -(maps**3)) == pytest.approx(np.ones(3))
    assert checks.similarity(maps, 1 / maps) == pytest.approx(-np.ones(3))
    assert np.isnan(checks.similarity(maps, np.zeros_like(maps))).all()
    others = RNG.random((200, 6, 6))
    assert abs(checks.similarity(others[:100], others[100:]).mean()) < 0.05


def test_intervals_by_class_and_of_all():
    values, labels = np.array([1.0, 3.0, 7.0, 5.0, 5.0]), np.array([0, 0, 1, 2, 2])
    found = checks.by_class(values, labels, ("angry", "disgust", "fear", "happy"))
    assert list(found) == ["angry, n = 2", "fear, n = 2", "all, n = 5"]  # disgust has one face
    assert found["angry, n = 2"] == pytest.approx(
        (2, 2 - 1.96, 2 + 1.96)
    )  # error sqrt(2) / sqrt(2)
    assert found["fear, n = 2"] == (5, 5, 5)
    assert found["all, n = 5"] == checks.interval(values)
    unknown = checks.by_class(np.append(values, np.nan), np.append(labels, 1), ("angry", "disgust"))
    assert list(unknown) == ["angry, n = 2", "all, n = 5"]  # of disgust one face has a value
