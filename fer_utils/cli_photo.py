"""`python -m fer_utils photo`: the faces in photos and what they express."""

from __future__ import annotations

import argparse
import sys
from pathlib import Path

from fer_utils.paths import check_free


def add(parser: argparse.ArgumentParser) -> None:
    """Options of the command."""
    parser.description = (
        "Find the faces in photos and read their expressions. Writes to DIR: annotated/, crops/, "
        "faces.csv and faces.json with a row for each face, or one for a photo without, with the "
        "reason. The labels describe what a face looks like to a model, not what a person feels."
    )
    parser.add_argument("photos", nargs="+", type=Path, metavar="PHOTO", help="files or folders")
    parser.add_argument("--out", type=Path, required=True, metavar="DIR", help="made if missing")
    parser.add_argument(
        *("--detector",),
        choices=["mtcnn", "haar"],
        default="mtcnn",
        help="mtcnn (default) finds most; haar is quicker and needs no TensorFlow",
    )
    parser.add_argument(
        "--blur", action="store_true", help="hide the faces in the pictures; no crops"
    )
    parser.add_argument(
        "--model", type=Path, metavar="FILE", help="an expression model (default: the package's)"
    )
    parser.add_argument(
        *("--rejected",),
        type=Path,
        metavar="CSV",
        help="finds that are no faces: columns photo and face, as in faces.csv",
    )
    parser.add_argument(
        "--ray",
        nargs="?",
        const="local",
        metavar="ADDRESS",
        help="read the photos on the Ray cluster at ADDRESS ('auto', 'host:6379', "
        "'ray://host:10001'), or without an address on one started here; photos go first",
    )
    parser.add_argument(
        "--force",
        action="store_true",
        help="replace what an earlier run left in DIR",
    )
    parser.set_defaults(command=_photo)


def _photo(options: argparse.Namespace) -> int:
    from tqdm import tqdm

    from fer_utils.faces import pictures, read_folder
    from fer_utils.faces.expression_model import DEFAULT, ExpressionModel
    from fer_utils.faces.rejected import read_rejected

    if options.blur:
        _check_hidden(options.out, options.force)
    made = (*read_folder.PICTURES, "faces.csv", "faces.json")
    check_free([options.out / name for name in made], options.force)
    own = [options.out / name for name in read_folder.PICTURES]
    photos = pictures.find(options.photos, leave_out=own)
    for photo in photos:
        if any(photo.resolve().is_relative_to(folder.resolve()) for folder in own):
            raise ValueError(f"--out would replace {photo}, which is to be read: name another")
    model = ExpressionModel.load(options.model or DEFAULT)
    rejected = read_rejected(options.rejected) if options.rejected else frozenset()
    job = read_folder.Job(model, options.detector, rejected, options.blur)
    if options.ray:
        outcomes = read_folder.read_all_on_ray(job, photos, options.ray)
    else:
        outcomes = read_folder.read_all(job, photos)
    bar = tqdm(outcomes, total=len(photos), unit="photo", disable=None)
    kept = read_folder.keep(bar, options.out, model.classes)
    return _tell(kept, rejected, options.out)


def _check_hidden(folder: Path, force: bool) -> None:
    """Raise ValueError for crops that would stay in `folder` and show what --blur hides.

    With `force` those of the run that is replaced, as its faces.json names them, will not stay.
    """
    from fer_utils.faces.read_folder import pictures_of

    replaced = pictures_of(folder / "faces.json") if force else set()
    files = (path for path in sorted((folder / "crops").rglob("*")) if path.is_file())
    for path in files:
        if path.relative_to(folder).as_posix() in replaced:
            continue
        if force:
            raise ValueError(
                f"{path} shows a face, and {folder / 'faces.json'} does not name it: remove it "
                "yourself, or name another --out"
            )
        raise ValueError(
            f"{folder / 'crops'} shows faces of an earlier run: name another --out, or add "
            "--force to replace that run"
        )


def _tell(kept: list, rejected: frozenset[tuple[str, int]], folder: Path) -> int:
    """What was found, and on stderr what was not."""
    table = [row for outcome in kept for row in outcome.rows]
    faces = [row for row in table if row["face"]]
    unknown = rejected - {(row["photo"], row["face"]) for row in faces}
    for photo, face in sorted(unknown):
        print(f"warning: rejected face {face} of {photo}: no such face", file=sys.stderr)
    for row in table:
        if not row["face"]:
            print(f"{row['photo']}: {row['reason']}", file=sys.stderr)
    read = sum(row["label"] is not None for row in faces)
    print(f"{len(kept)} photos, {read} faces read; {folder / 'faces.csv'} and faces.json")
    return 1 if any(outcome.failed for outcome in kept) else 0
