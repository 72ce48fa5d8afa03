"""A labelling game: the reader names the emotion of some faces and gets a confusion matrix.

The faces are drawn evenly over the classes (n divided by K each, the remainder to classes drawn at
random, fewer where a class has fewer), so that rare emotions come up too; the accuracy is
therefore not the one on the data set's own mix of classes. The game's logic knows no widgets;
`widget` puts buttons on it, in JupyterLab and in Colab.

    from fer_utils import labelling
    labelling.play(labelling.LabellingGame(dataset.part("public_test"), n=20, seed=1))

`play` shows the buttons where there is somebody to press them (`interactive`), else a sheet.
"""

from __future__ import annotations

import html
import io
import os
import sys
from collections.abc import Container, Mapping
from typing import TYPE_CHECKING

import cv2
import numpy as np

from fer_utils import plots
from fer_utils.data.dataset import FaceDataset
from fer_utils.metrics.classification import confusion_matrix, with_interval

if TYPE_CHECKING:
    import ipywidgets
    from matplotlib.figure import Figure

SHOWN = 240  # pixels of the enlarged face, on the screen


class LabellingGame:
    """`n` faces of a data set to be named one after another; the same ones for the same seed.

    faces: FaceDataset of the n faces in the order shown; answers: list of class numbers so far.
    """

    def __init__(self, dataset: FaceDataset, n: int = 20, seed: int = 0) -> None:
        if not 1 <= n <= len(dataset):
            raise ValueError(f"expected 1 to {len(dataset)} faces, as many as there are, got {n}")
        chosen = choose_evenly(dataset.labels, n, np.random.default_rng(seed))
        self.faces = dataset.take(chosen)
        self.answers: list[int] = []

    @property
    def classes(self) -> tuple[str, ...]:
        return self.faces.classes

    @property
    def current(self) -> np.ndarray:
        """The face to be named now, uint8 (H, W). ValueError when all are named."""
        if self.finished:
            raise ValueError("the game is finished: there is no face left to name")
        return self.faces.images[len(self.answers)]

    @property
    def progress(self) -> tuple[int, int]:
        """(faces named, faces in all)."""
        return len(self.answers), len(self.faces)

    @property
    def finished(self) -> bool:
        return len(self.answers) == len(self.faces)

    def answer(self, label: str | int) -> None:
        """Name the current face, by class name or number; the next one becomes current."""
        if self.finished:
            raise ValueError("the game is finished: undo() takes the last answer back")
        if isinstance(label, str):
            if label not in self.classes:
                raise ValueError(f"unknown class {label!r}; this game has {self.classes}")
            label = self.classes.index(label)
        if not 0 <= label < len(self.classes):
            raise ValueError(f"expected a class from 0 to {len(self.classes) - 1}, got {label}")
        self.answers.append(int(label))

    def undo(self) -> None:
        """Take the last answer back; nothing happens before the first."""
        if self.answers:
            self.answers.pop()

    def confusion(self) -> np.ndarray:
        """int64 (K, K) over the faces named so far: data set's label (row) by answer (column)."""
        labels, answers = self._named()
        return confusion_matrix(labels, answers, len(self.classes))

    def accuracy_with_interval(self) -> tuple[float, float, float]:
        """(share that agrees with the data set's labels, its 95% Wilson interval low, high)."""
        labels, answers = self._named()
        return with_interval(float((labels == answers).mean()), len(answers))

    def _named(self) -> tuple[np.ndarray, np.ndarray]:
        """Labels and answers of the faces named so far, int64 (n,). ValueError before the first."""
        if not self.answers:
            raise ValueError("no face is named yet")
        return self.faces.labels[: len(self.answers)], np.array(self.answers)


def choose_evenly(labels: np.ndarray, n: int, rng: np.random.Generator) -> np.ndarray:
    """`n` positions in random order, spread over the classes as evenly as their sizes allow."""
    labels = np.asarray(labels)
    shuffled = rng.permutation(len(labels))
    turn = np.empty(len(labels))  # 0 for the first of its class in the shuffled order, 1 ...
    for label in np.unique(labels):
        mine = shuffled[labels[shuffled] == label]
        turn[mine] = np.arange(len(mine))
    order = rng.permutation(labels.max() + 1)  # in which classes take their turns
    return rng.permutation(np.lexsort((order[labels], turn))[:n])


