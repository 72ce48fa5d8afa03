"""Packs what a GPU node without internet lacks into one folder; `make gpu-bundle` calls it.

The folder gets wheels/, the archive of FER2013, and the script that runs there (see README.md
beside this file). The clone's own files are not in it: the folder travels inside the clone.
"""

from __future__ import annotations

import argparse
import os
import shutil
import subprocess
import sys
import tarfile
from pathlib import Path

from fer_utils.data import fer2013
from fer_utils.data.readers import FOLDERS, is_clutter

HERE = Path(__file__).resolve().parent
ROOT = HERE.parent
LIMIT = 64 * 2**20  # bytes that clusters and CI services commonly let through
SCRIPTS = ("run_offline.sh", "install_wheels.py", "README.md")
# pip takes each name literally, so every manylinux that a current wheel may carry stands here.
PLATFORMS = [f"manylinux_2_{n}" for n in (34, 31, 28, 27, 26, 24, 17, 12, 5)]
PLATFORMS += ["manylinux2014", "manylinux2010", "manylinux1"]


def main() -> int:
    """Make the bundle; print what is in it."""
    options = _options()
    folder = options.to
    folder.mkdir(parents=True, exist_ok=True)
    for name in SCRIPTS:
        shutil.copy(HERE / name, folder / name)
    if not options.no_wheels:
        download_wheels(folder / "wheels", options.wheels, options.python, options.machine)
    pack_data(folder, options.archive, options.data_dir)
    sizes = {path: _size(path) for path in sorted(folder.iterdir())}
    for path, size in sizes.items():
        print(f"{size / 2**20:7.1f} MiB  {path.name}")
    total = sum(sizes.values())
    print(
        f"{total / 2**20:7.1f} MiB  in {folder}; take the clone with it to the node, see README.md"
    )
    if total > LIMIT:
        print(f"error: more than {LIMIT >> 20} MiB; shorten {options.wheels}", file=sys.stderr)
        return 1
    return 0


def download_wheels(folder: Path, listing: Path, python: str, machine: str) -> None:
    """The newest wheels that constraints.txt allows, for another Python on another machine."""
    shutil.rmtree(folder, ignore_errors=True)
    command = [sys.executable, "-m", "pip", "download", "--quiet", "--no-deps"]
    command += ["--only-binary=:all:", "--implementation=cp", f"--python-version={python}"]
    command += [f"--platform={name}_{machine}" for name in PLATFORMS]
    command += [f"--constraint={ROOT / 'constraints.txt'}", f"--requirement={listing}"]
    if subprocess.run([*command, f"--dest={folder}"]).returncode:
        raise SystemExit(
            f"error: pip found no wheels of {listing.name} for Python {python} on {machine}: it "
            "needs a package index, and the versions of constraints.txt must have such wheels"
        )


def pack_data(folder: Path, archive: Path | None, data_dir: str | None) -> Path:
    """The archive of FER2013 in the bundle: a copy of the one there is, or one made of the folder.

    One that was made of a folder is kept; remove it to have it made anew.
    """
    made = folder / "fer2013.tar.xz"
    if archive is not None:
        if not archive.is_file():
            raise SystemExit(f"error: FER2013_ARCHIVE names {archive}, which is no file")
        suffixes = "".join(
            archive.suffixes[-2:] if ".tar" in archive.suffixes else [archive.suffix]
        )
        target = folder / f"fer2013{suffixes}"
        if target.is_symlink() or archive.resolve() != target.resolve():
            os.replace(shutil.copy(archive, folder / f".{target.name}.part"), target)
        for old in _others(target):
            if old.resolve() == archive.resolve():
                raise SystemExit(f"error: {archive} would travel twice: move it out of {folder}")
            old.unlink()
        return target
    if others := _others(made):
        raise SystemExit(
            f"error: {', '.join(map(str, others))}: the node would not know which to unpack. Name "
            "it in FER2013_ARCHIVE, or remove it"
        )
    if made.is_file():
        return made
    source = fer2013.find(data_dir)
    if source is None or not source.is_dir():
        raise SystemExit(
            "error: records are made on the folder copy of FER2013, which is not here. Name an "
            "archive in FER2013_ARCHIVE or a folder in FER2013_DIR, or run "
            "`python -m fer_utils data fetch fer2013`"
        )
    print(f"packing {source} (once; a minute or two)", flush=True)
    write_archive(source, made)
    return made


def write_archive(source: Path, target: Path) -> None:
    """All pictures below `source` as one solid tar.xz, paths relative, same bytes every time.

    Solid means that what the JPEGs share, their tables, is stored once: 43 MB instead of 57.
    """
    part = target.with_name(f".{target.name}.part")
    with tarfile.open(part, "w:xz", preset=9) as file:
        for top in FOLDERS:
            for path in sorted((source / top).rglob("*")):
                if path.is_file() and not is_clutter(path.name):
                    entry = tarfile.TarInfo(path.relative_to(source).as_posix())
                    entry.size = path.stat().st_size
                    with path.open("rb") as content:
                        file.addfile(entry, content)
    os.replace(part, target)


def _others(archive: Path) -> list[Path]:
    """Files beside the archive that the node would take for FER2013 as well."""
    found = archive.parent.glob("fer2013.*")
    return sorted(path for path in found if path != archive and path.is_file())


def _size(path: Path) -> int:
    files = path.rglob("*") if path.is_dir() else [path]
    return sum(file.stat().st_size for file in files if file.is_file())


def _options() -> argparse.Namespace:
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    archive = os.environ.get("FER2013_ARCHIVE") or None
    parser.add_argument("--to", type=Path, default=ROOT / ".gpu", help="default: .gpu in the clone")
    parser.add_argument("--python", default="3.12", help="of the node (default: %(default)s)")
    parser.add_argument("--machine", default="x86_64", help="of the node: x86_64 or aarch64")
    parser.add_argument("--wheels", type=Path, default=HERE / "wheels.txt", help="list of packages")
    parser.add_argument("--no-wheels", action="store_true", help="leave the wheels as they are")
    parser.add_argument(
        *("--archive",),
        type=Path,
        default=archive and Path(archive),
        help="of FER2013 (default: FER2013_ARCHIVE, else made of the folder)",
    )
    parser.add_argument("--data-dir", default=None, help="folder of FER2013")
    return parser.parse_args()


if __name__ == "__main__":
    sys.exit(main())
