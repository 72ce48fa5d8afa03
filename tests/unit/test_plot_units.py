"""Plots of action units show what they are given."""

from __future__ import annotations

import numpy as np
import pandas as pd
from matplotlib.patches import Rectangle
from matplotlib.text import Text

from fer_utils import plots
from fer_utils.data.dataset import FaceDataset

TABLE = pd.DataFrame([[1.0, -0.5], [np.nan, 0.25]], ["AU1", "AU2"], ["AU1", "AU2"])


def test_a_heat_map_prints_its_numbers_and_frames_cells():
    figure = plots.heat_map(TABLE, marked=[("AU1", "AU2")], title="found", note="n = 2")
    axes = figure.axes[0]
    assert [text.get_text() for text in axes.texts] == ["1.00", "-.50", ".25"]
    large = plots.heat_map(pd.DataFrame([[10.25, -20.5, -0.001]]), -30, 30, title="t", note="n")
    assert [text.get_text() for text in large.axes[0].texts] == ["10.25", "-20.50", ".00"]
    frames = [p for p in axes.patches if isinstance(p, Rectangle)]
    assert [(p.get_x(), p.get_y()) for p in frames] == [(0.5, -0.5)]
    assert axes.images[0].get_clim() == (-1, 1)
    assert plots.heat_map(TABLE.abs(), 0, 1, "share").axes[0].images[0].get_cmap().name == "Blues"


def faces(units, labels) -> FaceDataset:
    n = len(labels)
    return FaceDataset(
        np.zeros((n, 2, 2), np.uint8), np.array(labels, np.int64), ("happy", "sad"),
        np.full(n, "train"), "made",
        action_units=np.array(units, np.uint8), action_unit_names=("AU1", "AU6", "AU12"),
    )  # fmt: skip


DATA = faces([[0, 1, 1], [0, 0, 1], [1, 0, 0]], [0, 0, 1])


def titled(figure) -> str:
    return " ".join(text.get_text().replace("\n", " ") for text in figure.findobj(Text))


def test_a_map_of_shares_finds_its_title_and_passes_over_emotions_without_pictures():
    figure = plots.unit_shares(DATA, "three faces", ("happy", "sad", "fear"))
    assert (
        "On three faces the most frequent unit of happy: 12 lip corner puller; of "
        "sad: 1 inner brow raiser" in titled(figure)
    )
    rows = [text.get_text() for text in figure.axes[0].get_yticklabels()]
    assert rows == ["1 inner brow raiser", "6 cheek raiser", "12 lip corner puller"]
    only_sad = plots.unit_shares(DATA.take(np.array([2])), "one", ("happy", "sad"))
    assert "of sad: 1" in titled(only_sad)
    assert "happy:" not in titled(only_sad)


def test_a_map_of_correlations_frames_pairs_that_are_there():
    figure = plots.unit_correlations(DATA, "three faces", [(6, 12), (11, 26)])
    frames = [p for p in figure.axes[0].patches if isinstance(p, Rectangle)]
    assert [(p.get_x(), p.get_y()) for p in frames] == [(1.5, 0.5), (0.5, 1.5)]
    assert "most together AU6-AU12 (0.50), most apart AU1-AU12 (-1.00)" in titled(figure)
    nothing = plots.unit_correlations(DATA.take(np.array([0])), "one face")
    assert "most" not in titled(nothing)


def test_unit_dots_keep_the_order_and_name_the_runs():
    figure = plots.unit_dots({"joint": {"AU1": 0.9, "AU2": 0.5}, "alone": {"AU2": 0.4, "AU1": 0.8}})
    axes = figure.axes[0]
    assert [text.get_text() for text in axes.get_yticklabels()] == ["AU1", "AU2"]
    assert [list(line.get_xdata()) for line in axes.lines] == [[0.9, 0.5], [0.8, 0.4]]
    assert [text.get_text() for text in axes.get_legend().get_texts()] == ["joint", "alone"]
    assert axes.yaxis_inverted()
    assert plots.unit_dots({"one": {"AU1": 1.0}}).axes[0].get_legend() is None
