"""Sphinx extension: the book builds where the checkout has no symbolic links.

`book/notebooks` is a link to the notebooks. Git for Windows, unless told otherwise, checks a link
out as a text file that holds where it leads. Then the notebooks are copied to its place for the
time of the build, and the text file comes back afterwards, so that git sees no change.
"""

from __future__ import annotations

import shutil
from pathlib import Path

BOOK = Path(__file__).parent.parent
LINK = "../notebooks"  # what git stores of the link
MARK = ".copied_for_the_build"


def copy_notebooks(app, config=None, book: Path = BOOK) -> None:
    """Put a fresh copy in the link's place, where that is a text file or an old copy."""
    place, marked = book / "notebooks", (book / "notebooks" / MARK).is_file()
    if place.is_dir() and not marked:
        return
    source = (book / LINK).resolve()
    if not source.is_dir():
        raise FileNotFoundError(f"{source}: no notebooks there; check the course out again")
    if marked:
        shutil.rmtree(place)
    elif place.is_file() and place.read_text(encoding="utf-8").strip() != LINK:
        raise FileExistsError(f"{place}: expected a link to {LINK}; check it out again")
    place.unlink(missing_ok=True)
    shutil.copytree(source, place, ignore=shutil.ignore_patterns(".ipynb_checkpoints"))
    (place / MARK).touch()


def put_link_back(app, exception=None, book: Path = BOOK) -> None:
    """The text file as git checked it out, in place of the copy."""
    place = book / "notebooks"
    if (place / MARK).is_file():
        shutil.rmtree(place)
        place.write_bytes(LINK.encode())


def setup(app) -> dict:
    app.connect("config-inited", copy_notebooks, priority=1)
    app.connect("build-finished", put_link_back, priority=999)
    return {"version": "1", "parallel_read_safe": True, "parallel_write_safe": True}
