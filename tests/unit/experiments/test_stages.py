from dataclasses import replace

import pytest

from fer_utils.experiments.config import TrainConfig
from fer_utils.experiments.stages import Stage

TWO = (Stage(2, 1e-3, warm_up=0.5), Stage(3, 1e-4, None, backbone_rate=0.1, batch_norm=False))
CONFIG = TrainConfig(epochs=5, stages=TWO)


def test_stages_go_through_json_and_leave_defaults_out():
    plain = CONFIG.to_dict()
    assert plain["stages"] == [
        {"epochs": 2, "learning_rate": 1e-3, "warm_up": 0.5},
        {
            **{"epochs": 3, "learning_rate": 1e-4, "unfrozen": None},
            **{"backbone_rate": 0.1, "batch_norm": False},
        },
    ]
    assert TrainConfig.from_dict(plain) == CONFIG
    assert "stages" not in TrainConfig(epochs=5).to_dict()


def test_a_stage_in_words():
    assert str(TWO[0]) == "2 epochs of the head alone at 0.001, warm-up over 0.5 epochs"
    said = "3 epochs of all layers at 0.0001, the backbone at 0.1 of that"
    assert str(TWO[1]) == f"{said}, batch normalisation kept"
    assert str(Stage(1, 0.1, 9)) == "1 epochs of the last 9 layers and the head at 0.1"


@pytest.mark.parametrize(
    ("changed", "message"),
    [
        ({"epochs": 4}, "epochs=4, but the stages have 5 together"),
        ({"ema": 0.9}, "early_stopping, ema and teachers do not go"),
        ({"teachers": ("a-7-ours",), "teachers_share": 0.5}, "teachers do not go"),
        ({"schedule": "plateau", "train_on": "nine_tenths"}, "warm_up does not go"),
    ],
)
def test_what_does_not_go_with_stages(changed, message):
    with pytest.raises(ValueError, match=message):
        replace(CONFIG, **changed)


@pytest.mark.parametrize(
    ("changed", "message"),
    [
        ({"epochs": 0}, "epochs from 1"),
        ({"learning_rate": 0.0}, "learning_rate above 0"),
        ({"unfrozen": -1}, "unfrozen=-1"),
        ({"backbone_rate": 0.0}, "0 < backbone_rate"),
        ({"warm_up": 3.0}, "expected 0 to 2 epochs"),
    ],
)
def test_a_stage_that_cannot_be_says_why(changed, message):
    with pytest.raises(ValueError, match=message):
        replace(Stage(2, 0.1), **changed)
