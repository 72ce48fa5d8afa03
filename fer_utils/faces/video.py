"""From a film to an annotated film: `read_faces` looks at each frame, `annotate_video` writes it.

    from fer_utils.faces import detect, video
    from fer_utils.faces.expression_model import ExpressionModel
    from fer_utils.faces.video_read import VideoReader

    with VideoReader("in.mp4") as frames:
        video.annotate_video(frames, "out.mp4", detect.get("haar"), ExpressionModel.default())

Beside out.mp4 appear `out.csv`, a row for each frame and face, and `out.png`, the probabilities
over time; with `slow` the slow-motion version `out.slow.mp4`. Frames go through one by one: memory
does not grow with the length.
"""

from __future__ import annotations

import time
from collections.abc import Callable, Iterable, Iterator
from contextlib import ExitStack
from dataclasses import dataclass, replace
from fractions import Fraction
from pathlib import Path

import numpy as np

from fer_utils import plots
from fer_utils.faces import annotate, crop, video_table
from fer_utils.faces.expression_model import ExpressionModel
from fer_utils.faces.face_box import Detector, FaceBox
from fer_utils.faces.smooth import Smoother
from fer_utils.faces.track import TrackedFace, Tracker
from fer_utils.faces.video_read import USUAL_RATE, VideoFrame
from fer_utils.faces.video_write import slow_down, writing
from fer_utils.paths import atomic_path

SMOOTHING = 0.2  # seconds


@dataclass(frozen=True)
class ReadFrame:
    """A frame and what is in it: n faces, K classes."""

    frame: VideoFrame
    faces: list[TrackedFace]  # n
    raw: np.ndarray  # float (n, K): probabilities of this frame alone
    smooth: np.ndarray  # float (n, K): their moving averages, what is shown
    seen: list[FaceBox]  # the faces' boxes, and those that were found once only: what is hidden


@dataclass(frozen=True)
class Outcome:
    """What came of a video."""

    video: Path
    table: Path
    timeline: Path | None  # None when no face was found
    slow: Path | None
    frames: int
    faces: int  # different ones
    detections: int  # frames in which faces were looked for
    seconds: float  # that its frames took, from the first to the last
    made_with: str  # library and encoder


def read_faces(
    frames: Iterable[VideoFrame],
    tracker: Tracker,
    model: ExpressionModel,
    smoothing: float = SMOOTHING,
) -> Iterator[ReadFrame]:
    """Every frame with its faces and their probabilities; `smoothing` in seconds, 0 for none.

    `model` may be anything that has `classes` and `probabilities` as an `ExpressionModel` does.
    """
    smoother = Smoother(smoothing)
    margin = crop.MARGINS.get(tracker.detector.name, 1.0)
    for frame in frames:
        faces = tracker.update(frame.rgb, frame.time)
        crops = crop.grey(frame.rgb, [face.box for face in faces], margin=margin)
        raw = model.probabilities(crops)
        smooth = smoother.update([face.id for face in faces], raw, frame.time)
        yield ReadFrame(frame, faces, raw, smooth, tracker.seen)


def smooth_anew(reads: Iterable[ReadFrame], seconds: float) -> Iterator[ReadFrame]:
    """The same readings with other moving averages, `seconds` long (0 for none); the faces are not
    read again."""
    smoother = Smoother(seconds)
    for read in reads:
        ids = [face.id for face in read.faces]
        yield replace(read, smooth=smoother.update(ids, read.raw, read.frame.time))


def annotate_video(
    frames: Iterable[VideoFrame],
    out: Path | str,
    detector: Detector,
    model: ExpressionModel,
    *,
    every: float = 0.2,
    smoothing: float = SMOOTHING,
    slow: float | None = None,
    blur: bool = False,
    show: Callable[[np.ndarray], bool] | None = None,
) -> Outcome:
    """Write the annotated video, its table, its timeline and perhaps its slow version.

    Each file is written whole or not at all; files of those names are replaced.

    Args:
        frames: a `VideoReader`, a camera, or any frames of one size.
        out: the MP4 to write; the other files get its name.
        detector: finds faces, every `every` seconds and when one is lost (see `Tracker`); with
            `blur` in every frame.
        model: reads them.
        smoothing: seconds of the moving average of the probabilities; 0 for none.
        slow: show each frame so many times as long in the slow version; None makes none.
        blur: hide every face that is found, also one that is found a single time.
        show: called with each annotated frame; when it returns False the video ends there.

    Raises:
        ValueError: no frames, `out` is no MP4, `slow` is not above 0.
    """
    out = Path(out)
    slow_path = out.with_suffix(".slow.mp4") if slow is not None else None
    if slow is not None and not slow > 0:
        raise ValueError(f"slow is {slow}: expected a factor above 0, such as 4")
    tracker = Tracker(detector, 0 if blur else every)
    rate = getattr(frames, "rate", Fraction(USUAL_RATE))
    ids: set[int] = set()
    started = time.perf_counter()
    with ExitStack() as stack:
        # the table first: it is kept when all is well with the video, which ends before it
        table = stack.enter_context(atomic_path(out.with_suffix(".csv")))
        rows = stack.enter_context(video_table.writing(table, model.classes))
        writer = stack.enter_context(writing(out, rate))
        for read in read_faces(frames, tracker, model, smoothing):
            rows.add(read)
            picture = drawn(read, model.classes, blur)
            writer.add(picture, read.frame.time)
            ids |= {face.id for face in read.faces}
            if show is not None and not show(picture):
                break
    seconds = time.perf_counter() - started
    if slow_path is not None:
        slow_down(out, slow_path, slow)
    return Outcome(
        video=out,
        table=out.with_suffix(".csv"),
        timeline=_timeline(out.with_suffix(".csv"), out.with_suffix(".png")) if ids else None,
        slow=slow_path,
        frames=writer.frames,
        faces=len(ids),
        detections=tracker.detections,
        seconds=seconds,
        made_with=writer.made_with,
    )


def drawn(read: ReadFrame, classes: tuple[str, ...], blur: bool = False) -> np.ndarray:
    """The frame, uint8 (H, W, 3), with boxes and labels of the smoothed probabilities."""
    boxes = [face.box for face in read.faces]
    picture = annotate.blurred(read.frame.rgb, read.seen) if blur else read.frame.rgb
    labels = [classes[k] for k in read.smooth.argmax(axis=1)]
    return annotate.faces(picture, boxes, labels, read.smooth.max(axis=1, initial=0))


def _timeline(table: Path, picture: Path) -> Path:
    lines = video_table.timelines(table)
    figure = plots.timelines(lines, title=video_table.finding(table), note=video_table.note(table))
    with atomic_path(picture) as temporary:
        figure.savefig(temporary, format="png")
    return picture
