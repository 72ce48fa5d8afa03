"""Packed predictions: exact labels, log-probabilities within half a step."""

import numpy as np
import pytest

from fer_utils.records.packing import (
    FLOOR,
    STEPS,
    bits_per_label,
    pack_labels,
    pack_log_probabilities,
    unpack_labels,
    unpack_log_probabilities,
)

HALF_STEP = -FLOOR / STEPS / 2


def log_softmax(logits: np.ndarray) -> np.ndarray:
    return logits - np.log(np.exp(logits).sum(axis=1, keepdims=True))


@pytest.mark.parametrize(
    ("classes", "bits"), [(2, 1), (3, 2), (4, 2), (5, 3), (7, 3), (8, 3), (9, 4)]
)
def test_a_label_takes_the_fewest_bits_that_hold_it(classes, bits):
    assert bits_per_label(classes) == bits


@pytest.mark.parametrize("classes", [0, 1, 257])
def test_a_number_of_classes_that_fits_no_byte_is_refused(classes):
    with pytest.raises(ValueError, match=f"got {classes}"):
        bits_per_label(classes)


def test_labels_are_packed_most_significant_bit_first():
    assert pack_labels(np.array([5, 0, 6]), 7).tolist() == [0b10100011, 0b00000000]


@pytest.mark.parametrize("classes", [2, 3, 5, 7, 16, 256])
@pytest.mark.parametrize("n", [0, 1, 7, 8, 1001])
def test_labels_come_back_exactly(classes, n):
    labels = np.random.default_rng(n).integers(0, classes, n)
    packed = pack_labels(labels, classes)
    assert len(packed) == -(-n * bits_per_label(classes) // 8)
    assert np.array_equal(unpack_labels(packed, n, classes), labels)


@pytest.mark.parametrize("wrong", [7, -1, 300])
def test_a_label_out_of_range_is_named_when_packing(wrong):
    with pytest.raises(ValueError, match=f"label {wrong} at position 2 is outside 0 to 6"):
        pack_labels(np.array([0, 6, wrong]), 7)


def test_a_packed_array_that_does_not_fit_is_refused():
    packed = pack_labels(np.array([6, 6, 6]), 7)
    with pytest.raises(ValueError, match="expected 4 bytes for 10 labels"):
        unpack_labels(packed, 10, 7)
    with pytest.raises(ValueError, match="label 6 among the packed labels, expected 0 to 4"):
        unpack_labels(packed, 3, 5)


def test_log_probabilities_come_back_within_half_a_step_of_each_ratio():
    true = log_softmax(np.random.default_rng(0).normal(0, 2, (500, 7)))
    labels = true.argmax(axis=1)
    packed = pack_log_probabilities(true, labels)
    assert packed.shape == (6, 500)
    back = unpack_log_probabilities(packed, labels, 7)
    assert back.dtype == np.float32
    assert np.allclose(np.exp(back).sum(axis=1), 1, atol=1e-6)
    rows = np.arange(500)[:, None], labels[:, None]
    assert np.abs((back - back[rows]) - (true - true[rows])).max() <= HALF_STEP + 1e-5


def test_packing_what_was_unpacked_changes_nothing():
    true = log_softmax(np.random.default_rng(1).normal(0, 5, (200, 3)))
    labels = true.argmax(axis=1)
    packed = pack_log_probabilities(true, labels)
    back = unpack_log_probabilities(packed, labels, 3)
    assert np.array_equal(pack_log_probabilities(back, labels), packed)


def test_an_impossible_class_is_read_as_the_floor_of_the_predicted_one():
    with np.errstate(divide="ignore"):
        certain = np.log(np.array([[1.0, 0.0]]))
    back = unpack_log_probabilities(
        pack_log_probabilities(certain, np.array([0])), np.array([0]), 2
    )
    assert back[0, 1] - back[0, 0] == pytest.approx(-12, abs=1e-5)


def test_the_label_stays_the_most_likely_class_where_two_are_as_likely():
    back = unpack_log_probabilities(
        pack_log_probabilities(np.log(np.full((1, 4), 0.25)), np.array([2])), np.array([2]), 4
    )
    assert np.allclose(np.exp(back), 0.25)


def test_packed_log_probabilities_of_another_shape_are_refused():
    with pytest.raises(ValueError, match=r"expected packed log-probabilities uint8 \(6, 2\)"):
        unpack_log_probabilities(np.zeros((6, 3), np.uint8), np.array([0, 1]), 7)
