"""The zoo: every entry is a network for any number of classes; names are looked up with help."""

import pytest

from fer_utils.models import zoo
from fer_utils.models.double_conv import double_conv
from fer_utils.models.layers import Act, BatchNorm, Conv, Dense, Dropout, Flatten, MaxPool
from fer_utils.models.spec import NetSpec
from fer_utils.models.zoo_honest import khaireddin_vgg
from fer_utils.models.zoo_maastricht import maastricht


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


def conv(kernel, *channels):
    """Weights and biases of a chain of convolutions through `channels`."""
    pairs = zip(channels, channels[1:], strict=False)
    return sum(kernel**2 * before * after + after for before, after in pairs)


def dense(*widths):
    return conv(1, *widths)


def counted(name, trainable, normed=0):
    """The counts by hand: `trainable` without BatchNorm, `normed` channels under BatchNorm."""
    assert zoo.get(name).parameters() == (trainable + 2 * normed, trainable + 4 * normed)


def test_copenhagen_has_its_published_counts():
    assert zoo.get("copenhagen_keras").parameters() == (232_803, 232_803)
    assert zoo.get("copenhagen_torch").parameters() == (599_815, 600_263)
    convolutions = conv(3, 1, 6, 128, 64, 32)
    counted("copenhagen_keras", convolutions + dense(8 * 8 * 32, 64, 32, 7))
    convolutions = conv(3, 1, 128, 128, 64, 64, 32, 32)
    counted("copenhagen_torch", convolutions + dense(6 * 6 * 32, 256, 64, 7), 128 + 64 + 32)


def test_zagreb_by_hand():
    shallow = conv(3, 1, 32) + conv(5, 32, 64) + dense(12 * 12 * 64, 512, 7)
    counted("zagreb_shallow", shallow, 32 + 64 + 512)
    first, head = conv(3, 1, 64) + conv(5, 64, 128), dense(3 * 3 * 512, 256, 512, 7)
    counted("zagreb_deep", first + conv(3, 128, 512, 512) + head, 64 + 128 + 512 * 2 + 256 + 512)
    counted(
        "zagreb_deeper",
        first + conv(3, 128, 256, 512, 512) + head,
        64 + 128 + 256 + 512 * 2 + 256 + 512,
    )
    shapes = zoo.get("zagreb_deeper").output_shapes()
    assert [shape for key, shape in shapes.items() if key.endswith("_conv")] == [
        (48, 48, 64),
        (24, 24, 128),
        (12, 12, 256),
        (12, 12, 512),
        (6, 6, 512),
    ]


def test_the_slim_one_has_a_quarter_of_the_deepers_filters_and_its_pools():
    slim = conv(3, 1, 16) + conv(5, 16, 32) + conv(3, 32, 64, 128, 128)
    head = dense(3 * 3 * 128, 128, 256, 7)
    counted("zagreb_deeper_slim", slim + head, 16 + 32 + 64 + 128 * 2 + 128 + 256)
    both = [zoo.get(name).layers for name in ("zagreb_deeper", "zagreb_deeper_slim")]
    full, thin = (
        [one.kind for one in layers if one.kind in ("conv", "max_pool")] for layers in both
    )
    assert full == thin


def test_maastricht_by_hand():
    counted("simpler_fer_cnn", conv(3, 1, 32, 64) + dense(12 * 12 * 64, 128, 7))
    convolutions = conv(3, 1, 64, 64, 128, 128, 256, 256)
    for name in ("fer_cnn", "v2_fer_cnn", "regular_fer_cnn"):
        trainable = convolutions + dense(6 * 6 * 256, 128, 7)
        counted(name, trainable, 2 * (64 + 128 + 256))


def test_dcnn_by_hand():
    convolutions = conv(5, 1, 64, 64) + conv(3, 64, 128, 128, 256, 256)
    normed = 2 * (64 + 128 + 256) + 128
    counted("dcnn", convolutions + dense(6 * 6 * 256, 128, 7), normed)
    layers = zoo.get("dcnn", 3).layers
    norm = BatchNorm(1e-3, 0.01)
    assert layers[:4] == (Conv(64, 5), Act("elu"), norm, Conv(64, 5))
    assert layers[-5:] == (Dense(128), Act("elu"), norm, Dropout(0.6), Dense(3))


def test_what_maastricht_changed_from_net_to_net():
    plain, second, regular = (
        zoo.get(name) for name in ("fer_cnn", "v2_fer_cnn", "regular_fer_cnn")
    )
    assert [x.rate for x in second.layers if isinstance(x, Dropout)] == [0.2, 0.3, 0.4]
    assert {x.slope for x in second.layers if isinstance(x, Act)} == {0.3}
    assert (plain.init, second.init) == ("glorot_uniform", "he_normal")
    weighted = [x for x in regular.layers if isinstance(x, Conv | Dense)]
    assert len(weighted) == len(regular.penalties) == 6 + 2
    assert not plain.penalties
    bare = maastricht("bare", batch_norm=False, dropout=(0, 0, 0))
    assert {layer.kind for layer in bare.layers} == {"conv", "act", "max_pool", "flatten", "dense"}


def test_double_conv_by_hand():
    spec = double_conv("net", [(4, 5), (8, 3)], 6, 3, dropout=(0, 0.5), convs=1, l2=0.1)
    norm = BatchNorm(1e-3, 0.01)
    assert spec.layers == (
        *(Conv(4, 5, l2=0.1), Act("relu"), norm, MaxPool(2)),
        *(Conv(8, 3, l2=0.1), Act("relu"), norm, MaxPool(2), Dropout(0.5)),
        *(Flatten(), Dense(6, l2=0.1), Act("relu"), Dense(3, l2=0.1)),
    )


