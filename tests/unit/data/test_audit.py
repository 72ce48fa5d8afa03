"""The audit finds what was planted, all of it and nothing else; neighbours by brute force."""

from __future__ import annotations

import json

import cv2
import numpy as np
import pytest

from fer_utils.data import fer2013
from fer_utils.data.audit import Audit, audit, flat_mask
from fer_utils.data.dataset import CLASSES, FaceDataset
from fer_utils.data.neighbours import (
    correlations,
    near_identical_pairs,
    nearest_neighbour,
    pairs_across_splits,
    standardised,
)


def blobs(n: int, seed: int = 0) -> np.ndarray:
    """Smooth random pictures, uint8 (n, 48, 48), no two alike."""
    draw = np.random.RandomState(seed)
    coarse = draw.randint(0, 200, (n, 6, 6), dtype=np.uint8)
    return np.stack(
        [cv2.resize(image, (48, 48), interpolation=cv2.INTER_CUBIC) for image in coarse]
    )


@pytest.fixture(scope="module")
def planted() -> FaceDataset:
    """60 pictures: 0-29 Training, 30-44 PublicTest, 45-59 PrivateTest, with planted copies.

    Identical: {1, 2} one split, one label; {3, 31} across, same label; {4, 32, 46} across, the
    Training label of 46 only; {33, 47} across the tests, two labels; {5, 6, 7} flat.
    Near-identical: 8 and 34 (one pixel shifted), 9 and 10 (brighter by 7).
    """
    images = blobs(60)
    images[2] = images[1]
    images[31] = images[3]
    images[32] = images[46] = images[4]
    images[47] = images[33]
    images[5:8] = 17
    images[34, :, 1:] = images[8, :, :-1]
    images[34, :, 0] = images[8, :, 0]
    images[10] = images[9] + 7
    labels = np.zeros(60, dtype=np.int64)
    labels[[32, 47]] = 3
    labels[[8, 9]] = 2
    split = np.repeat(["train", "public_test", "private_test"], [30, 15, 15])
    return FaceDataset(images, labels, CLASSES, split, "planted")


@pytest.fixture(scope="module")
def found(planted) -> Audit:
    return audit(planted)


def test_planted_copies_are_found(found):
    groups = sorted(group.tolist() for group in found.groups)
    assert groups == [[1, 2], [3, 31], [4, 32, 46], [5, 6, 7], [33, 47]]
    across = sorted(group.tolist() for group in found.groups_across_splits())
    assert across == [[3, 31], [4, 32, 46], [33, 47]]
    contradictory = sorted(group.tolist() for group in found.contradictory_groups())
    assert contradictory == [[4, 32, 46], [33, 47]]
    assert np.flatnonzero(found.flat).tolist() == [5, 6, 7]
    assert found.near_pairs.tolist() == [[8, 34], [9, 10]]
    assert found.near_correlation[1] == pytest.approx(1.0, abs=1e-9)


def test_planted_leaks_are_found(found):
    assert np.flatnonzero(found.in_train).tolist() == [31, 32, 46]
    assert np.flatnonzero(found.in_train_same_label).tolist() == [31, 46]
    assert np.flatnonzero(found.near_in_train).tolist() == [34]


def test_figures(found):
    figures = found.figures()
    assert json.loads(json.dumps(figures)) == figures
    assert figures == {
        "pictures": 60,
        "identical_groups": 5,
        "pictures_in_groups": 12,
        "groups_across_splits": 3,
        "contradictory_groups": 2,
        "contradictory_labels": {"angry/happy": 2},
        "flat_pictures": 3,
        "near_identical_pairs": 2,
        "near_identical_pairs_across_splits": 1,
        "near_identical_pairs_contradictory": 2,
        "test_in_train": {
            "public_test": {
                "pictures": 15,
                "identical": 2,
                "identical_same_label": 1,
                "only_near_identical": 1,
            },
            "private_test": {
                "pictures": 15,
                "identical": 1,
                "identical_same_label": 1,
                "only_near_identical": 0,
            },
        },
    }
    assert "groups with more than one label" in str(found)
    assert found._repr_html_().count("<tr>") == len(str(found).splitlines())


def test_clean_data_are_clean():
    split = np.repeat(["train", "private_test"], 20)
    clean = FaceDataset(blobs(40, seed=1), np.zeros(40, np.int64), CLASSES, split, "clean")
    result = audit(clean)
    assert (result.groups, len(result.near_pairs), result.flat.any()) == ((), 0, False)


