import itertools
from dataclasses import replace

import pytest

from fer_utils import experiments
from fer_utils.experiments import EXPERIMENTS, honest, imbalance
from fer_utils.experiments.config import TrainConfig
from fer_utils.experiments.defaults import DEFAULTS
from fer_utils.experiments.experiment import ONE_SEED, Experiment


def test_every_experiment_has_a_network_that_fits_its_classes():
    for experiment in EXPERIMENTS.values():
        assert experiment.spec.classes == len(experiment.classes)
        assert experiment.spec.name == experiment.network


def test_a_reported_figure_is_a_fraction_with_a_source_and_the_assumptions():
    for experiment in EXPERIMENTS.values():
        for split, figure in experiment.reported.items():
            assert split in ("public_test", "private_test", "test", "unknown")
            assert 0 < figure < 1
            assert experiment.source
            assert experiment.assumed


def test_a_name_is_taken_once():
    first = next(iter(EXPERIMENTS.values()))
    with pytest.raises(ValueError, match="listed twice"):
        experiments.by_name((first, first))


def test_a_misspelt_name_brings_near_ones():
    with pytest.raises(ValueError, match="zagreb_fully_connected-7-as-reported"):
        experiments.get("zagreb_fully_connected-7-reported")


def test_each_default_is_measured_by_one_change_over_the_same_five_seeds():
    base = experiments.get("small_cnn-7-defaults")
    assert base.frameworks == ("torch", "keras") and base.seeds == (0, 1, 2, 3, 4)
    changed = {}
    for experiment in DEFAULTS:
        assert experiment.seeds == base.seeds and "torch" in experiment.frameworks
        settings = {**experiment.config.to_dict(), **{"network": experiment.network}}
        common = {**base.config.to_dict(), "network": "small_cnn"}
        changed[experiment.name] = {k for k in settings if settings[k] != common.get(k)}
    assert changed.pop(base.name) == set()
    assert changed.pop("small_cnn-7-decay") == {"weight_decay"}
    assert changed.pop("small_cnn-7-drop-last") == {"drop_last"}
    assert len(changed) == 5 and set(map(frozenset, changed.values())) == {frozenset({"network"})}


def test_the_name_counts_the_classes():
    config = next(iter(EXPERIMENTS.values())).config
    three = Experiment("net", "ours", "06", config, classes=("happy", "sad", "neutral"))
    assert three.name == "net-3-ours"


@pytest.mark.parametrize("found", [imbalance.sweep(), imbalance.final(imbalance.FULL)])
def test_strategies_differ_from_nothing_in_their_own_settings_alone(found):
    assert list(found) == list(imbalance.STRATEGIES)
    base = found[imbalance.NOTHING].config
    for strategy, changed in imbalance.STRATEGIES.items():
        assert found[strategy].config == replace(base, **changed), strategy
        assert strategy == imbalance.NOTHING or found[strategy].config != base
        assert found[strategy].seeds == found[imbalance.NOTHING].seeds


def test_strategies_are_chosen_on_the_validation_tenth_and_tested_on_all_of_training():
    for one in imbalance.sweep().values():
        assert one.config.evaluate_on == ("validation",)
        assert one.config.train_on == "ten_thousand"
    slim, full = (imbalance.final(name)["nothing"] for name in (imbalance.SLIM, imbalance.FULL))
    assert slim.name == "zagreb_deeper_slim-7-nothing-all-of-training"
    assert (slim.config, slim.on_cpu) == (full.config, full.on_cpu)
    assert full.config.train_on == "all" and len(slim.seeds) == len(full.seeds) == 3
    rehearsed = imbalance.rehearsal()["nothing"]
    held_out = {"train_on": "nine_tenths", "evaluate_on": ("validation",)}
    assert rehearsed.config == replace(slim.config, **held_out)
    assert rehearsed.on_cpu == replace(slim.on_cpu, **held_out)


def test_parts_of_the_recipe_differ_from_what_they_are_compared_with_in_one_thing():
    for part, (network, config, above) in honest.PARTS.items():
        assert honest.ABLATION[part].config.evaluate_on == ("validation",)
        if above:
            other, theirs, _ = honest.PARTS[above]
            mine, before = config.to_dict(), theirs.to_dict()
            changed = {key for key in {*mine, *before} if mine.get(key) != before.get(key)}
            changed -= {"teachers_share", "teachers_temperature"}  # they belong to `teachers`
            assert len(changed) + (network != other) == 1, part


def test_no_teacher_has_seen_what_its_student_is_scored_on():
    for one, gpu in itertools.product(EXPERIMENTS.values(), (True, False)):
        config = one.config_on(gpu)
        for teacher in map(EXPERIMENTS.get, config.teachers):
            assert teacher.config_on(gpu).train_on == config.train_on, one.name
            assert set(one.classes) <= set(teacher.classes), one.name
            assert gpu or one.needs or not teacher.needs, f"{one.name} waits for {teacher.name}"


def test_a_twin_is_its_model_on_nine_tenths():
    twins = {one.network: one for one in honest.TWINS if one.recipe == honest.TWIN}
    shipped = EXPERIMENTS["compact_vgg-7-ours"].config_on(gpu=False, bf16=True)
    pairs = [(honest.SINGLE.config, twins["vgg_se"]), (shipped, twins["compact_vgg"])]
    for config, twin in pairs:
        assert twin.config.train_on == "nine_tenths" and twin.config.readings == (
            *("validation", "validation/mirrored", "validation/ten"),
        )
        free = {"train_on": "all", "evaluate_on": ("public_test", "private_test")}
        assert replace(twin.config, **free, views=config.views) == config


def test_what_a_record_keeps_of_each_reading():
    readings = honest.SINGLE.config.readings
    kept = {reading: honest.SINGLE.keeps(reading, "torch", seed=1) for reading in readings}
    assert kept == {
        "public_test": "labels",
        "public_test/ten": "labels",
        "private_test": "probabilities",
        "private_test/ten": "probabilities",
    }
    assert {honest.SINGLE.keeps(reading, "keras", seed=0) for reading in readings} == {"labels"}
    sparing = replace(honest.SINGLE, keep=ONE_SEED, seeds=(3, 4))
    assert sparing.keeps("private_test", "torch", seed=3) == "probabilities"
    assert sparing.keeps("private_test", "torch", seed=4) == "labels"
    assert sparing.keeps("public_test", "torch", seed=3) == "labels"


@pytest.mark.parametrize(
    "wrong",
    [{"keep": "probability"}, {"ship": "all"}, {"frameworks": ()}, {"frameworks": ("tf",)},
     {"reported": {"private": 0.3}}],
    ids=lambda one: str(one),
)  # fmt: skip
def test_a_slip_in_an_experiment_is_told_before_it_trains(wrong):
    (name,) = wrong
    with pytest.raises(ValueError, match=f"{name}=.* is not known"):
        Experiment("fully_connected_1x512", "ours", "02", TrainConfig(epochs=1), **wrong)
