"""One cold build of the book, shared by all tests of its pages."""

from __future__ import annotations

import os
import shutil
import subprocess
import sys
from dataclasses import dataclass
from pathlib import Path

import pytest
from bs4 import BeautifulSoup

from fer_utils.paths import cache_dir

ROOT = Path(__file__).resolve().parents[2]


@dataclass(frozen=True)
class Built:
    """A finished build: its sources, its pages, what it said and how it ended."""

    sources: Path
    html: Path
    returncode: int
    output: str
    parsed: dict[str, BeautifulSoup]  # path below html, without .html -> page

    @property
    def pages(self) -> dict[str, BeautifulSoup]:
        """The pages; a build that made none fails every test of them."""
        assert self.parsed, "no page was built: see test_the_build_ends_well"
        return self.parsed


def copy_sources(target: Path) -> None:
    """What a clone with this working tree would hold: no ignored file comes along."""
    command = ["git", "ls-files", "--cached", "--others", "--exclude-standard", "-z"]
    listed = subprocess.run(command, cwd=ROOT, check=True, capture_output=True, text=True).stdout
    for name in filter(None, listed.split("\0")):
        source, copy = ROOT / name, target / name
        if source.is_symlink() or source.is_file():  # a file deleted but not committed is neither
            copy.parent.mkdir(parents=True, exist_ok=True)
            shutil.copy2(source, copy, follow_symlinks=False)


@pytest.fixture(scope="session")
def built(tmp_path_factory) -> Built:
    """`jupyter-book build book/` in a copy of the working tree, cold, warnings as errors.

    It runs this tree's fer_utils, with the same FER2013, or none, as the other tests.
    """
    root = tmp_path_factory.mktemp("book") / "clone"
    copy_sources(root)
    program = Path(sys.executable).with_name("jupyter-book")
    command = [str(program), "build", "--all", "-W", "--keep-going", "book/"]
    env = os.environ | {"PYTHONPATH": str(root), "FER_UTILS_CACHE": str(cache_dir())}
    env.pop("FER_UTILS_RESULTS", None)
    done = subprocess.run(
        command, cwd=root, env=env, stdout=subprocess.PIPE, stderr=subprocess.STDOUT, text=True
    )
    html = root / "_build" / "html"
    pages = {
        path.relative_to(html).with_suffix("").as_posix(): BeautifulSoup(
            path.read_text(encoding="utf-8"), "html.parser"
        )
        for path in sorted(html.rglob("*.html"))
        if "_static" not in path.relative_to(html).parts
    }
    return Built(root, html, done.returncode, done.stdout, pages)
