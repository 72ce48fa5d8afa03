"""Every exercise: its solution passes, its empty cell does not, and no plausible mistake does."""

from __future__ import annotations

import json

import numpy as np
import pytest

from fer_utils import notebooks
from fer_utils.exercises import exercise, solutions
from fer_utils.exercises.checking import NOT_YET, PASSED, WRONG, judge
from fer_utils.exercises.reader import TAG

CHAPTERS = {path.name[:2]: path for path in notebooks.find()}
EXERCISES = {one.number: one for nn in exercise.chapters() for one in exercise.of_chapter(nn)}

WRONG_ANSWERS = [  # exercise, what stands in its solution, what a mistaken reader writes
    ("01.1", "s * p + (1 - s) * q", "(p + q) / 2"),
    ("01.1", "(1 - s) * q", "q"),
    ("01.1", "s * p + (1 - s) * q", "0.4 + 0.5 * s"),
    ("01.1", "s * p + (1 - s) * q", "q + 0.5 * s"),
    ("01.1", "s * p + (1 - s) * q", "s * max(p, q) + (1 - s) * min(p, q)"),
    ("01.2", "middle - half, middle + half", "p - half, p + half"),
    ("01.2", "z = 1.96", "z = 1.0"),
    ("01.3", "len(group) - np.bincount(labels[group]).max()", "len(set(labels[group])) - 1"),
    ("01.3", "wrong / len(labels)", "wrong"),
    ("02.1", "(inputs + 1) * units", "inputs * units"),
    ("02.1", "        inputs = units\n", ""),
    ("02.2", "if i < len(weights) - 1", "if True"),
    ("02.2", " - x.max(axis=1, keepdims=True)", ""),
    ("02.2", "likely.sum(axis=1, keepdims=True)", "likely.sum()"),
    ("02.2", "x = x @ matrix + bias", "x = x @ matrix + (bias if i == len(weights) - 1 else 0)"),
    (
        "02.2",
        "        x = x @ matrix + bias\n"
        "        if i < len(weights) - 1:\n"
        "            x = np.maximum(x, 0)\n",
        "        x = x @ matrix\n"
        "        if i < len(weights) - 1:\n"
        "            x = np.maximum(x, 0)\n"
        "        x = x + bias\n",
    ),
    ("02.2", "if i < len(weights) - 1:", "if i == 0 and len(weights) > 1:"),
    ("02.2", "np.exp(x - x.max(axis=1, keepdims=True))", "np.exp(np.clip(x, -500, 500))"),
    ("02.3", "weights[order]", "weights"),
    ("02.3", "weights[order]", "weights[np.argsort(order)]"),
    ("03.1", "side, apart = 1, 1", "side, apart = 0, 1"),
    ("03.1", "apart *= stride", "apart = stride"),
    ("03.2", "* kernel).sum()", "* kernel[::-1, ::-1]).sum()"),
    ("03.2", "image.shape[0] - h + 1", "image.shape[0] - h"),
    ("03.2", "np.zeros((rows, columns))", "np.zeros((rows, columns), int)"),
    ("03.3", "weights + outputs,", "weights,"),
    ("03.3", "-(-side // stride)", "side // stride"),
    ("03.3", "weights * places * places", "weights * places"),
    ("03.3", "-(-side // stride)", "(side + 1) // stride if stride > 1 else side"),
    ("04.1", "2 / (fan_in + fan_out)", "2 / fan_in"),
    ("04.1", "window * window * inputs, window * window * outputs", "inputs, outputs"),
    ("04.2", "maps.mean(axis=(0, 1, 2))", "maps.mean()"),
    ("04.2", "np.sqrt(variance + epsilon)", "(np.sqrt(variance) + epsilon)"),
    ("04.2", "np.sqrt(variance + epsilon) + beta", "np.sqrt(variance + epsilon)"),
    ("04.2", "gamma * (", "gamma.mean() * ("),
    ("04.2", "+ beta", "+ beta.mean()"),
    (
        "04.2",
        "    mean = maps.mean(axis=(0, 1, 2))\n    variance = maps.var(axis=(0, 1, 2))\n",
        "    mean = maps.mean(axis=0)\n    variance = maps.var(axis=0)\n",
    ),
    (
        "04.2",
        "    mean = maps.mean(axis=(0, 1, 2))\n    variance = maps.var(axis=(0, 1, 2))\n",
        "    mean = maps.mean(axis=(0, 1))\n    variance = maps.var(axis=(0, 1))\n",
    ),
    ("04.3", "1.96 * apart.std() / len(apart) ** 0.5", "1.96 * apart.std()"),
    (
        "04.3",
        "first_right.astype(float) - second_right",
        "second_right.astype(float) - first_right",
    ),
    (
        "04.3",
        "apart.mean(), apart.mean() - half, apart.mean() + half",
        "abs(apart.mean()), apart.mean() - half, apart.mean() + half",
    ),
    ("05.1", 'momentum if framework == "keras" else 1 - momentum', "momentum"),
    ("05.1", "share >= left", "share > left"),
    ("05.2", "np.var(values, ddof=1)", "np.var(values)"),
    ("05.2", "0.99 * average + 0.01", "0.01 * average + 0.99"),
    ("05.2", "np.var(values, ddof=1)", "((values - values.mean()) ** 2).sum()"),
    ("05.2", "np.var(values, ddof=1)", "2 * np.var(values)"),
    ("05.3", "1.96 * variance**0.5", "1.96 * (variance / 2) ** 0.5"),
    ("05.3", "second - first - half, second - first + half", "first - second - half, 0"),
    ("06.1", "(1 - r) ** 0.5", "(1 - r)"),
    ("06.1", "100 * maximum", "maximum"),
    ("06.2", "np.unique(labels)", "[None]"),
    ("06.2", "rng.permutation(np.flatnonzero(labels == label))", "labels == label"),
    ("06.2", "np.unique(labels)", "range(len(np.unique(labels)))"),
    (
        "06.3",
        "kept[probabilities[:, kept].argmax(axis=1)]",
        "probabilities[:, kept].argmax(axis=1)",
    ),
    ("06.3", "kept[probabilities[:, kept].argmax(axis=1)]", "probabilities.argmax(axis=1)"),
    (
        "06.3",
        "kept[probabilities[:, kept].argmax(axis=1)]",
        "(probabilities * np.isin(np.arange(probabilities.shape[1]), kept)).argmax(axis=1)",
    ),
    ("07.1", "range(4)", "range(3)"),
    ("07.1", "side * side", "side"),
    (
        "07.1",
        "    for _ in range(4):  # the first convolution and three poolings\n"
        "        side = (side - 3) // 2 + 1\n",
        "    side = side // 16 - 1\n",
    ),
    (
        "07.1",
        "    for _ in range(4):  # the first convolution and three poolings\n"
        "        side = (side - 3) // 2 + 1\n",
        "    side = round(side / 16 - 1)\n",
    ),
    ("07.2", "side * side * channels", "channels"),
    ("07.2", "(inputs + 1)", "inputs"),
    ("07.3", "low + images", "images"),
    ("07.3", "axis=-1).astype(np.float32)", "axis=-1).astype(np.float64)"),
    (
        "07.3",
        "images.astype(np.float32) * ((high - low) / 255)",
        "images.astype(np.float32) * ((high - low) / images.max())",
    ),
    (
        "07.3",
        "images.astype(np.float32) * ((high - low) / 255)",
        "(images - images.min()).astype(np.float32) * ((high - low) / np.ptp(images))",
    ),
    ("08.1", "true_shares * answered_shares", "true_shares * true_shares"),
    ("08.1", "float((true_shares * answered_shares).sum())", "true_shares.max()"),
    ("08.2", "beta**counts", "beta"),
    ("08.2", " * counts.sum() / (weights @ counts)", " / weights.mean()"),
    ("08.3", "probabilities / prior**tau", "probabilities / (prior * tau + 1e-9)"),
    ("08.3", " / likely.sum(axis=1, keepdims=True)", ""),
    ("09.1", "max(0, across) * max(0, down)", "max(0, across * down)"),
    ("09.1", " - shared)", ")"),
    ("09.1", "max(0, across) * max(0, down)", "max(0, across) * down"),
    ("09.1", "max(0, across) * max(0, down)", "max(0, across) * min(a[3], b[3])"),
    ("09.2", "max(w, h)", "min(w, h)"),
    ("09.2", "np.clip(np.arange(top, top + side), 0, grey.shape[0] - 1)", "slice(top, top + side)"),
    ("09.2", "round(x + w / 2 - side / 2)", "x"),
    ("09.2", "max(w, h)", "h"),
    ("09.3", "/ (1 - chance)", ""),
    ("09.3", 'float("nan")', "1.0"),
    ("10.1", "+ sums[y, x]", ""),
    ("10.1", "x, y, w, h = boxes.T", "y, x, h, w = boxes.T"),
    ("10.1", "np.int64)\n", "np.uint8)\n"),
    ("10.1", "np.int64)\n", "np.uint16)\n"),
    ("10.1", "return sums, sums", "return sums[1:, 1:], sums"),
    (
        "10.1",
        "    x, y, w, h = boxes.T\n",
        "    return np.array([grey[y : y + h, x : x + w].sum() for x, y, w, h in boxes])\n"
        "    x, y, w, h = boxes.T\n",
    ),
    ("10.2", "1 - np.exp(-dt / seconds)", "np.exp(-dt / seconds)"),
    ("10.2", "np.diff(times)", "np.full(len(times) - 1, times[1] - times[0])"),
    (
        "10.2",
        "    return np.array(out)",
        "    return values[0] + (values - values[0]) * (1 - np.exp(-(times - times[0]) / seconds))",
    ),
    ("10.3", "sorted(pairs, reverse=True)", "pairs"),
    ("10.3", "share >= 0.3 and ", ""),
    ("10.3", " and j not in found.values()", ""),
    ("10.3", "sorted(pairs, reverse=True)", "sorted(pairs, key=lambda p: (p[1], -p[0]))"),
    ("10.3", "max(0, across) * max(0, down)", "max(0, across) * min(a[3], b[3])"),
    ("10.3", "(a[2] * a[3] + b[2] * b[3] - shared)", "min(a[2] * a[3], b[2] * b[3])"),
    (
        "10.3",
        "    found = {}\n",
        "    from scipy.optimize import linear_sum_assignment\n"
        "    if not before or not now:\n"
        "        return {}\n"
        "    m = np.array([[overlap(a, b) for b in now] for a in before])\n"
        "    best = zip(*linear_sum_assignment(-m))\n"
        "    return {int(i): int(j) for i, j in best if m[i, j] >= 0.3}\n"
        "    found = {}\n",
    ),
    ("10.4", "len(values) * (1 - r) / (1 + r)", "len(values) * (1 - r)"),
    ("10.4", "len(values) * (1 - r) / (1 + r)", "float(len(values))"),
    (
        "10.4",
        "np.corrcoef(values[:-1], values[1:])[0, 1]",
        "(values[1:] * values[:-1]).sum() / (values**2).sum()",
    ),
    ("11.1", "reference + share * (x - reference)", "x"),
    ("11.1", "reference + share * (x - reference)", "share * x"),
    ("11.1", "(np.arange(steps) + 0.5) / steps", "np.arange(steps) / steps"),
    ("11.1", "return (x - reference) * ", "return "),
    ("11.2", "gradients.mean(axis=(1, 2), keepdims=True)", "gradients"),
    ("11.2", "np.maximum(0, (weights * maps).sum(axis=0))", "(weights * maps).sum(axis=0)"),
    ("11.2", "(weights * maps).sum(axis=0))", "weights * maps).sum(axis=0)"),
    ("11.3", "np.prod(1 - right.mean(axis=1))", "(1 - right.mean()) ** len(answers)"),
    ("11.3", "none & (answers == answers[0]).all(axis=0)", "none"),
    ("11.3", "none & (answers", "(answers"),
    ("12.1", "accuracy**units", "accuracy"),
    ("12.1", "1 - present * (1 - found)", "1 - present"),
    (
        "12.2",
        "round(numerator / denominator, places) == printed",
        "numerator / denominator == printed",
    ),
    ("12.2", "largest + 1", "largest"),
    ("12.2", "range(denominator + 1)", "range(1, denominator)"),
    ("12.2", "range(denominator + 1)", "range(denominator)"),
    (
        "12.2",
        "round(numerator / denominator, places) == printed",
        "abs(numerator / denominator - printed) < 10**-places",
    ),
    ("12.3", "2 * hits", "hits"),
    ("12.3", ".sum(axis=0)\n    named", ".sum()\n    named"),
    (
        "12.3",
        "    named = ",
        "    p, r = hits / predicted.sum(axis=0), hits / present.sum(axis=0)\n"
        "    return np.where((present + predicted).any(axis=0), 2 * p * r / (p + r), 0.0)\n"
        "    named = ",
    ),
    ("13.1", "(1 - correlation) ** 0.5 * ", ""),
    ("13.1", "(1 - correlation) ** 0.5", "(1 - correlation)"),
    ("13.1", "own.max(axis=1).mean()", "own.max()"),
    ("13.2", "views.mean(axis=0)", "views[0]"),
    ("13.2", "views.mean(axis=0)", "views.max(axis=0)"),
    ("13.2", "views.mean(axis=0)", "np.log(views).mean(axis=0)"),
    ("13.2", "views.mean(axis=0)", "(views == views.max(axis=-1, keepdims=True)).mean(axis=0)"),
    ("13.2", "right[~leaked].mean()", "(right & ~leaked).mean()"),
    ("13.3", "logits / t", "logits * t"),
    ("13.3", "        z = z - z.max(axis=1, keepdims=True)\n", ""),
    ("13.3", "np.argmin(losses)", "0"),
    ("13.3", "np.geomspace(0.2, 5, 300)", "np.linspace(0.2, 5, 49)"),
    ("13.3", "np.geomspace(0.2, 5, 300)", "np.geomspace(0.4, 3, 300)"),
]


