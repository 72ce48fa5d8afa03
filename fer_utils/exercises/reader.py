"""Find the reader's answers in a notebook's file.

An answer is the cell that defines the exercise's function. It is run alone, with those imports of
the notebook whose names it uses and NumPy as `np`: so no chapter has to be run for its exercises.
Notebooks are read as the JSON that they are, nothing needs to be installed for it.
"""

from __future__ import annotations

import ast
import json
import re
from pathlib import Path

from fer_utils.paths import project_root

TAG = "exercise"


def find(chapter: str) -> Path:
    """The notebook of a chapter: in this folder, in its `notebooks`, or in the clone.

    Raises FileNotFoundError where there is none.
    """
    root = project_root()
    folders = [Path.cwd(), Path.cwd() / "notebooks", *([root / "notebooks"] if root else [])]
    for folder in folders:
        if found := sorted(folder.glob(f"{chapter}_*.ipynb")):
            return found[0]
    raise FileNotFoundError(f"no notebook {chapter}_*.ipynb here; name it with --notebook PATH")


def code_cells(notebook: Path) -> list[dict]:
    """The code cells of a notebook, `source` as one string. Raises ValueError when it is none."""
    try:
        cells = json.loads(notebook.read_text(encoding="utf-8"))["cells"]
        code = [cell for cell in cells if cell["cell_type"] == "code"]
        return [cell | {"source": "".join(cell["source"])} for cell in code]
    except (KeyError, TypeError, UnicodeDecodeError, json.JSONDecodeError) as error:
        raise ValueError(f"{notebook} is no notebook (JSON with cells): {error!r}") from error


def answer(cells: list[dict], name: str) -> str | None:
    """The source of the last cell that defines the function; None where there is none.

    `name = ...` counts only in a cell tagged `exercise`: elsewhere it is a variable of the chapter.
    """
    defined = re.compile(rf"^(async )?def {name}\b", re.MULTILINE)
    assigned = re.compile(rf"^{name} *=", re.MULTILINE)
    found = [
        cell["source"]
        for cell in cells
        if defined.search(cell["source"]) or (_tagged(cell) and assigned.search(cell["source"]))
    ]
    return found[-1] if found else None


def _tagged(cell: dict) -> bool:
    return TAG in cell.get("metadata", {}).get("tags", [])


def imports(cells: list[dict], source: str) -> list[str]:
    """The import statements of the notebook that bind a name which `source` uses."""
    bound = {"np": "import numpy as np"}
    for cell in cells:
        for statement in getattr(_parsed(cell["source"]), "body", []):
            if isinstance(statement, ast.Import | ast.ImportFrom):
                for one in statement.names:
                    alone = _with_one_name(statement, one)
                    bound[one.asname or one.name.split(".")[0]] = ast.unparse(alone)
    tree = _parsed(source)
    used = {node.id for node in ast.walk(tree) if isinstance(node, ast.Name)} if tree else set()
    return [statement for name, statement in bound.items() if name in used]


def _with_one_name(statement: ast.Import | ast.ImportFrom, one: ast.alias) -> ast.stmt:
    if isinstance(statement, ast.Import):
        return ast.Import([one])
    return ast.ImportFrom(statement.module, [one], statement.level)


def _parsed(source: str) -> ast.Module | None:
    """The syntax tree, without magic lines; None for what is no Python (yet)."""
    lines = ["" if re.match(r"\s*[%!]", line) else line for line in source.split("\n")]
    try:
        return ast.parse("\n".join(lines))
    except (SyntaxError, ValueError):
        return None
