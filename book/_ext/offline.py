"""Sphinx extension: the built book asks the network for nothing.

MathJax is unpacked from `book/_vendor/` into `_static/mathjax/` of the built book (not of the
sources: jupyter-book links every script that it finds under `book/_static/` on every page).
Scripts that other extensions would load from the web are left out, and Thebe, which would fetch
itself from there. Widgets therefore show no controls on a page of the book; they are there when the
notebook runs in Jupyter.
"""

from __future__ import annotations

import shutil
import zipfile
from pathlib import Path

VENDOR = Path(__file__).parent.parent / "_vendor"
REMOTE = ("http://", "https://", "//")


def mathjax_archive() -> Path:
    """The one vendored MathJax zip."""
    archives = sorted(VENDOR.glob("mathjax-*.zip"))
    if len(archives) != 1:
        raise FileNotFoundError(
            f"{VENDOR}: expected one mathjax-*.zip, found {len(archives)}; "
            "make it with `python book/_vendor/vendor_mathjax.py`"
        )
    return archives[0]


def unpack_mathjax(app, exception) -> None:
    """Put MathJax where `mathjax_path` points, once per version."""
    if exception is not None or app.builder.format != "html":
        return
    archive = mathjax_archive()
    folder = Path(app.outdir) / "_static" / "mathjax"
    stamp = folder / "VERSION"
    if stamp.is_file() and stamp.read_text(encoding="utf-8") == archive.name:
        return
    shutil.rmtree(folder, ignore_errors=True)
    with zipfile.ZipFile(archive) as files:
        files.extractall(folder)
    stamp.write_text(archive.name, encoding="utf-8")


def leave_out_remote_scripts(app, pagename, templatename, context, doctree) -> None:
    """Keep only scripts and style sheets that are part of the built book."""
    for key in ("script_files", "css_files"):
        context[key] = [file for file in context.get(key, []) if not asks_the_network(file)]


def asks_the_network(file) -> bool:
    """Whether a script or style sheet is remote, or belongs to Thebe, which fetches itself."""
    name = str(getattr(file, "filename", None) or "")
    body = str(getattr(file, "attributes", {}).get("body") or "")
    return name.startswith(REMOTE) or "thebe" in name.lower() or "THEBE_JS_URL" in body


def setup(app) -> dict:
    app.connect("html-page-context", leave_out_remote_scripts, priority=999)
    app.connect("build-finished", unpack_mathjax)
    return {"version": "1", "parallel_read_safe": True, "parallel_write_safe": True}
