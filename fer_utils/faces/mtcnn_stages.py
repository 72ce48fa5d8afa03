"""The three networks of MTCNN, P-Net, R-Net and O-Net, one after another over several photos.

Zhang et al., "Joint Face Detection and Alignment Using Multitask Cascaded Convolutional Networks"
(2016). Networks and weights are those of the `mtcnn` package; what ties them together is written
anew: pictures stay uint8 until a network reads them, P-Net reads large ones in bands, and no matrix
of all pairs of boxes is made, so memory is bounded; any smallest size may be asked for, and photos
of different sizes go through together. Boxes here are (left, top, right, bottom) in pixels.
"""

from __future__ import annotations

import os
from collections.abc import Sequence

import cv2
import numpy as np

from fer_utils.faces.candidates import Candidates, joined, squares

WINDOW, STRIDE = 12, 2  # of P-Net: the pixels it sees, and its step
SHRINK = 0.709  # from one level of the pyramid to the next: half the area
BAND_PIXELS = 1_000_000  # of a level that P-Net reads at once
PATCHES = 512  # that R-Net and O-Net read at once
P_SURE, R_SURE, O_SURE = 0.6, 0.6, 0.7  # scores from which candidates go on
GREY = (127, 127, 127)  # outside the photo: about zero once scaled for the networks
LOOKS = ((1.0, False), (1.0, True), (0.9, False), (0.9, True))  # size of the box, mirrored
NEEDS_MTCNN = (
    "MTCNN needs the packages `mtcnn` and TensorFlow, the extras `faces` and `tf`: "
    "pip install -c constraints.txt -e '.[faces,tf]'; the detector haar needs neither"
)
NEEDS_TENSORFLOW = (
    "MTCNN runs on TensorFlow, and Keras was loaded with the backend {}: set "
    "KERAS_BACKEND=tensorflow before Python starts, or use the detector haar"
)


def pyramid(height: int, width: int, smallest: float) -> list[float]:
    """Scales at which P-Net's window fits a face of `smallest` pixels, then larger and larger ones
    up to the shorter side of the photo."""
    found = [WINDOW / smallest]
    while min(height, width) * found[-1] >= WINDOW:
        found.append(found[-1] * SHRINK)
    return found[:-1]


