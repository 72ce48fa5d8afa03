"""Up to a denominator of 100, .7656 is 49/64 and nothing else, .9778 is 44/45 or 88/90, .3111 is
14/45 or 28/90, and .625 has many. Precision is hits over answers and recall hits over present ones,
so they share the numerator, and no two of these do. With up to 100 answers neither pair is
precision and recall of one evaluation. They look like shares of the same 64 and the same 45
pictures: an accuracy and something else, perhaps."""


def fractions(printed: float, places: int, largest: int) -> list[tuple[int, int]]:
    """(numerator, denominator), not reduced, that round to `printed` with `places` decimals.

    Denominators from 1 to `largest`, ordered by them and then by numerators.
    """
    return [
        (numerator, denominator)
        for denominator in range(1, largest + 1)
        for numerator in range(denominator + 1)
        if round(numerator / denominator, places) == printed
    ]
