"""The built book in Chromium with the network cut: every page, on a desk and on a phone.

Each page is opened once; the tests look at what was seen.
"""

from __future__ import annotations

import re
from dataclasses import dataclass

import pytest

from fer_utils.paths import cache_dir
from tests.book.conftest import load
from tests.book.test_build import content, toc_files

DESK, PHONE = {"width": 1200, "height": 900}, {"width": 390, "height": 844}  # CSS pixels
MADE_ALIKE = {  # long pages of the same making as reference/faces: seen by axe-core there
    *(f"reference/{room}" for room in ("data", "models", "records", "training", "top")),
    "genindex",
}
BROKEN = """[...document.images]
  .filter(image => !image.complete || !image.naturalWidth).map(image => image.src)"""
CUT_OFF = """() => {
  const right = document.querySelector("article")?.getBoundingClientRect().right;
  const tables = [...document.querySelectorAll("article table")]
    .filter(table => table.getBoundingClientRect().right > right);
  const outputs = [...document.querySelectorAll(".cell_output :is(.output, pre)")]
    .filter(output => output.scrollWidth > output.clientWidth);
  const found = [...tables, ...outputs].map(e => e.textContent.trim().slice(0, 40));
  const code = document.querySelector("div.cell_input pre");
  if (code) {
    const line = document.createElement("span");
    line.textContent = "x".repeat(100);
    code.prepend(line, "\\n");
    if (line.getClientRects().length > 1) found.push("a line of 100 characters of code wraps");
    code.removeChild(line.nextSibling);
    line.remove();
  }
  return found;
}"""
WIDER = """() => {
  const most = document.documentElement.clientWidth;
  return document.documentElement.scrollWidth > most
    ? [...document.querySelectorAll("body *")]
        .filter(e => e.getBoundingClientRect().right > most + 1)
        .map(e => `${e.tagName}.${e.className}`).slice(0, 5)
    : [];
}"""
UNREACHABLE = """[...document.querySelectorAll(".cell_output .output")]
  .filter(output => output.scrollWidth > output.clientWidth && output.tabIndex !== 0)
  .map(output => output.textContent.trim().slice(0, 40))"""
AXE = """() => {
  const all = {type: "tag", values: ["wcag2a", "wcag2aa", "wcag21aa", "cat.semantics"]};
  const contrast = {type: "rule", values: ["color-contrast"]};
  const iconsHaveNoText = {"label-content-name-mismatch": {enabled: false}};
  const look = (theme, runOnly) => {
    document.documentElement.dataset.theme = theme;
    const chosen = {resultTypes: ["violations"], runOnly, rules: iconsHaveNoText};
    return axe.run(document, chosen).then(found =>
      found.violations.filter(v => ["serious", "critical"].includes(v.impact))
        .flatMap(v => v.nodes.map(n => `${theme}: ${v.id}: ${n.target.join(" ")}: ${n.html}`)));
  };
  return look("light", all).then(one => look("dark", contrast).then(two => [...one, ...two]));
}"""


@dataclass
class Seen:
    """What came of one page."""

    errors: list[str]  # in the console, and uncaught
    failed: list[str]  # requests without an answer, or with a bad one
    broken: list[str]  # images that show nothing
    cut_off: list[str]  # tables and results wider than a desk's page, lines of code that wrap
    wider: list[str]  # elements that widen a phone's page
    unreachable: list[str]  # results that a phone's page scrolls, and a keyboard cannot
    barriers: list[str]  # that axe-core calls serious or critical


@pytest.fixture(scope="session")
def axe() -> str:
    """axe-core's program; empty where npm cannot fetch it."""
    demo = load("face_demo")
    try:
        return (demo.packages(cache_dir()) / demo.AXE).read_text(encoding="utf-8")
    except demo.Missing:
        return ""


@pytest.fixture(scope="session")
def seen(chromium, address, built, axe) -> dict[str, Seen]:
    """Every page, opened once."""
    return {
        name: look(chromium, f"{address}/{name}.html", "" if name in MADE_ALIKE else axe)
        for name in built.pages
    }


def look(chromium, url: str, axe: str = "") -> Seen:
    """Open a page on a desk, then make the window a phone's."""
    page = chromium.new_page(viewport=DESK)
    errors, failed = [], []
    page.on("console", lambda said: said.type == "error" and errors.append(said.text))
    page.on("pageerror", lambda error: errors.append(str(error)))
    page.on("requestfailed", lambda request: failed.append(request.url))
    page.on("response", lambda answer: answer.status >= 400 and failed.append(answer.url))
    page.goto(url, wait_until="load")  # what the page's own scripts wait for
    page.wait_for_load_state("networkidle")
    broken, cut_off = page.evaluate(BROKEN), page.evaluate(CUT_OFF)
    barriers = page.evaluate(f"{axe}\n({AXE})()") if axe else []
    page.set_viewport_size(PHONE)
    page.evaluate("() => new Promise(requestAnimationFrame)")  # `resize` was heard
    wider, unreachable = page.evaluate(WIDER), page.evaluate(UNREACHABLE)
    page.close()
    return Seen(errors, failed, broken, cut_off, wider, unreachable, barriers)


def by_page(seen: dict[str, Seen], what: str) -> dict[str, list[str]]:
    return {name: getattr(one, what) for name, one in seen.items() if getattr(one, what)}


def test_no_page_says_an_error_in_the_console(seen):
    assert by_page(seen, "errors") == {}


def test_no_request_fails_with_the_network_cut(seen):
    assert by_page(seen, "failed") == {}


def test_every_image_is_shown(seen):
    assert by_page(seen, "broken") == {}


def test_tables_results_and_code_fit_a_laptop(seen):
    assert by_page(seen, "cut_off") == {}


def test_no_page_scrolls_sideways_on_a_phone(seen):
    assert by_page(seen, "wider") == {}


def test_wide_tables_are_reached_with_the_keyboard_on_a_phone(seen):
    assert by_page(seen, "unreachable") == {}


def test_axe_finds_no_serious_barrier(seen, axe):
    """Contrast in both themes; landmarks, names and the rest in the light one."""
    if not axe:
        pytest.skip("npm is not here or could not fetch axe-core")
    assert by_page(seen, "barriers") == {}


@pytest.mark.parametrize("name", [n for n in toc_files() if n.startswith("notebooks/")])
def test_search_finds_a_word_of_each_chapter(chromium, address, built, name):
    """The longest word of its title, as a reader types it."""
    word = max(re.findall(r"[A-Za-z]+", content(built.pages[name]).h1.get_text()), key=len)
    page = chromium.new_page()
    page.goto(f"{address}/search.html?q={word.lower()}")
    page.wait_for_selector(f'#search-results li a[href^="{name}.html"]', timeout=10_000)
    page.close()


def test_a_page_opened_from_disk_reads_as_well(chromium, built):
    found = look(chromium, (built.html / "index.html").as_uri())
    assert (found.failed, found.broken) == ([], [])
    page = chromium.new_page()
    page.goto((built.html / "intro.html").as_uri())
    assert page.locator("article h1").is_visible()
    page.close()
