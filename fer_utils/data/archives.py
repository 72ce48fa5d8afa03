"""Unpacking a downloaded archive without trusting it."""

from __future__ import annotations

import lzma
import tarfile
import zipfile
import zlib
from pathlib import Path, PurePosixPath, PureWindowsPath

MOST_BYTES = 2_000_000_000  # unpacked; fer2013.csv has 300 MB
_DAMAGED = (EOFError, lzma.LZMAError, zlib.error, OSError, tarfile.ReadError, zipfile.BadZipFile)


def extract(archive: str | Path, folder: Path) -> None:
    """Unpack a tar (plain, gz, bz2, xz) or zip archive into ``folder``.

    Raises `FileNotFoundError` when there is no such file and `ValueError`, naming the archive,
    when it is of another kind, cut short or damaged, would write outside ``folder``, or holds more
    than ``MOST_BYTES``. A full disk and the like stay the `OSError` they are.
    """
    archive = Path(archive)
    if not archive.is_file():
        raise FileNotFoundError(f"{archive}: no such archive")
    try:
        if zipfile.is_zipfile(archive):
            _extract_zip(archive, folder)
        elif tarfile.is_tarfile(archive):
            _extract_tar(archive, folder)
        else:
            raise ValueError(
                f"{archive}: expected a .zip or .tar (.gz, .bz2, .xz) archive; it is of another "
                "kind or damaged"
            )
    except tarfile.FilterError as error:
        raise ValueError(f"{archive}: refused, a member is unsafe to unpack: {error}") from error
    except _DAMAGED as error:
        if getattr(error, "errno", None):  # a full disk, no permission: not the archive's fault
            raise
        raise ValueError(
            f"{archive}: could not be unpacked, damaged or cut short "
            f"({type(error).__name__}: {error}); download it again"
        ) from error


def _extract_tar(archive: Path, folder: Path) -> None:
    if not hasattr(tarfile, "data_filter"):
        raise RuntimeError(
            "unpacking needs Python 3.11.4 or newer, whose tarfile refuses unsafe paths"
        )
    size = 0

    def checked(member: tarfile.TarInfo, place: str) -> tarfile.TarInfo | None:
        nonlocal size
        size += member.size
        _check_size(archive, size)
        return tarfile.data_filter(member, place)

    with tarfile.open(archive) as file:
        file.extractall(folder, filter=checked)


def _extract_zip(archive: Path, folder: Path) -> None:
    with zipfile.ZipFile(archive) as file:
        _check_size(archive, sum(member.file_size for member in file.infolist()))
        for name in file.namelist():
            posix, windows = PurePosixPath(name), PureWindowsPath(name)
            if posix.is_absolute() or windows.anchor or ".." in (*posix.parts, *windows.parts):
                raise ValueError(
                    f"{archive}: refused, the member {name!r} would be written outside the folder"
                )
        file.extractall(folder)


def _check_size(archive: Path, size: int) -> None:
    if size > MOST_BYTES:
        raise ValueError(
            f"{archive}: refused, it would fill more than {MOST_BYTES / 1e9:g} GB; "
            "unpack it by hand if that is right"
        )
