"""The traits of a network: read off its layers."""

from __future__ import annotations

from fer_utils.models import zoo
from fer_utils.models.spec import Act, Conv, Dense, Flatten, NetSpec
from fer_utils.models.traits import traits


def test_v2_differs_from_fer_cnn_in_three_traits_and_regular_in_one():
    base, v2, regular = (
        traits(zoo.get(name)) for name in ("fer_cnn", "v2_fer_cnn", "regular_fer_cnn")
    )
    assert {what: v2[what] for what in base if v2[what] != base[what]} == {
        "dropout rates": "0.2, 0.3, 0.4",
        "activation": "leaky_relu, slope 0.3",
        "initial weights": "he_normal",
    }
    assert {what for what in base if regular[what] != base[what]} == {"L2"}
    assert (base["L2"], regular["L2"]) == ("none", "0.01")
    assert base["filters"] == "64, 64, 128, 128, 256, 256"
    assert base["batch normalisation"] == "6 layers"
    assert base["trainable parameters"] == "2,326,727"


def test_what_a_network_lacks_is_none_and_what_differs_within_it_is_listed():
    plain = traits(zoo.fully_connected("plain", (8,)))
    assert plain["filters"] == plain["batch normalisation"] == plain["dropout rates"] == "none"
    layers = (Conv(6, init="prewitt_sobel"), Act("relu"), Flatten(), Dense(8), Act("tanh"))
    mixed = traits(NetSpec("mixed", (*layers, Dense(7, l2=0.5))))
    assert mixed["activation"] == "relu, tanh"
    assert mixed["initial weights"] == "prewitt_sobel, torch"
    assert mixed["L2"] == "none, 0.5"
    assert traits(NetSpec("linear", (Flatten(), Dense(7))))["activation"] == "none"
