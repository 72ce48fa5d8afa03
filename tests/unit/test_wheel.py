"""The package as pip installs it from the repository: what is in the wheel, and its command."""

from __future__ import annotations

import os
import re
import shutil
import subprocess
import sys
import zipfile
from pathlib import Path

import pytest

ROOT = Path(__file__).resolve().parents[2]
MOST_BYTES = 3_000_000


@pytest.fixture(scope="module")
def wheel(tmp_path_factory) -> Path:
    """Built from a copy of what a clone holds of the package, by the installed setuptools."""
    pytest.importorskip("setuptools", minversion="77", reason="needs setuptools 77 or newer")
    clone, out = tmp_path_factory.mktemp("clone"), tmp_path_factory.mktemp("wheel")
    ignored = shutil.ignore_patterns("__pycache__", ".*")
    for name in ("fer_utils", "tests/unit", "results/data", "notebooks"):
        shutil.copytree(ROOT / name, clone / name, ignore=ignored)
    for name in ("pyproject.toml", "README.md", "LICENSE", "LICENSE-text"):
        shutil.copy(ROOT / name, clone)
    command = [sys.executable, "-m", "pip", "wheel", "--quiet", "--no-deps"]
    command += ["--no-build-isolation", "--wheel-dir", str(out), str(clone)]
    done = subprocess.run(command, capture_output=True, text=True)
    assert done.returncode == 0, done.stderr
    (made,) = out.glob("*.whl")
    return made


@pytest.fixture(scope="module")
def names(wheel) -> set[str]:
    with zipfile.ZipFile(wheel) as file:
        return set(file.namelist())


def test_every_file_of_the_package_is_in_it(names):
    wanted = {
        path.relative_to(ROOT).as_posix()
        for path in (ROOT / "fer_utils").rglob("*")
        if path.is_file() and "__pycache__" not in path.parts and not path.name.startswith(".")
    }
    assert "fer_utils/faces/default_model.safetensors" in wanted
    assert "fer_utils/reading_faces.mplstyle" in wanted
    assert wanted <= names


def test_nothing_else_is(names, wheel):
    others = {name for name in names if not name.startswith("fer_utils/")}
    assert all(re.match(r"fer_utils-[\w.]+\.dist-info/", name) for name in others), others
    licences = {name.rpartition("/")[2] for name in others if "/licenses/" in name}
    assert licences == {"LICENSE", "LICENSE-text"}
    assert not [name for name in names if name.endswith((".npz", ".csv", ".ipynb", ".pyc"))]
    assert wheel.stat().st_size < MOST_BYTES


def test_installed_it_has_its_command_and_its_model(wheel, tmp_path):
    command = [sys.executable, "-m", "pip", "install", "--quiet", "--no-deps"]
    subprocess.run([*command, "--target", str(tmp_path / "site"), str(wheel)], check=True)
    env = os.environ | {"PYTHONPATH": str(tmp_path / "site")}
    (program,) = (tmp_path / "site" / "bin").glob("fer-utils*")
    for call in ([str(program)], [sys.executable, "-m", "fer_utils"]):
        call += ["model", "card"]
        done = subprocess.run(call, cwd=tmp_path, env=env, capture_output=True, text=True)
        assert done.returncode == 0, done.stderr
        assert done.stdout.startswith("# Model card")
