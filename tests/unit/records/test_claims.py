"""The claims: every source is in the bibliography, and intervals are those of the figures."""

from __future__ import annotations

import re

import pytest

from fer_utils.metrics.classification import wilson_interval
from fer_utils.paths import project_root
from fer_utils.records import claims


def test_every_source_is_in_the_bibliography():
    root = project_root()
    if root is None:
        pytest.skip("no clone around the package: the bibliography is not here")
    known = re.findall(r"^@\w+\{(\w+),", (root / "book" / "references.bib").read_text(), re.M)
    for claim in claims.CLAIMS:
        assert claim.source.partition(",")[0] in known, claim
        assert 0.5 < claim.accuracy < 0.85
        assert claim.split in ("PrivateTest", "PublicTest", claims.UNKNOWN)


def test_the_table_has_a_row_and_an_interval_for_each():
    table = claims.table()
    assert len(table) == len(claims.CLAIMS)
    row = table.loc["LetheSec"]
    assert (row["low"], row["high"]) == wilson_interval(round(0.737 * 3589), 3589)
    assert row["chosen on"] == claims.ITSELF
    assert table["learned from besides"].value_counts().to_dict() == {"–": 9, "ImageNet": 2}
