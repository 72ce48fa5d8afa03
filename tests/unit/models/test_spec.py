"""Networks as data: shapes, counts, keys, dictionaries, tables and what is refused."""

import json
import subprocess
import sys

import pytest

from fer_utils.models import layer_base
from fer_utils.models.spec import (
    Act,
    BatchNorm,
    Conv,
    Dense,
    Dropout,
    Flatten,
    GlobalAvgPool,
    MaxPool,
    NetSpec,
    Residual,
    SqueezeExcite,
    classic,
)

EVERYTHING = NetSpec(
    "everything",
    (
        Conv(8, kernel=5, stride=2, bias=False, init="he_normal"),
        BatchNorm(epsilon=1e-3, momentum=0.01),
        Act("leaky_relu", slope=0.2),
        MaxPool(3, stride=2, padding="same"),
        Residual((Conv(8), SqueezeExcite(4), Dropout(0.1))),
        Residual((Conv(12, stride=2),), shortcut=(Conv(12, kernel=1, stride=2),)),
        GlobalAvgPool(),
        Dense(16, init="glorot_uniform"),
        Act("elu"),
        Dense(7),
    ),
    input_shape=(45, 33, 3),
    init="glorot_uniform",
    source="made up",
)


def flat(*before, size=8, channels=1):
    return NetSpec("net", (*before, Flatten(), Dense(3)), (size, size, channels))


@pytest.mark.parametrize(
    ("layer", "size", "expected"),
    [
        (Conv(4, 3), 48, 48),
        (Conv(4, 3, padding="valid"), 48, 46),
        (Conv(4, 3, stride=2), 48, 24),
        (Conv(4, 3, stride=2), 47, 24),
        (Conv(4, 3, stride=2, padding="valid"), 48, 23),
        (Conv(4, 2), 7, 7),
        (MaxPool(2), 7, 3),
        (MaxPool(2, padding="same"), 7, 4),
        (MaxPool(3, stride=2), 8, 3),
        (MaxPool(3, stride=2, padding="same"), 8, 4),
        (MaxPool(3), 8, 2),
        (MaxPool(2, stride=3), 8, 3),
    ],
)
def test_output_size(layer, size, expected):
    assert flat(layer, size=size).placed[0].output_shape[:2] == (expected, expected)


def test_same_padding_puts_the_odd_pixel_after():
    assert layer_base.same_padding(size=48, window=3, stride=1) == (1, 1)
    assert layer_base.same_padding(size=48, window=3, stride=2) == (0, 1)
    assert layer_base.same_padding(size=47, window=3, stride=2) == (1, 1)
    assert layer_base.same_padding(size=48, window=2, stride=1) == (0, 1)
    assert layer_base.same_padding(size=3, window=1, stride=2) == (0, 0)


def test_keys_and_shapes_follow_the_order_of_layers():
    shapes = EVERYTHING.output_shapes()
    assert list(shapes) == [
        "00_conv", "01_batch_norm", "02_act", "03_max_pool", "04_residual/body/00_conv",
        "04_residual/body/01_squeeze_excite", "04_residual/body/02_dropout", "04_residual",
        "05_residual/body/00_conv", "05_residual/shortcut/00_conv", "05_residual",
        "06_global_avg_pool", "07_dense", "08_act", "09_dense",
    ]  # fmt: skip
    assert shapes["00_conv"] == (23, 17, 8)
    assert shapes["03_max_pool"] == (12, 9, 8)
    assert shapes["05_residual"] == (6, 5, 12)
    assert shapes["06_global_avg_pool"] == (12,)
    assert EVERYTHING.classes == 7


def test_parameters_by_hand():
    batch_norm = 2 * 8
    squeeze_excite = (8 * 2 + 2) + (2 * 8 + 8)
    first, second = 9 * 8 * 8 + 8 + squeeze_excite, 9 * 8 * 12 + 12 + 8 * 12 + 12
    dense = 12 * 16 + 16 + 16 * 7 + 7
    trainable = 25 * 3 * 8 + batch_norm + first + second + dense
    assert EVERYTHING.parameters() == (trainable, trainable + 2 * 8)
    assert sum(row.parameters for row in EVERYTHING.table()) == trainable


def test_classic_builds_the_deep_network_of_zagreb():
    conv = [(64, 3), (128, 5), (512, 3), (512, 3)]
    spec = classic("zagreb_deep", conv, [256, 512], 7, conv_dropout=0.25, dense_dropout=0.25)
    convolutions = (9 * 64 + 64) + (25 * 64 * 128 + 128)
    convolutions += (9 * 128 * 512 + 512) + (9 * 512 * 512 + 512)
    dense = (3 * 3 * 512 * 256 + 256) + (256 * 512 + 512) + (512 * 7 + 7)
    normed = 64 + 128 + 512 + 512 + 256 + 512
    trainable = convolutions + dense + 2 * normed
    assert trainable == 4_474_759
    assert spec.parameters() == (trainable, trainable + 2 * normed)
    kinds = [layer.kind for layer in spec.layers]
    assert kinds[:5] == ["conv", "batch_norm", "act", "dropout", "max_pool"]
    assert kinds[20:25] == ["flatten", "dense", "batch_norm", "act", "dropout"]
    assert len(kinds) == 4 * 5 + 1 + 2 * 4 + 1


