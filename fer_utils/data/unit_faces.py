"""The data sets of the chapter on action units: drawn portraits, drawn sequences, CK+, FER2013.

The first three have the RMIT report's three emotions and fifteen action units, and are split
60/20/20, by subject or, to show what that would claim, by picture. Drawn sequences are what CK+ is:
everybody acts each emotion once, and of each film several frames near the peak are kept, nearly the
same picture with the same labels.

The others have the course's seven emotions, and PrivateTest of FER2013 as their test part: with
"fer2013" the training part is Training, with "drawn_to_fer2013" it is drawn portraits. FER2013 has
no action units; their columns are 0 there and must have no weight.
"""

from __future__ import annotations

from dataclasses import asdict, dataclass, replace
from functools import lru_cache
from pathlib import Path

import numpy as np

from fer_utils.data import ckplus, drawn_faces, facs, fer2013, subject_splits
from fer_utils.data.dataset import CLASSES, FaceDataset
from fer_utils.data.splits import stratified_choice

SOURCES = ("portraits", "sequences", "ckplus", "fer2013", "drawn_to_fer2013")
SPLITTERS = {"subject": subject_splits.by_subject, "picture": subject_splits.by_picture}
ACTED = tuple(name for name in CLASSES if name != "neutral")
TESTED = "private_test"
FRAMES = 5  # of a drawn sequence
WEAKEST = 0.8  # of the peak's intensity, in its first frame


@dataclass(frozen=True)
class UnitFaces:
    """Which faces, as plain settings; `load` makes them. ValueError for an unknown setting.

    `pictures` is the number of drawn ones (of CK+ it is ignored), `train` how many of the training
    part are kept, None all. A drawn portrait shows a person of its own.
    """

    source: str = "portraits"
    pictures: int = 5000
    split: str = "subject"
    train: int | None = None
    size: int = 64
    seed: int = 0

    def __post_init__(self) -> None:
        for name, allowed in (("source", SOURCES), ("split", tuple(SPLITTERS))):
            if (given := getattr(self, name)) not in allowed:
                raise ValueError(f"{name}={given!r}: expected one of {', '.join(allowed)}")

    def to_dict(self) -> dict:
        """JSON-ready."""
        return asdict(self)

    @property
    def emotions(self) -> tuple[str, ...]:
        """What the labels say, unlabelled ones aside."""
        return CLASSES if "fer2013" in self.source else tuple(facs.RMIT_EMOTIONS)

    def load(self, data_dir: str | Path | None = None) -> FaceDataset:
        """The data set; drawn ones are kept in memory.

        `data_dir` is the folder of CK+, or of FER2013; FileNotFoundError where that is missing.
        """
        if self.source == "ckplus":
            data = _prepared(ckplus.load(data_dir, self.size))
            data = SPLITTERS[self.split](data, seed=self.seed)
        elif "fer2013" in self.source:
            data = self._with_fer2013(data_dir)
        else:
            data = _drawn(replace(self, train=None))
        if self.train is None:
            return data
        train = np.flatnonzero(data.split == "train")
        if self.train > len(train):
            raise ValueError(f"train={self.train}: the training part has {len(train)} pictures")
        kept = train[stratified_choice(data.labels[train], self.train, self.seed)]
        return data.take(np.sort(np.concatenate([kept, np.flatnonzero(data.split != "train")])))

    def _with_fer2013(self, data_dir: str | Path | None) -> FaceDataset:
        """Training, or drawn faces, and PrivateTest of FER2013, 48x48, for all seven emotions."""
        faces = fer2013.load(data_dir)
        test = _without_units(faces.part(TESTED))
        if self.source == "fer2013":
            train = _without_units(faces.part("train"))
        else:
            drawn = drawn_faces.dataset(self.pictures, self.seed, 48, subjects=self.pictures)
            train = facs.with_units(drawn)
        return FaceDataset(
            images=np.concatenate([train.images, test.images]),
            labels=np.concatenate([train.labels, test.labels]),
            classes=CLASSES,
            split=np.repeat(["train", TESTED], [len(train), len(test)]),
            name=self.source,
            action_units=np.concatenate([train.action_units, test.action_units]),
            action_unit_names=train.action_unit_names,
            subject=np.arange(len(train) + len(test)),  # nobody says who is in FER2013
        )


@lru_cache(maxsize=4)
def _drawn(faces: UnitFaces) -> FaceDataset:
    make = portraits if faces.source == "portraits" else sequences
    data = _prepared(make(faces.pictures, faces.seed, faces.size))
    return SPLITTERS[faces.split](data, seed=faces.seed)


def portraits(pictures: int, seed: int, size: int) -> FaceDataset:
    """Drawn faces of all emotions but neutral, each of another person."""
    return drawn_faces.dataset(pictures, seed, size, ACTED, subjects=pictures)


def sequences(pictures: int, seed: int, size: int) -> FaceDataset:
    """Drawn films: each person acts each emotion once, `FRAMES` frames up to the peak.

    Within a film the person, the light and the acted units stay, the head moves a little, and the
    intensities rise to the peak; labels are the peak's, as in CK+. ValueError for fewer pictures
    than three people need.
    """
    people = pictures // (len(ACTED) * FRAMES)
    if people < 3:
        raise ValueError(
            f"pictures={pictures}: three people need {3 * len(ACTED) * FRAMES} in sequences"
        )
    units, who, poses, noise, labels = [], [], [], [], []
    for person in range(people):
        rng = np.random.default_rng([seed, 3, person])
        identity = drawn_faces.sample_identity(rng)
        for label, emotion in enumerate(ACTED):
            peak, pose = drawn_faces.sample_action_units(emotion, rng), drawn_faces.sample_pose(rng)
            for strength in np.linspace(WEAKEST, 1, FRAMES):
                units.append({n: float(strength * value) for n, value in peak.items()})
                poses.append(replace(pose, roll=pose.roll + float(rng.normal(0, 0.5))))
                noise.append(np.random.default_rng(rng.integers(2**32)))
            who += [identity] * FRAMES
            labels += [label] * FRAMES
    n = len(labels)
    return FaceDataset(
        images=drawn_faces.draw_many(units, who, poses, size, noise),
        labels=np.array(labels, np.int64),
        classes=ACTED,
        split=np.full(n, "train"),
        name="drawn_faces",
        action_units=np.stack([drawn_faces.present(one) for one in units]),
        action_unit_names=drawn_faces.ACTION_UNIT_NAMES,
        subject=np.arange(n) // (len(ACTED) * FRAMES),
    )


def _without_units(faces: FaceDataset) -> FaceDataset:
    names = tuple(map(facs.unit_name, facs.RMIT_UNITS))
    nothing = np.zeros((len(faces), len(names)), np.uint8)
    return replace(faces, action_units=nothing, action_unit_names=names)


def _prepared(data: FaceDataset) -> FaceDataset:
    """With the report's emotions and units; of CK+ also the pictures that nobody named."""
    return facs.with_units(facs.grouped(data, unlabelled=facs.UNLABELLED in data.classes))
