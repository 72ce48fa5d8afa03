"""Plots: the right number of axes and labels, figures that say what they were given, one colour
an emotion, and not a warning when drawn."""

from __future__ import annotations

import io
import warnings
from types import SimpleNamespace

import matplotlib
import matplotlib.pyplot as plt
import numpy as np
import pandas as pd
import pytest
from matplotlib.colors import to_hex, to_rgb
from matplotlib.figure import Figure

from fer_utils import plots
from fer_utils.data.dataset import CLASSES
from fer_utils.faces.face_box import FaceBox

RNG = np.random.default_rng(0)
FACES = RNG.integers(0, 256, (20, 12, 12), dtype=np.uint8)
LABELS = np.arange(20) % 7
PREDICTIONS = np.where(np.arange(20) % 3 == 0, (LABELS + 1) % 7, LABELS)  # 7 mistakes
COUNTS = {split: {name: 10 * i for i, name in enumerate(CLASSES)} for split in ("train", "test")}
MATRIX = np.arange(49).reshape(7, 7) * 100
READ = np.eye(7)[PREDICTIONS] * 0.9 + 0.1 / 7
FIELDS = {"small": {"conv 1": 3}, "large": {"conv 1": 3, "conv 2": 14}}

SEARCH = {
    "study": "mine",
    "scored_on": "validation",
    "importance": {"learning_rate": 0.7, "optimizer": 0.3},
    "trials": [
        {"number": 0, "state": "complete", "score": 0.3, "curve": [0.2, 0.3]},
        {"number": 1, "state": "pruned", "score": None, "curve": [0.1]},
        {"number": 2, "state": "failed", "score": None, "curve": []},
    ],
}
FEATURES = np.array([[[0, 0, 8, 4, -1], [0, 2, 8, 2, 3], [0, 0, 0, 0, 0]]] * 2)
LINES = [
    SimpleNamespace(
        face=k, times=np.arange(n), probabilities=np.full((n, 7), 1 / 7), classes=CLASSES
    )
    for k, n in ((1, 90), (2, 5), (3, 1))
]


class Record:
    def __init__(self, history: list[dict]) -> None:
        self.history = history


def history(epochs: int = 3, start: float = 0.2) -> list[dict]:
    return [
        {
            "epoch": epoch,
            "train_accuracy": start + epoch / 10,
            "validation_accuracy": start + epoch / 20,
            "train_loss": 2 / epoch,
        }
        for epoch in range(1, epochs + 1)
    ]


