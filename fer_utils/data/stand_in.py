"""Data for chapter 01 in each profile: pictures to look at, and a data card to count with.

- "recorded": FER2013 where it is, else drawn faces; the card is the committed one, of FER2013;
- "smoke": the same pictures; the card is made on the spot, of 2,000 of them;
- "full": FER2013, an error without it; the card is made of all of it and saved.

Drawn faces have no copies by themselves. So that the audit has something to find, `plant_copies`
copies some training pictures into the test splits.
"""

from __future__ import annotations

from dataclasses import replace

import numpy as np

from fer_utils.data import drawn_faces, fer2013
from fer_utils.data.card import DataCard, load_card, make_card
from fer_utils.data.dataset import SPLITS, TEST_SPLITS, FaceDataset
from fer_utils.data.splits import stratified_choice

PROFILES = ("recorded", "smoke", "full")
DRAWN = 2000  # faces, in the class proportions of FER2013
SMOKE = 2000  # pictures of the card of the smoke profile
COPIED = 0.08  # share of a test split that is planted as exact copies; near copies as many again
OTHER_LABEL = 8  # every eighth planted copy has another label than its original


def pictures(profile: str, data_dir: str | None = None) -> FaceDataset:
    """FER2013; where it is not, drawn faces with planted copies ("full": `FileNotFoundError`)."""
    _check(profile)
    if profile == "full" or fer2013.find(data_dir) is not None:
        return fer2013.load(data_dir)
    return plant_copies(drawn_faces.dataset(n=DRAWN, frequencies="fer2013"))


def card(profile: str, faces: FaceDataset) -> DataCard:
    """The card to count with; "full" takes about a minute on two cores, and writes the files.

    Raises `ValueError` in "full" for anything but the folder copy of FER2013.
    """
    _check(profile)
    if profile == "recorded":
        return load_card()
    if profile == "smoke":
        return make_card(_fewer(faces, SMOKE))
    if faces.name != "fer2013":
        raise ValueError(
            f"the data card is that of the image folder of FER2013, not of {faces.name!r}; "
            "`python -m fer_utils data fetch fer2013` gets the folder"
        )
    made = make_card(faces)
    made.save()
    return made


def called(name: str) -> str:
    """A data set's name as text: ``"drawn_faces"`` is drawn faces, ``"fer2013"`` FER2013."""
    return name.upper() if name.startswith("fer2013") else name.replace("_", " ")


def plant_copies(dataset: FaceDataset, share: float = COPIED, seed: int = 0) -> FaceDataset:
    """The data set with some test pictures replaced by copies of training pictures.

    Of each test split a ``share`` (two at least) becomes exact copies and as many again near
    copies, paler by a tenth. A test picture keeps its label; its original has the same one, but
    for every eighth, which has another. Action units and subjects are dropped.
    """
    rng = np.random.default_rng(seed)
    images = np.array(dataset.images)
    train = np.flatnonzero(dataset.split == "train")
    for split in TEST_SPLITS:
        test = rng.permutation(np.flatnonzero(dataset.split == split))
        copies = max(2, round(share * len(test)))
        for i, at in enumerate(test[: 2 * copies]):
            same = dataset.labels[train] == dataset.labels[at]
            originals = train[~same if i % OTHER_LABEL == 0 else same]
            if len(originals):
                picture = dataset.images[rng.choice(originals)]
                images[at] = picture if i < copies else np.rint(0.9 * picture + 20)
    return replace(
        dataset,
        images=images,
        action_units=None,
        action_unit_names=(),
        subject=None,
        known_fingerprint=None,
    )


def _fewer(dataset: FaceDataset, n: int) -> FaceDataset:
    """``n`` pictures, every split with its share and its mix of classes; all when fewer."""
    if len(dataset) <= n:
        return dataset
    groups = np.array([SPLITS.index(s) for s in dataset.split]) * len(dataset.classes)
    return dataset.take(stratified_choice(groups + dataset.labels, n, seed=0))


def _check(profile: str) -> None:
    if profile not in PROFILES:
        raise ValueError(f"profile={profile!r}: expected one of {', '.join(PROFILES)}")
