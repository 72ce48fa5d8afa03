"""`python -m fer_utils video`: an annotated video, its slow version, its table and its timeline."""

from __future__ import annotations

import argparse
import sys
from pathlib import Path

from fer_utils.paths import check_free


def add(parser: argparse.ArgumentParser) -> None:
    """Options of the command."""
    parser.usage = (
        f"{parser.prog} IN --out OUT.mp4 [options]\n       {parser.prog} --camera 0 --out"
    )
    parser.usage += " OUT.mp4 [options]"
    parser.description = (
        "Find, follow and read the faces of a video. Beside OUT.mp4 (H.264, without sound) appear "
        "OUT.csv, a row for each frame and face, OUT.png, the probabilities over time, and with "
        "--slow OUT.slow.mp4. What the columns mean is said in fer_utils/faces/video_table.py."
    )
    parser.add_argument("video", nargs="?", type=Path, metavar="IN", help="any video file")
    parser.add_argument("--out", type=Path, required=True, metavar="OUT.mp4")
    parser.add_argument(
        *("--slow",),
        type=float,
        metavar="N",
        help="a version that shows each frame N times as long",
    )
    parser.add_argument(
        *("--detector",),
        choices=["haar", "mtcnn"],
        default="haar",
        help="haar is fast, mtcnn also finds turned and small faces (default: haar)",
    )
    parser.add_argument(
        *("--every",),
        type=float,
        default=0.2,
        metavar="SECONDS",
        help="between detections; faces are followed in between (default: 0.2; 0: every frame, as "
        "with --blur)",
    )
    parser.add_argument(
        "--model", type=Path, metavar="FILE", help="expression model (default: the package's own)"
    )
    parser.add_argument(
        *("--smoothing",),
        type=float,
        default=0.2,
        metavar="SECONDS",
        help="over which probabilities are averaged (default: 0.2)",
    )
    parser.add_argument(
        "--no-smoothing", action="store_true", help="show each frame's own probabilities"
    )
    parser.add_argument(
        *("--blur",),
        action="store_true",
        help="hide every face that is found, for sharing",
    )
    parser.add_argument(
        "--camera", type=int, metavar="K", help="film with webcam K (0 is the first) in place of IN"
    )
    parser.add_argument("--no-window", action="store_true", help="film without a live picture")
    parser.add_argument("--force", action="store_true", help="replace the files of an earlier run")
    parser.set_defaults(command=_video, wrong_call=parser.error)


def _video(options: argparse.Namespace) -> int:
    if (options.video is None) == (options.camera is None):
        options.wrong_call("name a video, or a webcam with --camera, not both")
    try:
        import av  # noqa: F401
    except ImportError as error:
        raise ImportError(
            "videos need PyAV: pip install -c constraints.txt -e '.[faces]'"
        ) from error
    return _film(options) if options.video is None else _read(options)


def _read(options: argparse.Namespace) -> int:
    from tqdm import tqdm

    from fer_utils.faces.video_read import VideoReader

    if options.video.resolve() in [path.resolve() for path in _outputs(options.out)]:
        raise ValueError(f"--out would replace the video itself, {options.video}: name another")
    check_free(_outputs(options.out), options.force)
    with VideoReader(options.video) as frames:
        bar = tqdm(total=frames.expected_frames, unit=" frames", disable=not sys.stderr.isatty())

        def step(_: object) -> bool:
            bar.update()
            return True

        with bar:
            _report(_annotate(frames, options, step))
        for problem in frames.problems:
            print(f"warning: {options.video}: {problem}", file=sys.stderr)
    return 0


def _film(options: argparse.Namespace) -> int:
    from contextlib import nullcontext

    from fer_utils.faces.camera import Camera, Window

    check_free(_outputs(options.out), options.force)
    window = nullcontext() if options.no_window else Window("Reading Faces: q ends it")
    with window as screen, Camera(options.camera) as frames:
        print("filming; q in the window or Ctrl-C ends it" if screen else "filming; Ctrl-C ends it")
        _report(_annotate(frames, options, screen.show if screen else None))
    return 0


def _outputs(out: Path) -> list[Path]:
    """The files that the command writes, or may write."""
    return [out, *(out.with_suffix(end) for end in (".csv", ".png", ".slow.mp4"))]


def _annotate(frames, options: argparse.Namespace, show):
    from fer_utils.faces import detect, video
    from fer_utils.faces.expression_model import ExpressionModel

    load = ExpressionModel.load
    outcome = video.annotate_video(
        frames,
        options.out,
        detect.get(options.detector),
        load(options.model) if options.model else ExpressionModel.default(),
        every=options.every,
        smoothing=0 if options.no_smoothing else options.smoothing,
        slow=options.slow,
        blur=options.blur,
        show=show,
    )
    made = (outcome.video, outcome.table, outcome.timeline, outcome.slow)
    for path in _outputs(options.out):  # with --force, of an earlier run
        if path not in made:
            path.unlink(missing_ok=True)
    return outcome


def _report(outcome) -> None:
    speed = outcome.frames / outcome.seconds
    faces = f"{outcome.faces} face{'' if outcome.faces == 1 else 's'}"
    print(
        f"{outcome.frames} frames in {outcome.seconds:.1f} s ({speed:.0f} a second), "
        f"{faces}, looked for in {outcome.detections} frames; {outcome.made_with}"
    )
    for path in (outcome.video, outcome.slow, outcome.table, outcome.timeline):
        if path is not None:
            print(f"wrote {path}")
    if not outcome.faces:
        print("no face was found, so there is no timeline", file=sys.stderr)
