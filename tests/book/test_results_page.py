"""book/results.md is what the records give."""

from __future__ import annotations

from fer_utils.records import tables
from tests.book.conftest import ROOT


def test_the_results_page_equals_a_regenerated_one(monkeypatch):
    monkeypatch.delenv("FER_UTILS_RESULTS", raising=False)
    stored = (ROOT / "book/results.md").read_text(encoding="utf-8")
    assert stored == tables.results_page(), "run `python -m fer_utils results page`"
