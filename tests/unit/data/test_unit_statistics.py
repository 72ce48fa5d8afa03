"""Frequencies and correlations of action units, worked out by hand."""

from __future__ import annotations

import numpy as np
import pytest

from fer_utils.data import unit_statistics
from fer_utils.data.dataset import FaceDataset


def faces(units, labels, names=("AU1", "AU2", "AU4")) -> FaceDataset:
    n = len(labels)
    return FaceDataset(
        np.zeros((n, 2, 2), np.uint8), np.array(labels, np.int64), ("a", "b", "c"),
        np.full(n, "train"), "made",
        action_units=np.array(units, np.uint8), action_unit_names=names,
    )  # fmt: skip


DATA = faces([[1, 1, 0], [1, 1, 0], [0, 0, 0], [0, 1, 0]], [0, 0, 0, 1])


def test_shares_by_class_and_of_all():
    table = unit_statistics.frequencies(DATA)
    assert table["a"].tolist() == pytest.approx([2 / 3, 2 / 3, 0])
    assert table["b"].tolist() == [0, 1, 0]
    assert table["c"].isna().all()
    assert table["all"].tolist() == [0.5, 0.75, 0]


def test_phi_of_two_columns_and_nan_of_a_constant_one():
    table = unit_statistics.correlations(DATA)
    # 2 both, 1 only the second, 1 neither: phi = (2 * 1 - 0 * 1) / sqrt(2 * 2 * 3 * 1)
    assert table.loc["AU1", "AU2"] == pytest.approx(2 / np.sqrt(12))
    assert table.loc["AU1", "AU1"] == pytest.approx(1)
    assert table["AU4"].isna().all()


def test_correlations_are_numpys():
    rng = np.random.default_rng(0)
    units = rng.integers(0, 2, (100, 3))
    found = unit_statistics.correlations(faces(units, np.zeros(100, int)))
    assert np.allclose(found, np.corrcoef(units.T))


def test_pairs_are_sorted_and_each_stands_once():
    pairs = unit_statistics.pairs(unit_statistics.correlations(DATA))
    assert pairs.index.tolist() == ["AU1-AU2"]
    table = unit_statistics.correlations(faces([[1, 0, 1], [0, 1, 1], [0, 1, 0]], [0, 0, 0]))
    pairs = unit_statistics.pairs(table)
    assert pairs.index.tolist() == ["AU1-AU4", "AU2-AU4", "AU1-AU2"]
    assert pairs["AU1-AU2"] == pytest.approx(-1)


def test_without_units_it_says_so():
    bare = FaceDataset(DATA.images, DATA.labels, DATA.classes, DATA.split, "bare")
    with pytest.raises(ValueError, match="'bare' has no pictures with action units"):
        unit_statistics.frequencies(bare)
