"""Maps averaged by class, compared and added up, on maps worked out by hand."""

from __future__ import annotations

import numpy as np
import pytest

pytest.importorskip("torch")
pytest.importorskip("captum", reason="needs Captum: pip install -e '.[interpret]'")

from fer_utils import interpret_regions as regions  # noqa: E402

CLASSES = ("angry", "fear", "happy")
BANDS = {"top": slice(0, 1), "bottom": slice(1, 3)}


def test_mean_maps_are_of_the_classes_that_have_faces_and_mirrored():
    maps = np.zeros((3, 2, 2))
    maps[0, 0, 0], maps[1, 1, 0] = 4, 8  # both count alike, whatever their size
    found = regions.mean_maps(maps, np.array([2, 2, 0]))
    assert list(found) == [0, 2]
    assert found[0].tolist() == [[0, 0], [0, 0]]
    assert found[2] == pytest.approx(np.full((2, 2), 0.25))


def test_mean_correlation_is_over_all_pairs():
    rising, other = np.array([[0.0, 1.0], [2.0, 3.0]]), np.array([[1.0, 0.0], [0.0, 1.0]])
    assert regions.mean_correlation([rising, 5 + 2 * rising]) == pytest.approx(1)
    assert regions.mean_correlation([rising, -rising, other]) == pytest.approx(-1 / 3)  # -1, 0, 0
    with pytest.raises(ValueError, match="two maps at least, got 1"):
        regions.mean_correlation(iter([rising]))


def test_contributions_add_up_to_the_whole_map_and_clear_ones_are_named():
    rng = np.random.default_rng(0)
    labels = np.repeat([0, 1, 2], [20, 1, 20])
    maps = rng.normal(0, 0.01, (41, 3, 3))
    maps[labels == 0, 0] += 1  # the top row speaks for angry: three pixels
    maps[labels == 2, 1:] -= 0.5  # the others against happy: six pixels
    maps[labels == 0, 1:], maps[labels == 2, 0] = 0, 0
    table, clear = regions.contributions(maps, labels, CLASSES, BANDS)
    assert list(table.index) == ["top", "bottom"]
    assert list(table.columns) == ["angry", "happy"]  # fear has one face: no interval
    assert table["angry"].tolist() == pytest.approx([3, 0], abs=0.05)
    assert table["happy"].tolist() == pytest.approx([0, -3], abs=0.05)
    assert table["happy"].sum() == pytest.approx(maps[labels == 2].sum((1, 2)).mean())
    assert clear == [("top", "angry"), ("bottom", "happy")]
