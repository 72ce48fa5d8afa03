"""Chapters in JupyterLab, as `make lab` opens them: all cells run, and the widgets answer clicks.

A copy of the working tree, `profile = "smoke"` written into the notebook, no FER2013, an empty
cache, no network for the browser. The three chapters share a server; each has a kernel of its own.

Chapter 01 always; 09 and 12, half a minute each and more, with FER_TEST_LAB=all (weekly in CI).
"""

from __future__ import annotations

import json
import os
import secrets
import subprocess
import sys
import time
import urllib.request
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from urllib.error import URLError

import nbformat
import pytest

from fer_utils import human_answers
from fer_utils.data import facs
from fer_utils.data.dataset import CLASSES
from tests.book.conftest import copy_sources

pytest.importorskip("jupyterlab", reason="needs JupyterLab: pip install -e '.[book]'")
psutil = pytest.importorskip("psutil", reason="needs psutil, which ipykernel brings")
pytest.importorskip("torch")

PATIENCE = 600  # seconds for whatever is waited for: a server, a notebook, a click's answer
WINDOW = {"width": 1400, "height": 1000}  # CSS pixels
RECORDED, SMOKE = (json.dumps(f'profile: str = "{name}"')[1:-1] for name in ("recorded", "smoke"))
WITH_ALL = pytest.mark.skipif(
    os.environ.get("FER_TEST_LAB") != "all", reason="takes long: set FER_TEST_LAB=all to run it"
)


@dataclass(frozen=True)
class Lab:
    """A JupyterLab that serves the notebooks of a clone."""

    address: str  # with / at its end
    token: str
    clone: Path
    cache: Path

    def ask(self, what: str) -> list | dict:
        """What the server's REST interface says."""
        request = urllib.request.Request(
            f"{self.address}api/{what}", headers={"Authorization": f"token {self.token}"}
        )
        with urllib.request.urlopen(request, timeout=PATIENCE) as answer:
            return json.load(answer)


@pytest.fixture(scope="module")
def lab(chromium, tmp_path_factory) -> Iterator[Lab]:
    """JupyterLab on a free port, with no settings but its own; it and its kernels end with it."""
    home = tmp_path_factory.mktemp("lab")
    clone, runtime, token = home / "clone", home / "runtime", secrets.token_hex(16)
    copy_sources(clone)
    own = {"CONFIG_DIR": home / "config", "DATA_DIR": home / "data", "RUNTIME_DIR": runtime}
    env = os.environ | {f"JUPYTER_{name}": str(folder) for name, folder in own.items()}
    env |= {"IPYTHONDIR": str(home / "ipython"), "FER_UTILS_CACHE": str(home / "cache")}
    env |= {"PYTHONPATH": str(clone)}
    for name in ("FER2013_DIR", "FER_UTILS_RESULTS", "MPLBACKEND"):
        env.pop(name, None)
    command = [sys.executable, "-m", "jupyterlab", "notebooks", "--no-browser"]
    command += ["--ServerApp.ip=127.0.0.1", "--ServerApp.port=0"]
    command += [f"--IdentityProvider.token={token}"]
    command += ["--LabApp.check_for_updates_class=jupyterlab.NeverCheckForUpdate"]
    command += ["--allow-root"] * (getattr(os, "geteuid", lambda: 1)() == 0)
    with open(home / "said.txt", "w", encoding="utf-8") as said:
        server = subprocess.Popen(command, cwd=clone, env=env, stdout=said, stderr=said)
    try:
        yield Lab(_address(server, runtime, home / "said.txt"), token, clone, home / "cache")
    finally:
        _end(server)


def _address(server: subprocess.Popen, runtime: Path, said: Path) -> str:
    """Where it answers, once it does."""
    end = time.monotonic() + PATIENCE
    while server.poll() is None and time.monotonic() < end:
        for file in runtime.glob("jpserver-*.json"):
            try:
                address = json.loads(file.read_text(encoding="utf-8"))["url"]
                with urllib.request.urlopen(f"{address}api", timeout=PATIENCE):
                    return address
            except (ValueError, URLError):  # half written, or not yet listening
                continue
        time.sleep(0.2)
    pytest.fail(f"JupyterLab does not answer. It said:\n{said.read_text(encoding='utf-8')}")


def _end(server: subprocess.Popen) -> None:
    """The server ends its kernels itself; what is left after that is killed."""
    family = [psutil.Process(server.pid)] if server.poll() is None else []
    family += [child for parent in family for child in parent.children(recursive=True)]
    server.terminate()
    _, left = psutil.wait_procs(family, timeout=30)
    for process in left:
        process.kill()
    server.wait()


