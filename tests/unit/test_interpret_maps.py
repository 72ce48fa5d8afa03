"""Maps of networks so small that each can be worked out by hand."""

from __future__ import annotations

import numpy as np
import pytest

torch = pytest.importorskip("torch")
pytest.importorskip("captum", reason="needs Captum: pip install -e '.[interpret]'")

from torch import nn  # noqa: E402

from fer_utils.data import drawn_faces  # noqa: E402
from fer_utils.interpret_maps import (  # noqa: E402
    METHODS,
    Explainer,
    mean_map,
    outputs,
    probabilities,
    read_as_labelled,
)

RNG = np.random.default_rng(0)
SIZE = 12
FACES = RNG.integers(0, 256, (5, SIZE, SIZE), dtype=np.uint8)
TARGETS = np.array([0, 1, 1, 0, 1])
X = FACES.astype(np.float32) / 255


class Linear(nn.Module):
    """Logits as weighted sums of the pixels."""

    def __init__(self, weights: np.ndarray) -> None:
        super().__init__()
        self.first = nn.Identity()
        self.weights = torch.as_tensor(weights, dtype=torch.float32)  # (K, H, W)

    def forward(self, x):
        return torch.einsum("nhw,khw->nk", self.first(x)[:, 0], self.weights)


class TwoChannels(nn.Module):
    """Channel 0 is the face, channel 1 its negative; logits are their means, 3 and -2 times."""

    def __init__(self) -> None:
        super().__init__()
        self.channels = nn.Conv2d(1, 2, 1, bias=False)
        with torch.no_grad():
            self.channels.weight[:, 0, 0, 0] = torch.tensor([1.0, -1.0])

    def forward(self, x):
        face = self.channels(x)[:, 0].mean((1, 2))
        return torch.stack([3 * face, -2 * face], 1)


WEIGHTS = RNG.normal(size=(2, SIZE, SIZE))


def linear() -> Explainer:
    net = Linear(WEIGHTS)
    return Explainer(net, net.first, grey=0.4, window=4, stride=4)


def test_saliency_of_a_linear_network_is_its_weights_without_sign():
    assert linear().maps("saliency", FACES, TARGETS) == pytest.approx(
        np.abs(WEIGHTS[TARGETS]), abs=1e-5
    )


def test_integrated_gradients_of_a_linear_network_are_weight_times_difference_from_grey():
    made = linear().maps("integrated gradients", FACES, TARGETS)
    assert made == pytest.approx(WEIGHTS[TARGETS] * (X - 0.4), abs=1e-4)


def test_integrated_gradients_add_up_to_the_rise_of_the_logit():
    """Completeness, the axiom that gives the method its name to fame, on a network with kinks."""
    torch.manual_seed(0)
    net = nn.Sequential(nn.Conv2d(1, 4, 3), nn.SiLU(), nn.Flatten(), nn.Linear(400, 2))
    explain = Explainer(net, net[1], grey=0.4, steps=64)
    made = explain.maps("integrated gradients", FACES, TARGETS).sum((1, 2))
    grey = outputs(net, np.full_like(FACES, 102))  # 102 / 255 is 0.4
    rise = (outputs(net, FACES) - grey)[np.arange(5), TARGETS]
    assert made == pytest.approx(rise, abs=1e-4)


def test_grad_cam_is_the_channel_that_counts_and_nothing_below_zero():
    net = TwoChannels()
    made = Explainer(net, net.channels).maps("Grad-CAM", FACES, np.zeros(5, int))
    # channel 0 has a gradient of 3 / 144 everywhere, channel 1 none
    assert made == pytest.approx(3 / SIZE**2 * X, abs=1e-6)
    against = Explainer(net, net.channels).maps("Grad-CAM", FACES, np.ones(5, int))
    assert not against.any()


def test_grad_cam_of_a_small_layer_is_enlarged_to_the_face():
    net = nn.Sequential(nn.AvgPool2d(4), nn.Flatten(), nn.Linear(9, 2))
    made = Explainer(net, net[0]).maps("Grad-CAM", FACES, TARGETS)
    assert made.shape == FACES.shape and made.min() >= 0


def test_occlusion_finds_the_only_square_that_counts_and_by_how_much():
    weights = np.zeros((2, SIZE, SIZE))
    weights[0, 5, 9] = 3  # in the square of rows 4 to 7, columns 8 to 11
    net = Linear(weights)
    made = Explainer(net, net.first, 0.4, window=4, stride=4).maps("occlusion", FACES, [0] * 5)
    expected = np.zeros(FACES.shape)
    fall = 1 / (1 + np.exp(-3 * X[:, 5, 9])) - 1 / (1 + np.exp(-3 * 0.4))
    expected[:, 4:8, 8:12] = fall[:, None, None]
    assert made == pytest.approx(expected, abs=1e-5)


def test_occlusion_by_overlapping_squares_is_their_mean():
    weights = np.zeros((2, SIZE, SIZE))
    weights[0, 0, 0] = 3  # seen by the first square only
    net = Linear(weights)
    made = Explainer(net, net.first, 0.4, window=4, stride=2).maps("occlusion", FACES, [0] * 5)
    assert made[:, 2, 0] == pytest.approx(made[:, 0, 0] / 2, abs=1e-6)  # under two squares
    assert made[:, 2, 2] == pytest.approx(made[:, 0, 0] / 4, abs=1e-6)  # under four
    assert not made[:, 4:].any()


@pytest.mark.parametrize("method", METHODS)
def test_batches_do_not_show(method, monkeypatch):
    whole = linear().maps(method, FACES, TARGETS)
    monkeypatch.setattr("fer_utils.interpret_maps.BATCH", 2)
    assert linear().maps(method, FACES, TARGETS) == pytest.approx(whole, abs=1e-5)


def test_a_wrong_method_or_number_of_targets_is_named():
    with pytest.raises(ValueError, match="method='lime': expected one of saliency"):
        linear().maps("lime", FACES, TARGETS)
    with pytest.raises(ValueError, match="5 faces and 4 targets"):
        linear().maps("saliency", FACES, TARGETS[:4])
    with pytest.raises(ValueError, match="at least one"):
        probabilities(Linear(WEIGHTS), FACES[:0])


def test_probabilities_are_the_softmax():
    logits = (X[:, None] * WEIGHTS).sum((2, 3))
    expected = np.exp(logits) / np.exp(logits).sum(1, keepdims=True)
    assert probabilities(Linear(WEIGHTS), FACES) == pytest.approx(expected, abs=1e-4)


def test_faces_read_as_labelled_come_class_by_class():
    data = drawn_faces.dataset(n=70, seed=0).part("train")
    always_happy = Linear(np.zeros((7, 48, 48)))
    always_happy.weights[3] = 1
    found = read_as_labelled(always_happy, data, n=2)
    assert found.labels.tolist() == [3, 3]
    assert np.array_equal(found.images, data.images[data.labels == 3][:2])


def test_in_the_mean_map_each_face_counts_alike():
    maps = np.array([[[1.0, 0.0]], [[0.0, -100.0]], [[0.0, 0.0]]])
    assert mean_map(maps) == pytest.approx(np.array([[1 / 3, -1 / 3]]))
    assert mean_map(maps[:1], mirrored=True).tolist() == [[0.5, 0.5]]
