"""How long does a reader wait for a page of the book, opened from the local disk?

Opens pages of a built book in Chromium, without a server, each several times in a new tab. Prints
for each its weight (the page and its pictures) and the medians of two times after the click: until
the page can be read and used (DOMContentLoaded), and until its last picture is there (load).
Asserts nothing.

    python benchmarks/reading.py [--book _build/html] [--repeats 5] [PAGE ...]
"""

from __future__ import annotations

import argparse
import os
import shutil
import statistics
from pathlib import Path

from playwright.sync_api import Browser, sync_playwright

from fer_utils.experiments.environment import hardware

PAGES = ("intro", "results", "notebooks/01_data_investigation", "notebooks/11_learned_filters")
PROGRAMS = ("chromium", "chromium-browser", "google-chrome", "chrome")
TIMES = """() => {
  const timing = performance.getEntriesByType("navigation")[0];
  return [timing.domContentLoadedEventEnd, timing.loadEventEnd];
}"""
PICTURES = "() => [...new Set([...document.images].map(image => image.src))]"


def opened(browser: Browser, page: Path) -> tuple[float, float, int]:
    """Milliseconds to DOMContentLoaded and to load, and bytes of the page with its pictures."""
    tab = browser.new_page()
    tab.goto(page.resolve().as_uri(), wait_until="load")
    ready, loaded = tab.evaluate(TIMES)
    pictures = [Path(one.removeprefix("file://")) for one in tab.evaluate(PICTURES)]
    tab.close()
    weight = sum(one.stat().st_size for one in [page, *pictures] if one.is_file())
    return ready, loaded, weight


def main() -> None:
    options = argparse.ArgumentParser(description=__doc__.partition("\n")[0])
    options.add_argument("pages", nargs="*", metavar="PAGE", default=PAGES, help="without .html")
    options.add_argument("--book", type=Path, default=Path("_build/html"), help="a built book")
    options.add_argument("--repeats", type=int, default=5)
    options = options.parse_args()
    files = [options.book / f"{name}.html" for name in options.pages]
    if missing := [str(file) for file in files if not file.is_file()]:
        raise SystemExit(f"no {', '.join(missing)}: build the book first (`make book`)")
    found = [os.environ.get("BROWSER_PROGRAM"), *map(shutil.which, PROGRAMS)]
    if (program := next(filter(None, found), None)) is None:
        raise SystemExit("no Chromium or Chrome here: install one, or name it by BROWSER_PROGRAM")
    print(f"{hardware()}; medians of {options.repeats}")
    with sync_playwright() as started:
        browser = started.chromium.launch(executable_path=program)
        for file in files:
            times = [opened(browser, file) for _ in range(options.repeats)]
            ready, loaded, weight = (statistics.median(one) for one in zip(*times, strict=True))
            name = file.relative_to(options.book).with_suffix("")
            print(f"{name}: {weight / 1e6:.2f} MB, readable {ready:.0f} ms, whole {loaded:.0f} ms")
        browser.close()


if __name__ == "__main__":
    main()
