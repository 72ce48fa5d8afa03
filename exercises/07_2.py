"""4 · 4 · 1,536 = 24,576 numbers; times 1,024 plus 1,024 biases is 25,166,848; then 1,024 · 256 +
256 = 262,400 and 256 · 7 + 7 = 1,799. Together with the backbone's 12,930,622 that is 38,361,669,
as printed: the head holds two thirds of the network."""


def head_parameters(side: int, channels: int, widths: list[int]) -> int:
    """Parameters of a head on maps (side, side, channels): flattened, then dense of `widths`."""
    inputs, total = side * side * channels, 0
    for units in widths:
        total += (inputs + 1) * units
        inputs = units
    return total
