r"""The expected $\sum w^2$ is the number of weights times their variance. Convolution 3x3 from 64
to 64: both fans are 576, so 36,864 weights of variance 1/576 give 64. The dense layer: 1,179,648
weights of variance 2 / 9,344, about 252. In regular_FER_CNN the largest is the last convolution,
256 to 256, with 256, closely followed by the dense layer."""


def expected_penalty(window: int, inputs: int, outputs: int) -> float:
    """Expected sum of squared weights after Glorot's initialisation.

    Of a convolution window x window; a dense layer is one with window 1.
    """
    fan_in, fan_out = window * window * inputs, window * window * outputs
    weights = window * window * inputs * outputs
    return weights * 2 / (fan_in + fan_out)
