"""`check` on notebooks as readers leave them, and the copies for a class."""

from __future__ import annotations

import json
import re
import shutil
import tomllib

import pytest

from fer_utils import notebooks
from fer_utils.cli import main
from fer_utils.exercises import check, exercise, reader, solutions

ROOT = solutions.folder().parent
PROJECT = tomllib.loads((ROOT / "pyproject.toml").read_text(encoding="utf-8"))["project"]
BOOK = PROJECT["urls"]["Repository"] + "/blob/main/book"
RIGHT = "def receptive_field(layers):\n{}".format(
    "    side, apart = 1, 1\n"
    "    for window, stride in layers:\n"
    "        side, apart = side + (window - 1) * apart, apart * stride\n"
    "    return side\n"
)
LOOP = (
    "def receptive_field(layers):\n    print('busy')\n    while True:\n        layers = layers[:]\n"
)


def notebook(folder, *answers, before="import math\nimport numpy as np"):
    """A notebook with these cells tagged as answers; the first gets no tag."""
    cells = [{"cell_type": "code", "metadata": {}, "source": before.splitlines(keepends=True)}]
    for text in answers:
        cells.append({"cell_type": "code", "metadata": {"tags": ["exercise"]}, "source": text})
    path = folder / "03_mine.ipynb"
    path.write_text(
        json.dumps({"cells": cells, "nbformat": 4, "nbformat_minor": 5, "metadata": {}})
    )
    return path


def run(path, *options):
    return main(["check", "03", "--exercise", "1", "--notebook", str(path), *options])


def test_a_right_answer_passes(tmp_path, capsys):
    assert run(notebook(tmp_path, RIGHT)) == 0
    out = capsys.readouterr().out
    assert "03.1 receptive_field: passed" in out and "1 of 1 passed" in out


@pytest.mark.parametrize(
    ("answer", "said"),
    [
        (
            "def receptive_field(layers):\n    raise NotImplementedError",
            "not yet: write the function",
        ),
        ("def receptive_field(layers):\n    return 1 +", "line 2 of the cell is no Python"),
        ("%time 3\ndef receptive_field(layers):\n    return 1", "leave lines that begin with %"),
        ("def receptive_field(layers):\n    return 7", "receptive_field([]) gave 7, expected 1"),
        (
            "def receptive_field(layers):\n    return 1 / 0",
            "ZeroDivisionError: division by zero (line 2",
        ),
        ("def receptive_field(layers):\n    return other", "put what it needs into it"),
        ("receptive_field = 3", "expected the function receptive_field, got int"),
        ("1 / 0\ndef receptive_field(layers):\n    return 1", "the cell raised ZeroDivisionError"),
        ("exit()\ndef receptive_field(layers):\n    return 1", "the cell raised"),
        ("import os\ndef receptive_field(x):\n    os._exit(5)", "ended with code 5 and no verdict"),
        ("x = 1", "no cell of 03_mine.ipynb defines receptive_field"),
    ],
)
def test_what_is_wrong_is_said_and_the_command_fails(answer, said, tmp_path, capsys):
    assert run(notebook(tmp_path, answer)) == 1
    out = capsys.readouterr().out
    assert said in out and "0 of 1 passed" in out


@pytest.mark.parametrize("answer", [LOOP, "while True: pass\n" + RIGHT])
def test_an_endless_loop_is_ended_and_its_line_named(answer, tmp_path, capsys):
    assert run(notebook(tmp_path, answer), "--seconds", "1") == 1
    assert "did not end within 1 s, at line" in capsys.readouterr().out


def test_the_cell_may_use_the_notebooks_imports_and_those_alone(tmp_path, capsys):
    rooted = RIGHT.replace("return side", "return math.isqrt(side**2) + int(np.zeros(1)[0])")
    before = "import missing_package\nimport math\n%matplotlib inline\n"
    assert run(notebook(tmp_path, rooted, before=before)) == 0


