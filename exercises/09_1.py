"""Moved by 5, two boxes of 10 by 10 share 50 and cover 150: a third. Moved by d, they share 10 (10
- d) and cover 10 (10 + d); (10 - d) / (10 + d) = 0.3 gives d = 70 / 13, about 5.4 pixels. Sides
below 0 have to become 0 one by one: the product of two negative ones would be an area."""


def overlap(a: tuple, b: tuple) -> float:
    """Intersection over union, 0 to 1, of two boxes (x, y, width, height)."""
    across = min(a[0] + a[2], b[0] + b[2]) - max(a[0], b[0])
    down = min(a[1] + a[3], b[1] + b[3]) - max(a[1], b[1])
    shared = max(0, across) * max(0, down)
    return shared / (a[2] * a[3] + b[2] * b[3] - shared)