@pytest.fixture
def page(chromium):
    page = chromium.new_page(viewport=WINDOW)
    page.set_default_timeout(1000 * PATIENCE)
    yield page
    page.close()


def run_all(page, lab: Lab, name: str) -> None:
    """Open notebooks/<name>.ipynb in the smoke profile, run all cells, wait until all have run."""
    file = lab.clone / "notebooks" / f"{name}.ipynb"
    text = file.read_text(encoding="utf-8")
    assert text.count(RECORDED) == 1
    file.write_text(text.replace(RECORDED, SMOKE), encoding="utf-8")
    page.goto(f"{lab.address}lab/workspaces/{name}/tree/{file.name}?token={lab.token}")
    page.get_by_text("Python 3 (ipykernel) | Idle").wait_for()
    page.get_by_role("menuitem", name="Run", exact=True).click()
    page.get_by_role("menuitem", name="Run All Cells", exact=True).click()
    end = time.monotonic() + PATIENCE
    while (left := _not_run(page, file)) or _state(lab, file) != "idle":
        assert time.monotonic() < end, f"after {PATIENCE} s not run: {left}"


def _not_run(page, file: Path) -> list[str]:
    """Save; the cells that have not run. An error in a cell fails the test."""
    page.keyboard.press("Control+s")
    page.wait_for_timeout(1000)
    code = [cell for cell in nbformat.read(file, 4).cells if cell.cell_type == "code"]
    for cell in code:
        errors = [said.traceback for said in cell.outputs if said.output_type == "error"]
        assert not errors, "\n".join([cell.source, *errors[0]])
    return [cell.source for cell in code if cell.execution_count is None]


def _state(lab: Lab, file: Path) -> str:
    """Of the notebook's kernel: idle or busy."""
    sessions = {one["path"]: one["kernel"]["execution_state"] for one in lab.ask("sessions")}
    return sessions[file.name]


def test_the_labelling_game_of_chapter_01_is_played_to_its_end(page, lab):
    run_all(page, lab, "01_data_investigation")
    page.get_by_text("Face 1 of 20: what does it show?").scroll_into_view_if_needed()
    for k in range(20):
        page.get_by_text(f"Face {k + 1} of 20: what does it show?").wait_for()
        page.get_by_role("button", name=CLASSES[k % len(CLASSES)], exact=True).click()
    page.get_by_text("All 20 faces named.").wait_for()
    shown = page.locator("img.widget-image:visible")  # the face is hidden: confusion, mistakes
    shown.nth(1).wait_for()
    assert shown.count() == 2
    assert page.get_by_role("button", name="happy", exact=True).is_disabled()
    page.get_by_role("button", name="undo", exact=True).click()
    page.get_by_text("Face 20 of 20: what does it show?").wait_for()


@WITH_ALL
def test_answers_to_the_human_benchmark_of_chapter_09_reach_the_file(page, lab):
    run_all(page, lab, "09_class_photos")
    page.get_by_placeholder("a pseudonym").fill("Somebody")
    page.get_by_role("button", name="start", exact=True).click()
    given = ["happy", "sad", "neutral"]
    for k, name in enumerate(given, start=1):
        page.get_by_text(f"Face {k} of 35: what does it show?").wait_for()
        page.get_by_role("button", name=name, exact=True).click()
    page.get_by_text("Face 4 of 35: what does it show?").wait_for()
    rows = human_answers.read_answers(lab.cache / "human_answers.csv")
    assert rows.rater.tolist() == ["Somebody"] * 3
    assert rows.face.tolist() == [1, 2, 3]
    assert rows.answer.tolist() == given


@WITH_ALL
def test_a_slider_of_chapter_12_changes_the_face_and_its_reading(page, lab):
    run_all(page, lab, "12_action_units")
    reading, picture = page.locator(".jupyter-widgets pre"), page.locator("img.widget-image")
    reading.scroll_into_view_if_needed()
    before, drawn = reading.inner_text(), picture.get_attribute("src")
    for number in (6, 12, 25):
        row = page.locator(".widget-slider", has_text=facs.described(facs.unit_name(number)))
        handle = row.get_by_role("slider")
        handle.press("End")
        assert float(handle.get_attribute("aria-valuenow")) == 1
    page.wait_for_function(
        "([p, b]) => document.querySelector(p).innerText !== b",
        arg=[".jupyter-widgets pre", before],
    )
    assert picture.get_attribute("src") != drawn
