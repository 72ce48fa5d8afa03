"""Values are compared as readers mean them, and feedback says what was given, expected and got."""

from __future__ import annotations

import numpy as np
import pytest

from fer_utils.exercises.expect import LONGEST, Feedback, call, expect, require, same, shown


@pytest.mark.parametrize(
    ("got", "wanted"),
    [
        (2.0, 2),
        (np.float32(0.5), 0.5),
        (np.array(3), 3),
        ([1, 2], (1.0, 2.0)),
        (np.array([1, 2]), [1, 2]),
        ([[1, 2]], np.array([[1.0, 2.0]])),
        (np.nan, float("nan")),
        (np.bool_(True), True),
        ({0: 1}, {0: 1.0}),
        ([(49, 64)], [(49, 64)]),
        (0.1 + 0.2, 0.3),
    ],
)
def test_what_reads_alike_is_the_same(got, wanted):
    assert same(got, wanted)


@pytest.mark.parametrize(
    ("got", "wanted"),
    [
        (2.1, 2),
        (None, 0),
        ("2", 2),
        (True, 1),
        (1, True),
        ([1, 2], [1, 2, 3]),
        (np.ones((2, 1)), np.ones(2)),
        ({0: 1, 1: 0}, {0: 1}),
        ([1, [2, 3]], np.ones(2)),
        (0, [0]),
        (object(), np.ones(2)),
        (1j, 1.0),
        (np.array(["a"]), np.ones(1)),
    ],
)
def test_what_does_not_is_not(got, wanted):
    assert not same(got, wanted)


def double(x):
    return x + x


def test_feedback_names_the_call_what_came_and_what_should_have():
    expect(double, 2, wanted=4)
    with pytest.raises(Feedback) as caught:
        expect(double, 2, wanted=5, why="Ask yourself")
    assert str(caught.value) == "double(2) gave 4, expected 5. Ask yourself"


def test_a_missing_return_is_named():
    with pytest.raises(Feedback, match=r"gave None: is the return missing\?"):
        expect(lambda x: None, 1, wanted=1)


def test_an_error_is_feedback_with_its_line():
    def divide(x):
        return x / 0

    with pytest.raises(Feedback, match=r"divide\(1\) raised ZeroDivisionError: .*: return x / 0"):
        call(divide, 1)

    def leave():
        raise SystemExit(3)

    with pytest.raises(Feedback, match="raised SystemExit: 3"):
        call(leave)
    with pytest.raises(Feedback, match="NameError.*put what it needs into it"):
        call(lambda: helper)  # noqa: F821


def test_not_written_yet_is_no_feedback():
    def empty():
        raise NotImplementedError

    with pytest.raises(NotImplementedError):
        call(empty)


def test_the_answer_gets_copies():
    given = np.arange(3)

    def spoil(x):
        x[:] = 0
        return x

    expect(spoil, given, wanted=np.zeros(3))
    assert given.tolist() == [0, 1, 2]


def test_values_are_shown_in_few_words():
    assert shown(np.zeros((40, 50))) == "an array of shape (40, 50) (0, 0, 0, 0, ...)"
    assert shown((1 / 3, [True])) == "(0.333333, [True])"
    assert shown({0: 0.5}) == "{0: 0.5}"
    assert len(shown("x" * 9999)) < LONGEST + 10


def test_require():
    require(True, "not said")
    with pytest.raises(Feedback, match="said"):
        require(np.False_, "said")
