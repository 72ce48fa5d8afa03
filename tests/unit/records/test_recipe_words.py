"""Recipes in words."""

from dataclasses import replace

from fer_utils.data.augment import Augment
from fer_utils.experiments.config import TrainConfig
from fer_utils.experiments.stages import Stage
from fer_utils.records.recipe_words import citation, recipe_in_words, settings_in_words

from .helpers import experiment

FULL = {
    "epochs": 60,
    "optimizer": "adamw",
    "learning_rate": 0.002,
    "ema": 0.998,
    "batch_size": 64,
    "augment": Augment(shift=0.1),
    "teachers": ("a-7-ours",),
    "teachers_share": 0.7,
}


def test_settings_stand_in_words_without_what_is_usual():
    assert settings_in_words(TrainConfig(**FULL)) == (
        "60 epochs, adamw at 0.002, batches of 64, augment (shift 0.1), ema 0.998, "
        "teachers share 0.7, taught by `a-7-ours`"
    )


def test_stages_stand_in_the_place_of_epochs_and_rate():
    staged = TrainConfig(3, optimizer="nadam", stages=(Stage(1, 0.1), Stage(2, 0.01, None)))
    said = settings_in_words(staged)
    assert said.startswith("nadam, 1 epochs of the head alone at 0.1, then 2 epochs of all layers")


def test_a_cpu_that_only_trains_shorter_says_only_that():
    short = experiment("ours", config=FULL, on_cpu=replace(TrainConfig(**FULL), epochs=5))
    assert "Without a GPU 5 epochs in float32." in recipe_in_words(short)


def test_every_setting_that_differs_on_a_cpu_is_named():
    other = TrainConfig(24, optimizer="muon", learning_rate=0.008, sam=0.05, precision="bf16")
    said = recipe_in_words(experiment("ours", config=FULL, on_cpu=other))
    short = said[said.index("Without a GPU") :]
    assert short.startswith("Without a GPU 24 epochs in bf16 or float32, muon at 0.008, ")
    for words in ("no ema", "no augment", "no teachers", "no teachers share", "sam 0.05"):
        assert words in short
    assert f"batch size {other.batch_size}" in short


def test_a_source_is_cited_with_its_place():
    assert citation("zagreb, table 2") == "{cite}`zagreb`, table 2"
    assert citation("zagreb") == "{cite}`zagreb`"