def test_the_last_cell_that_defines_the_function_counts(tmp_path):
    path = notebook(tmp_path, "def f(): 1", "f = max", before="f = 3\nf2 = 4")
    cells = reader.code_cells(path)
    assert reader.answer(cells, "f") == "f = max"
    assert reader.answer(cells[:2], "f") == "def f(): 1"
    assert reader.answer([*cells, {"source": "def f(): 5"}], "f") == "def f(): 5"
    assert reader.answer(cells[:1], "f") is None, "a variable of the chapter is no answer"
    assert reader.answer(cells, "g") is None


def test_the_imports_that_an_answer_uses():
    cells = [{"source": "from a.b import c as d, e\nimport f.g, h\nif True:\n    import i"}]
    assert reader.imports(cells, "d, f.g, i, np") == [
        "import numpy as np",
        "from a.b import c as d",
        "import f.g",
    ]
    assert reader.imports(cells, "d +") == []


@pytest.mark.parametrize("text", ["", "[]", "{}", '{"cells": [{}]}', '{"cells": 3}'])
def test_what_is_no_notebook_is_named(text, tmp_path, capsys):
    (path := tmp_path / "03_odd.ipynb").write_text(text)
    assert run(path) == 1
    assert "03_odd.ipynb is no notebook" in capsys.readouterr().err


@pytest.mark.parametrize(
    ("arguments", "said"),
    [
        (["99"], "chapter '99' has no exercises; there are 01, 02"),
        (["03", "--exercise", "9"], "no exercise '03.9'; there are 03.1, 03.2"),
        (["03", "--notebook", "nowhere.ipynb"], "nowhere.ipynb"),
    ],
)
def test_calls_that_lead_nowhere_name_what_there_is(arguments, said, capsys):
    assert main(["check", *arguments]) == 1
    assert said in capsys.readouterr().err


@pytest.mark.parametrize("seconds", ["0", "-1", "nan", "soon"])
def test_a_limit_that_is_none_is_refused(seconds, capsys):
    with pytest.raises(SystemExit):
        main(["check", "03", "--seconds", seconds])
    assert "--seconds" in capsys.readouterr().err


def test_check_in_a_notebook_prints_a_line_and_raises_nothing(capsys):
    check("03.1", lambda layers: 1 + sum(window - 1 for window, _ in layers))
    assert "gave 6, expected 8" in capsys.readouterr().out
    with pytest.raises(ValueError, match=r"no exercise '03\.8'"):
        check("03.8", len)


def test_the_notebook_is_looked_for_here_first(tmp_path, monkeypatch):
    monkeypatch.chdir(tmp_path)
    (in_clone,) = notebooks.find(["03"])
    assert reader.find("03") == in_clone
    mine = notebook(tmp_path)
    assert reader.find("03") == mine
    with pytest.raises(FileNotFoundError, match="--notebook PATH"):
        reader.find("77")


def test_a_students_copy_is_empty_and_a_teachers_passes(tmp_path, capsys):
    student, teacher = tmp_path / "student", tmp_path / "teacher"
    assert main(["student-copy", str(student)]) == 0
    assert main(["student-copy", str(teacher), "--teacher"]) == 0
    names = [path.name for path in notebooks.find()]
    assert sorted(path.name for path in student.iterdir()) == names
    for path in notebooks.find():
        text = path.read_text(encoding="utf-8").replace("](../book/", f"]({BOOK}/")
        assert (student / path.name).read_text(encoding="utf-8") == text  # nothing is solved here
    solved = "".join(path.read_text(encoding="utf-8") for path in teacher.iterdir())
    assert "**Solution of exercise 1.**" in solved and "raise NotImplementedError" not in solved
    capsys.readouterr()
    (third,) = teacher.glob("03_*")
    assert main(["check", "3", "--notebook", str(third)]) == 0
    number = len(exercise.of_chapter("03"))
    assert f"{number} of {number} passed" in capsys.readouterr().out


