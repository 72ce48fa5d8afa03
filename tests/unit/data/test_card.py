"""The data card: what is packed comes back, aligned with the data set it was made of."""

from __future__ import annotations

import json
from dataclasses import replace

import numpy as np
import pytest

from fer_utils.data import fer2013
from fer_utils.data.audit import near_identical_pairs
from fer_utils.data.bits import pack_bits, unpack_bits
from fer_utils.data.card import DataCard, load_card, make_card
from fer_utils.data.dataset import CLASSES, FIVE_CLASSES, THREE_CLASSES, FaceDataset
from fer_utils.data.neighbours import nearest_neighbour
from fer_utils.data.splits import validation_tenth

SPLITS_ASKED = ("train", "public_test", "private_test", "test", "validation")


@pytest.fixture(scope="module")
def data() -> FaceDataset:
    """350 pictures in mixed splits; test pictures 0 and 1 have copies in Training."""
    draw = np.random.RandomState(0)
    images = draw.randint(0, 256, (350, 48, 48), dtype=np.uint8)
    labels = draw.permutation(np.arange(350) % 7)
    split = draw.permutation(np.repeat(["train", "public_test", "private_test"], [210, 70, 70]))
    train, test = np.flatnonzero(split == "train"), np.flatnonzero(split != "train")
    images[train[:2]] = images[test[:2]]
    images[test[2]] = np.clip(images[train[2]].astype(int) + 3, 0, 255)
    return FaceDataset(images, labels, CLASSES, split, "fer2013")


@pytest.fixture(scope="module")
def card(data, tmp_path_factory) -> DataCard:
    """The card of `data`, saved and loaded."""
    folder = tmp_path_factory.mktemp("results")
    assert make_card(data).save(folder) == folder / "fer2013.json"
    return load_card(folder)


@pytest.fixture
def saved(data, tmp_path):
    make_card(data).save(tmp_path)
    return tmp_path


def test_card_tells_counts_fingerprint_and_audit(card, data):
    assert card.fingerprint == data.fingerprint
    assert card.counts == data.counts()
    assert card.classes == CLASSES
    assert card.audit["identical_groups"] == 2
    assert card.audit["near_identical_pairs"] == 1
    assert set(card.moments) == {"all", *CLASSES}
    assert card.moments["all"]["mean"] == pytest.approx(data.images.mean(), abs=1e-3)


@pytest.mark.parametrize("split", SPLITS_ASKED)
@pytest.mark.parametrize("classes", [None, THREE_CLASSES, FIVE_CLASSES, ("sad", "angry")])
def test_labels_are_those_of_the_data(card, data, split, classes):
    part = validation_tenth(data)[1] if split == "validation" else data.part(split)
    wanted = (part if classes is None else part.with_classes(classes)).labels
    labels = card.labels_of(split, classes=classes)
    assert labels.dtype == np.int64
    np.testing.assert_array_equal(labels, wanted)


def leak_free_mask(data, split="test", near=False):
    """bool (n,): pictures of a test split that do not stand in Training, one by one."""
    train = data.split == "train"
    known = {image.tobytes() for image in data.images[train]}
    clean = np.array([image.tobytes() not in known for image in data.images])
    if near:
        for pair in near_identical_pairs(data.images)[0]:
            clean[list(pair)] &= not train[list(pair)].any()
    return clean[np.isin(data.split, data.part(split).split)]


def test_leak_free_is_that_of_the_data(card, data):
    for split in ("public_test", "private_test", "test"):
        np.testing.assert_array_equal(card.leak_free(split), leak_free_mask(data, split))
        near = leak_free_mask(data, split, near=True)
        np.testing.assert_array_equal(card.leak_free(split, near=True), near)
    assert (~card.leak_free("test")).sum() == 2
    assert (~card.leak_free("test", near=True)).sum() == 3
    of_three = np.isin(np.array(CLASSES)[data.part("test").labels], THREE_CLASSES)
    np.testing.assert_array_equal(
        card.leak_free("test", classes=THREE_CLASSES), card.leak_free("test")[of_three]
    )


