"""Exercises whose answers are tested, and quizzes: what a chapter asks its reader.

In a notebook an exercise is a task, a cell with an empty function, and a cell that checks it:

    from fer_utils.exercises import check, quiz

    check("03.1", receptive_field)

`python -m fer_utils check 03` does the same for the notebook's file, each answer in a fresh
process. The tests are in `chapter_NN.py` here; the solutions are no part of the package.
"""

from fer_utils.exercises.checking import check
from fer_utils.exercises.quizzes import quiz

__all__ = ["check", "quiz"]