@pytest.mark.parametrize("teacher", [False, True])
def test_every_link_of_a_copy_leads_somewhere(teacher, tmp_path):
    pages = 0
    for path in solutions.write_copies(tmp_path / "out", teacher):
        cells = json.loads(path.read_text(encoding="utf-8"))["cells"]
        text = "".join("".join(c["source"]) for c in cells if c["cell_type"] == "markdown")
        for link in re.findall(r"\]\(([^)\s]+\.[^)\s]+)", text):
            if link.startswith(BOOK):
                pages += 1
                assert (ROOT / "book" / link.removeprefix(f"{BOOK}/").split("#")[0]).is_file(), link
            elif not link.startswith("https://"):
                assert (path.parent / link.split("#")[0]).is_file(), f"{path.name}: {link}"
    assert pages > 100


def test_a_link_to_a_page_keeps_its_title_and_other_text_stays():
    source = ['See [a](../book/x.md#y "term:a"),\n', "`../book/x.md` and [b](02_b.ipynb)."]
    (made, code) = solutions.with_public_links(
        [{"cell_type": kind, "source": source} for kind in ("markdown", "code")]
    )
    assert made["source"] == [f'See [a]({BOOK}/x.md#y "term:a"),\n', source[1]]
    assert code["source"] == source


def test_a_copy_leaves_out_the_answers_and_outputs_of_the_clone(tmp_path, monkeypatch):
    for name in ("notebooks", "exercises"):
        shutil.copytree(ROOT / name, tmp_path / name)
    shutil.copy(ROOT / "pyproject.toml", tmp_path)
    (path,) = (tmp_path / "notebooks").glob("03_*")
    clean = path.read_text(encoding="utf-8")
    answered = json.loads(clean)
    for cell in answered["cells"]:
        if cell["cell_type"] == "code":
            cell["execution_count"], cell["outputs"] = 7, [{"output_type": "stream", "text": "x"}]
            if "exercise" in cell["metadata"].get("tags", []):
                cell["source"] = "def mine(): return 'secret'"
    path.write_text(json.dumps(answered))
    monkeypatch.setattr(solutions, "project_root", lambda: tmp_path)
    solutions.write_copies(tmp_path / "out")
    text = (tmp_path / "out" / path.name).read_text(encoding="utf-8")
    assert text == clean.replace("](../book/", f"]({BOOK}/")


def test_a_folder_that_is_not_empty_is_left_alone_without_force(tmp_path, capsys):
    (tmp_path / "mine.txt").write_text("mine")
    assert main(["student-copy", str(tmp_path)]) == 1
    assert "add --force, which replaces" in capsys.readouterr().err
    assert [path.name for path in tmp_path.iterdir()] == ["mine.txt"]
    assert main(["student-copy", str(tmp_path), "--force"]) == 0
    assert (tmp_path / "mine.txt").read_text() == "mine"


def test_the_help_says_that_force_replaces_answers(capsys):
    with pytest.raises(SystemExit):
        main(["student-copy", "--help"])
    assert "replaced, with the answers" in " ".join(capsys.readouterr().out.split())


def test_the_notebooks_themselves_are_never_the_copy(tmp_path, monkeypatch, capsys):
    for name in ("notebooks", "exercises"):
        shutil.copytree(ROOT / name, tmp_path / name)
    (path,) = (tmp_path / "notebooks").glob("03_*")
    path.write_text("answered")
    monkeypatch.setattr(solutions, "project_root", lambda: tmp_path)
    assert main(["student-copy", str(tmp_path / "notebooks"), "--force"]) == 1
    assert "holds the notebooks themselves" in capsys.readouterr().err
    assert path.read_text() == "answered"


def test_outside_a_clone_there_are_no_solutions(tmp_path, monkeypatch, capsys):
    monkeypatch.setattr(solutions, "project_root", lambda: None)
    assert main(["student-copy", str(tmp_path / "out")]) == 1
    assert "inside a clone" in capsys.readouterr().err


def test_a_solution_of_an_exercise_that_nobody_asks_is_an_error():
    cells = [{"cell_type": "markdown", "source": ["**Exercise 1. By hand.** Add."]}]
    made = solutions.with_text_after([*cells, {"cell_type": "code", "source": ""}], {1: "So."})
    assert [cell["cell_type"] for cell in made] == ["markdown", "code", "markdown"]
    with pytest.raises(ValueError, match=r"exercises \[2\], which no cell"):
        solutions.with_text_after(cells, {2: "So."})
