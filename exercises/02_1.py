r"""Each layer has (inputs + 1) times units parameters. At 96x96 only the first changes: $(96 \cdot
96 + 1) \cdot 512 = 4{,}719{,}104$ instead of 1,180,160. The others see 512 and 256 numbers as
before, so the total is 4,852,231."""


def dense_parameters(inputs: int, widths: list[int]) -> int:
    """Weights and biases of dense layers with these numbers of units, the first on `inputs`."""
    total = 0
    for units in widths:
        total += (inputs + 1) * units
        inputs = units
    return total
