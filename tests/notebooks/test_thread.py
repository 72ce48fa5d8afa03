"""The chapters as one course: links between them, reading times, and the map of all."""

from __future__ import annotations

import re

import pytest

from tests.notebooks.test_first_cell import NOTEBOOKS, ROOT, cells

MAP = (ROOT / "book/intro.md").read_text(encoding="utf-8")
EXERCISES = re.compile(r"^## (Check yourself|Exercises)", flags=re.MULTILINE)
UNREAD = {"remove-cell", "remove-input", "parameters", "exercise"}
each = pytest.mark.parametrize("path", NOTEBOOKS, ids=[path.stem for path in NOTEBOOKS])


def minutes(path) -> int:
    """What the first cell says."""
    return int(re.search(r"\*\*Time:\*\* (\d+) minutes", cells(path, "markdown")[0].source)[1])


def measured(path) -> float:
    """200 words a minute, a minute a figure, half a minute for other output; no exercises."""
    text = [cell.source for cell in cells(path, "markdown")]
    end = next(i for i, source in enumerate(text) if EXERCISES.search(source))
    plain = re.sub(r"\{cite\S*?\}`[^`]*`|```.*?```", "", "\n".join(text[:end]), flags=re.DOTALL)
    code = [cell for cell in cells(path, "code") if not UNREAD & set(cell.metadata.get("tags", []))]
    figures = sum("mystnb" in cell.metadata for cell in code)
    return len(plain.split()) / 200 + figures + (len(code) - figures) / 2


@each
def test_the_reading_time_is_about_what_it_measures(path):
    assert minutes(path) == pytest.approx(measured(path), rel=1 / 3)


@each
def test_links_to_other_chapters_lead_to_the_chapter_they_name(path):
    for cell in cells(path, "markdown"):
        for number, target in re.findall(r"\[[Cc]hapter\s(\d\d)\]\(([^)]+)\)", cell.source):
            assert target.startswith(f"{number}_") and (path.parent / target).is_file(), target


@each
def test_the_map_has_the_chapter_with_its_minutes(path):
    (row,) = re.findall(rf"^\| \[{path.name[:2]}\]\(notebooks/{path.name}\) .*$", MAP, re.MULTILINE)
    assert row.split("|")[3].strip() == str(minutes(path))
