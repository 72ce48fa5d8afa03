r"""A window of $k$ units that stand $j$ pixels apart widens the view by $(k - 1) j$, and a stride
$s$ makes $j$ $s$ times as large. Three 3x3 in a row see 7x7 pixels with $3 \cdot 9 \cdot 64^2 =
110{,}592$ weights for 64 channels in and out, biases aside; one convolution of 7x7 has $49 \cdot
64^2 = 200{,}704$. Depth buys reach cheaply."""


def receptive_field(layers: list) -> int:
    """Side in pixels of what one unit behind `layers` sees, far from the edge.

    layers: (window, stride) of each convolution or pool, the first layer first.
    """
    side, apart = 1, 1
    for window, stride in layers:
        side += (window - 1) * apart
        apart *= stride
    return side