def function(number: str, code: str):
    """The function that a cell with this code defines."""
    names = {"np": np}
    exec(compile(code, f"<{number}>", "exec"), names)
    return names[EXERCISES[number].name]


def solved(number: str) -> str:
    chapter, place = number.split(".")
    return solutions.of_chapter(chapter)[int(place)].code


@pytest.mark.parametrize("number", EXERCISES)
def test_the_solution_passes_and_the_empty_cell_does_not(number):
    one, code = EXERCISES[number], solved(number)
    assert str(judge(one, function(number, code))) == f"{number} {one.name}: passed"
    empty = judge(one, function(number, solutions.empty(code, one.name)))
    assert empty.state == NOT_YET and "raise NotImplementedError" in empty.feedback


@pytest.mark.parametrize("number", EXERCISES)
def test_answers_that_have_nothing_to_do_with_it_get_feedback(number):
    for answer in (lambda *given: None, lambda *given: 0, lambda *given: "yes", lambda: 0, 3):
        verdict = judge(EXERCISES[number], answer)
        assert verdict.state == WRONG and len(verdict.feedback) > 15


def test_what_cannot_even_be_compared_gets_feedback():
    solution = function("02.2", solved("02.2"))

    def odd(images, weights, biases):
        return solution(images, weights, biases) if images.max() < 99 else None

    verdict = judge(EXERCISES["02.2"], odd)
    assert verdict.state == WRONG and "cannot be judged (TypeError" in verdict.feedback


