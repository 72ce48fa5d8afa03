r"""Silence: accuracy 90%, exact match $0.9^{10} \approx 35\,\%$. With half found: each unit is
wrong in 5% of the faces, so the accuracy is 95% and the exact match $0.95^{10} \approx 60\,\%$,
while the recall is 50%."""


def silence(units: int, present: float, found: float) -> tuple[float, float]:
    """Accuracy and exact match of a network that finds the share `found` of the present units.

    Each of `units` is present in the share `present` of the faces, independently, and the network
    gives no false alarm.
    """
    accuracy = 1 - present * (1 - found)
    return accuracy, accuracy**units
