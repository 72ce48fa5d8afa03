"""Solutions, and the empty cells and copies of notebooks that are made from them.

They lie in the clone's `exercises/`, not in the package. `NN_k.py` solves exercise k of chapter NN:
its docstring explains in Markdown, and below it stands the cell's code. `NN_k.md` answers an
exercise that no test can judge. The empty cell is the code's function, its docstring included, with
`raise NotImplementedError` for a body: so a student's and a teacher's copy have one source.
"""

from __future__ import annotations

import ast
import json
import re
import tomllib
from dataclasses import dataclass
from pathlib import Path

from fer_utils.exercises import exercise
from fer_utils.exercises.reader import TAG
from fer_utils.paths import atomic_write, project_root

TASK = re.compile(r"\*\*Exercise (\d+)\.")  # how the Markdown cell of a task begins
PAGE = re.compile(r"\]\(\.\./(?=book/[\w./-]+\.md\b)")  # how a link to a page of the book begins


@dataclass(frozen=True)
class Solution:
    """The text (Markdown) and the code of a solution; no code where no test can judge it."""

    text: str
    code: str = ""

    def markdown(self) -> str:
        """Text and code as one piece of Markdown."""
        return self.text + (f"\n\n```python\n{self.code}\n```" if self.code else "")


def folder() -> Path:
    """Where the solutions lie. Raises FileNotFoundError outside a clone of the course."""
    root = project_root()
    if root is None or not (root / "exercises").is_dir():
        raise FileNotFoundError("no solutions here: run this inside a clone of the course")
    return root / "exercises"


def files(chapter: str) -> list[Path]:
    """The files of a chapter's solutions, in the order of its exercises."""
    return sorted(folder().glob(f"{chapter}_[1-9].*"))


def of_chapter(chapter: str) -> dict[int, Solution]:
    """The solutions of a chapter by the number of the exercise."""
    return {int(path.stem.split("_")[1]): read(path) for path in files(chapter)}


def read(path: Path) -> Solution:
    """One file as a solution. Raises ValueError for code without a docstring that explains it."""
    whole = path.read_text(encoding="utf-8").strip()
    if path.suffix == ".md":
        return Solution(whole)
    tree = ast.parse(whole)
    text = ast.get_docstring(tree)
    if not text:
        raise ValueError(f"{path}: expected a docstring that explains the solution")
    code = "\n".join(whole.split("\n")[tree.body[0].end_lineno :]).strip()
    return Solution(text, code)


def empty(code: str, name: str) -> str:
    """The empty cell of a solution: the function `name` with its docstring and no body."""
    for node in ast.parse(code).body:
        if isinstance(node, ast.FunctionDef) and node.name == name:
            lines = code.split("\n")[node.lineno - 1 : node.body[0].end_lineno]
            return "\n".join([*lines, "    raise NotImplementedError"])
    raise ValueError(f"the solution does not define {name}")


def write_copies(target: Path, teacher: bool = False, force: bool = False) -> list[Path]:
    """Write every notebook to `target`, with empty cells or, for a teacher, with solutions.

    Answers and outputs that the clone's notebooks hold are left out; links to pages of the book
    lead to the public repository. Raises FileExistsError when `target` holds anything, unless
    `force`: then notebooks of the same name are written anew; and ValueError for the folder that
    they are copied from.
    """
    if target.resolve() == (folder().parent / "notebooks").resolve():
        raise ValueError(f"{target} holds the notebooks themselves: name another folder")
    if target.exists() and (not target.is_dir() or any(target.iterdir())) and not force:
        raise FileExistsError(
            f"{target} is not empty: name another folder, or add --force, which replaces the "
            "course's notebooks in it with the answers they hold"
        )
    written = []
    for path in sorted((folder().parent / "notebooks").glob("[0-9][0-9]_*.ipynb")):
        notebook = json.loads(path.read_text(encoding="utf-8"))
        if path.name[:2] in exercise.chapters():
            notebook["cells"] = copied(notebook["cells"], path.name[:2], teacher)
        notebook["cells"] = with_public_links(notebook["cells"])
        text = json.dumps(notebook, indent=1, ensure_ascii=False) + "\n"
        atomic_write(target / path.name, text.encode())
        written.append(target / path.name)
    return written


def copied(cells: list[dict], chapter: str, teacher: bool) -> list[dict]:
    """The cells of a copy, without outputs; the cells given are left as they are."""
    solved = of_chapter(chapter)
    names = {one.place: one.name for one in exercise.of_chapter(chapter)}
    out, place = [], 0
    for cell in cells:
        if task := TASK.match("".join(cell["source"])):
            place = int(task[1])
        if cell["cell_type"] == "code":
            cell = cell | {"outputs": [], "execution_count": None}
            if TAG in cell["metadata"].get("tags", []):
                code = solved[place].code
                code = code if teacher else empty(code, names[place])
                cell["source"] = code.splitlines(keepends=True)
        out.append(cell)
    texts = {
        place: f"**Solution of exercise {place}.** {one.text}" for place, one in solved.items()
    }
    return with_text_after(out, texts) if teacher else out


def with_public_links(cells: list[dict]) -> list[dict]:
    """The cells with links to pages of the book, `../book/`, led to the public repository."""
    about = (folder().parent / "pyproject.toml").read_text(encoding="utf-8")
    address = tomllib.loads(about)["project"]["urls"]["Repository"]
    out = []
    for cell in cells:
        if cell["cell_type"] == "markdown":
            text = PAGE.sub(f"]({address}/blob/main/", "".join(cell["source"]))
            cell = cell | {"source": text.splitlines(keepends=True)}
        out.append(cell)
    return out


def with_text_after(cells: list[dict], texts: dict[int, str]) -> list[dict]:
    """The cells with a Markdown cell after the task, answer and check of each exercise in `texts`.

    Raises ValueError for an exercise that no cell asks.
    """
    out, waiting, asked = [], None, set()
    for cell in [*cells, None]:
        if waiting is not None and (cell is None or cell["cell_type"] != "code"):
            out.append(_markdown_cell(f"solution-{waiting}", texts[waiting]))
            waiting = None
        if cell is not None:
            out.append(cell)
            if task := TASK.match("".join(cell["source"])):
                waiting = int(task[1]) if int(task[1]) in texts else None
                asked.add(int(task[1]))
    if missing := sorted(texts.keys() - asked):
        raise ValueError(f"solutions of exercises {missing}, which no cell of the notebook asks")
    return out


def _markdown_cell(name: str, text: str) -> dict:
    source = text.splitlines(keepends=True)
    return {"cell_type": "markdown", "id": name, "metadata": {}, "source": source}
