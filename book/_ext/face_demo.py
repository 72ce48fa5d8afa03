"""Sphinx extension: a network reads the reader's face, in the reader's browser.

The directive `face-demo` puts `book/_demo/demo.html` on its page. Its files go to `_static/demo/`
of the built book (not of the sources: jupyter-book links every script below `book/_static/` on
every page): our scripts and style, the package's expression model as ONNX, drawn faces for the
sliders, and ONNX Runtime from its npm package. npm fetches that once for each lock file, into the
cache. Where npm or the Python package onnx is missing, the page says so and the rest is built.

A policy in the head of the page forbids the browser to send anything elsewhere.
"""

from __future__ import annotations

import hashlib
import itertools
import json
import shutil
import subprocess
import sys
import tempfile
from pathlib import Path

from docutils import nodes
from sphinx.util import logging
from sphinx.util.docutils import SphinxDirective

BOOK = Path(__file__).parent.parent
SOURCES = BOOK / "_demo"
PAGE = "try_it"
SCRIPTS = ("crop.js", "detect.js", "demo.js", "demo.css")
RUNTIME = (  # the small door, and WebAssembly for any processor
    "onnxruntime-web/dist/ort.wasm.min.js",
    "onnxruntime-web/dist/ort-wasm-simd-threaded.mjs",
    "onnxruntime-web/dist/ort-wasm-simd-threaded.wasm",
)
AXE = "axe-core/axe.min.js"  # for the tests
POLICY = "connect-src 'self'; form-action 'none'; img-src 'self' blob: data:; media-src blob:"
MINUTES = 5  # that npm may take
DRAWN_SIZE = 96  # side of a drawn face, pixels

# Positions of the three sliders: action units of the drawn face at each step.
SLIDERS = {
    "Corners of the mouth": [{15: 1.0, 17: 0.8}, {15: 0.5, 17: 0.4}, {}, {12: 0.5, 6: 0.4},
                             {12: 1.0, 6: 0.9}],
    "Brows": [{4: 1.0, 7: 0.8}, {4: 0.5, 7: 0.4}, {}, {1: 0.5, 2: 0.5}, {1: 1.0, 2: 1.0, 5: 0.9}],
    "Mouth": [{}, {25: 0.7}, {25: 1.0, 27: 1.0}],
}  # fmt: skip
ENDS = {"Corners of the mouth": "down to up", "Brows": "lowered to raised", "Mouth": "shut to open"}
RESTING = [2, 2, 0]

logger = logging.getLogger(__name__)


class Missing(RuntimeError):
    """Why the demo cannot be part of this build, and what to do."""


def packages(cache: Path) -> Path:
    """A folder with the files we need of the npm packages in our lock file; made once and kept.

    Raises Missing where npm is not installed or fails.
    """
    lock = (SOURCES / "package-lock.json").read_bytes()
    kept = cache / "npm" / hashlib.sha256(lock).hexdigest()[:12]
    if kept.is_dir():
        return kept
    if (npm := shutil.which("npm")) is None:
        raise Missing("npm was not there; install Node.js (https://nodejs.org) and build again")
    kept.parent.mkdir(parents=True, exist_ok=True)
    with tempfile.TemporaryDirectory(dir=kept.parent) as folder:
        _install(npm, Path(folder))
        chosen = Path(folder) / "chosen"
        for name in (*RUNTIME, AXE):
            (chosen / name).parent.mkdir(parents=True, exist_ok=True)
            shutil.copy(Path(folder) / "node_modules" / name, chosen / name)
        chosen.rename(kept)
    return kept


def _install(npm: str, folder: Path) -> None:
    """`npm ci` there: the packages of the lock file, their checksums compared, no script run."""
    for name in ("package.json", "package-lock.json"):
        shutil.copy(SOURCES / name, folder)
    command = [npm, "ci", "--ignore-scripts", "--no-audit", "--no-fund"]
    try:
        done = subprocess.run(
            command, cwd=folder, capture_output=True, text=True, timeout=60 * MINUTES
        )
    except subprocess.TimeoutExpired as error:
        raise Missing(f"npm took more than {MINUTES} minutes; build again when online") from error
    if done.returncode != 0:
        raise Missing(f"npm failed ({_reason(done.stderr)}); build again when online")


def _reason(text: str) -> str:
    """The first line that npm says of its error."""
    lines = [line for line in text.splitlines() if line.startswith("npm error")]
    return lines[0].removeprefix("npm error").strip() if lines else "without a reason"


