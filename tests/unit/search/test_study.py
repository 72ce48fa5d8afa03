"""The file of a study: what it is about, and that one process at a time works on it."""

from __future__ import annotations

import pytest

from fer_utils.search import driver, study
from fer_utils.search.space import Range, SearchSpace
from tests.unit.search.test_driver import GOOD, SPACE, problem

pytest.importorskip("torch")
pytest.importorskip("optuna", reason="the search needs Optuna: pip install -e '.[search]'")


def test_a_study_of_something_else_is_refused(tmp_path):
    driver.open_study("mine", problem(), SPACE, folder=tmp_path)
    with pytest.raises(ValueError, match="about another configuration; give another --study"):
        driver.open_study("mine", problem(GOOD), SPACE, folder=tmp_path)
    with pytest.raises(ValueError, match="study 'a/b': expected letters"):
        driver.open_study("a/b", problem(), SPACE, folder=tmp_path)


def test_two_searches_do_not_work_on_one_study(tmp_path):
    study = driver.open_study("mine", problem(), SPACE, folder=tmp_path)

    def second(first, given):
        with pytest.raises(RuntimeError, match="another search works on"):
            driver.run(study, 1, progress=False)

    driver.run(study, 1, progress=False, runner=second)


def test_a_study_that_another_process_works_on_is_not_opened(tmp_path):
    """Else two that open a new one at once would each queue the own settings."""
    with study.alone(study.study_file("mine", tmp_path)):
        with pytest.raises(RuntimeError, match="another search works on"):
            study.open_study("mine", problem(), SPACE, folder=tmp_path)
    for _ in range(2):
        opened = study.open_study("mine", problem(), SPACE, folder=tmp_path)
        assert len(opened.optuna.trials) == 1


def test_own_settings_cut_short_in_the_queue_are_queued_once(tmp_path):
    opened = study.open_study("mine", problem(), SPACE, folder=tmp_path)
    study._enqueue_own_settings(opened.optuna, problem(), SPACE)
    (queued,) = opened.optuna.trials
    assert queued.user_attrs == {"note": "own settings"}


def test_own_settings_that_the_space_lacks_are_drawn_and_named(tmp_path):
    space = SearchSpace({**SPACE.entries, "weight_decay": Range(1e-5, 1e-2, log=True)})
    opened = study.open_study("mine", problem(), space, folder=tmp_path)
    (queued,) = opened.optuna.trials
    assert queued.user_attrs["note"] == "own settings but for weight_decay"
    assert queued.system_attrs["fixed_params"] == {"learning_rate": problem().config.learning_rate}
