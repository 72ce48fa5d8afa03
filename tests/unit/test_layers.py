"""The house stands: rooms import one way, and opening a door loads no framework."""

from __future__ import annotations

import ast
import os
import subprocess
import sys
from pathlib import Path

import pytest

import fer_utils

PACKAGE = Path(fer_utils.__file__).parent
ROOMS = (  # each imports only itself and those before it
    "paths",
    "colab",
    "ray_cluster",
    "data",
    "models",
    "metrics",
    "experiments",
    "records",
    "optimizers",
    "training",
    "search",
    "multitask",
    "plots",  # and plot_*.py, which it is made of
    "interpret",  # interpret_*.py
    "labelling",
    "human_answers",
    "human_benchmark",
    "unit_panel",
    "faces",
    "notebooks",
    "exercises",
    "cli",  # and cli_*.py, a command each
    "__main__",
)
FRAMEWORKS = ("torch", "tensorflow", "keras", "jax", "mtcnn")


def room_of(module: str) -> str:
    """Room of a dotted module name below fer_utils; of fer_utils itself, the first."""
    room = module.split(".")[1] if "." in module else ROOMS[0]
    if room.startswith("cli_"):
        return "cli"
    if room.startswith("interpret_"):
        return "interpret"
    return "plots" if room.startswith("plot_") else room


def imports_of(source: str, module: str, is_package: bool = False) -> set[str]:
    """Dotted names below fer_utils that a module imports anywhere, also inside functions."""
    names = set()
    for node in ast.walk(ast.parse(source)):
        if isinstance(node, ast.Import):
            names |= {alias.name for alias in node.names}
        elif isinstance(node, ast.ImportFrom):
            above = module.split(".")[: None if is_package else -1]
            base = above[: len(above) - node.level + 1] if node.level else []
            base = ".".join([*base, *([node.module] if node.module else [])])
            # "from fer_utils import plots" imports a room, not the package alone
            names |= {f"{base}.{a.name}" for a in node.names} if base == "fer_utils" else {base}
    return {name for name in names if name.split(".")[0] == "fer_utils"}


def violations(source: str, module: str, is_package: bool = False) -> list[str]:
    """Imports that go the wrong way, in words."""
    own = ROOMS.index(room_of(module))
    return [
        f"{module} imports {name}, which is above it"
        for name in sorted(imports_of(source, module, is_package))
        if room_of(name) in ROOMS and ROOMS.index(room_of(name)) > own
    ]


def modules() -> dict[str, Path]:
    found = {}
    for path in sorted(PACKAGE.rglob("*.py")):
        parts = path.relative_to(PACKAGE.parent).with_suffix("").parts
        found[".".join(parts[:-1] if parts[-1] == "__init__" else parts)] = path
    return found


@pytest.mark.parametrize("module", modules())
def test_rooms_import_one_way(module):
    path = modules()[module]
    assert room_of(module) in ROOMS, f"{module}: say in ROOMS between which rooms it stands"
    source = path.read_text(encoding="utf-8")
    assert violations(source, module, path.name == "__init__.py") == []


@pytest.mark.parametrize(
    ("source", "module", "wrong"),
    [
        ("from fer_utils.models import zoo", "fer_utils.data.audit", ["fer_utils.models"]),
        ("def f():\n    import fer_utils.cli", "fer_utils.plots", ["fer_utils.cli"]),
        ("from fer_utils import plots, paths", "fer_utils.records.tables", ["fer_utils.plots"]),
        ("from ..training import job", "fer_utils.models.zoo", ["fer_utils.training"]),
        ("from . import card\nfrom .card import DataCard", "fer_utils.data.audit", []),
        ("from fer_utils.data import audit\nimport torch", "fer_utils.training.job", []),
    ],
)
def test_a_wrong_import_would_be_seen(source, module, wrong):
    expected = [f"{module} imports {name}, which is above it" for name in wrong]
    assert violations(source, module) == expected


def test_opening_a_door_loads_no_framework():
    doors = [name for name, path in modules().items() if path.name == "__init__.py"]
    assert {f"fer_utils.{room}" for room in ("data", "models", "metrics", "experiments")} <= {
        *doors
    }
    program = (
        "import importlib, sys\n"
        f"for name in {doors}: importlib.import_module(name)\n"
        f"print([name for name in {FRAMEWORKS} if name in sys.modules])"
    )
    result = subprocess.run(
        [sys.executable, "-c", program],
        capture_output=True,
        text=True,
        check=True,
        cwd=PACKAGE.parent,
    )
    assert result.stdout.strip() == "[]"


def test_frameworks_share_a_gpu_and_what_is_set_stays():
    names = ("TF_FORCE_GPU_ALLOW_GROWTH", "XLA_PYTHON_CLIENT_PREALLOCATE")
    program = f"import os, fer_utils; print([os.environ[name] for name in {names}])"
    own = {name: value for name, value in os.environ.items() if name not in names}
    for given, wanted in (
        (own, "['true', 'false']"),
        (own | {names[1]: "true"}, "['true', 'true']"),
    ):
        said = subprocess.run(
            [sys.executable, "-c", program], env=given, capture_output=True, text=True, check=True
        )
        assert said.stdout.strip() == wanted
