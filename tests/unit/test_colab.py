"""The Colab helper: what it finds missing, what it asks pip for, and the cell that calls it."""

from __future__ import annotations

import subprocess
import sys
import tomllib
from pathlib import Path

import pytest
from packaging.requirements import Requirement

from fer_utils import colab

ROOT = Path(__file__).resolve().parents[2]


def pip_calls(monkeypatch, returncode=0, stderr=""):
    """Record what would be handed to pip instead of running it."""
    calls = []

    def run(command, **options):
        calls.append(command)
        return subprocess.CompletedProcess(command, returncode, "", stderr)

    monkeypatch.setattr(colab.subprocess, "run", run)
    return calls


def test_nothing_is_missing_where_the_tests_run():
    assert colab.missing_packages() == []


def test_missing_names_exactly_what_cannot_be_found(monkeypatch):
    monkeypatch.setattr(colab, "NEEDED", {"json": "json>=1", "no_such_module_here": "absent>=2"})
    assert colab.missing_packages() == ["absent>=2"]


def test_install_takes_the_clone_without_dependencies_and_then_what_is_missing(monkeypatch):
    monkeypatch.setattr(colab, "NEEDED", {"no_such_module_here": "absent>=2"})
    calls = pip_calls(monkeypatch)
    colab.install()
    assert [call[:4] for call in calls] == [[sys.executable, "-m", "pip", "install"]] * 2
    assert calls[0][-3:] == ["--no-deps", "--editable", str(ROOT)]
    assert calls[1][-1] == "absent>=2" and "--no-deps" not in calls[1]


def test_install_stops_with_pips_own_words(monkeypatch):
    pip_calls(monkeypatch, returncode=1, stderr="No matching distribution")
    with pytest.raises(RuntimeError, match="No matching distribution"):
        colab.install()


def test_requirements_are_those_of_the_package():
    project = tomllib.loads((ROOT / "pyproject.toml").read_text(encoding="utf-8"))["project"]
    extras = project["optional-dependencies"]
    declared = project["dependencies"] + extras["book"] + extras["search"] + extras["faces"]
    declared += extras["interpret"]
    specifiers = {Requirement(line).name: Requirement(line).specifier for line in declared}
    for need in map(Requirement, colab.NEEDED.values()):
        assert need.specifier == specifiers[need.name], need.name


def test_everything_that_the_notebooks_import_is_needed():
    project = tomllib.loads((ROOT / "pyproject.toml").read_text(encoding="utf-8"))["project"]
    extras = project["optional-dependencies"]
    wanted = extras["faces"] + extras["search"] + extras["interpret"]
    needed = {Requirement(need).name for need in colab.NEEDED.values()}
    assert {Requirement(line).name for line in wanted} <= needed


def test_importing_it_needs_only_the_standard_library():
    code = (
        "import sys; before = set(sys.modules); import fer_utils.colab; "
        "new = {m.split('.')[0] for m in set(sys.modules) - before}; "
        "print(sorted(new - set(sys.stdlib_module_names) - {'fer_utils'}))"
    )
    found = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, cwd=ROOT)
    assert found.stdout.strip() == "[]", found.stderr


def test_first_cell_does_nothing_elsewhere(tmp_path, monkeypatch):
    monkeypatch.chdir(tmp_path)
    monkeypatch.setattr(subprocess, "run", lambda *a, **k: pytest.fail("ran a command"))
    path = list(sys.path)
    exec(compile(colab.FIRST_CELL, "first cell", "exec"), {})
    assert Path.cwd() == tmp_path and sys.path == path


def test_first_cell_in_colab_clones_enters_and_installs(monkeypatch):
    entered, commands, installed = [], [], []
    monkeypatch.setitem(sys.modules, "google.colab", object())
    monkeypatch.setattr("os.path.isdir", lambda path: False)
    monkeypatch.setattr("os.chdir", entered.append)
    monkeypatch.setattr(subprocess, "run", lambda command, check: commands.append(command))
    monkeypatch.setattr(colab, "install", lambda: installed.append(True))
    monkeypatch.setattr(sys, "path", list(sys.path))
    exec(compile(colab.FIRST_CELL, "first cell", "exec"), {})
    assert commands[0][:2] == ["git", "clone"] and commands[0][-1] == "/content/reading-faces"
    assert entered == ["/content/reading-faces/notebooks"]
    assert sys.path[0] == "/content/reading-faces" and installed == [True]
