"""Runs the course's notebooks headless with papermill.

papermill only warns about a parameter that a notebook does not have; here it is an error.
"""

from __future__ import annotations

import logging
import time
from collections.abc import Iterable
from dataclasses import dataclass
from pathlib import Path

from fer_utils.paths import project_root

KERNEL = "python3"


@dataclass(frozen=True)
class Outcome:
    """How one notebook's run ended; `error` is empty when it went through."""

    notebook: Path
    executed: Path
    seconds: float
    error: str = ""


def find(only: Iterable[str] = ()) -> list[Path]:
    """The notebooks in order; with `only`, those whose names start with one of its words.

    A word of one digit is a chapter's number: `3` is `03`.

    Raises FileNotFoundError outside a clone of the course, ValueError when a word fits none.
    """
    root = project_root()
    if root is None:
        raise FileNotFoundError("no notebooks here: run this inside a clone of the course")
    every = sorted((root / "notebooks").glob("[0-9][0-9]_*.ipynb"))
    words = [word.zfill(2) if word.isdecimal() else word for word in only]
    for word in words:
        if not any(path.name.startswith(word) for path in every):
            names = ", ".join(path.stem for path in every)
            raise ValueError(f"no notebook starts with {word!r}; there are {names}")
    return [p for p in every if not words or any(p.name.startswith(word) for word in words)]


def check_parameters(notebook: Path, parameters: dict) -> None:
    """Raise ValueError when the notebook does not declare one of the parameters."""
    import papermill

    declared = papermill.inspect_notebook(str(notebook))
    if unknown := sorted(set(parameters) - set(declared)):
        raise ValueError(
            f"{notebook.name} has no parameter {', '.join(unknown)}; "
            f"it has {', '.join(sorted(declared))}"
        )


def run(notebook: Path, parameters: dict, folder: Path) -> Outcome:
    """Execute a notebook into `folder`; what fails ends up in the outcome, not in an exception.

    That is a failing cell, or a kernel that dies (of too little memory, say). Raises ValueError
    for a parameter it does not have, and for the folder that the notebook itself lies in.
    """
    import papermill
    from nbclient.exceptions import DeadKernelError
    from papermill.exceptions import PapermillExecutionError

    if folder.resolve() == notebook.parent.resolve():
        raise ValueError(f"{folder} holds the notebooks themselves: name another folder")
    check_parameters(notebook, parameters)
    logging.getLogger("papermill").setLevel(logging.WARNING)
    folder.mkdir(parents=True, exist_ok=True)
    executed = folder / notebook.name
    started = time.perf_counter()
    error = ""
    try:
        papermill.execute_notebook(
            str(notebook),
            str(executed),
            parameters=parameters,
            kernel_name=KERNEL,
            cwd=str(notebook.parent),
            progress_bar=False,
        )
    except PapermillExecutionError as failure:
        error = f"cell {failure.exec_count}: {failure.ename}: {failure.evalue}"
    except DeadKernelError as failure:
        error = f"the kernel died, of too little memory perhaps: {failure}"
    return Outcome(notebook, executed, time.perf_counter() - started, error)
