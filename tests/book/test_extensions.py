"""The book's own Sphinx extensions, without a build."""

from __future__ import annotations

import importlib.util
import json
from collections import defaultdict
from types import SimpleNamespace

import pytest
from docutils.core import publish_doctree

from fer_utils import notebooks
from fer_utils.exercises import solutions
from tests.book.conftest import ROOT


def load(name: str):
    spec = importlib.util.spec_from_file_location(name, ROOT / "book/_ext" / f"{name}.py")
    module = importlib.util.module_from_spec(spec)
    spec.loader.exec_module(module)
    return module


offline = load("offline")
reference = load("room_reference")
folding = load("folded_solutions")


def rendered(text: str):
    """The docutils tree of a docstring; a warning is an error."""
    rst = "\n".join(reference.plain_to_rst(text.splitlines()))
    return publish_doctree(rst, settings_overrides={"halt_level": 2, "report_level": 5})


@pytest.mark.parametrize(
    "text",
    [
        "a*b* and |x| and foo_ and `open and ** and [1]_",
        "- one\n- two *and\n\n1) three",
        "Title\n-----\nnot a title",
        "An example:\n    x = `1`\n  y",
        "(N, H, W) uint8; `labels` int64 (N,)\n`x|y`s",
        ".. not a directive\n:not: a field\n>>> no doctest",
    ],
)
def test_plain_docstrings_give_valid_text_that_says_the_same(text):
    said = rendered(text).astext()
    for word in text.replace("`", " ").replace("*", " ").split():
        if word.isalnum():
            assert word in said


def test_names_become_literals_and_words_emphasis():
    tree = rendered("The `labels` of *every* picture")
    assert [node.astext() for node in tree.findall() if node.tagname == "literal"] == ["labels"]
    assert [node.astext() for node in tree.findall() if node.tagname == "emphasis"] == ["every"]


def test_modules_are_those_on_disk_and_public():
    found = reference.modules("data")
    assert "fer_utils.data.dataset" in found and found == sorted(found)
    assert not any(".__" in module for module in found)


def test_an_unknown_room_is_an_error_that_names_it():
    with pytest.raises(FileNotFoundError, match="fer_utils/nowhere"):
        reference.modules("nowhere")


@pytest.mark.parametrize(
    ("filename", "body", "asks"),
    [
        ("https://example.org/a.js", None, True),
        ("//example.org/a.js", None, True),
        ("_static/sphinx-thebe.js", None, True),
        (None, 'const THEBE_JS_URL = "x"', True),
        ("_static/a.js", None, False),
        (None, "let x = 1", False),
    ],
)
def test_scripts_that_ask_the_network_are_left_out(filename, body, asks):
    file = SimpleNamespace(filename=filename, attributes={"body": body})
    context = {"script_files": [file], "css_files": []}
    offline.leave_out_remote_scripts(None, "page", "page.html", context, None)
    assert context["script_files"] == ([] if asks else [file])


def test_mathjax_is_unpacked_once_and_again_for_another_version(tmp_path):
    app = SimpleNamespace(outdir=tmp_path, builder=SimpleNamespace(format="html"))
    offline.unpack_mathjax(app, None)
    startup = tmp_path / "_static/mathjax/startup.js"
    startup.write_text("kept")
    offline.unpack_mathjax(app, None)
    assert startup.read_text() == "kept"
    (tmp_path / "_static/mathjax/VERSION").write_text("mathjax-1.0.zip")
    offline.unpack_mathjax(app, None)
    assert startup.read_text() != "kept"


def test_a_missing_archive_says_how_to_make_it(tmp_path, monkeypatch):
    monkeypatch.setattr(offline, "VENDOR", tmp_path)
    with pytest.raises(FileNotFoundError, match="vendor_mathjax"):
        offline.mathjax_archive()


def test_solutions_are_folded_below_their_exercises_and_no_code_cell_is_touched():
    (path,) = notebooks.find(["03"])
    app = SimpleNamespace(env=SimpleNamespace(dependencies=defaultdict(set)))
    source = [path.read_text(encoding="utf-8")]
    before = json.loads(source[0])["cells"]
    folding.fold_in(app, f"notebooks/{path.stem}", source)
    after = json.loads(source[0])["cells"]
    added = [cell for cell in after if cell not in before]
    assert [cell for cell in after if cell in before] == before
    assert len(added) == len(solutions.of_chapter("03")) >= 3
    first = "".join(added[0]["source"])
    assert first.startswith("<details><summary>Solution of exercise 1</summary>\n\n")
    assert "```python\ndef receptive_field" in first and first.endswith("</details>")
    assert "check(" in "".join(after[after.index(added[0]) - 1]["source"])
    assert len(app.env.dependencies[f"notebooks/{path.stem}"]) == len(added)


def test_other_pages_are_left_alone():
    app = SimpleNamespace(env=SimpleNamespace(dependencies=defaultdict(set)))
    for name in ("intro", "part_1_data", "reference/exercises"):
        source = ["# A page"]
        folding.fold_in(app, name, source)
        assert source == ["# A page"] and not app.env.dependencies