MADE = {
    "effort": lambda **text: plots.effort(
        {"minutes": {"ours": {"small": (2.0, (0.5, 0.45, 0.55))}}}, **text
    ),
    "embedding": lambda **text: plots.embedding(RNG.random((20, 2)), LABELS, CLASSES, **text),
    "overlays": lambda **text: plots.overlays(
        FACES[:3], {"map": RNG.normal(size=(3, 12, 12))}, ["face", "map"], ["a", "b", "c"], **text
    ),
    "share_curves": lambda **text: plots.share_curves(
        {k: {"map": RNG.random((5, 4)), "random": RNG.random((5, 4))} for k in ("one", "two")},
        {"one": "share gone", "two": "share there"},
        **text,
    ),
    "heat_map": lambda **text: plots.heat_map(pd.DataFrame(np.eye(3)), **text),
    "unit_dots": lambda **text: plots.unit_dots({"one": {"AU1": 0.5}, "two": {"AU1": 0.7}}, **text),
    "grid": lambda **text: plots.grid(FACES, [CLASSES[i] for i in LABELS], **text),
    "grid without titles": lambda **text: plots.grid(FACES[:3] / 255, columns=3, **text),
    "mistakes": lambda **text: plots.mistakes(FACES, LABELS, PREDICTIONS, CLASSES, **text),
    "mean_faces": lambda **text: plots.mean_faces(
        {name: FACES[LABELS == i] for i, name in enumerate(CLASSES)}, **text
    ),
    "filters": lambda **text: plots.filters(RNG.normal(size=(16, 5, 5)), **text),
    "pairs": lambda **text: plots.pairs(FACES[:5], FACES[5:10], ["train"] * 5, ["b"] * 5, **text),
    "boxes": lambda **text: plots.boxes(
        np.stack([FACES[0]] * 3, 2), {"found": [FaceBox(1, 2, 5, 4, 1)], "kept": []}, **text
    ),
    "gallery": lambda **text: plots.gallery(
        {"Kim": [0, 2], "Lea": [1]}, FACES, [CLASSES[k] for k in LABELS], READ, CLASSES, **text
    ),
    "upscaling": lambda **text: plots.upscaling(FACES[:2], **text),
    "feature_maps": lambda **text: plots.feature_maps(
        FACES[:2], RNG.normal(size=(2, 6, 6, 3)), kernels=RNG.normal(size=(3, 3, 3)), **text
    ),
    "histograms": lambda **text: plots.histograms({"a": {"x": FACES}, "b": {"x": LABELS}}, **text),
    "receptive_fields": lambda **text: plots.receptive_fields(FACES[0], FIELDS, **text),
    "haar_features": lambda **text: plots.haar_features(
        RNG.integers(0, 256, (24, 24), dtype=np.uint8), FEATURES, ["a", "b"], **text
    ),
    "windows": lambda **text: plots.windows(
        np.repeat(FACES[0][..., None], 3, axis=2),
        {"few": np.array([[1, 2, 4, 4.5]]), "many": np.tile([0, 0, 3, 3], (500, 1)), "none": []},
        **text,
    ),
    "timelines": lambda **text: plots.timelines(LINES, {1: [(0, 2.5, "happy")]}, **text),
    "class_counts": lambda **text: plots.class_counts(COUNTS, CLASSES, **text),
    "learning_curves": lambda **text: plots.learning_curves({"a": Record(history())}, **text),
    "confusion": lambda **text: plots.confusion(MATRIX, CLASSES, **text),
    "per_class_bars": lambda **text: plots.per_class_bars(
        {"one": LABELS[:7] / 7, "two": LABELS[:7] / 9}, CLASSES, **text
    ),
    "sweep": lambda **text: plots.sweep(
        {"plain": {1: (0.5, 0.45, 0.55), 2: (0.6, 0.55, 0.65)}}, xlabel="depth", **text
    ),
    "intervals": lambda **text: plots.intervals(
        {"a": (0.4, 0.38, 0.42)}, {"chance": 1 / 7, "human": (0.6, 0.7)}, **text
    ),
    "differences": lambda **text: plots.differences({"a": (0.01, -0.01, 0.03)}, "base", **text),
    "front": lambda **text: plots.front(
        {"a": ((0.4, 0.3, 0.5), (0.4, 0.3, 0.5)), "b": ((0.3, 0.2, 0.4), (0.3, 0.2, 0.4))},
        ["a"],
        {"a setting": {"0": (0.4, 0.4), "1": (0.35, 0.45)}},
        **text,
    ),
    "confusions": lambda **text: plots.confusions(
        dict.fromkeys(("one", "two", "three"), MATRIX), CLASSES, **text
    ),
    "line_panels": lambda **text: plots.line_panels(
        {"left": {"a": {"first": 1, "last": 2}}, "right": {"b": {"first": 3}}}, "layer", **text
    ),
    "compare_bars": lambda **text: plots.compare_bars({"chance": 1 / 7, "happy": 0.25}, **text),
    "matched_curves": lambda **text: plots.matched_curves(
        {"PyTorch": [2, 1.9, 1.8], "Keras": [2, 1.9001, 1.8]}, **text
    ),
    "step_curves": lambda **text: plots.step_curves(
        {"a": ([0, 10], [[2, 1.8], [2.1, 1.7]]), "b": ([0, 10], [[2, 1.9]])}, **text
    ),
    "in_seeds": lambda **text: plots.in_seeds({"a": [0.4, 0.6], "b": [1.2, 2.0]}, **text),
    "search_history": lambda **text: plots.search_history(SEARCH, {"report": 0.4}, **text),
    "search_importance": lambda **text: plots.search_importance(SEARCH, **text),
}


def texts(figure: Figure) -> list[str]:
    return [t.get_text() for t in figure.findobj(matplotlib.text.Text) if t.get_text()]


def used_axes(figure: Figure) -> list:
    """Axes that show data, colour bars aside."""
    return [axes for axes in figure.axes if axes.has_data() and axes.get_label() != "<colorbar>"]


