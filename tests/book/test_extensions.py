"""The book's own Sphinx extensions, without a build."""

from __future__ import annotations

import json
import re
import subprocess
import sys
from collections import defaultdict
from pathlib import Path
from types import SimpleNamespace

import pytest
from docutils.core import publish_doctree

from fer_utils import notebooks
from fer_utils.exercises import solutions
from tests.book.conftest import copy_sources, load

offline = load("offline")
reference = load("room_reference")
folding = load("folded_solutions")
copied = load("copied_notebooks")
roles = load("readable_roles")
pdf = load("print_pdf", "_tools")


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


def test_a_link_checked_out_as_text_is_a_copy_during_the_build_and_text_again(tmp_path):
    book, source = tmp_path / "book", tmp_path / "notebooks"
    book.mkdir()
    source.mkdir()
    (source / "01_a.ipynb").write_text("first")
    (book / "notebooks").write_bytes(b"../notebooks")
    copied.copy_notebooks(None, book=book)
    assert (book / "notebooks" / "01_a.ipynb").read_text() == "first"
    (source / "01_a.ipynb").write_text("changed")
    copied.copy_notebooks(None, book=book)  # after a build that was killed
    assert (book / "notebooks" / "01_a.ipynb").read_text() == "changed"
    copied.put_link_back(None, book=book)
    assert (book / "notebooks").read_bytes() == b"../notebooks"
    assert (source / "01_a.ipynb").read_text() == "changed"


def test_a_link_or_a_file_of_something_else_is_left_alone(tmp_path):
    (tmp_path / "notebooks").mkdir()
    (book := tmp_path / "book").mkdir()
    (book / "notebooks").symlink_to("../notebooks")
    copied.copy_notebooks(None, book=book)
    copied.put_link_back(None, book=book)
    assert (book / "notebooks").is_symlink()
    (book / "notebooks").unlink()
    (book / "notebooks").write_text("my notes")
    with pytest.raises(FileExistsError, match="expected a link to ../notebooks"):
        copied.copy_notebooks(None, book=book)
    assert (book / "notebooks").read_text() == "my notes"


def test_a_book_of_a_checkout_without_links_is_built(tmp_path):
    """By the program itself, from a small book: one page and one chapter that is not run."""
    copy_sources(tmp_path / "clone")
    book = tmp_path / "clone" / "book"
    (book / "notebooks").unlink()
    (book / "notebooks").write_text("../notebooks")
    (book / "_toc.yml").write_text(
        "format: jb-book\nroot: references\nchapters:\n  - file: notebooks/01_data_investigation\n"
    )
    config = book.parent / "_config.yml"
    text = config.read_text().replace("execute_notebooks: cache", "execute_notebooks: 'off'")
    config.write_text(text.replace("    face_demo: book/_ext", "    # face_demo: book/_ext"))
    program = Path(sys.executable).with_name("jupyter-book")
    command = [str(program), "build", "--all", "book/"]
    done = subprocess.run(command, cwd=book.parent, capture_output=True, text=True)
    assert done.returncode == 0, done.stderr[-3000:]
    chapter = book.parent / "_build/html/notebooks/01_data_investigation.html"
    assert "<h1>" in chapter.read_text(encoding="utf-8")
    assert (book / "notebooks").read_bytes() == b"../notebooks"


def test_the_browser_is_the_named_one_and_its_absence_is_told(tmp_path, monkeypatch):
    monkeypatch.setenv("BROWSER_PROGRAM", sys.executable)
    assert pdf.find_browser() == sys.executable
    monkeypatch.setenv("BROWSER_PROGRAM", str(tmp_path / "none"))
    (tmp_path / "a.html").write_text("a")
    with pytest.raises(FileNotFoundError, match="Chromium or Chrome.*BROWSER_PROGRAM"):
        pdf.print_pdf(tmp_path / "a.html", tmp_path / "a.pdf")
    with pytest.raises(FileNotFoundError, match="no page at"):
        pdf.print_pdf(tmp_path / "b.html", tmp_path / "a.pdf")


