"""Each step takes n to (n − 3) // 2 + 1: 48, 23, 11, 5, 2; 96, 47, 23, 11, 5; 224, 111, 55, 27, 13.
So 4, 25 and 169 places."""


def places_left(side: int) -> int:
    """Places that SqueezeNet hands on for pictures of side x side pixels."""
    for _ in range(4):  # the first convolution and three poolings
        side = (side - 3) // 2 + 1
    return side * side
