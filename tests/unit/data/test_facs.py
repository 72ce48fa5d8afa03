"""Action units chosen by number, emotions merged into groups."""

from __future__ import annotations

import numpy as np
import pytest

from fer_utils.data import drawn_faces, facs
from fer_utils.data.dataset import FaceDataset


@pytest.fixture(scope="module")
def faces():
    return drawn_faces.dataset(n=84, size=16)


def test_columns_are_chosen_by_number_and_in_order(faces):
    chosen = facs.with_units(faces, (12, 1))
    assert chosen.action_unit_names == ("AU12", "AU1")
    names = faces.action_unit_names
    for column, name in enumerate(chosen.action_unit_names):
        same = faces.action_units[:, names.index(name)]
        assert np.array_equal(chosen.action_units[:, column], same)


def test_a_unit_that_is_not_there_is_named(faces):
    with pytest.raises(ValueError, match="has no AU11; it has AU1, AU2"):
        facs.with_units(faces, (1, 11))
    bare = FaceDataset(faces.images, faces.labels, faces.classes, faces.split, "bare")
    with pytest.raises(ValueError, match="no action units"):
        facs.with_units(bare)


def test_groups_merge_classes_and_leave_neutral_out(faces):
    merged = facs.grouped(faces)
    counts = np.bincount(faces.labels, minlength=7)
    of = dict(zip(faces.classes, counts.tolist(), strict=True))
    assert merged.classes == ("negative", "positive", "surprise")
    negative = of["angry"] + of["disgust"] + of["fear"] + of["sad"]
    assert np.bincount(merged.labels).tolist() == [negative, of["happy"], of["surprise"]]
    assert len(merged) == len(faces) - of["neutral"]
    assert len(merged.subject) == len(merged.action_units) == len(merged)


def test_impossible_groups_are_errors(faces):
    with pytest.raises(ValueError, match="'angry' is in two groups"):
        facs.grouped(faces, {"a": ("angry",), "b": ("angry", "sad")})
    with pytest.raises(ValueError, match="no class of the group 'b'"):
        facs.grouped(faces, {"a": ("angry",), "b": ("contempt",)})


def test_names_have_their_meaning():
    assert facs.described("AU12") == "12 lip corner puller"
    assert facs.described("AU99") == "99"
    assert set(drawn_faces.ACTION_UNITS) <= set(facs.MEANINGS)
