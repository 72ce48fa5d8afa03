"""The record of composed class photos: figures by hand, and a file that is checked when read."""

from __future__ import annotations

import dataclasses
import json

import numpy as np
import pytest

from fer_utils.data.dataset import CLASSES
from fer_utils.metrics.classification import wilson_interval
from fer_utils.records import composed_photos as c

USUAL, UPRIGHT = c.Framing(0.1, True), c.Framing(0.1, False)


def record(**changes) -> c.ComposedPhotos:
    """Eight faces of which six are found; alone five are read right, from the photo four."""
    made = c.ComposedPhotos(
        dataset="fer2013",
        fingerprint="f" * 64,
        model="abc",
        detector="mtcnn",
        settings={"photos": 2, "pupils": 4},
        classes=CLASSES,
        labels=np.array([0, 1, 2, 3, 4, 5, 6, 3]),
        turns=np.array([0, -5, 12, -19, 25, 30, 3, 9]),
        alone=np.array([0, 1, 2, 3, 0, 0, 6, 0]),
        framings={
            USUAL: np.array([0, 1, 6, 3, 4, 6, -1, -1]),
            UPRIGHT: np.array([0, 1, 2, 3, 0, 0, -1, -1]),
        },
        usual=USUAL,
        false_faces=1,
        hardware="a desk",
    )
    return dataclasses.replace(made, **changes)


def test_recall_and_accuracies_by_hand():
    assert c.recall(record()) == (6 / 8, *wilson_interval(6, 8))
    found = c.accuracies(record())
    assert {name: (value, low) for name, (value, low, _) in found.items()} == {
        "alone, all faces": (5 / 8, wilson_interval(5, 8)[0]),
        "alone, faces found": (4 / 6, wilson_interval(4, 6)[0]),
        "from the photo, faces found": (4 / 6, wilson_interval(4, 6)[0]),
        "end to end, all faces": (4 / 8, wilson_interval(4, 8)[0]),
    }


def test_the_cost_is_paired_on_the_faces_found():
    cost = c.cost(record())
    assert (cost.n, cost.difference) == (6, 0)
    assert (cost.only_first, cost.only_second) == pytest.approx((1 / 6, 1 / 6))


def test_margins_are_lines_by_alignment():
    lines = c.by_margin(record())
    assert lines == {
        "eyes levelled": {0.1: (4 / 6, *wilson_interval(4, 6))},
        "as it stands": {0.1: (4 / 6, *wilson_interval(4, 6))},
    }


def test_alignment_is_compared_by_turn_on_the_faces_found():
    table = c.by_turn(record())
    assert list(table.index) == ["0 to 10°", "10 to 20°", "20° or more"]
    assert table.faces.tolist() == [2, 2, 2]
    assert table["as it stands"].tolist() == [1, 1, 0]
    assert table["eyes levelled"].tolist() == [1, 0.5, 0.5]
    assert table.difference.tolist() == [0, -0.5, 0.5]


def test_where_nothing_was_found_nothing_is_said():
    none = record(framings={USUAL: np.full(8, -1), UPRIGHT: np.full(8, -1)})
    assert c.recall(none)[0] == 0
    assert list(c.accuracies(none)) == ["alone, all faces", "end to end, all faces"]
    with pytest.raises(ValueError, match="mtcnn found none of 8 faces"):
        c.cost(none)
    assert len(c.by_turn(none)) == 0


def test_shares_of_answers_leave_missed_faces_out():
    shares = c.label_shares({"a": np.array([0, 0, 1, -1]), "none": np.array([-1])}, 3)
    assert shares["a"].tolist() == pytest.approx([2 / 3, 1 / 3, 0])
    assert shares["none"].tolist() == [0, 0, 0]


@pytest.fixture
def results(tmp_path, monkeypatch):
    monkeypatch.setenv("FER_UTILS_RESULTS", str(tmp_path))
    return tmp_path


def test_what_is_saved_is_loaded(results):
    made = record()
    path = made.save()
    assert path == results / "class_photos" / "fer2013-mtcnn.json"
    found = c.load("fer2013", "mtcnn", model="abc")
    for field in dataclasses.fields(made):
        one, other = getattr(made, field.name), getattr(found, field.name)
        if field.name == "framings":
            assert {k: v.tolist() for k, v in one.items()} == {
                k: v.tolist() for k, v in other.items()
            }
        elif isinstance(one, np.ndarray):
            assert other.dtype == np.int64 and np.array_equal(one, other)
        else:
            assert one == other
    assert c.load("fer2013", "haar") is None


def test_a_record_made_otherwise_is_stale(results):
    record().save()
    with pytest.raises(ValueError, match="stale: its model is abc, and now it is xyz.*only 09"):
        c.load("fer2013", "mtcnn", model="xyz", usual=USUAL)
    with pytest.raises(ValueError, match="its usual is 0.1 aligned, and now it is 0.1 upright"):
        c.load("fer2013", "mtcnn", model="abc", usual=UPRIGHT)


@pytest.mark.parametrize("key", ["labels", "usual", "checksum", "framings"])
def test_a_damaged_record_is_named(results, key):
    path = record().save()
    content = json.loads(path.read_text())
    content[key] = "changed by hand"
    path.write_text(json.dumps(content))
    with pytest.raises(ValueError, match="fer2013-mtcnn.json: damaged .*only 09"):
        c.load("fer2013", "mtcnn")


@pytest.mark.parametrize("framing", [USUAL, UPRIGHT, c.Framing(-0.25, True), c.Framing(0, False)])
def test_a_framing_is_read_from_its_text(framing):
    assert c.Framing.parse(str(framing)) == framing
