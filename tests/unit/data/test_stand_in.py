"""Chapter 01's pictures and card in each profile, and the copies planted in drawn faces."""

from __future__ import annotations

import numpy as np
import pytest

from fer_utils.data import stand_in
from fer_utils.data.audit import audit
from fer_utils.data.card import load_card
from fer_utils.data.dataset import CLASSES, FaceDataset


def made_up(n_train: int = 140, n_test: int = 70, name: str = "drawn_faces") -> FaceDataset:
    n = n_train + 2 * n_test
    images = np.random.default_rng(0).integers(0, 256, (n, 16, 16)).astype(np.uint8)
    split = np.repeat(["train", "public_test", "private_test"], [n_train, n_test, n_test])
    return FaceDataset(images, np.arange(n) % 7, CLASSES, split, name)


def test_planted_copies_are_found_by_the_audit():
    data = made_up()
    planted = stand_in.plant_copies(data, share=0.1)
    leaks = audit(planted).figures()["test_in_train"]
    for split in ("public_test", "private_test"):
        assert leaks[split]["identical"] == 7
        assert leaks[split]["identical_same_label"] == 6  # the first of eight has another label
        assert leaks[split]["only_near_identical"] == 7
    assert planted.counts() == data.counts()
    train = data.split == "train"
    assert np.array_equal(planted.images[train], data.images[train])
    assert audit(data).figures()["identical_groups"] == 0  # the original is as it was
    assert planted.fingerprint != data.fingerprint


def test_pictures_are_drawn_where_there_is_no_fer2013_unless_the_profile_is_full(own_cache):
    drawn = stand_in.pictures("recorded")
    assert drawn.name == "drawn_faces" and len(drawn) == stand_in.DRAWN
    assert np.array_equal(drawn.images, stand_in.pictures("smoke", "").images)
    with pytest.raises(FileNotFoundError, match="data fetch fer2013"):
        stand_in.pictures("full")


def test_pictures_are_those_of_data_dir(own_cache, tiny_folder):
    for profile in stand_in.PROFILES:
        assert stand_in.pictures(profile, str(tiny_folder)).name == "fer2013"


def test_card_of_recorded_is_the_committed_one_whatever_the_pictures():
    assert stand_in.card("recorded", made_up()).fingerprint == load_card().fingerprint


def test_card_of_smoke_is_made_of_2000_pictures_in_their_mix_and_not_saved(tmp_path, monkeypatch):
    monkeypatch.setenv("FER_UTILS_RESULTS", str(tmp_path))
    monkeypatch.setattr(stand_in, "SMOKE", 140)
    made = stand_in.card("smoke", made_up())
    assert {split: sum(n.values()) for split, n in made.counts.items()} == {
        "train": 70,
        "public_test": 35,
        "private_test": 35,
    }
    assert set(made.counts["train"].values()) == {10}
    assert made.name == "drawn_faces"
    assert not list(tmp_path.iterdir())


def test_card_of_full_is_made_of_all_and_saved(tmp_path, monkeypatch):
    monkeypatch.setenv("FER_UTILS_RESULTS", str(tmp_path))
    data = made_up(name="fer2013")
    assert stand_in.card("full", data).fingerprint == data.fingerprint
    assert load_card().fingerprint == data.fingerprint
    with pytest.raises(ValueError, match="image folder"):
        stand_in.card("full", made_up(name="fer2013-csv"))


def test_an_unknown_profile_is_named():
    for call in (lambda: stand_in.pictures("fast"), lambda: stand_in.card("fast", made_up())):
        with pytest.raises(ValueError, match="'fast'"):
            call()


def test_names_as_text():
    assert [stand_in.called(n) for n in ("drawn_faces", "fer2013")] == ["drawn faces", "FER2013"]