def drawn_faces():
    """All positions of the sliders, uint8 (n, 96, 96), the last slider's quickest."""
    from fer_utils.data import drawn_faces

    faces = [
        {number: value for part in parts for number, value in part.items()}
        for parts in itertools.product(*SLIDERS.values())
    ]
    people, poses = [drawn_faces.Identity()] * len(faces), [drawn_faces.Pose()] * len(faces)
    return drawn_faces.draw_many(faces, people, poses, DRAWN_SIZE)


def description(classes: tuple[str, ...]) -> dict:
    """What the script needs to know: classes in order, their colours, the sliders."""
    from fer_utils.faces.crop import MARGINS
    from fer_utils.plot_style import colour_of

    return {
        "classes": list(classes),
        "colours": [colour_of(name) for name in classes],
        "margin": MARGINS["haar"],
        "drawn": {
            "size": DRAWN_SIZE,
            "sliders": [
                {"name": f"{name}, {ENDS[name]}", "positions": len(positions), "start": start}
                for (name, positions), start in zip(SLIDERS.items(), RESTING, strict=True)
            ],
        },
    }


def cascade() -> dict:
    """OpenCV's frontal face cascade as plain lists for the script, with its licence."""
    import cv2

    from fer_utils.faces import haar_steps

    text = (Path(cv2.data.haarcascades) / haar_steps.FILE).read_text(encoding="utf-8")
    stages = [
        {
            "threshold": stage.threshold,
            "weak": [
                [*numbers, [row for row in feature.tolist() if row[-1]]]
                for *numbers, feature in zip(
                    stage.cut.tolist(),
                    stage.below.tolist(),
                    stage.above.tolist(),
                    stage.features,
                    strict=True,
                )
            ],
        }
        for stage in haar_steps.cascade()
    ]
    return {"licence": text.partition("<!--")[2].partition("-->")[0].strip(), "stages": stages}


def write(folder: Path, packages: Path) -> None:
    """Every file of the demo into `folder`, made anew.

    Raises Missing without the Python package onnx.
    """
    import cv2
    import numpy as np

    from fer_utils.faces.expression_model import ExpressionModel
    from fer_utils.faces.onnx_file import to_onnx

    model = ExpressionModel.default()
    try:
        content = to_onnx(model)
    except ImportError as error:
        raise Missing(f"{error}, and build again") from error
    shutil.rmtree(folder, ignore_errors=True)
    folder.mkdir(parents=True)
    (folder / "model.onnx").write_bytes(content)
    (folder / "demo.json").write_text(json.dumps(description(model.classes)), encoding="utf-8")
    (folder / "cascade.json").write_text(json.dumps(cascade()), encoding="utf-8")
    column = np.concatenate(list(drawn_faces()))  # one below the other
    (folder / "drawn.png").write_bytes(cv2.imencode(".png", column)[1].tobytes())
    for name in RUNTIME:
        shutil.copy(packages / name, folder)
    for name in SCRIPTS:
        shutil.copy(SOURCES / name, folder)


def make(app) -> None:
    """Before the pages are read: all files, or the reason why there are none."""
    app.face_demo_missing = ""
    if app.builder.name != "html":
        app.face_demo_missing = "it is on the web page, which `make book` builds"
        return
    sys.path.insert(0, str(BOOK.parent))  # this tree, whatever is installed
    from fer_utils.paths import cache_dir

    try:
        write(Path(app.outdir) / "_static" / "demo", packages(cache_dir()))
    except Missing as reason:
        app.face_demo_missing = str(reason)
        logger.info("the page %s has no demo: %s", PAGE, reason)


class FaceDemo(SphinxDirective):
    """The demo, or a note that says why it is not here."""

    has_content = False

    def run(self) -> list[nodes.Node]:
        if missing := self.env.app.face_demo_missing:
            text = f"This copy of the book has no demo: {missing}."
            return [nodes.note("", nodes.paragraph("", text))]
        page = (SOURCES / "demo.html").read_text(encoding="utf-8")
        return [nodes.raw("", page, format="html")]


def forbid_sending(app, pagename, templatename, context, doctree) -> None:
    """The policy in the head of the demo's page."""
    if pagename == PAGE:
        policy = f'<meta http-equiv="Content-Security-Policy" content="{POLICY}">'
        context["metatags"] = context.get("metatags", "") + policy


def setup(app) -> dict:
    app.add_directive("face-demo", FaceDemo)
    app.connect("builder-inited", make)
    app.connect("html-page-context", forbid_sending)
    return {"version": "1", "parallel_read_safe": True, "parallel_write_safe": True}
