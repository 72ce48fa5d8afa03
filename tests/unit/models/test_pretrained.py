"""Pre-trained networks as data, and as Keras models: published counts, the way in, the cut."""

from dataclasses import replace
from functools import cache

import numpy as np
import pytest

from fer_utils.models.layers import Dense, Dropout, GlobalAvgPool
from fer_utils.models.pretrained import PretrainedSpec
from fer_utils.models.zoo_pretrained import (
    EFFICIENTNET_UNFROZEN,
    PRETRAINED,
    RESNET_UNFROZEN,
    SQUEEZENET_LAST_STAGE,
)

keras = pytest.importorskip("keras")

from fer_utils.models import backbones, pretrained_net  # noqa: E402
from fer_utils.models.squeezenet import FIRES  # noqa: E402

TINY = PretrainedSpec(
    "tiny", "squeezenet", 48, (GlobalAvgPool(), Dropout(0.5), Dense(3)), weights="random"
)


def random_of(name):
    return PRETRAINED[name](7).without_weights()


def pictures(n=2, seed=0):
    grey = np.random.default_rng(seed).integers(0, 256, (n, 48, 48, 1))
    return grey.astype(np.float32)


@cache
def large(name):
    """A large network, built once: tests set what of it learns."""
    return pretrained_net.build(random_of(name), seed=0)


@pytest.mark.parametrize(
    ("name", "unfrozen", "trainable", "total"),
    [
        ("resnet50v2", 0, 533_575, 24_098_951),
        ("resnet50v2", RESNET_UNFROZEN, 16_622_663, 24_098_951),
        ("resnet50v2_single_frozen", 0, 14_343, 23_579_143),
        ("efficientnetv2b3", EFFICIENTNET_UNFROZEN, 31_582_061, 38_361_669),
    ],
)
def test_published_counts(name, unfrozen, trainable, total):
    model = large(name)
    pretrained_net.learn(model, unfrozen)
    assert pretrained_net.trainable_parameters(model) == trainable
    assert model.count_params() == random_of(name).parameters().total == total


@pytest.mark.parametrize("name", ["resnet50v2", "efficientnetv2b3"])
def test_batch_normalisation_that_is_kept_does_not_learn(name):
    model = large(name)
    pretrained_net.learn(model, None)
    everything = pretrained_net.trainable_parameters(model)
    assert everything == random_of(name).parameters().trainable
    norms = [
        int(np.prod(variable.shape))
        for layer in pretrained_net.backbone_layers(model)
        if isinstance(layer, keras.layers.BatchNormalization)
        for variable in layer.trainable_variables
    ]
    pretrained_net.learn(model, None, batch_norm=False)
    assert pretrained_net.trainable_parameters(model) == everything - sum(norms)
    assert norms


@pytest.mark.parametrize("name", ["resnet50v2_frozen", "efficientnetv2b3_frozen"])
def test_of_a_frozen_network_the_head_learns(name):
    head = {"resnet50v2_frozen": 533_575, "efficientnetv2b3_frozen": 25_431_047}[name]
    assert PRETRAINED[name](7).parameters().trainable == head
    tiny = pretrained_net.build(replace(TINY, frozen=True), seed=0)
    assert pretrained_net.trainable_parameters(tiny) == 512 * 3 + 3


def test_the_layers_of_the_backbone_are_those_of_keras_in_order():
    model = large("resnet50v2")
    alone = keras.applications.ResNet50V2(
        include_top=False, weights=None, input_shape=(128, 128, 3)
    )

    def names(layers):
        return [layer.name.rstrip("_0123456789") for layer in layers]  # some are numbered by Keras

    assert names(pretrained_net.backbone_layers(model)) == names(alone.layers[1:])


def test_the_way_in_scales_up_repeats_and_brings_into_the_range():
    spec = replace(TINY, size=96)
    model = pretrained_net.build(spec, seed=0)
    way_in = keras.Model(model.input, model.get_layer("in__values").output)
    flat = np.full((1, 48, 48, 1), 200, np.float32)
    found = keras.ops.convert_to_numpy(way_in(flat))
    assert found.shape == (1, 96, 96, 3)
    for channel, mean in enumerate((103.939, 116.779, 123.68)):
        np.testing.assert_allclose(found[..., channel], 200 - mean, rtol=1e-5)
    steps = np.zeros((1, 48, 48, 1), np.float32)
    steps[:, :, 24:] = 120
    row = keras.ops.convert_to_numpy(way_in(steps))[0, 10, 46:50, 0] + 103.939
    np.testing.assert_allclose(row, [0, 30, 90, 120], atol=1e-3)


def test_other_values_change_what_the_backbone_sees_and_nothing_else():
    found = {}
    for values in (None, "zero_one"):
        model = pretrained_net.build(replace(TINY, values=values), seed=0)
        way_in = keras.Model(model.input, model.get_layer("in__values").output)
        found[values] = keras.ops.convert_to_numpy(way_in(pictures()))
    range_of = backbones.value_range("squeezenet")
    grey = (found[None] - np.array(range_of.offset, np.float32)) / range_of.scale
    np.testing.assert_allclose(found["zero_one"], grey / 255, atol=1e-5)


