"""Ways to search, raced on a landscape whose truth is known: nothing is trained.

The landscape is made up: accuracy over learning rate and weight decay, a ridge in the first and
almost flat in the second, as searches of small networks find them. A trial sees its truth through
the luck of n validation pictures.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence

import numpy as np

from fer_utils.search.driver import RANDOM_TRIALS
from fer_utils.search.space import DEFAULT
from fer_utils.search.study import optuna_here

RATE, DECAY = DEFAULT.entries["learning_rate"], DEFAULT.entries["weight_decay"]
TOP, CHANCE = 0.5, 1 / 7
BEST_RATE, BEST_DECAY = 2e-3, 1e-4


def landscape(learning_rate: float, weight_decay: float) -> float:
    """The true accuracy: TOP at its best, falling by the squares of the distances in decades."""
    rate = np.log10(learning_rate / BEST_RATE)
    decay = np.log10(weight_decay / BEST_DECAY)
    return float(CHANCE + (TOP - CHANCE) * np.exp(-0.8 * rate**2 - 0.01 * decay**2))


def run(trials: int, repeats: int, n: int = 2873, seed: int = 0) -> dict[str, np.ndarray]:
    """name -> float (repeats, trials): the true accuracy of the setting that scores best so far.

    A square grid in random order, random draws, and TPE. Raises ValueError where `trials` is no
    square number.
    """
    side = round(trials**0.5)
    if side < 2 or side**2 != trials:
        raise ValueError(f"a square grid needs 4, 9, 16 ... trials, got {trials}")
    of = optuna_here().samplers
    ways = {
        "grid": lambda one: _once(of.RandomSampler(seed=one), trials, n, one, _grid(side, one)),
        "random": lambda one: _once(of.RandomSampler(seed=one), trials, n, one),
        "TPE": lambda one: _once(
            of.TPESampler(n_startup_trials=RANDOM_TRIALS, seed=one), trials, n, one
        ),
    }
    return {name: np.array([way(seed + i) for i in range(repeats)]) for name, way in ways.items()}


def bands(
    raced: Mapping[str, np.ndarray],
    at: Sequence[int],
    middle: float = 0.8,
    set_apart: float = 0.0,
) -> dict[str, dict[float, tuple[float, float, float]]]:
    """{name: {trials: (mean, low, high)}} of a `race`, for `plots.sweep`.

    at: after how many trials, 1 to all. middle: share of the repeats from low to high. set_apart:
    trials by which a line stands right of the one before, all centred, so that none hides another.
    Raises ValueError for a number of trials that was not raced.
    """
    trials = min(curves.shape[1] for curves in raced.values())
    if wrong := [k for k in at if not 1 <= k <= trials]:
        raise ValueError(f"at={wrong}: the race has {trials} trials; name some of 1 to {trials}")
    ends = (0.5 - middle / 2, 0.5 + middle / 2)
    found = {}
    for i, (name, curves) in enumerate(raced.items()):
        aside = set_apart * (i - (len(raced) - 1) / 2)
        chosen = {k: curves[:, k - 1] for k in at}
        found[name] = {k + aside: (x.mean(), *np.quantile(x, ends)) for k, x in chosen.items()}
    return found


def _grid(side: int, seed: int) -> list[dict]:
    """All points of the grid, ends included, even in the logarithm, in random order."""
    rates, decays = (np.geomspace(e.low, e.high, side).clip(e.low, e.high) for e in (RATE, DECAY))
    points = [{"learning_rate": a, "weight_decay": b} for a in rates for b in decays]
    return [points[i] for i in np.random.default_rng(seed).permutation(len(points))]


def _once(sampler, trials: int, n: int, seed: int, given: Sequence[dict] = ()) -> list[float]:
    """One search; `given` settings are tried first."""
    study = optuna_here().create_study(direction="maximize", sampler=sampler)
    for point in given:
        study.enqueue_trial(point)
    luck = np.random.default_rng(seed)
    best, truth, chosen = -1.0, 0.0, []
    for _ in range(trials):
        trial = study.ask()
        rate = trial.suggest_float("learning_rate", RATE.low, RATE.high, log=True)
        true = landscape(rate, trial.suggest_float("weight_decay", DECAY.low, DECAY.high, log=True))
        score = luck.binomial(n, true) / n
        study.tell(trial, score)
        if score > best:
            best, truth = score, true
        chosen.append(truth)
    return chosen
