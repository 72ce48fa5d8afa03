"""What readers call the networks."""

from __future__ import annotations

from fer_utils.records.families import TITLES, families


def test_every_family_has_a_title_of_its_own():
    known = families()
    titles = [family.title for family in known]
    assert len(set(titles)) == len(titles)
    assert "_" not in "".join(titles).replace("_CNN", "").replace("_FER", "")


def test_titles_are_of_networks_that_are_there():
    assert set(TITLES) <= {family.network for family in families()}


def test_titles_say_what_sets_a_network_apart():
    title = {family.name: family.title for family in families()}
    assert title["fer_cnn-7"] == "FER_CNN"
    assert title["dcnn-3"] == "DCNN, 3 classes"
    assert title["squeezenet_96_random-7"] == "SqueezeNet at 96 px, random"
