"""How well do people name the same faces? The labelling game, with answers kept in a CSV file.

Every rater names the same faces in the same order. Each answer is appended to the file as it is
given (`human_answers` says how), so nothing is lost when the browser is closed; whoever comes back
under the same name goes on where they were. Several raters may share the file, also at once.

    from fer_utils import human_benchmark
    human_benchmark.play(dataset.part("private_test"), "answers.csv", n=35, seed=1)

What the answers say is worked out in `metrics.raters`.
"""

from __future__ import annotations

import html
import time
from collections.abc import Callable
from pathlib import Path
from typing import TYPE_CHECKING

import numpy as np

from fer_utils import labelling
from fer_utils.data.dataset import FaceDataset
from fer_utils.human_answers import answers_of, append_row, benchmark_of, read_answers, start_file

if TYPE_CHECKING:
    import ipywidgets
    from matplotlib.figure import Figure


class RatedGame(labelling.LabellingGame):
    """A labelling game of one rater whose answers go to `file`, and go on from what is in it."""

    def __init__(
        self,
        dataset: FaceDataset,
        rater: str,
        file: Path | str,
        n: int = 35,
        seed: int = 0,
        clock: Callable[[], float] = time.perf_counter,
    ) -> None:
        """`clock` gives seconds. Raises ValueError for an empty name or a damaged file, OSError
        for a file that can't be written."""
        super().__init__(dataset, n, seed)
        self.rater, self.file, self._clock = " ".join(rater.split()), Path(file), clock
        if not self.rater:
            raise ValueError("a rater needs a name, best a pseudonym: it tells the answers apart")
        start_file(self.file)
        given = answers_of(read_answers(self.file), self.faces).get(self.rater, np.zeros(0, int))
        missing = np.flatnonzero(given < 0)
        self.answers = given[: missing[0] if len(missing) else None].tolist()
        self._shown = clock()

    def answer(self, label: str | int) -> None:
        """As in the game, and one row more in the file; raises OSError where it can't be written,
        and then the face counts as not answered."""
        super().answer(label)
        number, named = len(self.answers), self.classes[self.answers[-1]]
        truth = self.classes[self.faces.labels[number - 1]]
        seconds = f"{self._clock() - self._shown:.2f}"
        try:
            which = benchmark_of(self.faces)
            append_row(self.file, (which, self.rater, number, truth, named, seconds))
        except OSError:
            super().undo()
            raise
        self._shown = self._clock()

    def undo(self) -> None:
        """Go back to the last face; its row stays in the file until it is answered anew."""
        super().undo()
        self._shown = self._clock()


def play(
    dataset: FaceDataset, file: Path | str, n: int = 35, seed: int = 0
) -> ipywidgets.VBox | Figure:
    """A field for a name and the buttons where a reader can press them; else a sheet."""
    if labelling.interactive():
        return widget(dataset, file, n, seed)
    return labelling.sheet(labelling.LabellingGame(dataset, n, seed))


def widget(dataset: FaceDataset, file: Path | str, n: int = 35, seed: int = 0) -> ipywidgets.VBox:
    """A field for the rater's name, a start button, then the game; what fails is said below."""
    import ipywidgets as w

    name = w.Text(placeholder="a pseudonym", description="rater")
    start = w.Button(description="start")
    where = html.escape(str(Path(file)))
    said = w.HTML(f"{n} faces. Answers go to <code>{where}</code> as you give them.")
    place = w.VBox([])

    def begin(_: ipywidgets.Button) -> None:
        try:
            game = RatedGame(dataset, name.value, file, n, seed)
        except (ValueError, OSError) as error:
            said.value, place.children = html.escape(str(error)), []
            return
        done = game.progress[0]
        said.value = f"Welcome back: {done} of {n} are named." if done else ""
        place.children = [labelling.widget(game)]

    start.on_click(begin)
    return w.VBox([w.HBox([name, start]), said, place])