def test_one_seed_gives_the_same_network_again_and_another_one_another():
    first, again, other = (pretrained_net.build(TINY, seed=seed) for seed in (3, 3, 4))
    one, same, changed = map(pretrained_net.weights, (first, again, other))
    assert all(np.array_equal(one[key], same[key]) for key in one)
    kernels = [key for key in one if key.endswith("kernel")]
    assert not any(np.array_equal(one[key], changed[key]) for key in kernels)
    pretrained_net.set_weights(other, one)
    assert np.array_equal(
        first.predict(pictures(), verbose=0), other.predict(pictures(), verbose=0)
    )


def test_squeezenet_of_eighteen_layers():
    spec = random_of("squeezenet_96")
    assert spec.parameters() == (722_496 + 512 * 7 + 7, 722_496 + 512 * 7 + 7)
    model = pretrained_net.build(spec, seed=0)
    assert model.count_params() == spec.parameters().total
    last = pretrained_net.backbone_layers(model)[-SQUEEZENET_LAST_STAGE:]
    assert last[0].name == "fire6_squeeze1x1"
    assert len(last) == 4 * len([number for number in FIRES if number >= 6])


@pytest.mark.parametrize(
    ("unfrozen", "cut"),
    [(0, "head__00_global_avg_pool"), (SQUEEZENET_LAST_STAGE, "pool5"), (19, "fire5_squeeze1x1")],
)
def test_the_cut_lies_in_front_of_what_learns(unfrozen, cut):
    model = pretrained_net.build(TINY, seed=0)
    pretrained_net.learn(model, unfrozen)
    front, rest = pretrained_net.split(model)
    assert front.output is model.get_layer(cut).output
    assert not front.trainable_variables
    whole = model.predict(pictures(), verbose=0)
    parts = rest.predict(front.predict(pictures(), verbose=0), verbose=0)
    np.testing.assert_allclose(parts, whole, atol=1e-3)


def test_the_cut_never_goes_through_a_residual_block():
    """The last 45 layers begin inside a block: its input goes past them, so the cut is earlier."""
    model = large("resnet50v2")
    pretrained_net.learn(model, 45)
    front, rest = pretrained_net.split(model)
    assert front.output is model.get_layer("conv4_block5_out").output
    assert len(rest.trainable_variables) == len(model.trainable_variables)


def test_multiplications_by_hand_and_four_times_as_many_at_twice_the_size():
    model = pretrained_net.build(TINY, seed=0)
    conv1, squeeze = (model.get_layer(name) for name in ("conv1", "fire2_squeeze1x1"))
    first = keras.Model(model.input, conv1.output)
    assert pretrained_net.multiplications(first) == 3 * 3 * 3 * 64 * 23 * 23
    second = keras.Model(model.input, squeeze.output)
    added = pretrained_net.multiplications(second) - pretrained_net.multiplications(first)
    assert added == 64 * 16 * 11 * 11
    twice = pretrained_net.build(replace(TINY, size=96), seed=0)
    ratio = pretrained_net.multiplications(twice) / pretrained_net.multiplications(model)
    assert 4 < ratio < 6, "windows without padding lose less of a large picture"


def test_where_all_learns_nothing_is_cut_off():
    model = pretrained_net.build(TINY, seed=0)
    assert pretrained_net.split(model) == (None, model)


def test_more_layers_than_there_are_cannot_learn():
    with pytest.raises(ValueError, match="unfrozen=99: the backbone has 36 layers"):
        pretrained_net.learn(pretrained_net.build(TINY, seed=0), 99)


def test_as_a_dictionary_and_back():
    for maker in PRETRAINED.values():
        spec = maker(3)
        again = PretrainedSpec.from_dict(spec.to_dict())
        assert again == spec
        assert again.to_dict() == spec.to_dict()
    with pytest.raises(ValueError, match="unknown fields \\['pooling'\\]"):
        PretrainedSpec.from_dict(TINY.to_dict() | {"pooling": "avg"})
    with pytest.raises(ValueError, match="missing fields \\['size'\\]"):
        PretrainedSpec.from_dict({k: v for k, v in TINY.to_dict().items() if k != "size"})


@pytest.mark.parametrize(
    ("changed", "message"),
    [
        ({"backbone": "resnet18"}, "unknown backbone 'resnet18'"),
        ({"weights": "caltech"}, "weights 'caltech'"),
        ({"values": "0..1"}, "unknown range of values '0..1'"),
        ({"size": 24}, "size 24"),
        ({"head": (Dense(7),)}, "Dense needs a vector"),
        ({"head": (GlobalAvgPool(),)}, "must be a Dense"),
        ({"name": "a b"}, "use letters"),
    ],
)
def test_what_cannot_be_built_says_why(changed, message):
    with pytest.raises(ValueError, match=message):
        replace(TINY, **changed)


def test_the_table_adds_up_and_says_what_is_frozen():
    for name in ("resnet50v2_frozen", "squeezenet_96"):
        spec = PRETRAINED[name](7)
        assert sum(row.parameters for row in spec.table()) == spec.parameters().trainable
    text = str(PRETRAINED["resnet50v2_frozen"](7))
    assert "frozen, imagenet weights" in text
    assert "533,575 trainable parameters of 24,098,951" in text
    assert "533,575" in PRETRAINED["resnet50v2_frozen"](7)._repr_html_()