@pytest.mark.parametrize(("number", "right", "mistaken"), WRONG_ANSWERS)
@pytest.mark.filterwarnings("ignore::RuntimeWarning")  # mistakes divide by zero, and overflow
def test_a_mistake_is_found_and_said(number, right, mistaken):
    code = solved(number)
    assert code.count(right) == 1, "the mistake has to fit in one place of the solution"
    verdict = judge(EXERCISES[number], function(number, code.replace(right, mistaken)))
    assert verdict.state == WRONG and len(verdict.feedback) > 15


def test_every_exercise_has_a_mistake_to_find():
    assert {number for number, *_ in WRONG_ANSWERS} == set(EXERCISES)


def test_exercises_belong_to_a_chapter():
    assert set(exercise.chapters()) <= set(CHAPTERS)


@pytest.mark.parametrize("chapter", sorted(CHAPTERS))
def test_a_chapter_asks_three_exercises_or_more_and_each_is_solved(chapter):
    checked = exercise.of_chapter(chapter)
    assert len(checked) >= 3
    assert [one.place for one in checked] == list(range(1, len(checked) + 1))
    texts = solutions.of_chapter(chapter)
    assert list(texts) == list(range(1, len(texts) + 1)), "solutions leave out no exercise"
    assert [place for place, one in texts.items() if one.code] == [one.place for one in checked]


@pytest.mark.parametrize("chapter", exercise.chapters())
def test_the_notebook_asks_each_exercise_with_its_empty_cell_and_its_check(chapter):
    cells = json.loads(CHAPTERS[chapter].read_text(encoding="utf-8"))["cells"]
    source = ["".join(cell["source"]) for cell in cells]
    asked = [i for i, text in enumerate(source) if solutions.TASK.match(text)]
    places = [int(solutions.TASK.match(source[i])[1]) for i in asked]
    assert places == list(solutions.of_chapter(chapter))
    for one, i in zip(exercise.of_chapter(chapter), asked, strict=False):
        assert cells[i]["cell_type"] == "markdown"
        assert source[i + 1] == solutions.empty(solved(one.number), one.name)
        assert cells[i + 1]["metadata"]["tags"] == [TAG]
        assert source[i + 2] == f'check("{one.number}", {one.name})'
        assert cells[i + 2]["metadata"]["tags"] == ["remove-cell"]
    asks = f'from fer_utils.exercises import check, quiz\n\nquiz("{chapter}")'
    assert source.index(asks) < asked[0]
    assert "<details>" not in "".join(source), "solutions belong into exercises/"
    assert PASSED not in "".join(source[asked[0] :])
