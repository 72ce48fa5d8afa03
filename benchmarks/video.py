"""How many frames a second does `video` read with Haar, and does its memory grow with the length?

A film of drawn faces, 640x480, two of them, is annotated twice in one run on one machine: by
`faces.video`, and by the plain loop that tutorials show, which looks for faces in every whole frame
(OpenCV's defaults), reads them one by one and neither tracks nor smooths. Both decode, draw and
encode with the same code. Prints wall frames per second (best of the repeats, by turns), processor
time per frame, which a busy machine changes less, and the peak memory of annotating 10 frames and
1,000; asserts nothing.

    python benchmarks/video.py [--frames 200] [--repeats 3] [--model FILE] [--video FILE]
"""

from __future__ import annotations

import argparse
import platform
import subprocess
import sys
import tempfile
import time
from collections.abc import Callable, Iterable
from pathlib import Path

import av
import cv2
from frameworks import peak_mib

from fer_utils.data.dataset import CLASSES
from fer_utils.experiments.environment import hardware
from fer_utils.faces import annotate, crop, detect, haar_steps, video
from fer_utils.faces.drawn_video import drawn_film
from fer_utils.faces.expression_model import DEFAULT, ExpressionModel
from fer_utils.faces.face_box import FaceBox
from fer_utils.faces.video_read import VideoFrame, VideoReader
from fer_utils.faces.video_write import writing
from fer_utils.models import initial, zoo


def make_film(path: Path, frames: int) -> None:
    """A film of so many frames; a long one repeats itself."""
    film = drawn_film(width=640, height=480, face_size=214, hold=0.4, change=0.2)
    period = min(frames, len(film))
    pictures = [film.picture(k) for k in range(period)]
    with writing(path, film.rate) as writer:
        for k in range(frames):
            writer.add(pictures[k % period], k / film.rate)


def load(path: Path | None) -> ExpressionModel:
    """The model of a file, else the package's; without both the same network, untrained."""
    if path or DEFAULT.is_file():
        return ExpressionModel.load(path or DEFAULT)
    spec = zoo.get("compact_vgg")
    return ExpressionModel(spec, CLASSES, 0.5, 0.25, initial.initial_weights(spec, 0))


def ours(source: Path, out: Path, model: ExpressionModel) -> int:
    with VideoReader(source) as frames:
        return video.annotate_video(frames, out, detect.get("haar"), model).frames


def plain_loop(source: Path, out: Path, model: ExpressionModel) -> int:
    finder = cv2.CascadeClassifier(cv2.data.haarcascades + haar_steps.FILE)
    with VideoReader(source) as frames, writing(out, frames.rate) as writer:
        for frame in frames:
            grey = cv2.cvtColor(frame.rgb, cv2.COLOR_RGB2GRAY)
            found = finder.detectMultiScale(grey, 1.1, 5)
            boxes = [FaceBox(*map(float, one), 1.0) for one in found]
            read = [model.probabilities(crop.grey(frame.rgb, [box]))[0] for box in boxes]
            labels = [model.classes[one.argmax()] for one in read]
            shares = [float(one.max()) for one in read]
            writer.add(annotate.faces(frame.rgb, boxes, labels, shares), frame.time)
        return writer.frames


def timed(work: Callable[[], int]) -> tuple[float, float]:
    """(frames per second, milliseconds of processor time per frame)."""
    wall, processor = time.perf_counter(), time.process_time()
    frames = work()
    wall, processor = time.perf_counter() - wall, time.process_time() - processor
    return frames / wall, 1000 * processor / frames


def first(frames: Iterable[VideoFrame], n: int) -> Iterable[VideoFrame]:
    return (frame for frame, _ in zip(frames, range(n), strict=False))


def peak_memory(source: Path, frames: int, model: Path | None) -> float:
    """MiB that a process of its own needs at most to annotate the first frames."""
    command = [sys.executable, __file__, "--only", str(source), "--frames", str(frames)]
    command += ["--model", str(model)] if model else []
    return float(subprocess.run(command, capture_output=True, text=True, check=True).stdout)


def annotate_and_say_memory(source: Path, frames: int, model: ExpressionModel) -> None:
    with tempfile.TemporaryDirectory() as folder, VideoReader(source) as reader:
        out = Path(folder) / "out.mp4"
        video.annotate_video(first(reader, frames), out, detect.get("haar"), model)
    print(peak_mib())


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--frames", type=int, default=200)
    parser.add_argument("--repeats", type=int, default=3)
    parser.add_argument("--model", type=Path, help="expression model, in place of the package's")
    parser.add_argument("--video", type=Path, help="in place of the drawn film")
    parser.add_argument("--only", type=Path, help=argparse.SUPPRESS)  # of `peak_memory`
    args = parser.parse_args()
    model = load(args.model)
    if args.only:
        return annotate_and_say_memory(args.only, args.frames, model)
    print(
        f"{hardware()}, Python {platform.python_version()}, PyAV {av.__version__}, OpenCV "
        f"{cv2.__version__}; {args.video or f'{args.frames} frames 640x480, two drawn faces'}, "
        f"best of {args.repeats}",
        flush=True,
    )
    with tempfile.TemporaryDirectory() as name:
        folder = Path(name)
        source, out = args.video or folder / "film.mp4", folder / "out.mp4"
        if not args.video:
            make_film(source, args.frames)
        contestants = {"faces.video": ours, "plain loop": plain_loop}
        runs: dict[str, list] = {name: [] for name in contestants}
        for repeat in range(args.repeats + 1):
            for name, work in contestants.items():
                taken = timed(lambda work=work: work(source, out, model))
                if repeat:  # the first round loads what is loaded once
                    runs[name].append(taken)
        best = {name: (max(t[0] for t in of), min(t[1] for t in of)) for name, of in runs.items()}
        for name, (speed, processor) in best.items():
            print(f"{name:12} {speed:6.1f} frames/s, {processor:5.1f} ms of processor a frame")
        (fast, cheap), (slow, dear) = best.values()
        ratio = f"{fast / slow:.1f} times the speed, {cheap / dear:.0%} the work"
        print(f"ours over the loop: {ratio}", flush=True)
        make_film(folder / "long.mp4", 1000)
        small, large = (peak_memory(folder / "long.mp4", n, args.model) for n in (10, 1000))
        print(f"peak memory: {small:.0f} MiB at 10 frames, {large:.0f} MiB at 1,000")


if __name__ == "__main__":
    main()
