"""One default at a time: each variant changes one thing, and the unit is the distance of seeds."""

from __future__ import annotations

from dataclasses import fields

import numpy as np
import pytest

pytest.importorskip("torch")

from fer_utils.data import drawn_faces
from fer_utils.training import one_default
from fer_utils.training.one_default import Curve


def curve(*loss: float) -> Curve:
    values = np.array(loss)
    return Curve(np.arange(len(values)), values, values, values)


@pytest.fixture(scope="module")
def few():
    return one_default.pictures(drawn_faces.dataset(n=400, seed=0), train=70, watched=40)


def test_every_variant_differs_from_the_common_setting_in_one_field():
    base = one_default.common()
    for name, setting in one_default.variants().items():
        changed = [
            f.name for f in fields(base) if getattr(base, f.name) != getattr(setting, f.name)
        ]
        assert len(changed) == 1, name


def test_pictures_are_apart_and_leave_a_short_last_batch(few):
    train, watched = few
    assert len(train) + len(watched) == 110 and set(train.split) == {"train"}
    alike = (train.images[:, None, ::6, ::6] == watched.images[None, :, ::6, ::6]).all((2, 3))
    assert not alike.any()
    train, _ = one_default.pictures(drawn_faces.dataset(n=1000, seed=0))
    assert 1 < len(train) % one_default.common().config.batch_size < 32


def test_momentum_of_batch_norm_changes_what_evaluation_sees_and_no_training_step(few):
    slow = one_default.variants()["BatchNorm: Keras' momentum"]
    one, other = (one_default.run(s, *few, 0, 6, 3) for s in (one_default.common(), slow))
    np.testing.assert_array_equal(one.train, other.train)
    assert list(one.steps) == [0, 3, 6] and one.loss[0] == other.loss[0]
    assert one_default.distance(one, other) > 1e-3


def test_keras_l2_pulls_twice_as_hard_as_decay_of_the_same_number():
    import torch

    from fer_utils.models import torch_net

    net = torch_net.build(one_default.small_net(l2=0.1), seed=0)
    torch_net.penalty(net).backward()
    kernel = net.get_submodule("00_conv").weight
    before, by_l2 = kernel.detach().clone(), kernel.grad.clone()
    kernel.grad.zero_()
    torch.optim.SGD([kernel], lr=1.0, weight_decay=0.1).step()
    torch.testing.assert_close(by_l2, 2 * (before - kernel.detach()))


def test_distances_are_in_units_of_two_seeds():
    base = [curve(9, 1, 1), curve(0, 3, 3)]  # 2 apart; the start does not count
    unit, apart = one_default.in_seeds(base, {"a": [curve(0, 1, 1), curve(0, 3, 7)]})
    assert unit == pytest.approx(2)
    assert apart["a"] == pytest.approx([0, np.sqrt(8) / 2])
    with pytest.raises(ValueError, match="two seeds"):
        one_default.in_seeds(base[:1], {})
