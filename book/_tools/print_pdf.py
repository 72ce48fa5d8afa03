"""Print the built single page of the book to a PDF with the machine's Chromium; `make pdf` does it.

    jupyter-book build --builder singlehtml book/
    python book/_tools/print_pdf.py _build/singlehtml/index.html _build/reading_faces.pdf

The browser gets no network and a profile of its own. $BROWSER_PROGRAM names another one.
"""

from __future__ import annotations

import os
import shutil
import subprocess
import sys
import tempfile
from pathlib import Path

NAMES = (
    "chromium",
    "chromium-browser",
    "google-chrome",
    "google-chrome-stable",
    "chrome",
    "msedge",
)
MACOS = "/Applications/Google Chrome.app/Contents/MacOS/Google Chrome"
MINUTES = 10
FORMULAS = 60_000  # milliseconds of the page's own clock that MathJax may take


def find_browser() -> str | None:
    """The program of a Chromium, Chrome or Edge on this machine; None where there is none."""
    named = os.environ.get("BROWSER_PROGRAM")
    return next(filter(None, map(shutil.which, [named] if named else [*NAMES, MACOS])), None)


def print_pdf(page: Path, target: Path) -> None:
    """Print the file `page` to `target`.

    Raises FileNotFoundError without the page or a browser, RuntimeError with the browser's words
    when it prints nothing.
    """
    if not page.is_file():
        raise FileNotFoundError(f"no page at {page}: make it with `make pdf`")
    if (browser := find_browser()) is None:
        raise FileNotFoundError(
            f"printing needs Chromium or Chrome, found none of {', '.join(NAMES)}: install one, or "
            "set BROWSER_PROGRAM to its path"
        )
    target.parent.mkdir(parents=True, exist_ok=True)
    target.unlink(missing_ok=True)  # a PDF that is there when it ends is this one
    with tempfile.TemporaryDirectory() as profile:
        command = [browser, "--headless", "--disable-gpu", f"--user-data-dir={profile}"]
        command += ["--host-resolver-rules=MAP * ~NOTFOUND", "--no-pdf-header-footer"]
        command += ["--no-sandbox"] * (getattr(os, "geteuid", lambda: 1)() == 0)  # root has none
        command += [f"--virtual-time-budget={FORMULAS}", f"--print-to-pdf={target.resolve()}"]
        done = subprocess.run(
            [*command, page.resolve().as_uri()],
            capture_output=True,
            text=True,
            timeout=60 * MINUTES,
        )
    if done.returncode != 0 or not target.is_file():
        raise RuntimeError(f"{browser} printed nothing: {done.stderr.strip()[-1000:]}")


def main() -> int:
    if len(sys.argv) != 3:
        print("usage: print_pdf.py PAGE.html OUT.pdf", file=sys.stderr)
        return 2
    target = Path(sys.argv[2])
    try:
        print_pdf(Path(sys.argv[1]), target)
    except (OSError, RuntimeError, subprocess.TimeoutExpired) as error:
        print(f"error: {error}", file=sys.stderr)
        return 1
    print(f"{target}: {target.stat().st_size / 1e6:.1f} MB")
    return 0


if __name__ == "__main__":
    sys.exit(main())
