"""Where things live: the clone, the cache and the recorded results.

Every function that names a place returns an absolute path. Nothing here reads or creates anything
but `atomic_write` and `atomic_path`, which write one file whole or not at all.
"""

from __future__ import annotations

import os
import tempfile
from collections.abc import Iterable, Iterator
from contextlib import contextmanager
from pathlib import Path

import platformdirs


def project_root() -> Path | None:
    """The clone of the course that this package was imported from, None when it is not in one."""
    root = Path(__file__).resolve().parent.parent
    return root if (root / "pyproject.toml").is_file() and (root / "notebooks").is_dir() else None


def cache_dir() -> Path:
    """Folder for what can be made again: $FER_UTILS_CACHE, the clone's `.cache`, or the user's."""
    if named := os.environ.get("FER_UTILS_CACHE"):
        return Path(named).expanduser().resolve()
    root = project_root()
    return root / ".cache" if root else Path(platformdirs.user_cache_dir("fer_utils"))


def results_dir() -> Path:
    """Folder of the recorded runs: $FER_UTILS_RESULTS, the clone's `results`, or `./results`."""
    if named := os.environ.get("FER_UTILS_RESULTS"):
        return Path(named).expanduser().resolve()
    return (project_root() or Path.cwd()) / "results"


def photos_dir() -> Path | None:
    """Folder of photos with known faces (`boxes.json`), None where there is none.

    $FER_PHOTOS_DIR, or `../shared/data/photos` beside the clone. Tests and benchmarks use them.
    """
    if named := os.environ.get("FER_PHOTOS_DIR"):
        folder = Path(named).expanduser().resolve()
    elif root := project_root():
        folder = root.parent / "shared" / "data" / "photos"
    else:
        return None
    return folder if (folder / "boxes.json").is_file() else None


def check_free(outputs: Iterable[Path], force: bool = False) -> None:
    """Raise FileExistsError naming the first of a command's outputs that is there, unless `force`.

    A command calls it before it starts to work, so that nothing is computed in vain.
    """
    for path in outputs:
        if not force and path.exists():
            raise FileExistsError(f"{path} is there already: name another, or add --force")


def atomic_write(path: Path, content: bytes) -> None:
    """Write `content` to `path` so that a reader sees the old file or the whole new one.

    The bytes go to a temporary file in the same folder, are flushed to disk and then renamed.
    Missing parent folders are made.
    """
    with atomic_path(path) as temporary, temporary.open("wb") as file:
        file.write(content)
        file.flush()
        os.fsync(file.fileno())


@contextmanager
def atomic_path(path: Path) -> Iterator[Path]:
    """An empty file beside `path` to write to, which becomes `path` when the block ends well.

    When the block raises, it is removed and `path` stays as it was. Missing parent folders are
    made.
    """
    path.parent.mkdir(parents=True, exist_ok=True)
    descriptor, name = tempfile.mkstemp(dir=path.parent, prefix=f".{path.name}.")
    os.close(descriptor)
    temporary = Path(name)
    try:
        yield temporary
        umask = os.umask(0)
        os.umask(umask)
        temporary.chmod(0o666 & ~umask)
        temporary.replace(path)
    except BaseException:
        temporary.unlink(missing_ok=True)
        raise
