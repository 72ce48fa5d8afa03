r"""With $\hat p = k/n$ the interval's middle is $(\hat p + z^2/2n) / (1 + z^2/n)$, a little nearer
to one half than $\hat p$, and its half width $z \sqrt{\hat p (1 - \hat p)/n + z^2/4n^2} \,/\, (1 +
z^2/n)$. Even none right of 20 leaves up to 16% possible, where the textbook's $\hat p \pm
z\sqrt{\hat p(1-\hat p)/n}$ would claim certainty."""


def wilson_interval(right: int, n: int) -> tuple[float, float]:
    """Low and high end of the 95% interval of `right` out of `n`, as shares from 0 to 1."""
    z = 1.96
    p, square = right / n, z * z / n
    middle = (p + square / 2) / (1 + square)
    half = z * (p * (1 - p) / n + square / (4 * n)) ** 0.5 / (1 + square)
    return middle - half, middle + half
