"""Plots of action units show what they are given."""

from __future__ import annotations

import numpy as np
import pandas as pd
from matplotlib.patches import Rectangle

from fer_utils import plots

TABLE = pd.DataFrame([[1.0, -0.5], [np.nan, 0.25]], ["AU1", "AU2"], ["AU1", "AU2"])


def test_a_heat_map_prints_its_numbers_and_frames_cells():
    figure = plots.heat_map(TABLE, marked=[("AU1", "AU2")], title="found", note="n = 2")
    axes = figure.axes[0]
    assert [text.get_text() for text in axes.texts] == ["1.00", "-.50", ".25"]
    frames = [p for p in axes.patches if isinstance(p, Rectangle)]
    assert [(p.get_x(), p.get_y()) for p in frames] == [(0.5, -0.5)]
    assert axes.images[0].get_clim() == (-1, 1)
    assert plots.heat_map(TABLE.abs(), 0, 1, "share").axes[0].images[0].get_cmap().name == "Blues"


def test_unit_dots_keep_the_order_and_name_the_runs():
    figure = plots.unit_dots({"joint": {"AU1": 0.9, "AU2": 0.5}, "alone": {"AU2": 0.4, "AU1": 0.8}})
    axes = figure.axes[0]
    assert [text.get_text() for text in axes.get_yticklabels()] == ["AU1", "AU2"]
    assert [list(line.get_xdata()) for line in axes.lines] == [[0.9, 0.5], [0.8, 0.4]]
    assert [text.get_text() for text in axes.get_legend().get_texts()] == ["joint", "alone"]
    assert axes.yaxis_inverted()
    assert plots.unit_dots({"one": {"AU1": 1.0}}).axes[0].get_legend() is None
