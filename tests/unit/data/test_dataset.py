"""`FaceDataset`: checks at the door, parts of it, counts and the fingerprint."""

from __future__ import annotations

from dataclasses import replace

import numpy as np
import pytest

from fer_utils.data.dataset import CLASSES, FIVE_CLASSES, THREE_CLASSES, FaceDataset, renumber

SPLIT = ["private_test", "train", "train", "public_test", "train", "private_test", "train"]


def made_up(**changes) -> FaceDataset:
    """Seven pictures 2x3, picture i all of value i, labels 6 to 0, in mixed splits."""
    n = 7
    fields = {
        "images": np.repeat(np.arange(n, dtype=np.uint8), 6).reshape(n, 2, 3),
        "labels": np.arange(n, dtype=np.int64)[::-1].copy(),
        "classes": CLASSES,
        "split": np.array(SPLIT),
        "name": "made-up",
    }
    return FaceDataset(**(fields | changes))


def which(dataset: FaceDataset) -> list[int]:
    return dataset.images[:, 0, 0].tolist()


def test_part_keeps_the_order():
    data = made_up()
    assert which(data.part("train")) == [1, 2, 4, 6]
    assert which(data.part("public_test")) == [3]
    assert which(data.part("test")) == [0, 3, 5]
    assert data.part("test").split.tolist() == ["private_test", "public_test", "private_test"]


def test_part_names_the_splits_there_are():
    with pytest.raises(ValueError, match="no split 'validation'.*train, public_test, private_test"):
        made_up().part("validation")


def test_take_by_indices_and_by_mask():
    data = made_up(subject=np.arange(7) * 10, action_units=np.eye(7, dtype=np.uint8)[:, :2],
                   action_unit_names=("AU1", "AU2"))  # fmt: skip
    taken = data.take([5, -7, 5])
    assert which(taken) == [5, 0, 5]
    assert taken.labels.tolist() == [1, 6, 1]
    assert taken.subject.tolist() == [50, 0, 50]
    assert taken.action_units.tolist() == [[0, 0], [1, 0], [0, 0]]
    assert which(data.take(np.arange(7) % 3 == 0)) == [0, 3, 6]
    assert len(data.take([])) == 0


@pytest.mark.parametrize(
    ("indices", "error", "message"),
    [
        ([7], IndexError, "7 outside a data set of 7"),
        ([0.5], ValueError, "whole numbers"),
        ([True, False], ValueError, r"mask of shape \(7,\), got \(2,\)"),
    ],
)
def test_take_refuses(indices, error, message):
    with pytest.raises(error, match=message):
        made_up().take(indices)


def test_with_classes_renumbers_in_the_order_given():
    data = made_up()
    two = data.with_classes(("neutral", "disgust"))
    assert two.classes == ("neutral", "disgust")
    assert which(two) == [0, 5]
    assert two.labels.tolist() == [0, 1]
    assert which(data.with_classes(THREE_CLASSES)) == [0, 2, 3]
    assert data.with_classes(THREE_CLASSES).labels.tolist() == [2, 1, 0]
    assert len(data.with_classes(FIVE_CLASSES)) == 5
    assert data.with_classes(CLASSES) is data


@pytest.mark.parametrize("names", [(), ("happy", "happy"), ("happy", "joyful")])
def test_with_classes_refuses(names):
    with pytest.raises(ValueError, match="expected distinct class names out of angry"):
        made_up().with_classes(names)


def test_renumber():
    assert renumber(np.array([0, 1, 2, 1]), "abc", "cb").tolist() == [-1, 1, 0, 1]


def test_counts():
    counts = made_up().counts()
    assert list(counts) == ["train", "public_test", "private_test"]
    assert sum(counts["train"].values()) == 4
    assert counts["private_test"] == dict.fromkeys(CLASSES, 0) | {"neutral": 1, "disgust": 1}


@pytest.mark.parametrize(
    ("changes", "message"),
    [
        ({"images": np.zeros((7, 2, 3), np.float32)}, "uint8.*got float32.*raw grey pixels"),
        ({"images": np.zeros((7, 2, 3, 3), np.uint8)}, r"got uint8 \(7, 2, 3, 3\)"),
        ({"images": [[0]]}, "got <class 'list'>"),
        ({"labels": np.zeros(6, np.int64)}, r"labels int64 \(7,\).*got int64 \(6,\)"),
        ({"labels": np.zeros(7, np.int32)}, "got int32"),
        ({"labels": np.array([0, 1, 7, 0, 0, 0, 0])}, "label 7 of picture 2 is outside 0 to 6"),
        ({"labels": np.array([0, 1, 2, -1, 0, 0, 0])}, "label -1 of picture 3"),
        ({"split": np.array(["train"])}, r"split of shape \(7,\)"),
        ({"subject": np.zeros(3)}, r"subject of shape \(7,\)"),
        ({"action_units": np.zeros((7, 2))}, r"action_units of shape \(7, 0\).*got \(7, 2\)"),
    ],
)
def test_refuses_arrays_that_do_not_fit(changes, message):
    with pytest.raises(ValueError, match=message):
        made_up(**changes)


def test_fingerprint_changes_with_pictures_labels_and_split():
    data = made_up()
    images, labels, split = data.images.copy(), data.labels.copy(), data.split.copy()
    images[3, 1, 2] += 1
    labels[0] = 0
    split[0] = "train"
    changed = [made_up(images=images), made_up(labels=labels), made_up(split=split)]
    changed.append(made_up(images=data.images.reshape(7, 3, 2)))
    assert made_up().fingerprint == data.fingerprint
    assert len({data.fingerprint, *(other.fingerprint for other in changed)}) == 5


def test_known_fingerprint_is_trusted_but_not_handed_down():
    data = replace(made_up(), known_fingerprint="from the cache")
    assert data.fingerprint == "from the cache"
    assert data.part("train").fingerprint == made_up().part("train").fingerprint
    assert data.with_classes(CLASSES[::-1]).fingerprint != "from the cache"


def test_shows_itself_in_words_and_as_a_table():
    data = made_up()
    assert repr(data) == (
        "FaceDataset 'made-up': 7 pictures 2x3, 7 classes (train 4, public_test 1, private_test 2)"
    )
    html = data._repr_html_()
    assert html.count("<tr>") == 9
    assert "<th>all</th><th>4</th><th>1</th><th>2</th>" in html
