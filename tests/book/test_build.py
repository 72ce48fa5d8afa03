"""The book, built cold from what a clone would hold: all of its pages, whole, and offline."""

from __future__ import annotations

import re
import sys
from pathlib import Path
from urllib.parse import unquote, urlsplit

import yaml

from fer_utils.exercises import exercise, quizzes, solutions
from tests.book.conftest import ROOT

PAGE_BYTES = 1_500_000  # a page and its pictures
DEMO_BYTES, DEMO_SOURCE_BYTES = 20_000_000, 4_000_000  # as built, and in the repository

LOADING = {  # elements that make a browser load something by itself, and where from
    "script": "src",
    "link": "href",
    "img": "src",
    "source": "src",
    "video": "src",
    "audio": "src",
    "iframe": "src",
    "embed": "src",
    "object": "data",
}


def toc_files() -> list[str]:
    """Every document of the table of contents."""
    toc = yaml.safe_load((ROOT / "book/_toc.yml").read_text(encoding="utf-8"))
    found = [toc["root"]]

    def walk(node):
        for chapter in node.get("chapters", []) + node.get("sections", []):
            found.append(chapter["file"])
            walk(chapter)

    for part in toc["parts"]:
        walk(part)
    return found


def is_remote(address: str | None) -> bool:
    return bool(address) and (bool(urlsplit(address).netloc) or address.startswith("//"))


def content(page):
    """The article without the theme around it; the whole page where there is none (search)."""
    return page.select_one("article.bd-article") or page


def test_the_build_ends_well(built):
    assert built.returncode == 0, built.output[-6000:]
    said = [line for line in built.output.splitlines() if "WARNING" in line]
    kernels = ("[IPKernelApp] WARNING", "WARNING: All log messages before absl")  # not Sphinx's
    assert [line for line in said if not line.strip().startswith(kernels)] == []


def test_output_lands_in_the_root_and_nothing_in_the_sources(built):
    assert (built.html / "index.html").is_file()
    assert not (built.sources / "book" / "_build").exists()
    assert not (built.sources / "book" / "_static" / "mathjax").exists()


def test_every_page_of_the_table_of_contents_is_there_with_a_title_and_text(built):
    for name in toc_files():
        assert name in built.pages, f"{name} was not built"
        article = content(built.pages[name])
        assert article.h1 is not None, f"{name} has no title"
        assert len(article.get_text()) > 200 or name.startswith("reference/"), f"{name} is empty"
    assert {"search", "genindex", "index"} <= set(built.pages)


def test_every_page_lists_every_part(built):
    toc = yaml.safe_load((ROOT / "book/_toc.yml").read_text(encoding="utf-8"))
    captions = [part["caption"] for part in toc["parts"]]
    for name in toc_files():
        shown = [c.get_text() for c in built.pages[name].select("p.caption .caption-text")]
        assert shown == captions, name


def test_every_link_within_the_book_leads_somewhere(built):
    ids = {name: {e["id"] for e in page.select("[id]")} for name, page in built.pages.items()}
    broken = []
    for name, page in built.pages.items():
        for link in page.select("a[href]"):
            address = urlsplit(link["href"])
            if address.scheme or address.netloc or link["href"] == "#":
                continue
            here = built.html / f"{name}.html"
            target = (here.parent / unquote(address.path)).resolve() if address.path else here
            other = target.relative_to(built.html).with_suffix("").as_posix()
            known = ids.get(other, set()) | {""}
            if not target.is_file() or unquote(address.fragment) not in known:
                broken.append(f"{name}: {link['href']}")
    assert not broken


def test_no_reference_is_unresolved(built):
    for name, page in built.pages.items():
        assert not page.select(".problematic, .system-message, .pending-xref"), name
        assert not re.search(r"\{(cite|ref|term|doc)[:}]", content(page).get_text()), name


def test_no_chapter_shows_an_error(built):
    for name, page in built.pages.items():
        assert not page.select(".output.traceback, .output.error"), name
        assert not page.select(".output.stderr"), name


def test_chapters_fold_their_solutions_ask_their_quiz_and_check_nothing_yet(built):
    for chapter in exercise.chapters():
        (name,) = [n for n in built.pages if n.startswith(f"notebooks/{chapter}_")]
        page = content(built.pages[name])
        folds = [fold.get_text(" ", strip=True) for fold in page.select("details > summary")]
        solved = solutions.of_chapter(chapter)
        assert [f for f in folds if "exercise" in f] == [
            f"Solution of exercise {place}" for place in solved
        ]
        assert len(page.select(".quiz fieldset")) == len(quizzes.quiz(chapter).questions), name
        assert "not yet: write" not in page.get_text(), name


