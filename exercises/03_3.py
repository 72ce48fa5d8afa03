r"""The parameters do not know at how many places a kernel is used, so a stride leaves them alone.
The multiplications fall to a quarter with stride 2, as every fourth place is computed. In the
shallow network the dense layer gets 12x12 places as before, and a unit of the second convolution
sees $3 + 4 \cdot 2 = 11$ pixels instead of 12: a stride skips places where a pool looks at all of
them."""


def price(side: int, inputs: int, outputs: int, window: int, stride: int) -> tuple[int, int]:
    """Parameters (with biases) and multiplications of a convolution on maps of side x side.

    With a rim of zeros ("same" padding), so that side / stride places are left, rounded up.
    """
    weights = window * window * inputs * outputs
    places = -(-side // stride)
    return weights + outputs, weights * places * places
