from dataclasses import replace

import numpy as np
import pytest

from fer_utils.data.augment import Augment
from fer_utils.experiments.config import TrainConfig
from fer_utils.training import batches

from .helpers import quarters

HELD_OUT = TrainConfig(epochs=1, train_on="nine_tenths")


def test_all_trains_on_every_training_image_and_watches_none():
    parts = batches.parts_of(quarters(), TrainConfig(epochs=1))
    assert len(parts.train) == 96
    assert parts.watched is None
    assert {name: len(part) for name, part in parts.evaluated.items()} == {
        "public_test": 12,
        "private_test": 12,
    }


def test_nine_tenths_and_the_watched_tenth_share_no_image():
    data = quarters()
    parts = batches.parts_of(data, HELD_OUT)
    assert len(parts.train) + len(parts.watched) == 96
    seen = {image.tobytes() for image in parts.train.images}
    assert not seen & {image.tobytes() for image in parts.watched.images}


def test_validation_is_evaluated_where_it_is_named():
    config = TrainConfig(epochs=1, train_on="nine_tenths", evaluate_on=("validation",))
    parts = batches.parts_of(quarters(), config)
    assert parts.evaluated["validation"] is parts.watched


def test_a_dataset_without_training_images_is_an_error():
    with pytest.raises(ValueError, match="no split 'train'"):
        batches.parts_of(quarters().part("public_test"), TrainConfig(epochs=1))


def test_only_the_rarest_class_gets_augmented_copies_and_only_in_training():
    data = quarters()
    labels = np.where((data.labels == 1) & (np.arange(len(data)) % 3 > 0), 0, data.labels)
    data = replace(data, labels=labels, known_fingerprint=None)
    config = replace(HELD_OUT, rare_copies=4, rare_augment=Augment(horizontal_flip=1.0))
    plain, more = batches.parts_of(data, HELD_OUT), batches.parts_of(data, config)
    rare = plain.train.labels == 1
    n = len(plain.train)
    assert 0 < rare.sum() < (plain.train.labels == 0).sum()
    assert len(more.train) == n + 4 * rare.sum()
    assert np.array_equal(more.train.images[:n], plain.train.images)
    assert (more.train.labels[n:] == 1).all()
    mirrored = np.repeat(plain.train.images[rare], 4, axis=0)[:, :, ::-1]
    assert np.array_equal(more.train.images[n:], mirrored)
    assert np.array_equal(more.watched.images, plain.watched.images)
    assert more.train.fingerprint != plain.train.fingerprint


def test_each_epoch_and_seed_has_its_own_order_that_repeats():
    first = batches.batch_order(50, seed=0, epoch=0)
    assert sorted(first) == list(range(50))
    assert np.array_equal(first, batches.batch_order(50, seed=0, epoch=0))
    assert not np.array_equal(first, batches.batch_order(50, seed=0, epoch=1))
    assert not np.array_equal(first, batches.batch_order(50, seed=1, epoch=0))


@pytest.mark.parametrize(
    ("n", "sizes"), [(10, [5, 5]), (12, [5, 5, 2]), (11, [5, 6]), (1, [1]), (3, [3])]
)
def test_every_image_is_in_one_batch_and_none_is_alone(n, sizes):
    slices = batches.batch_slices(n, 5)
    order = np.arange(n)
    assert [len(order[where]) for where in slices] == sizes
    assert np.array_equal(np.concatenate([order[where] for where in slices]), order)


@pytest.mark.parametrize(("n", "sizes"), [(10, [5, 5]), (12, [5, 5]), (11, [5, 5]), (5, [5])])
def test_a_dropped_last_batch_leaves_whole_ones(n, sizes):
    slices = batches.batch_slices(n, 5, drop_last=True)
    assert [where.stop - where.start for where in slices] == sizes
    assert slices[0].start == 0 and slices[-1].stop == sum(sizes)


def test_too_few_images_for_a_whole_batch_are_an_error():
    with pytest.raises(ValueError, match="4 images hold no whole batch of 5"):
        batches.batch_slices(4, 5, drop_last=True)


def test_standard_scaling_has_the_moments_of_the_training_part():
    images = quarters().images
    scaling = batches.scaling_of(images, TrainConfig(epochs=1, scaling="standard"))
    assert scaling.mean == pytest.approx(images.mean() / 255)
    assert scaling.std == pytest.approx(images.std() / 255)
    flat = np.full((2, 4, 4), 7, np.uint8)
    assert batches.scaling_of(flat, TrainConfig(epochs=1)).std == 1.0
    plain = batches.scaling_of(images, TrainConfig(epochs=1, scaling="zero_one"))
    assert plain == batches.Scaling(0.0, 1.0)
