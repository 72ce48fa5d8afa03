r"""$s p + (1 - s) q$: the more copies, and the better a method remembers, the more the score
flatters. With the copies left out, only $q$ is left, and that is the figure that this book calls
leak-free."""


def score_with_copies(s: float, p: float, q: float) -> float:
    """Share of test pictures right: p of the copies, a share s of all, and q of the rest."""
    return s * p + (1 - s) * q
