"""Fleiss' kappa against its paper's own example, and against cases worked out by hand."""

from __future__ import annotations

import numpy as np
import pytest

from fer_utils.metrics.agreement import fleiss_kappa

# Table 1 of Fleiss (1971): 30 patients, each diagnosed by six psychiatrists. A word a patient, the
# six diagnoses in order of category: 1 depression, 2 personality disorder, 3 schizophrenia,
# 4 neurosis, 5 other.
PATIENTS = (
    "444444 222555 233335 555555 222444 113333 333355 113334 114444 555555 "
    "144444 124444 222333 144444 224445 333335 111455 111112 224444 133555 "
    "555555 244444 224555 114444 144445 222224 111155 224444 133333 555555"
)


def diagnoses() -> np.ndarray:
    """int (6, 30), 0 to 4."""
    return np.array([[int(one) - 1 for one in word] for word in PATIENTS.split()]).T


def test_the_example_of_the_paper():
    assert fleiss_kappa(diagnoses(), 5) == pytest.approx(0.430, abs=5e-4)


@pytest.mark.parametrize(
    ("category", "published"), enumerate((0.245, 0.245, 0.520, 0.471, 0.566)), ids=str
)
def test_the_paper_s_kappa_of_one_category_against_the_rest(category, published):
    against = (diagnoses() == category).astype(int)
    assert fleiss_kappa(against, 2) == pytest.approx(published, abs=5e-4)


def test_shares_of_the_example_are_those_printed():
    shares = np.bincount(diagnoses().ravel()) / diagnoses().size
    assert shares.round(3).tolist() == [0.144, 0.144, 0.167, 0.306, 0.239]


def test_two_raters_by_hand():
    # Agreement on 2 of 4 subjects; both classes are half of all answers, so chance agrees on half.
    assert fleiss_kappa(np.array([[0, 0, 1, 1], [0, 1, 0, 1]]), 2) == 0
    # Agreement on 3 of 4; 5 of 8 answers are class 0: (3/4 - 34/64) / (1 - 34/64) = 7/15.
    assert fleiss_kappa(np.array([[0, 0, 1, 0], [0, 0, 1, 1]]), 2) == pytest.approx(7 / 15)


def test_full_agreement_is_one_whatever_the_order_of_raters_and_subjects():
    rng = np.random.default_rng(0)
    one = rng.integers(0, 7, 40)
    assert fleiss_kappa(np.array([one] * 3), 7) == pytest.approx(1)
    answers = rng.integers(0, 7, (4, 40))
    shuffled = rng.permuted(answers, axis=0)[:, rng.permutation(40)]
    assert fleiss_kappa(shuffled, 7) == pytest.approx(fleiss_kappa(answers, 7))


def test_one_class_alone_says_nothing():
    assert np.isnan(fleiss_kappa(np.zeros((3, 5), int), 7))


@pytest.mark.parametrize("shape", [(1, 5), (3, 0), (5,)])
def test_too_few_raters_or_subjects_are_refused(shape):
    with pytest.raises(ValueError, match="two raters or more"):
        fleiss_kappa(np.zeros(shape, int), 2)


def test_a_missing_answer_is_named():
    with pytest.raises(ValueError, match=r"answers\[1, 2\] is -1, expected 0 to 6"):
        fleiss_kappa(np.array([[0, 1, 2], [0, 1, -1]]), 7)
