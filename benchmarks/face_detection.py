"""How many faces are found, how fast and in how much memory, against plain `mtcnn`, in one run?

    python benchmarks/face_detection.py [--photos DIR] [--rounds 1] [--methods ours plain haar]

DIR holds photos and `boxes.json`, the faces in each as [x, y, width, height] (default:
FER_PHOTOS_DIR). Ours is `faces.detect.get("mtcnn")`; plain is `MTCNN().detect_faces` of the `mtcnn`
package with its defaults; Haar is timed and its finds on faceless photos counted, no more where
boxes were proposed by Haar. Each method has a process of its own, and they take every photo in
turn, so that what else the machine does slows all alike; seconds are the median of the rounds,
memory the largest resident set, libraries included. Prints a table and ratios and writes
`results/benchmarks/face_detection.json`.
"""

from __future__ import annotations

import argparse
import json
import os
import statistics
import subprocess
import sys
import time
from collections.abc import Callable
from datetime import UTC, datetime
from importlib.metadata import version
from pathlib import Path

import numpy as np
from frameworks import peak_mib

from fer_utils.experiments.environment import hardware
from fer_utils.faces import detect, pictures
from fer_utils.faces.face_box import FaceBox
from fer_utils.faces.matching import LEAST_OVERLAP, matches
from fer_utils.paths import atomic_write, photos_dir, results_dir

METHODS = ("ours", "plain", "haar")


def finder(method: str) -> Callable[[np.ndarray], list[list[float]]]:
    """What finds the boxes [x, y, width, height] in a picture."""
    if method == "plain":
        from mtcnn import MTCNN

        plain = MTCNN()
        return lambda rgb: [[float(v) for v in face["box"]] for face in plain.detect_faces(rgb)]
    detector = detect.get({"ours": "mtcnn"}.get(method, method))
    return lambda rgb: [[face.x, face.y, face.w, face.h] for face in detector.detect(rgb)]


def work(method: str) -> None:
    """Answer each path on standard input with a line of JSON: boxes, seconds, peak memory."""
    find = finder(method)
    for line in sys.stdin:
        rgb = pictures.read(line.rstrip("\n")).rgb
        start, cpu = time.perf_counter(), time.process_time()
        boxes = find(rgb)
        seconds, cpu = time.perf_counter() - start, time.process_time() - cpu
        answer = {"boxes": boxes, "seconds": seconds, "cpu_seconds": cpu, "peak_mib": peak_mib()}
        print(json.dumps(answer | {"size": [rgb.shape[1], rgb.shape[0]]}), flush=True)


class Worker:
    """A method in a process of its own; warmed up on one photo."""

    def __init__(self, method: str, first: Path) -> None:
        self._process = subprocess.Popen(
            [sys.executable, __file__, "--worker", method],
            stdin=subprocess.PIPE,
            stdout=subprocess.PIPE,
            stderr=subprocess.DEVNULL,
            text=True,
            env=os.environ | {"TF_CPP_MIN_LOG_LEVEL": "3"},
        )
        self.method = method
        self.ask(first)

    def ask(self, photo: Path) -> dict:
        self._process.stdin.write(f"{photo}\n")
        self._process.stdin.flush()
        while line := self._process.stdout.readline():
            if line.startswith('{"boxes"'):  # libraries may print as well
                return json.loads(line)
        raise SystemExit(f"{self.method} ended at {photo.name}: run with --worker {self.method}")

    def close(self) -> None:
        self._process.stdin.close()
        self._process.wait()


def measure(photo: Path, known: list, workers: list[Worker], rounds: int) -> dict:
    """One photo's row: known faces, and for each method those found, false ones and seconds."""
    row: dict = {"photo": photo.name, "known": len(known)}
    answers = [[worker.ask(photo) for worker in workers] for _ in range(rounds)]
    for k, worker in enumerate(workers):
        own = [answer[k] for answer in answers]
        boxes = [FaceBox(*box, 1) for box in own[-1]["boxes"] if min(box[2:]) > 0]
        found = len(matches([FaceBox(*box, 1) for box in known], boxes))
        row["size"] = own[-1]["size"]
        row[worker.method] = {
            "found": found,
            "false": len(boxes) - found,
            "seconds": round(statistics.median(one["seconds"] for one in own), 3),
            "cpu_seconds": round(statistics.median(one["cpu_seconds"] for one in own), 3),
            "peak_mib": round(own[-1]["peak_mib"], 1),
        }
        if worker.method == "haar" and known:  # the boxes began as its own proposals
            row["haar"] |= {"found": None, "false": None}
    return row


