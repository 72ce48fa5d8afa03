"""What a filter answers to: known filters, and places that were planted."""

from __future__ import annotations

import numpy as np
import pytest

torch = pytest.importorskip("torch")
pytest.importorskip("captum", reason="needs Captum: pip install -e '.[interpret]'")

from torch import nn  # noqa: E402

from fer_utils import interpret_filters as filters  # noqa: E402

RNG = np.random.default_rng(0)
EDGES = np.stack([np.tile([-1.0, 0, 1], (3, 1)), np.tile([-1.0, 0, 1], (3, 1)).T])  # (2, 3, 3)
FACES = RNG.integers(100, 140, (8, 24, 24), dtype=np.uint8)


def edges() -> nn.Conv2d:
    """Channel 0 answers to what grows brighter to the right, channel 1 downwards."""
    body = nn.Conv2d(1, 2, 3, padding=1, bias=False)
    with torch.no_grad():
        body.weight[:, 0] = torch.as_tensor(EDGES)
    return body.requires_grad_(False)


def roughness(pictures: np.ndarray) -> float:
    return float(np.abs(np.diff(pictures, axis=2)).mean())


def test_the_made_picture_has_the_filter_in_its_middle():
    made = filters.maximise(edges(), [0, 1], (24, 24), blur=0, shift=0)
    for picture, kernel in zip(made.pictures, EDGES, strict=True):
        middle = picture[11:14, 11:14]
        assert np.corrcoef(middle.ravel(), kernel.ravel())[0, 1] > 0.8
    assert made.pictures.min() >= 0 and made.pictures.max() <= 1


def test_it_excites_the_unit_more_than_any_face_does():
    made = filters.maximise(edges(), [0, 1], (24, 24))
    best = filters.outputs(edges(), FACES)[:, :, 11, 11].max(0)
    assert (made.answers > best).all()


def test_regularised_pictures_are_smoother_and_the_seed_decides():
    torch.manual_seed(0)
    body = nn.Sequential(nn.Conv2d(1, 4, 5), nn.ReLU(), nn.Conv2d(4, 2, 5)).requires_grad_(False)
    plain = filters.maximise(body, [0, 1], (24, 24), blur=0, shift=0, steps=20)
    smooth = filters.maximise(body, [0, 1], (24, 24), steps=20)
    assert roughness(smooth.pictures) < 0.6 * roughness(plain.pictures)
    again = filters.maximise(body, [0, 1], (24, 24), steps=20)
    assert np.array_equal(again.pictures, smooth.pictures)


def test_a_logit_can_be_maximised_too():
    body = nn.Sequential(nn.Flatten(), nn.Linear(576, 3)).requires_grad_(False)
    made = filters.maximise(body, [2], (24, 24), blur=0, shift=0)
    weights = body[1].weight[2].numpy()
    assert np.corrcoef(made.pictures[0].ravel(), weights)[0, 1] > 0.7
    assert made.answers[0] == pytest.approx(
        weights @ made.pictures[0].ravel() + body[1].bias[2].item(), abs=1e-4
    )


def test_the_strongest_place_is_the_one_that_was_planted():
    faces = FACES.copy()
    faces[5, 7:10, 16], faces[5, 7:10, 18] = 0, 255  # an edge around row 8, column 17
    faces[2, 3:6, 0], faces[2, 3:6, 2] = 20, 235  # a weaker one near the border
    found = filters.strongest_places(edges(), faces, [0], n=2)
    assert found.faces.tolist() == [[5, 2]]
    assert (found.rows.tolist(), found.columns.tolist()) == ([[8, 4]], [[17, 1]])
    assert found.answers[0, 0] == pytest.approx(3.0)
    cut = filters.patches(faces, found, maps_size=24, side=3)
    assert cut.shape == (1, 2, 3, 3)
    assert np.array_equal(cut[0, 0], faces[5, 7:10, 16:19])
    assert np.array_equal(cut[0, 1], faces[2, 3:6, 0:3])


def test_patches_repeat_the_edge_and_give_the_whole_where_the_field_is_larger():
    place = np.array([[0]])
    found = filters.Found(place, place, place, place.astype(float))
    cut = filters.patches(FACES, found, maps_size=24, side=5)[0, 0]
    assert (cut[:3, :3] == FACES[0, 0, 0]).all()
    whole = filters.patches(FACES, found, maps_size=24, side=30)
    assert np.array_equal(whole[0, 0], FACES[0])


def test_the_middle_patch_is_what_the_made_picture_was_made_for():
    made = filters.maximise(edges(), [0], (24, 24), blur=0, shift=0)
    patch = filters.middle_patches(made.pictures, maps_size=24, side=3)
    assert patch.shape == (1, 3, 3) and patch.dtype == np.float32
    assert (patch[0] * EDGES[0]).sum() == pytest.approx(made.answers[0], abs=1e-5)
