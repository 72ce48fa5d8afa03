"""Tables of runs on action units."""

from __future__ import annotations

import numpy as np
import pytest

from fer_utils.metrics import paired
from fer_utils.metrics.classification import wilson_interval
from fer_utils.records import unit_tables

from .test_unit_record import EXPERIMENT, record


def seeds():
    labels = np.arange(60, dtype=np.uint8) % 3
    right, half = labels.copy(), labels.copy()
    half[:30] = (half[:30] + 1) % 3
    return [record(labels=labels, emotion=e, seed=s) for s, e in enumerate((right, half))]


def test_means_over_seeds_with_intervals():
    runs = seeds()
    assert unit_tables.emotion_interval(runs) == (0.75, *wilson_interval(45, 60))
    mean, low, high = unit_tables.unit_interval(runs)
    assert mean == pytest.approx(runs[0].unit_metrics().macro_f1)
    assert (low, high) == pytest.approx(runs[0].interval())
    row = unit_tables.figures({"both": runs}).loc["both"]
    assert (row["emotion accuracy"], row["seeds"], row["training faces"]) == (0.75, 2, 100)
    assert row["unit accuracy"] == pytest.approx(runs[0].unit_metrics().accuracy)
    by_unit = unit_tables.unit_f1(runs)
    assert list(by_unit) == list(runs[0].unit_names)
    assert np.mean(list(by_unit.values())) == pytest.approx(mean)


def test_where_one_person_is_in_several_pictures_people_are_drawn():
    films = np.arange(60, dtype=np.uint16) // 10  # six people of ten frames each
    runs = seeds()
    for run in runs:
        run.subject = films
    mean, low, high = unit_tables.emotion_interval(runs)
    wilson = wilson_interval(45, 60)
    assert mean == 0.75 and high - low > wilson[1] - wilson[0]
    alone = [unit_tables.emotion_interval([run]) for run in runs]
    assert alone[0] == (1, 1, 1) and (low, high) == pytest.approx(np.mean(alone, axis=0)[1:])


def test_only_people_whose_emotion_is_known_are_asked_how_often_they_are_seen():
    (run, _) = seeds()
    run.labels[40:] = len(run.emotions)  # 20 pictures that nobody named
    run.subject[40:] = 7  # all of one person
    assert unit_tables.emotion_interval([run]) == (1, *wilson_interval(40, 40))
    run.subject[:40] //= 4  # four pictures of each of ten people
    assert unit_tables.emotion_interval([run]) == (1, 1, 1)


def test_average_precision_is_of_records_with_probabilities_only():
    kept = [record(seed=s) for s in (0, 1)]
    answers = record(with_scores=False)
    table = unit_tables.figures({"kept": kept, "answers": [answers], "mixed": [kept[0], answers]})
    by_unit = [row.average_precision for row in kept[0].unit_metrics().per_unit]
    assert table.loc["kept", "average precision"] == pytest.approx(np.mean(by_unit))
    assert 0.5 < table.loc["kept", "average precision"] < 1
    assert table.loc[["answers", "mixed"], "average precision"].isna().all()
    assert table.dtypes.eq(float).all()


def test_networks_stand_beside_each_other_with_size_minutes_and_intervals():
    runs = seeds()
    runs[1].seconds = 239.0
    (row,) = unit_tables.networks({"joint-3000": runs}).to_dict("index").values()
    assert row["minutes"] == 2  # of 1 s and 239 s
    assert row["parameters"] == EXPERIMENT.spec().net.parameters().trainable
    assert (row["emotion accuracy"], row["seeds"]) == (0.75, 2)
    assert (row["low"], row["high"]) == wilson_interval(45, 60)
    found = tuple(row[name] for name in unit_tables.MACRO_F1)
    assert found == unit_tables.unit_interval(runs)
    assert list(unit_tables.networks({"any": runs}).index) == ["small_residual"]


def test_lines_by_size_hold_what_was_run_and_a_gain_what_two_have():
    right, half = ([run] for run in seeds())
    runs = {"joint-300": half, "joint-1000": right, "alone-300": right, "alone-3000": right}
    patterns = {"both tasks": "joint-{}", "one": "alone-{}"}
    lines = unit_tables.by_size(runs, patterns, (300, 1000, 3000))
    whole = (1.0, *wilson_interval(60, 60))
    assert lines == {
        "both tasks": {300: (0.5, *wilson_interval(30, 60)), 1000: whole},
        "one": {300: whole, 3000: whole},
    }
    assert unit_tables.gain(lines["both tasks"], lines["one"]) == {300: -50}
    assert unit_tables.gain(lines["one"], {}) == {}
    units = unit_tables.by_size(runs, patterns, (300,), unit_tables.unit_interval)
    assert units["one"][300] == unit_tables.unit_interval(right)


def test_gains_are_paired_on_the_same_pictures_where_both_lines_were_run():
    right, half = ([run] for run in seeds())
    runs = {"joint-300": right, "alone-300": half, "joint-1000": right}
    (line,) = unit_tables.paired_gains(runs, "joint-{}", "alone-{}", (300, 1000))
    found = paired.paired_difference(right[0].labels, right[0].emotion, half[0].emotion)
    assert line == (
        "300 to learn from: +50.0 points on the same 60, 95% interval "
        f"{100 * found.low:+.1f} to {100 * found.high:+.1f}"
    )
    assert 0 < found.low < 0.5 < found.high


def test_the_report_stands_beside_ours_or_what_is_missing():
    table = unit_tables.reported_beside(None)
    assert table.loc["reported, run 3", "emotion accuracy"] == 0.875
    assert table.loc["reported, baseline", "unit accuracy"] == 0.7875
    assert table.loc["reported, run 4", "validation emotion accuracy"] == 0.8839
    assert np.isnan(table.loc["reported, run 4", "emotion accuracy"])
    assert table.index[-1] == "ours (not run: CK+ needs an agreement)"
    assert table.iloc[-1].isna().all()
    ours = unit_tables.reported_beside(seeds()[1])
    assert ours.loc["ours", "emotion accuracy"] == 0.5
