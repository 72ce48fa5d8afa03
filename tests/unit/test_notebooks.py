import json
from pathlib import Path

import nbformat
import pytest

from fer_utils import cli, notebooks

CELLS = [
    ("parameters", 'profile: str = "recorded"\nseed: int = 0\ndata_dir: str = ""'),
    ("", "assert seed < 5, 'seed too large'\nprint(profile, seed)"),
    ("", "import os\nif seed < 0:\n    os._exit(1)"),
]


@pytest.fixture
def clone(tmp_path, monkeypatch):
    """A clone with two small notebooks."""
    folder = tmp_path / "notebooks"
    folder.mkdir()
    for name in ("01_first", "02_second"):
        book = nbformat.v4.new_notebook()
        for tag, source in CELLS:
            cell = nbformat.v4.new_code_cell(source)
            cell.metadata["tags"] = [tag] if tag else []
            book.cells.append(cell)
        book.metadata["kernelspec"] = {
            "name": "python3",
            "language": "python",
            "display_name": "Python 3",
        }
        nbformat.write(book, folder / f"{name}.ipynb")
    monkeypatch.setattr(notebooks, "project_root", lambda: tmp_path)
    monkeypatch.setattr(cli, "project_root", lambda: tmp_path)
    return tmp_path


def test_all_or_some_are_found_in_order(clone):
    assert [path.stem for path in notebooks.find()] == ["01_first", "02_second"]
    assert [path.stem for path in notebooks.find(["02"])] == ["02_second"]
    (clone / "notebooks" / "10_tenth.ipynb").write_text("{}")
    for word in ("1", "01", "01_f"):
        assert [path.stem for path in notebooks.find([word])] == ["01_first"]
    assert [path.stem for path in notebooks.find(["10", "2"])] == ["02_second", "10_tenth"]
    with pytest.raises(ValueError, match="no notebook starts with '03'; there are 01_first"):
        notebooks.find(["3"])


def test_outside_a_clone_the_cure_is_named(monkeypatch):
    monkeypatch.setattr(notebooks, "project_root", lambda: None)
    with pytest.raises(FileNotFoundError, match="inside a clone"):
        notebooks.find()


def test_a_run_gets_its_parameters_and_prints_a_line(clone, capsys):
    assert cli.main(["run", "--profile", "smoke", "--seed", "3", "--only", "01"]) == 0
    line = capsys.readouterr().out
    assert line.startswith("[1/1] 01_first (smoke) ok, ")
    executed = json.loads((clone / "_build/runs/smoke/01_first.ipynb").read_text())
    outputs = [o["text"] for cell in executed["cells"] for o in cell.get("outputs", [])]
    assert "".join(outputs[0]) == "smoke 3\n"


def test_an_unknown_parameter_is_rejected_before_anything_runs(clone, capsys):
    assert cli.main(["run", "-p", "sede", "3"]) == 1
    message = capsys.readouterr().err
    assert "01_first.ipynb has no parameter sede; it has data_dir, profile, seed" in message
    assert not (clone / "_build").exists()


def test_paths_are_seen_from_where_the_reader_stands(clone, monkeypatch):
    given = []
    monkeypatch.setattr(notebooks, "check_parameters", lambda notebook, parameters: None)
    monkeypatch.setattr(
        notebooks,
        "run",
        lambda notebook, parameters, folder: (
            given.append(parameters) or notebooks.Outcome(notebook, folder, 0)
        ),
    )
    monkeypatch.chdir(clone)
    paths = {"photos": "mine/../class", "answers": "new.csv", "video": "2024", "data_dir": "~/fer"}
    words = {"detector": "class", "note": "./new.csv", "steps": "5"}
    options = [part for pair in (paths | words).items() for part in ("-p", *pair)]
    (clone / "class").mkdir()
    assert cli.main(["run", "--only", "1", *options]) == 0
    assert given == [
        {
            "profile": "recorded",
            "photos": str(clone / "class"),
            "answers": str(clone / "new.csv"),
            "video": str(clone / "2024"),
            "data_dir": str(Path.home() / "fer"),
            "detector": "class",
            "note": "./new.csv",
            "steps": 5,
        }
    ]
    given.clear()
    assert cli.main(["run", "--only", "1", "-p", "photos", ""]) == 0
    assert given == [{"profile": "recorded", "photos": ""}]  # empty stays empty: none


def test_every_parameter_that_names_a_place_is_known():
    import papermill

    empty = {
        name
        for path in notebooks.find()
        for name, one in papermill.inspect_notebook(str(path)).items()
        if one["default"] in ('""', "''")
    }
    assert empty == set(cli.PATHS), "a new one that is no path: leave it out here"


def test_a_failing_cell_is_named_and_the_others_still_run(clone, capsys):
    assert cli.main(["run", "--seed", "7", "--out", str(clone / "out")]) == 1
    lines = capsys.readouterr().out.splitlines()
    assert len(lines) == 2
    assert "AssertionError: seed too large" in lines[0]
    assert (clone / "out" / "01_first.ipynb").is_file()


def test_a_dead_kernel_is_named_and_the_others_still_run(clone, capsys):
    assert cli.main(["run", "--seed", "-1", "--out", str(clone / "out")]) == 1
    lines = capsys.readouterr().out.splitlines()
    assert ["the kernel died" in line for line in lines] == [True, True]


def test_executed_notebooks_are_replaced_only_when_asked(clone, capsys):
    call = ["run", "--seed", "7", "--only", "01", "--out", str(clone / "out")]
    (clone / "out").mkdir()
    (clone / "out" / "01_first.ipynb").write_text("mine")
    assert cli.main(call) == 1
    assert "--force" in capsys.readouterr().err
    assert (clone / "out" / "01_first.ipynb").read_text() == "mine"
    cli.main([*call, "--force"])
    assert (clone / "out" / "01_first.ipynb").read_text().startswith("{")


def test_the_notebooks_themselves_are_never_replaced(clone, capsys):
    source = (clone / "notebooks" / "01_first.ipynb").read_text()
    assert cli.main(["run", "--only", "01", "--force", "--out", str(clone / "notebooks")]) == 1
    assert "holds the notebooks themselves" in capsys.readouterr().err
    assert (clone / "notebooks" / "01_first.ipynb").read_text() == source
