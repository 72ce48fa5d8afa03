"""Every notebook runs from top to bottom in the smoke profile, on FER2013 where it is at hand."""

from __future__ import annotations

import pytest

from fer_utils import notebooks

pytest.importorskip("papermill")
pytest.importorskip("torch")
pytest.importorskip("keras")

PARAMETERS = {"profile": "smoke", "seed": 0, "data_dir": ""}


@pytest.mark.parametrize("notebook", notebooks.find(), ids=lambda path: path.stem)
def test_it_runs_in_the_smoke_profile(notebook, tmp_path):
    outcome = notebooks.run(notebook, PARAMETERS, tmp_path)
    assert not outcome.error, outcome.error
    assert outcome.executed.is_file()


@pytest.mark.parametrize("notebook", notebooks.find(), ids=lambda path: path.stem)
def test_it_rejects_a_parameter_it_does_not_have(notebook, tmp_path):
    with pytest.raises(ValueError, match="has no parameter sede; it has data_dir, profile, seed"):
        notebooks.run(notebook, {"sede": 1}, tmp_path)