def test_every_image_says_what_it_shows(built):
    silent = [
        f"{name}: {image.get('src', '')[:80]}"
        for name, page in built.pages.items()
        for image in page.select("img")
        if not image.get("alt", "").strip()
    ]
    assert not silent


def test_no_page_loads_anything_from_elsewhere(built):
    remote = []
    for name, page in built.pages.items():
        for tag, attribute in LOADING.items():
            for element in page.find_all(tag):
                if is_remote(element.get(attribute)) and element.get("rel") != ["canonical"]:
                    remote.append(f"{name}: {tag} {element.get(attribute)}")
        for script in page.find_all("script", src=False):
            if re.search(r"https?://[^\"'\s]+\.js", script.string or ""):
                remote.append(f"{name}: inline script {(script.string or '')[:100]}")
    for sheet in (built.html / "_static").rglob("*.css"):
        text = sheet.read_text(encoding="utf-8")
        if re.search(r"(@import|url\()\s*(url\()?[\"']?(https?:)?//", text):
            remote.append(str(sheet))
    assert not remote


def test_every_local_file_that_a_page_loads_is_there(built):
    missing = []
    for name, page in built.pages.items():
        folder = (built.html / name).parent
        for tag in ("script", "img", "link"):
            for element in page.find_all(tag):
                address = urlsplit(element.get(LOADING[tag]) or "")
                is_file = address.path and not address.scheme and not address.netloc
                if is_file and not (folder / unquote(address.path)).is_file():
                    missing.append(f"{name}: {element.get(LOADING[tag])}")
    assert not missing


def test_no_page_is_heavy(built):
    heavy = {}
    for name, page in built.pages.items():
        file = built.html / f"{name}.html"
        images = {image.get("src", "") for image in page.select("img")}
        own = [file.parent / unquote(one) for one in images if not one.startswith("data:")]
        bytes_of = {one.name: one.stat().st_size for one in [file, *own]}
        if sum(bytes_of.values()) > PAGE_BYTES:
            heavy[name] = dict(sorted(bytes_of.items(), key=lambda item: -item[1])[:5])
    assert not heavy, "draw fewer or smaller pictures; these weigh most"


def test_the_demo_stays_small(built):
    tracked = [path for path in (built.sources / "book/_demo").rglob("*") if path.is_file()]
    assert tracked and sum(path.stat().st_size for path in tracked) < DEMO_SOURCE_BYTES
    made = [path for path in (built.html / "_static/demo").rglob("*") if path.is_file()]
    assert sum(path.stat().st_size for path in made) < DEMO_BYTES  # none where npm is missing


def test_formulas_find_their_mathjax_in_the_book(built):
    with_math = [name for name, page in built.pages.items() if page.select(".math")]
    assert "part_2_from_scratch" in with_math
    config = yaml.safe_load((ROOT / "_config.yml").read_text(encoding="utf-8"))["sphinx"]["config"]
    for name in with_math:
        sources = [script.get("src", "") for script in built.pages[name].find_all("script")]
        assert any("_static/mathjax/startup.js" in source for source in sources), name
    for component in config["mathjax3_config"]["loader"]["load"]:
        assert (built.html / "_static/mathjax" / f"{component}.js").is_file(), component


def test_the_copyright_line_is_right(built):
    footer = built.pages["intro"].select_one("footer.bd-footer-content").get_text(" ")
    footer = " ".join(footer.split())
    assert "© Copyright 2026." in footer
    assert "By The Reading Faces authors" in footer
    assert footer.count("Copyright") == 1 and footer.count("©") == 1


def test_launch_buttons_point_at_notebooks_that_exist(built):
    chapters = [name for name in toc_files() if name.startswith("notebooks/")]
    assert chapters
    for name in chapters:
        links = [a["href"] for a in built.pages[name].select("a[href]")]
        (colab,) = {link for link in links if link.startswith("https://colab.research.google.com/")}
        (binder,) = {link for link in links if link.startswith("https://mybinder.org/")}
        assert colab.endswith(f"/blob/main/{name}.ipynb")
        assert binder.endswith(f"urlpath=lab/tree/{name}.ipynb")
        assert (ROOT / f"{name}.ipynb").is_file()


def test_no_page_tells_of_the_machine_that_built_it(built):
    """Its folders and its environment, as a signature's default value would."""
    told = (str(built.sources), sys.prefix, "environ({", "<module ")
    for name, page in built.pages.items():
        text = page.get_text()
        assert [word for word in told if word in text] == [], name


def test_the_reference_names_every_public_module(built):
    ids = {
        element["id"]
        for name, page in built.pages.items()
        if name.startswith("reference/")
        for element in page.select("[id]")
    }
    for path in sorted((ROOT / "fer_utils").rglob("*.py")):
        module = ".".join(path.relative_to(ROOT).with_suffix("").parts)
        if not Path(path).stem.startswith("_"):
            assert f"module-{module}" in ids, module
