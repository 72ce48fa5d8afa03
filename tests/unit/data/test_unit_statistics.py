"""Frequencies and correlations of action units, worked out by hand."""

from __future__ import annotations

import numpy as np
import pytest

from fer_utils.data import ckplus, facs, unit_statistics
from fer_utils.data.dataset import FaceDataset

from . import ckplus_tree


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


def test_chosen_pairs_stand_by_number_and_lacking_ones_are_nan():
    table = unit_statistics.correlations(DATA)
    found = unit_statistics.chosen(table, [(2, 1), (1, 11)])
    assert found.index.tolist() == ["2, 1", "1, 11"]
    assert found["2, 1"] == pytest.approx(2 / np.sqrt(12))
    assert np.isnan(found["1, 11"])


def test_ck_plus_is_counted_by_the_same_functions(tmp_path):
    data = ckplus.load(ckplus_tree.write(tmp_path), size=16)  # six films
    shares = unit_statistics.frequencies(facs.with_units(data))
    assert shares.loc[["AU2", "AU27", "AU12"], "surprise"].tolist() == [1, 1, 0]
    assert shares.loc["AU12", ["happy", "disgust"]].tolist() == [1, 0]
    assert shares.loc[["AU4", "AU15"], "unlabelled"].tolist() == [1, 0.5]
    assert shares["sad"].isna().all()  # no film is
    assert shares.loc["AU25", "all"] == pytest.approx(2 / 6)
    together = unit_statistics.correlations(data)
    found = unit_statistics.chosen(together, [(25, 27), (14, 15), (11, 26)])
    # 25 and 27: 1 both, 1 only 25, 4 neither; 14 and 15: 1 each alone, 4 neither
    assert found["25, 27"] == pytest.approx(4 / np.sqrt(2 * 4 * 1 * 5))
    assert found["14, 15"] == pytest.approx(-1 / 5)
    assert np.isnan(found["11, 26"])  # 26 is in no film


def test_without_units_it_says_so():
    bare = FaceDataset(DATA.images, DATA.labels, DATA.classes, DATA.split, "bare")
    with pytest.raises(ValueError, match="'bare' has no pictures with action units"):
        unit_statistics.frequencies(bare)
