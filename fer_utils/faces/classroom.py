"""A teacher's own class photos: which photo shows whom with which emotion.

Two forms, together or alone in one folder:

- portraits `<person>/<emotion>.jpg`, a folder a person; `<emotion>_2.jpg` and so on are further
  ones of the same emotion. The largest face of such a photo is meant;
- group photos with a file `labels.csv` beside them, a row a face (`label_file` says how).
"""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path

from fer_utils.faces.detection_score import score
from fer_utils.faces.face_box import FaceBox
from fer_utils.faces.label_file import LabelledFace, emotion_of, read_labels
from fer_utils.faces.pictures import SUFFIXES

LABELS = "labels.csv"
NO_PICTURES = (".csv", ".txt", ".md", ".db", ".ini")  # notes, and what systems leave behind


def read_class_photos(folder: Path | str) -> list[LabelledFace]:
    """All labelled faces of a folder, portraits by person and emotion, then the rows of labels.csv.

    Raises FileNotFoundError where the folder is not, ValueError naming every file and row that
    can't be used, with the cure: no picture is left out silently.
    """
    folder = Path(folder)
    if not folder.is_dir():
        raise FileNotFoundError(f"no folder {folder}; name the folder with the class photos")
    faces, problems = _portraits(folder)
    if (folder / LABELS).is_file():
        more, wrong = read_labels(folder / LABELS)
        faces, problems = faces + more, problems + wrong
    grouped = {face.photo for face in faces if face.box is not None}
    lost = [] if problems else [path for path in _files(folder) if path not in grouped]
    problems += [
        f"{path.name}: a group photo without a labelled row in {LABELS}; add its faces there, or "
        f"move it to <person>/<emotion>{path.suffix}"
        for path in lost
    ]
    if problems:
        raise ValueError(f"{folder}:\n" + "\n".join(problems))
    if not faces:
        raise ValueError(
            f"{folder} holds no class photo: expected <person>/<emotion>.jpg, or group photos "
            f"with a {LABELS}"
        )
    return faces


def which_face(
    labelled: Sequence[LabelledFace], boxes: Sequence[FaceBox], rejected: Sequence[bool] = ()
) -> list[int | None]:
    """For each labelled face of one photo the number of its found box, None where there is none.

    `rejected` says of each box whether it is no face; empty: all are faces.
    """
    kept = [i for i in range(len(boxes)) if not (rejected and rejected[i])]
    largest = max(kept, key=lambda i: boxes[i].area, default=None)
    with_box = [i for i, face in enumerate(labelled) if face.box is not None]
    pairs = score([labelled[i].box for i in with_box], [boxes[i] for i in kept]).of_true
    found = dict(zip(with_box, pairs.tolist(), strict=True))
    return [
        largest if face.box is None else kept[found[i]] if found[i] >= 0 else None
        for i, face in enumerate(labelled)
    ]


def _portraits(folder: Path) -> tuple[list[LabelledFace], list[str]]:
    faces, problems = [], []
    for person in sorted(path for path in folder.iterdir() if path.is_dir()):
        if person.name.startswith("."):
            continue
        for path in _files(person):
            try:
                _check_picture(path)
                emotion = emotion_of(path.stem.split("_")[0])
            except ValueError as error:
                problems.append(f"{person.name}/{path.name}: {error}")
            else:
                faces.append(LabelledFace(path, person.name, emotion))
    return faces, problems


def _files(folder: Path) -> list[Path]:
    """Files of a folder that may be photos, sorted: all but hidden ones, notes and tables."""
    return sorted(
        path
        for path in folder.iterdir()
        if path.is_file() and path.name[0] != "." and path.suffix.lower() not in NO_PICTURES
    )


def _check_picture(path: Path) -> None:
    if path.suffix.lower() not in SUFFIXES:
        raise ValueError(
            f"{path.suffix or 'no suffix'} is none of {' '.join(SUFFIXES)}; save as JPEG"
        )