@pytest.mark.parametrize("name", MADE)
def test_every_plot_is_a_page_wide_titled_captioned_and_draws_without_a_warning(name):
    before = dict(matplotlib.rcParams)
    with warnings.catch_warnings():
        warnings.simplefilter("error")
        figure = MADE[name](title="What it shows " * 8, note="n = 3,589 ± 5% → ’")
        figure.savefig(io.BytesIO(), format="png", dpi=40)
    assert figure.get_size_inches()[0] == 7
    assert "What it shows" in figure.get_suptitle()
    assert "\n" in figure.get_suptitle()  # wrapped to the page
    assert "n = 3,589 ± 5% → ’" in texts(figure)
    assert not plt.get_fignums()  # nothing stays open
    assert dict(matplotlib.rcParams) == before


def test_a_plot_shows_itself_without_a_backend():
    assert MADE["intervals"]()._repr_png_().startswith(b"\x89PNG")


def test_every_public_function_is_tested_above():
    functions = {name for name in plots.__all__ if callable(getattr(plots, name))}
    functions -= {"unit_shares", "unit_correlations"}  # word their own titles: test_plot_units.py
    assert functions == {name.split()[0] for name in MADE}


def test_seven_colours_apart_for_seven_emotions():
    assert tuple(plots.EMOTION_COLOURS) == CLASSES
    colours = [np.array(to_rgb(colour)) for colour in plots.EMOTION_COLOURS.values()]
    apart = [np.abs(a - b).max() for i, a in enumerate(colours) for b in colours[:i]]
    assert min(apart) > 0.15


def test_bars_carry_the_colour_of_their_emotion():
    expected = [colour.lower() for colour in plots.EMOTION_COLOURS.values()]
    counts = plots.class_counts(COUNTS, CLASSES).axes[1]
    assert [to_hex(bar.get_facecolor()) for bar in counts.patches] == expected
    one = plots.per_class_bars({"recall": np.linspace(0, 1, 7)}, CLASSES).axes[0]
    assert [to_hex(bar.get_facecolor()) for bar in one.patches] == expected
    named = plots.compare_bars({"happy": 0.25, "majority": 0.3}).axes[0]
    assert to_hex(named.patches[0].get_facecolor()) == plots.EMOTION_COLOURS["happy"].lower()


def test_class_counts_have_a_panel_a_split_with_n_and_share():
    figure = plots.class_counts(COUNTS, CLASSES)
    assert [axes.get_title(loc="left") for axes in figure.axes] == [
        "train, n = 210",
        "test, n = 210",
    ]
    assert "60 (28.6%)" in texts(figure)
    assert all(axes.get_xlabel() == "pictures" for axes in figure.axes)


def test_confusion_writes_every_count_and_colours_by_row():
    figure = plots.confusion(MATRIX, CLASSES)
    axes = figure.axes[0]
    written = {tuple(round(v) for v in t.get_position()): t.get_text() for t in axes.texts[::2]}
    assert written == {(c, r): f"{MATRIX[r, c]:,}" for r in range(7) for c in range(7)}
    shares = np.asarray(axes.images[0].get_array())
    assert shares.sum(1) == pytest.approx(np.ones(7))
    assert axes.get_yticklabels()[1].get_text() == f"disgust\nn = {MATRIX[1].sum():,}"
    assert (axes.get_xlabel(), axes.get_ylabel()) == ("predicted", "labelled")


def test_confusion_of_a_class_without_pictures_and_of_the_wrong_size():
    empty = np.diag([3, 0, 5])
    shares = np.asarray(plots.confusion(empty, CLASSES[:3]).axes[0].images[0].get_array())
    assert shares[1].tolist() == [0, 0, 0]
    with pytest.raises(ValueError, match="7 classes"):
        plots.confusion(empty, CLASSES)


def test_grid_shows_each_picture_once_with_its_title():
    figure = plots.grid(FACES, [f"face {i}" for i in range(20)], columns=6)
    assert [axes.get_title() for axes in used_axes(figure)] == [f"face {i}" for i in range(20)]
    shown = np.stack([axes.images[0].get_array() for axes in used_axes(figure)])
    assert np.array_equal(shown, FACES)
    assert not any(axes.axison for axes in figure.axes)
    with pytest.raises(ValueError, match="one entry a picture"):
        plots.grid(FACES, ["too few"])
    with pytest.raises(ValueError, match="at least one picture"):
        plots.grid(FACES[:0])