def test_classic_takes_settings_per_block():
    spec = classic(
        "net",
        [Conv(4, 3, stride=2), (8, 3)],
        [5],
        classes=3,
        padding="valid",
        activation="leaky_relu",
        slope=0.3,
        batch_norm="after",
        conv_dropout=[0.0, 0.5],
        pool=[False, True],
        init="he_normal",
    )
    assert spec.layers == (
        *(Conv(4, 3, stride=2), Act("leaky_relu", 0.3), BatchNorm()),
        *(Conv(8, 3, padding="valid"), Act("leaky_relu", 0.3), BatchNorm(), Dropout(0.5)),
        *(MaxPool(2), Flatten(), Dense(5), Act("leaky_relu", 0.3), BatchNorm(), Dense(3)),
    )
    assert spec.init == "he_normal"
    plain = classic("net", [(4, 3)], [5], batch_norm=None, pool=False)
    assert [x.kind for x in plain.layers] == ["conv", "act", "flatten", "dense", "act", "dense"]
    with pytest.raises(ValueError, match="pool: expected one value or 1"):
        classic("net", [(4, 3)], [5], pool=[True, False])
    with pytest.raises(ValueError, match="batch_norm: expected"):
        classic("net", [(4, 3)], [5], batch_norm="between")


def test_dictionary_round_trip_leaves_defaults_and_source_out():
    entry = json.loads(json.dumps(EVERYTHING.to_dict()))
    again = NetSpec.from_dict(entry)
    assert again == EVERYTHING
    assert again.to_dict() == EVERYTHING.to_dict()
    assert entry["layers"][3] == {"layer": "max_pool", "size": 3, "stride": 2, "padding": "same"}
    assert entry["layers"][4]["body"][0] == {"layer": "conv", "filters": 8}
    assert "source" not in entry
    assert set(flat(size=48).to_dict()) == {"name", "layers"}


def test_dictionary_with_an_unknown_part_is_refused():
    entry = flat().to_dict()
    with pytest.raises(ValueError, match="unknown layer 'dence'"):
        NetSpec.from_dict(entry | {"layers": [{"layer": "dence", "units": 3}]})
    with pytest.raises(ValueError, match="'dense': unknown fields \\['width'\\]"):
        NetSpec.from_dict(entry | {"layers": [{"layer": "dense", "units": 3, "width": 3}]})
    with pytest.raises(ValueError, match="unknown fields \\['colour'\\]"):
        NetSpec.from_dict(entry | {"colour": 3})
    with pytest.raises(ValueError, match="missing fields \\['layers'\\]"):
        NetSpec.from_dict({"name": "net"})


def test_an_l2_is_shown_listed_and_stored():
    inner = Residual((Conv(1, l2=0.5),))
    spec = NetSpec("net", (Conv(1, l2=1e-3), inner, Flatten(), Dense(3, l2=2)), (8, 8, 1))
    assert spec.penalties == {"00_conv": 1e-3, "01_residual/body/00_conv": 0.5, "03_dense": 2}
    assert [row.settings for row in spec.table()][-1] == "3 units, L2 2"
    assert "same, L2 0.001" in str(spec)
    assert spec.to_dict()["layers"][0] == {"layer": "conv", "filters": 1, "l2": 1e-3}
    assert NetSpec.from_dict(spec.to_dict()) == spec
    assert spec.parameters() == flat(Conv(1), Residual((Conv(1),))).parameters()
    assert flat(Conv(1)).penalties == {}


@pytest.mark.parametrize(
    ("layers", "message"),
    [
        (
            (Conv(6, init="prewitt_sobel"), Conv(6, init="prewitt_sobel"), Flatten(), Dense(3)),
            "layer 01_conv: init 'prewitt_sobel' is for one channel, got 6; use it in the first",
        ),
        ((Conv(4), Dense(3)), "layer 01_dense: Dense needs a vector.*Flatten"),
        ((Flatten(), Conv(4), Dense(3)), "layer 01_conv: Conv needs a spatial input"),
        ((Flatten(), MaxPool(), Dense(3)), "layer 01_max_pool: MaxPool needs a spatial"),
        ((Flatten(), Flatten(), Dense(3)), "layer 01_flatten: Flatten needs a spatial"),
        (
            (MaxPool(), MaxPool(), Conv(4, padding="valid"), Flatten(), Dense(3)),
            "layer 02_conv: a window of 3 does not fit into 2 pixels",
        ),
        ((MaxPool(9), Flatten(), Dense(3)), "layer 00_max_pool: a window of 9"),
        ((Flatten(), Act("relu")), "ends with layer 01_act; the last layer must be a Dense"),
        ((), "ends with no layer"),
        (
            (Residual((Conv(4),)), Flatten(), Dense(3)),
            r"layer 00_residual: the body gives \(8, 8, 4\) but the shortcut \(8, 8, 1\)",
        ),
        (
            (Residual((Conv(4), Dense(3))), Flatten(), Dense(3)),
            "layer 00_residual/body/01_dense: Dense needs a vector",
        ),
    ],
)
def test_impossible_networks_are_refused_by_layer(layers, message):
    with pytest.raises(ValueError, match=f"network 'net'.*{message}"):
        NetSpec("net", layers, (8, 8, 1))


