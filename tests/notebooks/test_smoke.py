"""Every notebook runs from top to bottom in the smoke profile, with FER2013 and without."""

from __future__ import annotations

import pytest

from fer_utils import notebooks

pytest.importorskip("papermill")
pytest.importorskip("torch")
pytest.importorskip("keras")

EVERY = pytest.mark.parametrize("notebook", notebooks.find(), ids=lambda path: path.stem)


def run(notebook, folder, data_dir=""):
    parameters = {"profile": "smoke", "seed": 0, "data_dir": data_dir}
    outcome = notebooks.run(notebook, parameters, folder)
    assert not outcome.error, outcome.error
    assert outcome.executed.is_file()


@EVERY
def test_it_runs_on_drawn_faces_where_there_is_no_data(notebook, tmp_path, monkeypatch):
    monkeypatch.delenv("FER2013_DIR", raising=False)
    monkeypatch.setenv("FER_UTILS_CACHE", str(tmp_path / "empty"))
    run(notebook, tmp_path)


@EVERY
def test_it_runs_on_fer2013(notebook, tmp_path, fer2013_dir):
    run(notebook, tmp_path, str(fer2013_dir))


@EVERY
def test_it_rejects_a_parameter_it_does_not_have(notebook, tmp_path):
    with pytest.raises(ValueError, match="has no parameter sede; .*data_dir, .*profile, seed"):
        notebooks.run(notebook, {"sede": 1}, tmp_path)