def test_a_page_is_printed(tmp_path):
    if pdf.find_browser() is None:
        pytest.skip("no Chromium or Chrome here (BROWSER_PROGRAM names one)")
    (tmp_path / "a.html").write_text("<title>A</title><h1>Reading faces</h1>")
    pdf.print_pdf(tmp_path / "a.html", tmp_path / "out" / "a.pdf")
    assert (tmp_path / "out" / "a.pdf").read_bytes().startswith(b"%PDF")


WORKS = {
    "two1999": ("One & Two", "1999", "https://doi.org/10/a"),
    "many2001": ("First et al.", "2001", "https://doi.org/10/b"),
}


@pytest.mark.parametrize(
    ("role", "link"),
    [
        (
            "{cite}`two1999,many2001`",
            r"([One & Two, 1999](https://doi.org/10/a \"cite:two1999\"); "
            r"[First et al., 2001](https://doi.org/10/b \"cite:many2001\"))",
        ),
        ("{cite:t}`two1999`", r"[One & Two (1999)](https://doi.org/10/a \"cite:t:two1999\")"),
        ("{term}`recall`", r"[recall](../book/glossary.md \"term:recall\")"),
        ("{term}`nets <net>`", r"[nets](../book/glossary.md \"term:net\")"),
    ],
)
def test_a_role_is_a_link_in_the_notebook_and_a_role_again_in_the_book(role, link):
    text = rf"see {role}, ([a page](https://x.org \"its title\")) and [{{m}}](y)"
    assert roles.as_links(text, WORKS) == text.replace(role, link)
    assert roles.as_roles(text.replace(role, link)) == text


def test_a_page_of_the_book_is_linked_from_where_the_build_has_the_notebook():
    text = r"[sheets](../book/data_sheets.md), [recall](../book/glossary.md \"term:recall\")"
    notebook, page = [text], [text]
    roles.put_roles_in(None, "notebooks/12_action_units", notebook)
    roles.put_roles_in(None, "intro", page)
    assert notebook == ["[sheets](../data_sheets.md), {term}`recall`"]
    assert page == [text]


@pytest.mark.parametrize("before", ["[a page](https://x.org),", "[a](y)/", "![alt](a.png)"])
def test_a_link_right_before_a_term_stays(before):
    link = r"[recall](../book/glossary.md \"term:recall\")"
    assert roles.as_roles(before + link) == before + "{term}`recall`"


def test_an_unknown_work_is_named():
    with pytest.raises(KeyError, match="nobody1900"):
        roles.as_links("{cite}`nobody1900`", WORKS)


def test_every_work_of_the_bibliography_can_be_named():
    works = roles.read_works()
    assert works["ioffe2015"] == (*("Ioffe & Szegedy", "2015", "https://arxiv.org/abs/1502.03167"),)
    assert works["goodfellow2013"][0] == "Goodfellow et al."
    assert works["report_zagreb"] == ("Zagreb report", "", "../book/references.md")
    for key, (names, year, address) in works.items():
        assert names and not set("{}\\") & set(names + address), key
        assert year.isdigit() or not year, key


@pytest.mark.parametrize("path", notebooks.find(), ids=lambda path: path.stem[:2])
def test_notebooks_cite_by_links_that_the_bibliography_agrees_with(path):
    text = path.read_text(encoding="utf-8")
    assert roles.as_links(roles.as_roles(text), roles.read_works()) == text, (
        "run `python book/_ext/readable_roles.py`"
    )
    left = re.findall(r'\(\S+ \\"(?:cite|term):.*', roles.as_roles(text))
    assert not left, 'a citation stands in round brackets: ([name, year](address "cite:key"))'
    raw = re.findall(r"\{[a-z:]+\}`.*", text)
    assert not raw, "a role over two lines, or one that is no citation or term: no link can be made"
