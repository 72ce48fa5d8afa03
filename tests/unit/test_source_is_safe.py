"""No code of the course runs what a file says: no pickle, no shell, no unpacking on trust."""

from __future__ import annotations

import ast
import json
from pathlib import Path

import pytest

ROOT = Path(__file__).resolve().parents[2]
FOLDERS = ("fer_utils", "exercises", "notebooks", "benchmarks", "gpu_bundle", "book")
PICKLES = {"pickle", "_pickle", "cPickle", "cloudpickle", "dill", "joblib", "shelve", "marshal"}
PANDAS = ("read_pickle", "to_pickle")  # whatever they are called on
UNSAFE = {  # the end of a call's name -> the keyword and value that make it safe, None for never
    "torch.load": ("weights_only", True),
    **dict.fromkeys(PANDAS),
    "yaml.load": None,
    "yaml.unsafe_load": None,
    "yaml.full_load": None,
    "os.system": None,
    "os.popen": None,
    "eval": None,
    "exec": None,
}
UNPACKERS = {"extractall", "unpack_archive"}
MAY_RUN = {"fer_utils/exercises/apart.py"}  # the reader's own answers, in a process of their own
MAY_UNPACK = {  # archives.py refuses paths that lead outside; the other's archive is our own
    "fer_utils/data/archives.py",
    "book/_ext/offline.py",
}


def sources() -> dict[str, str]:
    """Path below the clone -> Python text; a notebook's code cells, without its magics."""
    found = {}
    for folder in FOLDERS:
        for path in sorted((ROOT / folder).rglob("*")):
            name = path.relative_to(ROOT).as_posix()
            if path.suffix == ".py":
                found[name] = path.read_text(encoding="utf-8")
            elif path.suffix == ".ipynb" and ".ipynb_checkpoints" not in path.parts:
                cells = json.loads(path.read_text(encoding="utf-8"))["cells"]
                code = ["".join(c["source"]) for c in cells if c["cell_type"] == "code"]
                found[name] = "\n".join(
                    line for text in code for line in text.splitlines() if line[:1] not in "%!"
                )
    return found


def dangers(text: str, name: str = "") -> list[str]:
    """What is unsafe in a Python text, in words."""
    found = []
    for node in ast.walk(ast.parse(text)):
        if isinstance(node, ast.Import | ast.ImportFrom):
            modules = [alias.name for alias in node.names]
            modules += [node.module or ""] if isinstance(node, ast.ImportFrom) else []
            found += [f"imports {m}" for m in modules if m.split(".")[0] in PICKLES]
        elif isinstance(node, ast.Call):
            found += _dangers_of_call(node, name)
    return found


def _dangers_of_call(node: ast.Call, name: str) -> list[str]:
    called = ast.unparse(node.func)
    given = {k.arg: getattr(k.value, "value", None) for k in node.keywords}
    found = []
    last = called.rpartition(".")[2]
    for end, safe in UNSAFE.items():
        if called == end or called.endswith(f".{end}") and "." in end or last == end in PANDAS:
            if called in ("eval", "exec") and name in MAY_RUN:
                continue
            if safe is None or given.get(safe[0]) is not safe[1]:
                found.append(f"calls {called}" + (f" without {safe[0]}={safe[1]}" if safe else ""))
    for keyword in ("allow_pickle", "shell"):
        if given.get(keyword, False) is not False:
            found.append(f"calls {called} with {keyword}")
    if last in UNPACKERS and name not in MAY_UNPACK:
        found.append(f"unpacks with {called}: use fer_utils.data.archives.extract")
    return found


def test_nothing_unsafe():
    found = {name: dangers(text, name) for name, text in sources().items()}
    assert len(found) > 100
    assert {name: dangerous for name, dangerous in found.items() if dangerous} == {}


@pytest.mark.parametrize(
    ("text", "count"),
    [
        ("import pickle", 1),
        ("from joblib import load", 1),
        ("torch.load(path)", 1),
        ("torch.load(path, weights_only=True)", 0),
        ("np.load(path)", 0),
        ("np.load(path, allow_pickle=True)", 1),
        ("np.load(path, allow_pickle=trusted)", 1),
        ("pd.read_pickle(path)", 1),
        ("yaml.load(text)", 1),
        ("yaml.safe_load(text)", 0),
        ("subprocess.run(line, shell=True)", 1),
        ("subprocess.run([program])", 0),
        ("tarfile.open(path).extractall(folder)", 1),
        ("archives.extract(path, folder)", 0),
        ("net.eval()", 0),
        ("eval(text)", 1),
    ],
)
def test_what_is_unsafe_would_be_seen(text, count):
    assert len(dangers(text)) == count
