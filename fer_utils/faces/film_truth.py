"""What was read in a drawn film against what was drawn: found or not, right or wrong, when."""

from __future__ import annotations

from collections.abc import Iterable, Sequence

import numpy as np
import pandas as pd

from fer_utils.faces.drawn_video import Film
from fer_utils.faces.video import ReadFrame

NEAR = 0.35  # of a drawn picture's side: how far a found face may be from the drawn one


def compare(film: Film, reads: Iterable[ReadFrame], classes: Sequence[str]) -> pd.DataFrame:
    """A row for each frame and actor.

    Columns: `frame`; `time` in seconds; `actor`, from 0; `truth`, None on the way between two
    expressions; `face`, its number or 0 where it was not found; `raw` and `smooth`, the labels,
    None where it was not found; `p_raw` and `p_smooth`, their probabilities of the truth (NaN
    without one).
    """
    rows = []
    for read in reads:
        for actor in range(len(film.actors)):
            truth = film.truth(actor, read.frame.time)
            found = _nearest(film, read, actor)
            row = {"frame": read.frame.index, "time": read.frame.time, "actor": actor}
            row |= {"truth": truth, "face": 0, "raw": None, "smooth": None}
            row |= {"p_raw": np.nan, "p_smooth": np.nan}
            if found is not None:
                row["face"] = read.faces[found].id
                for name, values in (("raw", read.raw[found]), ("smooth", read.smooth[found])):
                    row[name] = classes[int(np.argmax(values))]
                    if truth in classes:
                        row[f"p_{name}"] = float(values[list(classes).index(truth)])
            rows.append(row)
    return pd.DataFrame(rows)


def _nearest(film: Film, read: ReadFrame, actor: int) -> int | None:
    """Index of the read face nearest to the actor, None when none is near."""
    centres = np.array([face.box.centre for face in read.faces]).reshape(-1, 2)
    if not len(centres):
        return None
    away = np.linalg.norm(centres - film.place(actor, read.frame.time), axis=1)
    nearest = int(away.argmin())
    return nearest if away[nearest] < NEAR * film.face_size else None


def accuracy(table: pd.DataFrame, column: str = "smooth") -> tuple[int, int]:
    """(right, n) among the frames in which a whole expression is shown; not found is wrong."""
    held = table[table["truth"].notna()]
    return int((held[column] == held["truth"]).sum()), len(held)


def changes(table: pd.DataFrame, column: str = "smooth") -> int:
    """How often the label of a face changed from one frame to the next."""
    found = table[table["face"] > 0].sort_values("frame", kind="stable")
    labels = found.groupby("face")[column]
    return int(((found[column] != labels.shift()) & labels.shift().notna()).sum())


def trembling(reads: Iterable[ReadFrame]) -> float:
    """How far boxes are from moving evenly: the mean distance, in pixels, of a face's centre from
    the middle between those of its neighbours in time, 0 on a straight way at one speed.

    Raises ValueError where no face is in three frames.
    """
    ways: dict[int, list[tuple[float, float]]] = {}
    for read in reads:
        for face in read.faces:
            ways.setdefault(face.id, []).append(face.box.centre)
    bends = [np.diff(np.array(way), 2, axis=0) for way in ways.values() if len(way) > 2]
    if not bends:
        raise ValueError("no face is in three frames: nothing can tremble")
    return float(np.linalg.norm(np.concatenate(bends), axis=1).mean() / 2)


def scores(film: Film, table: pd.DataFrame) -> dict[str, float]:
    """A comparison in three figures: "right", a share of whole expressions; "changes of the label";
    "delay (seconds)", the mean of `delays`, NaN where none is known."""
    right, n = accuracy(table)
    waited = delays(film, table)
    return {
        "right": right / n,
        "changes of the label": float(changes(table)),
        "delay (seconds)": float(waited.mean()) if len(waited) else float("nan"),
    }


def delays(film: Film, table: pd.DataFrame, column: str = "smooth") -> np.ndarray:
    """Seconds from the end of each change of expression to the first frame read right, (n,).

    Counted from when the new expression is whole; 0 when it is read right at once. Expressions
    never read right while they last are left out.
    """
    step = film.hold + film.change
    held = table[table["truth"].notna()]
    found = []
    for (_, k), part in held.groupby([held["actor"], (held["time"] / step + 1e-9).astype(int)]):
        right = part[part[column] == part["truth"]]
        if k > 0 and len(right):
            found.append(right["time"].min() - part["time"].min())
    return np.array(found)
