"""Sphinx extension: below each exercise of a chapter its solution, folded.

Notebooks hold no solutions; these lie in `exercises/` (see `fer_utils.exercises.solutions`). They
are put in when a notebook is read, as Markdown cells, so that formulas and code are set as
elsewhere. No code cell is touched: what was executed before is found again.
"""

from __future__ import annotations

import json
import re
import sys
from pathlib import Path

CLONE = Path(__file__).parent.parent.parent


def fold_in(app, docname: str, source: list[str]) -> None:
    """Put the solutions of a chapter into the text of its notebook."""
    chapter = re.match(r"notebooks/(\d\d)_", docname)
    if not chapter:
        return
    from fer_utils.exercises import solutions

    solved = solutions.of_chapter(chapter[1])
    for path in solutions.files(chapter[1]):
        app.env.dependencies[docname].add(str(path))
    if solved:
        notebook = json.loads(source[0])
        texts = {place: folded(place, one.markdown()) for place, one in solved.items()}
        notebook["cells"] = solutions.with_text_after(notebook["cells"], texts)
        source[0] = json.dumps(notebook)


def folded(place: int, text: str) -> str:
    """Markdown in a fold that a reader opens."""
    return f"<details><summary>Solution of exercise {place}</summary>\n\n{text}\n\n</details>"


def setup(app) -> dict:
    sys.path.insert(0, str(CLONE))  # this tree, whatever is installed
    app.connect("source-read", fold_in)
    return {"version": "1", "parallel_read_safe": True, "parallel_write_safe": True}
