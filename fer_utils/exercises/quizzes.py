"""Quizzes: two to four questions a chapter, each answer explained, in `quiz_NN.toml`.

In a notebook and in the book a quiz is plain HTML: a fieldset a question, radio buttons, and below
them a status line that says whether the choice is right and why. It needs no network, no script
file and no further package, and a screen reader reads the line out.
"""

from __future__ import annotations

import html
import re
import tomllib
from dataclasses import dataclass
from pathlib import Path

HERE = Path(__file__).parent
SAY = "this.closest('fieldset').querySelector('[role=status]').textContent=this.dataset.says"


@dataclass(frozen=True)
class Choice:
    """An answer that can be chosen, and what is said to those who choose it."""

    text: str
    says: str
    right: bool = False


@dataclass(frozen=True)
class Question:
    """A question with its choices, of which one is right. `code` in backticks is set as code."""

    asks: str
    choices: tuple[Choice, ...]

    def __post_init__(self) -> None:
        right = sum(choice.right for choice in self.choices)
        if right != 1 or len(self.choices) < 2:
            raise ValueError(
                f"{self.asks!r}: expected two choices or more, one of them right; "
                f"got {len(self.choices)}, {right} right"
            )


@dataclass(frozen=True)
class Quiz:
    """The questions of a chapter; the last value of a cell, it shows itself."""

    chapter: str
    questions: tuple[Question, ...]

    def _repr_html_(self) -> str:
        fields = (self._fieldset(i, one) for i, one in enumerate(self.questions, 1))
        return f'<div class="quiz">{"".join(fields)}</div>'

    def _fieldset(self, place: int, question: Question) -> str:
        rows = []
        for choice in question.choices:
            says = f"{'Right' if choice.right else 'Not quite'}. {choice.says}"
            rows.append(
                '<label style="display:block;margin:.4em 0">'
                f'<input type="radio" name="quiz-{self.chapter}-{place}" '
                f'data-says="{html.escape(says)}" onchange="{SAY}"> {_set(choice.text)}</label>'
            )
        return (
            '<fieldset style="margin:0 0 1.2em;padding:.4em 1em;border:1px solid #8888">'
            f'<legend style="float:left;width:100%;margin:.2em 0;font-size:1em">'
            f"{place}. {_set(question.asks)}</legend>"
            f'<div style="clear:both">{"".join(rows)}</div>'
            '<p role="status" style="min-height:1.5em;margin:.4em 0"></p></fieldset>'
        )

    def __repr__(self) -> str:
        lines = []
        for i, question in enumerate(self.questions, 1):
            lines += [f"{i}. {question.asks}", *(f"   - {c.text}" for c in question.choices)]
        return "\n".join(lines)


def quiz(chapter: str) -> Quiz:
    """The quiz of a chapter, "03" say. Raises ValueError for a chapter without one."""
    path = HERE / f"quiz_{chapter}.toml"
    if chapter not in chapters():
        raise ValueError(f"chapter {chapter!r} has no quiz; there are {', '.join(chapters())}")
    asked = tomllib.loads(path.read_text(encoding="utf-8"))["question"]
    return Quiz(
        chapter,
        tuple(Question(q["asks"], tuple(Choice(**c) for c in q["choice"])) for q in asked),
    )


def chapters() -> list[str]:
    """The chapters with a quiz, two digits each, in order."""
    return [path.stem[-2:] for path in sorted(HERE.glob("quiz_[0-9][0-9].toml"))]


def _set(text: str) -> str:
    return re.sub(r"`([^`]+)`", r"<code>\1</code>", html.escape(text))