def summary(rows: list[dict], methods: list[str]) -> dict:
    """Each method over all photos, and over those with faces that plain finds without a turn."""
    upright = [row for row in rows if row["known"] and "rot90" not in row["photo"]
               and "rot180" not in row["photo"]]  # fmt: skip
    found = {}
    for method in methods:
        own = [row[method] for row in rows]
        total = {
            name: None
            if method == "haar" and name == "found"
            else sum(one[name] or 0 for one in own)
            for name in ("found", "false", "seconds", "cpu_seconds")
        }
        total["photos_per_second"] = len(rows) / total["seconds"]
        total["upright_seconds"] = sum(row[method]["seconds"] for row in upright)
        total["upright_cpu_seconds"] = sum(row[method]["cpu_seconds"] for row in upright)
        total["peak_mib"] = own[-1]["peak_mib"]
        found[method] = {k: v if v is None else round(v, 3) for k, v in total.items()}
    return found


def ratios(total: dict) -> dict:
    """Ours over plain: speed, time on upright photos, memory."""
    ours, plain = total["ours"], total["plain"]
    pairs = {
        "photos_per_second": (ours["photos_per_second"], plain["photos_per_second"]),
        "upright_seconds": (ours["upright_seconds"], plain["upright_seconds"]),
        "upright_cpu_seconds": (ours["upright_cpu_seconds"], plain["upright_cpu_seconds"]),
        "peak_mib": (ours["peak_mib"], plain["peak_mib"]),
    }
    return {name: round(a / b, 3) for name, (a, b) in pairs.items()}


def table(rows: list[dict], total: dict, methods: list[str]) -> str:
    """A line a photo: known faces, then found, false and seconds of each method."""
    head = "".join(f"{m:>8} found false  seconds" for m in methods)
    lines = [f"{'photo':<32}{'known':>6}{head}"]
    for row in [*rows, {"photo": "all", "known": sum(r["known"] for r in rows)} | total]:
        cells = ""
        for method in methods:
            one = row[method]
            shown = ["-" if one[name] is None else one[name] for name in ("found", "false")]
            cells += f"{'':>8} {shown[0]:>5} {shown[1]:>5} {one['seconds']:>8.2f}"
        lines.append(f"{row['photo']:<32}{row['known']:>6}{cells}")
    return "\n".join(lines)


def main() -> None:
    """Measure, print and keep."""
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--photos", type=Path, default=photos_dir())
    parser.add_argument("--rounds", type=int, default=1)
    parser.add_argument("--methods", nargs="+", choices=METHODS, default=list(METHODS))
    default = results_dir() / "benchmarks" / "face_detection.json"
    parser.add_argument("--out", type=Path, default=default, help="(default: %(default)s)")
    parser.add_argument("--worker", choices=METHODS, help=argparse.SUPPRESS)
    options = parser.parse_args()
    if options.worker:
        return work(options.worker)
    if options.photos is None or not (options.photos / "boxes.json").is_file():
        raise SystemExit("no photos with boxes.json: name their folder by --photos")
    known = json.loads((options.photos / "boxes.json").read_text())
    workers = [Worker(m, options.photos / next(iter(known))) for m in options.methods]
    rows = []
    for name, boxes in known.items():
        rows.append(measure(options.photos / name, boxes, workers, options.rounds))
        print(f"{len(rows)}/{len(known)} {name}", file=sys.stderr)
    for worker in workers:
        worker.close()
    total = summary(rows, options.methods)
    measured = {
        "date": datetime.now(UTC).date().isoformat(),
        "hardware": hardware(),
        "versions": {n: version(n) for n in ("mtcnn", "opencv-python-headless", "numpy", "keras")},
        "threads": os.environ.get("OMP_NUM_THREADS", "all cores"),
        "rounds": options.rounds,
        "least_overlap": LEAST_OVERLAP,
        "known": sum(len(boxes) for boxes in known.values()),
        "total": total,
        "ratios": ratios(total) if {"ours", "plain"} <= set(total) else {},
        "rows": rows,
    }
    atomic_write(options.out, (json.dumps(measured, indent=1) + "\n").encode())
    print(table(rows, total, options.methods))
    for name, ratio in measured["ratios"].items():
        print(f"ours / plain, {name}: {ratio}")
    peaks = ", ".join(f"{m} {total[m]['peak_mib']:.0f}" for m in options.methods)
    print(f"peak MiB: {peaks}")
    print(f"{measured['hardware']}; kept in {options.out}")


if __name__ == "__main__":
    main()
