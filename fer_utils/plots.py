"""Every figure of the course in one place, in one style, with one colour an emotion.

    from fer_utils import plots
    plots.confusion(matrix, dataset.classes, title="Fear is read as sadness", note="n = 3,589")

A plot is returned, not shown: a notebook cell that ends in it shows it; elsewhere
`figure.savefig("name.png")`. The plots are in files `plot_*.py`, a kind in each; colours and the
page are in `plot_style`.
"""

from fer_utils.plot_charts import class_counts, confusion, learning_curves, per_class_bars
from fer_utils.plot_comparisons import compare_bars, intervals, sweep
from fer_utils.plot_differences import differences
from fer_utils.plot_effort import effort
from fer_utils.plot_embedding import embedding
from fer_utils.plot_faces import boxes, gallery
from fer_utils.plot_frameworks import in_seeds, matched_curves, step_curves
from fer_utils.plot_fronts import front
from fer_utils.plot_haar import haar_features, windows
from fer_utils.plot_layers import feature_maps, histograms, receptive_fields
from fer_utils.plot_maps import overlays, share_curves
from fer_utils.plot_panels import confusions, line_panels
from fer_utils.plot_pictures import filters, grid, mean_faces, mistakes, pairs, upscaling
from fer_utils.plot_search import search_history, search_importance
from fer_utils.plot_style import EMOTION_COLOURS, STYLE
from fer_utils.plot_units import heat_map, unit_correlations, unit_dots, unit_shares
from fer_utils.plot_video import timelines

__all__ = [
    "EMOTION_COLOURS",
    "STYLE",
    "boxes",
    "class_counts",
    "compare_bars",
    "confusion",
    "confusions",
    "differences",
    "effort",
    "embedding",
    "feature_maps",
    "filters",
    "front",
    "gallery",
    "grid",
    "haar_features",
    "heat_map",
    "histograms",
    "in_seeds",
    "intervals",
    "learning_curves",
    "line_panels",
    "matched_curves",
    "mean_faces",
    "mistakes",
    "overlays",
    "pairs",
    "per_class_bars",
    "receptive_fields",
    "search_history",
    "search_importance",
    "share_curves",
    "step_curves",
    "sweep",
    "timelines",
    "unit_correlations",
    "unit_dots",
    "unit_shares",
    "upscaling",
    "windows",
]
