"""Every way in which records, card and page can disagree is one line with its cure."""

import json
from dataclasses import replace

import numpy as np
import pytest

from fer_utils.experiments import action_units
from fer_utils.records import (
    composed_photos,
    model_answers,
    record_json,
    tables,
    unit_record,
    verify,
    verify_others,
)
from fer_utils.search import committed

from . import test_composed_photos, test_unit_record
from .helpers import THREE, card_of, experiment, named, record_of, small_dataset

DATASET = small_dataset()
CARD = card_of(DATASET)
OURS = experiment("ours", keep="probabilities")
SMALL = experiment("ours", classes=THREE)
SWEEP = experiment("wide", config={"train_on": "nine_tenths", "evaluate_on": ("validation",)})
ALL = named(OURS, SMALL, SWEEP)


@pytest.fixture
def folder(tmp_path):
    """Records of seven and three classes and of a sweep, and the page made of them."""
    record_of(OURS, CARD, {"private_test": 4}).save(tmp_path)
    record_of(SMALL, CARD, {"private_test": 2}).save(tmp_path)
    record_of(SWEEP, CARD).save(tmp_path)
    tables.write_results_page(tmp_path / "results.md", tmp_path, CARD, ALL)
    return tmp_path


def problems(folder, dataset=DATASET, card=CARD, experiments=ALL) -> list[str]:
    page = folder / "results.md"
    found = verify.verify(folder, dataset, card=card, experiments=experiments, page=page)
    assert not any("\n" in line for line in found)
    return found


def only(found: list[str]) -> str:
    """The one problem there is, that of the page aside, which is not compared then."""
    kept = [line for line in found if "not compared" not in line]
    assert len(kept) == 1, kept
    return kept[0]


def path_of(folder, made=OURS):
    return folder / made.name / "torch-seed0.json"


def edit(path, **changes) -> None:
    """Change values of a record's JSON file and make its checksum fit again."""
    plain = json.loads(path.read_text())
    plain.pop("checksum")
    plain.update(changes)
    path.write_text(record_json.dumps(plain))


def test_right_records_have_no_problem_with_and_without_the_data(folder):
    assert problems(folder) == []
    assert problems(folder, dataset=None) == []


def test_an_altered_npz_is_found(folder):
    npz = path_of(folder).with_suffix(".npz")
    content = bytearray(npz.read_bytes())
    content[60] ^= 1
    npz.write_bytes(bytes(content))
    found = only(problems(folder))
    assert str(npz) in found and "sha256 differs" in found and "restore" in found


def test_a_missing_npz_and_one_without_its_json_are_found(folder):
    path_of(folder).with_suffix(".npz").unlink()
    assert "missing beside its JSON file" in only(problems(folder))
    record_of(OURS, CARD).save(folder, force=True)
    path_of(folder).unlink()
    assert any("half-written" in line for line in problems(folder))


def test_a_changed_figure_is_found_by_the_checksum(folder):
    path = path_of(folder)
    path.write_text(path.read_text().replace('"seconds": 120.0', '"seconds": 20.0'))
    found = only(problems(folder))
    assert str(path) in found and "altered" in found


def test_a_truncated_json_file_is_found(folder):
    path = path_of(folder)
    path.write_text(path.read_text()[:300])
    assert f"{path}: truncated" in only(problems(folder))


def test_an_unknown_schema_is_found(folder):
    edit(path_of(folder), schema=99)
    assert "schema version 99" in only(problems(folder))


def test_changed_numbers_of_predictions_are_found(folder):
    counts = {"n": 35, "probabilities": True}
    edit(path_of(folder), predictions={"public_test": counts, "private_test": counts})
    found = problems(folder)
    assert any("35 predictions of public_test, which has 28 images" in line for line in found)
    assert all(f"train {OURS.name} --seed 0" in line for line in found if "predictions of" in line)


def test_changed_class_names_are_found(folder):
    edit(path_of(folder), classes=list(reversed(OURS.classes)))
    assert "stale: made with another classes neutral" in only(problems(folder))


def test_changed_labels_are_found_by_the_page_even_where_every_hash_fits(folder):
    record_of(OURS, CARD, {"private_test": 1}).save(folder, force=True)
    found = only(problems(folder))
    assert "results.md: line" in found and "python -m fer_utils results page" in found


def test_a_changed_configuration_network_or_data_set_is_stale(folder):
    changed = {**ALL, **named(replace(OURS, config=replace(OURS.config, ema=0.9)))}
    found = only(problems(folder, experiments=changed))
    assert "configuration (ema)" in found and f"train {OURS.name} --seed 0" in found
    edit(path_of(folder), spec={"name": "another"})
    assert "network (" in only(problems(folder))
    record_of(OURS, CARD, {"private_test": 4}, fingerprint="e" * 64).save(folder, force=True)
    assert "fingerprint eeeeeeeeeeee" in only(problems(folder))


def test_predictions_of_other_splits_than_asked_for_are_found(folder):
    record = record_of(OURS, CARD)
    del record.predictions["private_test"]
    record.save(folder, force=True)
    assert "expected ['private_test', 'public_test']" in only(problems(folder))


def test_records_that_nobody_asked_for_are_found(folder):
    found = only(problems(folder, experiments=named(OURS, SMALL)))
    assert "no experiment" in found and SWEEP.name in found
    record_of(OURS, CARD, framework="keras").save(folder)
    assert "run in keras is not owed" in only(problems(folder))


