"""The experiments of chapter 07 hang together."""

from dataclasses import replace

from fer_utils.experiments import EXPERIMENTS
from fer_utils.models.pretrained import PretrainedSpec
from fer_utils.models.zoo_pretrained import PRETRAINED
from fer_utils.records import run_record
from fer_utils.records.families import families
from fer_utils.records.table_cells import not_run

CHAPTER = {name: one for name, one in EXPERIMENTS.items() if one.chapter == "07"}


def test_all_are_pretrained_and_all_pretrained_networks_of_the_reports_are_in():
    assert all(isinstance(one.spec, PretrainedSpec) for one in CHAPTER.values())
    used = {one.network for one in CHAPTER.values()}
    assert set(PRETRAINED) == used


def test_stages_fit_their_networks():
    for one in CHAPTER.values():
        for stage in one.config.stages:
            assert stage.unfrozen is None or stage.unfrozen <= one.spec.body.layers - 1
            assert not one.spec.frozen or stage.unfrozen == 0


def test_pairs_of_squeezenet_differ_in_the_start_alone():
    for size in (48, 96, 128):
        learned = CHAPTER[f"squeezenet_{size}-7-ours"]
        random = CHAPTER[f"squeezenet_{size}_random-7-ours"]
        assert (learned.config, learned.on_cpu) == (random.config, random.on_cpu)
        same = replace(random.spec, name=learned.network, weights="imagenet", values=None)
        assert same == learned.spec


def test_what_needs_weights_says_so_in_the_table_and_names_its_own_command():
    by_name = {family.name: family for family in families(CHAPTER)}
    assert not_run(by_name["resnet50v2-7"]) == "not run: needs ImageNet weights"
    assert not_run(by_name["squeezenet_48_random-7"]) == "not run"
    command = run_record.full_run_command(CHAPTER["vgg16_dcnn-3-ours"], 0)
    assert command == "python -m fer_utils train vgg16_dcnn-3-ours --seed 0"