def test_mistakes_are_the_wrong_ones_the_surest_first():
    probabilities = np.full((20, 7), 0.05)
    probabilities[9, PREDICTIONS[9]] = 0.9
    probabilities[3, PREDICTIONS[3]] = 0.7
    figure = plots.mistakes(FACES, LABELS, PREDICTIONS, CLASSES, 4, probabilities)
    titles = [axes.get_title() for axes in used_axes(figure)]
    assert len(titles) == 4
    assert titles[0] == f"{CLASSES[LABELS[9]]}\n→ {CLASSES[PREDICTIONS[9]]} 90%"
    assert titles[1].endswith("70%")
    assert any(text.startswith("4 of 7 mistakes among 20") for text in texts(figure))
    with pytest.raises(ValueError, match="no mistakes"):
        plots.mistakes(FACES, LABELS, LABELS, CLASSES)


def test_mean_faces_are_means_and_deviations():
    figure = plots.mean_faces({"happy": FACES[:8], "sad": FACES[8:]})
    drawn = [np.asarray(axes.images[0].get_array()) for axes in used_axes(figure)]
    assert drawn[1] == pytest.approx(FACES[8:].mean(0))
    assert drawn[2] == pytest.approx(FACES[:8].std(0))
    assert "happy\nn = 8" in texts(figure)


def test_filters_share_one_scale_symmetric_about_zero():
    weights = RNG.normal(size=(6, 4, 4))
    figure = plots.filters(weights)
    limits = {axes.images[0].get_clim() for axes in used_axes(figure)}
    most = np.abs(weights).max()
    assert limits == {(-most, most)}
    assert len(used_axes(figure)) == 6
    with pytest.raises(ValueError, match=r"\(N, H, W\)"):
        plots.filters(np.zeros((3, 4)))


def test_pairs_stand_side_by_side_under_their_own_titles():
    figure = plots.pairs(FACES[:2], FACES[2:4], ["a", "b"], ["c", "d"])
    left = used_axes(figure)[1]
    shown = np.asarray(left.images[0].get_array())
    assert np.array_equal(shown[:, :12], FACES[1])
    assert np.array_equal(shown[:, -12:], FACES[3])
    assert [text.get_text() for text in left.texts] == ["b", "d"]


def test_upscaling_compares_three_ways_at_the_size_asked():
    axes = used_axes(plots.upscaling(FACES[:2], size=36))
    shown = [np.asarray(one.images[0].get_array()) for one in axes]
    assert [picture.shape for picture in shown] == [(36, 36)] * 6
    assert np.array_equal(shown[0], FACES[0].repeat(3, 0).repeat(3, 1))  # nearest repeats pixels
    assert not np.array_equal(shown[1], shown[2])


def test_boxes_are_drawn_where_they_are_in_each_panel():
    photo = np.zeros((20, 40, 3), np.uint8)
    one, other = FaceBox(1, 2, 8, 9, 1), FaceBox(20, 3, 4, 5, 1)
    figure = plots.boxes(photo, {"P-Net": [one, other], "O-Net": [other]})
    first, second = used_axes(figure)
    assert (first.get_title(loc="left"), second.get_title(loc="left")) == ("P-Net", "O-Net")
    corners = {(*patch.get_xy(), patch.get_width(), patch.get_height()) for patch in first.patches}
    assert corners == {(1, 2, 8, 9), (20, 3, 4, 5)}
    assert first.get_xlim() == (-0.5, 39.5)
    with pytest.raises(ValueError, match=r"2 texts for \[1\] boxes"):
        plots.boxes(photo, {"all": [one]}, texts=["a", "b"])


