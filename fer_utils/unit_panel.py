"""A trained network reads drawn faces: `UnitReader`, a static strip, and a panel of sliders.

The panel draws the face that the sliders ask for and shows what the network makes of it. It needs a
running kernel (JupyterLab, Colab); the book shows the strip.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING

import numpy as np
from matplotlib.figure import Figure

from fer_utils.data import drawn_faces
from fer_utils.data.drawn_face_identity import Identity, Pose
from fer_utils.data.facs import described, unit_name
from fer_utils.labelling import interactive
from fer_utils.models.multitask import MultiTaskSpec
from fer_utils.plot_pictures import grid
from fer_utils.training.job import Fitted

if TYPE_CHECKING:
    import ipywidgets

STRIP = {
    "nothing": {},
    "12": {12: 1.0},
    "6 + 12 + 25": {6: 0.9, 12: 1.0, 25: 0.9},
    "1 + 2 + 5": {1: 1.0, 2: 1.0, 5: 0.9},
    "4 + 15 + 17": {4: 0.9, 15: 1.0, 17: 0.9},
    "12 + 4": {12: 1.0, 4: 1.0},
}
"""Faces to read: a few that emotions show, and combinations that none of them does."""


@dataclass(frozen=True)
class Reading:
    """What a network makes of one face: probabilities by name."""

    emotions: dict[str, float]
    units: dict[str, float]

    def emotion(self) -> str:
        """The likeliest emotion."""
        return max(self.emotions, key=self.emotions.get)

    def present(self) -> list[str]:
        """Numbers of the units with probability 1/2 and above, as text."""
        return [name.removeprefix("AU") for name, p in self.units.items() if p >= 0.5]


class UnitReader:
    """A trained network of two heads that reads grey pictures."""

    def __init__(self, spec: MultiTaskSpec, fitted: Fitted):
        from fer_utils.models import torch_net

        self.spec, self.scaling = spec, fitted.scaling
        self.net = torch_net.build(spec.net, seed=0).eval()
        torch_net.set_weights(self.net, fitted.weights)

    def __call__(self, images: np.ndarray) -> list[Reading]:
        """Readings of pictures uint8 (n, H, W) of the network's size."""
        import torch

        x = (np.asarray(images, np.float32) / 255 - self.scaling.mean) / self.scaling.std
        with torch.inference_mode():
            logits = self.net(torch.from_numpy(x.astype(np.float32))[:, None])
        emotions, units = self.spec.split(logits)
        rows = zip(emotions.softmax(1).tolist(), units.sigmoid().tolist(), strict=True)
        names = [unit_name(number) for number in self.spec.action_units]
        return [
            Reading(dict(zip(self.spec.emotions, e, strict=True)), dict(zip(names, u, strict=True)))
            for e, u in rows
        ]

    def draw_and_read(
        self,
        units: Sequence[Mapping[int, float]],
        identity: Identity | None = None,
        pose: Pose | None = None,
    ) -> tuple[np.ndarray, list[Reading]]:
        """Faces with these units of one person, uint8 (n, H, W), and their readings."""
        n, size = len(units), self.spec.net.input_shape[0]
        people, poses = [identity or Identity()] * n, [pose or Pose()] * n
        images = drawn_faces.draw_many(units, people, poses, size)
        return images, self(images)


def strip(
    reader: UnitReader,
    faces: Mapping[str, Mapping[int, float]] = STRIP,
    title: str = "",
    note: str = "",
) -> Figure:
    """Drawn faces in a row: above each what was drawn, then what the network reads."""
    images, readings = reader.draw_and_read(list(faces.values()))
    titles = [
        f"drawn: {name}\n{reading.emotion()} {max(reading.emotions.values()):.0%}\n"
        f"reads: {' '.join(reading.present()) or 'nothing'}"
        for name, reading in zip(faces, readings, strict=True)
    ]
    return grid(images, titles=titles, columns=len(faces), title=title, note=note)


def panel(reader: UnitReader, seed: int = 0) -> ipywidgets.HBox:
    """Sliders for the network's units and for who is drawn, and the network's live reading."""
    import cv2
    import ipywidgets as w

    names = {
        number: described(unit_name(number))
        for number in reader.spec.action_units
        if number in drawn_faces.ACTION_UNITS
    }
    # A "0" is at least as wide as letters are on average, so this many hold the longest name whole.
    style = {"description_width": f"{max(map(len, names.values()))}ch"}
    narrow = w.Layout(max_width="100%")  # in a narrow window the track gives way, not the name
    sliders = {
        number: w.FloatSlider(0, min=0, max=1, step=0.05, description=name, readout=False,
                              style=style, layout=narrow)
        for number, name in names.items()
    }  # fmt: skip
    who = w.IntSlider(seed, min=0, max=99, description="person", style=style, layout=narrow)
    picture, answer = w.Image(format="png", width=256, height=256), w.HTML()

    def update(_: object = None) -> None:
        units = {number: slider.value for number, slider in sliders.items()}
        identity = drawn_faces.sample_identity(np.random.default_rng(who.value))
        images, readings = reader.draw_and_read([units], identity)
        picture.value = cv2.imencode(".png", images[0])[1].tobytes()
        answer.value = _as_html(readings[0])

    for control in (*sliders.values(), who):
        control.observe(update, "value")
    update()
    columns = [w.VBox([who, *sliders.values()]), w.VBox([picture, answer])]
    return w.HBox(columns, layout=w.Layout(flex_flow="row wrap"))  # below each other on a phone


def play(reader: UnitReader, **titles: str) -> ipywidgets.HBox | Figure:
    """The sliders where a reader can move them, else the strip, with its title and note."""
    return panel(reader) if interactive() else strip(reader, **titles)


def _as_html(reading: Reading) -> str:
    """Bars as text: a row an emotion, then the units that are read."""
    bars = [
        f"{name:<9} {'█' * round(20 * p):<20} {p:>4.0%}" for name, p in reading.emotions.items()
    ]
    units = [f"{described(name)} {p:.0%}" for name, p in reading.units.items() if p >= 0.5]
    return f"<pre>{chr(10).join([*bars, '', *(units or ['no unit'])])}</pre>"