def test_neighbour_labels(card, data):
    train, test = data.part("train"), data.part("test")
    answers = train.labels[nearest_neighbour(train.images, test.images)]
    np.testing.assert_array_equal(card.neighbour_labels("test"), answers)
    np.testing.assert_array_equal(
        card.neighbour_labels("private_test"), answers[test.split == "private_test"]
    )
    without = train.labels[nearest_neighbour(train.images, test.images, np.arange(210) < 2)]
    np.testing.assert_array_equal(card.neighbour_labels("test", leaks=False), without)


def test_unknown_split_is_named(card):
    with pytest.raises(ValueError, match="got 'exam'"):
        card.labels_of("exam")
    for ask in (card.leak_free, card.neighbour_labels):
        with pytest.raises(ValueError, match="expected a test split .*got 'train'"):
            ask("train")


def test_saving_twice_writes_the_same_bytes(data, tmp_path):
    files = [make_card(data).save(tmp_path / name) for name in "ab"]
    for suffix in (".json", ".npz"):
        assert len({file.with_suffix(suffix).read_bytes() for file in files}) == 1


def test_only_the_folder_copy_has_a_card(data, tmp_path):
    card = make_card(replace(data, name="fer2013-csv"))
    with pytest.raises(ValueError, match="folder copy of FER2013, not of 'fer2013-csv'"):
        card.save(tmp_path)
    assert list(tmp_path.iterdir()) == []


@pytest.mark.parametrize("suffix", [".json", ".npz"])
def test_missing_file_is_named(saved, suffix):
    (saved / "fer2013").with_suffix(suffix).unlink()
    with pytest.raises(FileNotFoundError, match=f"fer2013{suffix}.*fer_utils data card"):
        load_card(saved)


def test_damaged_or_other_files_are_named(saved):
    path = saved / "fer2013.json"
    notes = json.loads(path.read_text())
    path.write_text(path.read_text()[:100])
    with pytest.raises(ValueError, match=r"fer2013\.json: not a data card or cut short"):
        load_card(saved)
    path.write_text(json.dumps(notes | {"schema": 2}))
    with pytest.raises(ValueError, match="schema 2, this version of fer_utils reads 1"):
        load_card(saved)
    path.write_text(json.dumps(notes))
    npz = saved / "fer2013.npz"
    npz.write_bytes(npz.read_bytes()[:-1])
    with pytest.raises(ValueError, match=r"fer2013\.npz: does not belong to fer2013\.json"):
        load_card(saved)


@pytest.mark.parametrize("bits", [1, 2, 3, 8])
@pytest.mark.parametrize("n", [0, 1, 7, 100])
def test_packing_round_trip(bits, n):
    values = np.random.RandomState(0).randint(0, 2**bits, n)
    packed = pack_bits(values, bits)
    assert len(packed) == -(-n * bits // 8)
    np.testing.assert_array_equal(unpack_bits(packed, n, bits), values)


def test_packing_known_bits():
    assert pack_bits(np.array([5, 2, 7]), 3).tolist() == [0b10101011, 0b10000000]
    with pytest.raises(ValueError, match="expected 0 to 7, got 1 to 8"):
        pack_bits(np.array([1, 8]), 3)


# --- the committed card


def test_committed_card_is_that_of_the_published_data():
    card = load_card()
    assert card.counts == fer2013.PUBLISHED_COUNTS
    for split, numbers in fer2013.PUBLISHED_COUNTS.items():
        assert np.bincount(card.labels_of(split)).tolist() == list(numbers.values())
    assert card.audit["identical_groups"] == 1516
    assert (~card.leak_free("public_test")).sum() == 280
    assert (~card.leak_free("private_test")).sum() == 288
    assert len(card.labels_of("validation")) == 2873


def test_committed_card_is_that_of_the_data_here(fer2013_dir):
    data = fer2013.load(fer2013_dir)
    if data.name != "fer2013":
        pytest.skip("the card is that of the image folder; here is the CSV copy")
    card = load_card()
    assert card.fingerprint == data.fingerprint
    np.testing.assert_array_equal(card.labels, data.labels)
    assert card.split.tolist() == data.split.tolist()
    np.testing.assert_array_equal(card.leak_free("test"), leak_free_mask(data))
