import numpy as np
import pytest

from fer_utils.data.pixel_distance import to_a_stranger, to_itself_moved

RAMP = np.tile(np.arange(0, 255, 51, dtype=np.uint8), (2, 4, 1))  # five columns, steps of a fifth


def test_moving_a_ramp_by_k_columns_changes_every_pixel_by_k_steps():
    assert to_itself_moved(RAMP, 0) == 0
    assert to_itself_moved(RAMP, 1) == pytest.approx(0.2)
    assert to_itself_moved(RAMP, 3) == pytest.approx(0.6)


def test_moving_out_of_the_picture_is_an_error():
    with pytest.raises(ValueError, match="expected 0 to 4"):
        to_itself_moved(RAMP, 5)


def test_a_stranger_is_never_the_picture_itself():
    two = np.stack([np.zeros((3, 3)), np.full((3, 3), 255)]).astype(np.uint8)
    assert to_a_stranger(two, seed=0) == pytest.approx(1)
    with pytest.raises(ValueError, match="two pictures"):
        to_a_stranger(two[:1])
