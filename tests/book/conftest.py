"""One cold build of the book, shared by all tests of its pages, and a browser to open them in.

FER_BUILT_BOOK=_build/html takes a book that is built already, to work on a test.
"""

from __future__ import annotations

import functools
import http.server
import importlib.util
import os
import shutil
import subprocess
import sys
import threading
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


def load(name: str, folder: str = "_ext"):
    """A module of the book that is no part of a package: an extension or a tool."""
    spec = importlib.util.spec_from_file_location(name, ROOT / "book" / folder / f"{name}.py")
    module = importlib.util.module_from_spec(spec)
    spec.loader.exec_module(module)
    return module


@pytest.fixture(scope="session")
def built(tmp_path_factory) -> Built:
    """`jupyter-book build book/` in a copy of the working tree, cold, warnings as errors.

    It runs this tree's fer_utils, with the same FER2013, or none, as the other tests.
    """
    if there := os.environ.get("FER_BUILT_BOOK"):
        html = Path(there).resolve()
        return Built(ROOT, html, 0, "", _parsed(html))
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
    return Built(root, html, done.returncode, done.stdout, _parsed(html))


def _parsed(html: Path) -> dict[str, BeautifulSoup]:
    return {
        path.relative_to(html).with_suffix("").as_posix(): BeautifulSoup(
            path.read_text(encoding="utf-8"), "html.parser"
        )
        for path in sorted(html.rglob("*.html"))
        if "_static" not in path.relative_to(html).parts
    }


@pytest.fixture(scope="session")
def address(built) -> str:
    """Where the built book is served on this machine, as `make serve` does."""

    class Quiet(http.server.SimpleHTTPRequestHandler):
        def log_message(self, *_: object) -> None:
            """Says nothing."""

        def do_GET(self) -> None:
            """No icon, and no error: jupyter-book's index.html, a redirection, names none."""
            if self.path == "/favicon.ico":
                self.send_response(http.HTTPStatus.NO_CONTENT)
                self.end_headers()
            else:
                super().do_GET()

    handler = functools.partial(Quiet, directory=built.html)
    with http.server.ThreadingHTTPServer(("127.0.0.1", 0), handler) as server:
        thread = threading.Thread(target=server.serve_forever, daemon=True)
        thread.start()
        yield f"http://127.0.0.1:{server.server_port}"
        server.shutdown()
        thread.join()


@pytest.fixture(scope="session")
def chromium():
    """This machine's Chromium or Chrome, with no network but its own and with a webcam of noise."""
    reason = "needs Playwright: pip install -e '.[dev]'"
    playwright = pytest.importorskip("playwright.sync_api", reason=reason)
    if (program := load("print_pdf", "_tools").find_browser()) is None:
        pytest.skip("no Chromium or Chrome here (BROWSER_PROGRAM names one)")
    arguments = [
        "--host-resolver-rules=MAP * ~NOTFOUND, EXCLUDE 127.0.0.1",
        "--use-fake-device-for-media-stream",
        "--use-fake-ui-for-media-stream",
    ]
    with playwright.sync_playwright() as started:
        browser = started.chromium.launch(executable_path=program, args=arguments)
        yield browser
        browser.close()
