"""Finding the published weights of a backbone: on this machine first, then at their address.

Looked for, in this order: the folder that FER_UTILS_WEIGHTS names, and Keras' own cache
(`models` below $KERAS_HOME or ~/.keras). Every file is checked by its md5. Nothing that is there is
ever deleted or written over: a file of that name with another md5 is an error that says so. (Keras'
own look-up deletes it, and offline raises a bare `Exception`.)
"""

from __future__ import annotations

import hashlib
import os
import shutil
import urllib.error
import urllib.request
import uuid
from pathlib import Path

from fer_utils.models.backbones import WeightsFile

FOLDER_VARIABLE = "FER_UTILS_WEIGHTS"
TIMEOUT_SECONDS = 30.0


def folders() -> list[Path]:
    """Where weights are looked for; a download goes into the last one, Keras' cache."""
    named = os.environ.get(FOLDER_VARIABLE)
    keras = Path(os.environ.get("KERAS_HOME") or "~/.keras").expanduser() / "models"
    return [*([Path(named).expanduser()] if named else []), keras]


def find(file: WeightsFile) -> Path | None:
    """The file on this machine, its md5 checked; None where it is in none of the folders.

    Raises ValueError naming a file of that name with another md5; it is left as it is.
    """
    for folder in folders():
        path = folder / file.name
        if path.is_file():
            if (md5 := md5_of(path)) != file.md5:
                raise ValueError(
                    f"{path} is not the published file: its md5 is {md5}, expected {file.md5}. "
                    "Nothing was changed; move it away, or put the right one in its place"
                )
            return path
    return None


def fetch(file: WeightsFile) -> Path:
    """The file on this machine, downloaded into Keras' cache where it is not there yet.

    Raises FileNotFoundError, which names the file, its md5 and where to put it, when it cannot be
    downloaded, and ValueError as `find` does.
    """
    if (path := find(file)) is not None:
        return path
    target = folders()[-1] / file.name
    part = target.with_name(f".{file.name}-{uuid.uuid4().hex}")
    try:
        target.parent.mkdir(parents=True, exist_ok=True)
        with urllib.request.urlopen(file.url, timeout=TIMEOUT_SECONDS) as answer:
            with part.open("wb") as out:
                shutil.copyfileobj(answer, out)
        if (md5 := md5_of(part)) != file.md5:
            raise ValueError(f"what came has md5 {md5}")
        part.rename(target)
    except (OSError, ValueError) as error:
        raise FileNotFoundError(
            f"the weights {file.name} are not here and could not be downloaded from {file.url} "
            f"({type(error).__name__}: {error}). Get the file elsewhere (md5 {file.md5}) and put "
            f"it into {target.parent}, or into a folder that {FOLDER_VARIABLE} names"
        ) from error
    finally:
        part.unlink(missing_ok=True)
    return target


def md5_of(path: Path) -> str:
    """The md5 of a file, in hexadecimal digits."""
    with path.open("rb") as file:
        return hashlib.file_digest(file, "md5").hexdigest()
