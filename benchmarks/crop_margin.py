"""How much of a detector's box does FER2013 show? The margins of `faces.crop.MARGINS`.

    python benchmarks/crop_margin.py [--pictures 300] [--detectors haar mtcnn] [--data-dir DIR]

Each detector looks at training pictures enlarged four times, edges drawn out on all sides; the
ratio is the side of the picture over the longer side of the surest box. Prints its median and
quartiles, and how many pictures showed a face; writes nothing.
"""

from __future__ import annotations

import argparse

import cv2
import numpy as np

from fer_utils.data import fer2013
from fer_utils.faces import crop, detect
from fer_utils.faces.face_box import Detector

ENLARGED = 4
ROOM = 48  # pixels around the enlarged picture


def ratio(detector: Detector, picture: np.ndarray) -> float | None:
    """Side of the picture, uint8 (H, H), over that of the box found in it; None without a box."""
    large = cv2.resize(picture, None, fx=ENLARGED, fy=ENLARGED, interpolation=cv2.INTER_CUBIC)
    large = cv2.copyMakeBorder(large, ROOM, ROOM, ROOM, ROOM, cv2.BORDER_REPLICATE)
    found = detector.detect(np.repeat(large[..., None], 3, axis=2))
    return ENLARGED * len(picture) / max(found[0].w, found[0].h) if found else None


def main() -> None:
    """Measure and print."""
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--pictures", type=int, default=300)
    parser.add_argument("--detectors", nargs="+", default=list(detect.DETECTORS))
    parser.add_argument("--data-dir", default=None, help="folder of FER2013 or fer2013.csv")
    options = parser.parse_args()
    training = fer2013.load(options.data_dir).part("train")
    chosen = np.random.default_rng(0).choice(len(training), options.pictures, replace=False)
    for name in options.detectors:
        detector = detect.get(name)
        found = [ratio(detector, training.images[i]) for i in chosen]
        low, middle, high = np.percentile([one for one in found if one], [25, 50, 75])
        print(
            f"{name}: median {middle:.3f}, quartiles {low:.3f} and {high:.3f}, a face in "
            f"{sum(map(bool, found))} of {len(found)}; MARGINS says {crop.MARGINS[name]}"
        )


if __name__ == "__main__":
    main()
