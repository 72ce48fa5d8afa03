"""Each step of a block: by hand where small, and the same as PyTorch's layer."""

import numpy as np
import pytest

from fer_utils.models import feature_maps, zoo
from fer_utils.models.initial import initial_weights
from fer_utils.models.spec import Act, BatchNorm, Conv, Dense, Flatten, MaxPool, NetSpec

RNG = np.random.default_rng(0)
MAPS = RNG.normal(size=(4, 10, 8, 2)).astype(np.float32)
LAYERS = (Conv(3, 5), BatchNorm(), Act("relu"), MaxPool(2))


def test_every_step_is_pytorchs_layer():
    torch = pytest.importorskip("torch")
    from fer_utils.models import torch_net

    spec = NetSpec("net", (*LAYERS, Flatten(), Dense(2)), (10, 8, 2))
    weights = initial_weights(spec, 0)
    weights["00_conv/bias"][:] = 0
    net = torch_net.build(spec, seed=0).train()
    torch_net.set_weights(net, weights)
    made = feature_maps.convolve(MAPS, weights["00_conv/kernel"])
    steps = [
        made,
        made := feature_maps.batch_norm(made),
        made := feature_maps.relu(made),
        feature_maps.max_pool(made),
    ]
    x = torch.from_numpy(MAPS).permute(0, 3, 1, 2)
    for layer, expected in zip(net[:4], steps, strict=True):
        x = layer(x)
        assert np.allclose(x.detach().permute(0, 2, 3, 1).numpy(), expected, atol=1e-5)


def test_a_convolution_by_hand_with_zeros_around_and_no_flip():
    picture = np.zeros((1, 3, 3, 1), np.float32)
    picture[0, 0, 0, 0] = 2
    kernel = np.arange(9, dtype=np.float32).reshape(3, 3, 1, 1)
    made = feature_maps.convolve(picture, kernel)[0, ..., 0]
    assert made.tolist() == [[8, 6, 0], [2, 0, 0], [0, 0, 0]]


def test_what_is_no_convolution_is_refused():
    with pytest.raises(ValueError, match=r"\(4, 10, 8, 2\) and \(3, 3, 1, 5\)"):
        feature_maps.convolve(MAPS, np.zeros((3, 3, 1, 5)))
    with pytest.raises(ValueError, match="odd k"):
        feature_maps.convolve(MAPS, np.zeros((2, 2, 2, 5)))


@pytest.mark.parametrize(("down", "right"), [(2, 3), (-1, 2), (0, -4), (0, 0)])
def test_a_moved_picture_gives_moved_maps_away_from_the_edge(down, right):
    kernel = RNG.normal(size=(3, 3, 2, 4))
    after = feature_maps.convolve(feature_maps.moved(MAPS, down, right), kernel)
    expected = feature_maps.moved(feature_maps.convolve(MAPS, kernel), down, right)
    inner = (slice(None), slice(1 + abs(down), -1 - abs(down)), slice(5, -5))
    assert np.allclose(after[inner], expected[inner], atol=1e-6)


def test_moved_by_hand():
    picture = np.array([[[1, 2], [3, 4]]], np.uint8)
    assert feature_maps.moved(picture, 1, 0).tolist() == [[[0, 0], [1, 2]]]
    assert feature_maps.moved(picture, 0, -1).tolist() == [[[2, 0], [4, 0]]]
    with pytest.raises(ValueError, match="by 2 and 0"):
        feature_maps.moved(picture, 2, 0)


def test_batch_norm_makes_every_channel_alike_and_takes_a_flat_one():
    maps = MAPS * [5, 0] + [3, 7]
    made = feature_maps.batch_norm(maps)
    assert made[..., 0].mean() == pytest.approx(0, abs=1e-6)
    assert made[..., 0].std() == pytest.approx(1, abs=1e-4)
    assert not made[..., 1].any()


def test_dropout_silences_a_share_and_keeps_the_mean():
    maps = np.ones((1, 100, 100, 1), np.float32)
    made, kept = feature_maps.dropout(maps, 0.25, seed=0)
    assert kept.mean() == pytest.approx(0.75, abs=0.02)
    assert made[kept] == pytest.approx(4 / 3) and not made[~kept].any()
    assert made.mean() == pytest.approx(1, abs=0.03)
    assert made.dtype == np.float32
    again, _ = feature_maps.dropout(maps, 0.25, seed=1)
    assert not np.array_equal(made, again)
    with pytest.raises(ValueError, match="rate"):
        feature_maps.dropout(maps, 1)


def test_max_pool_leaves_an_odd_rest_out():
    maps = np.arange(15).reshape(1, 3, 5, 1)
    assert feature_maps.max_pool(maps)[0, ..., 0].tolist() == [[6, 8]]


def test_standardised_pictures_have_mean_zero_and_deviation_one():
    made = feature_maps.standardised(RNG.integers(0, 256, (5, 6, 7), dtype=np.uint8))
    assert made.shape == (5, 6, 7, 1)
    assert (made.mean(), made.std()) == pytest.approx((0, 1), abs=1e-6)
    assert not feature_maps.standardised(np.full((2, 3, 3), 9, np.uint8)).any()


def test_the_first_kernel_is_the_runs_or_a_fresh_one():
    spec = zoo.get("zagreb_shallow")
    kept = {"00_conv/kernel": np.ones((3, 3, 1, 4), np.float32)}
    kernel, trained = feature_maps.first_kernel(kept, spec)
    assert trained and kernel is kept["00_conv/kernel"]
    fresh, trained = feature_maps.first_kernel({}, spec, seed=3)
    assert not trained
    assert np.array_equal(fresh, initial_weights(spec, 3)["00_conv/kernel"])
    with pytest.raises(ValueError, match="begins with 00_flatten"):
        feature_maps.first_kernel({}, zoo.get("zagreb_fully_connected"))


def test_the_strongest_filters_come_first():
    kernel = np.array([1.0, -3.0, 2.0]).reshape(1, 1, 1, 3)
    assert feature_maps.strongest(kernel, 2).ravel().tolist() == [-3, 2]


def test_neighbours_of_a_smooth_kernel_are_alike():
    plain = np.ones((3, 3, 2, 4))
    chess = plain * np.where(np.indices((3, 3)).sum(0) % 2, -1, 1)[:, :, None, None]
    assert feature_maps.smoothness(plain) == pytest.approx(1)
    assert feature_maps.smoothness(chess) == pytest.approx(-1)
    assert feature_maps.smoothness(0 * plain) == 0
    edge = np.zeros((3, 3, 1, 1))
    edge[:, 0], edge[:, 2] = -1, 1  # above each other alike, 6 pairs; side by side never
    assert feature_maps.smoothness(edge) == pytest.approx(4 / 7)
    drawn = np.random.default_rng(0).normal(size=(3, 3, 64, 64))
    assert abs(feature_maps.smoothness(drawn)) < 0.02
    with pytest.raises(ValueError, match="no neighbouring weights"):
        feature_maps.smoothness(np.ones((1, 1, 2, 2)))
