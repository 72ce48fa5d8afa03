"""Every notebook is written the same way: see "How a notebook is written" in CONTRIBUTING.md."""

from __future__ import annotations

import re
from pathlib import Path

import nbformat
import pytest

from fer_utils.colab import FIRST_CELL

ROOT = Path(__file__).resolve().parents[2]
NOTEBOOKS = sorted((ROOT / "notebooks").glob("*.ipynb"))
DRAWS = re.compile(r"\bplots\.\w+\(|\bplt\.(show|figure|subplots)\(")
pytestmark = pytest.mark.parametrize("path", NOTEBOOKS, ids=[path.stem for path in NOTEBOOKS])


def cells(path: Path, kind: str) -> list:
    return [cell for cell in nbformat.read(path, as_version=4).cells if cell.cell_type == kind]


def tagged(path: Path, tag: str) -> list:
    return [cell for cell in cells(path, "code") if tag in cell.metadata.get("tags", [])]


def test_first_code_cell_is_the_colab_cell(path):
    first = cells(path, "code")[0]
    assert first.source.strip() == FIRST_CELL.strip()
    tags = set(first.metadata.get("tags", []))
    assert tags & {"remove-cell", "hide-input"}, "tag it remove-cell: it says nothing to a reader"


def test_stored_without_outputs_and_valid(path):
    nbformat.validate(nbformat.read(path, as_version=4))
    for cell in cells(path, "code"):
        assert cell.outputs == [] and cell.execution_count is None


def test_kernel_is_python3(path):
    assert nbformat.read(path, as_version=4).metadata.kernelspec.name == "python3"


def test_one_cell_of_parameters_with_the_common_three_and_at_most_three_more(path):
    (parameters,) = tagged(path, "parameters")
    lines = [line for line in parameters.source.splitlines() if line and not line.startswith("#")]
    names = [re.match(r"(\w+): [\w |\[\], ]+ = \S", line) for line in lines]
    assert all(names), f"expected annotated literals, got {lines}"
    assert {"profile", "seed", "data_dir"} <= {match[1] for match in names} and len(names) <= 6
    assert any(line.startswith('profile: str = "recorded"') for line in lines)


def test_imports_stand_behind_the_parameters_and_are_folded_in_the_book(path):
    imports = cells(path, "code")[2]
    assert re.match(r"(import|from) ", imports.source)
    assert imports in tagged(path, "hide-input"), "tag the cell of imports hide-input"
    assert len(tagged(path, "hide-input")) == 1, "its fold says that it holds the imports"


def test_what_is_drawn_has_alt_text(path):
    for cell in cells(path, "code"):
        if DRAWS.search(cell.source):
            alt = cell.metadata.get("mystnb", {}).get("image", {}).get("alt", "")
            assert len(alt) > 15, f"no alt text: {cell.source[:200]}"


def test_opens_with_aims_and_minutes_and_ends_with_takeaways_and_exercises(path):
    text = [cell.source for cell in cells(path, "markdown")]
    assert text[0].startswith("# ")
    assert "What you will learn" in text[0] and re.search(r"\d+ minutes", text[0])
    headings = re.findall(r"^#+ (.*)$", "\n".join(text), flags=re.MULTILINE)
    takeaways = [i for i, heading in enumerate(headings) if re.search(r"(?i)take ?away", heading)]
    exercises = [i for i, heading in enumerate(headings) if re.search(r"(?i)exercise", heading)]
    assert takeaways and exercises and takeaways[0] < exercises[0]
    assert takeaways[0] > len(headings) / 2, "takeaways come at the end"
