"""If networks erred independently, the share that none reads as labelled would be the product of
their error rates: each further network, however weak, would shrink it. Where many more are left,
independence is out of the question. The rest is for eyes: agreement against a label makes it
suspect, and does not make it wrong."""

import numpy as np


def none_right(answers: np.ndarray, labels: np.ndarray) -> tuple[int, float, int]:
    """Pictures that no network reads as labelled: counted, expected, and those of one mind.

    answers: (networks, n); labels: (n,). Expected is the number if each network kept its accuracy
    and erred independently; of one mind are those to which all networks give the same answer.
    """
    right = answers == labels
    none = ~right.any(axis=0)
    expected = len(labels) * np.prod(1 - right.mean(axis=1))
    alike = none & (answers == answers[0]).all(axis=0)
    return int(none.sum()), float(expected), int(alike.sum())
