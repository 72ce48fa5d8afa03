r"""$s = \sqrt{0.45 \cdot 0.55 / 2873} = 0.93$ points, so 1.64 and 2.33 points. With r = 0.7 only
$\sqrt{0.3} = 0.55$ of it is left for the choice: 0.90 and 1.28. `selection.best_by_chance` draws
the same."""


def points_by_luck(maximum: float, accuracy: float, n: int, r: float) -> float:
    """Points by which the best of some equals looks better than all of them.

    maximum: expected maximum of as many standard normal draws. accuracy: theirs, as a share, on n
    pictures. r: correlation of their errors.
    """
    s = (accuracy * (1 - accuracy) / n) ** 0.5
    return 100 * maximum * s * (1 - r) ** 0.5