def test_a_gallery_tells_right_from_wrong_and_says_where_no_face_was():
    probabilities = np.array([[0.8, 0.2], [0.9, 0.1], [np.nan, np.nan]])
    figure = plots.gallery(
        {"Kim": [0, 1], "Lea": [2]},
        FACES[:3],
        ["sad", "happy", "sad"],
        probabilities,
        ("sad", "happy"),
    )
    titles = [axes.get_title() for axes in figure.axes if axes.get_title()]
    assert titles == ["sad\n✓ 80%", "happy\n→ sad 90%", "Lea: sad\nno face found"]
    bars = [[bar.get_height() for bar in axes.patches] for axes in figure.axes if axes.patches]
    assert bars == [[0.8, 0.2], [0.9, 0.1]]
    assert "Kim" in texts(figure) and "Lea" not in texts(figure)
    everybody = {f"pupil {i}": [i] for i in range(9)}
    figure = plots.gallery(everybody, FACES, ["sad"] * 20, np.eye(2)[LABELS % 2], ("sad", "happy"))
    faces = [axes for axes in figure.axes if axes.images]
    assert len({round(axes.get_position().y0, 6) for axes in faces}) == 2  # seven and two
    with pytest.raises(ValueError, match="20 pictures, 1 labels and 3 rows"):
        plots.gallery({"Kim": [0]}, FACES, ["sad"], probabilities, ("sad", "happy"))


def test_feature_maps_stand_beside_their_picture_under_their_kernel():
    maps = [RNG.normal(size=(12, 12, 2)), RNG.normal(size=(6, 6, 2))]
    maps[0][..., 1] *= 9
    maps[1][0, 0, 0] = np.nan
    kernels = RNG.normal(size=(3, 3, 2))
    figure = plots.feature_maps(FACES[:2], maps, ["", "a", "b"], ["one", "two"], kernels)
    drawn = [axes.images[0] for axes in used_axes(figure)]
    arrays = [np.ma.asarray(one.get_array()) for one in drawn]
    assert np.array_equal(arrays[0], kernels[..., 0])
    assert np.array_equal(arrays[2], FACES[0])
    assert np.array_equal(arrays[4], maps[0][..., 1])
    assert arrays[6].mask[0, 0] and arrays[6].shape == (6, 6)
    limits = [one.get_clim() for one in drawn]
    assert limits[3] == limits[6] and limits[4] == limits[7]  # a scale a column
    assert limits[4][1] > 3 * limits[3][1]
    assert all(low == -high for low, high in limits[3:5])
    assert [t for t in texts(figure) if t in ("a", "b", "one", "two")] == ["a", "b", "one", "two"]


def test_feature_maps_refuse_what_does_not_belong_together():
    with pytest.raises(ValueError, match="2 pictures and maps"):
        plots.feature_maps(FACES[:2], [np.zeros((3, 3, 2))])
    with pytest.raises(ValueError, match="one K"):
        plots.feature_maps(FACES[:2], [np.zeros((3, 3, 2)), np.zeros((3, 3, 1))])


def test_feature_maps_of_nothing_but_zeros():
    figure = plots.feature_maps(FACES[:1], [np.zeros((3, 3, 1))])
    assert used_axes(figure)[1].images[0].get_clim() == (-1, 1)


def test_histograms_show_shares_of_each_series():
    values = np.array([0.0, 0.0, 0.0, 1.0])
    axes = plots.histograms({"before": {"x": values, "y": 5 * values}, "after": {"x": values}}).axes
    assert [one.get_title(loc="left") for one in axes] == ["before", "after"]
    heights = axes[1].patches[0].get_xy()[:, 1]
    assert heights.max() == 0.75
    assert [text.get_text() for text in axes[1].get_legend().get_texts()] == ["x"]


def test_receptive_fields_are_squares_of_their_side_about_the_centre():
    axes = plots.receptive_fields(FACES[0], FIELDS).axes[1]
    squares = axes.patches
    assert [(one.get_width(), one.get_height()) for one in squares] == [(3, 3), (14, 14)]
    assert squares[1].get_xy() == (-1.5, -1.5)  # 14 pixels about the middle of 12
    assert axes.get_xlim()[0] < -1.5 and axes.get_xlim()[1] > 12.5
    assert [text.get_text() for text in axes.get_legend().get_texts()][1] == "conv 2: 14 px"


def test_learning_curves_draw_seeds_thin_and_their_mean_thick():
    seeds = [Record(history(start=0.2)), Record(history(start=0.4))]
    axes = plots.learning_curves({"net": seeds}).axes[0]
    thick = [line for line in axes.lines if line.get_linewidth() > 1 and len(line.get_xdata())]
    thin = [line for line in axes.lines if line.get_linewidth() < 1]
    assert len(thick) == 2  # validation and training
    assert len(thin) == 4
    assert thick[0].get_ydata() == pytest.approx([0.35, 0.40, 0.45])
    legend = [text.get_text() for text in axes.get_legend().get_texts()]
    assert legend == ["net", "validation", "training"]
    assert (axes.get_xlabel(), axes.get_ylabel()) == ("epoch", "accuracy")