@pytest.mark.parametrize(
    ("make", "message"),
    [
        (lambda: Act("rellu"), "unknown activation 'rellu'.*'relu'"),
        (lambda: Act("relu", slope=0.3), "slope 0.3 has no meaning for 'relu'"),
        (lambda: Conv(0), "expected filters a whole number from 1, got 0"),
        (lambda: Conv(4, kernel=2.5), "expected kernel a whole number"),
        (lambda: Conv(4, padding="full"), "unknown padding 'full'"),
        (lambda: Conv(4, init="xavier"), "unknown init 'xavier'"),
        (lambda: Conv(8, 5, init="prewitt_sobel"), "6 filters 3x3, got 8 filters 5x5"),
        (lambda: Conv(6, 5, init="prewitt_sobel"), "6 filters 3x3, got 6 filters 5x5"),
        (lambda: Dense(6, init="prewitt_sobel"), "Dense: unknown init 'prewitt_sobel'"),
        (lambda: Conv(4, l2=-0.1), "Conv: expected l2 a number from 0, got -0.1"),
        (lambda: Dense(4, l2=float("nan")), "Dense: expected l2 a number from 0, got nan"),
        (lambda: Dense(4, l2=True), "expected l2 a number from 0, got True"),
        (lambda: Dense(True), "expected units a whole number"),
        (lambda: Dropout(1.0), r"rate in \[0, 1\), got 1.0"),
        (lambda: BatchNorm(momentum=0.0), "share of the new batch"),
        (lambda: BatchNorm(epsilon=0.0), "epsilon above 0"),
        (lambda: MaxPool(2, stride=0), "expected stride"),
        (lambda: Residual(()), "body is empty"),
        (lambda: NetSpec("a/b", (Flatten(), Dense(3))), "network 'a/b'"),
        (lambda: NetSpec("net", (Flatten(), Dense(3)), (48, 48)), r"input_shape \(H, W, C\)"),
        (lambda: NetSpec("net", (Flatten(), Dense(3)), init="zeros"), "unknown init 'zeros'"),
    ],
)
def test_wrong_settings_are_refused(make, message):
    with pytest.raises(ValueError, match=message):
        make()


def test_things_that_are_no_layers_are_refused():
    with pytest.raises(TypeError, match="layer 00: expected a layer record, got 'conv'"):
        NetSpec("net", ("conv", Dense(3)))
    with pytest.raises(TypeError, match="Residual: expected layers in body, got 'conv'"):
        Residual(("conv",))


def test_specs_are_values():
    assert flat() == flat()
    assert hash(flat()) == hash(flat())
    assert flat() != flat(size=9)
    assert NetSpec("net", [Flatten(), Dense(3)]).layers == (Flatten(), Dense(3))


def test_text_table():
    lines = str(EVERYTHING).splitlines()
    assert lines[0] == "everything"
    assert lines[2].split() == ["input", "45", "×", "33", "×", "3"]
    assert lines[3].split()[0] == "00_conv"
    assert "8 filters 5x5, stride 2, same, no bias, he_normal" in lines[3]
    assert lines[-1] == "2,553 trainable parameters, 2,569 with running statistics"
    assert "running" not in str(flat()).splitlines()[-1]


def test_html_table_has_a_row_per_layer_and_no_colour_of_its_own():
    html = EVERYTHING._repr_html_()
    assert html.count("<tr") == 1 + 1 + len(EVERYTHING.placed)
    assert html.count("<tr") == html.count("</tr>")
    assert "everything</strong>: 2,553 trainable parameters" in html
    assert "made up" in html
    assert "background:transparent" in html
    assert "#" not in html  # no fixed colours: it takes the page's, light or dark
    escaped = NetSpec("net", (Flatten(), Dense(3)), source="A & B <i>")
    assert "A &amp; B &lt;i&gt;" in escaped._repr_html_()


def test_describing_networks_loads_no_framework_and_sets_no_variable():
    code = (
        "import os, sys; before = dict(os.environ)\n"
        "import fer_utils.models, fer_utils.models.zoo, fer_utils.models.initial\n"
        "assert not {'torch', 'keras', 'tensorflow'} & set(sys.modules)\n"
        "assert dict(os.environ) == before"
    )
    subprocess.run([sys.executable, "-c", code], check=True)
