"""Which of several experiments a chapter can show, where some need a GPU, days, or teachers."""

from __future__ import annotations

from collections.abc import Mapping

from fer_utils.data.dataset import FaceDataset
from fer_utils.experiments.environment import computes_on_gpu
from fer_utils.experiments.experiment import Experiment
from fer_utils.training.recordings import state


def at_hand(
    experiments: Mapping[str, Experiment], dataset: FaceDataset, profile: str, seed: int
) -> dict[str, Experiment]:
    """Those that the profile can show in PyTorch, by the name given to each.

    "recorded": with a record. "smoke" and "full": what this machine can train and is wanted with
    this seed; in the full profile a student whose teachers' weights are not here is left out, and
    printed with the command that makes them.
    """
    if profile == "recorded":
        return {name: e for name, e in experiments.items() if state(e, "torch") != "none"}
    gpu = computes_on_gpu()
    found = {n: e for n, e in experiments.items() if seed in e.seeds and (gpu or not e.gpu)}
    if profile == "smoke":  # learns without teachers
        return found
    from fer_utils.training.distillation import missing_teachers  # with PyTorch

    for name, student in list(found.items()):
        if missing := missing_teachers(student, dataset.fingerprint):
            print(
                f"left out: {name} learns from {', '.join(missing)}; "
                f"`python -m fer_utils train {' '.join(missing)} --framework torch` makes them"
            )
            del found[name]
    return found