def test_learning_curves_take_a_plain_history_a_missing_metric_is_an_error():
    axes = plots.learning_curves({"net": history(1)}, "loss").axes[0]
    assert axes.lines[0].get_marker() == "o"  # one epoch is a point
    assert axes.get_ylabel() == "loss (nats)"
    with pytest.raises(ValueError, match="'f1'"):
        plots.learning_curves({"net": history()}, "f1")


def test_a_dotted_line_stands_where_one_stage_goes_on_to_the_next():
    rows = [row | {"stage": stage} for row, stage in zip(history(3), (1, 1, 2), strict=True)]
    axes = plots.learning_curves({"staged": rows, "plain": history(3)}).axes[0]
    dotted = [line for line in axes.lines if line.get_linestyle() == ":"]
    assert [line.get_xdata()[0] for line in dotted] == [2.5]


def test_effort_numbers_a_dot_a_network_in_the_colour_of_its_group():
    three = {"small": (2.0, (0.5, 0.45, 0.55)), "large": (20.0, (0.6, 0.55, 0.65))}
    panels = {"minutes": {"ours": three, "theirs": {"other": (5.0, (0.4, 0.3, 0.5))}}}
    figure = plots.effort(panels | {"parameters": {"ours": three}})
    minutes, parameters = figure.axes
    assert minutes.get_xscale() == "log"
    assert minutes.lines[0].get_xdata().tolist() == [2.0, 20.0]
    assert minutes.lines[0].get_ydata().tolist() == [0.5, 0.6]
    assert minutes.lines[0].get_color() == parameters.lines[0].get_color()
    assert {"1", "2", "3", "1 large", "2 small", "3 other", "ours", "theirs"} <= set(texts(figure))
    assert (minutes.get_xlabel(), parameters.get_xlabel()) == ("minutes", "parameters")


def test_intervals_place_dots_whiskers_lines_and_bands():
    figure = plots.intervals(
        {"ours": (0.45, 0.43, 0.47), "theirs": (0.35, 0.33, 0.37)},
        {"chance": 0.24, "human": (0.6, 0.7)},
    )
    axes = figure.axes[0]
    assert [label.get_text() for label in axes.get_yticklabels()] == ["ours", "theirs"]
    assert axes.lines[0].get_xdata().tolist() == [0.43, 0.47]
    assert "45.0%" in texts(figure)
    low, high = axes.get_xlim()
    assert low < 0.24
    assert high > 0.7


def test_a_sweep_places_settings_and_intervals_and_zero_on_a_logarithmic_axis():
    line = {1e-2: (0.3, 0.25, 0.4), 0: (0.5, 0.45, 0.55), 1e-4: (0.6, 0.55, 0.65)}
    axes = plots.sweep({"L2": line}, xlabel="L2", log_x=True).figure.axes[0]
    assert axes.lines[0].get_xdata().tolist() == pytest.approx([1e-5, 1e-4, 1e-2])
    assert axes.lines[0].get_ydata().tolist() == [0.5, 0.6, 0.3]
    low, high = axes.collections[0].get_segments()[-1][:, 1]
    assert (low, high) == pytest.approx((0.25, 0.4))
    assert [label.get_text() for label in axes.get_xticklabels()] == ["0", "0.0001", "0.01"]
    assert axes.get_legend() is None


def test_a_sweep_draws_a_value_alone_without_an_interval():
    axes = plots.sweep({"training": {1: 0.4, 2: 0.5}}, xlabel="L2").figure.axes[0]
    assert axes.lines[0].get_ydata().tolist() == [0.4, 0.5]
    assert all(np.ptp(ends[:, 1]) == 0 for ends in axes.collections[0].get_segments())


def test_differences_are_points_from_the_base_and_hollow_where_they_hold_zero():
    rows = {"better": (0.02, 0.01, 0.03), "like it": (0.005, -0.01, 0.02)}
    axes = plots.differences(rows, "fer_cnn").axes[0]
    whiskers, dots = axes.lines[0:4:2], axes.lines[1:4:2]
    assert whiskers[1].get_xdata() == pytest.approx([-1, 2])
    assert [dot.get_markerfacecolor() == "w" for dot in dots] == [False, True]
    assert {"+2.0", "+0.5", "fer_cnn"} <= set(texts(axes.figure))
    low, high = axes.get_xlim()
    assert low < -1
    assert high > 3


