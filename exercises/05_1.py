"""PyTorch writes the share of the new batch, Keras that of the old average: 0.01 there is 0.99
here. 0.9^k falls below 1% with k = 44, 0.99^k with k = 459."""


def steps_until(left: float, momentum: float, framework: str) -> int:
    """Steps until less than the share `left` of a BatchNorm average's start is in it.

    framework: "torch" or "keras", whose meaning `momentum` has.
    """
    kept = momentum if framework == "keras" else 1 - momentum
    steps, share = 0, 1.0
    while share >= left:
        share *= kept
        steps += 1
    return steps