def test_a_record_in_the_wrong_place_is_found(folder):
    for suffix in (".json", ".npz"):
        source = path_of(folder).with_suffix(suffix)
        source.rename(source.with_name(f"torch-seed7{suffix}"))
    found = only(problems(folder))
    assert "torch-seed7.json: is the record of" in found and "torch-seed0.json" in found


def test_another_copy_of_the_data_cannot_verify_but_records_are_still_read(folder):
    csv = replace(DATASET, images=DATASET.images ^ 1, name="fer2013-csv")
    assert "fer2013-csv: another copy of FER2013: cannot verify" in only(problems(folder, csv))
    path_of(folder).write_text("")
    assert len(problems(folder, csv)) == 3


@pytest.mark.parametrize("split", ["public_test", "private_test", "validation"])
def test_a_card_with_other_labels_than_the_data_is_found(folder, split):
    labels, part = DATASET.labels.copy(), split if split != "validation" else "train"
    labels[DATASET.split == part] = np.roll(labels[DATASET.split == part], 1)
    card = replace(CARD, labels=labels)
    found = problems(folder, card=card)
    assert f"data card: labels of {split} are not those of the data" in found[0]
    assert "python -m fer_utils data card" in found[0]


def test_a_card_that_calls_leaked_images_clean_is_found(folder):
    card = replace(CARD, leak=np.zeros_like(CARD.leak))
    assert "private_test that stand in Training" in problems(folder, card=card)[0]


def test_a_changed_or_missing_page_is_found(folder):
    page = folder / "results.md"
    lines = page.read_text().splitlines()
    lines[15] += " "
    page.write_text("\n".join(lines))
    assert f"{page}: line 16 is not what the records say" in only(problems(folder))
    page.write_text("\n".join(lines[:10]))
    assert "line 11" in only(problems(folder))
    page.unlink()
    assert f"{page}: missing; write it" in only(problems(folder))


def test_every_problem_is_told_not_the_first_alone(folder):
    path_of(folder).write_text("{")
    path_of(folder, SMALL).with_suffix(".npz").unlink()
    assert len(problems(folder)) == 3  # and that the page was not compared


def test_a_damaged_record_of_action_units_is_named(folder):
    unit = action_units.EXPERIMENTS["joint-300"]
    path = unit_record.place(unit.name, 0, folder)
    path.parent.mkdir()
    path.write_text("{")
    assert "no record of action units" in only(problems(folder))
    path.rename(path.with_name("nobody-0.json"))
    assert "nobody-0.json: no run of the course asks for it" in only(problems(folder))


def test_a_record_of_action_units_that_read_other_faces_than_the_card_s_is_found(folder):
    one = action_units.EXPERIMENTS["drawn-on-fer2013"]
    labels = CARD.labels_of("private_test").astype(np.uint8)
    n = len(labels)
    made = test_unit_record.record(
        experiment=one.name, settings=one.settings(), data="drawn_to_fer2013",
        emotions=one.spec().emotions, labels=labels, units=np.zeros((n, 15), np.uint8),
        subject=np.arange(n, dtype=np.uint16), emotion=labels, scores=np.zeros((n, 15), np.uint8),
    )  # fmt: skip
    made.save(folder)
    assert problems(folder) == []
    made.labels = labels[::-1].copy()
    path = made.save(folder)
    found = only(problems(folder))
    assert f"{path}: its labels are not those of the data card; delete it" in found


def photos(folder, **changes):
    """A record of composed class photos, by default one that is right."""
    right = {"fingerprint": CARD.fingerprint, "model": model_answers.model_hash()}
    path = folder / verify_others.PHOTOS_FOLDER / "fer2013-mtcnn.json"
    return test_composed_photos.record(**(right | changes)).save(path)


def test_records_of_composed_class_photos_are_verified(folder):
    path = photos(folder)
    assert problems(folder) == []
    path.write_text(path.read_text().replace('"false_faces": 1', '"false_faces": 0'))
    found = only(problems(folder))
    assert f"{path}: altered after it was written" in found and composed_photos.COMMAND in found
    path.write_text("{}")
    assert f"{path}: no entry 'checksum'" in only(problems(folder))
    for changed in ({"model": "abc"}, {"fingerprint": "e" * 64}):
        photos(folder, **changed)
        assert "of another model or other data; make it anew" in only(problems(folder))
    photos(folder, detector="haar")
    assert "is the record of fer2013 with haar" in only(problems(folder))


def test_what_is_read_above_is_refused_by_its_own_reader(tmp_path, monkeypatch):
    monkeypatch.setenv("FER_UTILS_RESULTS", str(tmp_path))
    searches = tmp_path / "searches"
    searches.mkdir()
    assert verify_others.refused(searches, committed.recorded) == []
    (searches / "cut.json").write_text("{")
    summary = {"study": "odd", "n": 1, "best": None, "trials": []}
    (searches / "odd.json").write_text(json.dumps(summary))
    cut, odd = verify_others.refused(searches, committed.recorded)
    assert cut.startswith(f"{searches / 'cut.json'}: cut short")
    assert odd == f"{searches / 'odd.json'}: no entry 'experiment'"
