"""Putting a copy of FER2013 into a folder: whole or not at all, and never over anything else."""

from __future__ import annotations

import shutil
import uuid
from collections.abc import Callable
from pathlib import Path

from fer_utils.data import fer2013
from fer_utils.data.dataset import CLASSES
from fer_utils.data.readers import FOLDERS, PICTURE_NAME

OWN = (*FOLDERS, *fer2013.CSV_NAMES)  # all that is put in place
CLUTTER = (".ds_store", "thumbs.db", "desktop.ini", "__macosx")  # the operating system's


def place(target: Path, fill: Callable[[Path], object]) -> None:
    """Have ``fill`` write a copy into a folder beside ``target``, then rename it to that.

    What ``fill`` writes besides, a README say, is left out. A copy that is there is replaced.
    Raises what `check_replaceable` and ``fill`` raise, and `ValueError` when that wrote no FER2013
    or a damaged one.
    """
    check_replaceable(target)
    target.parent.mkdir(parents=True, exist_ok=True)
    temporary = target.with_name(f".{target.name}-{uuid.uuid4().hex}")
    old = target.with_name(f".{target.name}-{uuid.uuid4().hex}-old")
    try:
        fill(temporary / "new")
        root = _find_root(temporary)
        fer2013.read(fer2013.as_copy(root))  # a damaged copy is an error here, not in place
        ready = temporary / "ready"
        ready.mkdir()
        for name in OWN:
            if (root / name).exists():
                (root / name).rename(ready / name)
        if target.exists():
            target.rename(old)
        ready.rename(target)
    finally:
        if old.exists() and not target.exists():
            old.rename(target)
        shutil.rmtree(temporary, ignore_errors=True)
        shutil.rmtree(old, ignore_errors=True)


def check_replaceable(target: Path) -> None:
    """Raise `FileExistsError` unless there is nothing, an empty folder, or a copy and no more: in
    its class folders FER2013's own file names, so another data set of faces is no copy."""
    if not target.exists() or (target.is_dir() and not any(target.iterdir())):
        return
    if not target.is_dir() or fer2013.as_copy(target) is None:
        raise FileExistsError(
            f"{target} exists and is no copy of FER2013 in a folder of its own; remove it yourself "
            "or name another target"
        )
    found = [path for path in target.iterdir() if path.name not in OWN]
    for folder in filter(Path.is_dir, (target / name for name in FOLDERS)):
        found += [path for path in folder.iterdir() if path.name not in CLASSES]
        for inside in filter(Path.is_dir, (folder / name for name in CLASSES)):
            found += [p for p in inside.iterdir() if not PICTURE_NAME.fullmatch(p.name)]
    if others := sorted(p.relative_to(target).as_posix() for p in found if not _is_clutter(p)):
        named = ", ".join(others[:3]) + (", ..." if others[3:] else "")
        raise FileExistsError(
            f"{target} holds more than FER2013 ({named}), which would be removed with it; move "
            "that away yourself or name another target"
        )


def _is_clutter(path: Path) -> bool:
    """Narrower than the readers' `is_clutter`: they pass over a .git, here it must not go."""
    return path.name.lower() in CLUTTER or path.name.startswith("._")


def _find_root(folder: Path) -> Path:
    """The folder in or below ``folder`` that is a copy of FER2013, at most three levels down."""
    level = [folder]
    for _ in range(4):
        for path in level:
            if fer2013.as_copy(path) is not None:
                return path
        level = [sub for path in level for sub in sorted(path.iterdir()) if sub.is_dir()]
    raise ValueError(
        "no FER2013 in it: neither folders train and test with a folder per class, nor a "
        "fer2013.csv; nothing was put in place"
    )
