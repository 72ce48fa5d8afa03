"""Is the test set clean? Pictures that stand in a data set twice, and what they are labelled.

*Identical* means equal in every pixel. *Near-identical* means one photo twice, shifted by a
pixel, say, or with another watermark (`neighbours.near_identical_pairs`). A test picture *leaks*
when it stands in Training too: a network can know its label by heart. What is left without those
is the leak-free test split.
"""

from __future__ import annotations

import hashlib
from collections import Counter
from dataclasses import dataclass
from functools import cached_property

import numpy as np

from fer_utils.data.dataset import TEST_SPLITS, FaceDataset
from fer_utils.data.neighbours import near_identical_pairs


@dataclass(frozen=True, eq=False)
class Audit:
    """What `audit` found; positions are those in ``dataset``."""

    dataset: FaceDataset
    groups: tuple[np.ndarray, ...]  # each int64 (2 or more,), sorted: identical pictures
    flat: np.ndarray  # bool (N,): every pixel has the same value
    near_pairs: np.ndarray  # int64 (M, 2), i < j: near-identical, not identical
    near_correlation: np.ndarray  # float64 (M,)

    @cached_property
    def in_train(self) -> np.ndarray:
        """bool (N,): test pictures that are identical to a Training picture."""
        return _in_train(self.dataset, self.groups)

    @cached_property
    def in_train_same_label(self) -> np.ndarray:
        """bool (N,): of those, the ones that an identical Training picture labels the same."""
        return _in_train(self.dataset, self.groups, same_label=True)

    @cached_property
    def near_in_train(self) -> np.ndarray:
        """bool (N,): test pictures that are near-identical to a Training picture."""
        return _in_train(self.dataset, self.near_pairs)

    def groups_across_splits(self) -> list[np.ndarray]:
        """Groups of identical pictures that stand in more than one split."""
        return [group for group in self.groups if len(set(self.dataset.split[group])) > 1]

    def contradictory_groups(self) -> list[np.ndarray]:
        """Groups of identical pictures that carry more than one label."""
        return [group for group in self.groups if len(set(self.dataset.labels[group])) > 1]

    def figures(self) -> dict:
        """The counts as plain numbers, ready for JSON."""
        data = self.dataset
        i, j = self.near_pairs.T
        names = Counter(
            "/".join(data.classes[label] for label in sorted(set(data.labels[group])))
            for group in self.contradictory_groups()
        )
        return {
            "pictures": len(data),
            "identical_groups": len(self.groups),
            "pictures_in_groups": sum(map(len, self.groups)),
            "groups_across_splits": len(self.groups_across_splits()),
            "contradictory_groups": len(self.contradictory_groups()),
            "contradictory_labels": dict(names.most_common()),
            "flat_pictures": int(self.flat.sum()),
            "near_identical_pairs": len(self.near_pairs),
            "near_identical_pairs_across_splits": int((data.split[i] != data.split[j]).sum()),
            "near_identical_pairs_contradictory": int((data.labels[i] != data.labels[j]).sum()),
            "test_in_train": {split: self._leaks(split) for split in TEST_SPLITS},
        }

    def _leaks(self, split: str) -> dict[str, int]:
        here = self.dataset.split == split
        return {
            "pictures": int(here.sum()),
            "identical": int((here & self.in_train).sum()),
            "identical_same_label": int((here & self.in_train_same_label).sum()),
            "only_near_identical": int((here & self.near_in_train & ~self.in_train).sum()),
        }

    def __str__(self) -> str:
        return "\n".join(f"{text:<58} {value:>8,}" for text, value in self._lines())

    def _repr_html_(self) -> str:
        rows = "".join(f"<tr><td>{t}</td><td>{v:,}</td></tr>" for t, v in self._lines())
        return f"<table><tbody>{rows}</tbody></table>"

    def _lines(self) -> list[tuple[str, int]]:
        figures = self.figures()
        lines = [
            ("pictures", figures["pictures"]),
            ("groups of identical pictures", figures["identical_groups"]),
            ("pictures in those groups", figures["pictures_in_groups"]),
            ("groups that cross a split", figures["groups_across_splits"]),
            ("groups with more than one label", figures["contradictory_groups"]),
            ("flat pictures (one grey value)", figures["flat_pictures"]),
            ("near-identical pairs", figures["near_identical_pairs"]),
            ("near-identical pairs across splits", figures["near_identical_pairs_across_splits"]),
        ]
        for split, leaks in figures["test_in_train"].items():
            lines += [
                (f"{split} pictures identical to one in train", leaks["identical"]),
                (f"{split} pictures of these with its label", leaks["identical_same_label"]),
                (f"{split} pictures near-identical only", leaks["only_near_identical"]),
            ]
        return lines


def audit(dataset: FaceDataset, near: bool = True) -> Audit:
    """Find identical and near-identical pictures within and across splits (a few seconds).

    near: look for near-identical pairs, which is what takes the seconds; else none are reported.
    """
    searched = dataset.images if near else dataset.images[:0]
    pairs, correlation = near_identical_pairs(searched)
    return Audit(
        dataset=dataset,
        groups=identical_groups(dataset.images),
        flat=flat_mask(dataset.images),
        near_pairs=pairs,
        near_correlation=correlation,
    )


def identical_groups(images: np.ndarray) -> tuple[np.ndarray, ...]:
    """Positions of pictures equal in every pixel, two or more a group, by first position."""
    groups: dict[bytes, list[int]] = {}
    for i, image in enumerate(images):
        digest = hashlib.blake2b(np.ascontiguousarray(image), digest_size=16).digest()
        groups.setdefault(digest, []).append(i)
    return tuple(np.array(group) for group in groups.values() if len(group) > 1)


def flat_mask(images: np.ndarray) -> np.ndarray:
    """bool (N,): pictures whose pixels all have one value."""
    return (images == images[:, :1, :1]).all(axis=(1, 2))


def _in_train(dataset: FaceDataset, groups, same_label: bool = False) -> np.ndarray:
    """bool (N,): test pictures in a group with a Training picture (of the same label)."""
    result = np.zeros(len(dataset), dtype=bool)
    for group in groups:
        train = group[dataset.split[group] == "train"]
        test = group[np.isin(dataset.split[group], TEST_SPLITS)]
        if len(train) and len(test):
            same = np.isin(dataset.labels[test], dataset.labels[train])
            result[test[same] if same_label else test] = True
    return result
