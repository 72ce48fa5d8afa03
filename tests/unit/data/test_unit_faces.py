"""The chapter's data sets: three emotions, fifteen units, and films that a split must not cut."""

from __future__ import annotations

import numpy as np
import pytest

from fer_utils.data import facs, subject_splits, unit_faces
from fer_utils.data.unit_faces import UnitFaces

from . import ckplus_tree


@pytest.fixture(scope="module")
def films():
    return UnitFaces("sequences", 360, size=32).load()


def test_portraits_are_of_different_people_split_by_subject():
    data = UnitFaces("portraits", 120, size=32).load()
    assert data.classes == ("negative", "positive", "surprise")
    assert data.action_unit_names == tuple(map(facs.unit_name, facs.RMIT_UNITS))
    assert data.images.shape == (120, 32, 32)
    assert len(set(data.subject)) == 120
    assert [len(data.part(name)) for name in subject_splits.PARTS] == [72, 24, 24]


def test_a_film_is_one_person_one_emotion_one_set_of_units(films):
    assert len(films) == 360
    frames = unit_faces.FRAMES
    per_person = len(unit_faces.ACTED) * frames
    assert (np.bincount(films.subject) == per_person).all()
    for start in range(0, len(films), frames):
        film = slice(start, start + frames)
        for labels in (films.labels, films.subject, films.action_units):
            assert (labels[film] == labels[start]).all()


def test_frames_of_a_film_resemble_each_other_more_than_films_do(films):
    pixels = films.images.reshape(len(films), -1).astype(float)
    pixels -= pixels.mean(1, keepdims=True)
    pixels /= np.linalg.norm(pixels, axis=1, keepdims=True)
    within = (pixels[:-1:5] * pixels[1::5]).sum(1)
    across = (pixels[:-5:5] * pixels[5::5]).sum(1)
    assert within.mean() > 0.97
    assert within.mean() > across.mean() + 0.05


def test_only_a_split_by_subject_keeps_people_apart(films):
    assert subject_splits.shared_subjects(films) == 0
    by_picture = UnitFaces("sequences", 360, "picture", size=32).load()
    assert subject_splits.shared_subjects(by_picture) > 0.9
    assert np.array_equal(by_picture.images, films.images)


def test_fewer_training_pictures_leave_the_test_part_alone():
    whole = UnitFaces("portraits", 120, size=32).load()
    fewer = UnitFaces("portraits", 120, train=30, size=32).load()
    assert len(fewer.part("train")) == 30
    assert set(fewer.part("train").subject) < set(whole.part("train").subject)
    assert fewer.part("test").fingerprint == whole.part("test").fingerprint
    with pytest.raises(ValueError, match="train=100: the training part has 72"):
        UnitFaces("portraits", 120, train=100, size=32).load()


def test_ck_plus_keeps_the_unlabelled(tmp_path):
    tree = ckplus_tree.write(tmp_path / "ckplus")
    data = UnitFaces("ckplus").load(tree)
    assert data.classes == ("negative", "positive", "surprise", "unlabelled")
    assert data.name == "ckplus"
    assert len(data) == len(ckplus_tree.SEQUENCES)
    assert subject_splits.shared_subjects(data) == 0


def test_unknown_settings_are_errors():
    with pytest.raises(ValueError, match="source='photos': expected one of portraits"):
        UnitFaces("photos")
    with pytest.raises(ValueError, match="split='film': expected one of subject, picture"):
        UnitFaces(split="film")
    with pytest.raises(ValueError, match="three people need 90"):
        unit_faces.sequences(89, 0, 32)
