"""The zoo: every entry is a network for any number of classes; names are looked up with help."""

import pytest

from fer_utils.models import zoo
from fer_utils.models.spec import Act, BatchNorm, Dense, Dropout, Flatten, NetSpec


@pytest.mark.parametrize("name", zoo.ZOO)
@pytest.mark.parametrize("classes", [7, 3])
def test_every_entry_is_a_network_of_its_name(name, classes):
    spec = zoo.get(name, classes)
    assert spec.name == name
    assert spec.classes == classes
    assert spec.input_shape == (48, 48, 1)
    assert spec.source
    assert NetSpec.from_dict(spec.to_dict()) == spec


def test_zagreb_fully_connected_by_hand():
    spec = zoo.get("zagreb_fully_connected")
    dense = (2304 * 512 + 512) + (512 * 256 + 256) + (256 * 7 + 7)
    assert spec.parameters() == (dense, dense)
    assert spec.init == "torch"
    assert "assumption" in zoo.zagreb_fully_connected.__doc__


def test_fully_connected_tuned_by_hand():
    spec = zoo.get("fully_connected_tuned")
    widths = [2304, 1024, 512, 256, 7]
    dense = sum(a * b + b for a, b in zip(widths, widths[1:], strict=False))
    normed = 1024 + 512 + 256
    assert spec.parameters() == (dense + 2 * normed, dense + 4 * normed)


def test_fully_connected_of_any_depth():
    spec = zoo.fully_connected("net", (5,), batch_norm=True, dropout=0.2, activation="elu")
    block = (Dense(5), BatchNorm(), Act("elu"), Dropout(0.2))
    assert spec.layers == (Flatten(), *block, Dense(7))
    assert zoo.fully_connected("linear", (), classes=3).layers == (Flatten(), Dense(3))


def test_an_unknown_name_is_answered_with_near_ones():
    with pytest.raises(ValueError, match="did you mean 'zagreb_fully_connected'"):
        zoo.get("zagreb_fuly_conected")
    with pytest.raises(ValueError, match="none is like it. It holds: zagreb_fully_connected"):
        zoo.get("xyz")
