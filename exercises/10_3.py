"""Taking the pair that overlaps most, then the next of what is left, is greedy. `faces.track` looks
for the largest sum of overlaps instead (`scipy.optimize.linear_sum_assignment`); the two differ
only where faces stand close."""


def follow(before: list, now: list) -> dict[int, int]:
    """{place in `before`: place in `now`} of the same faces, one to one.

    Boxes are (x, y, width, height). Pairs that overlap most (intersection over union) come first;
    those below 0.3 are different faces.
    """

    def overlap(a, b):
        across = min(a[0] + a[2], b[0] + b[2]) - max(a[0], b[0])
        down = min(a[1] + a[3], b[1] + b[3]) - max(a[1], b[1])
        shared = max(0, across) * max(0, down)
        return shared / (a[2] * a[3] + b[2] * b[3] - shared)

    pairs = [(overlap(a, b), i, j) for i, a in enumerate(before) for j, b in enumerate(now)]
    found = {}
    for share, i, j in sorted(pairs, reverse=True):
        if share >= 0.3 and i not in found and j not in found.values():
            found[i] = j
    return found