def test_confusions_share_one_scale_and_stand_two_in_a_row():
    figure = plots.confusions({"a": MATRIX, "b": MATRIX.T, "c": np.eye(7, dtype=int)}, CLASSES)
    panels = used_axes(figure)
    assert [axes.get_title(loc="left") for axes in panels] == [
        f"a, n = {MATRIX.sum():,}",
        f"b, n = {MATRIX.sum():,}",
        "c, n = 7",
    ]
    assert {axes.images[0].get_clim() for axes in panels} == {(0, 1)}
    assert np.asarray(panels[1].images[0].get_array()).sum(1) == pytest.approx(np.ones(7))
    assert panels[1].texts[1].get_text() == f"{MATRIX[1, 0]:,}"
    assert panels[0].get_position().y0 == panels[1].get_position().y0 > panels[2].get_position().y1
    assert len(plots.confusions({"a": MATRIX}, CLASSES).axes) == 2  # and the colour bar
    with pytest.raises(ValueError, match="7 classes"):
        plots.confusions({"a": np.eye(3)}, CLASSES)


def test_line_panels_keep_a_name_s_colour_and_place_names_in_order():
    figure = plots.line_panels(
        {"one": {"a": {"x": 1, "y": 2}}, "two": {"a": {"x": 3, "y": 4}, "b": {"y": 5}}},
        xlabel="layer",
        log_y=True,
        dots=True,
    )
    one, two, names = figure.axes
    assert [text.get_text() for text in names.get_legend().get_texts()] == ["a", "b"]
    assert one.lines[0].get_color() == two.lines[0].get_color() != two.lines[1].get_color()
    assert [label.get_text() for label in two.get_xticklabels()] == ["x", "y"]
    assert two.lines[1].get_xdata().tolist() == ["y"]
    assert one.get_yscale() == two.get_yscale() == "log"
    assert (one.get_title(loc="left"), two.get_title(loc="left")) == ("one", "two")


@pytest.mark.parametrize("apart", [0.01, 0.06, 0.2])
def test_names_of_close_references_do_not_run_into_each_other(apart):
    lines = {f"baseline {i}": 0.2 + apart * i for i in range(4)}
    figure = plots.intervals({"ours": (0.9, 0.88, 0.92)}, lines)
    figure.draw_without_rendering()
    boxes = [t.get_window_extent() for t in figure.axes[0].texts if t.get_text() in lines]
    assert len(boxes) == 4
    assert not any(a.overlaps(b) for i, a in enumerate(boxes) for b in boxes[:i])


def test_per_class_bars_refuse_more_series_than_can_be_told_apart():
    with pytest.raises(ValueError, match="at most 4"):
        plots.per_class_bars({str(i): np.ones(7) for i in range(5)}, CLASSES)


def test_matched_curves_show_both_losses_and_their_difference_as_a_share_of_the_first():
    figure = plots.matched_curves({"PyTorch": [2.0, 1.0], "Keras": [2.0, 1.1]}, limit=0.01)
    above, below = figure.axes
    assert [line.get_label() for line in above.lines] == ["PyTorch", "Keras"]
    np.testing.assert_allclose(below.lines[0].get_ydata(), [1e-8, 0.1], rtol=1e-6)
    with pytest.raises(ValueError, match="same number of steps"):
        plots.matched_curves({"PyTorch": [2.0, 1.0], "Keras": [2.0]})


def test_step_curves_draw_each_seed_thin_and_their_mean_thick():
    (axes,) = MADE["step_curves"]().axes
    mean, *seeds = axes.lines[:3]
    np.testing.assert_allclose(mean.get_ydata(), [2.05, 1.75])
    assert all(seed.get_linewidth() < mean.get_linewidth() for seed in seeds)


def test_in_seeds_draws_medians_a_dot_a_seed_and_the_line_of_another_seed():
    (axes,) = MADE["in_seeds"]().axes
    np.testing.assert_allclose([bar.get_width() for bar in axes.patches], [0.5, 1.6])
    assert list(axes.lines[1].get_xdata()) == [1.2, 2.0]
    assert "another seed" in texts(axes.figure)
