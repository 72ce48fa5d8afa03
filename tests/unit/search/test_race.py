"""The race of three ways to search."""

from __future__ import annotations

import numpy as np
import pytest

pytest.importorskip("optuna", reason="the search needs Optuna: pip install -e '.[search]'")
from fer_utils.search import race  # noqa: E402
from fer_utils.search.race import BEST_DECAY, BEST_RATE, CHANCE, TOP  # noqa: E402


def test_the_landscape_has_its_top_where_it_says():
    assert race.landscape(BEST_RATE, BEST_DECAY) == pytest.approx(TOP)
    far = race.landscape(BEST_RATE * 10, BEST_DECAY)
    assert far == pytest.approx(CHANCE + (TOP - CHANCE) * np.exp(-0.8))
    assert race.landscape(BEST_RATE, BEST_DECAY * 10) > far  # decay matters less


def test_a_race_is_repeatable_and_every_way_gets_on():
    found = race.run(9, repeats=4)
    assert list(found) == ["grid", "random", "TPE"]
    for curves in found.values():
        assert curves.shape == (4, 9)
        assert curves[:, -1].mean() > curves[:, 0].mean()
        assert curves.min() >= CHANCE and curves.max() <= TOP
    again = race.run(9, repeats=4)
    assert all(np.array_equal(found[name], again[name]) for name in found)
    # before TPE has a model it draws at random too, with the same seeds
    np.testing.assert_array_equal(found["random"][:, :8], found["TPE"][:, :8])


def test_a_grid_of_all_its_points_ends_at_its_best_whatever_the_order():
    ends = race.run(4, repeats=3, n=10**7)["grid"][:, -1]
    points = [p for p in race._grid(2, 0)]
    assert ends == pytest.approx(max(race.landscape(**point) for point in points))
    with pytest.raises(ValueError, match="4, 9, 16"):
        race.run(10, repeats=1)


def test_bands_hold_the_middle_of_the_repeats_and_stand_apart():
    raced = {name: np.arange(11.0)[:, None] + [0, 100] for name in ("a", "b", "c")}
    found = race.bands(raced, (2,), middle=0.8, set_apart=0.25)
    assert {name: list(line) for name, line in found.items()} == {
        "a": [1.75],
        "b": [2],
        "c": [2.25],
    }
    assert found["a"][1.75] == pytest.approx((105, 101, 109))
    with pytest.raises(ValueError, match="name some of 1 to 2"):
        race.bands(raced, (0, 3))