def result_figures(game: LabellingGame) -> list[Figure]:
    """What to show at the end: the confusion matrix and, if any, the faces named otherwise."""
    share, low, high = game.accuracy_with_interval()
    labels, answers = game._named()
    agreed = int((labels == answers).sum())
    figures = [
        plots.confusion(
            game.confusion(),
            game.classes,
            title=f"You agreed with the label on {agreed} of {len(answers)} faces, {share:.0%}",
            note=f"95% interval {low:.0%} to {high:.0%}: {len(answers)} faces say little.",
            predicted="your label",
        )
    ]
    if agreed < len(answers):
        images = game.faces.images[: len(answers)]
        figures.append(
            plots.mistakes(
                images,
                labels,
                answers,
                game.classes,
                n=24,
                title="Where you and the label disagree",
                note="The data set's label above, yours after the arrow.",
            )
        )
    return figures


def as_png(picture: np.ndarray | Figure, size: int = SHOWN) -> bytes:
    """A figure, or a face (H, W) enlarged to `size` pixels a side, as the bytes of a PNG file."""
    if isinstance(picture, np.ndarray):
        large = cv2.resize(picture, (size, size), interpolation=cv2.INTER_CUBIC)
        return cv2.imencode(".png", large)[1].tobytes()
    file = io.BytesIO()
    picture.savefig(file, format="png", dpi=100, bbox_inches="tight")
    return file.getvalue()


def widget(game: LabellingGame) -> ipywidgets.VBox:
    """Buttons for the game: the face, one button an emotion, undo, and the result at the end."""
    import ipywidgets as w

    status = w.HTML()
    face = w.Image(format="png", width=SHOWN, height=SHOWN)
    buttons = [w.Button(description=name, layout=w.Layout(width="90px")) for name in game.classes]
    undo = w.Button(description="undo", layout=w.Layout(width="90px"), tooltip="the last answer")
    results = w.VBox([])

    def refresh() -> None:
        done, total = game.progress
        for button in buttons:
            button.disabled = game.finished
        undo.disabled = done == 0
        if game.finished:
            status.value = f"All {total} faces named. <b>undo</b> takes the last answer back."
            results.children = [
                w.Image(value=as_png(figure), format="png") for figure in result_figures(game)
            ]
            face.layout.display = "none"
        else:
            status.value = f"Face {done + 1} of {total}: what does it show?"
            face.value = as_png(game.current)
            face.layout.display = ""
            results.children = []

    def on_answer(button: ipywidgets.Button) -> None:
        if not game.finished:  # a second click may arrive before the button is greyed
            try:
                game.answer(button.description)
            except OSError as error:  # of a game that writes answers down
                status.value = f"Not kept, press it again: {html.escape(str(error))}"
                return
            refresh()

    def on_undo(_: ipywidgets.Button) -> None:
        game.undo()
        refresh()

    for button in buttons:
        button.on_click(on_answer)
    undo.on_click(on_undo)
    refresh()
    row = w.HBox([*buttons, undo], layout=w.Layout(flex_flow="row wrap"))
    return w.VBox([status, face, row, results])


def interactive(
    environment: Mapping[str, str] | None = None, modules: Container[str] | None = None
) -> bool:
    """Whether a reader sits before this kernel and can press a widget's buttons.

    True in JupyterLab and Jupyter Notebook (whose server names the session in JPY_SESSION_NAME),
    in Colab, in VS Code and in Kaggle's editor; False elsewhere: papermill, jupyter-book, tests.
    None means this process's own environment and modules.
    """
    environment = os.environ if environment is None else environment
    modules = sys.modules if modules is None else modules
    return (
        "google.colab" in modules
        or "JPY_SESSION_NAME" in environment
        or "VSCODE_PID" in environment
        or environment.get("KAGGLE_KERNEL_RUN_TYPE") == "Interactive"
    )


def sheet(game: LabellingGame) -> Figure:
    """All faces of the game on one page, numbered in their order, without their labels."""
    n = len(game.faces)
    return plots.grid(
        game.faces.images,
        [str(i + 1) for i in range(n)],
        columns=min(n, 7),
        title=f"What do these {n} faces show? Write your answers down",
        note=f"{n} pictures, spread evenly over: " + ", ".join(game.classes),
    )


def play(game: LabellingGame) -> ipywidgets.VBox | Figure:
    """The game's buttons where a reader can press them, else its sheet."""
    return widget(game) if interactive() else sheet(game)


def key(game: LabellingGame) -> str:
    """The data set's labels of the faces in their order: what to compare a sheet with."""
    return ", ".join(f"{i + 1} {game.classes[k]}" for i, k in enumerate(game.faces.labels))