class Stages:
    """The networks, loaded once.

    Raises ImportError where a package is missing, RuntimeError where Keras has another backend.
    """

    def __init__(self) -> None:
        os.environ.setdefault("TF_CPP_MIN_LOG_LEVEL", "2")
        try:
            import keras
            import tensorflow
            from mtcnn.stages import StageONet, StagePNet, StageRNet
        except ImportError as error:
            raise ImportError(NEEDS_MTCNN) from error
        if (backend := keras.backend.backend()) != "tensorflow":
            raise RuntimeError(NEEDS_TENSORFLOW.format(backend))
        self._device = tensorflow.device
        with self._device("CPU:0"):  # as the package does, also where there is a GPU
            self._pnet, self._rnet, self._onet = (
                tensorflow.function(
                    stage().model, input_signature=[tensorflow.TensorSpec((None, side, side, 3))]
                )  # compiled once for pictures of any number, P-Net's of any size
                for stage, side in ((StagePNet, None), (StageRNet, 24), (StageONet, 48))
            )

    def propose(self, photos: Sequence[np.ndarray], smallest: Sequence[float]) -> Candidates:
        """P-Net's candidates in photos uint8 (H, W, 3), from so many pixels each; many are wrong.

        Their boxes are squares.
        """
        found = []
        for number, (photo, least) in enumerate(zip(photos, smallest, strict=True)):
            for scale in pyramid(*photo.shape[:2], least):
                boxes, scores = self._level(photo, scale)
                level = Candidates(np.full(len(scores), number), boxes, scores)
                found.append(level.suppressed(0.5))
        return joined(found).suppressed(0.7).squared()

    def _level(self, photo: np.ndarray, scale: float) -> tuple[np.ndarray, np.ndarray]:
        """Boxes and scores at one scale, read in bands that overlap by what the window needs."""
        height, width = (max(WINDOW, round(side * scale)) for side in photo.shape[:2])
        method = cv2.INTER_AREA if scale < 1 else cv2.INTER_LINEAR
        level = cv2.resize(photo, (width, height), interpolation=method)
        rows = max(WINDOW, BAND_PIXELS // width // STRIDE * STRIDE)
        boxes, scores = [], []
        for top in range(0, height - WINDOW + 1, rows):
            band = level[top : top + rows + WINDOW - STRIDE]
            offsets, sure = (part[0] for part in self._run(self._pnet, band[None]))
            y, x = np.nonzero(sure[..., 1] > P_SURE)
            corner = np.stack([x * STRIDE, y * STRIDE + top], axis=1)
            boxes.append(np.hstack([corner, corner + WINDOW]) + offsets[y, x] * WINDOW)
            scores.append(sure[y, x, 1])
        enlarge = np.array([photo.shape[1] / width, photo.shape[0] / height] * 2)
        return np.concatenate(boxes) * enlarge, np.concatenate(scores)

    def refine(self, photos: Sequence[np.ndarray], found: Candidates) -> Candidates:
        """R-Net's choice of P-Net's candidates, their boxes moved and made square again."""
        offsets, sure = self._read(self._rnet, photos, found.photo, found.boxes, 24)
        moved = Candidates(found.photo, _moved(found.boxes, offsets), sure[:, 1])
        return moved.take(moved.scores > R_SURE).suppressed(0.7).squared()

    def finish(self, photos: Sequence[np.ndarray], found: Candidates) -> Candidates:
        """O-Net's choice of R-Net's candidates, with landmarks."""
        offsets, points, sure = self._read(self._onet, photos, found.photo, found.boxes, 48)
        corner, size = found.boxes[:, None, :2], found.boxes[:, None, 2:] - found.boxes[:, None, :2]
        landmarks = corner + size * np.stack([points[:, :5], points[:, 5:]], axis=2)
        moved = Candidates(found.photo, _moved(found.boxes, offsets), sure[:, 1], landmarks)
        return moved.take(moved.scores > O_SURE).suppressed(0.7)

    def look_again(self, photos: Sequence[np.ndarray], found: Candidates) -> Candidates:
        """The same candidates, boxes and scores averaged over what O-Net says of the final box, of
        a tighter one, and of both mirrored.

        A face stays one however it is cut and in the mirror; a boot print or a badge seldom does.
        """
        boxes, scores = [], []
        for size, mirrored in LOOKS:
            cut = squares(found.boxes, size)
            offsets, _, sure = self._read(self._onet, photos, found.photo, cut, 48, mirrored)
            if mirrored:
                offsets = offsets[:, [2, 1, 0, 3]] * (-1, 1, -1, 1)
            boxes.append(_moved(cut, offsets))
            scores.append(sure[:, 1])
        means = np.mean(boxes, axis=0), np.mean(scores, axis=0)
        return Candidates(found.photo, *means, found.landmarks)

    def _read(self, network, photos, owners, boxes, side: int, mirrored: bool = False) -> list:
        """What a network says of the boxes, cut out at `side` pixels."""
        outputs = []
        for start in range(0, max(1, len(boxes)), PATCHES):
            part = slice(start, start + PATCHES)
            patches = np.empty((len(boxes[part]), side, side, 3), np.uint8)
            for patch, owner, box in zip(patches, owners[part], boxes[part], strict=True):
                patch[:] = _cut(photos[owner], box, side)
            outputs.append(self._run(network, patches[:, :, ::-1] if mirrored else patches))
        return [np.concatenate(one) for one in zip(*outputs, strict=True)]

    def _run(self, network, pictures: np.ndarray) -> list[np.ndarray]:
        """A network's outputs, float64 (N, ...), for pictures uint8 (N, H, W, 3); N may be 0."""
        some = pictures if len(pictures) else np.zeros((1, *pictures.shape[1:]), np.uint8)
        scaled = (some.astype(np.float32) - 127.5) / 128
        with self._device("CPU:0"):
            return [np.asarray(part, np.float64)[: len(pictures)] for part in network(scaled)]


def _cut(photo: np.ndarray, box: np.ndarray, side: int) -> np.ndarray:
    """The box at `side` x `side` pixels, bilinear; grey where it leaves the photo."""
    across, down = (box[2:] - box[:2]) / side
    there = [[across, 0, box[0] + across / 2 - 0.5], [0, down, box[1] + down / 2 - 0.5]]
    return cv2.warpAffine(
        photo,
        np.array(there),
        (side, side),
        flags=cv2.INTER_LINEAR | cv2.WARP_INVERSE_MAP,
        borderMode=cv2.BORDER_CONSTANT,
        borderValue=GREY,
    )


def _moved(boxes: np.ndarray, offsets: np.ndarray) -> np.ndarray:
    """Boxes with each side moved by a share of their width or height."""
    size = boxes[:, 2:] - boxes[:, :2]
    return boxes + offsets * np.hstack([size, size])