def test_hand_made_kernels_are_all_that_tells_copenhagens_two_apart():
    by_hand, random_ones = zoo.get("copenhagen_keras"), zoo.get("copenhagen_keras_random")
    assert by_hand.layers[0] == Conv(6, padding="valid", init="prewitt_sobel")
    assert by_hand.layers[1:] == random_ones.layers[1:]
    assert random_ones.layers[0] == Conv(6, padding="valid")


def test_quick_batch_norm_changes_only_how_fast_the_averages_follow():
    slow, quick = (zoo.get(f"fer_cnn_half{name}") for name in ("", "_quick_batch_norm"))
    pairs = [(a, b) for a, b in zip(slow.layers, quick.layers, strict=True) if a != b]
    assert len(pairs) == sum(layer.kind == "batch_norm" for layer in slow.layers) == 6
    assert set(pairs) == {(BatchNorm(1e-3, 0.01), BatchNorm(1e-3, 0.1))}


def test_small_cnn_by_hand():
    counted("small_cnn", conv(3, 1, 16, 32, 64, 128) + dense(128, 7), 16 + 32 + 64 + 128)
    spec = zoo.get("small_cnn")
    assert spec.init == "torch" and not spec.penalties
    assert {x for x in spec.layers if isinstance(x, BatchNorm)} == {BatchNorm()}


def test_variants_of_small_cnn_change_what_they_are_called_after():
    def traits(name):
        spec = zoo.get(name)
        (norm,) = {x for x in spec.layers if isinstance(x, BatchNorm)}
        (l2,) = {x.l2 for x in spec.layers if isinstance(x, Conv | Dense)}
        assert spec.parameters() == zoo.get("small_cnn").parameters()
        return spec.init, norm.momentum, norm.epsilon, l2

    assert {name: traits(name) for name in zoo.SMALL_CNNS} == {
        "small_cnn": ("torch", 0.1, 1e-5, 0),
        "small_cnn_glorot": ("glorot_uniform", 0.1, 1e-5, 0),
        "small_cnn_keras_momentum": ("torch", 0.01, 1e-5, 0),
        "small_cnn_keras_epsilon": ("torch", 0.1, 1e-3, 0),
        "small_cnn_keras": ("glorot_uniform", 0.01, 1e-3, 0),
        "small_cnn_keras_l2": ("glorot_uniform", 0.01, 1e-3, 1e-3),
    }


@pytest.mark.parametrize("depth", [*zoo.CONV_DEPTHS, 12])
def test_members_of_the_depth_family_differ_in_depth_alone(depth):
    spec = zoo.depth_family(depth)(7)
    kinds = [layer.kind for layer in spec.layers]
    assert kinds.count("conv") == depth
    assert kinds.count("max_pool") == 4
    assert spec.output_shapes()[f"{kinds.index('flatten'):02d}_flatten"] == (3 * 3 * 64,)
    convolutions = conv(3, 1, *[64] * depth)
    trainable = convolutions + dense(3 * 3 * 64, 256, 7) + 2 * (64 * depth + 256)
    assert spec.parameters().trainable == trainable


def test_a_network_without_convolutions_is_no_member_of_the_depth_family():
    with pytest.raises(ValueError, match="depth: expected at least one convolution, got 0"):
        zoo.depth_family(0)


def excited(*channels):
    """Weights and biases of squeeze-and-excitation at ratio 16."""
    return sum(dense(c, max(1, c // 16), c) for c in channels)


def chain(*channels):
    """3x3 kernels without biases through `channels`."""
    return conv(3, *channels) - sum(channels[1:])


def test_compact_networks_by_hand():
    channels = (1, 32, 64, 64, 128, 128, 192, 192)
    kernels, normed = chain(*channels), sum(channels[1:])
    counted("compact_vgg", kernels + dense(192, 7), normed)
    counted("compact_vgg_se", kernels + excited(32, 64, 128, 192) + dense(192, 7), normed)
    counted("compact_vgg_flat", kernels + dense(6 * 6 * 192, 7), normed)


def test_networks_for_a_gpu_by_hand():
    channels = (1, 64, 64, 128, 128, *[256] * 3, *[512] * 3)
    head = excited(64, 128, 256, 512) + dense(512, 7)
    counted("vgg_se", chain(*channels) + head, sum(channels[1:]))
    stages = ((64, 64), (64, 128), (128, 256), (256, 512))
    kernels = chain(1, 64) + sum(chain(a, b, b) + chain(b, b, b) for a, b in stages)
    projections = sum(a * b for a, b in stages[1:])
    normed = 64 + sum(4 * b for _, b in stages) + 128 + 256 + 512
    blocks = excited(*(b for _, b in stages for _ in range(2)))
    counted("resnet_se", kernels + projections + blocks + dense(512, 7), normed)
    pairs = (1, 64, 64, 128, 128, 256, 256, 512, 512)
    heads = {size: dense((size // 16) ** 2 * 512, 4096, 4096, 7) for size in (48, 40)}
    counted("khaireddin_vgg", conv(3, *pairs) + heads[48], sum(pairs[1:]))
    theirs = khaireddin_vgg(size=40).parameters().trainable
    assert theirs == conv(3, *pairs) + heads[40] + 2 * sum(pairs[1:])


def test_an_unknown_name_is_answered_with_near_ones():
    with pytest.raises(ValueError, match="did you mean 'zagreb_fully_connected'"):
        zoo.get("zagreb_fuly_conected")
    with pytest.raises(ValueError, match="none is like it. It holds: zagreb_fully_connected"):
        zoo.get("xyz")
