"""Quizzes: two to four questions a chapter, every answer explained, readable by anybody."""

from __future__ import annotations

from html.parser import HTMLParser

import pytest

from fer_utils.exercises import exercise, quizzes
from fer_utils.exercises.quizzes import Choice, Question


class Tags(HTMLParser):
    """Start tags with their attributes, and what was left open."""

    def __init__(self, text: str) -> None:
        super().__init__()
        self.found, self.open = [], []
        self.feed(text)

    def handle_starttag(self, tag, attrs):
        self.found.append((tag, dict(attrs)))
        if tag != "input":
            self.open.append(tag)

    def handle_endtag(self, tag):
        assert self.open.pop() == tag

    def of(self, name):
        return [attributes for tag, attributes in self.found if tag == name]


def test_every_chapter_with_exercises_has_a_quiz():
    assert quizzes.chapters() == exercise.chapters()


@pytest.mark.parametrize("chapter", quizzes.chapters())
def test_a_chapter_asks_two_to_four_questions_and_explains_each_answer(chapter):
    asked = quizzes.quiz(chapter).questions
    assert 2 <= len(asked) <= 4
    for question in asked:
        assert len({choice.text for choice in question.choices}) == len(question.choices) >= 3
        assert all(len(choice.says) > 15 for choice in question.choices)
    places = {[c.right for c in question.choices].index(True) for question in asked}
    assert len(places) > 1, "the right answer is not always at the same place"


@pytest.mark.parametrize("chapter", quizzes.chapters())
def test_it_is_made_of_labelled_fields_and_asks_the_network_for_nothing(chapter):
    made = quizzes.quiz(chapter)
    text = made._repr_html_()
    tags = Tags(text)
    assert tags.open == []
    number = len(made.questions)
    assert len(tags.of("fieldset")) == len(tags.of("legend")) == number
    assert sum(p.get("role") == "status" for p in tags.of("p")) == number
    radios = tags.of("input")
    assert len(radios) == len(tags.of("label")) == sum(len(q.choices) for q in made.questions)
    assert len({radio["name"] for radio in radios}) == number
    assert sum(radio["data-says"].startswith("Right.") for radio in radios) == number
    assert not {"src", "href"} & {name for _, attributes in tags.found for name in attributes}
    assert "//" not in text


def test_markup_in_a_question_is_text_and_backticks_are_code():
    question = Question("Is `a < b`?", (Choice("<b>", "x", True), Choice("c", 'say "no"')))
    text = quizzes.Quiz("00", (question,))._repr_html_()
    assert "<code>a &lt; b</code>" in text and "&lt;b&gt;" in text
    assert Tags(text).of("input")[1]["data-says"] == 'Not quite. say "no"'


def test_as_text_it_gives_no_answer_away():
    text = repr(quizzes.quiz("03"))
    assert text.startswith("1. ") and "   - " in text and "Right" not in text


@pytest.mark.parametrize("right", [0, 2])
def test_a_question_has_one_right_answer(right):
    choices = [Choice(str(i), "x", i < right) for i in range(3)]
    with pytest.raises(ValueError, match=f"got 3, {right} right"):
        Question("?", tuple(choices))


def test_a_chapter_without_a_quiz_is_named():
    with pytest.raises(ValueError, match="chapter '../x' has no quiz; there are 01"):
        quizzes.quiz("../x")