def test_flat_mask():
    images = np.zeros((2, 3, 3), np.uint8)
    images[1, 2, 2] = 1
    assert flat_mask(images).tolist() == [True, False]


def test_near_identical_pairs_of_none_and_of_flat_pictures():
    pairs, value = near_identical_pairs(np.zeros((0, 48, 48), np.uint8))
    assert (pairs.shape, value.shape) == ((0, 2), (0,))
    flat = np.repeat(np.arange(3, dtype=np.uint8) * 50, 48 * 48).reshape(3, 48, 48)
    assert len(near_identical_pairs(flat)[0]) == 0


def test_correlations():
    a = np.array([[[0, 10], [20, 30]]], np.uint8)
    images = np.concatenate([a, a * 2 + 5, 255 - a, a * 0, a.transpose(0, 2, 1)])
    pairs = np.array([[0, 1], [0, 2], [0, 3], [0, 4]])
    # means 15; products of (-15, -5, 5, 15) and (-15, 5, -5, 15) sum to 400, squares to 500
    np.testing.assert_allclose(correlations(images, pairs), [1, -1, 0, 0.8], atol=1e-12)
    rows = standardised(images)
    np.testing.assert_allclose(rows[[0, 0, 0, 0]] @ rows.T, [[1, 1, -1, 0, 0.8]] * 4, atol=1e-6)


def test_nearest_neighbour_is_that_of_brute_force():
    train, test = blobs(100, seed=2), blobs(20, seed=3)
    difference = test[:, None].astype(np.int64) - train[None].astype(np.int64)
    distance = (difference**2).sum(axis=(2, 3))
    np.testing.assert_array_equal(nearest_neighbour(train, test, block=7), distance.argmin(axis=1))
    exclude = np.random.RandomState(4).rand(100) < 0.5
    distance[:, exclude] = np.iinfo(np.int64).max
    np.testing.assert_array_equal(nearest_neighbour(train, test, exclude), distance.argmin(axis=1))


def test_nearest_neighbour_takes_the_first_of_equals():
    train = np.concatenate([blobs(20), blobs(20)])
    assert nearest_neighbour(train, train).tolist() == [*range(20), *range(20)]
    one_off = train.copy()
    one_off[:20, 0, 0] ^= 1
    assert nearest_neighbour(one_off, train[20:]).tolist() == list(range(20, 40))


def test_nearest_neighbour_needs_training_pictures():
    with pytest.raises(ValueError, match="3 given, all of them excluded"):
        nearest_neighbour(blobs(3), blobs(1), np.ones(3, bool))


def test_pairs_across_splits(planted):
    pairs, value = pairs_across_splits(planted, "train", "public_test", n=3)
    assert pairs[0].tolist() == [8, 34]
    assert (np.diff(value) <= 0).all()
    assert len({*pairs.ravel()}) == 6
    assert (planted.split[pairs] == ["train", "public_test"]).all()
    identical, value = pairs_across_splits(planted, "train", "public_test", n=2, identical=True)
    assert sorted(identical.tolist()) == [[3, 31], [4, 32]]
    np.testing.assert_allclose(value, 1.0)


def test_real_audit(fer2013_dir):
    if not fer2013_dir.is_dir():
        pytest.skip("the figures are those of the image folder; here is the CSV copy")
    figures = audit(fer2013.load(fer2013_dir), near=False).figures()
    assert figures["identical_groups"] == 1516
    assert figures["pictures_in_groups"] == 3369
    assert figures["groups_across_splits"] == 557
    assert figures["contradictory_groups"] == 57
    assert figures["flat_pictures"] == 12
    public, private = (figures["test_in_train"][s] for s in ("public_test", "private_test"))
    assert (public["identical"], public["identical_same_label"]) == (280, 273)
    assert (private["identical"], private["identical_same_label"]) == (288, 279)


def test_real_near_identical_pairs(fer2013_dir):
    images = fer2013.load(fer2013_dir).part("private_test").images
    pairs, value = near_identical_pairs(images)
    assert len(pairs) > 10  # photos that stand there twice, not exactly: 1 in 400 or so
    assert ((value >= 0.9) & (value < 1 + 1e-9)).all()
    assert (images[pairs[:, 0]] != images[pairs[:, 1]]).any(axis=(1, 2)).all()
