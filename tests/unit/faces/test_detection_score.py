"""Hits, misses and false faces, worked out by hand."""

from __future__ import annotations

import numpy as np

from fer_utils.faces.detection_score import score
from fer_utils.faces.face_box import FaceBox


def boxes(*corners: tuple[float, float], side: float = 10) -> list[FaceBox]:
    return [FaceBox(x, y, side, side, 1.0) for x, y in corners]


def test_a_hit_a_miss_and_a_false_face():
    result = score(boxes((0, 0), (50, 0)), boxes((90, 90), (2, 0)))
    assert result.of_true.tolist() == [1, -1]
    assert result.false == (0,)
    assert result.hits == 1


def test_a_face_found_twice_is_one_hit_and_one_false():
    result = score(boxes((0, 0)), boxes((3, 0), (1, 0)))
    assert result.of_true.tolist() == [1]
    assert result.false == (0,)


def test_best_overlap_goes_first_and_nobody_is_used_twice():
    # Found 0 overlaps true 0 by 8/12 and true 1 by 6/14; found 1 overlaps true 1 by 4/16 alone.
    result = score(boxes((0, 0), (6, 0)), boxes((2, 0), (12, 0)), least=0.2)
    assert result.of_true.tolist() == [0, 1]
    # Found 0 is nearer to true 1, which therefore gets it; true 0 takes the other.
    result = score(boxes((0, 0), (6, 0)), boxes((5, 0), (-4, 0)), least=0.2)
    assert result.of_true.tolist() == [1, 0]


def test_the_limit_itself_is_enough():
    true, found = boxes((0, 0)), boxes((5, 0))  # a third
    assert score(true, found, least=1 / 3).hits == 1
    assert score(true, found, least=0.34).hits == 0


def test_nothing_true_or_nothing_found():
    assert score([], boxes((0, 0))).false == (0,)
    nothing = score(boxes((0, 0)), [])
    assert nothing.of_true.tolist() == [-1] and nothing.false == ()


def test_the_order_of_the_boxes_makes_no_difference():
    rng = np.random.default_rng(0)
    true, found = (boxes(*rng.uniform(0, 60, (12, 2))) for _ in range(2))
    expected = score(true, found).of_true
    a, b = rng.permutation(12), rng.permutation(12)
    shuffled = score([true[i] for i in a], [found[j] for j in b]).of_true
    assert [b[j] if j >= 0 else -1 for j in shuffled] == expected[a].tolist()
