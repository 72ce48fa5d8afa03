import json

import pytest

from fer_utils.data.augment import Augment
from fer_utils.experiments.config import TrainConfig


def test_defaults_are_left_out_so_that_a_later_field_leaves_old_records_valid():
    assert TrainConfig(epochs=3).to_dict() == {"epochs": 3}


def test_a_configuration_survives_json():
    config = TrainConfig(
        epochs=3,
        optimizer="sgd",
        augment=Augment(horizontal_flip=0.5, erasing_area=(0.1, 0.2)),
        rare_copies=2,
        rare_augment=Augment(rotation=5.0),
        train_on="nine_tenths",
        evaluate_on=("validation",),
        seed=4,
    )
    assert TrainConfig.from_dict(json.loads(json.dumps(config.to_dict()))) == config


def test_with_seed_changes_nothing_else():
    assert TrainConfig(epochs=3).with_seed(5) == TrainConfig(epochs=3, seed=5)


def test_an_unknown_field_is_named():
    with pytest.raises(ValueError, match="epoch_count"):
        TrainConfig.from_dict({"epoch_count": 3})


@pytest.mark.parametrize(
    ("settings", "message"),
    [
        ({"optimizer": "adamm"}, "optimizer='adamm': expected one of sgd"),
        ({"schedule": "step"}, "schedule"),
        ({"epochs": 0}, "epochs=0: expected a whole number from 1"),
        ({"batch_size": 2.5}, "batch_size=2.5: expected a whole number"),
        ({"patience": 0}, "patience=0"),
        ({"rare_copies": -1}, "rare_copies=-1: expected a whole number from 0"),
        ({"factor": 3.0}, "factor between 0 and 1"),
        ({"learning_rate": float("nan")}, "learning_rate above 0"),
        ({"warm_up": 1.5}, "0 <= warm_up < 1"),
        ({"weight_decay": -1.0}, "weight_decay=-1.0: expected a number from 0"),
        ({"learning_rate": 0.0}, "learning_rate above 0"),
        ({"ema": 1.0}, "0 <= ema < 1"),
        ({"label_smoothing": -0.1}, "label_smoothing"),
        ({"class_weights": "normalised"}, "expected one of none, balanced, reported, effective"),
        ({"sampling": "undersample"}, "expected one of shuffle, oversample, balanced_batches"),
        ({"effective_beta": 1.0}, "0 <= effective_beta < 1"),
        ({"focal_gamma": -1.0}, "focal_gamma=-1.0: expected a number from 0"),
        ({"mixup": float("nan")}, "mixup=nan"),
        ({"logit_adjustment": float("inf")}, "logit_adjustment=inf"),
        ({"evaluate_on": ("test",)}, "evaluate_on names"),
        ({"evaluate_on": ("validation",)}, "nine_tenths"),
        ({"early_stopping": 3}, "watch the validation tenth"),
        ({"schedule": "plateau"}, "watch the validation tenth"),
    ],
)
def test_what_cannot_work_is_an_error_that_says_why(settings, message):
    with pytest.raises(ValueError, match=message):
        TrainConfig(**({"epochs": 3} | settings))
